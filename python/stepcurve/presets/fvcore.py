"""fvcore's parameter schedulers, functions of where in [0, 1), over max_iter steps: where = t / max_iter.

max_iter is that of detectron2's LRMultiplier, which multiplies the lr of each param group, base_lr here. For
a CompositeParamScheduler make the schedulers with max_iter=1.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from math import ceil, inf, nextafter
from typing import TYPE_CHECKING

from .. import shapes
from ..curve import join
from ._parts import one_of, positive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..curve import Curve

__all__ = [
    "CompositeParamScheduler",
    "ConstantParamScheduler",
    "CosineParamScheduler",
    "ExponentialParamScheduler",
    "LinearParamScheduler",
    "MultiStepParamScheduler",
    "PolynomialDecayParamScheduler",
    "StepParamScheduler",
    "StepWithFixedGammaParamScheduler",
]

# What fvcore adds to where before it compares it (WHERE_EPSILON): a step early from a million steps on.
EPSILON = 1e-6


def ConstantParamScheduler(value: float, *, max_iter: float, base_lr: float = 1.0) -> Curve:
    """base_lr value; from max_iter on it raises.

    >>> ConstantParamScheduler(0.5, max_iter=100)(99)
    0.5
    """
    return shapes.constant(base_lr * value, nextafter(max_iter, 0)).past_end("raise")


def CosineParamScheduler(
    start_value: float, end_value: float, *, max_iter: float, base_lr: float = 1.0
) -> Curve:
    """Half a cosine from start_value to end_value. Past max_iter it rises again, as in fvcore.

    >>> CosineParamScheduler(1, 0, max_iter=100)
    cosine(1, 0, 100).past_end("extrapolate")
    """
    return shapes.cosine(base_lr * start_value, base_lr * end_value, max_iter).past_end("extrapolate")


def ExponentialParamScheduler(
    start_value: float, decay: float, *, max_iter: float, base_lr: float = 1.0
) -> Curve:
    """start_value decay^where, past max_iter too.

    >>> ExponentialParamScheduler(2, 0.02, max_iter=100)
    decay(2, 0.02, every=100)
    """
    return shapes.decay(base_lr * start_value, decay, every=max_iter)


def LinearParamScheduler(
    start_value: float, end_value: float, *, max_iter: float, base_lr: float = 1.0
) -> Curve:
    """Straight from start_value to end_value, and on past max_iter, as in fvcore.

    >>> LinearParamScheduler(1, 0, max_iter=100)
    linear(1, 0, 100).past_end("extrapolate")
    """
    return shapes.linear(base_lr * start_value, base_lr * end_value, max_iter).past_end("extrapolate")


def PolynomialDecayParamScheduler(
    base_value: float, power: float, *, max_iter: float, base_lr: float = 1.0
) -> Curve:
    """base_value (1 - where)^power. Past max_iter it goes on with a whole power, and raises with another.

    fvcore's is a complex number there.

    >>> PolynomialDecayParamScheduler(1, 0.9, max_iter=100)
    polynomial(1, 0, 100, power=0.9).past_end("raise")
    """
    curve = shapes.polynomial(base_lr * base_value, 0, max_iter, power)
    return curve.past_end("extrapolate" if power == int(power) else "raise")


def StepParamScheduler(
    num_updates: float, values: Sequence[float], *, max_iter: float, base_lr: float = 1.0
) -> Curve:
    """Each of the values for an equal part of max_iter, at whose end it raises. num_updates has no say.

    >>> StepParamScheduler(90, [1, 0.1, 0.01], max_iter=90)([29, 30, 89])
    array([1.  , 0.1 , 0.01])
    """
    positive("num_updates", num_updates)
    if not values:
        raise ValueError("values must be at least one")
    begins = [_boundary(i, len(values), max_iter) for i in range(len(values) + 1)]
    return _plateaux(begins[:-1], [base_lr * value for value in values], nextafter(begins[-1], 0))


def MultiStepParamScheduler(
    values: Sequence[float],
    num_updates: int | None = None,
    milestones: Sequence[int] | None = None,
    *,
    max_iter: float,
    base_lr: float = 1.0,
) -> Curve:
    """The values, changing at milestones / num_updates of max_iter; past max_iter it raises.

    num_updates is the last of the milestones unless given; without milestones they are equal parts of it,
    rounded up.

    >>> MultiStepParamScheduler([1, 0.1, 0.01], milestones=[30, 60, 90], max_iter=900)([299, 300, 900])
    array([1.  , 0.1 , 0.01])
    """
    if milestones is None:
        if num_updates is None:
            raise ValueError("num_updates or milestones must be given")
        milestones = [ceil(num_updates / len(values)) * i for i in range(1, len(values))]
    elif num_updates is None:
        num_updates, milestones = milestones[-1], milestones[:-1]
    if len(milestones) != len(values) - 1:
        raise ValueError(f"milestones must be one fewer than values, but for the end, got {len(milestones)}")
    if num_updates < len(values):
        raise ValueError(f"num_updates must be >= the number of values, got {num_updates}")
    if any(end <= begin for begin, end in pairwise([0, *milestones, num_updates])):
        raise ValueError(f"milestones must rise from above 0 to below {num_updates}, got {list(milestones)}")
    begins = [0.0, *(_boundary(step, num_updates, max_iter) for step in milestones)]
    return _plateaux(begins, [base_lr * value for value in values], max_iter)


def StepWithFixedGammaParamScheduler(
    base_value: float,
    num_decays: int,
    gamma: float,
    num_updates: int,
    *,
    max_iter: float,
    base_lr: float = 1.0,
) -> Curve:
    """base_value, times gamma num_decays times, at equal distances; at max_iter it raises.

    >>> StepWithFixedGammaParamScheduler(1, 3, 0.1, 120, max_iter=120)([29, 30, 119])
    array([1.   , 0.1  , 0.001])
    """
    given = {"base_value": base_value, "num_decays": num_decays, "gamma": gamma, "num_updates": num_updates}
    for name, value in given.items():
        positive(name, value)
    values = list(accumulate([base_value, *[gamma] * num_decays], lambda value, factor: value * factor))
    return StepParamScheduler(num_updates, values, max_iter=max_iter, base_lr=base_lr)


def CompositeParamScheduler(
    schedulers: Sequence[Curve],
    lengths: Sequence[float],
    interval_scaling: Sequence[str],
    *,
    max_iter: float,
    base_lr: float = 1.0,
) -> Curve:
    """One scheduler (made with max_iter=1) after the other, each for its share of max_iter.

    A "rescaled" one runs all its course in that time, a "fixed" one shows the part of it that falls there.

    >>> warmup, main = LinearParamScheduler(0, 1, max_iter=1), CosineParamScheduler(1, 0, max_iter=1)
    >>> curve = CompositeParamScheduler([warmup, main], [0.1, 0.9], ["rescaled", "fixed"], max_iter=100)
    >>> curve([5, 10, 100]).round(4)
    array([0.5   , 0.9755, 0.    ])
    """
    if not len(schedulers) == len(lengths) == len(interval_scaling) > 0:
        raise ValueError("schedulers, lengths and interval_scaling must be as many, and not none")
    if abs(sum(lengths) - 1) >= 1e-3:
        raise ValueError(f"lengths must add up to 1, got {sum(lengths)}")
    parts = [*lengths[:-1], lengths[-1] if sum(lengths) == 1 else 1 - sum(lengths[:-1])]
    ends = list(accumulate(parts))
    curves = []
    for curve, part, end, scaling in zip(schedulers, parts, ends, interval_scaling, strict=True):
        own = 1.0 if one_of("interval_scaling", scaling, ("rescaled", "fixed")) == "fixed" else part
        begin = 0.0 if scaling == "fixed" else (end - part) * max_iter
        placed = curve.stretch(own * max_iter)
        curves.append(placed.shift(begin) if begin > 0 else placed)
    boundaries = [(end - EPSILON) * max_iter for end in ends[:-1]]
    made = join(curves, boundaries, owner="earlier", clock="global")
    return made if base_lr == 1 else made * base_lr


def _boundary(index: int, of: float, max_iter: float) -> float:
    """From where on int((where + EPSILON) of) is >= index: as computed, at a whole step."""
    begin = (index / of - EPSILON) * max_iter
    step = round(begin)
    if abs(begin - step) > 1e-9 * max_iter or step <= 0:
        return begin
    return step if int((step / max_iter + EPSILON) * of) >= index else nextafter(step, inf)


def _plateaux(begins: Sequence[float], values: Sequence[float], end: float) -> Curve:
    """Constant from each beginning on, the first 0, to the end; past it raises."""
    pairs = list(zip(begins, values, strict=True))
    # Of values that begin before 0 or together the last.
    seen = [
        (begin, value)
        for (begin, value), (until, _) in zip(pairs, [*pairs[1:], (inf, 0)], strict=True)
        if until > max(begin, 0)
    ]
    curves = [*(shapes.constant(value) for _, value in seen[:-1]), shapes.constant(seen[-1][1], end)]
    return join(curves, [begin for begin, _ in seen[1:]], clock="global").past_end("raise")
