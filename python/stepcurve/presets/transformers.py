"""Hugging Face transformers' schedules (SchedulerType), multipliers of each param group's lr.

`reduce_lr_on_plateau` and `greedy` follow a metric: `stepcurve.lr_scheduler.ReduceLROnPlateau` and
`stepcurve.Plateau`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import shapes
from ._parts import not_negative, one_of, rise, share, warmed_up

if TYPE_CHECKING:
    from ..curve import Curve

__all__ = [
    "constant",
    "constant_with_warmup",
    "cosine",
    "cosine_warmup_with_min_lr",
    "cosine_with_min_lr",
    "cosine_with_restarts",
    "inverse_sqrt",
    "linear",
    "polynomial",
    "warmup_stable_decay",
]


def constant(*, base_lr: float = 1.0) -> Curve:
    """get_constant_schedule: base_lr for ever.

    >>> constant(base_lr=0.1)
    constant(0.1)
    """
    return shapes.constant(base_lr)


def constant_with_warmup(num_warmup_steps: float, *, base_lr: float = 1.0) -> Curve:
    """get_constant_schedule_with_warmup: base_lr t / num_warmup_steps, then base_lr for ever.

    >>> constant_with_warmup(10)
    linear(0, 1, 10) >> constant(1)
    """
    return warmed_up(num_warmup_steps, shapes.constant(base_lr), end=base_lr)


def linear(num_warmup_steps: float, num_training_steps: float, *, base_lr: float = 1.0) -> Curve:
    """get_linear_schedule_with_warmup: up to base_lr, then straight to 0 at num_training_steps; 0 past it.

    >>> linear(10, 100)
    linear(0, 1, 10) >> linear(1, 0, 90)
    """
    steps = num_training_steps - num_warmup_steps
    main = shapes.linear(base_lr, 0, steps) if steps > 0 else shapes.constant(0)
    return warmed_up(num_warmup_steps, main, end=base_lr)


def cosine(
    num_warmup_steps: float, num_training_steps: float, num_cycles: float = 0.5, *, base_lr: float = 1.0
) -> Curve:
    """get_cosine_schedule_with_warmup: up to base_lr, then num_cycles waves of a cosine over the rest.

    Past num_training_steps it rises again, as transformers' does; `.hold(inf)` holds it there.

    >>> cosine(10, 100)
    linear(0, 1, 10) >> cosine(1, 0, 90).past_end("extrapolate")
    """
    main = shapes.cosine(base_lr, 0, max(1, num_training_steps - num_warmup_steps), cycles=num_cycles)
    return warmed_up(num_warmup_steps, main.past_end("extrapolate"), end=base_lr)


def cosine_with_restarts(
    num_warmup_steps: float, num_training_steps: float, num_cycles: float = 1, *, base_lr: float = 1.0
) -> Curve:
    """get_cosine_with_hard_restarts_schedule_with_warmup: num_cycles equal cycles; 0 past the end.

    >>> cosine_with_restarts(10, 100, 3)
    linear(0, 1, 10) >> cosine(1, 0, 30).repeat(times=3)
    """
    steps = max(1, num_training_steps - num_warmup_steps)
    if not num_cycles > 0:
        raise ValueError(f"num_cycles must be > 0, got {num_cycles}")
    cycle = shapes.cosine(base_lr, 0, share(steps, num_cycles))
    if num_cycles == int(num_cycles):
        return warmed_up(num_warmup_steps, cycle.repeat(num_cycles), end=base_lr)
    return warmed_up(num_warmup_steps, cycle.repeat().branch(steps, shapes.constant(0)), end=base_lr)


def polynomial(
    num_warmup_steps: float,
    num_training_steps: float,
    lr_end: float = 1e-7,
    power: float = 1.0,
    *,
    base_lr: float = 1.0,
) -> Curve:
    """get_polynomial_decay_schedule_with_warmup: up to base_lr, down to lr_end along (1 - p)^power; held.

    base_lr is the optimizer's default lr, from which transformers takes the ratio for every param group: a
    group with a tenth of it ends at a tenth of lr_end.

    >>> polynomial(10, 100, lr_end=1e-5, power=2, base_lr=1e-3)
    linear(0, 0.001, 10) >> polynomial(0.001, 1e-05, 90, power=2)
    """
    if not base_lr > lr_end:
        raise ValueError(f"lr_end must be < base_lr {base_lr}, got {lr_end}")
    steps = num_training_steps - num_warmup_steps
    if steps == 0:
        raise ValueError(
            f"num_training_steps must not be num_warmup_steps, got {num_training_steps} for both"
        )
    main = shapes.polynomial(base_lr, lr_end, steps, power) if steps > 0 else shapes.constant(lr_end)
    return warmed_up(num_warmup_steps, main, end=base_lr)


def inverse_sqrt(num_warmup_steps: float, timescale: float | None = None, *, base_lr: float = 1.0) -> Curve:
    """get_inverse_sqrt_schedule: up to base_lr, then base_lr / sqrt(1 + (t - num_warmup_steps) / timescale).

    The timescale is num_warmup_steps unless given, and 10 000 without a warm-up. Endless.

    >>> inverse_sqrt(10)
    linear(0, 1, 10) >> inverse(1, 10, power=0.5)
    """
    scale = (num_warmup_steps or 10_000) if timescale is None else timescale
    return warmed_up(num_warmup_steps, shapes.inverse(base_lr, scale, power=0.5), end=base_lr)


def cosine_with_min_lr(
    num_warmup_steps: float,
    num_training_steps: float,
    num_cycles: float = 0.5,
    min_lr: float | None = None,
    min_lr_rate: float | None = None,
    *,
    base_lr: float = 1.0,
) -> Curve:
    """get_cosine_with_min_lr_schedule_with_warmup: as `cosine`, but down to min_lr, or min_lr_rate base_lr.

    Past num_training_steps it rises again, as `cosine` does.

    >>> cosine_with_min_lr(10, 100, min_lr_rate=0.1)
    linear(0, 1, 10) >> cosine(1, 0.1, 90).past_end("extrapolate")
    """
    low = _minimum(min_lr, min_lr_rate, base_lr)
    steps = max(1, num_training_steps - num_warmup_steps)
    main = shapes.cosine(base_lr, low, steps, cycles=num_cycles)
    return warmed_up(num_warmup_steps, main.past_end("extrapolate"), end=base_lr)


def cosine_warmup_with_min_lr(
    num_warmup_steps: float,
    num_training_steps: float,
    num_cycles: float = 0.5,
    min_lr: float | None = None,
    min_lr_rate: float | None = None,
    warmup_lr_rate: float | None = None,
    *,
    base_lr: float = 1.0,
) -> Curve:
    """get_cosine_with_min_lr_schedule_with_warmup_lr_rate: from above 0 up to base_lr, and down a step early.

    The warm-up is (t + 1) / num_warmup_steps, or goes from warmup_lr_rate to 1 in num_warmup_steps - 1 steps.
    The cosine is a step ahead and ends at num_training_steps - 1; past that it rises again.

    >>> cosine_warmup_with_min_lr(10, 100, min_lr=0)
    linear(0.1, 1, 9).hold(1) >> cosine(1, 0, 90).past_end("extrapolate").shift(-1)
    """
    low = _minimum(min_lr, min_lr_rate, base_lr)
    steps = max(1, num_training_steps - num_warmup_steps)
    # Of a single step nothing would be left when shifted; two waves as long as two are the same cosine.
    spans = 1 if steps > 1 else 2
    main = (
        shapes.cosine(base_lr, low, spans * steps, cycles=spans * num_cycles)
        .past_end("extrapolate")
        .shift(-1)
    )
    if not num_warmup_steps:
        return main
    start = 1 / num_warmup_steps if warmup_lr_rate is None else warmup_lr_rate
    return rise(start * base_lr, base_lr, num_warmup_steps) >> main


def warmup_stable_decay(
    num_warmup_steps: float,
    num_decay_steps: float,
    num_training_steps: float | None = None,
    num_stable_steps: float | None = None,
    warmup_type: str = "linear",
    decay_type: str = "cosine",
    min_lr_ratio: float = 0.0,
    num_cycles: float = 0.5,
    *,
    base_lr: float = 1.0,
) -> Curve:
    """get_wsd_schedule: up from min_lr_ratio, num_stable_steps at base_lr, down to min_lr_ratio; held.

    num_stable_steps is what the other phases leave of num_training_steps unless given. The types are
    "linear", "cosine" and "1-sqrt".

    >>> warmup_stable_decay(10, 20, 100, decay_type="1-sqrt")
    linear(0, 1, 10) >> constant(1, steps=70) >> polynomial(1, 0, 20, inner_power=0.5)
    """
    if num_stable_steps is None and num_training_steps is None:
        raise ValueError("num_training_steps or num_stable_steps must be given")
    low = not_negative("min_lr_ratio", min_lr_ratio) * base_lr
    one_of("warmup_type", warmup_type, _WSD)
    one_of("decay_type", decay_type, _WSD)
    if num_stable_steps is None:
        assert num_training_steps is not None
        num_stable_steps = num_training_steps - num_warmup_steps - num_decay_steps
    made = shapes.constant(low)
    # A stable phase of negative length starts the decay inside itself.
    if num_decay_steps > 0 and num_stable_steps + num_decay_steps > 0:
        if decay_type == "cosine":
            fall = shapes.cosine(base_lr, low, num_decay_steps, cycles=num_cycles)
        elif decay_type == "linear":
            fall = shapes.linear(base_lr, low, num_decay_steps)
        else:
            fall = shapes.polynomial(base_lr, low, num_decay_steps, inner_power=0.5)
        fall = fall.shift(num_stable_steps) if num_stable_steps < 0 else fall
        made = fall if fall(fall.steps) == low else fall >> made
    if num_stable_steps > 0:
        made = shapes.constant(base_lr, num_stable_steps) >> made
    if not num_warmup_steps:
        return made
    if warmup_type == "cosine":
        return shapes.cosine(low, base_lr, num_warmup_steps) >> made
    if warmup_type == "linear":
        return shapes.linear(low, base_lr, num_warmup_steps) >> made
    return shapes.polynomial(low, base_lr, num_warmup_steps, power=0.5) >> made


_WSD = ("linear", "cosine", "1-sqrt")


def _minimum(min_lr: float | None, min_lr_rate: float | None, base_lr: float) -> float:
    if (min_lr is None) == (min_lr_rate is None):
        raise ValueError(f"one of min_lr and min_lr_rate must be given, got {min_lr} and {min_lr_rate}")
    if min_lr is None:
        assert min_lr_rate is not None
        return not_negative("min_lr_rate", min_lr_rate) * base_lr
    return not_negative("min_lr", min_lr)
