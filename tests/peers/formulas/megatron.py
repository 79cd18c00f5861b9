"""Oracle of Megatron-LM d98e8a6 (2026-08-22), megatron/core/optimizer_param_scheduler.py.

``t`` is in the unit of ``lr_decay_steps``, which in the library is samples.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def lr(
    t,
    *,
    init_lr=0.0,
    max_lr,
    min_lr=0.0,
    lr_warmup_steps=0,
    lr_decay_steps,
    lr_decay_style="linear",
    wsd_decay_steps=None,
    lr_wsd_decay_style="exponential",
):
    """Learning rate; the defaults are those of the training configuration, the class itself has none."""
    assert 0.0 <= min_lr <= max_lr, "min_lr"
    assert init_lr <= max_lr, "init_lr"
    assert lr_decay_steps > 0, "lr_decay_steps"
    assert lr_warmup_steps < lr_decay_steps, "lr_warmup_steps"
    assert lr_decay_style != "WSD" or wsd_decay_steps is not None, "wsd_decay_steps"

    # A fraction of lr_decay_steps given as the warm-up is not rounded, so lr_warmup_steps may be a float.
    if lr_warmup_steps > 0 and t <= lr_warmup_steps:
        return init_lr + (max_lr - init_lr) * float(t) / float(lr_warmup_steps)
    if lr_decay_style == "constant":
        return max_lr
    if t > lr_decay_steps:
        return min_lr
    if lr_decay_style == "inverse-square-root":
        decayed = max_lr * max(lr_warmup_steps, 1) ** 0.5 / max(t, 1) ** 0.5
        return max(min_lr, decayed)

    ratio = float(t - lr_warmup_steps) / float(lr_decay_steps - lr_warmup_steps)
    assert 0.0 <= ratio <= 1.0
    if lr_decay_style == "linear":
        coeff = 1.0 - ratio
    elif lr_decay_style == "cosine":
        coeff = 0.5 * (math.cos(math.pi * ratio) + 1.0)
    elif lr_decay_style == "WSD":
        coeff = _wsd_coeff(t, lr_decay_steps, wsd_decay_steps, lr_wsd_decay_style)
    else:
        raise ValueError(f"unknown lr_decay_style {lr_decay_style!r}")
    assert coeff is not None, "lr_wsd_decay_style"
    return min_lr + coeff * (max_lr - min_lr)


def _wsd_coeff(t, lr_decay_steps, wsd_decay_steps, lr_wsd_decay_style):
    anneal_start = lr_decay_steps - wsd_decay_steps
    if t <= anneal_start:
        return 1.0
    # If the decay is longer than what the warm-up leaves, it has begun already when the warm-up ends: a jump.
    ratio = float(t - anneal_start) / float(wsd_decay_steps)
    if lr_wsd_decay_style == "linear":
        return 1.0 - ratio
    if lr_wsd_decay_style == "cosine":
        return 0.5 * (math.cos(math.pi * ratio) + 1.0)
    if lr_wsd_decay_style == "exponential":
        return 2.0 * math.pow(0.5, ratio) - 1.0
    if lr_wsd_decay_style == "minus_sqrt":
        return 1.0 - math.sqrt(ratio)
    return None


def weight_decay(t, *, start_wd, end_wd, wd_incr_steps, wd_incr_style="constant", wd_mult=1.0):
    """Weight decay of a group with the given ``wd_mult``; the style 'constant' asserts start_wd == end_wd."""
    assert 0.0 <= start_wd <= end_wd, "start_wd, end_wd"
    return _weight_decay(t, start_wd, end_wd, wd_incr_steps, wd_incr_style) * wd_mult


def _weight_decay(t, start_wd, end_wd, wd_incr_steps, wd_incr_style):
    if t > wd_incr_steps:
        return end_wd
    if wd_incr_style == "constant":
        assert start_wd == end_wd, "start_wd must equal end_wd"
        return end_wd
    # wd_incr_steps = 0 divides by zero at t = 0 unless the style is constant.
    ratio = float(t) / float(wd_incr_steps)
    assert 0.0 <= ratio <= 1.0
    if wd_incr_style == "linear":
        coeff = ratio
    elif wd_incr_style == "cosine":
        coeff = 0.5 * (math.cos(math.pi * (1 - ratio)) + 1.0)
    else:
        raise ValueError(f"unknown wd_incr_style {wd_incr_style!r}")
    return start_wd + coeff * (end_wd - start_wd)


def _pick(rng: np.random.Generator, *options: Any) -> Any:
    return options[int(rng.integers(len(options)))]


def _sample_lr(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    total = _pick(rng, 1, 2, 7, int(rng.integers(3, 400)), 256 * int(rng.integers(2, 50)))
    max_lr = _pick(rng, 1.0, 0.1, float(rng.uniform(1e-5, 2.0)))
    warmup = _pick(rng, 0, 0, 1, total // 20, total // 3, total - 1, float(rng.uniform(0.0, 0.9)) * total)
    if warmup >= total:
        warmup = 0
    parameters = {
        "init_lr": _pick(rng, 0.0, 0.0, max_lr * float(rng.uniform(0.0, 1.0)), max_lr),
        "max_lr": max_lr,
        "min_lr": _pick(rng, 0.0, max_lr * 0.1, max_lr * float(rng.uniform(0.0, 1.0)), max_lr),
        "lr_warmup_steps": warmup,
        "lr_decay_steps": total,
        "lr_decay_style": _pick(
            rng, "constant", "linear", "cosine", "inverse-square-root", "WSD", "WSD", "WSD"
        ),
    }
    if parameters["lr_decay_style"] == "WSD":
        parameters["wsd_decay_steps"] = _pick(rng, 0, 1, total // 10, int(rng.integers(0, total + 1)), total)
        parameters["lr_wsd_decay_style"] = _pick(rng, "linear", "cosine", "exponential", "minus_sqrt")
    return parameters, total


def _sample_weight_decay(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    steps = _pick(rng, 1, 2, int(rng.integers(3, 400)), 256 * int(rng.integers(2, 50)))
    style = _pick(rng, "constant", "linear", "cosine")
    start = _pick(rng, 0.0, 0.1, float(rng.uniform(0.0, 0.5)))
    end = start if style == "constant" else start + _pick(rng, 0.0, 0.1, float(rng.uniform(0.0, 0.5)))
    parameters = {
        "start_wd": start,
        "end_wd": end,
        "wd_incr_steps": steps,
        "wd_incr_style": style,
        "wd_mult": _pick(rng, 1.0, 1.0, 0.0, 0.5),
    }
    return parameters, steps


SAMPLES = {"lr": _sample_lr, "weight_decay": _sample_weight_decay}
