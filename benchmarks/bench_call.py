"""What does the value of one step cost, and does it grow with the step or with the number of pieces?"""

import math

import pytest
import stepcurve as sc

LLAMA = sc.linear(0, 3e-4, 2_000) >> sc.cosine(3e-4, 3e-5, 498_000)
ENDLESS = sc.cosine(1, 0, 1_000).repeat(growth=2, decay=0.9)


def join(pieces):
    return sc.join([sc.linear(0, 1, 10)] * pieces, [10 * i for i in range(1, pieces)]), 5 * pieces


CALLS = {
    "warm-up, then cosine, step 1,000": (LLAMA, 1_000),
    "warm-up, then cosine, step 499,999": (LLAMA, 499_999),
    "growing, shrinking restarts, step 10": (ENDLESS, 10),
    "growing, shrinking restarts, step 10**15": (ENDLESS, 10**15),
    "polynomial, power 0.9": (sc.polynomial(1, 0, 1_000, power=0.9), 500),
    "tanh": (sc.tanh(1, 0, 1_000), 500),
    **{f"join of {pieces:,} pieces": join(pieces) for pieces in (10, 100, 1_000, 10_000)},
}


def python_cosine(step):
    return 3e-5 + 0.5 * (3e-4 - 3e-5) * (1 + math.cos(math.pi * step / 498_000))


@pytest.mark.table(against="Python's cosine expression")
@pytest.mark.parametrize("contender", ["stepcurve", "Python's cosine expression"])
@pytest.mark.parametrize("call", CALLS)
def bench_call(timed, call, contender):
    """A value of one step, beside the expression of a cosine in a function of Python's."""
    curve, step = CALLS[call]
    timed(lambda: curve(step) if contender == "stepcurve" else python_cosine(step))
