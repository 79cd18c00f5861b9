"""Oracle of torchtitan b5bcd76 (2026-08-21), torchtitan/components/optimizer/lr_scheduler.py."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def lr_scheduler(
    t,
    *,
    training_steps=None,
    warmup_steps=200,
    total_steps=None,
    decay_ratio=None,
    decay_type="linear",
    min_lr_factor=0.0,
    base_lr=1.0,
):
    """``base_lr`` times the multiplier of LRSchedulersContainer.Config.build(training_steps=...)."""
    total = total_steps if total_steps is not None else training_steps
    if total is None:
        raise ValueError("training_steps or total_steps is needed")
    warmup = min(int(warmup_steps), total)
    if decay_ratio is not None:
        decay = round(total * decay_ratio)
        if warmup + decay > total:
            decay = total - warmup
    else:
        decay = total - warmup
    # One step more than there are, so that the last real one is not at the end of the decay.
    stable = total + 1 - warmup - decay

    if t < warmup:
        factor = float((t + 1) / warmup)
    elif t < warmup + stable:
        factor = 1.0
    else:
        # Reached without a decay only past the end, at t > total.
        assert decay != 0, "decay_steps must not be zero"
        # Not clamped: past t = total, linear and sqrt fall below min_lr_factor (and 0), and cosine rises.
        progress = float((t + 1) - (warmup + stable)) / decay
        if decay_type == "linear":
            shape = 1 - progress
        elif decay_type == "sqrt":
            shape = 1 - math.sqrt(progress)
        elif decay_type == "cosine":
            shape = 0.5 * (1.0 + math.cos(math.pi * progress))
        else:
            raise ValueError(f"unknown decay_type {decay_type!r}")
        factor = min_lr_factor + (1 - min_lr_factor) * shape
    return base_lr * factor


def _pick(rng: np.random.Generator, *options: Any) -> Any:
    return options[int(rng.integers(len(options)))]


def _sample_lr_scheduler(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    total = _pick(rng, 1, 2, 7, int(rng.integers(3, 400)))
    parameters = {
        "training_steps": total,
        "warmup_steps": _pick(rng, 0, 0, 1, total // 20, total // 3, total - 1, total, total + 5),
        "decay_ratio": _pick(rng, None, None, 0.0, 0.1, 0.29, 0.5, 1.0, float(rng.uniform(0.0, 1.0))),
        "decay_type": _pick(rng, "linear", "sqrt", "cosine"),
        "min_lr_factor": _pick(rng, 0.0, 0.1, float(rng.uniform(0.0, 1.0)), 1.0),
        "base_lr": _pick(rng, 1.0, 8e-4, float(rng.uniform(1e-5, 2.0))),
    }
    if rng.random() < 0.3:
        parameters["total_steps"] = total
        parameters["training_steps"] = max(1, total // 2)
    return parameters, total


SAMPLES = {"lr_scheduler": _sample_lr_scheduler}
