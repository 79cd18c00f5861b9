"""What do the descents of `stepcurve explore` cost, and a move of one of its sliders on the server's side?"""

from itertools import cycle

import numpy as np
import pytest
import stepcurve as sc
from bokeh.document import Document
from stepcurve.descent import SURFACES, descend, follow, gaussian
from stepcurve.explore.page import Page
from stepcurve.explore.setting import Schedule, Setting

SEEDS = 64
PAIRS = [(surface, momentum) for surface in SURFACES for momentum in (0.0, 0.9)]


def slope(x):
    u = x - np.rint(x)
    return 0.1 * x + 4 * u * (1 - 2 * np.abs(u))


GRADIENTS = {
    "bowl": lambda x, y: (0.2 * x, 20 * y),
    "valley": lambda x, y: (0.5 * (x - 1) - 8 * x * (y - x * x), 4 * (y - x * x)),
    "minima": lambda x, y: (slope(x), slope(y)),
}


def in_numpy(surface, lrs, noise, momentum):
    """The same loop over steps, all seeds at once."""
    place = np.repeat(np.array(SURFACES[surface].start)[:, None], SEEDS, axis=1)
    velocity, sigma = np.zeros_like(place), SURFACES[surface].sigma
    with np.errstate(over="ignore", invalid="ignore"):
        for lr, kick in zip(lrs.tolist(), noise, strict=True):
            velocity = momentum * velocity + (np.array(GRADIENTS[surface](*place)) + sigma * kick)
            place = place - lr * velocity
    return place


def by_curve(surface, lrs, noise, momentum):
    return descend(surface, lrs, noise, momentum=momentum, at=[0, len(lrs)]).positions[-1]


def by_plateau(surface, lrs, noise, momentum):
    tracker = sc.Plateau(0.03, factor=0.3, patience=5, runs=SEEDS)
    follow(surface, tracker, len(lrs) // 100, noise, momentum=momentum, at=[0, len(lrs)])


DESCENTS = {"stepcurve": by_curve, "stepcurve, a Plateau with 100 losses": by_plateau, "NumPy": in_numpy}


@pytest.mark.table(turns=3)
@pytest.mark.parametrize("contender", DESCENTS)
@pytest.mark.parametrize("descents", ["10,000 steps, 64 seeds"])
def bench_descents(timed, quick, descents, contender):
    """A step of a seed; three surfaces, with and without momentum, as for one schedule of the page."""
    steps = 200 if quick else 10_000
    lrs, noise = sc.cosine(0.03, 0, steps).table(steps), gaussian(0, steps, SEEDS)
    surface, momentum = PAIRS[0]
    assert np.array_equal(by_curve(surface, lrs, noise, momentum), in_numpy(surface, lrs, noise, momentum))
    run = DESCENTS[contender]
    timed(
        lambda: [run(surface, lrs, noise, momentum) for surface, momentum in PAIRS],
        len(PAIRS) * steps * SEEDS,
    )


@pytest.mark.table(against="a cosine")
@pytest.mark.parametrize("contender", ["a cosine", "a plateau"])
@pytest.mark.parametrize("move", ["10,000 steps, 64 seeds"])
def bench_move(timed, quick, move, contender):
    """A move of a slider, on the server's side."""
    kinds = ["a cosine", "a plateau"]
    schedules = tuple(Schedule(kind.removeprefix("a ")) for kind in kinds)
    setting = Setting(schedules, steps=200 if quick else 10_000, seeds=SEEDS)
    page = Page(Document(), setting.with_value("picked", kinds.index(contender)), [])
    slider, values = page.document.get_model_by_name("lr"), cycle([-1.5, -1.6])
    timed(lambda: setattr(slider, "value", next(values)))
