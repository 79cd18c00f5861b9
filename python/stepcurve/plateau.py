"""Plateau: a learning rate that follows a metric, for one run or many at once."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, TypeAlias

import numpy as np

from . import _core
from .numbers import (
    Number,
    count,
    flags,
    indices,
    metrics,
    number,
    reals,
    row,
    table_out,
    wholes,
    workers,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    Reals: TypeAlias = Number | Sequence[Any] | NDArray[Any]
    Wholes: TypeAlias = SupportsIndex | Sequence[Any] | NDArray[Any]

CHOICES = {
    "mode": ("min", "max"),
    "threshold_mode": ("rel", "abs"),
    "trigger": (">", ">="),
    "nan": ("bad", "skip", "raise"),
}
REALS = ("lr", "factor", "threshold", "atol", "min_lr", "max_lr", "eps")
WHOLES = ("patience", "cooldown", "warmup", "window", "accumulate", "grow_cooldown", "reset_after")
FLAGS = ("grow", "cooldown_ignores")

STATE = ("lr", "best", "bad_steps", "cooldown_left", "good_steps", "resets_left")
AVERAGES = ("recent", "sum", "averaged")


def _state(name: str, doc: str) -> Any:
    def get(tracker: Plateau) -> Any:
        return tracker._get(name)

    def set_to(tracker: Plateau, value: Any) -> None:
        tracker._assign({name: tracker._checked(name, value)})

    return property(get, set_to, doc=doc)


class Plateau:
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

    __slots__ = ("__weakref__", "_core", "_options", "_runs")

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
        grow: bool | Sequence[bool] | NDArray[Any] = False,
        max_lr: Reals = inf,
        grow_cooldown: Wholes = 0,
        cooldown_ignores: bool | Sequence[bool] | NDArray[Any] = False,
        reset_after: Wholes = 0,
    ) -> None:
        given = {name: value for name, value in locals().items() if name not in ("self", "runs", "__class__")}
        options = {name: _option(name, value) for name, value in given.items()}
        self._runs = _number_of_runs(options, runs)
        self._options = options
        self._core = _core.Plateau({name: np.atleast_1d(x) for name, x in options.items()}, self._runs or 1)

    @property
    def runs(self) -> int | None:
        """The number of runs; None for one run whose metrics and learning rates are plain numbers."""
        return self._runs

    @property
    def options(self) -> dict[str, Any]:
        """The hyperparameters, by the names that the constructor takes."""
        return {name: _as_given(name, value) for name, value in self._options.items()}

    def update(
        self, metric: Number | ArrayLike, *, out: Any = None, threads: SupportsIndex | None = None
    ) -> Any:
        """The lr after this metric: a float for one run; for a population arrays of shape (runs,).

        `out` is an array to fill and give back, `threads` how many to use at most, for large populations. A
        metric that is refused changes nothing.
        """
        if self._runs is None:
            if out is not None or threads is not None:
                raise TypeError("out and threads are for a population; one run's lr is a float")
            return self._core.update(metric if type(metric) is float else number("metric", metric))  # type: ignore[arg-type]
        row = metrics("metrics", metric)
        if row.shape != (self._runs,):
            raise ValueError(f"metrics must have shape ({self._runs},), got {row.shape}")
        return self._replay(row, False, (self._runs,), out, threads)

    def replay(self, history: ArrayLike, *, out: Any = None, threads: SupportsIndex | None = None) -> Any:
        """The lr after each metric of a log, as if each was given to `update`.

        The log has shape (steps,), and so has the result; for a population (steps, runs), or (steps,) for
        all runs alike, and the result (steps, runs). The tracker has then seen the log: it goes on from its
        end.

        >>> import stepcurve as sc
        >>> sc.Plateau(0.1, patience=0).replay([3.0, 2.0, 2.0])
        array([0.1 , 0.1 , 0.01])
        """
        log = metrics("history", history)
        width = () if self._runs is None else (self._runs,)
        if log.ndim == 0 or log.shape[1:] not in ((), width):
            shapes = "(steps,)" if self._runs is None else f"(steps,) or (steps, {self._runs})"
            raise ValueError(f"history must have shape {shapes}, got {log.shape}")
        return self._replay(log, log.ndim == 1, log.shape[:1] + width, out, threads)

    def _replay(
        self, log: NDArray[np.float64], shared: bool, shape: tuple[int, ...], out: Any, threads: Any
    ) -> NDArray[np.float64]:
        most = workers(threads)
        lrs: NDArray[Any] = table_out(out, shape, np.float64)
        views = out is not None or log.base is not None  # an array of its own memory overlaps no other
        state = [getattr(self._core, name) for name in STATE] if views else []
        if out is not None and any(np.may_share_memory(lrs, values) for values in state):
            raise ValueError("out must not be the tracker's own state")
        if any(np.may_share_memory(log, values) for values in (lrs, *state)):
            log = log.copy()
        self._core.replay(log, shared, most, lrs)
        return lrs

    lr = _state(
        "lr", "The present lr; of a population a view of shape (runs,) to read or write, as all state."
    )
    best = _state("best", "The best metric so far: infinite before the first.")
    bad_steps = _state("bad_steps", "Steps in a row that were not better.")
    cooldown_left = _state("cooldown_left", "Steps until bad ones count again.")
    good_steps = _state("good_steps", "Steps in a row that were better, with `grow`.")
    resets_left = _state("resets_left", "Cuts at the floor until everything starts anew, with `reset_after`.")

    @property
    def steps(self) -> int:
        """How many metrics it was given."""
        return self._core.steps

    @steps.setter
    def steps(self, value: SupportsIndex) -> None:
        steps = indices("steps", value)
        if steps.ndim:
            raise TypeError(f"steps must be a whole number, got {value!r}")
        self._core.steps = int(steps)

    def state_dict(self) -> dict[str, Any]:
        """The state as plain values: numbers, and arrays for a population. Hyperparameters are not in it."""
        state = {name: self._get(name) for name in self._names()}
        copies = {name: x.copy() if isinstance(x, np.ndarray) else x for name, x in state.items()}
        return {**copies, "steps": self.steps}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on exactly where a tracker with the same hyperparameters stood; all is checked before it is set.

        >>> import stepcurve as sc
        >>> stopped, fresh = (sc.Plateau(0.1, factor=0.5, patience=0) for _ in range(2))
        >>> stopped.update(1.0), stopped.update(1.0)
        (0.1, 0.05)
        >>> fresh.load_state_dict(stopped.state_dict())
        >>> fresh.update(1.0)
        0.025
        """
        expected = {*self._names(), "steps"}
        if set(state_dict) != expected:
            wrong = ", ".join(sorted(map(str, expected.symmetric_difference(state_dict))))
            raise ValueError(
                f"state_dict must have exactly {', '.join(sorted(expected))}; differs in {wrong}"
            )
        state = {name: self._checked(name, state_dict[name]) for name in self._names()}
        for name, values in state.items():
            if self._runs is not None and not values.ndim:
                raise ValueError(f"{name} must have shape ({self._runs},), got ()")
        self.steps = state_dict["steps"]
        self._assign(state)

    def _names(self) -> tuple[str, ...]:
        return STATE + AVERAGES if self._core.sum.size else STATE

    def _get(self, name: str) -> Any:
        values: NDArray[Any] = getattr(self._core, name)
        if self._runs is not None:
            return values
        return values.tolist() if name == "recent" else values.item()

    def _assign(self, state: Mapping[str, Any]) -> None:
        for name, values in state.items():
            getattr(self._core, name)[...] = values

    def _checked(self, name: str, value: Any) -> NDArray[Any]:
        real = name in ("lr", "best", "recent", "sum")
        values = np.asarray(reals(name, value) if real else indices(name, value))
        target: NDArray[Any] = getattr(self._core, name)
        if self._runs is None and values.ndim and name != "recent":
            raise TypeError(f"{name} of one run must be a number, got {value!r}")
        if values.ndim and values.shape != target.shape:
            raise ValueError(f"{name} must have shape {target.shape}, got {values.shape}")
        if name == "lr" and not (values >= 0).all():
            raise ValueError(f"lr must be >= 0, got {value}")
        return values

    def __repr__(self) -> str:
        defaults = self.__init__.__kwdefaults__  # type: ignore[misc]
        changed = [
            f"{name}={value!r}"
            for name, value in self.options.items()
            if not _same(value, defaults.get(name))
        ]
        runs = "" if self._runs is None else f"{self._runs} runs, "
        return (
            f"<Plateau({', '.join(changed)}): {runs}{self.steps} steps, lr={self.lr!r}, best={self.best!r}>"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        state = {**self.state_dict(), "attributes": getattr(self, "__dict__", {})}  # of a subclass
        return _restore, (type(self), self.options, self._runs, state)


def _restore(
    kind: type[Plateau], options: dict[str, Any], runs: int | None, state: dict[str, Any]
) -> Plateau:
    tracker = kind.__new__(kind)
    Plateau.__init__(tracker, **options, runs=runs)
    for name, value in state.pop("attributes").items():
        setattr(tracker, name, value)
    tracker._core.steps = state.pop("steps")
    tracker._assign(state)  # as it was, whatever its owner wrote there
    return tracker


def _option(name: str, value: Any) -> NDArray[Any]:
    """As the core takes it: a number or a row of them."""
    if name in CHOICES:
        return np.array(_codes(name, value), np.int64)
    if name in FLAGS:
        return flags(name, value)
    return reals(name, value) if name in REALS else wholes(name, value)


def _codes(name: str, value: Any) -> Any:
    choices = CHOICES[name]
    if isinstance(value, str) and value in choices:
        return choices.index(value)
    if isinstance(value, (list, tuple, np.ndarray)):
        each = row(name, value).tolist()
        return [_codes(name, one) for one in each] if isinstance(each, list) else _codes(name, each)
    allowed = " or ".join((", ".join(map(repr, choices[:-1])), repr(choices[-1])))
    raise ValueError(f"{name} must be {allowed}, got {value!r}")


def _as_given(name: str, value: NDArray[Any]) -> Any:
    if name in CHOICES:
        return CHOICES[name][int(value)] if value.ndim == 0 else [CHOICES[name][i] for i in value]
    if name in FLAGS:
        value = value.astype(bool)
    return value.item() if value.ndim == 0 else value.copy()


def _same(value: Any, default: Any) -> bool:
    return bool(np.ndim(value) == 0 and value == default)


def _number_of_runs(options: Mapping[str, NDArray[Any]], runs: SupportsIndex | None) -> int | None:
    wanted = None if runs is None else count("runs", runs)
    for name, value in options.items():
        if value.ndim == 0:
            continue
        if wanted is None:
            wanted = value.size
        if value.size != wanted:
            raise ValueError(f"{name} must have {wanted} values, one a run, got {value.size}")
    return wanted
