"""Tracker: what the followers of a metric have in common, for one run or many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, SupportsIndex, TypeAlias

import numpy as np

from .numbers import (
    Number,
    array_out,
    count,
    flags,
    indices,
    metrics,
    number,
    reals,
    row,
    wholes,
    workers,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Reals: TypeAlias = Number | Sequence[Any] | NDArray[Any]
    Wholes: TypeAlias = SupportsIndex | Sequence[Any] | NDArray[Any]
    Flags: TypeAlias = bool | Sequence[bool] | NDArray[Any]


def state(name: str, doc: str) -> Any:
    """A property of the state, to read and to write."""

    def get(tracker: Tracker) -> Any:
        return tracker._get(name)

    def set_to(tracker: Tracker, value: Any) -> None:
        tracker._load(tracker.steps, {name: tracker._checked(name, value)})

    return property(get, set_to, doc=doc)


class Tracker:
    """Hyperparameters that are one value for all runs or one a run; state that is kept in the core."""

    __slots__ = ("__weakref__", "_core", "_options", "_runs")

    _kind: ClassVar[Any]  # in the core
    _answer: ClassVar[Any]  # the dtype of what a metric is answered with
    _choices: ClassVar[Mapping[str, tuple[str, ...]]]
    _reals: ClassVar[tuple[str, ...]]
    _optional: ClassVar[tuple[str, ...]] = ()  # reals that may be None
    _flags: ClassVar[tuple[str, ...]]
    _state: ClassVar[tuple[str, ...]]
    _real_state: ClassVar[tuple[str, ...]]

    def _set_up(self, given: Mapping[str, Any], runs: SupportsIndex | None) -> None:
        options = {name: self._option(name, value) for name, value in given.items()}
        self._runs = _number_of_runs(options, runs)
        self._options = options
        self._core = self._kind({name: np.atleast_1d(x) for name, x in options.items()}, self._runs or 1)

    @property
    def runs(self) -> int | None:
        """The number of runs; None for one run whose metrics and answers are plain values."""
        return self._runs

    @property
    def options(self) -> dict[str, Any]:
        """The hyperparameters, by the names that the constructor takes."""
        return {name: self._as_given(name, value) for name, value in self._options.items()}

    @property
    def steps(self) -> int:
        """How many metrics it was given."""
        steps: int = self._core.steps
        return steps

    @steps.setter
    def steps(self, value: SupportsIndex) -> None:
        self._load(_whole_steps(value), {})

    def _update(self, metric: Any, out: Any, threads: Any) -> Any:
        if self._runs is None:
            if out is not None or threads is not None:
                raise TypeError("out and threads are for a population; one run has a plain answer")
            return self._core.update(number("metric", metric))
        values = metrics("metrics", metric)
        if values.shape != (self._runs,):
            raise ValueError(f"metrics must have shape ({self._runs},), got {values.shape}")
        return self._answers(values, False, (self._runs,), out, threads)

    def _replay(self, history: Any, out: Any, threads: Any) -> Any:
        log = metrics("history", history)
        width = () if self._runs is None else (self._runs,)
        if log.ndim == 0 or log.shape[1:] not in ((), width):
            shapes = "(steps,)" if self._runs is None else f"(steps,) or (steps, {self._runs})"
            raise ValueError(f"history must have shape {shapes}, got {log.shape}")
        return self._answers(log, log.ndim == 1, log.shape[:1] + width, out, threads)

    def _answers(
        self, log: NDArray[np.float64], shared: bool, shape: tuple[int, ...], out: Any, threads: Any
    ) -> NDArray[Any]:
        most = workers(threads)
        answers = np.empty(shape, self._answer) if out is None else array_out(out, shape, self._answer)
        views = out is not None or log.base is not None  # an array of its own memory overlaps no other
        kept = [getattr(self._core, name) for name in self._state] if views else []
        if out is not None and any(np.may_share_memory(answers, values) for values in kept):
            raise ValueError("out must not be the tracker's own state")
        if any(np.may_share_memory(log, values) for values in (answers, *kept)):
            log = log.copy()
        self._core.replay(log, shared, most, answers)
        return answers

    def state_dict(self) -> dict[str, Any]:
        """The state as plain values: numbers, and arrays for a population. Hyperparameters are not in it."""
        kept = {name: self._get(name) for name in self._names()}
        copies = {name: x.copy() if isinstance(x, np.ndarray) else x for name, x in kept.items()}
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
        checked = {name: self._checked(name, state_dict[name]) for name in self._names()}
        for name, values in checked.items():
            if self._runs is not None and not values.ndim:
                raise ValueError(f"{name} must have shape ({self._runs},), got ()")
        self._load(_whole_steps(state_dict["steps"]), checked)

    def _names(self) -> tuple[str, ...]:
        return self._state

    def _get(self, name: str) -> Any:
        values: NDArray[Any] = getattr(self._core, name)
        return values.item() if self._runs is None else values

    def _load(self, steps: int, values: Mapping[str, Any]) -> None:
        """Set the state; the core writes it at once, or where memory is short not at all."""
        state = []
        for name, value in values.items():
            target = getattr(self._core, name)
            state.append((target, np.ascontiguousarray(np.broadcast_to(value, target.shape), target.dtype)))
        self._core.load(steps, state)

    def _checked(self, name: str, value: Any) -> NDArray[Any]:
        values = self._numbers(name, value)
        target: NDArray[Any] = getattr(self._core, name)
        if self._runs is None and values.ndim and name in self._state:
            raise TypeError(f"{name} of one run must be a number, got {value!r}")
        if values.ndim and values.shape != target.shape:
            raise ValueError(f"{name} must have shape {target.shape}, got {values.shape}")
        return values

    def _numbers(self, name: str, value: Any) -> NDArray[Any]:
        return reals(name, value) if name in self._real_state else indices(name, value)

    def _changed(self, constructor: Any) -> str:
        """The class, and the options that are not its constructor's defaults."""
        defaults = constructor.__kwdefaults__
        changed = [
            f"{name}={value!r}"
            for name, value in self.options.items()
            if not (np.ndim(value) == 0 and value == defaults.get(name))
        ]
        return f"{type(self).__name__}({', '.join(changed)})"

    def __reduce__(self) -> tuple[Any, ...]:
        kept = {name: getattr(self._core, name).copy() for name in self._names()}
        attributes = getattr(self, "__dict__", {})  # of a subclass
        return _restore, (type(self), self.options, self._runs, self.steps, kept, attributes)

    def _option(self, name: str, value: Any) -> NDArray[Any]:
        """As the core takes it: a number or a row of them."""
        if name in self._choices:
            return np.array(self._codes(name, value), np.int64)
        if name in self._flags:
            return flags(name, value)
        if name not in self._reals:
            return wholes(name, value)
        if name not in self._optional:
            return reals(name, value)
        if value is None:
            return np.array(np.nan)
        values = reals(name, value)
        if np.isnan(values).any():
            raise ValueError(f"{name} must be a number, or None, got {value!r}")
        return values

    def _codes(self, name: str, value: Any) -> Any:
        choices = self._choices[name]
        if isinstance(value, str) and value in choices:
            return choices.index(value)
        if isinstance(value, (list, tuple, np.ndarray)):
            each = row(name, value).tolist()
            one = self._codes
            return [one(name, x) for x in each] if isinstance(each, list) else one(name, each)
        allowed = " or ".join((", ".join(map(repr, choices[:-1])), repr(choices[-1])))
        raise ValueError(f"{name} must be {allowed}, got {value!r}")

    def _as_given(self, name: str, value: NDArray[Any]) -> Any:
        if name in self._choices:
            choices = self._choices[name]
            return choices[int(value)] if value.ndim == 0 else [choices[i] for i in value]
        if name in self._flags:
            value = value.astype(bool)
        if name in self._optional and value.ndim == 0 and np.isnan(value):
            return None
        return value.item() if value.ndim == 0 else value.copy()


def _restore(
    kind: type[Tracker],
    options: dict[str, Any],
    runs: int | None,
    steps: int,
    kept: dict[str, Any],
    attributes: dict[str, Any],
) -> Tracker:
    tracker = kind.__new__(kind)
    tracker._set_up(options, runs)
    for name, value in attributes.items():
        setattr(tracker, name, value)
    tracker._load(steps, kept)  # as it was, whatever its owner wrote there
    return tracker


def _whole_steps(value: Any) -> int:
    steps = indices("steps", value)
    if steps.ndim:
        raise TypeError(f"steps must be a whole number, got {value!r}")
    return int(steps)


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
