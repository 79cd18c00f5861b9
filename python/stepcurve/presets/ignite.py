"""PyTorch-Ignite's parameter schedulers (ignite.handlers), which set any key of a param group.

t is the number of events: the value of the event with that index. The ...StateScheduler classes count from 1
and have no value before their first event. ReduceLROnPlateauScheduler is a `stepcurve.Plateau`; a param
group's own scheduler (ParamGroupScheduler) is a curve for that group; functions (LambdaStateScheduler,
BatchSizeScheduler) are yours. LRScheduler around a scheduler of torch is the preset of torch.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from math import inf
from typing import TYPE_CHECKING

from .. import shapes
from ._parts import chain, cycles, in_turn, rise
from ._parts import milestones as factors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..curve import Curve

__all__ = [
    "ConcatScheduler",
    "CosineAnnealingScheduler",
    "ExpStateScheduler",
    "LinearCyclicalScheduler",
    "MultiStepStateScheduler",
    "PiecewiseLinear",
    "PiecewiseLinearStateScheduler",
    "StepStateScheduler",
    "create_lr_scheduler_with_warmup",
]


def LinearCyclicalScheduler(
    start_value: float,
    end_value: float,
    cycle_size: int,
    cycle_mult: float = 1.0,
    start_value_mult: float = 1.0,
    end_value_mult: float = 1.0,
    warmup_duration: int = 0,
    *,
    monotonic: bool = False,
) -> Curve:
    """From start_value to end_value and back in each cycle, in lines; only there if `monotonic`.

    The three factors apply from cycle to cycle, of which lengths are cut to whole steps. A warmup_duration,
    which grows with them, goes from the end of a cycle to the start of the next.

    >>> LinearCyclicalScheduler(0, 1, 10)
    (linear(0, 1, 5) >> linear(1, 0, 5)).repeat()
    >>> LinearCyclicalScheduler(1, 0.1, 10, cycle_mult=2, end_value_mult=0.5, monotonic=True)
    linear(1, 0, 10).repeat(growth=2, whole=True) + linear(0, 0.1, 10).repeat(growth=2, decay=0.5, whole=True)
    """
    if warmup_duration and not monotonic:
        raise ValueError(f"warmup_duration must be 0 if not monotonic, got {warmup_duration}")

    def there_and_back(start: float, end: float, steps: float) -> Curve:
        return shapes.linear(start, end, steps / 2) >> shapes.linear(end, start, steps / 2)

    fall = shapes.linear if monotonic else there_and_back
    mults = (cycle_mult, start_value_mult, end_value_mult)
    return _cyclical(fall, start_value, end_value, cycle_size, warmup_duration, *mults)


def CosineAnnealingScheduler(
    start_value: float,
    end_value: float,
    cycle_size: int,
    cycle_mult: float = 1.0,
    start_value_mult: float = 1.0,
    end_value_mult: float = 1.0,
    warmup_duration: int = 0,
) -> Curve:
    """From start_value to end_value in each cycle along a half cosine; the rest as LinearCyclicalScheduler.

    >>> CosineAnnealingScheduler(1, 0, 10, warmup_duration=2)
    (cosine(1, 0, 10) >> linear(0, 1, 2)).repeat()
    """
    mults = (cycle_mult, start_value_mult, end_value_mult)
    return _cyclical(shapes.cosine, start_value, end_value, cycle_size, warmup_duration, *mults)


def PiecewiseLinear(milestones_values: Sequence[tuple[int, float]]) -> Curve:
    """Lines between (step, value) pairs, and the first or last value outside; two pairs at a step are a jump.

    >>> PiecewiseLinear([(10, 0.5), (20, 1), (40, 0)])
    constant(0.5, steps=10) >> linear(0.5, 1, 10) >> linear(1, 0, 20) >> constant(0)
    """
    if not milestones_values:
        raise ValueError("milestones_values must be at least one pair")
    first, value = milestones_values[0]
    pieces = [shapes.constant(value, first)] if first > 0 else []
    for (begin, start), (end, target) in pairwise(milestones_values):
        if end < begin:
            raise ValueError(f"milestones_values must not fall in step, got {end} after {begin}")
        pieces += [shapes.linear(start, target, end - begin)] if end > begin else []
        value = target
    curve = chain([*pieces, shapes.constant(value)])
    return curve.shift(first) if first < 0 else curve


def create_lr_scheduler_with_warmup(
    lr_scheduler: Curve,
    warmup_start_value: float,
    warmup_duration: int,
    warmup_end_value: float | None = None,
    *,
    base_lr: float = 1.0,
) -> Curve:
    """A line to warmup_end_value, base_lr unless given, in warmup_duration values; then the curve.

    If the curve starts at that value it starts in the warm-up's last step, which has it.

    >>> create_lr_scheduler_with_warmup(CosineAnnealingScheduler(1, 0, 100), 0, 10, 1)
    linear(0, 1, 9) >> cosine(1, 0, 100).repeat()
    >>> create_lr_scheduler_with_warmup(CosineAnnealingScheduler(1, 0, 100), 0, 10, 0.5)
    linear(0, 0.5, 9).hold(1) >> cosine(1, 0, 100).repeat()
    """
    if not warmup_duration > 1:
        raise ValueError(f"warmup_duration must be > 1, got {warmup_duration}")
    end = base_lr if warmup_end_value is None else warmup_end_value
    if lr_scheduler(0) == end:
        return shapes.linear(warmup_start_value, end, warmup_duration - 1) >> lr_scheduler
    return rise(warmup_start_value, end, warmup_duration) >> lr_scheduler


def ConcatScheduler(schedulers: Sequence[Curve], durations: Sequence[int]) -> Curve:
    """One curve after the other, each for its duration, the last for ever; as `join`.

    >>> ConcatScheduler([LinearCyclicalScheduler(0, 1, 8), CosineAnnealingScheduler(1, 0.2, 4)], [4])
    join([(linear(0, 1, 4) >> linear(1, 0, 4)).repeat(), cosine(1, 0.2, 4).repeat()], [4])
    """
    return in_turn(schedulers, list(accumulate(durations)))


def PiecewiseLinearStateScheduler(milestones_values: Sequence[tuple[int, float]]) -> Curve:
    """As PiecewiseLinear.

    >>> PiecewiseLinearStateScheduler([(0, 1), (10, 0)])
    linear(1, 0, 10) >> constant(0)
    """
    return PiecewiseLinear(milestones_values)


def ExpStateScheduler(initial_value: float, gamma: float) -> Curve:
    """initial_value gamma^t; the first event, t = 1, has initial_value gamma.

    >>> ExpStateScheduler(1, 0.5)
    decay(1, 0.5)
    """
    return shapes.decay(initial_value, gamma)


def StepStateScheduler(initial_value: float, gamma: float, step_size: int) -> Curve:
    """initial_value gamma^floor(t / step_size).

    >>> StepStateScheduler(1, 0.5, 10)
    decay(1, 0.5, every=10).stairs(10)
    """
    return shapes.decay(initial_value, gamma, every=step_size).stairs(step_size)


def MultiStepStateScheduler(initial_value: float, gamma: float, milestones: Sequence[int]) -> Curve:
    """initial_value, times gamma from each milestone on.

    >>> MultiStepStateScheduler(1, 0.5, [3, 6])
    piecewise({0: 1, 3: 0.5, 6: 0.25})
    """
    return shapes.piecewise(factors(initial_value, ((step, gamma) for step in milestones)))


def _cyclical(
    fall: Callable[[float, float, float], Curve],
    start: float,
    end: float,
    steps: int,
    warmup: int,
    growth: float,
    start_mult: float,
    end_mult: float,
) -> Curve:
    if not steps >= 2:
        raise ValueError(f"cycle_size must be >= 2, got {steps}")
    if not growth >= 1:  # there is a cycle of no steps at last, at which Ignite divides by 0
        raise ValueError(f"cycle_mult must be >= 1, got {growth}")
    if (int(steps * growth), int(warmup * growth)) == (steps, warmup):
        growth = 1.0  # cut to whole steps, they never grow
    if warmup and growth != int(growth):
        return _listed(fall, start, end, steps, warmup, growth, start_mult, end_mult)

    def cycle(start: float, end: float) -> Curve:
        body = fall(start, end, steps)
        # The start is that of the next cycle, if any.
        return body >> shapes.linear(end, start * start_mult, warmup) if warmup else body

    return cycles(
        cycle, start, end, inf, growth, start_decay=start_mult, end_decay=end_mult, whole=growth != 1
    )


def _listed(
    fall: Callable[[float, float, float], Curve],
    start: float,
    end: float,
    steps: int,
    warmup: int,
    growth: float,
    start_mult: float,
    end_mult: float,
) -> Curve:
    """Cycle by cycle, since fall and warm-up are each cut to whole steps."""
    pieces: list[Curve] = []
    total = 0
    while total + steps + warmup < 2**53:
        pieces += [fall(start, end, steps), shapes.linear(end, start * start_mult, warmup)]
        total += steps + warmup
        start, end = start * start_mult, end * end_mult
        steps, warmup = int(steps * growth), int(warmup * growth)
    return chain(pieces)
