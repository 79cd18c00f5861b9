"""Rules about how a schedule fits its run."""

from __future__ import annotations

from math import ceil, inf, isfinite
from typing import TYPE_CHECKING

import numpy as np

from .findings import count
from .rules import Told, rule
from .structure import cycle

if TYPE_CHECKING:
    from .course import Course

HELD = 0.2
"""Of the run at the floor, which is only information up to here: GPT-3's is 13 % (Brown et al. 2020)."""
LEFT = 0.1
"""Of the fall still to come. It is what is left of a cosine that is 25 % longer than its run, from where on
Hoffmann et al. 2022 (Chinchilla, appendix B) see a loss in quality."""
ROUNDING = 0.01
"""Of a length: how far conventions for first and last steps, and rounded epochs, differ."""
FALLEN = 0.5
"""Of the peak: a curve that ends above has not annealed, it is a warm-up or constant."""
MANY_STEPS = 10
"""Steps an epoch. With fewer, epochs and steps cannot be told apart."""
LONG_WARMUP, SHORT_WARMUP = 0.5, 5e-4
"""Of the run. 1cycle rises for 30 % (torch) to 45 % (Smith and Topin 2017), language models for 0.1 % to
4 %."""


@rule("lengths-in-epochs")
def lengths_in_epochs(course: Course) -> Told | None:
    """Lengths that are the run's in epochs, for a scheduler that is stepped every batch."""
    epochs, per_epoch = course.epochs, course.per_epoch
    if course.per != "step" or epochs is None or per_epoch is None or per_epoch < MANY_STEPS:
        return None
    what = _in_epochs(course, epochs)
    if what is None:
        return None
    return Told(
        "warning",
        (course.first, course.end - 1),
        f"{what}: that looks like epochs, of which the run has {epochs:g}, but a step here is a batch, "
        f"{per_epoch:g} an epoch.",
        f"Make steps of epochs: curve.stretch({per_epoch:g}), or lengths such as '{epochs:g}ep' "
        "and resolve(run).",
    )


def _in_epochs(course: Course, epochs: float) -> str | None:
    """What of the curve is so long."""
    length = min(course.settled, course.curve.steps) if course.curve else inf
    if 0.8 * epochs <= length <= 1.1 * epochs and course.at(length) <= FALLEN * course.peak:
        return f"The curve is {count(length)} steps long"
    milestones = [mark.step for mark in course.marks if mark.kind == "milestone"]
    if milestones and milestones[-1] <= epochs:
        stairs = len(milestones) == 1 and course.last < course.at(milestones[-1])
        if not stairs and course.last < course.at(0):
            return f"The last milestone is step {count(milestones[-1])}"
    cycles = [mark.step for mark in course.marks if mark.kind == "cycle"]
    span = cycle(course.curve._node, course.end) if course.curve else None
    if cycles and cycles[-1] <= epochs and span and course.end / (span[1] - span[0]) > max(20, epochs):
        return f"A cycle is {count(span[1] - span[0])} steps long"
    # A decay that fits the epochs, and leaves nothing after as many as there are steps.
    if course.curve and not isfinite(course.curve.steps) and not cycles and len(milestones) < 2:
        gone = 1e-12 * course.peak
        if course.at(min(epochs, course.end)) > 1e-4 * course.peak and course.last < gone:
            return f"The curve has decayed by more than 12 powers of ten by step {count(course.end)}"
    return None


@rule("lengths-in-steps")
def lengths_in_steps(course: Course) -> Told | None:
    """Lengths that are the run's in batches, for a scheduler that is stepped every epoch."""
    if course.per != "epoch" or course.run is None or course.run.steps is None or course.curve is None:
        return None
    batches = course.run.steps
    if batches < MANY_STEPS * course.end:
        return None
    length = min(course.settled, course.curve.steps)
    others = [mark.step for mark in course.marks if mark.kind in ("milestone", "cycle")]
    if 0.8 * batches <= length <= 1.1 * batches:
        what = f"The curve is {count(length)} steps long"
    elif others and course.end < others[0] and others[-1] <= batches:
        what = f"The first milestone or cycle ends at step {count(others[0])}"
    else:
        return None
    return Told(
        "warning",
        (0, course.end - 1),
        f"{what}: that looks like batches, of which the run has {count(batches)}, but a step here is an "
        f"epoch, and there are {count(course.end)}.",
        f"Step the scheduler every batch, or make epochs of steps: curve.stretch(1 / {count(batches)} * "
        f"{count(course.end)}).",
    )


@rule("lengths-in-micro-batches")
def lengths_in_micro_batches(course: Course) -> Told | None:
    """Lengths that count every forward pass, where one step takes several."""
    if course.run is None or course.curve is None or course.steps is None or course.per != "step":
        return None
    length = min(course.settled, course.curve.steps)
    run = course.run
    factors = {
        "accumulation": run.accumulation,
        "world_size": run.world_size,
        "accumulation * world_size": run.accumulation * run.world_size,
    }
    for name, factor in factors.items():
        if factor > 1 and abs(length / course.steps / factor - 1) <= ROUNDING:
            return Told(
                "warning",
                (0, course.end - 1),
                f"The curve is {count(length)} steps long, {factor} times the {count(course.steps)} of the "
                f"run, and {name} is {factor}: it looks like a count of micro-batches.",
                f"Divide the lengths: curve.stretch(1 / {factor}).",
            )
    return None


@rule("ends-early")
def ends_early(course: Course) -> Told | None:
    """The curve has come to its low end, and holds it for the rest of the run."""
    if course.steps is None or course.curve is None or not course.curve.steps < course.steps:
        return None
    length, rest = course.curve.steps, course.values[course.times >= course.curve.steps]
    share = (course.steps - length) / course.steps
    if share <= ROUNDING or not rest.size or rest[0] > FALLEN * course.peak or (rest != rest[0]).any():
        return None
    return Told(
        "warning" if share > HELD else "info",
        (ceil(length), course.end - 1),
        f"The curve ends at step {count(length)}, and the run goes on to {count(course.steps)}: the last "
        f"{share:.0%} of it is at {rest[0]:g}.",
        f"Make it as long as the run: curve.extend({count(course.steps - length).replace(',', '_')}); "
        f"or hold the end on purpose: curve >> constant({rest[0]:g}).",
    )


@rule("never-annealed")
def never_annealed(course: Course) -> Told | None:
    """The run ends before the curve has come down."""
    if course.steps is None or course.curve is None or course.raises:
        return None
    goal = min(course.settled, course.curve.steps)
    if not course.steps * (1 + ROUNDING) + 1 < goal < inf or cycle(course.curve._node, course.steps):
        return None
    end = course.at(goal)
    if end > FALLEN * course.peak or course.peak_at == course.times[-1]:
        return None
    next_lr = course.at(course.steps)
    if not end < next_lr <= course.peak:
        return None
    left = (next_lr - end) / (course.peak - end)
    return Told(
        "warning" if left > LEFT else "info",
        (0, course.end - 1),
        f"The run ends at step {count(course.steps)} of the curve's {count(goal)}, at {next_lr:g}: "
        f"{left:.0%} of the fall from {course.peak:g} to {end:g} is still to come.",
        f"Make the decay end with the run: {count(goal - course.steps)} steps shorter, "
        "or cool down from where it stands: curve.branch(step, lambda lr: linear(lr, 0, steps)).",
    )


@rule("restart-cut-short")
def restart_cut_short(course: Course) -> Told | None:
    """The run ends high, amid a cycle of restarts."""
    span = cycle(course.curve._node, course.steps) if course.curve and course.steps else None
    if span is None or course.steps is None or course.raises:
        return None
    begin, end = span
    within = np.linspace(begin, end, 257)[1:-1]
    values = course.value(np.append(within, end - 1e-6 * (end - begin)))
    low, high = float(values.min()), float(values.max())
    missing = end - course.steps
    if begin > course.steps - 1 or missing <= max(1, ROUNDING * (end - begin)):
        return None
    next_lr = course.at(course.steps)
    if next_lr - low <= LEFT * (high - low):
        return None
    whole = f"{count(begin)} or {count(end)}" if begin > 0 else count(end)
    return Told(
        "warning",
        (ceil(begin), course.end - 1),
        f"The run ends at step {count(course.steps)}, amid the cycle from {count(begin)} to {count(end)}, at "
        f"{next_lr:g}, where the cycle would end at {low:g}.",
        f"End the run at step {whole}, or choose cycles that fill it.",
    )


@rule("milestones-never-reached")
def milestones(course: Course) -> Told | None:
    """Milestones, or pieces of an endless curve, that begin when the run is over."""
    if course.steps is None or course.curve is None:
        return None
    kinds = ("milestone",) if isfinite(course.settled) else ("milestone", "piece")
    late = [mark.step for mark in course.marks if mark.kind in kinds and mark.step >= course.steps]
    if not late:
        return None
    steps = ", ".join(count(step) for step in late[:5]) + (", ..." if len(late) > 5 else "")
    return Told(
        "warning",
        (0, course.end - 1),
        f"The run ends at step {count(course.steps)}, before the change at {steps}.",
        "Put it into the run, or leave it out.",
    )


@rule("warm-up-share")
def warm_up(course: Course) -> Told | None:
    """The run is over before the warm-up is, or the warm-up takes an unusual share of it."""
    if course.steps is None or course.first or not course.peak > 0 or len(course.values) < 3:
        return None
    up, at = course.values[course.times <= course.peak_at], course.peak_at
    if not up[0] < course.peak or (np.diff(up) < 0).any():
        return None
    share, steps = at / course.steps, (0, int(at))
    if at == course.times[-1]:
        message = f"The learning rate rises until the last step, from {up[0]:g} to {course.peak:g}."
        return Told("warning", steps, message, "Let the warm-up end, and a decay follow, within the run.")
    if share > LONG_WARMUP:
        message = f"The warm-up takes {count(at)} steps, {share:.0%} of the run."
        return Told("warning", steps, message, "Usual are 0.1 % to 10 %, in a 1cycle up to half.")
    if share < SHORT_WARMUP:
        message = f"The warm-up takes {count(at)} steps, {share:.2g} of the run: hardly any."
        return Told("info", steps, message, "Usual are 0.1 % to 10 % of the run.")
    return None
