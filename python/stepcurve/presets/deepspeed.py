"""DeepSpeed's schedules. The value at step 0 is what their constructors leave in the param groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import shapes
from ..curve import join
from ..shapes import constant, cosine, inverse, linear
from ._parts import one_of

if TYPE_CHECKING:
    from ..curve import Curve

__all__ = ["LRRangeTest", "OneCycle", "WarmupCosineLR", "WarmupDecayLR", "WarmupLR"]


def LRRangeTest(
    lr_range_test_min_lr: float = 1e-3,
    lr_range_test_step_size: float = 2000,
    lr_range_test_step_rate: float = 1.0,
    lr_range_test_staircase: bool = False,
) -> Curve:
    """min_lr (1 + step_rate t / step_size) without end; in steps of step_size with staircase.

    >>> LRRangeTest(1e-3, 100)
    linear(0.001, 0.002, 100).past_end("extrapolate")
    """
    low, size = lr_range_test_min_lr, lr_range_test_step_size
    line = linear(low, low * (1 + lr_range_test_step_rate), size)
    return (line.stairs(size) if lr_range_test_staircase else line).past_end("extrapolate")


def OneCycle(
    cycle_min_lr: float,
    cycle_max_lr: float,
    decay_lr_rate: float = 0.0,
    cycle_first_step_size: float = 2000,
    cycle_second_step_size: float | None = None,
    cycle_first_stair_count: int = 0,
    cycle_second_stair_count: int | None = None,
    decay_step_size: float = 0,
    cycle_momentum: bool = True,
    cycle_min_mom: float = 0.8,
    cycle_max_mom: float = 0.9,
    decay_mom_rate: float = 0.0,
) -> Curve | dict[str, Curve]:
    """A triangle, then a slow decay; the momentum, which is beta1, against it.

    A dict of "lr" and "momentum", or the lr's curve if not cycle_momentum. j steps past the triangle the lr
    is cycle_min_lr / (1 + decay_lr_rate j / decay_step_size) and the momentum, which grows without end,
    cycle_max_mom (1 + decay_mom_rate j / decay_step_size). At step 0 the momentum is cycle_min_mom, as
    DeepSpeed's constructor leaves it, and not cycle_max_mom. DeepSpeed sets beta2 too, to 0.99.

    >>> OneCycle(1e-4, 1e-3, cycle_first_step_size=10, cycle_momentum=False)
    linear(0.0001, 0.001, 10) >> linear(0.001, 0.0001, 10) >> constant(0.0001)
    """
    first = cycle_first_step_size
    second = first if cycle_second_step_size is None else cycle_second_step_size
    stairs = cycle_first_stair_count, cycle_second_stair_count
    decays = decay_step_size != 0
    if decays and decay_lr_rate:
        tail = inverse(cycle_min_lr, decay_step_size / decay_lr_rate)
    else:
        tail = constant(cycle_min_lr)
    lr = _triangle(cycle_min_lr, cycle_max_lr, first, second, *stairs, tail)
    if not cycle_momentum:
        return lr
    tail = constant(cycle_max_mom)
    if decays and decay_mom_rate:
        tail = linear(cycle_max_mom, cycle_max_mom * (1 + decay_mom_rate), decay_step_size).past_end(
            "extrapolate"
        )
    momentum = _triangle(cycle_max_mom, cycle_min_mom, first, second, *stairs, tail)
    return {"lr": lr, "momentum": join([constant(cycle_min_mom), momentum], [1], clock="global")}


def WarmupLR(
    warmup_min_lr: float = 0.0,
    warmup_max_lr: float | None = None,
    warmup_num_steps: int = 1000,
    warmup_type: str = "log",
    *,
    base_lr: float = 1.0,
) -> Curve:
    """From warmup_min_lr to warmup_max_lr, which is base_lr unless given, and on at that.

    warmup_type is "log", ln t / ln warmup_num_steps, or "linear". Steps 0 and 1 both have warmup_min_lr.

    >>> WarmupLR(0, 0.1, 100)
    constant(0, steps=1) >> log(0, 0.1, 99)
    >>> WarmupLR(0, 0.1, 100, "linear")
    constant(0, steps=1) >> linear(0, 0.1, 100)
    """
    high = base_lr if warmup_max_lr is None else warmup_max_lr
    warmup = _warmup(warmup_type, warmup_min_lr, high, _at_least_2(warmup_num_steps))
    return constant(warmup_min_lr, 1) >> warmup


def WarmupDecayLR(
    total_num_steps: int,
    warmup_min_lr: float = 0.0,
    warmup_max_lr: float | None = 0.001,
    warmup_num_steps: int = 1000,
    warmup_type: str = "log",
    *,
    base_lr: float = 1.0,
) -> Curve:
    """WarmupLR, then straight back to warmup_min_lr, not to 0, in the rest of total_num_steps.

    >>> WarmupDecayLR(1_000, 0, 0.1, 100, "linear")
    constant(0, steps=1) >> linear(0, 0.1, 100) >> linear(0.1, 0, 900)
    """
    steps = _at_least_2(warmup_num_steps)
    high = base_lr if warmup_max_lr is None else warmup_max_lr
    warmup = _warmup(warmup_type, warmup_min_lr, high, steps)
    if warmup.steps < steps:
        warmup = warmup.hold(steps - warmup.steps)
    if total_num_steps > steps:
        fall = linear(high, warmup_min_lr, total_num_steps - steps)
    else:
        fall = constant(warmup_min_lr)
    return constant(warmup_min_lr, 1) >> warmup >> fall


def WarmupCosineLR(
    total_num_steps: int,
    warmup_min_ratio: float = 0.0,
    warmup_num_steps: int = 1000,
    cos_min_ratio: float = 0.0001,
    warmup_type: str = "log",
    *,
    base_lr: float = 1.0,
) -> Curve:
    """From warmup_min_ratio to 1, then by a cosine to cos_min_ratio; all of base_lr.

    Step 0 has 0, whatever warmup_min_ratio is, as with DeepSpeed. The cosine counts from 1, so that it
    begins, unseen, at the last step of the warm-up.

    >>> WarmupCosineLR(1_000, 0, 100, 0.1)
    constant(0, steps=1) >> join([log(0, 1, 99), cosine(1, 0.1, 900)], [99], owner="earlier")
    """
    steps = _at_least_2(warmup_num_steps)
    warmup = _warmup(warmup_type, base_lr * warmup_min_ratio, base_lr, steps)
    fall = cosine(base_lr, base_lr * cos_min_ratio, max(1, total_num_steps - steps))
    if cos_min_ratio < 0:
        fall = fall.clip(low=0)
    return constant(0, 1) >> join([warmup, fall], [steps - 1], owner="earlier")


def _at_least_2(warmup_num_steps: int) -> int:
    if warmup_num_steps <= 0:
        raise ValueError(f"warmup_num_steps must be > 0, got {warmup_num_steps}")
    return max(2, warmup_num_steps)


def _warmup(kind: str, start: float, end: float, steps: int) -> Curve:
    """The logarithm is at its end a step before the line."""
    if one_of("warmup_type", kind, ["log", "linear"]) == "log":
        return shapes.log(start, end, steps - 1)
    return linear(start, end, steps)


def _triangle(
    start: float, peak: float, first: float, second: float, up: int, down: int | None, tail: Curve
) -> Curve:
    there, back = linear(start, peak, first), linear(peak, start, second or 1)
    down = up if down is None else down
    # Going up a stair is reached with its whole step and going down it is left with the step after: half
    # a step of slack on either side keeps rounding from moving one.
    if up:
        there = there.hold(1).stairs(first / up).shift(-0.5 / up)
    if down and second:
        back = back.hold(1).stairs(second / down).shift((0.5 - second) / down)
    if not second:
        return join([there, tail], [first])
    return join([there, back, tail], [first, first + second]) if up or down else there >> back >> tail
