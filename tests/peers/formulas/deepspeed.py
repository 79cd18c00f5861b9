"""Oracle of DeepSpeed edaa722 (2026-08-22), deepspeed/runtime/lr_schedules.py.

The library's last_batch_iteration is ``t - 1``; t = 0 is what the constructor leaves in the optimizer.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def LRRangeTest(
    t,
    *,
    lr_range_test_min_lr=1e-3,
    lr_range_test_step_size=2000,
    lr_range_test_step_rate=1.0,
    lr_range_test_staircase=False,
):
    """Rises without bound."""
    batch = t - 1
    if batch == -1:
        return lr_range_test_min_lr
    interval = float(batch + 1) / lr_range_test_step_size
    if lr_range_test_staircase:
        interval = math.floor(interval)
    return lr_range_test_min_lr * (1 + lr_range_test_step_rate * interval)


def _cycle_sizes(first_step_size, second_step_size):
    first = float(first_step_size)
    second = first if second_step_size is None else float(second_step_size)
    return first, second, first + second


def _cycle_scale(batch, sizes, first_stair_count, second_stair_count):
    first, second, total = sizes
    iteration = batch + 1
    cycle = math.floor(1 + iteration / total)
    x = 1.0 + iteration / total - cycle
    split = first / total
    if x <= split:
        scale = x / split
        stairs = first_stair_count
    else:
        scale = (x - 1) / (split - 1)
        stairs = first_stair_count if second_stair_count is None else second_stair_count
    if stairs > 0:
        # The library counts the stairs from the batch, as the float scale may lie just below a stair.
        offset = iteration % total
        position = offset * stairs / first if offset <= first else (total - offset) * stairs / second
        scale = math.floor(position) / stairs
    return scale


def OneCycle(
    t,
    *,
    cycle_min_lr,
    cycle_max_lr,
    decay_lr_rate=0.0,
    cycle_first_step_size=2000,
    cycle_second_step_size=None,
    cycle_first_stair_count=0,
    cycle_second_stair_count=None,
    decay_step_size=0,
):
    """Learning rate: one triangle, then an inverse-time decay from ``cycle_min_lr``."""
    batch = t - 1
    if batch == -1:
        return cycle_min_lr
    sizes = _cycle_sizes(cycle_first_step_size, cycle_second_step_size)
    if batch < sizes[2]:
        # The batch compared is one less than that of the scale, so the last one wraps to the start of another
        # cycle, which has the same value if the total is whole, and lies inside that cycle if not.
        scale = _cycle_scale(batch, sizes, cycle_first_stair_count, cycle_second_stair_count)
        return cycle_min_lr + (cycle_max_lr - cycle_min_lr) * scale
    if math.isclose(decay_step_size, 0) or math.isclose(decay_lr_rate, 0):
        return cycle_min_lr
    interval = (batch - sizes[2] + 1) / decay_step_size
    return cycle_min_lr / (1 + decay_lr_rate * interval)


def OneCycle_momentum(
    t,
    *,
    cycle_min_mom=0.8,
    cycle_max_mom=0.9,
    decay_mom_rate=0.0,
    cycle_first_step_size=2000,
    cycle_second_step_size=None,
    cycle_first_stair_count=0,
    cycle_second_stair_count=None,
    decay_step_size=0,
):
    """betas[0] with ``cycle_momentum=True`` on an optimizer that has betas (betas[1] is set to 0.99)."""
    batch = t - 1
    if batch == -1:
        # The constructor leaves the minimum, though the first point of the cycle is the maximum.
        return cycle_min_mom
    sizes = _cycle_sizes(cycle_first_step_size, cycle_second_step_size)
    if batch < sizes[2]:
        scale = _cycle_scale(batch, sizes, cycle_first_stair_count, cycle_second_stair_count)
        return cycle_max_mom - (cycle_max_mom - cycle_min_mom) * scale
    if math.isclose(decay_step_size, 0) or math.isclose(decay_mom_rate, 0):
        return cycle_max_mom
    # It grows without bound, past 1 too.
    interval = (batch - sizes[2] + 1) / decay_step_size
    return cycle_max_mom * (1 + decay_mom_rate * interval)


def _check_warmup(warmup_num_steps):
    if not isinstance(warmup_num_steps, int) or warmup_num_steps <= 0:
        raise ValueError("warmup_num_steps must be a positive integer")
    return max(2, warmup_num_steps)


def _warmup_gamma(batch, warmup, warmup_type):
    if warmup_type == "linear":
        return batch / warmup
    # Any other name means 'log', with a warning.
    return (1.0 / math.log(warmup)) * math.log(batch + 1)


def WarmupLR(
    t, *, warmup_min_lr=0.0, warmup_max_lr=None, warmup_num_steps=1000, warmup_type="log", base_lr=1.0
):
    """``base_lr`` is the first group's, taken where ``warmup_max_lr`` is None."""
    warmup = _check_warmup(warmup_num_steps)
    top = base_lr if warmup_max_lr is None else warmup_max_lr
    batch = t - 1
    if batch < 0:
        return warmup_min_lr
    gamma = _warmup_gamma(batch, warmup, warmup_type) if batch < warmup else 1.0
    return warmup_min_lr + (top - warmup_min_lr) * gamma


def WarmupDecayLR(
    t,
    *,
    total_num_steps,
    warmup_min_lr=0.0,
    warmup_max_lr=0.001,
    warmup_num_steps=1000,
    warmup_type="log",
    base_lr=1.0,
):
    """Decays to ``warmup_min_lr``; ``base_lr`` is taken only where ``warmup_max_lr`` is None."""
    warmup = _check_warmup(warmup_num_steps)
    top = base_lr if warmup_max_lr is None else warmup_max_lr
    batch = t - 1
    if batch < 0:
        return warmup_min_lr
    if batch < warmup:
        gamma = _warmup_gamma(batch, warmup, warmup_type)
    else:
        gamma = max(0.0, float(total_num_steps - batch) / float(max(1.0, total_num_steps - warmup)))
    return warmup_min_lr + (top - warmup_min_lr) * gamma


def WarmupCosineLR(
    t,
    *,
    total_num_steps,
    warmup_min_ratio=0.0,
    warmup_num_steps=1000,
    cos_min_ratio=0.0001,
    warmup_type="log",
    base_lr=1.0,
):
    """``base_lr`` times a ratio."""
    warmup = _check_warmup(warmup_num_steps)
    batch = t - 1
    if batch < 0:
        # Whatever warmup_min_ratio is.
        return 0.0
    if batch < warmup:
        gamma = _warmup_gamma(batch, warmup, warmup_type)
        ratio = warmup_min_ratio + gamma * (1.0 - warmup_min_ratio)
    else:
        # The cosine is one batch ahead: its first value is not 1, and it ends at batch = total_num_steps - 1.
        progress = min(1.0, (batch - warmup + 1) / max(1, total_num_steps - warmup))
        shape = (1 + math.cos(math.pi * progress)) / 2
        ratio = max(0.0, cos_min_ratio + (1.0 - cos_min_ratio) * shape)
    return base_lr * ratio


def _pick(rng: np.random.Generator, *options: Any) -> Any:
    return options[int(rng.integers(len(options)))]


def _sample_range_test(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    size = _pick(rng, 1, 2, 7, int(rng.integers(3, 100)))
    parameters = {
        "lr_range_test_min_lr": _pick(rng, 1e-3, 0.1, float(rng.uniform(1e-5, 1.0))),
        "lr_range_test_step_size": size,
        "lr_range_test_step_rate": _pick(rng, 1.0, 0.5, 5.0, float(rng.uniform(0.0, 3.0))),
        "lr_range_test_staircase": _pick(rng, False, True),
    }
    return parameters, 4 * size


def _sample_cycle(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    first = _pick(rng, 1, 2, 10, int(rng.integers(1, 120)))
    second = _pick(rng, None, 0, 1, first, int(rng.integers(1, 120)))
    parameters = {
        "cycle_first_step_size": first,
        "cycle_second_step_size": second,
        "cycle_first_stair_count": _pick(rng, 0, 0, 1, 3, int(rng.integers(1, 20))),
        "cycle_second_stair_count": _pick(rng, None, 0, 4, int(rng.integers(1, 20))),
        "decay_step_size": _pick(rng, 0, 1, 10, int(rng.integers(1, 60))),
    }
    return parameters, first + (first if second is None else second)


def _sample_one_cycle(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    parameters, total = _sample_cycle(rng)
    low = _pick(rng, 0.0, 0.01, float(rng.uniform(0.0, 0.5)))
    parameters["cycle_min_lr"] = low
    parameters["cycle_max_lr"] = low + _pick(rng, 0.0, 0.1, float(rng.uniform(0.0, 1.0)))
    parameters["decay_lr_rate"] = _pick(rng, 0.0, 0.001, 1.0, float(rng.uniform(0.0, 2.0)))
    return parameters, 2 * total


def _sample_momentum(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    parameters, total = _sample_cycle(rng)
    low = _pick(rng, 0.8, 0.85, float(rng.uniform(0.5, 0.9)))
    parameters["cycle_min_mom"] = low
    parameters["cycle_max_mom"] = low + _pick(rng, 0.0, 0.1, float(rng.uniform(0.0, 0.1)))
    parameters["decay_mom_rate"] = _pick(rng, 0.0, 0.001, float(rng.uniform(0.0, 0.5)))
    return parameters, 2 * total


def _sample_warmup(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    total = _pick(rng, 1, 2, 7, int(rng.integers(3, 400)))
    parameters = {
        "warmup_num_steps": max(1, _pick(rng, 1, 2, 3, total // 20, total // 3, total - 1, total, total + 5)),
        "warmup_type": _pick(rng, "log", "linear"),
        "base_lr": _pick(rng, 1.0, 1e-3, float(rng.uniform(1e-5, 2.0))),
    }
    return parameters, total


def _sample_warmup_lr(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    parameters, total = _sample_warmup(rng)
    parameters["warmup_min_lr"] = _pick(rng, 0.0, 0.0, 1e-4, float(rng.uniform(0.0, 0.5)))
    parameters["warmup_max_lr"] = _pick(rng, None, 0.001, float(rng.uniform(0.0, 2.0)))
    return parameters, total


def _sample_warmup_decay(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    parameters, total = _sample_warmup_lr(rng)
    return {"total_num_steps": total, **parameters}, total


def _sample_warmup_cosine(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    parameters, total = _sample_warmup(rng)
    parameters["total_num_steps"] = total
    parameters["warmup_min_ratio"] = _pick(rng, 0.0, 0.1, float(rng.uniform(0.0, 1.0)))
    parameters["cos_min_ratio"] = _pick(rng, 0.0001, 0.0, 0.1, float(rng.uniform(0.0, 1.0)))
    return parameters, total


SAMPLES = {
    "LRRangeTest": _sample_range_test,
    "OneCycle": _sample_one_cycle,
    "OneCycle_momentum": _sample_momentum,
    "WarmupLR": _sample_warmup_lr,
    "WarmupDecayLR": _sample_warmup_decay,
    "WarmupCosineLR": _sample_warmup_cosine,
}
