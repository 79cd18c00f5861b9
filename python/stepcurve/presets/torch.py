"""PyTorch's schedulers (torch.optim.lr_scheduler, and SWALR), as if stepped from the start, alone.

Steps are counted in whatever the scheduler is stepped by. What follows a function of yours (LambdaLR,
MultiplicativeLR) or a metric (ReduceLROnPlateau) is in `stepcurve.lr_scheduler`; a ChainedScheduler of
factors is a product, `curve * curve`.
"""

from __future__ import annotations

from math import floor, log
from typing import TYPE_CHECKING

from .. import shapes
from ._parts import by_logarithm, in_turn, one_cycle, one_of, positive
from ._parts import milestones as factors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..curve import Curve

__all__ = [
    "SWALR",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "LinearLR",
    "MultiStepLR",
    "OneCycleLR",
    "PolynomialLR",
    "SequentialLR",
    "StepLR",
]


def StepLR(step_size: int, gamma: float = 0.1, *, base_lr: float = 1.0) -> Curve:
    """base_lr gamma^floor(t / step_size).

    >>> StepLR(30, base_lr=0.1)
    decay(0.1, 0.1, every=30).stairs(30)
    """
    return shapes.decay(base_lr, gamma, every=step_size).stairs(step_size)


def MultiStepLR(milestones: Iterable[int], gamma: float = 0.1, *, base_lr: float = 1.0) -> Curve:
    """base_lr, times gamma from each milestone on; twice from a milestone that is there twice.

    >>> MultiStepLR([30, 80])
    piecewise({0: 1, 30: 0.1, 80: 0.010000000000000002})
    """
    return shapes.piecewise(factors(base_lr, ((step, gamma) for step in milestones if step >= 0)))


def ConstantLR(factor: float = 1 / 3, total_iters: int = 5, *, base_lr: float = 1.0) -> Curve:
    """base_lr factor for total_iters steps, then base_lr.

    With total_iters=0 the factor stays for ever, as in torch.

    >>> ConstantLR(0.5)
    constant(0.5, steps=5) >> constant(1)
    """
    if not 0 < factor <= 1:
        raise ValueError(f"factor must be > 0 and <= 1, got {factor}")
    if total_iters <= 0:
        return shapes.constant(factor * base_lr)
    return shapes.constant(factor * base_lr, total_iters) >> shapes.constant(base_lr)


def LinearLR(
    start_factor: float = 1 / 3, end_factor: float = 1.0, total_iters: int = 5, *, base_lr: float = 1.0
) -> Curve:
    """Straight from base_lr start_factor to base_lr end_factor in total_iters steps, then held.

    With total_iters=0 start_factor stays for ever, as in torch.

    >>> LinearLR(0.1, total_iters=10)
    linear(0.1, 1, 10)
    """
    if not 0 < start_factor <= 1:
        raise ValueError(f"start_factor must be > 0 and <= 1, got {start_factor}")
    if not 0 <= end_factor <= 1:
        raise ValueError(f"end_factor must be from 0 to 1, got {end_factor}")
    if total_iters <= 0:
        return shapes.constant(start_factor * base_lr)
    return shapes.linear(start_factor * base_lr, end_factor * base_lr, total_iters)


def ExponentialLR(gamma: float, *, base_lr: float = 1.0) -> Curve:
    """base_lr gamma^t.

    >>> ExponentialLR(0.9)
    decay(1, 0.9)
    """
    return shapes.decay(base_lr, gamma)


def PolynomialLR(total_iters: int = 5, power: float = 1.0, *, base_lr: float = 1.0) -> Curve:
    """base_lr (1 - t / total_iters)^power, then 0. With total_iters=0 base_lr stays for ever, as in torch.

    >>> PolynomialLR(10, power=2)
    polynomial(1, 0, 10, power=2)
    """
    return shapes.polynomial(base_lr, 0, total_iters, power) if total_iters > 0 else shapes.constant(base_lr)


def CosineAnnealingLR(T_max: int, eta_min: float = 0.0, *, base_lr: float = 1.0) -> Curve:
    """From base_lr to eta_min in T_max steps, and then up again to base_lr, as torch's does.

    `.past_end("hold")` holds eta_min.

    >>> CosineAnnealingLR(100)
    cosine(1, 0, 100).past_end("extrapolate")
    """
    return shapes.cosine(base_lr, eta_min, T_max).past_end("extrapolate")


def CosineAnnealingWarmRestarts(
    T_0: int, T_mult: int = 1, eta_min: float = 0.0, *, exact: bool = True, base_lr: float = 1.0
) -> Curve:
    """SGDR: from base_lr to eta_min in T_0 steps, again and again, each time in T_mult times as many.

    `exact=False` is what torch's `step(epoch)` makes of it: a float logarithm misses some restarts by a step,
    which gets eta_min in place of base_lr. Its `step()` is exact.

    >>> CosineAnnealingWarmRestarts(10, T_mult=2)
    cosine(1, 0, 10).repeat(growth=2)
    >>> [CosineAnnealingWarmRestarts(3, 3, exact=exact)(363) for exact in (True, False)]
    [1.0, 0.0]
    """
    if T_mult < 1 or T_mult != int(T_mult):
        raise ValueError(f"T_mult must be a whole number >= 1, got {T_mult}")
    if exact or T_mult == 1:
        return shapes.cosine(base_lr, eta_min, T_0).repeat(growth=T_mult)

    def cycle(i: int) -> Curve:
        return shapes.cosine(base_lr, eta_min, T_0 * T_mult**i)

    def index(step: float) -> int:
        return floor(log(step / T_0 * (T_mult - 1) + 1, T_mult))

    return by_logarithm(cycle, T_0, T_mult, float("inf"), index)


def CyclicLR(
    base_lr: float,
    max_lr: float,
    step_size_up: int = 2000,
    step_size_down: int | None = None,
    mode: str = "triangular",
    gamma: float = 1.0,
    cycle_momentum: bool = True,
    base_momentum: float = 0.8,
    max_momentum: float = 0.9,
) -> Curve | dict[str, Curve]:
    """From base_lr up to max_lr and down, again and again; the momentum from max_momentum down and up.

    A dict of "lr" and "momentum" (or the first of the betas), or the lr's curve if not cycle_momentum. The
    height of cycle i, from 0, is halved i times in mode "triangular2", and in "exp_range" multiplied by
    gamma^t. Its `scale_fn` is a function of yours, left out: multiply what is above base_lr by a curve.

    >>> CyclicLR(0.1, 1, 10, cycle_momentum=False)
    (linear(0.1, 1, 10) >> linear(1, 0.1, 10)).repeat()
    >>> CyclicLR(0.1, 1, 10, mode="triangular2")["lr"]
    0.1 + (linear(0, 0.9, 10) >> linear(0.9, 0, 10)).repeat(decay=0.5)
    """
    one_of("mode", mode, ("triangular", "triangular2", "exp_range"))
    down = step_size_up if step_size_down is None else step_size_down

    def cycles(rest: float, peak: float) -> Curve:
        low, high = (rest, peak) if mode == "triangular" else (0.0, peak - rest)
        triangle = shapes.linear(low, high, step_size_up)
        triangle = triangle >> shapes.linear(high, low, down) if down else triangle
        if mode == "triangular":
            return triangle.repeat()
        if mode == "triangular2":
            return rest + triangle.repeat(decay=0.5)
        return rest + triangle.repeat() * shapes.decay(1, gamma)

    lr = cycles(base_lr, max_lr)
    return {"lr": lr, "momentum": cycles(max_momentum, base_momentum)} if cycle_momentum else lr


def OneCycleLR(
    max_lr: float,
    total_steps: int | None = None,
    epochs: int | None = None,
    steps_per_epoch: int | None = None,
    pct_start: float = 0.3,
    anneal_strategy: str = "cos",
    cycle_momentum: bool = True,
    base_momentum: float = 0.85,
    max_momentum: float = 0.95,
    div_factor: float = 25.0,
    final_div_factor: float = 1e4,
    three_phase: bool = False,
) -> Curve | dict[str, Curve]:
    """From max_lr / div_factor up to max_lr and down to the start / final_div_factor, momentum against it.

    A dict of "lr" and "momentum" (or the first of the betas), or the lr's curve if not cycle_momentum. The
    peak is at pct_start total_steps - 1 and the end at total_steps - 1. torch takes one step more, in which
    the formula goes on (a line goes below 0), and raises after it.

    >>> OneCycleLR(0.1, 100)["momentum"]([0, 29, 99])
    array([0.95, 0.85, 0.95])
    >>> OneCycleLR(0.1, 10, anneal_strategy="linear")["lr"]([0, 2, 9, 10]).round(4)
    array([ 0.004 ,  0.1   ,  0.    , -0.0143])
    """
    if total_steps is None:
        if epochs is None or steps_per_epoch is None:
            raise ValueError("total_steps, or epochs and steps_per_epoch, must be given")
        total_steps = epochs * steps_per_epoch
    start = max_lr / positive("div_factor", div_factor)
    end = start / positive("final_div_factor", final_div_factor)
    how = (total_steps, pct_start, anneal_strategy, three_phase)
    lr = one_cycle(start, max_lr, end, *how)
    if not cycle_momentum:
        return lr
    return {"lr": lr, "momentum": one_cycle(max_momentum, base_momentum, max_momentum, *how)}


def SWALR(
    swa_lr: float, anneal_epochs: int = 10, anneal_strategy: str = "cos", *, base_lr: float = 1.0
) -> Curve:
    """From base_lr, the lr when it is made, to swa_lr in anneal_epochs steps, at once if 0; then held.

    >>> SWALR(0.05, base_lr=0.1)
    cosine(0.1, 0.05, 10)
    """
    one_of("anneal_strategy", anneal_strategy, ("cos", "linear"))
    if anneal_epochs == 0:
        return shapes.constant(swa_lr)
    shape = shapes.cosine if anneal_strategy == "cos" else shapes.linear
    return shape(base_lr, swa_lr, anneal_epochs)


def SequentialLR(schedulers: Sequence[Curve], milestones: Sequence[int]) -> Curve:
    """One curve after the other, each on a clock of its own from its milestone on; as `join`.

    >>> SequentialLR([LinearLR(0.1), ExponentialLR(0.9)], [5])
    join([linear(0.1, 1, 5), decay(1, 0.9)], [5])
    """
    return in_turn(schedulers, milestones)
