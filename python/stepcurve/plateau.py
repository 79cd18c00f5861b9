"""Plateau: a learning rate that follows a metric, for one run or many at once."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, ClassVar, Literal, SupportsIndex

import numpy as np

from . import _core
from .tracker import Tracker, state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from .numbers import Number
    from .tracker import Flags, Reals, Wholes


class Plateau(Tracker):
    """The learning rate of torch's ReduceLROnPlateau, without torch: `update` takes a metric, gives the lr.

    A metric is better if it is below ``best * (1 - threshold)``, or with threshold_mode="abs" below
    ``best - threshold``; with mode="max" above ``best * (1 + threshold)`` or ``best + threshold``. After
    more than `patience` steps in a row that are not better, the lr becomes ``max(lr * factor, min_lr)``,
    unless that takes off no more than `eps`, and for `cooldown` steps bad steps do not count.

    Any hyperparameter may be an array of one value a run, and `runs` the number of runs: then metrics,
    lr and state are arrays of shape (runs,). A run takes 48 bytes, and 16 for each hyperparameter given as an
    array (threshold and mode 32); 72 with any option below but the first two, 24 with means, 8 for each
    metric of a window.

    Beyond torch:

    - trigger=">=": as many bad steps as `patience` are enough (Keras, optax).
    - atol: an absolute threshold on top of the relative one (optax).
    - window: the mean of so many last metrics in place of the metric, as transformers has it: of a running
      sum, in which a NaN or an infinity stays for ever.
    - accumulate: a mean of so many metrics at a time, and nothing in between (optax).
    - warmup: so many metrics at first are ignored.
    - nan: what a NaN metric is, "bad" as in torch; "skip" leaves the run as it is, "raise" is a ValueError.
    - grow: after better steps in a row, as many as bad ones are needed for a cut, the lr becomes
      ``min(lr / factor, max_lr)``, and a cooldown of `grow_cooldown` steps follows (transformers' GreedyLR).
    - cooldown_ignores: during a cooldown metrics do not become the best either (GreedyLR).
    - reset_after: after so many cuts that left the lr at `min_lr`, with no growth in between, lr, best and
      counts are as at first, but for a cooldown; 0 for never (GreedyLR).

    >>> import stepcurve as sc
    >>> tracker = sc.Plateau(0.1, factor=0.5, patience=1)
    >>> [tracker.update(loss) for loss in (1.0, 0.5, 0.5, 0.5, 0.5, 0.5)]
    [0.1, 0.1, 0.1, 0.05, 0.05, 0.025]
    >>> tracker.best, tracker.bad_steps
    (0.5, 0)
    >>> runs = sc.Plateau(0.1, factor=0.5, patience=[1, 2, 3])
    >>> runs.replay([1.0, 0.5, 0.5, 0.5, 0.5, 0.5])[-1]
    array([0.025, 0.05 , 0.05 ])
    """

    __slots__ = ()

    _kind = _core.Plateau
    _answer = np.float64
    _choices: ClassVar = {
        "mode": ("min", "max"),
        "threshold_mode": ("rel", "abs"),
        "trigger": (">", ">="),
        "nan": ("bad", "skip", "raise"),
    }
    _reals = ("lr", "factor", "threshold", "atol", "min_lr", "max_lr", "eps")
    _flags = ("grow", "cooldown_ignores")
    _state = ("lr", "best", "bad_steps", "cooldown_left", "good_steps", "resets_left")
    _real_state = ("lr", "best", "recent", "sum")

    def __init__(
        self,
        lr: Reals,
        *,
        mode: Literal["min", "max"] | Sequence[str] = "min",
        factor: Reals = 0.1,
        patience: Wholes = 10,
        threshold: Reals = 1e-4,
        threshold_mode: Literal["rel", "abs"] | Sequence[str] = "rel",
        cooldown: Wholes = 0,
        min_lr: Reals = 0.0,
        eps: Reals = 1e-8,
        runs: SupportsIndex | None = None,
        trigger: Literal[">", ">="] | Sequence[str] = ">",
        atol: Reals = 0.0,
        window: Wholes = 1,
        accumulate: Wholes = 1,
        warmup: Wholes = 0,
        nan: Literal["bad", "skip", "raise"] | Sequence[str] = "bad",
        grow: Flags = False,
        max_lr: Reals = inf,
        grow_cooldown: Wholes = 0,
        cooldown_ignores: Flags = False,
        reset_after: Wholes = 0,
    ) -> None:
        given = {name: value for name, value in locals().items() if name not in ("self", "runs", "__class__")}
        self._set_up(given, runs)

    def update(
        self, metric: Number | ArrayLike, *, out: Any = None, threads: SupportsIndex | None = None
    ) -> Any:
        """The lr after this metric: a float for one run; for a population arrays of shape (runs,).

        `out` is an array to fill and give back, `threads` how many to use at most, for large populations. A
        metric that is refused changes nothing.
        """
        if type(metric) is float and self._runs is None and out is None and threads is None:
            return self._core.update(metric)
        return self._update(metric, out, threads)

    def replay(self, history: ArrayLike, *, out: Any = None, threads: SupportsIndex | None = None) -> Any:
        """The lr after each metric of a log, as if each was given to `update`.

        The log has shape (steps,), and so has the result; for a population (steps, runs), or (steps,) for
        all runs alike, and the result (steps, runs). The tracker has then seen the log: it goes on from its
        end.

        >>> import stepcurve as sc
        >>> sc.Plateau(0.1, patience=0).replay([3.0, 2.0, 2.0])
        array([0.1 , 0.1 , 0.01])
        """
        return self._replay(history, out, threads)

    lr = state(
        "lr", "The present lr; of a population a view of shape (runs,) to read or write, as all state."
    )
    best = state("best", "The best metric so far: infinite before the first.")
    bad_steps = state("bad_steps", "Steps in a row that were not better.")
    cooldown_left = state("cooldown_left", "Steps until bad ones count again.")
    good_steps = state("good_steps", "Steps in a row that were better, with `grow`.")
    resets_left = state("resets_left", "Cuts at the floor until everything starts anew, with `reset_after`.")

    def _names(self) -> tuple[str, ...]:
        return (*self._state, "recent", "sum", "averaged") if self._core.sum.size else self._state

    def _get(self, name: str) -> Any:
        return self._core.recent.tolist() if name == "recent" and self._runs is None else super()._get(name)

    def _numbers(self, name: str, value: Any) -> NDArray[Any]:
        values = super()._numbers(name, value)
        if name == "lr" and not (values >= 0).all():
            raise ValueError(f"lr must be >= 0, got {value}")
        return values

    def __repr__(self) -> str:
        runs = "" if self._runs is None else f"{self._runs} runs, "
        changed = self._changed(Plateau.__init__)
        return f"<{changed}: {runs}{self.steps} steps, lr={self.lr!r}, best={self.best!r}>"
