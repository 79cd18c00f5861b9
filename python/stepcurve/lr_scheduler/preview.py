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
    groups = [_copy(group) for group in scheduler.optimizer.param_groups]
    twin = _twin(scheduler, _Optimizer(groups, scheduler.optimizer), {})
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


def _twin(scheduler: Any, optimizer: _Optimizer, twins: dict[int, Any]) -> Any:
    """A copy that steps the stand-in. User code in it is not copied, nor what that refers to."""
    if id(scheduler) not in twins:
        twin = twins[id(scheduler)] = copy.copy(scheduler)
        for name, value in vars(scheduler).items():
            vars(twin)[name] = _copy(value)
        if hasattr(scheduler, "_schedulers"):
            twin._schedulers = [_twin(each, optimizer, twins) for each in scheduler._schedulers]
        twin.optimizer = optimizer
    return twins[id(scheduler)]


def _copy(value: Any) -> Any:
    """A container, and the tensors in it, that may be changed without changing the original."""
    if isinstance(value, Tensor):
        return value.detach().clone()
    if isinstance(value, Counter):
        return copy.copy(value)
    if type(value) is dict:
        return {key: each if key == "params" else _copy(each) for key, each in value.items()}
    return [_copy(each) for each in value] if type(value) is list else value
