"""How far from the truth are the curves? The most units in the last place seen for each shape.

Truth is tests/oracle.py, in mpmath with 120 digits, over random parameters, lengths from 7 to 3e9 steps, and
times at both ends, at whole steps and between them.
"""

import random

import pytest
import stepcurve as sc
from oracle import ulps, value


def magnitude(rng: random.Random) -> float:
    return 10 ** rng.uniform(-8, 1)


def shapes(rng: random.Random) -> list[tuple[str, str, tuple]]:
    """A label, a shape and its arguments, of each kind."""
    steps = rng.choice([rng.randint(7, 100), rng.randint(100, 10**6), rng.randint(10**6, 3 * 10**9)])
    steps = rng.choice([steps, rng.uniform(7, 1e6)])
    a, b = (rng.choice([0.0, magnitude(rng), magnitude(rng)]) for _ in range(2))
    power, inner = rng.choice([0.5, 1, 1.5, 2, 2.5, 3, 4]), rng.uniform(0.2, 5)
    endless = [
        ("exponential", "exponential", (magnitude(rng), magnitude(rng), steps)),
        ("decay", "decay", (magnitude(rng), rng.uniform(0.1, 1), rng.choice([1, 30, steps / 50]))),
        ("inverse", "inverse", (magnitude(rng), 10 ** rng.uniform(0, 4), rng.choice([0.5, 1, inner]))),
    ]
    made = []
    for signs, ends in (("", (a, b, steps)), (" across a zero", (a, -b, steps))):
        made += [
            (f"linear{signs}", "linear", ends),
            (f"polynomial, half-integer power{signs}", "polynomial", (*ends, power, 1.0)),
            (f"polynomial, any powers{signs}", "polynomial", (*ends, inner, rng.choice([1.0, inner]))),
            (f"cosine{signs}", "cosine", (*ends, 0.5, 1.0, 1.0)),
            (f"cosine, any cycles{signs}", "cosine", (*ends, rng.choice([1, 1.5, inner]), 1.0, 1.0)),
            (f"tanh{signs}", "tanh", (*ends, rng.uniform(-10, 2), rng.uniform(2.1, 9))),
            (f"log{signs}", "log", ends),
        ]
    return endless + made


def times(rng: random.Random, steps: float) -> list[float]:
    near = [1, 2, 3, steps - 3, steps - 2, steps - 1, steps / 2, steps / 3]
    return (
        near
        + [rng.randint(1, int(steps) - 1) for _ in range(4)]
        + [rng.uniform(0.01, steps) for _ in range(4)]
    )


@pytest.fixture(scope="session")
def worst(quick):
    """The most units in the last place seen, by shape."""
    rng, seen = random.Random(0), {}
    for _ in range(20 if quick else 3_000):
        for label, name, arguments in shapes(rng):
            curve = getattr(sc, name)(*arguments)
            for time in times(rng, arguments[2] if name not in ("decay", "inverse") else 1_000):
                true = value(name, arguments, time)
                if abs(true) >= 1e-290:
                    seen[label] = max(seen.get(label, 0.0), ulps(curve(time), true))
    return seen


@pytest.mark.table(unit="ulp", turns=1)
@pytest.mark.parametrize("contender", ["stepcurve"])
@pytest.mark.parametrize("shape", sorted(label for label, *_ in shapes(random.Random(0))))
def bench_accuracy(measured, worst, shape, contender):
    """The most units in the last place from the true value, over some 735,000 values."""
    measured(worst[shape])
