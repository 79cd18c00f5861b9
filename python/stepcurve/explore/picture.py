"""What is drawn of a schedule: its curve, and what it does to SGD on each surface, at a bounded cost."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ..descent import MOST, SURFACES, Descent, descend, follow, gaussian
from ..plateau import Plateau
from ..reader import parse
from ..run import Run
from ..text import number_text
from .kinds import KINDS
from .setting import LETTERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from ..curve import Curve
    from .setting import Schedule, Setting

Go: TypeAlias = "Callable[[str, str, ArrayLike], Descent]"

MAX_SIMULATED = 20_000
MAX_POINTS = 1_000
MAX_ROWS = 10_000

MOMENTA = ("no", "yes")
PAIRS = tuple((surface, momentum) for surface in SURFACES for momentum in MOMENTA)


@dataclass(frozen=True)
class Picture:
    """One schedule's: the lr over steps, the descent that is shown, how the seeds fared on every surface."""

    curve: Curve | None
    steps: NDArray[np.float64]
    lrs: NDArray[np.float64]
    shown: Descent
    counts: dict[tuple[str, str], dict[str, int]]


def curve_of(schedule: Schedule, steps: int) -> Curve | None:
    """The curve over a run of so many steps, None for what follows the loss; or a ValueError for the user."""
    make = KINDS[schedule.kind].make
    if make is not None:
        return make(schedule.values, steps)
    if schedule.kind == "plateau":
        return None
    return parse(str(schedule.values["text"])).resolve(Run(steps=steps))


def simulated(setting: Setting) -> int:
    """How many steps descents take: the run's, or of a longer one as many, evenly chosen, as are allowed."""
    return min(setting.steps, MAX_SIMULATED, MOST // setting.seeds)


def stretch(schedule: Schedule, taken: int) -> int:
    """Steps of a descent from one measurement of the loss to the next."""
    return ceil(taken / float(schedule.values["measured"]))


def draw(schedule: Schedule, setting: Setting) -> Picture:
    curve = curve_of(schedule, setting.steps)
    go = _along(curve, setting) if curve is not None else _after_the_loss(schedule, setting)
    chosen = (setting.surface, setting.with_momentum)
    taken = simulated(setting)
    runs = {pair: go(*pair, _places(taken) if pair == chosen else [0, taken]) for pair in PAIRS}
    shown = runs[chosen]
    if curve is not None:
        steps = _evenly(setting.steps, MAX_POINTS)
        lrs = rates_at(curve, steps)
    else:
        every = stretch(schedule, taken) * setting.steps / taken
        steps = np.arange(len(shown.lrs), dtype=np.float64) * every
        lrs = shown.lrs[:, _seed(setting)]
    return Picture(curve, steps, lrs, shown, {pair: run.counts() for pair, run in runs.items()})


def _along(curve: Curve, setting: Setting) -> Go:
    taken = simulated(setting)
    rates = rates_at(curve, np.floor(np.arange(taken) * (setting.steps / taken)))
    return lambda surface, momentum, at: descend(
        surface, rates, _noise(setting), at=at, **_physics(surface, momentum, setting)
    )


def _after_the_loss(schedule: Schedule, setting: Setting) -> Go:
    lr, factor, patience = (float(schedule.values[name]) for name in ("lr", "factor", "patience"))
    every = stretch(schedule, simulated(setting))

    def go(surface: str, momentum: str, at: ArrayLike) -> Descent:
        tracker = Plateau(lr, factor=factor, patience=int(patience), runs=setting.seeds)
        physics = _physics(surface, momentum, setting)
        return follow(surface, tracker, every, _noise(setting), at=at, **physics)

    return go


def _noise(setting: Setting) -> NDArray[np.float64]:
    return gaussian(setting.seed, simulated(setting), setting.seeds)


def _physics(surface: str, momentum: str, setting: Setting) -> dict[str, Any]:
    sigma = SURFACES[surface].sigma * setting.noise
    return {"momentum": setting.momentum if momentum == "yes" else 0.0, "sigma": sigma}


def _evenly(steps: int, most: int) -> NDArray[np.float64]:
    """At most so many of the steps, the first and the last among them."""
    chosen: NDArray[np.float64] = np.unique(np.round(np.linspace(0.0, steps - 1, min(steps, most))))
    return chosen


def rates_at(curve: Curve, times: NDArray[np.float64]) -> NDArray[np.float64]:
    lrs: NDArray[np.float64] = curve(times)
    wrong = ~((lrs >= 0) & (lrs < np.inf))
    if wrong.any():
        first = int(wrong.argmax())
        at, value = number_text(float(times[first])), number_text(float(lrs[first]))
        raise ValueError(f"a learning rate must be >= 0 and finite, got {value} at step {at}")
    return lrs


def _places(steps: int) -> NDArray[np.int64]:
    """Where to look at a descent: at each of the first steps, which are the longest, and then evenly."""
    early = np.arange(min(steps, 100) + 1)
    return np.union1d(early, np.round(np.linspace(0, steps, 301)).astype(np.int64))


def _seed(setting: Setting) -> int:
    return min(setting.shown, setting.seeds - 1)


def path(picture: Picture, setting: Setting) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """x and y of the seed that is shown, as far as it can be drawn."""
    x, y = picture.shown.positions[:, :, _seed(setting)].T
    here = (np.abs(x) <= 100) & (np.abs(y) <= 100)
    return np.where(here, x, np.nan), np.where(here, y, np.nan)


def quartiles(picture: Picture, setting: Setting) -> dict[str, NDArray[np.float64]]:
    """The loss of the middle seed over steps, and of those that have a quarter below and above them."""
    rows = np.sort(np.nan_to_num(picture.shown.losses, nan=np.inf), axis=1)
    rows = np.clip(rows, 1e-12, 1e12)  # what a logarithmic axis can show
    seeds = rows.shape[1]
    low, middle, high = (int(share * (seeds - 1) + 0.5) for share in (0.25, 0.5, 0.75))
    steps = picture.shown.at.astype(np.float64) * (setting.steps / simulated(setting))
    return {"step": steps, "low": rows[:, low], "middle": rows[:, middle], "high": rows[:, high]}


def table(setting: Setting) -> str:
    """The learning rates of all schedules as CSV, a row a step: at most 10 000, evenly chosen."""
    steps = _evenly(setting.steps, MAX_ROWS)
    columns = {}
    for letter, schedule in zip(LETTERS, setting.schedules, strict=False):
        curve = curve_of(schedule, setting.steps)
        if curve is not None:
            columns[letter] = rates_at(curve, steps)
        else:
            drawn = draw(schedule, setting)
            columns[letter] = drawn.lrs[np.searchsorted(drawn.steps, steps, side="right") - 1]
    lines = [",".join(["step", *columns])]
    rows = zip(steps.tolist(), *(column.tolist() for column in columns.values()), strict=True)
    lines += [",".join([number_text(row[0]), *map(repr, row[1:])]) for row in rows]
    return "\n".join(lines) + "\n"
