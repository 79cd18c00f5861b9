"""preview of a scheduler: by the core, or where it does not know the schedule by stepping a stand-in."""

from __future__ import annotations

import copy
import operator
import warnings
from collections import Counter
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np
from torch import Tensor

from .. import _core

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch.optim.lr_scheduler import LRScheduler


def preview(scheduler: LRScheduler, steps: SupportsIndex) -> NDArray[np.float64]:
    """Shape (steps + 1, groups): the learning rates now and after each of so many calls of step()."""
    count = operator.index(steps)
    if count < 0:
        raise ValueError(f"steps must be >= 0, got {count}")
    rates: NDArray[np.float64] | None = _core.preview(scheduler, count)
    return _by_stepping(scheduler, count) if rates is None else rates


def _by_stepping(scheduler: LRScheduler, steps: int) -> NDArray[np.float64]:
    copies = _Copies()
    groups = [copies.of(group) for group in scheduler.optimizer.param_groups]
    twin = copies.scheduler(scheduler, _Optimizer(groups, scheduler.optimizer))
    rates = np.empty((steps + 1, len(groups)))
    rates[0] = [group["lr"] for group in groups]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for i in range(1, steps + 1):
            twin.step()
            rates[i] = [group["lr"] for group in groups]
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

    def scheduler(self, original: Any, optimizer: _Optimizer) -> Any:
        if id(original) not in self._made:
            twin = self._made[id(original)] = copy.copy(original)
            for name, value in vars(original).items():
                vars(twin)[name] = self.of(value)
            if hasattr(original, "_schedulers"):
                twin._schedulers = [self.scheduler(each, optimizer) for each in original._schedulers]
            twin.optimizer = optimizer
        return self._made[id(original)]

    def of(self, value: Any) -> Any:
        """A container, and the tensors in it, that may be changed without changing the original."""
        if isinstance(value, Tensor):
            return self._made.setdefault(id(value), value.detach().clone())
        if isinstance(value, Counter):
            return copy.copy(value)
        if type(value) is dict:
            return {key: each if key == "params" else self.of(each) for key, each in value.items()}
        return [self.of(each) for each in value] if type(value) is list else value
