"""composer's schedules, multipliers of each param group's lr, with its times: "10ep", "500ba", "0.3dur".

Every one takes what the Trainer is given, where its times need it: max_duration, its scale_schedule_ratio as
`ssr`, and the batches_per_epoch there are. As in composer, times come out in whole batches, rounded down, and
ssr does not change a time in dur but by way of max_duration.

The clock is in batches; in samples, tokens or iterations where the times are in sp, tok or iter. It is what
has been trained on. composer's trainer steps its schedulers before it counts a batch, so that there every
batch but the first has the value of the one before, which is `.shift(1)`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..curve import join
from ..shapes import constant, cosine, decay, linear, piecewise, polynomial
from ._parts import milestones

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..curve import Clock, Curve

__all__ = [
    *("ConstantScheduler", "ConstantWithWarmupScheduler", "CosineAnnealingScheduler"),
    *("CosineAnnealingWarmRestartsScheduler", "CosineAnnealingWithWarmupScheduler", "ExponentialScheduler"),
    *("LinearScheduler", "LinearWithWarmupScheduler", "MultiStepScheduler", "MultiStepWithWarmupScheduler"),
    *("PolynomialScheduler", "PolynomialWithWarmupScheduler", "StepScheduler"),
]


def StepScheduler(
    step_size: str,
    gamma: float = 0.1,
    *,
    max_duration: str | int | None = None,
    batches_per_epoch: int | None = None,
    ssr: float = 1.0,
    base_lr: float = 1.0,
) -> Curve:
    """Times gamma every step_size.

    >>> StepScheduler("30ep", batches_per_epoch=100)
    decay(1, 0.1, every=3000).stairs(3000)
    """
    clock = _Clock(max_duration, batches_per_epoch, ssr)
    every = clock.steps(step_size)
    return decay(base_lr, gamma, every).stairs(every)


def MultiStepScheduler(
    milestones: Sequence[str],
    gamma: float = 0.1,
    *,
    max_duration: str | int | None = None,
    batches_per_epoch: int | None = None,
    ssr: float = 1.0,
    base_lr: float = 1.0,
) -> Curve:
    """Times gamma at each milestone, which are to be of one unit.

    >>> MultiStepScheduler(["0.5dur", "0.75dur"], max_duration="1000ba")
    piecewise({0: 1, 500: 0.1, 750: 0.010000000000000002})
    """
    clock = _Clock(max_duration, batches_per_epoch, ssr)
    return clock.multi_step(milestones, gamma, base_lr)


def ConstantScheduler(
    alpha: float = 1.0,
    t_max: str = "1dur",
    *,
    max_duration: str | int | None = None,
    batches_per_epoch: int | None = None,
    ssr: float = 1.0,
    base_lr: float = 1.0,
) -> Curve:
    """alpha until t_max, and 1 from there on.

    >>> ConstantScheduler(0.5, "100ba")
    constant(0.5, steps=100) >> constant(1)
    """
    clock = _Clock(max_duration, batches_per_epoch, ssr)
    steps = clock.steps(t_max)
    return constant(base_lr * alpha, steps) >> constant(base_lr) if steps else constant(base_lr)


def LinearScheduler(
    alpha_i: float = 1.0,
    alpha_f: float = 0.0,
    t_max: str = "1dur",
    *,
    max_duration: str | int | None = None,
    batches_per_epoch: int | None = None,
    ssr: float = 1.0,
    base_lr: float = 1.0,
) -> Curve:
    """Straight from alpha_i to alpha_f at t_max.

    >>> LinearScheduler(max_duration="10ep", batches_per_epoch=100)
    linear(1, 0, 1000)
    """
    clock = _Clock(max_duration, batches_per_epoch, ssr)
    return linear(base_lr * alpha_i, base_lr * alpha_f, clock.steps(t_max))


def ExponentialScheduler(
    gamma: float,
    decay_period: str = "1ep",
    *,
    max_duration: str | int | None = None,
    batches_per_epoch: int | None = None,
    ssr: float = 1.0,
    base_lr: float = 1.0,
) -> Curve:
    """gamma^(t / decay_period).

    >>> ExponentialScheduler(0.9, batches_per_epoch=100)
    decay(1, 0.9, every=100)
    """
    clock = _Clock(max_duration, batches_per_epoch, ssr)
    return decay(base_lr, gamma, clock.steps(decay_period))


def CosineAnnealingScheduler(
    t_max: str = "1dur",
    alpha_f: float = 0.0,
    *,
    max_duration: str | int | None = None,
    batches_per_epoch: int | None = None,
    ssr: float = 1.0,
    base_lr: float = 1.0,
) -> Curve:
    """A cosine from 1 to alpha_f at t_max.

    >>> CosineAnnealingScheduler("1000ba", 0.1)
    cosine(1, 0.1, 1000)
    """
    clock = _Clock(max_duration, batches_per_epoch, ssr)
    return cosine(base_lr, base_lr * alpha_f, clock.steps(t_max))


def CosineAnnealingWarmRestartsScheduler(
    t_0: str,
    t_mult: float = 1.0,
    alpha_f: float = 0.0,
    *,
    max_duration: str | int | None = None,
    batches_per_epoch: int | None = None,
    ssr: float = 1.0,
    base_lr: float = 1.0,
) -> Curve:
    """Cosines from 1 to alpha_f, each t_mult as long as the one before, rounded down.

    With t_mult < 1 they come to an end, after which it raises; composer does so at that end already.

    >>> CosineAnnealingWarmRestartsScheduler("10ep", 2, batches_per_epoch=100)
    cosine(1, 0, 1000).repeat(growth=2, whole=True)
    """
    clock = _Clock(max_duration, batches_per_epoch, ssr)
    first = clock.steps(t_0)
    fall = cosine(base_lr, base_lr * alpha_f, first)
    if int(t_mult * first) == first:
        return fall.repeat()
    if t_mult > 1:
        return fall.repeat(growth=t_mult, whole=True)
    times, length = 0, first
    while length:
        times, length = times + 1, int(t_mult * length)
    return fall.repeat(times, t_mult, whole=True).past_end("raise")


def PolynomialScheduler(
    power: float,
    t_max: str = "1dur",
    alpha_f: float = 0.0,
    *,
    max_duration: str | int | None = None,
    batches_per_epoch: int | None = None,
    ssr: float = 1.0,
    base_lr: float = 1.0,
) -> Curve:
    """alpha_f + (1 - alpha_f) (1 - t / t_max)^power.

    >>> PolynomialScheduler(2, "1000ba")
    polynomial(1, 0, 1000, power=2)
    """
    clock = _Clock(max_duration, batches_per_epoch, ssr)
    return polynomial(base_lr, base_lr * alpha_f, clock.steps(t_max), power)


def MultiStepWithWarmupScheduler(
    t_warmup: str,
    milestones: Sequence[str],
    gamma: float = 0.1,
    scale_warmup: bool = False,
    *,
    max_duration: str | int | None = None,
    batches_per_epoch: int | None = None,
    ssr: float = 1.0,
    base_lr: float = 1.0,
) -> Curve:
    """t / t_warmup, then MultiStepScheduler, milestones that came during the warm-up included.

    >>> MultiStepWithWarmupScheduler("10ba", ["500ba"])
    join([linear(0, 1, 10), piecewise({0: 1, 500: 0.1})], [10], clock="global")
    """
    clock = _Clock(max_duration, batches_per_epoch, ssr)
    main = clock.multi_step(milestones, gamma, base_lr)
    return clock.warmed_up(t_warmup, scale_warmup, base_lr, main, clock="global")


def ConstantWithWarmupScheduler(
    t_warmup: str,
    alpha: float = 1.0,
    t_max: str = "1dur",
    scale_warmup: bool = False,
    *,
    max_duration: str | int | None = None,
    batches_per_epoch: int | None = None,
    ssr: float = 1.0,
    base_lr: float = 1.0,
) -> Curve:
    """alpha t / t_warmup, then alpha, beyond t_max too.

    >>> ConstantWithWarmupScheduler("10ba", max_duration="1000ba")
    linear(0, 1, 10) >> constant(1)
    """
    clock = _Clock(max_duration, batches_per_epoch, ssr)
    clock.steps_after(t_warmup, t_max)
    return clock.warmed_up(t_warmup, scale_warmup, base_lr * alpha, constant(base_lr * alpha))


def LinearWithWarmupScheduler(
    t_warmup: str,
    alpha_i: float = 1.0,
    alpha_f: float = 0.0,
    t_max: str = "1dur",
    scale_warmup: bool = False,
    *,
    max_duration: str | int | None = None,
    batches_per_epoch: int | None = None,
    ssr: float = 1.0,
    base_lr: float = 1.0,
) -> Curve:
    """alpha_i t / t_warmup, then straight to alpha_f at t_max.

    ssr does not change t_warmup unless scale_warmup, and then only how fast it rises, not when it ends: with
    an ssr above 1 there is a jump. t_max must not be before the end of training.

    >>> LinearWithWarmupScheduler("0.1dur", max_duration="1000ba")
    linear(0, 1, 100) >> linear(1, 0, 900)
    """
    clock = _Clock(max_duration, batches_per_epoch, ssr)
    high, steps = base_lr * alpha_i, clock.steps_after(t_warmup, t_max)
    main = linear(high, base_lr * alpha_f, steps) if steps else constant(high)
    return clock.warmed_up(t_warmup, scale_warmup, high, main)


def CosineAnnealingWithWarmupScheduler(
    t_warmup: str,
    t_max: str = "1dur",
    alpha_f: float = 0.0,
    scale_warmup: bool = False,
    *,
    max_duration: str | int | None = None,
    batches_per_epoch: int | None = None,
    ssr: float = 1.0,
    base_lr: float = 1.0,
) -> Curve:
    """t / t_warmup, then a cosine to alpha_f at t_max; see LinearWithWarmupScheduler.

    >>> CosineAnnealingWithWarmupScheduler("0.1dur", max_duration="1000ba")
    linear(0, 1, 100) >> cosine(1, 0, 900)
    """
    clock = _Clock(max_duration, batches_per_epoch, ssr)
    steps = clock.steps_after(t_warmup, t_max)
    main = cosine(base_lr, base_lr * alpha_f, steps) if steps else constant(base_lr)
    return clock.warmed_up(t_warmup, scale_warmup, base_lr, main)


def PolynomialWithWarmupScheduler(
    t_warmup: str,
    power: float = 2.0,
    t_max: str = "1dur",
    alpha_f: float = 0.0,
    scale_warmup: bool = False,
    *,
    max_duration: str | int | None = None,
    batches_per_epoch: int | None = None,
    ssr: float = 1.0,
    base_lr: float = 1.0,
) -> Curve:
    """t / t_warmup, then alpha_f + (1 - alpha_f) (1 - p)^power to t_max; see LinearWithWarmupScheduler.

    >>> PolynomialWithWarmupScheduler("0.1dur", max_duration="1000ba")
    linear(0, 1, 100) >> polynomial(1, 0, 900, power=2)
    """
    clock = _Clock(max_duration, batches_per_epoch, ssr)
    steps = clock.steps_after(t_warmup, t_max)
    main = polynomial(base_lr, base_lr * alpha_f, steps, power) if steps else constant(base_lr)
    return clock.warmed_up(t_warmup, scale_warmup, base_lr, main)


@dataclass
class _Clock:
    """Times as whole steps of one unit."""

    max_duration: str | int | None
    batches_per_epoch: int | None
    ssr: float
    unit: str | None = None

    def steps(self, time: str, ssr: float | None = None) -> int:
        value, unit = _parsed(time)
        if unit == "dur":
            total, unit = self._end()
            # In this order, which decides what is rounded down to what.
            steps = value * self._epoch() * total if unit == "ep" else value * total
        else:
            steps = int(value) * (self._epoch() if unit == "ep" else 1) * (self.ssr if ssr is None else ssr)
        unit = "ba" if unit == "ep" else unit
        if unit != (self.unit or unit):
            raise ValueError(f"times must be of one unit, got {unit} and {self.unit}")
        self.unit = unit
        return int(steps)

    def steps_after(self, t_warmup: str, t_max: str) -> int:
        warmup, steps = self.steps(t_warmup, 1), self.steps(t_max)
        if self.max_duration is not None:
            end, unit = self._end()
            if unit == "ep" and self.batches_per_epoch is not None:
                end, unit = end * self.batches_per_epoch, "ba"
            if unit == self.unit and steps < end:
                raise ValueError(f"t_max must be >= max_duration, got {steps} and {end} {unit}")
        return max(0, steps - warmup)

    def multi_step(self, times: Sequence[str], gamma: float, start: float) -> Curve:
        return piecewise(milestones(start, [(self.steps(time), gamma) for time in times]))

    def warmed_up(
        self, t_warmup: str, scaled: bool, peak: float, main: Curve, clock: Clock = "local"
    ) -> Curve:
        warmup = self.steps(t_warmup, 1)
        if not warmup:
            return main
        rise = linear(0, peak, self.steps(t_warmup) if scaled else warmup)
        return (
            rise >> main
            if rise.steps == warmup and clock == "local"
            else join([rise, main], [warmup], clock=clock)
        )

    def _end(self) -> tuple[int, str]:
        if self.max_duration is None:
            raise ValueError("max_duration must be given for a time in dur")
        given = self.max_duration
        value, unit = _parsed(given if isinstance(given, str) else f"{given}ep")
        return int(int(value) * self.ssr), unit

    def _epoch(self) -> int:
        if self.batches_per_epoch is None:
            raise ValueError("batches_per_epoch must be given for a time in ep")
        return self.batches_per_epoch


def _parsed(time: str) -> tuple[float, str]:
    match = re.fullmatch(r"(.+)(iter|ep|ba|sp|tok|dur)", time)
    if not match:
        raise ValueError(f"times must be as '10ep', '5ba', '8sp', '9tok', '1iter' or '0.5dur', got {time!r}")
    value, unit = float(match[1]), match[2]
    if unit != "dur" and value != int(value):
        raise ValueError(f"times must be whole but in dur, got {time!r}")
    return value, unit
