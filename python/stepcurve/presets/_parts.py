"""What presets of several libraries are composed of."""

from __future__ import annotations

from fractions import Fraction
from math import inf, nextafter
from typing import TYPE_CHECKING

from ..curve import Curve, join
from ..shapes import constant, linear

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


def one_of(name: str, value: str, names: Iterable[str]) -> str:
    if value not in (allowed := list(names)):
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {value!r}")
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
    made = curves[0]
    for curve in curves[1:]:
        made = made >> curve
    return made


def in_turn(curves: Sequence[Curve], boundaries: Sequence[float]) -> Curve:
    """`join`, but with boundaries that may be equal, or 0: what has no time of its own is left out."""
    if len(curves) != len(boundaries) + 1:
        raise ValueError(f"boundaries must be one fewer than curves, got {len(boundaries)} for {len(curves)}")
    begins = [0, *boundaries]
    if any(later < earlier for earlier, later in zip(begins, boundaries)):
        raise ValueError(f"boundaries must be >= 0 and not fall, got {list(boundaries)}")
    seen = [i for i in range(len(curves)) if i + 1 == len(curves) or begins[i] < begins[i + 1]]
    return join([curves[i] for i in seen], [begins[i] for i in seen[1:]])


def milestones(start: float, factors: Iterable[tuple[float, float]]) -> dict[float, float]:
    """For `piecewise`: the start, multiplied by each factor from its step on, from step 0 for those before."""
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
    while len(curves) < times and (step := float(begin)) < 2**52:
        near = abs(step - round(step)) <= 1e-9 * step
        missed = near and index(round(step)) < len(curves)
        boundaries.append(nextafter(round(step), inf) if missed else round(step) if near else step)
        curves.append(cycle(len(curves)))
        length *= Fraction(growth)
        begin += length
    return join(curves, boundaries)
