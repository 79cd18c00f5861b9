"""Descents: what learning rates do to SGD on three surfaces, for many seeds with the same noise.

The surfaces are functions of two coordinates:

- bowl: ``(x^2 / 5 + 20 y^2) / 2``, ill-conditioned, with curvatures 0.2 and 20.
- valley: ``(x - 1)^2 / 4 + 2 (y - x^2)^2``, whose floor bends along ``y = x^2`` to the minimum at (1, 1).
- minima: ``h(x) + h(y)`` with ``h(x) = x^2 / 20 + 2 u^2 - 8/3 |u|^3``, u from x to the nearest whole number:
  a minimum near each of them, the lowest at the origin.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np

from . import _core
from .numbers import Number, count, metrics, number

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from .plateau import Plateau

VERDICTS = ("settled", "unsettled", "trapped", "diverged")
MOST = 2**22
"""Steps times seeds of one descent: its noise takes 16 bytes for each."""


@dataclass(frozen=True)
class Surface:
    """Where descents begin, the deviation of each gradient's noise, and what is worth looking at."""

    start: tuple[float, float]
    sigma: float
    x: tuple[float, float]
    y: tuple[float, float]


SURFACES = {
    "bowl": Surface(start=(-8.0, 0.8), sigma=3.0, x=(-10.0, 10.0), y=(-1.5, 1.5)),
    "valley": Surface(start=(-1.5, 2.0), sigma=0.5, x=(-2.2, 2.2), y=(-1.2, 3.2)),
    "minima": Surface(start=(3.9, -2.9), sigma=1.0, x=(-5.5, 5.5), y=(-5.5, 5.5)),
}


@dataclass(frozen=True)
class Descent:
    """What became of the seeds.

    After ``at[i]`` steps they had ``positions[i]``, of shape (2, seeds), and ``losses[i]``; in the end each
    has a verdict, a place in `VERDICTS`. ``lrs`` has the lr of each step, after a Plateau that of each
    stretch of steps and seed.
    """

    at: NDArray[np.int64]
    positions: NDArray[np.float64]
    losses: NDArray[np.float64]
    verdicts: NDArray[np.int64]
    lrs: NDArray[np.float64]

    def counts(self) -> dict[str, int]:
        """How many seeds each verdict was given to."""
        found = np.bincount(self.verdicts, minlength=len(VERDICTS)).tolist()
        return dict(zip(VERDICTS, found, strict=True))


def losses(surface: str, x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
    """The surface's height at places, of the shape that x and y have.

    >>> losses("bowl", [0.0, 10.0], [1.0, 0.0])
    array([10., 10.])
    """
    places = np.stack(np.broadcast_arrays(metrics("x", x), metrics("y", y)))
    out = np.empty(places.shape[1:])
    _core.surface_losses(_surface(surface), places, out)
    return out


@lru_cache(maxsize=2)
def gaussian(seed: int, steps: int, seeds: int) -> NDArray[np.float64]:
    """Unit noise of shape (steps, 2, seeds), NumPy's for the seed: the same for whatever descends."""
    noise = np.random.default_rng(seed).standard_normal((steps, 2, seeds))
    noise.flags.writeable = False
    return noise


def descend(
    surface: str,
    lrs: ArrayLike,
    noise: NDArray[np.float64],
    *,
    momentum: Number = 0.0,
    start: tuple[Number, Number] | None = None,
    sigma: Number | None = None,
    at: ArrayLike | None = None,
) -> Descent:
    """SGD from one start, a seed for each column of the noise, one lr a step for all seeds.

    As torch.optim.SGD: ``v = momentum v + g``, ``position -= lr v`` from rest, with g the gradient plus sigma
    times the noise, of shape (steps, 2, seeds). Where not given, start and sigma are the surface's.

    A seed that is more than 1 000 from the origin in a coordinate has diverged, and stays there. Over the
    last tenth of the steps, at least one, a seed has settled if its mean loss is at most 1% of the loss at
    the start; else, on "minima", it is trapped if the same whole place, not the origin, was nearest all that
    time; else unsettled. Positions and losses are kept after `at` steps, by default all.

    >>> import numpy as np
    >>> still = np.zeros((200, 2, 1))
    >>> [descend("bowl", np.full(200, lr), still).counts()["diverged"] for lr in (0.099, 0.105)]
    [0, 1]
    """
    rates = np.ascontiguousarray(metrics("lrs", lrs))
    if rates.ndim != 1 or not rates.size:
        raise ValueError(f"lrs must be one a step, got an array of shape {rates.shape}")
    going = _Going(surface, rates.size, noise, momentum, start, sigma, at)
    going.go(rates, False, rates.size)
    return going.arrived(rates)


def follow(
    surface: str,
    tracker: Plateau,
    every: SupportsIndex,
    noise: NDArray[np.float64],
    *,
    momentum: Number = 0.0,
    start: tuple[Number, Number] | None = None,
    sigma: Number | None = None,
    at: ArrayLike | None = None,
) -> Descent:
    """As `descend`, with each seed's lr from a Plateau that is given its loss every so many steps.

    The tracker has a run a seed, and has then seen their losses.

    >>> import numpy as np, stepcurve as sc
    >>> tracker = sc.Plateau(0.1, factor=0.5, patience=2, runs=3)
    >>> noise = np.random.default_rng(0).standard_normal((2_000, 2, 3))
    >>> bool((follow("bowl", tracker, 20, noise).lrs[-1] < 0.01).all())
    True
    """
    stretch = count("every", every)
    steps, seeds = len(noise), noise.shape[-1]
    if tracker.runs != seeds:
        raise ValueError(f"the tracker must have {seeds} runs, one a seed, got {tracker.runs}")
    going = _Going(surface, steps, noise, momentum, start, sigma, at)
    rates = []
    for first in range(0, steps, stretch):
        rates.append(tracker.lr.copy())
        going.go(rates[-1], True, min(stretch, steps - first))
        tracker.update(going.core.losses())
    return going.arrived(np.array(rates))


def _surface(name: str) -> int:
    """The core's number for it."""
    if name not in SURFACES:
        raise ValueError(f"surface must be one of {', '.join(SURFACES)}, got {name!r}")
    return list(SURFACES).index(name)


class _Going:
    """A descent on its way, and the arrays that it fills."""

    def __init__(
        self,
        surface: str,
        steps: int,
        noise: NDArray[np.float64],
        momentum: Number,
        start: tuple[Number, Number] | None,
        sigma: Number | None,
        at: ArrayLike | None,
    ) -> None:
        kind, given = _surface(surface), SURFACES.get(surface)
        assert given is not None
        x, y = (number("start", each) for each in (given.start if start is None else start))
        self.noise = metrics("noise", noise)
        if self.noise.ndim != 3 or self.noise.shape[:2] != (steps, 2) or not self.noise.size:
            raise ValueError(f"noise must have shape ({steps}, 2, seeds), got {self.noise.shape}")
        seeds = self.noise.shape[2]
        if steps * seeds > MOST:
            raise ValueError(f"steps times seeds must be <= 2**22, got {steps} and {seeds}")
        deviation = given.sigma if sigma is None else number("sigma", sigma)
        self.core = _core.Descent(kind, x, y, seeds, steps, number("momentum", momentum), deviation)
        self.at = np.arange(steps + 1) if at is None else np.ascontiguousarray(at, np.int64)
        if self.at.ndim != 1 or not self.at.size or self.at[0] != 0 or self.at[-1] != steps:
            raise ValueError(f"at must rise from 0 to {steps}, got {at!r}")
        if not (np.diff(self.at) > 0).all():
            raise ValueError(f"at must rise from 0 to {steps}, got {at!r}")
        self.positions = np.empty((self.at.size, 2, seeds))
        self.losses = np.empty((self.at.size, seeds))
        self.positions[0] = [[x], [y]]
        self.losses[0] = losses(surface, x, y)

    def go(self, lrs: NDArray[np.float64], held: bool, steps: int) -> None:
        done = self.core.done
        low, high = np.searchsorted(self.at, [done, done + steps], side="right")
        self.core.advance(
            lrs,
            held,
            self.noise[done : done + steps],
            self.at[low:high],
            self.positions[low:high],
            self.losses[low:high],
        )

    def arrived(self, lrs: NDArray[np.float64]) -> Descent:
        verdicts = self.core.verdicts(0.01 * float(self.losses[0, 0]))
        return Descent(self.at, self.positions, self.losses, verdicts, lrs)
