"""timm's schedulers, as functions of the t that they are stepped with, epochs or updates, and its factory.

With warmup_prefix=False, the default of most, the main curve is on the clock of the whole run and the warm-up
covers its beginning: there is a jump where they meet. Left out are noise, which is torch's generator's; the
deprecated plateau, which is a `stepcurve.Plateau`; a `decay_fn` of yours. A param group's lr_scale is a
factor.
"""

from __future__ import annotations

from functools import partial
from math import ceil, floor, inf, log
from math import tanh as tanh_of
from typing import TYPE_CHECKING, Any

from .. import shapes
from ..curve import join
from ._parts import by_logarithm, cycles, milestones, not_negative, one_of, positive, warmed_up

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..curve import Curve

__all__ = [
    "CosineLRScheduler",
    "MultiStepLRScheduler",
    "PolyLRScheduler",
    "StepLRScheduler",
    "TanhLRScheduler",
    "WSDLRScheduler",
    "create_scheduler_v2",
]


def CosineLRScheduler(
    t_initial: float,
    lr_min: float = 0.0,
    cycle_mul: float = 1.0,
    cycle_decay: float = 1.0,
    cycle_limit: int = 1,
    warmup_t: float = 0,
    warmup_lr_init: float = 0.0,
    warmup_prefix: bool = False,
    k_decay: float = 1.0,
    *,
    exact: bool = True,
    base_lr: float = 1.0,
) -> Curve:
    """From base_lr to lr_min in t_initial steps along (1 + cos(pi p^k_decay)) / 2, cycle_limit times.

    Then lr_min is held. Cycle i is cycle_mul^i times as long and starts at base_lr cycle_decay^i. Where
    timm's float logarithm misses a restart by a step the right cycle is taken; `exact=False` takes timm's.

    >>> CosineLRScheduler(100, warmup_t=10, warmup_prefix=True)
    linear(0, 1, 10) >> cosine(1, 0, 100)
    >>> CosineLRScheduler(100, warmup_t=10)
    join([linear(0, 1, 10), cosine(1, 0, 100)], [10], clock="global")
    """

    def fall(start: float, end: float, steps: float) -> Curve:
        return shapes.cosine(start, end, steps, inner_power=k_decay)

    main = _cycles(fall, base_lr, lr_min, t_initial, cycle_mul, cycle_decay, cycle_limit, exact)
    return _after_warmup(main, warmup_t, warmup_lr_init, base_lr, warmup_prefix)


def TanhLRScheduler(
    t_initial: float,
    lb: float = -7.0,
    ub: float = 3.0,
    lr_min: float = 0.0,
    cycle_mul: float = 1.0,
    cycle_decay: float = 1.0,
    cycle_limit: int = 1,
    warmup_t: float = 0,
    warmup_lr_init: float = 0.0,
    warmup_prefix: bool = False,
    *,
    exact: bool = True,
    base_lr: float = 1.0,
) -> Curve:
    """As CosineLRScheduler, along (1 - tanh(lb + (ub - lb) p)) / 2.

    That stops short of both ends: there is a jump to lr_min. Without warmup_prefix the warm-up leads to where
    this is at its end.

    >>> TanhLRScheduler(100)
    tanh(0.9999991684719723, 0.002472623156634768, 100) >> constant(0)
    """
    first, last = (0.5 * (1 - tanh_of(y)) for y in (lb, ub))

    def fall(start: float, end: float, steps: float) -> Curve:
        return shapes.tanh(end + first * (start - end), end + last * (start - end), steps, lb, ub)

    main = _cycles(fall, base_lr, lr_min, t_initial, cycle_mul, cycle_decay, cycle_limit, exact)
    target = base_lr if warmup_prefix else main(warmup_t)
    return _after_warmup(main, warmup_t, warmup_lr_init, target, warmup_prefix)


def PolyLRScheduler(
    t_initial: float,
    power: float = 0.5,
    lr_min: float = 0.0,
    cycle_mul: float = 1.0,
    cycle_decay: float = 1.0,
    cycle_limit: int = 1,
    warmup_t: float = 0,
    warmup_lr_init: float = 0.0,
    warmup_prefix: bool = False,
    k_decay: float = 1.0,
    *,
    exact: bool = True,
    base_lr: float = 1.0,
) -> Curve:
    """As CosineLRScheduler, along (1 - p^k_decay)^power.

    >>> PolyLRScheduler(100, cycle_limit=2, cycle_mul=2)
    polynomial(1, 0, 100, power=0.5).repeat(times=2, growth=2)
    """

    def fall(start: float, end: float, steps: float) -> Curve:
        return shapes.polynomial(start, end, steps, power, k_decay)

    main = _cycles(fall, base_lr, lr_min, t_initial, cycle_mul, cycle_decay, cycle_limit, exact)
    return _after_warmup(main, warmup_t, warmup_lr_init, base_lr, warmup_prefix)


def StepLRScheduler(
    decay_t: float,
    decay_rate: float = 1.0,
    warmup_t: float = 0,
    warmup_lr_init: float = 0.0,
    warmup_prefix: bool = True,
    *,
    base_lr: float = 1.0,
) -> Curve:
    """base_lr decay_rate^floor(t / decay_t), after a warm-up.

    >>> StepLRScheduler(30, 0.1, warmup_t=5)
    linear(0, 1, 5) >> decay(1, 0.1, every=30).stairs(30)
    """
    main = shapes.decay(base_lr, decay_rate, every=decay_t).stairs(decay_t)
    return _after_warmup(main, warmup_t, warmup_lr_init, base_lr, warmup_prefix)


def MultiStepLRScheduler(
    decay_t: Sequence[float],
    decay_rate: float = 1.0,
    warmup_t: float = 0,
    warmup_lr_init: float = 0.0,
    warmup_prefix: bool = True,
    *,
    base_lr: float = 1.0,
) -> Curve:
    """base_lr, times decay_rate from the step before each of decay_t on, a step earlier than torch's.

    >>> MultiStepLRScheduler([30, 60], 0.5)
    piecewise({0: 1, 29: 0.5, 59: 0.25})
    """
    main = shapes.piecewise(milestones(base_lr, ((step - 1, decay_rate) for step in decay_t)))
    return _after_warmup(main, warmup_t, warmup_lr_init, base_lr, warmup_prefix)


def WSDLRScheduler(
    t_initial: float,
    decay_t: float,
    lr_min: float = 0.0,
    stable_fn: str = "constant",
    stable_timescale: float | None = None,
    stable_power: float = 0.5,
    decay_fn: str = "1-sqrt",
    decay_power: float = 0.5,
    decay_ratio: float = 0.1,
    warmup_t: float = 0,
    warmup_lr_init: float = 0.0,
    *,
    base_lr: float = 1.0,
) -> Curve:
    """A warm-up, then t_initial steps, in the last decay_t of which the lr falls to lr_min; held there.

    Until then it is base_lr, or with stable_fn "rsqrt" base_lr (1 + t / stable_timescale)^-1/2, with "power"
    to the -stable_power, but at least lr_min; the fall multiplies what is above lr_min. It is "1-sqrt",
    "linear", "cosine", "power" (1 - p^decay_power) or "exp" (decay_ratio^p, down to 0). stable_timescale is
    warmup_t unless given.

    >>> WSDLRScheduler(100, 20, warmup_t=10)
    linear(0, 1, 10) >> constant(1, steps=80) >> polynomial(1, 0, 20, inner_power=0.5)
    >>> WSDLRScheduler(100, 20, stable_fn="rsqrt", stable_timescale=50, decay_fn="linear")
    inverse(1, 50, power=0.5) * (constant(1, steps=80) >> linear(1, 0, 20))
    """
    not_negative("lr_min", lr_min)
    one_of("stable_fn", stable_fn, ("constant", "rsqrt", "power"))
    if not 0 < decay_t <= t_initial:
        raise ValueError(f"decay_t must be > 0 and <= t_initial {t_initial}, got {decay_t}")
    if not 0 < decay_ratio < 1:
        raise ValueError(f"decay_ratio must be > 0 and < 1, got {decay_ratio}")
    fall = partial(_wsd_fall, decay_fn, power=decay_power, ratio=decay_ratio, steps=decay_t)
    if stable_fn == "constant":
        top = max(base_lr, lr_min)
        main = _held(top, t_initial - decay_t, fall(top, lr_min))
    else:
        scale = warmup_t if stable_timescale is None else stable_timescale
        power = 0.5 if stable_fn == "rsqrt" else stable_power
        stable = shapes.inverse(base_lr, positive("stable_timescale", scale), power)
        share = _held(1.0, t_initial - decay_t, fall(1.0, 0.0))
        main = (stable.clip(lr_min) + -lr_min) * share + lr_min if lr_min else stable * share
    return _after_warmup(main, warmup_t, warmup_lr_init, base_lr, prefix=True)


def create_scheduler_v2(
    sched: str = "cosine",
    num_epochs: float = 300,
    decay_epochs: float | None = None,
    decay_milestones: Sequence[float] = (90, 180, 270),
    decay_rate: float = 0.1,
    min_lr: float = 0.0,
    warmup_lr: float = 1e-5,
    warmup_epochs: float = 0,
    warmup_prefix: bool = False,
    cycle_mul: float = 1.0,
    cycle_decay: float = 0.1,
    cycle_limit: int = 1,
    k_decay: float = 1.0,
    decay_fn: str | None = None,
    stable_timescale: float | None = None,
    step_on_epochs: bool = True,
    updates_per_epoch: int = 0,
    *,
    exact: bool = True,
    base_lr: float = 1.0,
) -> Curve:
    """timm's factory, by the names of its --sched, with its defaults, which are not those of the classes.

    sched is "cosine", "tanh", "poly" (with decay_rate for the power), "step", "multistep", "constant", "wsd"
    or "rsqrt". t is the epoch, or the update if not step_on_epochs.

    >>> create_scheduler_v2("step", decay_epochs=30, warmup_epochs=5)
    join([linear(1e-05, 1, 5), decay(1, 0.1, every=30).stairs(30)], [5], clock="global")
    >>> create_scheduler_v2("wsd", 100, warmup_epochs=5, step_on_epochs=False, updates_per_epoch=100)
    linear(1e-05, 1, 500) >> constant(1, steps=7600) >> polynomial(1, 0, 1900, inner_power=0.5)
    """
    one_of("sched", sched, ("cosine", "tanh", "poly", "step", "multistep", "constant", "wsd", "rsqrt"))
    per = 1 if step_on_epochs else positive("updates_per_epoch", updates_per_epoch)
    if decay_epochs is None:
        decay_epochs = 0.2 if sched in ("wsd", "rsqrt") else 90
    total, warmup = num_epochs * per, warmup_epochs * per
    start: dict[str, Any] = {"warmup_t": warmup, "warmup_lr_init": warmup_lr, "base_lr": base_lr}
    if sched in ("wsd", "rsqrt"):
        total -= 0 if warmup_prefix else warmup
        decay_t = round(decay_epochs * (total if 0 < decay_epochs < 1 else per))
        scale = None if stable_timescale is None else stable_timescale * per
        kind = ("rsqrt", "linear") if sched == "rsqrt" else ("constant", "1-sqrt")
        fall = decay_fn or kind[1]
        return WSDLRScheduler(total, decay_t, min_lr, kind[0], scale, decay_fn=fall, **start)
    if sched == "step":
        return StepLRScheduler(decay_epochs * per, decay_rate, warmup_prefix=warmup_prefix, **start)
    if sched == "constant":
        return StepLRScheduler(1, 1.0, warmup_prefix=warmup_prefix, **start)
    if sched == "multistep":
        steps = [step * per for step in decay_milestones]
        return MultiStepLRScheduler(steps, decay_rate, warmup_prefix=warmup_prefix, **start)
    again = (min_lr, cycle_mul, cycle_decay, cycle_limit)
    if sched == "tanh":
        return TanhLRScheduler(total, -7.0, 3.0, *again, warmup_prefix=warmup_prefix, exact=exact, **start)
    if sched == "poly":
        main = partial(PolyLRScheduler, total, decay_rate, *again)
    else:
        main = partial(CosineLRScheduler, total, *again)
    return main(warmup_prefix=warmup_prefix, k_decay=k_decay, exact=exact, **start)


def _after_warmup(main: Curve, steps: float, start: float, target: float, prefix: bool) -> Curve:
    if prefix or not steps:
        return warmed_up(steps, main, start, target)
    return join([shapes.linear(start, target, steps), main], [steps], clock="global")


def _held(value: float, steps: float, then: Curve) -> Curve:
    return shapes.constant(value, steps) >> then if steps else then


def _cycles(
    fall: Callable[[float, float, float], Curve],
    base_lr: float,
    lr_min: float,
    steps: float,
    growth: float,
    decay: float,
    limit: float,
    exact: bool,
) -> Curve:
    not_negative("lr_min", lr_min)
    low = shapes.constant(lr_min)
    if exact or growth == 1:
        main = fall(base_lr, lr_min, steps)
        if limit != 1:
            main = cycles(
                lambda start, end: fall(start, end, steps), base_lr, lr_min, limit, growth, start_decay=decay
            )
        made = main if limit == inf or main(main.steps) == lr_min else main >> low
    else:

        def cycle(i: int) -> Curve:
            return fall(base_lr * decay**i, lr_min, steps * growth**i) if i < limit else low

        def index(step: float) -> int:
            return floor(log(1 - step / steps * (1 - growth), growth))

        made = by_logarithm(cycle, steps, growth, limit + 1, index)
    if growth >= 1:
        return made
    # The last step at which timm's logarithm has an argument above 0.
    last = ceil(steps / (1 - growth)) + 1
    while not 1 - last / steps * (1 - growth) > 0:
        last -= 1
    return (made + shapes.constant(0, last)).past_end("raise")


def _wsd_fall(kind: str, start: float, end: float, *, power: float, ratio: float, steps: float) -> Curve:
    if kind == "exp":
        height = (start - end) / (1 - ratio)
        if not height:
            return shapes.constant(end, steps)
        return shapes.exponential(height, height * ratio, steps) + (end - height * ratio)
    if kind == "cosine":
        return shapes.cosine(start, end, steps)
    if kind == "linear":
        return shapes.linear(start, end, steps)
    one_of("decay_fn", kind, ("1-sqrt", "power", "linear", "cosine", "exp"))
    return shapes.polynomial(start, end, steps, inner_power=power if kind == "power" else 0.5)
