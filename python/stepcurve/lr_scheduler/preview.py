"""preview of a scheduler: by the core, or where it does not know the schedule by stepping a stand-in."""

from __future__ import annotations

import copy
import operator
import warnings
from collections import Counter, deque
from types import MethodType
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np
from torch import Tensor
from torch.optim.lr_scheduler import LRScheduler

from .. import _core
from ..numbers import MAX_STEPS

if TYPE_CHECKING:
    from numpy.typing import NDArray


def preview(scheduler: LRScheduler, steps: SupportsIndex) -> NDArray[np.float64]:
    """Shape (steps + 1, groups): the learning rates now and after each of so many calls of step()."""
    count = operator.index(steps)
    if count < 0:
        raise ValueError(f"steps must be >= 0, got {count}")
    if count > MAX_STEPS:
        raise ValueError("steps must be <= 2**53")
    rates: NDArray[np.float64] | None = _core.preview(scheduler, count)
    return _by_stepping(scheduler, count) if rates is None else rates


def _by_stepping(scheduler: LRScheduler, steps: int) -> NDArray[np.float64]:
    twin = _Copies().scheduler(scheduler)
    groups = twin.optimizer.param_groups
    rates = np.empty((steps + 1, len(groups)))
    rates[0] = [float(group["lr"]) for group in groups]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for i in range(1, steps + 1):
            twin.step()
            rates[i] = [float(group["lr"]) for group in groups]
    return rates


class _Optimizer:
    """What a scheduler needs of an optimizer when it steps."""

    def __init__(self, param_groups: list[dict[str, Any]], of: Any) -> None:
        self.param_groups = param_groups
        self.defaults = of.defaults
        self._opt_called = True

    def step(self) -> None: ...


class _Copies:
    """Copies of what a step changes, but not of user code. What was one object stays one."""

    def __init__(self) -> None:
        self._made: dict[int, Any] = {}

    def scheduler(self, original: Any) -> Any:
        twin = self._made[id(original)] = copy.copy(original)
        if id(original.optimizer) not in self._made:
            self.optimizer(original.optimizer)
        for name, value in vars(original).items():
            if callable(getattr(type(original), name, None)) and not isinstance(value, MethodType):
                # It may refer to the original, which would then be stepped.
                kind = type(original).__name__
                raise ValueError(f"{name} of this {kind} was replaced; a preview cannot follow it")
            vars(twin)[name] = self.of(value)
        return twin

    def of(self, value: Any) -> Any:
        """Something that may be changed without changing the original."""
        if id(value) in self._made:
            return self._made[id(value)]
        if isinstance(value, LRScheduler):
            return self.scheduler(value)
        if isinstance(value, MethodType):  # of a scheduler: of its twin
            return MethodType(value.__func__, self._made.get(id(value.__self__), value.__self__))
        if isinstance(value, Tensor):
            copied: Any = value.detach().clone()
        elif type(value) is dict:
            copied = {key: each if key == "params" else self.of(each) for key, each in value.items()}
        elif type(value) in (list, tuple, set, deque):
            copied = type(value)(self.of(each) for each in value)
        elif isinstance(value, Counter):
            copied = copy.copy(value)
        else:
            return value
        return self._made.setdefault(id(value), copied)

    def optimizer(self, original: Any) -> None:
        groups = [self.of(group) for group in original.param_groups]
        self._made[id(original)] = _Optimizer(groups, original)
