"""Optax's schedules (optax.schedules). Steps are what it calls counts.

`inject_hyperparams` and `contrib.reduce_on_plateau` (a `stepcurve.Plateau`) are not schedules.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from .. import shapes
from ._parts import chain, in_turn, milestones, one_of, positive

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..curve import Curve

__all__ = [
    "constant_schedule",
    "cosine_decay_schedule",
    "cosine_onecycle_schedule",
    "exponential_decay",
    "join_schedules",
    "linear_onecycle_schedule",
    "linear_schedule",
    "piecewise_constant_schedule",
    "piecewise_interpolate_schedule",
    "polynomial_schedule",
    "sgdr_schedule",
    "warmup_constant_schedule",
    "warmup_cosine_decay_schedule",
    "warmup_exponential_decay_schedule",
]


def constant_schedule(value: float) -> Curve:
    """The value for ever.

    >>> constant_schedule(0.1)
    constant(0.1)
    """
    return shapes.constant(value)


def polynomial_schedule(
    init_value: float, end_value: float, power: float, transition_steps: float, transition_begin: float = 0
) -> Curve:
    """init_value until transition_begin, then to end_value in transition_steps along (1 - p)^power; held.

    With transition_steps <= 0 init_value for ever, as in Optax, which logs it.

    >>> polynomial_schedule(0.1, 0.01, 2, 100, transition_begin=10)
    polynomial(0.1, 0.01, 100, power=2).shift(10)
    """
    if transition_steps <= 0:
        return shapes.constant(init_value)
    if power == 1:
        curve = shapes.linear(init_value, end_value, transition_steps)
    else:
        curve = shapes.polynomial(init_value, end_value, transition_steps, power)
    return curve.shift(transition_begin) if transition_begin > 0 else curve


def linear_schedule(
    init_value: float, end_value: float, transition_steps: float, transition_begin: float = 0
) -> Curve:
    """init_value until transition_begin, then straight to end_value in transition_steps; held.

    >>> linear_schedule(0.1, 0.01, 100)
    linear(0.1, 0.01, 100)
    """
    return polynomial_schedule(init_value, end_value, 1, transition_steps, transition_begin)


def piecewise_constant_schedule(
    init_value: float, boundaries_and_scales: Mapping[int, float] | None = None
) -> Curve:
    """init_value, multiplied by each scale from its boundary on.

    >>> piecewise_constant_schedule(0.1, {30: 0.5, 60: 0.5})
    piecewise({0: 0.1, 30: 0.05, 60: 0.025})
    """
    return shapes.piecewise(milestones(init_value, _scales(boundaries_and_scales)))


def exponential_decay(
    init_value: float,
    transition_steps: float,
    decay_rate: float,
    transition_begin: float = 0,
    staircase: bool = False,
    end_value: float | None = None,
) -> Curve:
    """init_value decay_rate^((t - transition_begin) / transition_steps), the power floored if `staircase`.

    Until transition_begin init_value. end_value is a floor, or with decay_rate >= 1 a ceiling. With
    transition_steps <= 0 or decay_rate 0 init_value for ever, as in Optax, which logs it.

    >>> exponential_decay(0.1, 100, 0.9, transition_begin=10, end_value=0.01)
    decay(0.1, 0.9, every=100).shift(10).clip(low=0.01)
    """
    if transition_steps <= 0 or decay_rate == 0:
        return shapes.constant(init_value)
    curve = shapes.decay(init_value, decay_rate, every=transition_steps)
    if staircase:
        curve = curve.stairs(transition_steps)
    if transition_begin > 0:
        curve = curve.shift(transition_begin)
    if end_value is None:
        return curve
    return curve.clip(low=end_value) if decay_rate < 1 else curve.clip(high=end_value)


def cosine_decay_schedule(
    init_value: float, decay_steps: float, alpha: float = 0.0, exponent: float = 1.0
) -> Curve:
    """From init_value to alpha init_value in decay_steps along ((1 + cos(pi p)) / 2)^exponent; held.

    >>> cosine_decay_schedule(0.1, 100, alpha=0.1)
    cosine(0.1, 0.010000000000000002, 100)
    """
    return shapes.cosine(init_value, alpha * init_value, decay_steps, power=exponent)


def piecewise_interpolate_schedule(
    interpolate_type: str, init_value: float, boundaries_and_scales: Mapping[int, float] | None = None
) -> Curve:
    """As piecewise_constant_schedule, but each value is reached at its boundary, along a line or a cosine.

    >>> piecewise_interpolate_schedule("linear", 1, {4: 0.1, 8: 0.01})
    linear(1, 0.1, 4) >> linear(0.1, 0.001, 4)
    """
    one_of("interpolate_type", interpolate_type, ("linear", "cosine"))
    shape = shapes.linear if interpolate_type == "linear" else shapes.cosine
    points, value = [(0, init_value)], init_value
    for step, scale in sorted(_scales(boundaries_and_scales)):
        if step < 0:
            raise ValueError(f"boundaries must be >= 0, got {step}")
        value *= scale
        points.append((step, value))
    pieces = [shape(a, b, end - begin) for (begin, a), (end, b) in pairwise(points) if end > begin]
    return chain(pieces) if pieces else shapes.constant(value)


def linear_onecycle_schedule(
    transition_steps: int,
    peak_value: float,
    pct_start: float = 0.3,
    pct_final: float = 0.85,
    div_factor: float = 25.0,
    final_div_factor: float = 1e4,
) -> Curve:
    """From peak_value / div_factor up to peak_value, back, and down to that / final_div_factor, in lines.

    The corners are at int(pct_start transition_steps) and int(pct_final transition_steps), each a whole step.

    >>> linear_onecycle_schedule(100, 1.0)
    linear(0.04, 1, 30) >> linear(1, 0.04, 55) >> linear(0.04, 4.000000000000001e-06, 15)
    """
    positive("transition_steps", transition_steps)
    corners = {
        int(pct_start * transition_steps): positive("div_factor", div_factor),
        int(pct_final * transition_steps): 1 / div_factor,
        transition_steps: 1 / positive("final_div_factor", final_div_factor),
    }
    return piecewise_interpolate_schedule("linear", peak_value / div_factor, corners)


def cosine_onecycle_schedule(
    transition_steps: int,
    peak_value: float,
    pct_start: float = 0.3,
    div_factor: float = 25.0,
    final_div_factor: float = 1e4,
) -> Curve:
    """From peak_value / div_factor up to peak_value and down to the start / final_div_factor, by cosines.

    The peak is at int(pct_start transition_steps) and the end at transition_steps; torch's are a step
    earlier.

    >>> cosine_onecycle_schedule(100, 1.0)
    cosine(0.04, 1, 30) >> cosine(1, 4e-06, 70)
    """
    positive("transition_steps", transition_steps)
    corners = {
        int(pct_start * transition_steps): positive("div_factor", div_factor),
        int(transition_steps): 1 / (div_factor * positive("final_div_factor", final_div_factor)),
    }
    return piecewise_interpolate_schedule("cosine", peak_value / div_factor, corners)


def warmup_constant_schedule(init_value: float, peak_value: float, warmup_steps: float) -> Curve:
    """Straight from init_value to peak_value, held. With warmup_steps=0 init_value for ever, as in Optax.

    >>> warmup_constant_schedule(0, 0.1, 10)
    linear(0, 0.1, 10)
    """
    return linear_schedule(init_value, peak_value, warmup_steps)


def warmup_cosine_decay_schedule(
    init_value: float,
    peak_value: float,
    warmup_steps: float,
    decay_steps: float,
    end_value: float = 0.0,
    exponent: float = 1.0,
) -> Curve:
    """Straight to peak_value, then a cosine to end_value at decay_steps, which includes the warm-up; held.

    >>> warmup_cosine_decay_schedule(0, 1, 10, 100, end_value=0.1)
    linear(0, 1, 10) >> cosine(1, 0.1, 90)
    """
    if not decay_steps > warmup_steps:
        raise ValueError(f"decay_steps must be > warmup_steps {warmup_steps}, got {decay_steps}")
    end = end_value if peak_value else 0.0  # Optax's end is a share of the peak
    main = shapes.cosine(peak_value, end, decay_steps - warmup_steps, power=exponent)
    return _warmed_up(init_value, peak_value, warmup_steps, main)


def warmup_exponential_decay_schedule(
    init_value: float,
    peak_value: float,
    warmup_steps: float,
    transition_steps: float,
    decay_rate: float,
    transition_begin: float = 0,
    staircase: bool = False,
    end_value: float | None = None,
) -> Curve:
    """A line to peak_value, then exponential_decay, its transition_begin counted from the end of the line.

    >>> warmup_exponential_decay_schedule(0, 1, 10, 100, 0.5)
    linear(0, 1, 10) >> decay(1, 0.5, every=100)
    """
    main = exponential_decay(peak_value, transition_steps, decay_rate, transition_begin, staircase, end_value)
    return _warmed_up(init_value, peak_value, warmup_steps, main)


def sgdr_schedule(cosine_kwargs: Iterable[Mapping[str, Any]]) -> Curve:
    """warmup_cosine_decay_schedule again and again, with parameters for each time.

    >>> cycle = {"init_value": 0, "peak_value": 1, "warmup_steps": 5}
    >>> sgdr_schedule([{**cycle, "decay_steps": 20}, {**cycle, "decay_steps": 40}])
    linear(0, 1, 5) >> cosine(1, 0, 15) >> linear(0, 1, 5) >> cosine(1, 0, 35)
    """
    return chain([warmup_cosine_decay_schedule(**parameters) for parameters in cosine_kwargs])


def join_schedules(schedules: Sequence[Curve], boundaries: Sequence[int]) -> Curve:
    """One curve after the other, each on a clock of its own from its boundary on; as `join`.

    >>> join_schedules([linear_schedule(0, 1, 10), exponential_decay(1, 100, 0.5)], [10])
    join([linear(0, 1, 10), decay(1, 0.5, every=100)], [10])
    """
    return in_turn(schedules, boundaries)


def _warmed_up(start: float, peak: float, steps: float, main: Curve) -> Curve:
    if steps < 0:
        raise ValueError(f"warmup_steps must be >= 0, got {steps}")
    return shapes.linear(start, peak, steps) >> main if steps else main


def _scales(boundaries_and_scales: Mapping[int, float] | None) -> list[tuple[int, float]]:
    scales = list((boundaries_and_scales or {}).items())
    for _, scale in scales:
        if not scale >= 0:
            raise ValueError(f"scales must be >= 0, got {scale}")
    return scales
