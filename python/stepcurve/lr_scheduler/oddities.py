"""What torch's schedulers do otherwise than their users expect: rules about a part of a scheduler.

Each is told of those schedulers alone that run into it. tests/test_check_torch.py shows each on torch itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import torch
from torch.optim import lr_scheduler as torchs

from ..checks.findings import count
from ..checks.rules import Told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from ..curve import Curve

ABSOLUTE = (
    torchs.LambdaLR,
    torchs.CyclicLR,
    torchs.OneCycleLR,
    torchs.CosineAnnealingWarmRestarts,
)
"""Those that write the lr from their own numbers, whatever it is."""
MADE_OF_OTHERS = (torchs.SequentialLR, torchs.ChainedScheduler)


@dataclass(frozen=True)
class Part:
    """A scheduler, which may be a part of others, and from which step to which it is in charge."""

    scheduler: Any
    begin: float
    end: float  # infinite if the run is not known
    parent: Any
    rates: NDArray[np.float64] | None  # those to come, as far as they were looked at
    error: Exception | None  # what ended them
    curve: Curve | None  # of the first group, if there is a closed form
    alone: bool  # no other scheduler has its optimizer
    present: int = 0  # the step that it stands at

    @property
    def name(self) -> str:
        return type(self.scheduler).__name__

    @property
    def length(self) -> float:
        return self.end - self.begin

    @property
    def stops_at(self) -> int:
        """The step whose rate is not known any more."""
        return self.present + (0 if self.rates is None else len(self.rates))

    @property
    def added(self) -> int:
        """How many param groups there are more than when the scheduler was made."""
        known = getattr(self.scheduler, "base_lrs", None)
        return 0 if known is None else len(self.scheduler.optimizer.param_groups) - len(known)


ODDITIES: dict[str, Callable[[Part], Told | None]] = {}


def oddity(identity: str) -> Callable[[Callable[[Part], Told | None]], Callable[[Part], Told | None]]:
    """Put a function into the table."""

    def add(function: Callable[[Part], Told | None]) -> Callable[[Part], Told | None]:
        ODDITIES[identity] = function
        return function

    return add


def inner_parts(scheduler: Any, begin: float, end: float) -> Iterator[tuple[Any, float, float, Any]]:
    """The schedulers that one is made of: each, its steps, and what it is a part of."""
    children = getattr(scheduler, "_schedulers", ())
    milestones = getattr(scheduler, "_milestones", None)
    for i, child in enumerate(children):
        first, last = begin, end
        if milestones is not None:
            first = begin + milestones[i - 1] if i else begin
            last = min(end, begin + milestones[i]) if i < len(milestones) else end
        if first < last:  # others never have a turn
            yield child, first, last, scheduler
            yield from inner_parts(child, first, last)


def steps_of(part: Part, begin: float | None = None) -> tuple[float, float] | None:
    first = part.begin if begin is None else begin
    return (min(first, part.end - 1), part.end - 1) if math.isfinite(part.end) else None


@cache
def _nesting_moves_on() -> bool:
    """Whether the installed torch moves a scheduler made of others on when it becomes part of one."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    chained = torchs.ChainedScheduler([torchs.ExponentialLR(optimizer, 0.5)])
    torchs.SequentialLR(optimizer, [chained], [])
    return bool(optimizer.param_groups[0]["lr"] != 1.0)


@oddity("nested-sequential")
def nested(part: Part) -> Told | None:
    """A SequentialLR or ChainedScheduler inside a SequentialLR is a step ahead (pytorch#196243)."""
    first = isinstance(part.parent, torchs.SequentialLR) and part.scheduler is part.parent._schedulers[0]
    if not first or not isinstance(part.scheduler, MADE_OF_OTHERS) or not _nesting_moves_on():
        return None
    return Told(
        "warning",
        steps_of(part),
        f"The {part.name} in a SequentialLR was moved on by a step when that was made: what it does comes a "
        "step early.",
        "Put all parts into one SequentialLR with all milestones, or use curves: a >> b >> c.",
    )


@oddity("total-iters-zero")
def total_iters_zero(part: Part) -> Told | None:
    """LinearLR, ConstantLR and PolynomialLR of total_iters <= 0 never move (pytorch#193682)."""
    kinds = (torchs.LinearLR, torchs.ConstantLR, torchs.PolynomialLR)
    if not isinstance(part.scheduler, kinds):
        return None
    iters = part.scheduler.total_iters
    if iters > 0 and (iters == int(iters) or not isinstance(part.scheduler, torchs.ConstantLR)):
        return None
    factor = _first_factor(part.scheduler)
    return Told(
        "warning",
        steps_of(part),
        f"The {part.name} has total_iters={iters:g}: torch then never ends it, and the lr stays at "
        f"{factor:g} times its own for ever.",
        "Leave the scheduler out, or give it a whole number of steps above 0.",
    )


def _first_factor(scheduler: Any) -> float:
    """The factor that it begins with."""
    return float(getattr(scheduler, "start_factor", getattr(scheduler, "factor", 1.0)))


@oddity("step-size-below-zero")
def step_size(part: Part) -> Told | None:
    """StepLR takes a step_size below 0 for one of the same length (pytorch#177833)."""
    if not isinstance(part.scheduler, torchs.StepLR) or part.scheduler.step_size >= 0:
        return None
    size = part.scheduler.step_size
    return Told(
        "warning",
        steps_of(part),
        f"The StepLR has step_size={size}, which torch accepts and takes for {-size}.",
        "Give it the number of steps between decays.",
    )


@oddity("milestones-skipped")
def skipped(part: Part) -> Told | None:
    """torch compares milestones with whole steps."""
    milestones = getattr(part.scheduler, "milestones", getattr(part.scheduler, "_milestones", ()))
    never = [each for each in milestones if each != int(each)]
    if not never:
        return None
    return Told(
        "warning",
        None,
        f"The {part.name} has milestones that are no whole steps, {', '.join(map(str, never))}: torch never "
        "comes by them.",
        "Round them.",
    )


@oddity("chained-not-product")
def not_the_product(part: Part) -> Told | None:
    """A ChainedScheduler is the product of its parts only if each does nothing but multiply."""
    if not isinstance(part.scheduler, torchs.ChainedScheduler) or len(part.scheduler._schedulers) < 2:
        return None
    for each in part.scheduler._schedulers:
        name = type(each).__name__
        if isinstance(each, ABSOLUTE):
            reason = f"{name} writes the lr from its own numbers, and what the others did to it is lost"
        elif isinstance(each, torchs.CosineAnnealingLR) and each.eta_min != 0:
            reason = f"{name} with eta_min={each.eta_min:g} adds to the lr as well"
        elif isinstance(each, torchs.CosineAnnealingLR) and part.length > each.T_max + 1:
            reason = f"{name} past T_max={each.T_max} adds to the lr as well"
        else:
            continue
        return Told(
            "warning",
            steps_of(part),
            f"The ChainedScheduler is not the product of its parts: {reason}.",
            "CurveScheduler(optimizer, lr=sc.relative(a * b)) with curves that are factors is the product.",
        )
    return None


@oddity("past-one-cycle")
def past_one_cycle(part: Part) -> Told | None:
    """OneCycleLR extrapolates at total_steps and raises past it (pytorch#91765, #38170)."""
    if not isinstance(part.scheduler, torchs.OneCycleLR) or not part.length > part.scheduler.total_steps:
        return None
    if not math.isfinite(part.end):
        return None
    total = part.scheduler.total_steps
    at = "" if part.curve is None or part.parent else f", {part.curve(total):g},"
    return Told(
        "error",
        steps_of(part, part.begin + total),
        f"OneCycleLR is through after total_steps={count(total)} steps: the next has an lr beyond its "
        f"end{at} and then step() raises a ValueError.",
        f"Set total_steps={count(part.length).replace(',', '_')}, the steps of the run.",
    )


@oddity("restart-by-epoch")
def restart_by_epoch(part: Part) -> Told | None:
    """CosineAnnealingWarmRestarts.step(epoch) finds its cycle by a logarithm, which rounds."""
    if not isinstance(part.scheduler, torchs.CosineAnnealingWarmRestarts) or part.scheduler.T_mult == 1:
        return None
    first, growth, wrong = part.scheduler.T_0, part.scheduler.T_mult, []
    epoch, cycle = first, 1
    while epoch < min(part.length, 2**53):
        if int(math.log(epoch / first * (growth - 1) + 1, growth)) < cycle:
            wrong.append(epoch)
        epoch, cycle = epoch + first * growth**cycle, cycle + 1
    if not wrong or not math.isfinite(part.end):
        return None
    return Told(
        "info",
        (wrong[0], wrong[-1]),
        f"Called with an epoch, step({wrong[0]}) would give eta_min instead of the restart, by a rounding.",
        "Call step() without an argument, which is right.",
    )
