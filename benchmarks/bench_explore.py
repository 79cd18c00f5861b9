"""What do the descents of `stepcurve explore` cost, and a move of one of its sliders on the server's side?

python benchmarks/bench_explore.py [--quick]
"""

import sys

import numpy as np
import stepcurve as sc
from bokeh.document import Document
from stepcurve.descent import SURFACES, descend, follow, gaussian
from stepcurve.explore.page import Page
from stepcurve.explore.setting import Schedule, Setting
from timing import least, machine

QUICK = "--quick" in sys.argv[1:]
STEPS = 200 if QUICK else 10_000
ROUNDS = 2 if QUICK else 15
SEEDS = 64
AT = [0, STEPS]


def slope(x):
    u = x - np.rint(x)
    return 0.1 * x + 4 * u * (1 - 2 * np.abs(u))


GRADIENTS = {
    "bowl": lambda x, y: (0.2 * x, 20 * y),
    "valley": lambda x, y: (0.5 * (x - 1) - 8 * x * (y - x * x), 4 * (y - x * x)),
    "minima": lambda x, y: (slope(x), slope(y)),
}


def in_numpy(surface: str, lrs, noise, momentum: float):
    """The same loop over steps, all seeds at once."""
    place = np.repeat(np.array(SURFACES[surface].start)[:, None], SEEDS, axis=1)
    velocity, sigma = np.zeros_like(place), SURFACES[surface].sigma
    for lr, kick in zip(lrs.tolist(), noise, strict=True):
        velocity = momentum * velocity + (np.array(GRADIENTS[surface](*place)) + sigma * kick)
        place = place - lr * velocity
    return place


def descents() -> None:
    lrs, noise = sc.cosine(0.03, 0, STEPS).table(STEPS), gaussian(0, STEPS, SEEDS)
    pairs = [(surface, momentum) for surface in SURFACES for momentum in (0.0, 0.9)]
    for surface, momentum in pairs:
        ours = descend(surface, lrs, noise, momentum=momentum, at=AT)
        here = (np.abs(ours.positions[-1]) <= 1_000).all(axis=0)
        with np.errstate(over="ignore", invalid="ignore"):
            assert np.array_equal(
                in_numpy(surface, lrs, noise, momentum)[:, here], ours.positions[-1][:, here]
            )

    def plateau(surface: str, momentum: float) -> None:
        tracker = sc.Plateau(0.03, factor=0.3, patience=5, runs=SEEDS)
        follow(surface, tracker, STEPS // 100, noise, momentum=momentum, at=AT)

    print(f"all three surfaces, with and without momentum: {STEPS:,} steps, {SEEDS} seeds\n")
    print("| descents | ms | ns a step and seed |\n|---|---|---|")
    contenders = {
        "a curve": lambda: [descend(s, lrs, noise, momentum=m, at=AT) for s, m in pairs],
        "a Plateau that is given 100 losses": lambda: [plateau(s, m) for s, m in pairs],
        "NumPy, a loop over the steps": lambda: [in_numpy(s, lrs, noise, m) for s, m in pairs],
    }
    with np.errstate(over="ignore", invalid="ignore"):
        times = least(contenders, ROUNDS if QUICK else 5)
    for name, time in times.items():
        print(f"| {name} | {time / 1e6:.1f} | {time / (len(pairs) * STEPS * SEEDS):.2f} |")


def moves() -> None:
    setting = Setting((Schedule("cosine"), Schedule("plateau")), steps=STEPS, seeds=SEEDS)
    print("\n| a slider's move, on the server's side | ms |\n|---|---|")
    for picked, schedule in enumerate(setting.schedules):
        page = Page(Document(), setting.with_value("picked", picked), [])
        slider = page.document.get_model_by_name("lr")
        turns = iter(np.tile([-1.5, -1.6], ROUNDS).tolist())
        time = least(
            {"move": lambda slider=slider, turns=turns: setattr(slider, "value", next(turns))}, ROUNDS
        )
        print(f"| {schedule.kind} | {time['move'] / 1e6:.1f} |")


def main() -> None:
    print(f"{machine()}\n")
    descents()
    moves()


if __name__ == "__main__":
    main()
