"""NeMo's schedules (nemo.core.optim.lr_scheduler). Each param group's lr is `base_lr`.

In WarmupAnnealing and CosineAnnealing with constant_steps, NeMo takes group 0's lr for every group. A group's
"reset_lr" is not followed: `join` says when to begin again.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..curve import join
from ..shapes import constant, cosine, inverse, linear, polynomial
from ._parts import chain, positive, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..curve import Curve

    Main = Callable[[float], Curve]  # of the steps there are for it

__all__ = [
    *("CosineAnnealing", "InverseSquareRootAnnealing", "NoamAnnealing", "NoamHoldAnnealing"),
    *("PolynomialDecayAnnealing", "PolynomialHoldDecayAnnealing", "SquareAnnealing", "SquareRootAnnealing"),
    *("T5InverseSquareRootAnnealing", "WarmupAnnealing", "WarmupHoldAnnealLinear"),
    *("WarmupHoldAnnealOneMinusSquareRoot", "WarmupHoldPolicy", "WarmupPolicy"),
]


def WarmupPolicy(
    *,
    warmup_steps: float | None = None,
    warmup_ratio: float | None = None,
    max_steps: float | None = None,
    min_lr: float = 0.0,
    base_lr: float = 1.0,
) -> Curve:
    """base_lr (t + 1) / (warmup_steps + 1), then base_lr, and min_lr after max_steps if there is one.

    All of NeMo's warm-ups but Noam's are such. warmup_ratio is a part of max_steps, rounded down.

    >>> WarmupPolicy(warmup_steps=9, max_steps=100)
    linear(0.1, 1, 9) >> constant(1, steps=91).past_end(0)
    """
    warmup = _part("warmup", warmup_steps, warmup_ratio, max_steps) or 0
    if max_steps is None:
        return chain([*_rise(warmup, base_lr), constant(base_lr)])
    return _annealed(lambda n: constant(base_lr, n).past_end(min_lr), warmup, max_steps, min_lr, base_lr)


def WarmupHoldPolicy(
    *,
    max_steps: float,
    warmup_steps: float | None = None,
    warmup_ratio: float | None = None,
    hold_steps: float | None = None,
    hold_ratio: float | None = None,
    min_lr: float = 0.0,
    base_lr: float = 1.0,
) -> Curve:
    """As WarmupPolicy, except that a hold to beyond max_steps is kept.

    >>> WarmupHoldPolicy(max_steps=100, warmup_steps=9, hold_steps=20)
    linear(0.1, 1, 9) >> constant(1, steps=20) >> constant(1, steps=71).past_end(0)
    """
    warmup = _part("warmup", warmup_steps, warmup_ratio, max_steps) or 0
    hold = _part("hold", hold_steps, hold_ratio, max_steps) or 0
    return _annealed(
        lambda n: constant(base_lr, n).past_end(min_lr), warmup, max_steps, min_lr, base_lr, hold
    )


def SquareAnnealing(
    *,
    max_steps: float,
    min_lr: float = 1e-5,
    warmup_steps: float | None = None,
    warmup_ratio: float | None = None,
    base_lr: float = 1.0,
) -> Curve:
    """The warm-up, then base_lr (1 - p)^2, but no less than min_lr.

    >>> SquareAnnealing(max_steps=100, warmup_steps=9)
    linear(0.1, 1, 9) >> polynomial(1, 0, 91, power=2).clip(low=1e-05)
    """
    warmup = _part("warmup", warmup_steps, warmup_ratio, max_steps) or 0
    return _annealed(
        lambda n: polynomial(base_lr, 0, n, power=2).clip(low=min_lr),
        warmup,
        max_steps,
        min_lr,
        base_lr,
    )


def SquareRootAnnealing(
    *,
    max_steps: float,
    min_lr: float = 0.0,
    warmup_steps: float | None = None,
    warmup_ratio: float | None = None,
    base_lr: float = 1.0,
) -> Curve:
    """The warm-up, then base_lr sqrt(1 - t / max_steps), but no less than min_lr.

    That counts from step 0, not from the end of the warm-up, so that there is a jump after it.

    >>> SquareRootAnnealing(max_steps=100)
    polynomial(1, 0, 100, power=0.5).clip(low=0)
    """
    warmup = _part("warmup", warmup_steps, warmup_ratio, max_steps) or 0
    main = polynomial(base_lr, 0, max_steps, power=0.5).clip(low=min_lr)
    return _from_step_0(main, warmup, max_steps, min_lr, base_lr)


def CosineAnnealing(
    *,
    max_steps: float,
    min_lr: float = 0.0,
    warmup_steps: float | None = None,
    warmup_ratio: float | None = None,
    constant_steps: float | None = None,
    constant_ratio: float | None = None,
    base_lr: float = 1.0,
) -> Curve:
    """The warm-up, then a cosine to min_lr, which is there for the last constant_steps of max_steps.

    With constant_steps the warm-up is another: base_lr t / warmup_steps.

    >>> CosineAnnealing(max_steps=100, warmup_steps=9, min_lr=0.01)
    linear(0.1, 1, 9) >> cosine(1, 0.01, 91)
    >>> CosineAnnealing(max_steps=100, warmup_steps=10, constant_steps=20, min_lr=0.01)
    linear(0, 1, 10) >> cosine(1, 0.01, 70)
    """
    warmup = _part("warmup", warmup_steps, warmup_ratio, max_steps) or 0
    keep = _part("constant", constant_steps, constant_ratio, max_steps) or 0
    if base_lr < min_lr or (keep and base_lr == min_lr):
        raise ValueError(f"base_lr must be > min_lr, got {base_lr} and {min_lr}")
    if not keep:
        return _annealed(partial(cosine, base_lr, min_lr), warmup, max_steps, min_lr, base_lr)
    steps = max_steps - warmup - keep
    if steps < 0 and not warmup:
        return constant(min_lr)
    if steps <= 0 and warmup:
        return linear(0, base_lr, warmup).past_end(min_lr)
    fall = cosine(base_lr, min_lr, steps)
    return linear(0, base_lr, warmup) >> fall if warmup else fall


def NoamAnnealing(
    *,
    d_model: float,
    warmup_steps: float | None = None,
    warmup_ratio: float | None = None,
    max_steps: float | None = None,
    min_lr: float = 0.0,
    base_lr: float = 1.0,
) -> Curve:
    """base_lr / sqrt(d_model) times the lesser of 1 / sqrt(t) and t / warmup_steps^1.5, where t is >= 1.

    After the warm-up no less than min_lr. Endless: max_steps is only what warmup_ratio is of.

    >>> NoamAnnealing(d_model=4, warmup_steps=100)
    linear(0, 0.05, 100).clip(low=0.0005) >> inverse(0.05, 100, power=0.5).clip(low=0)
    """
    warmup = _part("warmup", warmup_steps, warmup_ratio, max_steps) or 0
    if base_lr < min_lr:
        raise ValueError(f"base_lr must be >= min_lr, got {base_lr} and {min_lr}")
    scale = base_lr * positive("d_model", d_model) ** -0.5
    if not warmup:
        return (constant(scale, 1) >> inverse(scale, 1, power=0.5)).clip(low=min_lr)
    peak = scale * warmup**-0.5
    rise = linear(0, peak, warmup).clip(low=peak / warmup)
    fall = inverse(peak, warmup, power=0.5).clip(low=min_lr)
    return rise >> fall if min_lr <= peak else join([rise, fall], [warmup], owner="earlier")


def NoamHoldAnnealing(
    *,
    max_steps: float,
    decay_rate: float = 0.5,
    min_lr: float = 0.0,
    warmup_steps: float | None = None,
    warmup_ratio: float | None = None,
    hold_steps: float | None = None,
    hold_ratio: float | None = None,
    base_lr: float = 1.0,
) -> Curve:
    """The warm-up, base_lr held, then base_lr (warmup_steps / (t - hold_steps))^decay_rate.

    No less than min_lr, and that after max_steps. There must be a warm-up.

    >>> NoamHoldAnnealing(max_steps=100, warmup_steps=9, hold_steps=20)(29 + 27)
    0.5
    """
    warmup = positive("warmup_steps", _part("warmup", warmup_steps, warmup_ratio, max_steps) or 0)
    hold = _part("hold", hold_steps, hold_ratio, max_steps) or 0
    fall = inverse(base_lr, warmup, power=decay_rate).clip(low=min_lr)
    return _annealed(lambda n: until(n, fall, min_lr), warmup, max_steps, min_lr, base_lr, hold)


def WarmupAnnealing(
    *,
    max_steps: float,
    min_lr: float = 0.0,
    warmup_steps: float | None = None,
    warmup_ratio: float | None = None,
    base_lr: float = 1.0,
) -> Curve:
    """The warm-up, then straight to min_lr.

    >>> WarmupAnnealing(max_steps=100, warmup_steps=9)
    linear(0.1, 1, 9) >> linear(1, 0, 91)
    """
    warmup = _part("warmup", warmup_steps, warmup_ratio, max_steps) or 0
    return _annealed(partial(linear, base_lr, min_lr), warmup, max_steps, min_lr, base_lr)


def InverseSquareRootAnnealing(
    *,
    max_steps: float,
    min_lr: float = 0.0,
    warmup_steps: float | None = None,
    warmup_ratio: float | None = None,
    base_lr: float = 1.0,
) -> Curve:
    """The warm-up, then base_lr / sqrt((t + 1) / (warmup_steps + 1)), and min_lr after max_steps.

    >>> InverseSquareRootAnnealing(max_steps=100, warmup_steps=9)
    linear(0.1, 1, 9) >> join([inverse(1, 10, power=0.5), constant(0)], [91], owner="earlier")
    """
    warmup = _part("warmup", warmup_steps, warmup_ratio, max_steps) or 0
    fall = inverse(base_lr, warmup + 1, power=0.5)
    return _annealed(lambda n: until(n, fall, min_lr), warmup, max_steps, min_lr, base_lr)


def T5InverseSquareRootAnnealing(*, constant_steps: float, max_steps: float, min_lr: float = 0.0) -> Curve:
    """1 / sqrt(constant_steps), then 1 / sqrt(t), and min_lr after max_steps: the group's lr has no say.

    NeMo's constant_ratio raises, and is not here.

    >>> T5InverseSquareRootAnnealing(constant_steps=100, max_steps=1_000)(400)
    0.05
    """
    high = positive("constant_steps", constant_steps) ** -0.5
    if max_steps <= constant_steps:
        return constant(high, constant_steps).past_end(min_lr)
    curve = constant(high, constant_steps) >> inverse(high, constant_steps, power=0.5)
    return until(max_steps, curve, min_lr)


def PolynomialDecayAnnealing(
    *,
    max_steps: float,
    min_lr: float = 0.0,
    power: float = 1.0,
    cycle: bool = False,
    warmup_steps: float | None = None,
    warmup_ratio: float | None = None,
    base_lr: float = 1.0,
) -> Curve:
    """The warm-up, then min_lr + (base_lr - min_lr) (1 - p)^power. cycle changes nothing, as in NeMo.

    >>> PolynomialDecayAnnealing(max_steps=100, power=2, warmup_steps=9)
    linear(0.1, 1, 9) >> polynomial(1, 0, 91, power=2)
    """
    warmup = _part("warmup", warmup_steps, warmup_ratio, max_steps) or 0
    return _annealed(partial(polynomial, base_lr, min_lr, power=power), warmup, max_steps, min_lr, base_lr)


def PolynomialHoldDecayAnnealing(
    *,
    max_steps: float,
    min_lr: float = 0.0,
    power: float = 1.0,
    cycle: bool = False,
    warmup_steps: float | None = None,
    warmup_ratio: float | None = None,
    hold_steps: float | None = None,
    hold_ratio: float | None = None,
    base_lr: float = 1.0,
) -> Curve:
    """The warm-up, base_lr held, then min_lr + (base_lr - min_lr) (1 - p)^power.

    Without a hold p counts from step 0, with the warm-up cut from its end: min_lr comes early. With cycle it
    then starts again from (base_lr - min_lr) / 2^power above min_lr.

    >>> PolynomialHoldDecayAnnealing(max_steps=100, power=2, warmup_steps=9, hold_steps=20)
    linear(0.1, 1, 9) >> constant(1, steps=20) >> polynomial(1, 0, 71, power=2)
    """
    warmup = _part("warmup", warmup_steps, warmup_ratio, max_steps) or 0
    hold = _part("hold", hold_steps, hold_ratio, max_steps)
    if hold is not None or not 0 < warmup < max_steps:
        fall = partial(polynomial, base_lr, min_lr, power=power)
        return _annealed_after_hold(fall, warmup, max_steps, min_lr, base_lr, hold or 0)
    main = polynomial(base_lr - min_lr, 0, max_steps - warmup, power)
    if cycle:
        main = main.repeat(harmonic=power, owner="earlier")
    return until(max_steps, _from_step_0(main + min_lr, warmup, max_steps, min_lr, base_lr), min_lr)


def WarmupHoldAnnealOneMinusSquareRoot(
    *,
    max_steps: float,
    min_lr: float = 0.0,
    warmup_steps: float | None = None,
    warmup_ratio: float | None = None,
    hold_steps: float | None = None,
    hold_ratio: float | None = None,
    base_lr: float = 1.0,
) -> Curve:
    """The warm-up, base_lr held, then base_lr (1 - sqrt p), but no less than min_lr.

    Without a hold p counts from step 0, so that there is a jump after the warm-up.

    >>> WarmupHoldAnnealOneMinusSquareRoot(max_steps=100, warmup_steps=9, hold_steps=51)
    linear(0.1, 1, 9) >> constant(1, steps=51) >> polynomial(1, 0, 40, inner_power=0.5).clip(low=0)
    """
    warmup = _part("warmup", warmup_steps, warmup_ratio, max_steps) or 0
    hold = _part("hold", hold_steps, hold_ratio, max_steps)

    def fall(n: float) -> Curve:
        return polynomial(base_lr, 0, n, inner_power=0.5).clip(low=min_lr)

    return _annealed_after_hold(fall, warmup, max_steps, min_lr, base_lr, hold)


def WarmupHoldAnnealLinear(
    *,
    max_steps: float,
    min_lr: float = 0.0,
    warmup_steps: float | None = None,
    warmup_ratio: float | None = None,
    hold_steps: float | None = None,
    hold_ratio: float | None = None,
    base_lr: float = 1.0,
) -> Curve:
    """The warm-up, base_lr held, then straight to min_lr.

    Without a hold the line is from step 0, so that there is a jump after the warm-up.

    >>> WarmupHoldAnnealLinear(max_steps=100, warmup_steps=9, hold_steps=51)
    linear(0.1, 1, 9) >> constant(1, steps=51) >> linear(1, 0, 40)
    """
    warmup = _part("warmup", warmup_steps, warmup_ratio, max_steps) or 0
    hold = _part("hold", hold_steps, hold_ratio, max_steps)
    return _annealed_after_hold(partial(linear, base_lr, min_lr), warmup, max_steps, min_lr, base_lr, hold)


def _part(name: str, steps: float | None, ratio: float | None, max_steps: float | None) -> float | None:
    if ratio is None:
        return steps
    if steps is not None or max_steps is None:
        raise ValueError(f"{name}_ratio must be given without {name}_steps and with max_steps")
    return int(ratio * max_steps)


def _rise(warmup: float, base_lr: float) -> list[Curve]:
    return [linear(base_lr / (warmup + 1), base_lr, warmup)] if warmup else []


def _annealed(
    main: Main,
    warmup: float,
    max_steps: float,
    min_lr: float,
    base_lr: float,
    hold: float = 0,
) -> Curve:
    """The warm-up, the hold, and then the main curve of what is left, which is to end in min_lr."""
    before = [*_rise(warmup, base_lr), *([constant(base_lr, hold)] if hold else [])]
    left = max_steps - warmup - hold
    if left > 0 or not before:
        return chain([*before, main(left)])
    if left < 0 and hold:  # max_steps has no say in the warm-up and the hold
        return chain([*before, constant(min_lr)])
    return chain(before).past_end(min_lr)


def _annealed_after_hold(
    main: Main, warmup: float, max_steps: float, min_lr: float, base_lr: float, hold: float | None
) -> Curve:
    if hold is None:
        return _from_step_0(main(max_steps), warmup, max_steps, min_lr, base_lr)
    if hold and max_steps == warmup + hold:
        raise ValueError(f"max_steps must not be all warmup_steps and hold_steps, got {max_steps}")
    return _annealed(main, warmup, max_steps, min_lr, base_lr, hold)


def _from_step_0(main: Curve, warmup: float, max_steps: float, min_lr: float, base_lr: float) -> Curve:
    """The warm-up, and then the main curve as if there had not been any."""
    if not warmup:
        return main
    [rise] = _rise(warmup, base_lr)
    if max_steps <= warmup:
        return rise.past_end(min_lr)
    return join([rise, main], [warmup], owner="earlier", clock="global")
