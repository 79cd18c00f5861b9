"""Oddities of torch's schedulers that show in their state: how they were resumed, what their groups are."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from torch.optim import lr_scheduler as torchs

from ..checks.findings import count
from ..checks.rules import Told
from .oddities import ABSOLUTE, MADE_OF_OTHERS, inner_parts, oddity, past_one_cycle, steps_of

if TYPE_CHECKING:
    from .oddities import Part

OFF = 1e-3
"""Relative: torch's rounding of a million steps is 2e-12, in float32 tensors 1e-5."""


@oddity("sequential-last-epoch")
def sequential_last_epoch(part: Part) -> Told | None:
    """SequentialLR(last_epoch=N) does not go on at N: its parts begin anew (pytorch#162591)."""
    if part.parent is not None or not isinstance(part.scheduler, torchs.SequentialLR):
        return None  # within another its step is off by one: that is nested-sequential
    if part.scheduler.last_epoch <= 0:
        return None
    at, milestones = part.scheduler.last_epoch, part.scheduler._milestones
    i = bisect_right(milestones, at)
    child = part.scheduler._schedulers[i]
    due = at - (milestones[i - 1] if i else 0)
    if isinstance(child, MADE_OF_OTHERS) or child.last_epoch == due:
        return None
    return Told(
        "warning",
        (at, at),
        f"The SequentialLR says it is at step {at}, but its {type(child).__name__}, which should be at its "
        f"step {due}, is at {child.last_epoch}: last_epoch is not handed on.",
        "Build it without last_epoch and load its state_dict.",
    )


@oddity("last-epoch-on-milestone")
def on_milestone(part: Part) -> Told | None:
    """StepLR and MultiStepLR with last_epoch on a milestone decay twice."""
    factor = _off(part)
    at = part.present
    if factor is None or not _is_milestone(part.scheduler, at):
        return None
    gamma = part.scheduler.gamma ** getattr(part.scheduler, "milestones", {}).get(at, 1)
    if abs(factor / gamma - 1) > OFF:
        return None
    return Told(
        "warning",
        (at, at),
        f"The {part.name} began at last_epoch={at - 1}, right before a milestone, and has applied gamma once "
        f"more: the lr is {factor:g} times the schedule's.",
        "Build the scheduler first, then load both state_dicts, the optimizer's last.",
    )


def _is_milestone(scheduler: Any, at: int) -> bool:
    if isinstance(scheduler, torchs.StepLR):
        return scheduler.step_size != 0 and at > 0 and at % scheduler.step_size == 0
    return isinstance(scheduler, torchs.MultiStepLR) and at > 0 and at in scheduler.milestones


@oddity("off-schedule")
def off_schedule(part: Part) -> Told | None:
    """The lr is not the schedule's, and steps that multiply it carry that on (pytorch#65342)."""
    factor = _off(part)
    if factor is None or on_milestone(part) or sequential_last_epoch(part):
        return None
    at = part.present
    if isinstance(part.scheduler, ABSOLUTE):
        return None  # the next step is right again
    return Told(
        "warning",
        (at, at),
        f"The lr is {factor:g} times the one that the {part.name} has at step {at}, and its steps carry that "
        "on: set by hand, or applied twice by a scheduler built after the optimizer's state was loaded.",
        "Build the scheduler first, then load both state_dicts, the optimizer's last.",
    )


def _off(part: Part) -> float | None:
    """The lr in terms of the schedule's, if they differ."""
    at = part.present
    if part.parent is not None or part.curve is None or not part.alone:
        return None
    lr, due = float(part.scheduler.optimizer.param_groups[0]["lr"]), part.curve(at)
    return lr / due if due > 0 and abs(lr - due) > OFF * due else None


@oddity("one-cycle-state")
def one_cycle_state(part: Part) -> Told | None:
    """OneCycleLR keeps its lrs in the optimizer, where a loaded state or another one replaces them."""
    if not isinstance(part.scheduler, torchs.OneCycleLR):
        return None
    groups = zip(part.scheduler.optimizer.param_groups, part.scheduler.base_lrs, strict=False)
    for i, (group, base) in enumerate(groups):
        if "initial_lr" in group and float(group["initial_lr"]) != float(base):
            return Told(
                "warning",
                None,
                f"OneCycleLR keeps its max_lr in the optimizer, and there it was replaced: group {i} begins "
                f"at {float(group['initial_lr']):g}, this scheduler was made to begin at {float(base):g}.",
                "A loaded optimizer state brings the old peak: set max_lr, initial_lr and min_lr of the "
                "groups, or use CurveScheduler, which keeps nothing there.",
            )
    return None


@oddity("added-group")
def added_group(part: Part) -> Told | None:
    """Groups that came or went after the scheduler was made (pytorch#79888)."""
    if part.parent is not None or not part.added:
        return None
    change = "added" if part.added > 0 else "removed"
    remedy = "Build the scheduler when all groups are there, or use CurveScheduler, where groups may change."
    groups = "1 param group" if abs(part.added) == 1 else f"{abs(part.added)} param groups"
    what = f"{groups} {change} after the {part.name} was made"
    if part.error is not None:
        at = part.stops_at
        kind = type(part.error).__name__
        return Told("error", steps_of(part, at), f"{what}: step {count(at)} raises {kind}.", remedy)
    ramp = isinstance(part.scheduler, (torchs.LinearLR, torchs.ConstantLR))
    if part.added < 0 or not ramp or part.rates is None or part.rates[-1, -1] == part.rates[0, -1]:
        return None
    return Told(
        "warning",
        steps_of(part),
        f"{what}, which takes it along: its lr goes from {part.rates[0, -1]:g} to {part.rates[-1, -1]:g}, "
        "as if it had been there from the start.",
        remedy,
    )


@oddity("step-raises")
def step_raises(part: Part) -> Told | None:
    """step() raises within the run."""
    if part.parent is not None or part.error is None or part.added or past_one_cycle(part):
        return None
    at = part.stops_at
    inner = [part.scheduler, *(child for child, *_ in inner_parts(part.scheduler, 0, math.inf))]
    remedy = "A hyperparameter is out of range: torch checks few of them at construction."
    if any(isinstance(each, torchs.ConstantLR) and each.factor == 0 for each in inner):
        remedy = "ConstantLR(factor=0) divides by its factor where it ends: begin with a small one instead."
    if isinstance(part.error, NotImplementedError) and len(inner) > 1:
        remedy = (
            "A scheduler made of others can only be the first part of a SequentialLR: put all parts into one "
            "SequentialLR, or use curves: a >> b >> c."
        )
    words = f"{type(part.error).__name__}: {part.error}".removesuffix(": ")
    return Told("error", steps_of(part, at), f"step() number {count(at)} raises {words}.", remedy)


@oddity("negative-metric")
def negative_metric(part: Part) -> Told | None:
    """ReduceLROnPlateau with a relative threshold takes worse negative metrics for better (#47513)."""
    scheduler = part.scheduler
    if not isinstance(scheduler, torchs.ReduceLROnPlateau) or scheduler.threshold_mode != "rel":
        return None
    if not -math.inf < scheduler.best < 0 or scheduler.threshold == 0:
        return None
    return Told(
        "warning",
        None,
        f"The best metric is {scheduler.best:g}, below 0, where a relative threshold turns around: values "
        "that are a little worse count as better.",
        'Use threshold_mode="abs".',
    )
