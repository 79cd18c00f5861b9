"""Schedules under the names that people ask for: each a few shapes in a row.

A length is a number of steps or a share of the whole such as "3%": its phase ends, and a cooldown begins, at
the nearest step, halves upwards. A value is a number or a share of the peak such as "10%". Step 0 has the
value `start`, and `end` is reached at `steps`, right after the last step that a run of so many takes. With
include_start=False step 0 is one step into the warm-up already, (t + 1) / warmup; with include_end=True the
last step that is taken, steps - 1, has the value `end`.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor, inf, isfinite
from typing import TYPE_CHECKING

from .cooldowns import KINDS, Fall, fall_of
from .curve import Curve
from .numbers import Number, length, number
from .shapes import constant, cosine, decay, inverse, linear, piecewise
from .units import LENGTH, make

if TYPE_CHECKING:
    from collections.abc import Sequence


def warmup_cosine(
    peak: Number,
    steps: Number,
    warmup: Number | str,
    *,
    start: Number | str = 0,
    end: Number | str = 0,
    include_start: bool = True,
    include_end: bool = False,
) -> Curve:
    """A straight warm-up to the peak, then half a cosine wave to the end; see `stepcurve.schedules`.

    >>> import stepcurve as sc
    >>> sc.warmup_cosine(3e-4, 1_000, warmup="3%", end="10%")
    linear(0, 0.0003, 30) >> cosine(0.0003, 3e-05, 970)
    """
    return _annealed("cosine", peak, steps, warmup, start, end, include_start, include_end)


def warmup_linear(
    peak: Number,
    steps: Number,
    warmup: Number | str,
    *,
    start: Number | str = 0,
    end: Number | str = 0,
    include_start: bool = True,
    include_end: bool = False,
) -> Curve:
    """A straight warm-up to the peak, then a straight line to the end; see `stepcurve.schedules`.

    >>> import stepcurve as sc
    >>> sc.warmup_linear(3e-4, 1_000, warmup=100, include_start=False, include_end=True)
    linear(3e-06, 0.0003, 99) >> linear(0.0003, 0, 900)
    """
    return _annealed("linear", peak, steps, warmup, start, end, include_start, include_end)


def wsd(
    peak: Number,
    steps: Number,
    warmup: Number | str,
    cooldown: Number | str = "10%",
    *,
    kind: str | Fall = "1-sqrt",
    start: Number | str = 0,
    end: Number | str = 0,
    include_start: bool = True,
    include_end: bool = False,
) -> Curve:
    """Warm-up, stable, decay: the peak held until the cooldown, which takes the last steps.

    With p from 0 to 1 in the cooldown, `kind` is what is left of peak - end: "linear" 1 - p, "cosine"
    (1 + cos(pi p)) / 2, "mirror-cosine" that mirrored at the line, "1-sqrt", "1-square" 1 - p^2, "sqrt"
    (1 - p)^0.5, "square" (1 - p)^2, "half-life" 2 * 0.5^p - 1, or "geometric", (end / peak)^p of the peak
    itself. A function of (peak, end, steps) that gives a curve will do too. See `stepcurve.schedules`; from
    Hu et al., "MiniCPM", 2024, and the kinds from Hägele et al., "Scaling Laws and Compute-Optimal Training
    Beyond Fixed Training Durations", 2024, and Megatron-LM ("half-life").

    >>> import stepcurve as sc
    >>> sc.wsd(1e-3, 10_000, warmup=500, cooldown="20%")
    linear(0, 0.001, 500) >> constant(0.001, steps=7500) >> polynomial(0.001, 0, 2000, inner_power=0.5)
    """
    top, whole = _finite("peak", peak), _total(steps)
    rise = _rise(top, _steps("warmup", warmup, whole), _value("start", start, top), include_start)
    cooling = _cooling(cooldown, whole)
    stable = whole - include_end - _taken(rise) - cooling
    if stable < 0:
        raise ValueError(f"warmup and cooldown must fit into {whole:g} steps, got {warmup} and {cooldown}")
    held = [constant(top, stable)] if stable else []
    fall = [fall_of(kind)(top, _value("end", end, top), cooling)] if cooling else []
    return _chained([*rise, *held, *fall])


def trapezoid(
    peak: Number,
    steps: Number,
    warmup: Number | str,
    cooldown: Number | str,
    *,
    start: Number | str = 0,
    end: Number | str = 0,
    include_start: bool = True,
    include_end: bool = False,
) -> Curve:
    """Straight up, the peak held, straight down: `wsd` of kind "linear".

    >>> import stepcurve as sc
    >>> sc.trapezoid(0.4, 1_000, warmup="15%", cooldown="40%")
    linear(0, 0.4, 150) >> constant(0.4, steps=450) >> linear(0.4, 0, 400)
    """
    ends = {"start": start, "end": end}
    shown = {"include_start": include_start, "include_end": include_end}
    return wsd(peak, steps, warmup, cooldown, kind="linear", **ends, **shown)  # type: ignore[arg-type]


def infinite(
    peak: Number,
    budgets: Sequence[Number],
    warmup: Number | str,
    cooldown: Number | str = "10%",
    *,
    kind: str | Fall = "1-sqrt",
    start: Number | str = 0,
    end: Number | str = 0,
    include_start: bool = True,
) -> Curve:
    """WSD with many cooldowns: one that ends at each budget of steps, after which the peak is back.

    A share in `cooldown` is one of the step at which it ends, as if that were the whole; one in `warmup` is
    of the first. Kinds are those of `wsd`. From Wen et al., "Understanding Warmup-Stable-Decay Learning
    Rates", 2024 (WSD-S).

    >>> import stepcurve as sc
    >>> sc.infinite(1, [100, 200], warmup=10, kind="linear")([0, 90, 99, 100, 180, 190, 200])
    array([0. , 1. , 0.1, 1. , 1. , 0.5, 0. ])
    """
    ends = [_total(each) for each in budgets]
    if not ends:
        raise ValueError("budgets must have at least one step, got none")
    top = _finite("peak", peak)
    low = _value("end", end, top)
    pieces = _rise(top, _steps("warmup", warmup, ends[0]), _value("start", start, top), include_start)
    taken = _taken(pieces)
    for step in ends:
        cooling = _cooling(cooldown, step)
        stable = step - cooling - taken
        if not cooling:
            raise ValueError(f"cooldown must be a step at least, got {cooldown}")
        if stable < 0:
            raise ValueError(f"budgets must leave room for warmup and cooldown, got {step:g}")
        pieces += [constant(top, stable)] if stable else []
        pieces.append(fall_of(kind)(top, low, cooling))
        taken += stable + pieces[-1].steps
    return _chained(pieces)


def inverse_sqrt(
    peak: Number,
    warmup: Number,
    *,
    start: Number | str = 0,
    timescale: Number | None = None,
    include_start: bool = True,
) -> Curve:
    """A straight warm-up to the peak, then endless peak / sqrt(1 + t / timescale), t from the peak on.

    The timescale is the warm-up unless given: peak sqrt(warmup / step).

    >>> import stepcurve as sc
    >>> sc.inverse_sqrt(1e-3, 4_000)
    linear(0, 0.001, 4000) >> inverse(0.001, 4000, power=0.5)
    """
    top, steps = _finite("peak", peak), _count("warmup", warmup)
    if not steps and timescale is None:
        raise ValueError("timescale must be given without a warmup")
    rise = _rise(top, steps, _value("start", start, top), include_start)
    scale = steps if timescale is None else timescale
    return _chained([*rise, inverse(top, scale, power=0.5)])


def noam(d_model: Number, warmup: Number, *, scale: Number = 1.0, include_start: bool = True) -> Curve:
    """The Transformer's: scale d_model^-0.5 min(step^-0.5, step warmup^-1.5); `inverse_sqrt` with its peak.

    The paper counts steps from 1: that is include_start=False. From Vaswani et al., "Attention Is All You
    Need", 2017.

    >>> import stepcurve as sc
    >>> sc.noam(512, 4_000)(4_000) == (512 * 4_000) ** -0.5
    True
    """
    width, steps = length("d_model", d_model), _count("warmup", warmup)
    if not width > 0 or not steps > 0:
        raise ValueError(f"d_model and warmup must be > 0, got {d_model} and {warmup}")
    return inverse_sqrt(number("scale", scale) * (width * steps) ** -0.5, steps, include_start=include_start)


def one_cycle(
    peak: Number,
    steps: Number,
    warmup: Number | str = "30%",
    *,
    kind: str | Fall = "cosine",
    start: Number | str = "4%",
    end: Number | str = "0.0004%",
    include_end: bool = False,
) -> Curve:
    """From start up to the peak and down to the end, both ways by a kind of `wsd`.

    The defaults are torch's, 1/25 and 1/250000 of the peak. Momentum goes the other way:
    ``one_cycle(0.85, steps, start=0.95, end=0.95)``. From Smith and Topin, "Super-Convergence", 2017.

    >>> import stepcurve as sc
    >>> sc.one_cycle(1, 100, start=0.04, end=0)
    cosine(0.04, 1, 30) >> cosine(1, 0, 70)
    """
    top, whole = _finite("peak", peak), _total(steps)
    up, fall = _steps("warmup", warmup, whole), fall_of(kind)
    down = whole - include_end - up
    if not down > 0:
        raise ValueError(f"warmup must be below {whole:g} steps, got {warmup}")
    rise = [fall(_value("start", start, top), top, up)] if up else []
    return _chained([*rise, fall(top, _value("end", end, top), down)])


def cyclic(
    low: Number, high: Number, up: Number, down: Number | None = None, *, decay: Number = 1.0
) -> Curve:
    """Triangles for ever: from low to high in `up` steps and back in `down`, as many unless given.

    What is above low is multiplied by `decay` from one triangle to the next. From Smith, "Cyclical Learning
    Rates for Training Neural Networks", 2015.

    >>> import stepcurve as sc
    >>> sc.cyclic(0.1, 0.5, 10, decay=0.5)([0, 10, 20, 30])
    array([0.1, 0.5, 0.1, 0.3])
    """
    bottom, top, factor = number("low", low), number("high", high), number("decay", decay)
    back = up if down is None else down
    if factor == 1 or bottom == 0:
        return (linear(bottom, top, up) >> linear(top, bottom, back)).repeat(decay=factor)
    height = top - bottom
    return bottom + (linear(0, height, up) >> linear(height, 0, back)).repeat(decay=factor)


def restarts(
    peak: Number,
    first: Number,
    growth: Number = 1.0,
    *,
    times: Number = inf,
    decay: Number = 1.0,
    end: Number | str = 0,
    warmup: Number = 0,
) -> Curve:
    """Half a cosine wave again and again: the first takes `first` steps, each next `growth` times as many.

    What is above the end is multiplied by `decay` from one to the next. The warm-up comes before them. From
    Loshchilov and Hutter, "SGDR", 2016.

    >>> import stepcurve as sc
    >>> sc.restarts(0.05, 10, growth=2)
    cosine(0.05, 0, 10).repeat(growth=2)
    """
    top, factor = _finite("peak", peak), number("decay", decay)
    low = _value("end", end, top)
    if factor == 1 or low == 0:
        cycles = cosine(top, low, first).repeat(times, growth, factor)
    else:
        cycles = low + cosine(top - low, 0, first).repeat(times, growth, factor)
    return _chained([*_rise(top, _count("warmup", warmup), 0.0, True), cycles])


def step_decay(peak: Number, every: Number | str, factor: Number = 0.1, *, warmup: Number = 0) -> Curve:
    """Multiplied by the factor every so many steps, which are counted after the warm-up.

    >>> import stepcurve as sc
    >>> sc.step_decay(0.1, 30)
    decay(0.1, 0.1, every=30).stairs(30)
    """
    stairs = decay(peak, factor, every).stairs(every)
    return _chained([*_rise(_finite("peak", peak), _count("warmup", warmup), 0.0, True), stairs])


def multistep(peak: Number, milestones: Sequence[Number | str], factor: Number = 0.1) -> Curve:
    """Multiplied by the factor from each milestone on.

    >>> import stepcurve as sc
    >>> sc.multistep(0.1, [30, 60], factor=0.5)
    piecewise({0: 0.1, 30: 0.05, 60: 0.025})
    """
    top, rate = number("peak", peak), number("factor", factor)
    values: dict[Number | str, float] = {0: top}
    for i, step in enumerate(milestones):
        values[step] = top * _power(rate, i + 1)
    if len(values) != len(milestones) + 1:
        raise ValueError(f"milestones must be > 0 and different, got {list(milestones)}")
    return piecewise(values)


def _power(factor: float, times: int) -> float:
    try:
        value: float = factor**times
    except OverflowError:
        raise ValueError(f"factor must leave the values finite, got {factor:g}") from None
    return value


def _chained(pieces: Sequence[Curve]) -> Curve:
    if not pieces:
        raise ValueError("steps must leave room for the end, got a schedule of no length")
    return Curve(make("sequence", [piece._node for piece in pieces])) if len(pieces) > 1 else pieces[0]


def _annealed(
    kind: str,
    peak: Number,
    steps: Number,
    warmup: Number | str,
    start: Number | str,
    end: Number | str,
    include_start: bool,
    include_end: bool,
) -> Curve:
    """A warm-up, and the rest in one fall."""
    top, whole = _finite("peak", peak), _total(steps)
    rise = _rise(top, _steps("warmup", warmup, whole), _value("start", start, top), include_start)
    rest = whole - include_end - _taken(rise)
    if not rest > 0:
        raise ValueError(f"warmup must be below {whole:g} steps, got {warmup}")
    return _chained([*rise, KINDS[kind](top, _value("end", end, top), rest)])


def _rise(peak: float, warmup: float, start: float, include_start: bool) -> list[Curve]:
    """The warm-up, if there is one."""
    if warmup and not include_start:
        first = _decimal(start) + (_decimal(peak) - _decimal(start)) / Fraction(warmup)
        start, warmup = float(first), warmup - 1
    return [linear(start, peak, warmup)] if warmup else []


def _taken(pieces: list[Curve]) -> float:
    return sum(piece.steps for piece in pieces)


def _finite(name: str, value: Number) -> float:
    given = number(name, value)
    if not isfinite(given):
        raise ValueError(f"{name} must be finite, got {given}")
    return given


def _total(steps: Number) -> float:
    whole = length("steps", steps)
    if not 0 < whole < inf:
        raise ValueError(f"steps must be > 0 and finite, got {whole:g}")
    return whole


def _steps(name: str, value: Number | str, whole: float) -> float:
    """A number of steps, or a share of the whole."""
    if isinstance(value, str):
        return _float(name, value, floor(Fraction(whole) * _share(name, value) + Fraction(1, 2)))
    return _count(name, value)


def _cooling(value: Number | str, whole: float) -> float:
    """The steps of a cooldown; a share is rounded by where it begins, so that shares fill the whole."""
    if not isinstance(value, str):
        return _count("cooldown", value)
    begin = _float(
        "cooldown", value, floor(Fraction(whole) * (1 - _share("cooldown", value)) + Fraction(1, 2))
    )
    return whole - begin


def _count(name: str, value: Number) -> float:
    steps = length(name, value)
    if not (steps == 0 or 1 <= steps < inf):
        raise ValueError(f"{name} must be 0 or >= 1 and finite, got {steps:g}; a share is written '3%'")
    return steps


def _value(name: str, value: Number | str, peak: float) -> float:
    """A number, or a share of the peak."""
    if isinstance(value, str):
        return _float(name, value, _decimal(peak) * _share(name, value))
    return _finite(name, value)


def _float(name: str, given: str, value: Fraction | int) -> float:
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"{name} must be finite, got {given}") from None


def _decimal(value: float) -> Fraction:
    """The number that was meant: a tenth of 3e-4 is 3e-5, though not of the nearest double."""
    return Fraction(repr(float(value)))


def _share(name: str, text: str) -> Fraction:
    if not LENGTH.fullmatch(text) or not text.endswith("%"):
        raise ValueError(f"{name} must be a number or a share such as '3%', got {text!r}")
    return Fraction(text.removesuffix("%")) / 100
