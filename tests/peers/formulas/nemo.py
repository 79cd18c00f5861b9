"""Oracle of NeMo 8cfedd7 (2025-09-20), nemo/core/optim/lr_scheduler.py.

Left out: the param_group['reset_lr'] hook of CosineAnnealing (state), and what torch provides (StepLR, ...).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def _count(steps, ratio, max_steps):
    assert steps is None or ratio is None, "either a number of steps or a ratio"
    assert ratio is None or max_steps is not None, "a ratio needs max_steps"
    if steps is not None:
        return steps
    return int(ratio * max_steps) if ratio is not None else 0


def _hold_end(hold_steps, hold_ratio, warmup, max_steps):
    held = _count(hold_steps, hold_ratio, max_steps)
    # Unset, it is 0 and not the end of the warm-up: the annealing then counts from t = 0.
    return 0 if hold_steps is None and hold_ratio is None else held + warmup


def _warmup_policy(t, warmup, max_steps, min_lr, base_lr, after):
    if t <= warmup and warmup > 0:
        return base_lr * ((t + 1) / (warmup + 1))
    if max_steps is not None and t > max_steps:
        return min_lr
    return after()


def _hold_policy(t, warmup, hold_end, max_steps, min_lr, base_lr, after):
    if t <= warmup and warmup > 0:
        return base_lr * ((t + 1) / (warmup + 1))
    if warmup <= t < hold_end:
        return base_lr
    # max_steps of None is a TypeError here.
    if t > max_steps:
        return min_lr
    return after()


def WarmupPolicy(t, *, warmup_steps=None, warmup_ratio=None, max_steps=None, min_lr=0.0, base_lr=1.0):
    """Warm-up, then constant, then ``min_lr`` past ``max_steps``."""
    warmup = _count(warmup_steps, warmup_ratio, max_steps)
    return _warmup_policy(t, warmup, max_steps, min_lr, base_lr, lambda: base_lr)


def WarmupHoldPolicy(
    t,
    *,
    warmup_steps=None,
    warmup_ratio=None,
    hold_steps=None,
    hold_ratio=None,
    max_steps=None,
    min_lr=0.0,
    base_lr=1.0,
):
    """As WarmupPolicy, except that a hold reaching past ``max_steps`` puts ``min_lr`` off to its end."""
    warmup = _count(warmup_steps, warmup_ratio, max_steps)
    hold_end = _hold_end(hold_steps, hold_ratio, warmup, max_steps)
    return _hold_policy(t, warmup, hold_end, max_steps, min_lr, base_lr, lambda: base_lr)


def SquareAnnealing(t, *, warmup_steps=None, warmup_ratio=None, max_steps, min_lr=1e-5, base_lr=1.0):
    """A floor, not an affine range: ``max(base_lr * (1 - p)**2, min_lr)``."""
    warmup = _count(warmup_steps, warmup_ratio, max_steps)

    def anneal():
        length = max_steps - warmup
        return max(base_lr * ((length - (t - warmup)) / length) ** 2, min_lr)

    return _warmup_policy(t, warmup, max_steps, min_lr, base_lr, anneal)


def SquareRootAnnealing(t, *, warmup_steps=None, warmup_ratio=None, max_steps, min_lr=0, base_lr=1.0):
    """Anneals on the clock of the whole run, so there is a jump after the warm-up."""
    warmup = _count(warmup_steps, warmup_ratio, max_steps)

    def anneal():
        return max(base_lr * ((max_steps - t) / max_steps) ** 0.5, min_lr)

    return _warmup_policy(t, warmup, max_steps, min_lr, base_lr, anneal)


def CosineAnnealing(
    t,
    *,
    warmup_steps=None,
    warmup_ratio=None,
    constant_steps=None,
    constant_ratio=None,
    max_steps,
    min_lr=0,
    group0_lr=None,
    base_lr=1.0,
):
    """``group0_lr``: the base of the optimizer's first group; with constant_steps > 0 every group has it."""
    assert constant_steps is None or constant_ratio is None, "either constant_steps or constant_ratio"
    warmup = _count(warmup_steps, warmup_ratio, max_steps)
    constant = _count(constant_steps, constant_ratio, max_steps)
    decay = max_steps - (constant + warmup)
    peak = base_lr if group0_lr is None else group0_lr

    if warmup > 0 and t <= warmup:
        if constant == 0:
            return base_lr * ((t + 1) / (warmup + 1))
        return _cosine_then_constant(t, warmup, decay, peak, min_lr)
    if constant > 0 and warmup + decay < t <= max_steps:
        return _cosine_then_constant(t, warmup, decay, peak, min_lr)
    if t > max_steps:
        return min_lr
    if base_lr < min_lr:
        raise ValueError("the base learning rate is below min_lr")
    if constant == 0:
        shape = 0.5 * (1 + math.cos(math.pi * (t - warmup) / (max_steps - warmup)))
        return (base_lr - min_lr) * shape + min_lr
    return _cosine_then_constant(t, warmup, decay, peak, min_lr)


def _cosine_then_constant(t, warmup, decay, peak, min_lr):
    assert peak > min_lr, "the base learning rate must be above min_lr"
    # This warm-up starts at 0 and ends at t = warmup, unlike the one without constant steps.
    if warmup > 0 and t <= warmup:
        return peak * float(t) / float(warmup)
    if t > warmup + decay:
        return min_lr
    shape = 0.5 * (math.cos(math.pi * (float(t - warmup) / float(decay))) + 1.0)
    return min_lr + shape * (peak - min_lr)


def NoamAnnealing(
    t, *, d_model, warmup_steps=None, warmup_ratio=None, max_steps=None, min_lr=0.0, base_lr=1.0
):
    """``max_steps`` serves only the ratio; steps 0 and 1 are the same."""
    warmup = _count(warmup_steps, warmup_ratio, max_steps)
    step = max(1, t)
    if base_lr < min_lr:
        raise ValueError("the base learning rate is below min_lr")
    normalize = d_model ** (-0.5)
    factor = normalize * step ** (-0.5)
    if warmup > 0:
        factor = normalize * min(step ** (-0.5), step * warmup ** (-1.5))
    value = base_lr * factor
    return max(value, min_lr) if step > warmup else value


def NoamHoldAnnealing(
    t,
    *,
    warmup_steps=None,
    warmup_ratio=None,
    hold_steps=None,
    hold_ratio=None,
    max_steps,
    decay_rate=0.5,
    min_lr=0.0,
    base_lr=1.0,
):
    """Raises ValueError after the hold if there is no warm-up."""
    warmup = _count(warmup_steps, warmup_ratio, max_steps)
    hold_end = _hold_end(hold_steps, hold_ratio, warmup, max_steps)

    def anneal():
        if warmup == 0:
            raise ValueError("a warm-up is needed")
        hold = hold_end - warmup if hold_end > 0 else 0
        top = max(1, warmup**decay_rate)
        return max(base_lr * top / max(1, (t - hold) ** decay_rate), min_lr)

    return _hold_policy(t, warmup, hold_end, max_steps, min_lr, base_lr, anneal)


def WarmupAnnealing(
    t, *, warmup_steps=None, warmup_ratio=None, max_steps, min_lr=0.0, group0_lr=None, base_lr=1.0
):
    """``group0_lr``: the base of the optimizer's first group; every group anneals from it."""
    warmup = _count(warmup_steps, warmup_ratio, max_steps)
    peak = base_lr if group0_lr is None else group0_lr

    def anneal():
        progress = (t - warmup) / (max_steps - warmup)
        return min_lr + (1 - progress) * (peak - min_lr)

    return _warmup_policy(t, warmup, max_steps, min_lr, base_lr, anneal)


def InverseSquareRootAnnealing(
    t, *, warmup_steps=None, warmup_ratio=None, max_steps, min_lr=0.0, base_lr=1.0
):
    """``min_lr`` is no floor, only the value past ``max_steps``."""
    warmup = _count(warmup_steps, warmup_ratio, max_steps)

    def anneal():
        return base_lr / ((t + 1) / (warmup + 1)) ** 0.5

    return _warmup_policy(t, warmup, max_steps, min_lr, base_lr, anneal)


def T5InverseSquareRootAnnealing(
    t, *, constant_steps=None, constant_ratio=None, max_steps, min_lr=0.0, base_lr=1.0
):
    """Absolute: ``base_lr`` is ignored. Without constant_steps the library raises TypeError, ratio or not."""
    constant = _count(constant_steps, constant_ratio, max_steps)
    constant_lr = 1 / constant_steps**0.5
    if t <= constant:
        return constant_lr
    if t > max_steps:
        return min_lr
    return 1 / t**0.5


def _poly_decay(step, length, power, min_lr, cycle, base_lr):
    if cycle:
        length = length * (1.0 if step == 0 else math.ceil(step / length))
    else:
        step = min(step, length)
    return (base_lr - min_lr) * math.pow(1.0 - step / length, power) + min_lr


def PolynomialDecayAnnealing(
    t, *, warmup_steps=None, warmup_ratio=None, max_steps, min_lr=0.0, power=1.0, cycle=False, base_lr=1.0
):
    """``cycle`` has no effect, as t > max_steps gives ``min_lr``."""
    warmup = _count(warmup_steps, warmup_ratio, max_steps)

    def anneal():
        return _poly_decay(t - warmup, max_steps - warmup, power, min_lr, cycle, base_lr)

    return _warmup_policy(t, warmup, max_steps, min_lr, base_lr, anneal)


def PolynomialHoldDecayAnnealing(
    t,
    *,
    warmup_steps=None,
    warmup_ratio=None,
    hold_steps=None,
    hold_ratio=None,
    max_steps,
    min_lr=0.0,
    power=1.0,
    cycle=False,
    base_lr=1.0,
):
    """With a warm-up and no hold set it counts from 0 over max_steps - warmup: an early end or 2nd cycle."""
    warmup = _count(warmup_steps, warmup_ratio, max_steps)
    hold_end = _hold_end(hold_steps, hold_ratio, warmup, max_steps)

    def anneal():
        return _poly_decay(t - hold_end, max_steps - max(warmup, hold_end), power, min_lr, cycle, base_lr)

    return _hold_policy(t, warmup, hold_end, max_steps, min_lr, base_lr, anneal)


def WarmupHoldAnnealOneMinusSquareRoot(
    t,
    *,
    warmup_steps=None,
    warmup_ratio=None,
    hold_steps=None,
    hold_ratio=None,
    max_steps,
    min_lr=0.0,
    base_lr=1.0,
):
    """``min_lr`` is a floor."""
    warmup = _count(warmup_steps, warmup_ratio, max_steps)
    hold_end = _hold_end(hold_steps, hold_ratio, warmup, max_steps)

    def anneal():
        return max(min_lr, base_lr * (1 - ((t - hold_end) / (max_steps - hold_end)) ** 0.5))

    return _hold_policy(t, warmup, hold_end, max_steps, min_lr, base_lr, anneal)


def WarmupHoldAnnealLinear(
    t,
    *,
    warmup_steps=None,
    warmup_ratio=None,
    hold_steps=None,
    hold_ratio=None,
    max_steps,
    min_lr=0.0,
    base_lr=1.0,
):
    """``min_lr`` is the end of the range."""
    warmup = _count(warmup_steps, warmup_ratio, max_steps)
    hold_end = _hold_end(hold_steps, hold_ratio, warmup, max_steps)

    def anneal():
        progress = (t - hold_end) / (max_steps - hold_end)
        return base_lr - (base_lr - min_lr) * progress

    return _hold_policy(t, warmup, hold_end, max_steps, min_lr, base_lr, anneal)


def _pick(rng: np.random.Generator, *options: Any) -> Any:
    return options[int(rng.integers(len(options)))]


def _sample_warmup(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    total = _pick(rng, 2, 3, 7, int(rng.integers(3, 400)), int(rng.integers(3, 400)))
    base_lr = _pick(rng, 1.0, 1e-3, float(rng.uniform(1e-3, 2.0)))
    warmup = _pick(rng, None, 0, 1, total // 20, total // 3, total - 1, total, "ratio")
    parameters = {"warmup_steps": warmup, "max_steps": total, "base_lr": base_lr}
    if warmup == "ratio":
        del parameters["warmup_steps"]
        parameters["warmup_ratio"] = _pick(rng, 0.0, 0.1, 0.29, float(rng.uniform(0.0, 0.9)))
    parameters["min_lr"] = _pick(rng, 0.0, base_lr * 0.1, base_lr * float(rng.uniform(0.0, 0.99)))
    return parameters, total


def _sample_hold(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    parameters, total = _sample_warmup(rng)
    warmup = _count(parameters.get("warmup_steps"), parameters.get("warmup_ratio"), total)
    left = max(0, total - 1 - warmup)
    # Not a hold that ends at max_steps: the annealing then divides by 0 at t = max_steps.
    hold = _pick(rng, None, None, 0, min(1, left), left // 2, left, total - warmup + 5, "ratio")
    if hold == "ratio":
        parameters["hold_ratio"] = float(rng.uniform(0.0, left / total))
    else:
        parameters["hold_steps"] = hold
    return parameters, total


def _sample_cosine(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    parameters, total = _sample_warmup(rng)
    warmup = _count(parameters.get("warmup_steps"), parameters.get("warmup_ratio"), total)
    left = max(0, total - 1 - warmup)
    constant = _pick(rng, None, None, 0, min(1, left), left // 2, left, "ratio")
    if constant == "ratio":
        parameters["constant_ratio"] = float(rng.uniform(0.0, left / total))
    else:
        parameters["constant_steps"] = constant
    if rng.random() < 0.3:
        parameters["group0_lr"] = parameters["base_lr"] * float(rng.uniform(1.0, 3.0))
    return parameters, total


def _with(sample, **draws):
    def sampler(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
        parameters, total = sample(rng)
        return {**{name: draw(rng) for name, draw in draws.items()}, **parameters}, total

    return sampler


def _sample_warmed_hold(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    parameters, total = _sample_hold(rng)
    while _count(parameters.get("warmup_steps"), parameters.get("warmup_ratio"), total) == 0:
        parameters, total = _sample_hold(rng)
    return parameters, total


def _sample_t5(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    total = _pick(rng, 1, 2, 7, int(rng.integers(3, 400)))
    parameters = {
        "constant_steps": max(1, _pick(rng, 1, total // 10, total // 2, total, total + 5)),
        "max_steps": total,
        "min_lr": _pick(rng, 0.0, 1e-3),
        "base_lr": _pick(rng, 1.0, 0.1),
    }
    return parameters, total


_POLYNOMIAL = {
    "power": lambda rng: _pick(rng, 1.0, 2.0, 0.5, float(rng.uniform(0.1, 4.0))),
    "cycle": lambda rng: _pick(rng, False, True),
}
SAMPLES = {
    "WarmupPolicy": _sample_warmup,
    "WarmupHoldPolicy": _sample_hold,
    "SquareAnnealing": _sample_warmup,
    "SquareRootAnnealing": _sample_warmup,
    "CosineAnnealing": _sample_cosine,
    "NoamAnnealing": _with(
        _sample_warmup, d_model=lambda rng: _pick(rng, 1, 64, 512, int(rng.integers(1, 2000)))
    ),
    "NoamHoldAnnealing": _with(
        _sample_warmed_hold, decay_rate=lambda rng: _pick(rng, 0.5, 1.0, float(rng.uniform(0.0, 2.0)))
    ),
    "WarmupAnnealing": _with(_sample_warmup, group0_lr=lambda rng: _pick(rng, None, None, 0.5, 2.0)),
    "InverseSquareRootAnnealing": _sample_warmup,
    "T5InverseSquareRootAnnealing": _sample_t5,
    "PolynomialDecayAnnealing": _with(_sample_warmup, **_POLYNOMIAL),
    "PolynomialHoldDecayAnnealing": _with(_sample_hold, **_POLYNOMIAL),
    "WarmupHoldAnnealOneMinusSquareRoot": _sample_hold,
    "WarmupHoldAnnealLinear": _sample_hold,
}
