"""check of torch's schedulers: their closed form or the rates to come, and what is odd about them."""

from __future__ import annotations

import gc
import itertools
import warnings
from contextlib import suppress
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
from torch.optim import lr_scheduler as torchs
from torch.optim import swa_utils

from .. import _core
from ..checks.course import Course
from ..checks.findings import Finding, Findings, count
from ..checks.rules import OF_VALUES, Told, examine, finding, ordered
from ..relative import Relative
from . import resume_oddities as resume_oddities
from .closed_form import to_curve
from .curve_groups import split_key
from .curve_scheduler import CurveScheduler
from .oddities import ABSOLUTE, ODDITIES, Part, inner_parts
from .preview import _Copies

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..curve import Curve
    from ..run import Run

MAX_CURVES = 16
"""Of so many param groups, evenly chosen, the curves are looked at: a run has few kinds of them."""
MAX_RATES, MAX_STEPPED = 1_000_000, 100_000
"""Rates, of all groups, that are looked at: by the core (25 ms), and by steps in Python (0.1 to 0.4 s)."""
UNKNOWN_RUN = 1_000
REMEDIES = {
    "ends-early": "Set its length (T_max, total_iters, the milestones) so that it ends at step {steps}.",
    "rises-again": "Set T_max so that it ends at step {steps}.",
    "never-annealed": "Set its length (T_max, total_iters, the milestones) so that it ends at step {steps}.",
    "lengths-in-epochs": "Step the scheduler once an epoch, or multiply its lengths by {per_epoch:g}.",
    "lengths-in-steps": "Step the scheduler every batch, or divide its lengths by {per_epoch:g}.",
    "lengths-in-micro-batches": "Divide its lengths so that it ends at step {steps}.",
}


def check_schedulers(schedule: Any, run: Run | None, steps: int | None, per: str) -> Findings:
    """Of one scheduler, or of several on one optimizer."""
    schedulers = list(schedule) if isinstance(schedule, (list, tuple)) else [schedule]
    if not schedulers or not all(isinstance(each, torchs.LRScheduler) for each in schedulers):
        raise TypeError(f"schedule must be a curve or torch schedulers, got {schedule!r}")
    found: list[Finding] = []
    for i, scheduler in enumerate(schedulers):
        others = _others(scheduler)
        found += _of_one(scheduler, run, steps, per, alone=not others)
        named = {id(each) for each in schedulers[:i]}
        found += _together(scheduler, [other for other in others if id(other) not in named])
    return ordered(dict.fromkeys(found))


def _of_one(scheduler: Any, run: Run | None, steps: int | None, per: str, alone: bool) -> list[Finding]:
    if isinstance(scheduler, CurveScheduler):
        return _of_curves(scheduler, run, steps, per)
    rates, error = _dry_run(scheduler, steps)
    curves = _curves(scheduler)
    end = inf if steps is None else steps
    courses = [Course(curve, steps, curve, run, per) for curve in curves]
    if any(course.raises for course in courses):  # past where the form is torch's
        courses = []
    own = (rates, error, courses[0].curve if courses else None, alone, _epoch(scheduler))
    inner = (None, None, None, False)
    parts = [Part(scheduler, 0, end, None, *own)]
    parts += [Part(*each, *inner) for each in inner_parts(scheduler, 0, end)]
    told = [(identity, rule(part)) for identity, rule in ODDITIES.items() for part in parts]
    found = [finding(identity, each) for identity, each in told if each is not None]
    if not courses:
        return found + _of_rates(scheduler, rates, error, run, steps, per)
    of_values = _merged([examine(course) for course in courses])
    if any(each.id == "past-one-cycle" for each in found):
        of_values = [each for each in of_values if each.id != "rises-again"]
    return found + [_in_torchs_words(each, run, steps) for each in of_values]


def _in_torchs_words(found: Finding, run: Run | None, steps: int | None) -> Finding:
    if found.id not in REMEDIES or steps is None:
        return found
    per_epoch = 1.0 if run is None or run.steps_per_epoch is None else run.steps_per_epoch
    return replace(found, remedy=REMEDIES[found.id].format(steps=count(steps), per_epoch=per_epoch))


def _merged(of_groups: list[list[Finding]]) -> list[Finding]:
    """Once what all groups have, by its id and steps; else with the words of the first that has it."""
    merged: dict[Any, Finding] = {}
    for found in of_groups:
        for each in found:
            merged.setdefault((each.id, each.steps), each)
    return list(merged.values())


def _curves(scheduler: Any) -> list[Curve]:
    """The closed forms of the param groups, of the first group first; none if one has none."""
    groups = range(len(scheduler.optimizer.param_groups))
    chosen = sorted({*np.linspace(0, len(groups) - 1, min(MAX_CURVES, len(groups))).astype(int).tolist()})
    try:
        return [*dict.fromkeys(to_curve(scheduler, group) for group in chosen)]
    except (ValueError, TypeError, ZeroDivisionError, OverflowError):  # of hyperparameters out of range, too
        return []


def _dry_run(scheduler: Any, steps: int | None) -> tuple[NDArray[np.float64] | None, Exception | None]:
    """The rates from now on, shape (steps, groups), and what step() raised then; None if not known."""
    if isinstance(scheduler, torchs.ReduceLROnPlateau):
        return None, None
    wanted = UNKNOWN_RUN if steps is None else max(0, steps - _epoch(scheduler))
    groups = len(scheduler.optimizer.param_groups)
    with suppress(Exception), warnings.catch_warnings():  # where it raises is found below
        warnings.simplefilter("ignore")
        rates = _core.preview(scheduler, min(wanted, MAX_RATES // max(1, groups)))
        if rates is not None:
            return rates[:wanted], None
    try:
        twin = _Copies().scheduler(scheduler)
    except ValueError:  # a replaced method, which may step the original
        return None, None
    rows, error = [], None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(min(wanted, MAX_STEPPED // max(1, groups))):
            rows.append([float(group["lr"]) for group in twin.optimizer.param_groups])
            try:
                twin.step()
            except Exception as raised:  # whatever a user's function raises
                error = raised
                break
    return np.array(rows) if rows else None, error


def _epoch(scheduler: Any) -> int:
    """Where a scheduler stands; a ChainedScheduler has no step of its own."""
    if isinstance(scheduler, torchs.ChainedScheduler):
        return _epoch(scheduler._schedulers[0])
    return max(0, int(scheduler.last_epoch))


def _of_rates(
    scheduler: Any,
    rates: NDArray[np.float64] | None,
    error: Exception | None,
    run: Run | None,
    steps: int | None,
    per: str,
) -> list[Finding]:
    """What the rates themselves tell, where there is no closed form."""
    if rates is None or not len(rates):
        return []
    first = _epoch(scheduler)
    end = first + len(rates)
    whole = steps is not None and end == steps
    only = None if whole else {*OF_VALUES, "negative-lr", "jump"}

    def course(group: int) -> Course:
        column = rates[:, group]
        return Course(lambda times: column[times.astype(int) - first], end, None, run, per, first)

    found = _merged([examine(course(group), only) for group in range(min(MAX_CURVES, rates.shape[1]))])
    if steps is not None and not whole and error is None:
        message = f"Only steps {count(first)} to {count(end - 1)} were looked at: there is no closed form."
        remedy = "As a curve, in a CurveScheduler, the whole run can be looked at."
        found.append(finding("partly-checked", Told("info", (first, end - 1), message, remedy)))
    return found


def _of_curves(scheduler: CurveScheduler, run: Run | None, steps: int | None, per: str) -> list[Finding]:
    """Every rule for learning rates, those about values for other hyperparameters."""
    found: list[list[Finding]] = []
    groups = len(scheduler.optimizer.param_groups)
    for key, schedule in scheduler.curves.items():
        given = schedule if isinstance(schedule, tuple) else (schedule,)
        if isinstance(schedule, tuple) and len(schedule) != groups:
            message = f"{key} has {len(schedule)} curves, and there are {groups} param groups: step() raises."
            told = Told("error", None, message, "Build the scheduler anew, with a curve for each group.")
            found.append([finding("added-group", told)])
        distinct = dict.fromkeys(each.curve if isinstance(each, Relative) else each for each in given if each)
        only = None if split_key(key)[0] == "lr" else OF_VALUES
        chosen = itertools.islice(distinct, MAX_CURVES)
        found += [examine(Course(curve, steps, curve, run, per), only) for curve in chosen]
    return _merged(found)


def _others(scheduler: Any) -> list[Any]:
    """The schedulers alive that have the same optimizer, without those that this is made of or part of."""
    kin = [scheduler, *(child for child, *_ in inner_parts(scheduler, 0, inf))]
    everyone = [each for each in gc.get_objects() if issubclass(type(each), torchs.LRScheduler)]
    others = [each for each in everyone if getattr(each, "optimizer", None) is scheduler.optimizer]
    families = [(each, [each, *(child for child, *_ in inner_parts(each, 0, inf))]) for each in others]
    inside = {id(child) for _, family in families for child in family[1:]}
    known = {id(each) for each in kin}
    return [
        each
        for each, family in families
        if id(each) not in inside | known and not any(child is scheduler for child in family)
    ]


def _writes(scheduler: Any) -> set[str]:
    """The hyperparameters that a scheduler sets."""
    if isinstance(scheduler, CurveScheduler):
        return {split_key(key)[0] for key in scheduler.curves}
    return {"lr"}


def _together(scheduler: Any, others: list[Any]) -> list[Finding]:
    """Of two schedulers on one optimizer, one of which writes whatever the other has done."""
    absolute = (*ABSOLUTE, CurveScheduler)
    for other in others:
        pair = (scheduler, other)
        names = [type(each).__name__ for each in pair]
        writers = [type(each).__name__ for each in pair if isinstance(each, absolute)]
        shared = _writes(scheduler) & _writes(other)
        if not writers or not shared or any(isinstance(each, swa_utils.SWALR) for each in pair):
            continue
        what = f"{names[0]} and {names[1]} have the same optimizer"
        lost = (
            f"both set the {' and '.join(sorted(shared))} from their own numbers, so that the last one wins"
            if len(writers) == 2
            else f"{writers[0]} sets the lr from its own numbers, so that what the other does to it is lost"
        )
        told = Told(
            "warning",
            None,
            f"{what}, and {lost}, if both are stepped.",
            "Step one only: join curves with a >> b, or multiply them with a * b, in one CurveScheduler.",
        )
        return [finding("two-schedulers", told)]
    return []
