"""EarlyStop: when to stop by a metric, for one run or many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, SupportsIndex

import numpy as np

from . import _core
from .numbers import indices, wholes
from .tracker import Tracker, state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from .numbers import Number
    from .tracker import Flags, Reals, Wholes

STEPS = ("best_step", "stopped_at")
"""State that is a step, or none yet: in the core -1."""


class EarlyStop(Tracker):
    """When to stop: `update` takes a metric, and is True once `patience` steps in a row were not better.

    A metric is better as `Plateau` has it: below ``best - threshold``, or with threshold_mode="rel" below
    ``best * (1 - threshold) - atol``; with mode="max" above ``best + threshold`` or
    ``best * (1 + threshold) + atol``. The defaults are those of early stopping elsewhere: an absolute
    threshold (`min_delta`) of 0, and as many bad steps as `patience` are enough, at least one. Plateau wants
    one more. A better metric becomes the best, and never stops by patience.

    Any hyperparameter may be an array of one value a run, and `runs` the number of runs: then metrics,
    answers and state are arrays of shape (runs,). A run takes 32 bytes, and 16 for each hyperparameter given
    as an array (threshold and mode more). A run that has stopped stays as it was when it did, whatever
    metrics follow.

    - cumulative=False: any better metric becomes the best, but one better by less than the threshold is a
      bad step still (Ignite, transformers).
    - baseline: until a metric is better than this, better ones are bad steps too, though they become the
      best (Keras).
    - target: a metric as good as this stops the run; limit: one as bad as this does (Lightning).
    - warmup: so many metrics at first are ignored (Keras).
    - nan: what a NaN metric is, "bad" as any that is not better; "skip" ignores it, "raise" is a ValueError,
      after the stop too, "stop" stops the run (Lightning).

    >>> import stepcurve as sc
    >>> stop = sc.EarlyStop(patience=2)
    >>> [stop.update(loss) for loss in (1.0, 0.5, 0.6, 0.4, 0.4, 0.5, 0.1)]
    [False, False, False, False, False, True, True]
    >>> stop.best, stop.best_step, stop.stopped_at
    (0.4, 3, 5)
    >>> runs = sc.EarlyStop(patience=[1, 2, 3])
    >>> runs.replay([1.0, 0.5, 0.6, 0.4, 0.4, 0.5])[-1]
    array([ True,  True, False])
    >>> runs.best_step, runs.stopped_at
    (array([1, 3, 3]), array([ 2,  5, -1]))
    """

    __slots__ = ()

    _kind = _core.EarlyStop
    _answer = np.bool_
    _choices: ClassVar = {
        "mode": ("min", "max"),
        "threshold_mode": ("rel", "abs"),
        "nan": ("bad", "skip", "raise", "stop"),
    }
    _reals = ("threshold", "atol", "baseline", "target", "limit")
    _optional = ("baseline", "target", "limit")
    _flags = ("cumulative",)
    _state = ("best", "best_step", "bad_steps", "stopped_at")
    _real_state = ("best",)

    def __init__(
        self,
        *,
        mode: Literal["min", "max"] | Sequence[str] = "min",
        patience: Wholes = 10,
        threshold: Reals = 0.0,
        threshold_mode: Literal["rel", "abs"] | Sequence[str] = "abs",
        atol: Reals = 0.0,
        cumulative: Flags = True,
        baseline: Reals | None = None,
        target: Reals | None = None,
        limit: Reals | None = None,
        warmup: Wholes = 0,
        nan: Literal["bad", "skip", "raise", "stop"] | Sequence[str] = "bad",
        runs: SupportsIndex | None = None,
    ) -> None:
        given = {name: value for name, value in locals().items() if name not in ("self", "runs", "__class__")}
        self._set_up(given, runs)

    def update(
        self, metric: Number | ArrayLike, *, out: Any = None, threads: SupportsIndex | None = None
    ) -> Any:
        """Whether to stop after this metric: a bool for one run; for a population arrays of shape (runs,).

        `out` is an array to fill and give back, `threads` how many to use at most, for large populations. A
        metric that is refused changes nothing.
        """
        if type(metric) is float and self._runs is None and out is None and threads is None:
            return self._core.update(metric)
        return self._update(metric, out, threads)

    def replay(self, history: ArrayLike, *, out: Any = None, threads: SupportsIndex | None = None) -> Any:
        """Whether to stop after each metric of a log, as if each was given to `update`.

        The log has shape (steps,), and so has the result; for a population (steps, runs), or (steps,) for
        all runs alike, and the result (steps, runs). It has then seen the log: it goes on from its end.

        >>> import stepcurve as sc
        >>> sc.EarlyStop(patience=1).replay([3.0, 2.0, 2.0, 1.0])
        array([False, False,  True,  True])
        """
        return self._replay(history, out, threads)

    best = state(
        "best",
        "The best metric so far, infinite before the first: the last that was better. Of a population a view "
        "of shape (runs,) to read or write, as all state.",
    )
    best_step = state("best_step", "The step of the best, from 0; None, or -1 in an array, before it.")
    bad_steps = state("bad_steps", "Steps in a row that were not better.")
    stopped_at = state("stopped_at", "The step that stopped the run, from 0; None, or -1 in an array.")

    @property
    def stopped(self) -> Any:
        """Whether to stop: a bool, or an array of them."""
        stopped = self._core.stopped_at >= 0
        return bool(stopped[0]) if self._runs is None else stopped

    def _get(self, name: str) -> Any:
        value = super()._get(name)
        return None if self._runs is None and name in STEPS and value < 0 else value

    def _numbers(self, name: str, value: Any) -> NDArray[Any]:
        if name not in STEPS:
            return super()._numbers(name, value)
        if self._runs is None:
            return np.array(-1) if value is None else indices(name, value)
        steps = wholes(name, value)
        if steps.min() < -1:
            raise ValueError(f"{name} must be >= -1, got {steps.min()}")
        return steps

    def __repr__(self) -> str:
        changed = self._changed(EarlyStop.__init__)
        if self._runs is not None:
            return f"<{changed}: {self._runs} runs, {self.steps} steps, {self.stopped.sum()} stopped>"
        best = "" if self.best_step is None else f", best={self.best!r} at step {self.best_step}"
        end = f", stopped at step {self.stopped_at}" if self.stopped else ""
        return f"<{changed}: {self.steps} steps{best}{end}>"
