"""Oracle of MosaicML composer 6405188 (2026-04-29), composer/optim/scheduler.py, core/time.py.

A time is "<number><unit>" in ep, ba or dur (the library's iter, sp and tok need clocks that t cannot give),
and ``t`` is the batch of the library's timestamp. ``max_duration`` is what the Trainer is given; the ratio
``ssr`` scales it here as the Trainer does. The Trainer steps its schedulers before it advances the timestamp,
so batch k of a real run gets the value at ``trainer_timestamp(k)``; no function here includes that delay.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np


class _Run(NamedTuple):
    batch: int
    max_value: int
    max_unit: str
    per_epoch: int


def trainer_timestamp(t):
    """The timestamp with which the Trainer's scheduler computes the value that batch t (from 0) runs with."""
    return max(0, t - 1)


def _parse(time):
    match = re.fullmatch(r"(.+?)(ep|ba|dur)", time)
    if match is None:
        raise ValueError(f"not a time in ep, ba or dur: {time!r}")
    value = float(match[1])
    if match[2] == "dur":
        return value, "dur"
    if int(value) != value:
        raise TypeError(f"only dur may be fractional: {time!r}")
    return int(value), match[2]


def _run(t, max_duration, batches_per_epoch, ssr):
    value, unit = _parse(max_duration)
    if unit == "dur":
        raise ValueError("max_duration cannot be in dur")
    # Truncated in its own unit: "3ep" at a ratio of 0.5 is one epoch.
    value = int(value * ssr)
    if value == 0:
        raise ValueError("the ratio has reduced max_duration to 0")
    return _Run(t, value, unit, batches_per_epoch)


def _batches(time, run, ssr=1.0):
    value, unit = _parse(time)
    if unit == "dur":
        # Not scaled by the ratio, which max_duration already is.
        if run.max_unit == "ep":
            return int(value * run.per_epoch * run.max_value)
        return int(value * run.max_value)
    if unit == "ep":
        value = value * run.per_epoch
    return int(value * ssr)


def _linear(run, t_max, alpha_i, alpha_f, ssr=1.0):
    elapsed = min(1.0, run.batch / _batches(t_max, run, ssr))
    return alpha_i + elapsed * (alpha_f - alpha_i)


def _multi_step(run, milestones, gamma, ssr):
    factor = 1.0
    for milestone in milestones:
        if run.batch >= _batches(milestone, run, ssr):
            factor *= gamma
    return factor


def _cosine(x, low):
    x = min(max(x, 0.0), 1.0)
    return low + (1.0 - low) * (1 + math.cos(x * math.pi)) / 2


def _warmup_and_length(run, t_warmup, t_max, ssr):
    warmup = _batches(t_warmup, run)
    length = _batches(t_max, run, ssr)
    # At any t, not only past t_max; a t_max that is short by truncation alone raises too.
    if length < run.max_value * (run.per_epoch if run.max_unit == "ep" else 1):
        raise ValueError("t_max must not be less than max_duration")
    return warmup, length


def _warmup_value(run, t_warmup, top, scale_warmup, ssr):
    # With scale_warmup the slope is scaled but not the batch at which the warm-up is left: a jump there.
    return _linear(run, t_warmup, 0.0, top, ssr if scale_warmup else 1.0)


def _elapsed(run, warmup, length):
    elapsed = (run.batch - warmup) / (length - warmup) if length > warmup else 0.0
    return min(1.0, elapsed)


def StepScheduler(t, *, step_size, gamma=0.1, max_duration, batches_per_epoch, ssr=1.0, base_lr=1.0):
    """Never ends."""
    run = _run(t, max_duration, batches_per_epoch, ssr)
    return base_lr * gamma ** int(run.batch / _batches(step_size, run, ssr))


def MultiStepScheduler(t, *, milestones, gamma=0.1, max_duration, batches_per_epoch, ssr=1.0, base_lr=1.0):
    """Milestones in any order, each counted once for every time it is given."""
    run = _run(t, max_duration, batches_per_epoch, ssr)
    return base_lr * _multi_step(run, milestones, gamma, ssr)


def ConstantScheduler(t, *, alpha=1.0, t_max="1dur", max_duration, batches_per_epoch, ssr=1.0, base_lr=1.0):
    """``alpha``, then 1 from ``t_max`` on."""
    run = _run(t, max_duration, batches_per_epoch, ssr)
    return base_lr * (alpha if run.batch < _batches(t_max, run, ssr) else 1.0)


def LinearScheduler(
    t, *, alpha_i=1.0, alpha_f=0.0, t_max="1dur", max_duration, batches_per_epoch, ssr=1.0, base_lr=1.0
):
    """Clamped at ``alpha_f``."""
    run = _run(t, max_duration, batches_per_epoch, ssr)
    return base_lr * _linear(run, t_max, alpha_i, alpha_f, ssr)


def ExponentialScheduler(
    t, *, gamma, decay_period="1ep", max_duration, batches_per_epoch, ssr=1.0, base_lr=1.0
):
    """Never ends."""
    run = _run(t, max_duration, batches_per_epoch, ssr)
    return base_lr * gamma ** float(run.batch / _batches(decay_period, run, ssr))


def CosineAnnealingScheduler(
    t, *, t_max="1dur", alpha_f=0.0, max_duration, batches_per_epoch, ssr=1.0, base_lr=1.0
):
    """Clamped at ``alpha_f``."""
    run = _run(t, max_duration, batches_per_epoch, ssr)
    return base_lr * _cosine(run.batch / _batches(t_max, run, ssr), alpha_f)


def CosineAnnealingWarmRestartsScheduler(
    t, *, t_0, t_mult=1.0, alpha_f=0.0, max_duration, batches_per_epoch, ssr=1.0, base_lr=1.0
):
    """Each interval is truncated from the one before it; ValueError where one has shrunk to 0."""
    run = _run(t, max_duration, batches_per_epoch, ssr)
    length = end = _batches(t_0, run, ssr)
    while end <= run.batch:
        if length == 0:
            raise ValueError("the interval between restarts has decayed to 0")
        length = int(t_mult * length)
        end += length
    return base_lr * _cosine((run.batch - (end - length)) / length, alpha_f)


def PolynomialScheduler(
    t, *, power, t_max="1dur", alpha_f=0.0, max_duration, batches_per_epoch, ssr=1.0, base_lr=1.0
):
    """Clamped at ``alpha_f``."""
    run = _run(t, max_duration, batches_per_epoch, ssr)
    elapsed = min(1.0, run.batch / _batches(t_max, run, ssr))
    return base_lr * (alpha_f + (1 - elapsed) ** power * (1.0 - alpha_f))


def MultiStepWithWarmupScheduler(
    t,
    *,
    t_warmup,
    milestones,
    gamma=0.1,
    scale_warmup=False,
    max_duration,
    batches_per_epoch,
    ssr=1.0,
    base_lr=1.0,
):
    """Milestones count from the start of the run."""
    run = _run(t, max_duration, batches_per_epoch, ssr)
    if run.batch < _batches(t_warmup, run):
        return base_lr * _warmup_value(run, t_warmup, 1.0, scale_warmup, ssr)
    return base_lr * _multi_step(run, milestones, gamma, ssr)


def ConstantWithWarmupScheduler(
    t,
    *,
    t_warmup,
    alpha=1.0,
    t_max="1dur",
    scale_warmup=False,
    max_duration,
    batches_per_epoch,
    ssr=1.0,
    base_lr=1.0,
):
    """Stays at ``alpha`` past ``t_max``, unlike ConstantScheduler and its own documentation."""
    return LinearWithWarmupScheduler(
        t,
        t_warmup=t_warmup,
        alpha_i=alpha,
        alpha_f=alpha,
        t_max=t_max,
        scale_warmup=scale_warmup,
        max_duration=max_duration,
        batches_per_epoch=batches_per_epoch,
        ssr=ssr,
        base_lr=base_lr,
    )


def LinearWithWarmupScheduler(
    t,
    *,
    t_warmup,
    alpha_i=1.0,
    alpha_f=0.0,
    t_max="1dur",
    scale_warmup=False,
    max_duration,
    batches_per_epoch,
    ssr=1.0,
    base_lr=1.0,
):
    """With a warm-up as long as ``t_max`` or longer it stays at ``alpha_i``."""
    run = _run(t, max_duration, batches_per_epoch, ssr)
    warmup, length = _warmup_and_length(run, t_warmup, t_max, ssr)
    if run.batch < warmup:
        return base_lr * _warmup_value(run, t_warmup, alpha_i, scale_warmup, ssr)
    return base_lr * (alpha_i + _elapsed(run, warmup, length) * (alpha_f - alpha_i))


def CosineAnnealingWithWarmupScheduler(
    t,
    *,
    t_warmup,
    t_max="1dur",
    alpha_f=0.0,
    scale_warmup=False,
    max_duration,
    batches_per_epoch,
    ssr=1.0,
    base_lr=1.0,
):
    """With a warm-up as long as ``t_max`` or longer it stays at 1."""
    run = _run(t, max_duration, batches_per_epoch, ssr)
    warmup, length = _warmup_and_length(run, t_warmup, t_max, ssr)
    if run.batch < warmup:
        return base_lr * _warmup_value(run, t_warmup, 1.0, scale_warmup, ssr)
    return base_lr * _cosine(_elapsed(run, warmup, length), alpha_f)


def PolynomialWithWarmupScheduler(
    t,
    *,
    t_warmup,
    power=2.0,
    t_max="1dur",
    alpha_f=0.0,
    scale_warmup=False,
    max_duration,
    batches_per_epoch,
    ssr=1.0,
    base_lr=1.0,
):
    """With a warm-up as long as ``t_max`` or longer it stays at 1."""
    run = _run(t, max_duration, batches_per_epoch, ssr)
    warmup, length = _warmup_and_length(run, t_warmup, t_max, ssr)
    if run.batch < warmup:
        return base_lr * _warmup_value(run, t_warmup, 1.0, scale_warmup, ssr)
    return base_lr * (alpha_f + (1 - _elapsed(run, warmup, length)) ** power * (1.0 - alpha_f))


def _pick(rng: np.random.Generator, *options: Any) -> Any:
    return options[int(rng.integers(len(options)))]


def _sample_run(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    per_epoch = _pick(rng, 4, 10, int(rng.integers(4, 60)))
    epochs = int(rng.integers(2, 7))
    batches = _pick(rng, 100, int(rng.integers(20, 300)))
    ssr = _pick(rng, 1.0, 1.0, 1.0, 0.5, 2.0, 1.5, float(rng.uniform(0.5, 2.0)))
    if rng.random() < 0.5:
        duration, total = f"{epochs}ep", int(epochs * ssr) * per_epoch
    else:
        duration, total = f"{batches}ba", int(batches * ssr)
    parameters = {"max_duration": duration, "batches_per_epoch": per_epoch, "ssr": ssr}
    parameters["base_lr"] = _pick(rng, 1.0, 1.0, 0.1, float(rng.uniform(1e-4, 2.0)))
    return parameters, total


def _time(rng: np.random.Generator, total: int) -> str:
    fraction = _pick(rng, 0.29, 0.57, 0.5, 1.0, round(float(rng.uniform(0.3, 1.2)), 3))
    return _pick(rng, f"{fraction}dur", f"{fraction}dur", f"{max(2, int(fraction * total))}ba", "1ep", "2ep")


def _warmup(rng: np.random.Generator, total: int) -> str:
    fraction = _pick(rng, 0.0, 0.06, 0.29, round(float(rng.uniform(0.1, 0.9)), 3), 1.0)
    return _pick(rng, f"{fraction}dur", f"{fraction}dur", "0ba", "2ba", f"{total // 10 + 2}ba", "0ep", "1ep")


def _sampler(**draws):
    def sample(rng: np.random.Generator) -> tuple[dict[str, Any], int]:
        run, total = _sample_run(rng)
        return {**{name: draw(rng, total) for name, draw in draws.items()}, **run}, total

    return sample


def _gamma(rng: np.random.Generator, total: int) -> float:
    return _pick(rng, 0.1, 0.5, 1.0, float(rng.uniform(0.05, 1.2)))


def _alpha(rng: np.random.Generator, total: int) -> float:
    return _pick(rng, 0.0, 0.1, 1.0, float(rng.uniform(0.0, 1.5)))


def _power(rng: np.random.Generator, total: int) -> float:
    return _pick(rng, 1.0, 2.0, 0.5, float(rng.uniform(0.1, 4.0)))


def _growth(rng: np.random.Generator, total: int) -> float:
    return _pick(rng, 1.0, 1.0, 2.0, 1.5, 0.5, float(rng.uniform(1.0, 3.0)))


def _flag(rng: np.random.Generator, total: int) -> bool:
    return _pick(rng, False, False, True)


def _times(rng: np.random.Generator, total: int) -> list[str]:
    return [_time(rng, total) for _ in range(int(rng.integers(0, 4)))]


def _long(rng: np.random.Generator, total: int) -> str:
    # Not below max_duration after truncation, for a ratio of 0.5 or more.
    return _pick(rng, "1dur", "1.0dur", "1.3dur", f"{2 * total + int(rng.integers(2, 50))}ba")


SAMPLES = {
    "StepScheduler": _sampler(step_size=_time, gamma=_gamma),
    "MultiStepScheduler": _sampler(milestones=_times, gamma=_gamma),
    "ConstantScheduler": _sampler(alpha=_alpha, t_max=_time),
    "LinearScheduler": _sampler(alpha_i=_alpha, alpha_f=_alpha, t_max=_time),
    "ExponentialScheduler": _sampler(gamma=_gamma, decay_period=_time),
    "CosineAnnealingScheduler": _sampler(t_max=_time, alpha_f=_alpha),
    "CosineAnnealingWarmRestartsScheduler": _sampler(t_0=_time, t_mult=_growth, alpha_f=_alpha),
    "PolynomialScheduler": _sampler(power=_power, t_max=_time, alpha_f=_alpha),
    "MultiStepWithWarmupScheduler": _sampler(
        t_warmup=_warmup, milestones=_times, gamma=_gamma, scale_warmup=_flag
    ),
    "ConstantWithWarmupScheduler": _sampler(t_warmup=_warmup, alpha=_alpha, t_max=_long, scale_warmup=_flag),
    "LinearWithWarmupScheduler": _sampler(
        t_warmup=_warmup, alpha_i=_alpha, alpha_f=_alpha, t_max=_long, scale_warmup=_flag
    ),
    "CosineAnnealingWithWarmupScheduler": _sampler(
        t_warmup=_warmup, t_max=_long, alpha_f=_alpha, scale_warmup=_flag
    ),
    "PolynomialWithWarmupScheduler": _sampler(
        t_warmup=_warmup, power=_power, t_max=_long, alpha_f=_alpha, scale_warmup=_flag
    ),
}
