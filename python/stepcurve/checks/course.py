"""What the rules of a check see: a schedule over the steps of a run, at enough of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil, inf, isfinite
from typing import TYPE_CHECKING

import numpy as np

from .structure import marks, settled

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ..curve import Curve
    from ..run import Run
    from .structure import Mark

SAMPLES = 2**16
"""Of a longer run so many steps are looked at, in equal distances, and those around every mark: 1 ms."""
MAX_MARKS = 10_000


@dataclass(frozen=True)
class Course:
    """A schedule and the run it is for. Steps are those of the scheduler; the last is taken at steps - 1."""

    value: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    steps: int | None  # of the run, None if there is none
    curve: Curve | None = None  # None for a schedule known by its values alone
    run: Run | None = None
    per: str = "step"
    first: int = 0  # where the values begin

    @cached_property
    def marks(self) -> list[Mark]:
        return marks(self.curve._node) if self.curve else []

    @cached_property
    def settled(self) -> float:
        """Where the curve has come to its last value; infinite if it never does."""
        return settled(self.curve._node) if self.curve else inf

    @cached_property
    def end(self) -> int:
        """The steps that are looked at: the run's, or where the curve is through, or a while of an endless
        one."""
        if self.steps is not None:
            return self.steps
        assert self.curve is not None
        if isfinite(self.curve.steps):
            return max(1, ceil(self.curve.steps))
        latest = max((mark.step for mark in self.marks if isfinite(mark.step)), default=1_000.0)
        return max(2, ceil(min(2 * latest, 2.0**53)))

    @cached_property
    def raises(self) -> tuple[float, str] | None:
        """From which step on the curve refuses to have values, and its words."""
        ends = np.array([self.first, self.end - 1], dtype=np.float64)
        try:
            self.value(ends)
        except ValueError as error:
            low, high = ends
            while high - low > 1:
                middle = float((low + high) // 2)
                try:
                    self.value(np.array([middle]))
                    low = middle
                except ValueError:
                    high = middle
            return high, str(error)
        return None

    @cached_property
    def times(self) -> NDArray[np.float64]:
        """The steps that are looked at, in order."""
        end = self.end if self.raises is None else int(self.raises[0])
        if end - self.first <= SAMPLES:
            return np.arange(self.first, end, dtype=np.float64)
        grid = np.linspace(self.first, end - 1, SAMPLES).round()
        steps = np.array([mark.step for mark in self.marks[:MAX_MARKS] if mark.step < end])
        near = (np.ceil(steps)[:, None] + np.arange(-2, 3)).ravel()
        return np.unique(np.concatenate([grid, near[(near >= self.first) & (near < end)]]))

    @cached_property
    def values(self) -> NDArray[np.float64]:
        return self.value(self.times)

    @cached_property
    def peak(self) -> float:
        """The largest value of the run."""
        return float(self.values.max(initial=0.0, where=np.isfinite(self.values)))

    @cached_property
    def peak_at(self) -> float:
        """The first step at which the value is as good as the largest."""
        return float(self.times[np.argmax(self.values >= self.peak * (1 - 1e-9))])

    def at(self, step: float) -> float:
        return float(self.value(np.array([step], dtype=np.float64))[0])

    @cached_property
    def last(self) -> float:
        """What the last step takes."""
        return float(self.values[-1])

    @cached_property
    def epochs(self) -> float | None:
        """Of the run, if it knows."""
        if self.run is None or self.run.steps is None:
            return None
        return self.run.epochs or (self.run.steps / self.per_epoch if self.per_epoch else None)

    @property
    def per_epoch(self) -> float | None:
        return None if self.run is None else self.run.steps_per_epoch

    def longest(
        self, chosen: Callable[[NDArray[np.float64]], NDArray[np.bool_]]
    ) -> tuple[tuple[int, int], int]:
        """First and last of the most steps in a row with chosen values, and how many; none is 0."""
        edges = np.flatnonzero(np.diff(np.concatenate([[0], chosen(self.values).astype(np.int8), [0]])))
        if not edges.size:
            return (0, -1), 0
        begins, ends = edges[::2], edges[1::2] - 1
        best = int(np.argmax(self.times[ends] - self.times[begins]))
        begin, end = int(begins[best]), int(ends[best])
        first = self._edge(chosen, begin, begin - 1) if begin else self.first
        last = self._edge(chosen, end, end + 1) if end + 1 < self.times.size else int(self.times[end])
        return (first, last), last - first + 1

    def _edge(
        self, chosen: Callable[[NDArray[np.float64]], NDArray[np.bool_]], inside: int, outside: int
    ) -> int:
        """The last chosen step from one that is looked at to one that is not chosen."""
        near, far = int(self.times[inside]), int(self.times[outside])
        while abs(far - near) > 1:
            middle = (near + far) // 2
            if chosen(np.array([self.at(middle)]))[0]:
                near = middle
            else:
                far = middle
        return near
