"""MMEngine's learning rate schedulers (mmengine.optim), each alone on an optimizer.

begin and end are in the steps that the scheduler is stepped by: it acts from begin until the step before end,
and the value of that step is held. INF, the default end, is never. Epochs (by_epoch) become iterations with
`.stairs(1).stretch(iterations)`; convert_to_iter_based multiplies the arguments instead. The ...Momentum and
...ParamScheduler classes are the same curves, with what they drive for base_lr. ReduceOnPlateauLR is a
`stepcurve.Plateau`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import shapes
from ..curve import join
from ._parts import chain, one_cycle, positive
from ._parts import milestones as factors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..curve import Curve

__all__ = [
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineRestartLR",
    "ExponentialLR",
    "LinearLR",
    "MultiStepLR",
    "OneCycleLR",
    "PolyLR",
    "StepLR",
]

INF = int(1e9)


def StepLR(
    step_size: int, gamma: float = 0.1, begin: int = 0, end: int = INF, *, base_lr: float = 1.0
) -> Curve:
    """base_lr gamma^floor((t - begin) / step_size).

    >>> StepLR(30)
    decay(1, 0.1, every=30).stairs(30)
    """
    return _within(shapes.decay(base_lr, gamma, every=step_size).stairs(step_size), begin, end, base_lr)


def MultiStepLR(
    milestones: Iterable[int], gamma: float = 0.1, begin: int = 0, end: int = INF, *, base_lr: float = 1.0
) -> Curve:
    """base_lr, times gamma from each milestone on, counted from begin.

    >>> MultiStepLR([30, 80], 0.5, begin=10)
    join([constant(1), piecewise({0: 1, 30: 0.5, 80: 0.25})], [10])
    """
    values = factors(base_lr, ((step, gamma) for step in milestones if step >= 0))
    return _within(shapes.piecewise(values), begin, end, base_lr)


def ConstantLR(factor: float = 1 / 3, begin: int = 0, end: int = INF, *, base_lr: float = 1.0) -> Curve:
    """base_lr factor, and base_lr again from end - 1 on: a step earlier than torch's.

    If begin and end are a step apart the factor stays.

    >>> ConstantLR(0.5, end=10)
    constant(0.5, steps=9) >> constant(1)
    """
    if not 0 < factor <= 1:
        raise ValueError(f"factor must be > 0 and <= 1, got {factor}")
    curve = shapes.constant(factor * base_lr)
    last = _last(begin, end)
    if last:
        curve = shapes.constant(factor * base_lr, last) >> shapes.constant(base_lr)
    return _begun(curve, begin, base_lr)


def LinearLR(
    start_factor: float = 1 / 3,
    end_factor: float = 1.0,
    begin: int = 0,
    end: int = INF,
    *,
    base_lr: float = 1.0,
) -> Curve:
    """Straight from base_lr start_factor at begin to base_lr end_factor at end - 1; held.

    >>> LinearLR(0.1, end=10)
    linear(0.1, 1, 9)
    """
    if not 0 < start_factor <= 1:
        raise ValueError(f"start_factor must be > 0 and <= 1, got {start_factor}")
    if not 0 <= end_factor <= 1:
        raise ValueError(f"end_factor must be from 0 to 1, got {end_factor}")
    curve, last = shapes.constant(start_factor * base_lr), _last(begin, end)
    if last:
        curve = shapes.linear(start_factor * base_lr, end_factor * base_lr, last)
    return _begun(curve, begin, base_lr)


def ExponentialLR(gamma: float, begin: int = 0, end: int = INF, *, base_lr: float = 1.0) -> Curve:
    """base_lr gamma^(t - begin).

    >>> ExponentialLR(0.9, end=11)
    join([decay(1, 0.9), constant(0.3486784401000001)], [10])
    """
    return _within(shapes.decay(base_lr, gamma), begin, end, base_lr)


def PolyLR(
    eta_min: float = 0.0, power: float = 1.0, begin: int = 0, end: int = INF, *, base_lr: float = 1.0
) -> Curve:
    """From base_lr at begin to eta_min at end - 1 along (1 - p)^power; held.

    >>> PolyLR(power=2, end=101)
    polynomial(1, 0, 100, power=2)
    """
    last = _last(begin, end)
    if not last:
        return shapes.constant(base_lr)
    return _begun(shapes.polynomial(base_lr, eta_min, last, power), begin, base_lr)


def CosineAnnealingLR(
    T_max: int | None = None,
    eta_min: float | None = None,
    begin: int = 0,
    end: int = INF,
    eta_min_ratio: float | None = None,
    *,
    base_lr: float = 1.0,
) -> Curve:
    """From base_lr to eta_min, or base_lr eta_min_ratio, in T_max steps, and then up again.

    T_max is end - begin unless given: the last step that it acts in is one short of eta_min, and is held.

    >>> CosineAnnealingLR(100, eta_min=0.01)
    cosine(1, 0.01, 100).past_end("extrapolate")
    >>> CosineAnnealingLR(end=4).table(6).round(4)
    array([1.    , 0.8536, 0.5   , 0.1464, 0.1464, 0.1464])
    """
    if eta_min is not None and eta_min_ratio is not None:
        raise ValueError(f"eta_min or eta_min_ratio must be None, got {eta_min} and {eta_min_ratio}")
    low = base_lr * eta_min_ratio if eta_min_ratio is not None else eta_min or 0.0
    curve = shapes.cosine(base_lr, low, T_max or end - begin).past_end("extrapolate")
    return _within(curve, begin, end, base_lr)


def CosineRestartLR(
    periods: Sequence[int],
    restart_weights: Sequence[float] = (1,),
    eta_min: float | None = None,
    eta_min_ratio: float | None = None,
    begin: int = 0,
    end: int = INF,
    *,
    base_lr: float = 1.0,
) -> Curve:
    """From base_lr times each weight to eta_min, or base_lr eta_min_ratio, in each period.

    The last step of the last period, one short of eta_min, is held.

    >>> CosineRestartLR([2, 4], [1, 0.5], eta_min=0).table(8).round(4)
    array([1.    , 0.5   , 0.5   , 0.4268, 0.25  , 0.0732, 0.0732, 0.0732])
    """
    if (eta_min is None) == (eta_min_ratio is None):
        raise ValueError(f"one of eta_min and eta_min_ratio must be given, got {eta_min} and {eta_min_ratio}")
    if len(periods) != len(restart_weights):
        raise ValueError(
            f"periods must be as many as restart_weights {len(restart_weights)}, got {len(periods)}"
        )
    low = base_lr * eta_min_ratio if eta_min_ratio is not None else eta_min
    assert low is not None
    curve = chain(
        [
            shapes.cosine(base_lr * weight, low, steps)
            for steps, weight in zip(periods, restart_weights, strict=True)
        ]
    )
    return _within(curve, begin, min(end, begin + sum(periods)), base_lr)


def OneCycleLR(
    eta_max: float = 0.0,
    total_steps: int | None = None,
    pct_start: float = 0.3,
    anneal_strategy: str = "cos",
    div_factor: float = 25.0,
    final_div_factor: float = 1e4,
    three_phase: bool = False,
    begin: int = 0,
    end: int = INF,
    *,
    base_lr: float = 1.0,
) -> Curve:
    """torch's OneCycleLR, without the momentum, from begin on; base_lr is what the lr is until then.

    total_steps is end - begin unless given: the end of the cycle is then the last step that it acts in.

    >>> OneCycleLR(0.1, end=10, anneal_strategy="linear")([0, 2, 9, 10]).round(4)
    array([0.004, 0.1  , 0.   , 0.   ])
    """
    steps = end - begin if total_steps is None else total_steps
    start = eta_max / positive("div_factor", div_factor)
    low = start / positive("final_div_factor", final_div_factor)
    curve = one_cycle(start, eta_max, low, steps, pct_start, anneal_strategy, three_phase)
    # Steps past its end, if it gets there, raise.
    return (
        _within(curve, begin, end, base_lr)
        if _last(begin, end) <= curve.steps
        else _begun(curve, begin, base_lr)
    )


def _last(begin: int, end: int) -> int:
    """The steps from begin to the last one in which the scheduler acts."""
    if not end > begin:
        raise ValueError(f"end must be > begin {begin}, got {end}")
    return end - begin - 1


def _within(curve: Curve, begin: int, end: int, base_lr: float) -> Curve:
    last = _last(begin, end)
    if end < INF:
        curve = curve.branch(last, shapes.constant) if last else shapes.constant(curve(0))
    return _begun(curve, begin, base_lr)


def _begun(curve: Curve, begin: int, base_lr: float) -> Curve:
    return join([shapes.constant(base_lr), curve], [begin]) if begin > 0 else curve
