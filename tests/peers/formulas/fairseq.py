"""Oracle of fairseq 3d262bb (2025-09-30), fairseq/optim/lr_scheduler/*.py, as fairseq/trainer.py drives them.

``t`` is num_updates. Where a schedule has an epoch clock, the epoch is ``t // updates_per_epoch + 1``:
fairseq counts from 1, and the update after the last one of an epoch runs with the next epoch's value.
Left out: pass_through (delegates), reduce_lr_on_plateau (state), resuming a forced polynomial_decay (state).
"""

from __future__ import annotations

import ast
import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def _one(lr):
    if isinstance(lr, (list, tuple)):
        if len(lr) > 1:
            raise ValueError("a schedule for one learning rate")
        return lr[0]
    return lr


def _many(lr):
    return list(lr) if isinstance(lr, (list, tuple)) else [lr]


def cosine(
    t,
    *,
    warmup_updates=0,
    warmup_init_lr=-1,
    lr,
    min_lr=0.0,
    t_mult=1.0,
    lr_period_updates=-1,
    lr_shrink=0.1,
    max_update=0,
    exact=False,
):
    """Never ends. ``exact`` finds the period by rational arithmetic, the library by a float logarithm."""
    max_lr = _one(lr)
    assert max_lr > min_lr, "lr must be more than min_lr"
    start = min_lr if warmup_init_lr < 0 else warmup_init_lr
    period = lr_period_updates
    if period <= 0:
        assert max_update > 0, "max_update or lr_period_updates"
        period = max_update - warmup_updates
    if t < warmup_updates:
        return start + t * ((max_lr - start) / warmup_updates)

    current = t - warmup_updates
    if exact:
        cycle, t_i, t_curr = _exact_period(current, period, t_mult)
    elif t_mult != 1:
        # With t_mult < 1 the periods add up to period / (1 - t_mult); from there on the log is a ValueError.
        cycle = math.floor(math.log(1 - current / period * (1 - t_mult), t_mult))
        t_i = t_mult**cycle * period
        t_curr = current - (1 - t_mult**cycle) / (1 - t_mult) * period
    else:
        cycle = math.floor(current / period)
        t_i = period
        t_curr = current - period * cycle
    # Both ends shrink.
    shrink = lr_shrink**cycle
    low = min_lr * shrink
    high = max_lr * shrink
    return low + 0.5 * (high - low) * (1 + math.cos(math.pi * t_curr / t_i))


def _exact_period(current, period, t_mult):
    # 0.8 means 4 / 5, not the double beside it: 5 and then 4 updates are 9, where the third period begins.
    length = Fraction(repr(period))
    growth = Fraction(repr(t_mult))
    left = Fraction(current)
    if growth < 1 and left >= length / (1 - growth):
        raise ValueError("past the last period")
    cycle = 0
    while left >= length:
        left -= length
        length *= growth
        cycle += 1
    return cycle, float(length), float(left)


def fixed(t, *, force_anneal=None, lr_shrink=0.1, warmup_updates=0, lr, updates_per_epoch):
    """``lr`` holds one value an epoch; the anneal at epoch force_anneal begins with one shrink already."""
    lrs = _many(lr)
    epoch = t // updates_per_epoch + 1
    if force_anneal is None or epoch < force_anneal:
        value = lrs[min(epoch - 1, len(lrs) - 1)]
    else:
        value = lrs[-1] * lr_shrink ** (epoch + 1 - force_anneal)
    if warmup_updates > 0 and t < warmup_updates:
        return (t + 1) / float(warmup_updates) * value
    return value


def inverse_sqrt(t, *, warmup_updates=4000, warmup_init_lr=-1, lr):
    """Without a warm-up the library divides by zero when it is constructed."""
    peak = _one(lr)
    start = warmup_init_lr
    if start < 0:
        start = 0 if warmup_updates > 0 else peak
    lr_step = (peak - start) / warmup_updates
    if t < warmup_updates:
        return start + t * lr_step
    return peak * warmup_updates**0.5 * t**-0.5


def _manual_table(table):
    if isinstance(table, str):
        table = ast.literal_eval(table.replace(" ", ""))
    if not isinstance(table, dict):
        raise ValueError("a table must be a dict")
    values = {}
    for key, value in table.items():
        if "," in key:
            numbers = [int(part) for part in key.split(",")]
        elif "-" in key:
            first, last = key.split("-")[:2]
            numbers = range(int(first), int(last) + 1)
        else:
            numbers = [int(key)]
        for number in numbers:
            values[number] = float(value)
    return values


def manual(t, *, epoch2lr="{}", update2lr="{}", lr, updates_per_epoch):
    """Tables as fairseq writes them, or dicts with such keys; that of updates wins where it has begun."""
    epochs = _manual_table(epoch2lr)
    updates = _manual_table(update2lr)
    epoch = t // updates_per_epoch + 1
    # Before the first key of either table the library leaves the optimizer's current learning rate alone;
    # from a fresh start that is the value of the constructor.
    if 1 in epochs:
        value = epochs[1]
    elif 1 in updates:
        value = updates[1]
    else:
        value = _many(lr)[0]
    begun = [key for key in epochs if key <= epoch]
    if begun:
        value = epochs[max(begun)]
    begun = [key for key in updates if key <= t]
    if begun:
        value = updates[max(begun)]
    return value


def polynomial_decay(
    t,
    *,
    warmup_updates=0,
    force_anneal=None,
    end_learning_rate=0.0,
    power=1.0,
    total_num_update,
    lr,
    updates_per_epoch=None,
):
    """From epoch force_anneal on, each epoch decays from the value at which the one before it ended.

    The list of learning rates is read from its second value on (index epoch, from 1), unlike in ``fixed``.
    ``updates_per_epoch`` of None means one epoch without end.
    """
    lrs = _many(lr)
    assert total_num_update > 0, "total_num_update"

    def update(peak, num_updates):
        if warmup_updates > 0 and num_updates <= warmup_updates:
            return num_updates / float(warmup_updates) * peak
        if num_updates >= total_num_update:
            return end_learning_rate
        remaining = 1 - (num_updates - warmup_updates) / (total_num_update - warmup_updates)
        return (peak - end_learning_rate) * remaining**power + end_learning_rate

    peak = lrs[0]
    last_epoch = 1 if updates_per_epoch is None else t // updates_per_epoch + 1
    for epoch in range(1, last_epoch + 1):
        if force_anneal is None or epoch < force_anneal:
            peak = lrs[min(epoch, len(lrs) - 1)]
        else:
            # The optimizer's value after the update that ended the epoch before; at epoch 1, of update 0.
            peak = update(peak, 0 if epoch == 1 else (epoch - 1) * updates_per_epoch)
    return update(peak, t)


def step(t, *, warmup_updates=0, warmup_init_lr=-1, lr, min_lr=0.0, lr_deacy_period=25000, lr_decay=0.5):
    """The parameter's name is spelt so in the library."""
    max_lr = _one(lr)
    start = warmup_init_lr if warmup_init_lr >= 0 else min_lr
    assert lr_deacy_period > 0, "lr_deacy_period"
    assert lr_decay <= 1, "lr_decay"
    assert 0 <= min_lr < max_lr, "min_lr"
    if t < warmup_updates:
        return start + t * ((max_lr - start) / warmup_updates)
    factor = lr_decay ** ((t - warmup_updates) // lr_deacy_period)
    return max(max_lr * factor, min_lr)


def tri_stage(
    t,
    *,
    warmup_steps=0,
    hold_steps=0,
    decay_steps=0,
    phase_ratio=None,
    init_lr_scale=0.01,
    final_lr_scale=0.01,
    max_update=0,
    lr,
):
    """No decay steps are a ZeroDivisionError of the constructor."""
    peak = _one(lr)
    if phase_ratio is not None:
        assert max_update > 0, "max_update"
        assert sum(phase_ratio) == 1, "phase ratios must add up to 1"
        warmup_steps, hold_steps, decay_steps = (int(max_update * part) for part in phase_ratio)
    assert warmup_steps + hold_steps + decay_steps > 0, "steps or phase_ratio"
    decay_factor = -math.log(final_lr_scale) / decay_steps
    if t < warmup_steps:
        start = init_lr_scale * peak
        return start + (peak - start) / warmup_steps * t
    decay_start = warmup_steps + hold_steps
    if t < decay_start:
        return peak
    if t <= decay_start + decay_steps:
        return peak * math.exp(-decay_factor * (t - decay_start))
    return final_lr_scale * peak


def triangular(t, *, max_lr, lr_period_updates=5000, lr_shrink=0.1, shrink_min=False, lr):
    """``lr`` is the minimum; a period is 2 * (lr_period_updates // 2) updates."""
    low = _one(lr)
    assert max_lr > low, "max_lr must be more than lr"
    half = lr_period_updates // 2
    cycle = math.floor(t / (2 * half))
    shrink = lr_shrink**cycle
    # A maximum shrunk below an unshrunk minimum turns the triangle over.
    high = max_lr * shrink
    low = low * shrink if shrink_min else low
    x = abs(t / half - 2 * (cycle + 1) + 1)
    return low + (high - low) * max(0, 1 - x)


def _pick(rng: np.random.Generator, *options: Any) -> Any:
    return options[int(rng.integers(len(options)))]


def _length(rng: np.random.Generator) -> int:
    return _pick(rng, 2, 7, int(rng.integers(3, 400)), int(rng.integers(3, 400)))


def _warmup(rng: np.random.Generator, total: int) -> int:
    return _pick(rng, 0, 0, 1, total // 20, total // 3, total - 1)


def _rate(rng: np.random.Generator) -> float:
    return _pick(rng, 1.0, 5e-4, float(rng.uniform(1e-4, 2.0)))


def _rates(rng: np.random.Generator) -> list[float]:
    return [_rate(rng) for _ in range(int(rng.integers(1, 5)))]


def _sample_cosine(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    total = _length(rng)
    lr = _rate(rng)
    parameters = {
        "warmup_updates": _warmup(rng, total),
        "warmup_init_lr": _pick(rng, -1, 0.0, lr * 0.1),
        "lr": _pick(rng, lr, [lr]),
        "min_lr": _pick(rng, 0.0, lr * 0.1, lr * float(rng.uniform(0.0, 0.9))),
        "t_mult": _pick(rng, 1.0, 1, 2, 2.0, 3, 5, 10, 1.5, float(rng.uniform(1.05, 3.0)), 0.5, 0.8),
        "lr_shrink": _pick(rng, 0.1, 1.0, 0.5),
    }
    if rng.random() < 0.3:
        parameters["max_update"] = total
    else:
        parameters["lr_period_updates"] = _pick(rng, 1, 3, 7, max(1, total // 5), total / 8, total)
    return parameters, total


def _sample_fixed(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    total = _length(rng)
    parameters = {
        "force_anneal": _pick(rng, None, 1, 2, int(rng.integers(1, 8))),
        "lr_shrink": _pick(rng, 0.1, 1.0, 0.5),
        "warmup_updates": _warmup(rng, total),
        "lr": _rates(rng),
        "updates_per_epoch": _pick(rng, 1, max(1, total // 6), total + 1, int(rng.integers(1, total + 1))),
    }
    return parameters, total


def _sample_inverse_sqrt(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    total = _length(rng)
    lr = _rate(rng)
    start = _pick(rng, -1, 0.0, 1e-7, lr * 0.1)
    return {"warmup_updates": max(1, _warmup(rng, total)), "warmup_init_lr": start, "lr": lr}, total


def _sample_manual(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    total = _length(rng)
    per_epoch = _pick(rng, 1, max(1, total // 6), int(rng.integers(1, total + 1)))

    def table(longest):
        keys = sorted({int(key) for key in rng.integers(0, longest + 1, size=int(rng.integers(0, 4)))})
        forms = [_pick(rng, f"{k}", f"{k}-{k + 3}", f"{k},{k + 2}") for k in keys]
        return str({form: _rate(rng) for form in forms})

    parameters = {
        "epoch2lr": table(total // per_epoch + 1),
        "update2lr": table(total),
        "lr": _rates(rng),
        "updates_per_epoch": per_epoch,
    }
    return parameters, total


def _sample_polynomial_decay(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    total = _length(rng)
    parameters = {
        "warmup_updates": _pick(rng, _warmup(rng, total), total, total + 3),
        "end_learning_rate": _pick(rng, 0.0, 1e-5, float(rng.uniform(0.0, 1.0))),
        "power": _pick(rng, 1.0, 2.0, 0.5, float(rng.uniform(0.1, 4.0))),
        "total_num_update": total,
        "lr": _rates(rng),
    }
    if rng.random() < 0.7:
        parameters["updates_per_epoch"] = _pick(rng, 1, max(1, total // 6), int(rng.integers(1, total + 1)))
        parameters["force_anneal"] = _pick(rng, None, 1, 2, int(rng.integers(1, 8)))
    return parameters, total


def _sample_step(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    total = _length(rng)
    lr = _rate(rng)
    parameters = {
        "warmup_updates": _warmup(rng, total),
        "warmup_init_lr": _pick(rng, -1, 0.0, lr * 0.1),
        "lr": lr,
        "min_lr": _pick(rng, 0.0, lr * 0.1, lr * float(rng.uniform(0.0, 0.9))),
        "lr_deacy_period": _pick(rng, 1, 7, max(1, total // 5)),
        "lr_decay": _pick(rng, 0.5, 1.0, 0.9, 0.1),
    }
    return parameters, total


def _sample_tri_stage(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    total = int(rng.integers(10, 400))
    parameters = {
        "lr": [_rate(rng)],
        "init_lr_scale": _pick(rng, 0.01, 0.0, 1.0, float(rng.uniform(0.0, 1.0))),
        "final_lr_scale": _pick(rng, 0.01, 1.0, float(rng.uniform(1e-3, 1.0))),
    }
    if rng.random() < 0.5:
        # Sums that are exactly 1 in floats, as the library demands; int() may leave updates over at the end.
        parameters["phase_ratio"] = _pick(
            rng, (0.1, 0.4, 0.5), (0.0, 0.0, 1.0), (0.03, 0.0, 0.97), (0.3, 0.4, 0.3)
        )
        parameters["max_update"] = total
    else:
        parameters["warmup_steps"] = _pick(rng, 0, 1, total // 3)
        parameters["hold_steps"] = _pick(rng, 0, 1, total // 3)
        parameters["decay_steps"] = _pick(rng, 1, total // 3)
    return parameters, total


def _sample_triangular(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    period = _pick(rng, 2, 3, 7, 10, int(rng.integers(2, 100)), float(rng.uniform(2.0, 50.0)))
    lr = _rate(rng)
    parameters = {
        "max_lr": lr * _pick(rng, 1.5, 10.0, float(rng.uniform(1.01, 5.0))),
        "lr_period_updates": period,
        "lr_shrink": _pick(rng, 0.1, 1.0, 0.5),
        "shrink_min": _pick(rng, False, True),
        "lr": lr,
    }
    return parameters, 4 * int(period)


SAMPLES = {
    "cosine": _sample_cosine,
    "fixed": _sample_fixed,
    "inverse_sqrt": _sample_inverse_sqrt,
    "manual": _sample_manual,
    "polynomial_decay": _sample_polynomial_decay,
    "step": _sample_step,
    "tri_stage": _sample_tri_stage,
    "triangular": _sample_triangular,
}
