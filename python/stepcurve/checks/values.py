"""Rules about the values that the steps of a run take."""

from __future__ import annotations

from math import ceil, inf, isfinite
from typing import TYPE_CHECKING

import numpy as np

from .findings import count
from .rules import Told, rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .course import Course

VANISHING = 5e-5
"""Of the peak. Published step decays go down to 1e-3 of it (Goyal et al. 2017), four tenths to 1e-4."""
FROZEN = 0.1
"""Of the run. torch's own 1cycle is below 5e-5 of its peak for 2 % of it; a cosine to 0, for 0.5 %."""
ZERO = 0.01
"""Of the run: a last step at exactly 0, or a few, is how many schedules end."""
RISE, PLAIN_RISE, FALL = 2.0, 10.0, 100.0
"""Factors of jumps that are still ordinary: after a warm-up that rises its goal and the start of what follows
should be one; a constant warm-up at a tenth is published (He et al. 2016, section 4.2); two decays by 10 may
meet in one step."""
ABRUPT = 10
"""Times the difference of the two steps before: what is less may be a short warm-up."""
AGAIN = 0.05
"""Of the way down: less is the rounding of a length."""


@rule("raises", any_value=True)
def raises(course: Course) -> Told | None:
    """The schedule refuses a step of the run."""
    if course.raises is None:
        return None
    step, words = course.raises
    return Told(
        "error",
        (step, course.end - 1),
        f"The curve has no value from step {count(step)} on: {words}.",
        'Let it go on with past_end("hold"), or make it as long as the run.',
    )


@rule("not-finite", any_value=True)
def not_finite(course: Course) -> Told | None:
    """A value is infinite or no number."""
    wrong = ~np.isfinite(course.values)
    if not wrong.any():
        return None
    first = float(course.times[np.argmax(wrong)])
    return Told(
        "error",
        (first, course.end - 1),
        f"The value at step {count(first)} is {course.at(first)}.",
        "Let the growth end: a rate below 1, or clip(high=...).",
    )


@rule("negative-lr")
def negative(course: Course) -> Told | None:
    """A learning rate below 0 climbs the loss."""
    steps, length = course.longest(lambda values: values < 0)
    if not length:
        return None
    lowest = float(course.values.min())
    return Told(
        "error",
        steps,
        f"The learning rate is below 0, down to {lowest:g}: such steps climb the loss.",
        "Keep it up with clip(low=0), or end the curve where it reaches its floor.",
    )


@rule("zero-lr")
def zero(course: Course) -> Told | None:
    """A learning rate of exactly 0 for a stretch of the run."""
    if not course.values.any():
        everywhere = (course.first, course.end - 1)
        return Told("error", everywhere, "The learning rate is 0 at every step.", "Give it a peak above 0.")
    longest, length = course.longest(lambda values: values == 0)
    if length < 3 or length <= ZERO * course.end:
        return None
    return Told(
        "warning",
        longest,
        f"The learning rate is 0 for {count(length)} steps, {length / course.end:.0%} of the run: "
        "nothing is learned there.",
        "Let the decay take until the end of the run, or end at a floor such as a tenth of the peak.",
    )


@rule("vanishing-lr")
def vanishing(course: Course) -> Told | None:
    """A learning rate of almost nothing for a stretch of the run."""
    low = VANISHING * course.peak
    longest, length = course.longest(lambda values: (values > 0) & (values < low))
    if length < 3 or length <= FROZEN * course.end:
        return None
    return Told(
        "warning",
        longest,
        f"The learning rate is below {VANISHING:g} of its peak {course.peak:g} for {count(length)} steps, "
        f"{length / course.end:.0%} of the run: next to nothing is learned there.",
        "Decay more slowly or to a higher floor.",
    )


@rule("rises-again")
def rises_again(course: Course) -> Told | None:
    """Past its end the curve is extrapolated and comes up again, as torch's cosine does."""
    for mark in course.marks:
        if mark.kind != "extrapolation" or mark.step >= course.end - 1:
            continue
        low = course.at(mark.step)
        after = course.times > mark.step
        high = float(course.values[after].max(initial=-inf))
        if high - low > AGAIN * (course.peak - low):
            return Told(
                "warning",
                (ceil(mark.step), course.end - 1),
                f"The curve is through at step {count(mark.step)}, at {low:g}, and rises again to {high:g} "
                f"by step {count(course.end)}.",
                f"Make it {count(course.end - mark.step)} steps longer (T_max in torch), "
                'or let it hold its end: past_end("hold").',
            )
    return None


@rule("jump")
def jump(course: Course) -> Told | None:
    """From one step to the next by a large factor, and not back to an earlier height, as a restart."""
    joints = _joints(course)
    if not joints.size:
        return None
    before, last, here = (course.value(joints - back) for back in (2, 1, 0))
    so_far = np.maximum.accumulate(course.values)[np.searchsorted(course.times, joints) - 1]
    rising = last > before
    up, down = np.where(rising, RISE, PLAIN_RISE), np.where(rising, RISE, FALL)
    abrupt = (last > 0) & (here > 0) & (np.abs(here - last) > ABRUPT * np.abs(last - before))
    # A thousandth more than the factor: ten times 0.1 is not 1.
    jumps = (here > 1.001 * up * last) & (here > 1.01 * so_far) | (here * 1.001 * down < last)
    if not (abrupt & jumps).any():
        return None
    i = int(np.argmax(abrupt & jumps))
    factor = max(here[i] / last[i], last[i] / here[i])
    return Told(
        "warning",
        (joints[i] - 1, joints[i]),
        f"The value jumps from {last[i]:g} to {here[i]:g} at step {count(joints[i])}, by a factor of "
        f"{factor:.3g}.",
        "Let the pieces meet: one should start where the other ends.",
    )


def _joints(course: Course) -> NDArray[np.float64]:
    """The steps at which there may be a jump, without the first two."""
    if course.curve is None:
        values = course.values
        large = (values[1:] > RISE * values[:-1]) | (values[1:] * RISE < values[:-1])
        joints = course.times[1:][large]
    else:
        steps = [mark.step for mark in course.marks if mark.kind != "cycle" and isfinite(mark.step)]
        begins = np.ceil(np.array(steps, dtype=np.float64))
        joints = np.unique(np.concatenate([begins, begins + 1]))  # + 1: the boundary may be the earlier one's
    within: NDArray[np.bool_] = (joints >= course.first + 2) & (joints <= course.times[-1])
    return np.asarray(joints[within])


@rule("first-step-zero")
def first_step_zero(course: Course) -> Told | None:
    """The first step changes nothing. Only information: so do most published warm-ups."""
    if course.first or course.values[0] != 0 or not course.values.any():
        return None
    return Told(
        "info",
        (0, 0),
        "The first step has learning rate 0: it changes no weight.",
        "Harmless; include_start=False in warmup_cosine and the others begins one step into the warm-up.",
    )
