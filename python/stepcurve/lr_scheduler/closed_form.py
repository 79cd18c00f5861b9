"""to_curve: what torch's schedulers round step by step, as one closed form."""

from __future__ import annotations

import operator
from functools import partial, reduce
from typing import TYPE_CHECKING, Any, SupportsIndex

from torch.optim import lr_scheduler as torchs
from torch.optim import swa_utils

from .. import constant, cosine, decay, join, linear, piecewise, polynomial

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..curve import Curve
    from ..numbers import Number


def to_curve(scheduler: torchs.LRScheduler, group: SupportsIndex = 0) -> Curve:
    """The schedule of one param group from epoch 0 on; a ValueError says why there is none."""
    groups = len(scheduler.optimizer.param_groups)
    index = operator.index(group)
    if not 0 <= index < groups:
        raise ValueError(f"group must be below {groups}, the number of param groups, and >= 0, got {index}")
    return _curve(scheduler, index)


def of_base(kind: Any, hyperparameters: Any, base: float) -> Curve:
    """The schedule of a class of torch's from a base lr on, by its attributes alone."""
    return _OF_BASE[kind](hyperparameters, base)


def _curve(scheduler: Any, group: int) -> Curve:
    kind = _kind(scheduler)
    if kind not in _OF_GROUPS and kind not in _OF_BASE:
        reason = _REASONS.get(kind, f"{type(scheduler).__name__} computes its lr by a method of its own")
        raise ValueError(f"no closed form: {reason}")
    if kind not in _MADE_OF_OTHERS and group >= len(scheduler.base_lrs):
        raise ValueError(f"group {group} was added after {kind.__name__} was made: it has no base lr")
    if kind in _OF_GROUPS:
        return _OF_GROUPS[kind](scheduler, group)
    return _OF_BASE[kind](scheduler, float(scheduler.base_lrs[group]))


def _kind(scheduler: Any) -> Any:
    """torch's class, if all that a step calls is that class's own."""
    own: Any = type(scheduler)
    for each in own.__mro__:
        if each in _KNOWN:
            methods = {name for name in vars(each) if callable(getattr(each, name))} | {"_update_lr"}
            methods -= {"__init__", "step", "state_dict", "load_state_dict"}
            stepped = getattr(own.step, "__wrapped__", own.step) is each.step
            same = all(getattr(own, name, None) is getattr(each, name, None) for name in methods)
            return each if stepped and same and not (methods | {"step"}) & vars(scheduler).keys() else None
    return None


def _whole(of: Any, *names: str) -> None:
    """torch compares these with whole epochs."""
    for name in names:
        if getattr(of, name) != int(getattr(of, name)):
            raise ValueError(f"no closed form: {name} is {getattr(of, name)}, and epochs are whole")


def _step(of: Any, base: float) -> Curve:
    _whole(of, "step_size")
    return decay(base, of.gamma, every=of.step_size).stairs(of.step_size)


def _multi_step(of: Any, base: float) -> Curve:
    values: dict[Number, Number] = {0: base}
    lr = base
    for milestone, count in sorted(of.milestones.items()):
        if milestone > 0 and milestone == int(milestone):  # torch never comes by the others
            lr *= float(of.gamma) ** count
            values[milestone] = lr
    return piecewise(values)


def _constant(of: Any, base: float) -> Curve:
    _whole(of, "total_iters")
    if of.total_iters <= 0:
        raise ValueError("no closed form: torch never ends a ConstantLR of total_iters <= 0")
    return piecewise({0: base * of.factor, of.total_iters: base})


def _linear(of: Any, base: float) -> Curve:
    _whole(of, "total_iters")
    return linear(base * of.start_factor, base * of.end_factor, of.total_iters)


def _exponential(of: Any, base: float) -> Curve:
    return decay(base, of.gamma)


def _polynomial(of: Any, base: float) -> Curve:
    _whole(of, "total_iters")
    return polynomial(base, 0, of.total_iters, power=of.power)


def _cosine(of: Any, base: float) -> Curve:
    return cosine(base, of.eta_min, of.T_max).past_end("extrapolate")


def _warm_restarts(of: Any, base: float) -> Curve:
    return cosine(base, of.eta_min, of.T_0).repeat(growth=of.T_mult)


def _cyclic(of: Any, group: int) -> Curve:
    if of._scale_fn_custom is not None:
        raise ValueError("no closed form: scale_fn is a function of the user's")
    base, rise = float(of.base_lrs[group]), float(of.max_lrs[group]) - float(of.base_lrs[group])
    up = of.total_size * of.step_ratio
    cycle = linear(0, rise, up) >> linear(rise, 0, of.total_size - up)
    if of.mode == "triangular2":
        return base + cycle.repeat(decay=0.5)
    if of.mode == "exp_range":
        if not isinstance(of._scale_fn_ref, partial):
            raise ValueError("no closed form: mode was changed after construction")
        return base + cycle.repeat() * decay(1, of._scale_fn_ref.args[0])
    return base + cycle.repeat()


def _one_cycle(of: Any, group: int) -> Curve:
    values = of.optimizer.param_groups[group]
    shape = linear if of._anneal_func_type == "linear" else cosine
    phases, begin = [], 0.0
    for phase in of._schedule_phases:
        start, end = float(values[phase["start_lr"]]), float(values[phase["end_lr"]])
        phases.append(shape(start, end, phase["end_step"] - begin))
        begin = phase["end_step"]
    return reduce(operator.rshift, phases).past_end("extrapolate")


def _sequential(of: Any, group: int) -> Curve:
    _once(of)
    for each in of._schedulers:
        if _kind(each) in _MADE_OF_OTHERS:
            raise ValueError(
                "no closed form: torch moves a scheduler made of others on by a step when it becomes part "
                "of a SequentialLR, and cannot start it anew"
            )
    start, base = of.optimizer.param_groups[group].get("initial_lr"), of._schedulers[0].base_lrs
    if group < len(base) and start != base[group]:
        raise ValueError(f"no closed form: torch starts from initial_lr, which was changed to {start}")
    return join([_curve(each, group) for each in of._schedulers], of._milestones)


def _once(of: Any) -> None:
    if len({id(each) for each in of._schedulers}) < len(of._schedulers):
        raise ValueError(f"no closed form: a scheduler is in {type(of).__name__} more than once")


def _chained(of: Any, group: int) -> Curve:
    _once(of)
    factors = []
    if group >= len(of._schedulers[0].base_lrs):
        raise ValueError(f"group {group} was added after the schedulers were made: it has no base lr")
    for each in of._schedulers:
        kind = _kind(each)
        if kind is torchs.CosineAnnealingLR and each.eta_min == 0:
            factors.append(cosine(1, 0, each.T_max).past_end("raise"))  # past T_max torch adds
        elif kind in _MULTIPLY:
            factors.append(_MULTIPLY[kind](each, 1.0))
        else:
            raise ValueError(
                f"no closed form: in a chain, {type(each).__name__} does more than to multiply the lr"
            )
    return reduce(operator.mul, factors, constant(float(of._schedulers[0].base_lrs[group])))


_MULTIPLY: dict[Any, Callable[[Any, float], Curve]] = {
    torchs.StepLR: _step,
    torchs.MultiStepLR: _multi_step,
    torchs.ConstantLR: _constant,
    torchs.LinearLR: _linear,
    torchs.ExponentialLR: _exponential,
    torchs.PolynomialLR: _polynomial,
}
_OF_BASE: dict[Any, Callable[[Any, float], Curve]] = {
    **_MULTIPLY,
    torchs.CosineAnnealingLR: _cosine,
    torchs.CosineAnnealingWarmRestarts: _warm_restarts,
}
_OF_GROUPS: dict[Any, Callable[[Any, int], Curve]] = {
    torchs.CyclicLR: _cyclic,
    torchs.OneCycleLR: _one_cycle,
    torchs.SequentialLR: _sequential,
    torchs.ChainedScheduler: _chained,
}
_REASONS: dict[Any, str] = {
    torchs.LambdaLR: "lr_lambda is a function of the user's",
    torchs.MultiplicativeLR: "lr_lambda is a function of the user's",
    torchs.ReduceLROnPlateau: "the metric decides",
    swa_utils.SWALR: "it starts from whatever lr it finds",
}
_MADE_OF_OTHERS = (torchs.SequentialLR, torchs.ChainedScheduler)
_KNOWN = {*_OF_BASE, *_OF_GROUPS, *_REASONS}
