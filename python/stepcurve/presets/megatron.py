"""Megatron-LM's schedule: OptimizerParamScheduler, of the learning rate and of the weight decay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..curve import join
from ..shapes import constant, cosine, exponential, inverse, linear, polynomial
from ._parts import one_of, until, warmed_up

if TYPE_CHECKING:
    from ..curve import Curve

__all__ = ["OptimizerParamScheduler"]


def OptimizerParamScheduler(
    init_lr: float,
    max_lr: float,
    min_lr: float,
    lr_warmup_steps: float,
    lr_decay_steps: float,
    lr_decay_style: str,
    start_wd: float,
    end_wd: float,
    wd_incr_steps: float,
    wd_incr_style: str,
    *,
    wsd_decay_steps: float | None = None,
    lr_wsd_decay_style: str | None = None,
) -> dict[str, Curve]:
    """{"lr": ..., "weight_decay": ...}, in the unit of lr_decay_steps, which Megatron has in samples.

    Up to max_lr at lr_warmup_steps, then by lr_decay_style: "constant"; "linear" or "cosine" to min_lr at
    lr_decay_steps; "inverse-square-root", max_lr sqrt(lr_warmup_steps / t), which after lr_decay_steps jumps
    to min_lr; or "WSD", whose last wsd_decay_steps are "linear", "cosine", "minus_sqrt" or "exponential" by
    lr_wsd_decay_style. Weight decay goes from start_wd to end_wd at wd_incr_steps by wd_incr_style:
    "constant", "linear" or "cosine". `.stretch(1 / global_batch_size)` makes steps of samples, and a param
    group's wd_mult is a number to multiply its weight decay by.

    >>> made = OptimizerParamScheduler(0, 3e-4, 3e-5, 10, 100, "cosine", 0.1, 0.1, 100, "constant")
    >>> made["lr"]
    linear(0, 0.0003, 10) >> cosine(0.0003, 3e-05, 90)
    >>> made["weight_decay"]
    constant(0.1)
    """
    if not 0 <= min_lr <= max_lr or not init_lr <= max_lr:
        raise ValueError(f"max_lr must be >= min_lr >= 0 and >= init_lr, got {max_lr}, {min_lr}, {init_lr}")
    if not lr_warmup_steps < lr_decay_steps or not lr_decay_steps > 0:
        raise ValueError(f"lr_decay_steps must be > 0 and > lr_warmup_steps, got {lr_decay_steps}")
    if not 0 <= start_wd <= end_wd:
        raise ValueError(f"end_wd must be >= start_wd >= 0, got {end_wd} and {start_wd}")
    warmup = max(0.0, lr_warmup_steps)
    if lr_decay_style == "WSD":
        if wsd_decay_steps is None:
            raise ValueError("wsd_decay_steps must be given for lr_decay_style='WSD'")
        if wsd_decay_steps:
            fall = _cooldown(lr_wsd_decay_style, max_lr, min_lr, wsd_decay_steps)
            lr = _wsd(init_lr, max_lr, warmup, lr_decay_steps - wsd_decay_steps, fall)
        else:
            lr = until(lr_decay_steps, warmed_up(warmup, constant(max_lr), init_lr, max_lr), min_lr)
    else:
        main = _main(lr_decay_style, max_lr, min_lr, warmup, lr_decay_steps - warmup)
        lr = warmed_up(warmup, main, init_lr, max_lr)
    if lr_decay_style == "inverse-square-root":
        lr = until(lr_decay_steps, lr, min_lr)
    return {"lr": lr, "weight_decay": _weight_decay(wd_incr_style, start_wd, end_wd, wd_incr_steps)}


def _main(style: str, start: float, end: float, warmup: float, steps: float) -> Curve:
    if style == "constant":
        return constant(start)
    if style == "linear":
        return linear(start, end, steps)
    if style == "cosine":
        return cosine(start, end, steps)
    one_of("lr_decay_style", style, ["constant", "linear", "cosine", "inverse-square-root", "WSD"])
    fall = inverse(start, max(warmup, 1), power=0.5).clip(low=end)
    # A warm-up shorter than a step counts as one.
    return constant(start, 1 - warmup) >> fall if warmup < 1 else fall


def _wsd(init: float, peak: float, warmup: float, stable_until: float, fall: Curve) -> Curve:
    if stable_until >= warmup:
        stable = stable_until - warmup
        return warmed_up(warmup, constant(peak, stable) >> fall if stable else fall, init, peak)
    # The cooldown begins, unseen, during the warm-up, or even before step 0.
    fall = fall.shift(stable_until)
    if not warmup:
        return fall
    return join([linear(init, peak, warmup), fall], [warmup], owner="earlier", clock="global")


def _cooldown(style: str | None, start: float, end: float, steps: float) -> Curve:
    if style == "linear":
        return linear(start, end, steps)
    if style == "cosine":
        return cosine(start, end, steps)
    if style == "minus_sqrt":
        return polynomial(start, end, steps, inner_power=0.5)
    one_of("lr_wsd_decay_style", str(style), ["linear", "cosine", "minus_sqrt", "exponential"])
    if start == end:
        return constant(end, steps)
    # As 2 * 0.5**p - 1 goes from 1 to 0.
    return exponential(2 * (start - end), start - end, steps) + (2 * end - start)


def _weight_decay(style: str, start: float, end: float, steps: float) -> Curve:
    if style == "linear":
        return linear(start, end, steps)
    if style == "cosine":
        return cosine(start, end, steps)
    one_of("wd_incr_style", style, ["constant", "linear", "cosine"])
    if start != end:
        raise ValueError(f"end_wd must be start_wd for wd_incr_style='constant', got {end} and {start}")
    return constant(end)
