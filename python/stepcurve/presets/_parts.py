"""What presets of several libraries are composed of."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from math import inf, nextafter
from operator import rshift
from typing import TYPE_CHECKING

from ..curve import Curve, join
from ..shapes import constant, cosine, linear

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..numbers import Number


def positive(name: str, value: float) -> float:
    """The value, which the library divides by."""
    if not value > 0:
        raise ValueError(f"{name} must be > 0, got {value}")
    return value


def not_negative(name: str, value: float) -> float:
    if not value >= 0:
        raise ValueError(f"{name} must be >= 0, got {value}")
    return value


def one_of(name: str, value: str, names: Sequence[str]) -> str:
    if value not in names:
        raise ValueError(f"{name} must be one of {', '.join(names)}, got {value!r}")
    return value


def warmed_up(steps: Number, main: Curve, start: Number = 0.0, end: Number = 1.0) -> Curve:
    """A straight warm-up of so many steps, or none, and then the main curve."""
    return linear(start, end, steps) >> main if steps else main


def rise(start: float, end: float, steps: float) -> Curve:
    """So many values in a straight line, the first `start` and the last `end`: as many steps long."""
    return linear(start, end, steps - 1).hold(1) if steps > 1 else constant(start, steps)


def share(steps: float, parts: float) -> float:
    """steps / parts, rounded down: no multiple of it is beyond the whole step that it should be."""
    length = steps / parts
    return length if Fraction(length) * Fraction(parts) <= steps else nextafter(length, 0.0)


def chain(curves: Sequence[Curve]) -> Curve:
    """One after the other, as `>>`."""
    return reduce(rshift, curves)


def in_turn(curves: Sequence[Curve], boundaries: Sequence[float]) -> Curve:
    """`join`, but with boundaries that may be equal, or 0: what has no time of its own is left out."""
    if len(curves) != len(boundaries) + 1:
        raise ValueError(f"boundaries must be one fewer than curves, got {len(boundaries)} for {len(curves)}")
    begins = [0, *boundaries]
    if any(later < earlier for earlier, later in zip(begins, boundaries, strict=False)):
        raise ValueError(f"boundaries must be >= 0 and not fall, got {list(boundaries)}")
    seen = [i for i in range(len(curves)) if i + 1 == len(curves) or begins[i] < begins[i + 1]]
    return join([curves[i] for i in seen], [begins[i] for i in seen[1:]])


def milestones(start: float, factors: Iterable[tuple[float, float]]) -> dict[float, float]:
    """For `piecewise`: the start, multiplied by each factor from its step on, at the earliest from 0."""
    values: dict[float, float] = {0: start}
    value = start
    for step, factor in sorted(factors):
        value *= factor
        values[max(step, 0)] = value
    return values


def cycles(
    fall: Callable[[float, float], Curve],
    start: float,
    end: float,
    times: float = inf,
    growth: float = 1.0,
    *,
    start_decay: float = 1.0,
    end_decay: float = 1.0,
    whole: bool = False,
) -> Curve:
    """fall(start, end) again and again, its start and its end each multiplied by a factor of its own."""
    if end == 0 or start_decay == end_decay:
        return fall(start, end).repeat(times, growth, start_decay, whole=whole)
    ends = fall(0, end).repeat(times, growth, end_decay, whole=whole)
    return fall(start, 0).repeat(times, growth, start_decay, whole=whole) + ends if start else ends


def by_logarithm(
    cycle: Callable[[int], Curve], steps: float, growth: float, times: float, index: Callable[[float], int]
) -> Curve:
    """Cycles as a library has them that finds by a float logarithm, index(step), which one a step is in.

    Where that misses a restart, the restart is moved behind its step by the smallest number there is.
    """
    curves, boundaries = [cycle(0)], []
    begin, length = Fraction(steps), Fraction(steps)
    while len(curves) < times and float(begin + length * Fraction(growth)) <= 2**53:
        if len(curves) == 100_000:  # as many as the core lists
            raise ValueError("repeat must have at most 100000 cycles of different lengths")
        step = float(begin)
        near = abs(step - round(step)) <= 1e-9 * step
        missed = near and index(round(step)) < len(curves)
        boundaries.append(nextafter(round(step), inf) if missed else round(step) if near else step)
        curves.append(cycle(len(curves)))
        length *= Fraction(growth)
        begin += length
    return join(curves, boundaries)


def until(last: float, curve: Curve, value: float) -> Curve:
    """The curve up to a step, that one included, and then the value."""
    return join([curve, constant(value)], [last], owner="earlier")


def one_cycle(
    low: float,
    high: float,
    last: float,
    steps: int,
    pct_start: float,
    anneal_strategy: str,
    three_phase: bool,
) -> Curve:
    """torch's OneCycleLR between any three values: up, down, and a step further; past that it raises.

    The phases end at pct_start steps - 1, with three of them at 2 pct_start steps - 2, and at steps - 1.
    """
    if not 0 <= pct_start <= 1:
        raise ValueError(f"pct_start must be from 0 to 1, got {pct_start}")
    one_of("anneal_strategy", anneal_strategy, ("cos", "linear"))
    positive("steps", steps)
    phases = [(pct_start * steps - 1, low, high), (steps - 1.0, high, last)]
    if three_phase:
        phases[1:] = [(2 * pct_start * steps - 2, high, low), (steps - 1.0, low, last)]
    if phases[0][0] == 0:
        raise ValueError(f"pct_start must not make a phase of no steps, got {pct_start} of {steps}")
    curves, begin = [], 0.0
    for end, start, target in phases:
        if end >= 0 and end != begin:
            curves.append(_anneal(anneal_strategy, start, target, end - begin, begin))
        elif end == begin:  # torch divides by 0 in the step past it
            return chain(curves).past_end("raise")
        if end >= steps:
            break
        begin = end
    curves[-1] = curves[-1].past_end("extrapolate")
    return (chain(curves) + constant(0, steps)).past_end("raise")


def _anneal(strategy: str, start: float, end: float, steps: float, begun: float) -> Curve:
    """A phase of one_cycle; one that began before step 0 is shifted."""
    if steps < 0:  # past the end already: the formula runs the other way
        start, end, steps = (start, 2 * start - end, -steps) if strategy == "linear" else (start, end, -steps)
    spans = 2 if begun == -steps else 1  # shifted, one span would leave nothing
    if start == end:
        curve = constant(start, spans * steps)
    elif strategy == "linear":
        curve = linear(start, start + spans * (end - start), spans * steps)
    else:
        curve = cosine(start, end, spans * steps, cycles=0.5 * spans)
    return curve.shift(begun) if begun < 0 else curve
