"""The shapes that curves are made of. p stands for time / steps; lengths may have a unit (see units)."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any

from .curve import Curve
from .numbers import Number, number
from .units import Extent, extent, make


def constant(value: Number, steps: Number | str = inf) -> Curve:
    """The same value always. Endless unless it has a length, after which another curve may follow.

    >>> import stepcurve as sc
    >>> (sc.constant(0.1, 5) >> sc.constant(0.01))([0, 4, 5])
    array([0.1 , 0.1 , 0.01])
    """
    return Curve(make("constant", [], value=number("value", value), steps=extent("steps", steps)))


def linear(start: Number, end: Number, steps: Number | str) -> Curve:
    """From start at step 0 to end at `steps` in equal steps: start + (end - start) p.

    >>> import stepcurve as sc
    >>> sc.linear(0, 3e-4, 2_000)(500)
    7.5e-05
    """
    return Curve(make("linear", [], **_fall(start, end, steps)))


def polynomial(
    start: Number, end: Number, steps: Number | str, power: Number = 1.0, inner_power: Number = 1.0
) -> Curve:
    """end + (start - end) (1 - p**inner_power)**power, with both powers > 0.

    `start` at step 0 and `end` at `steps`, to the bit. inner_power=0.5 is the 1 - sqrt cooldown of WSD
    schedules, power=0.5 the square root.

    >>> import stepcurve as sc
    >>> sc.polynomial(0.1, 0, 100, power=2)(50)
    0.025
    """
    powers = {"power": number("power", power), "inner_power": number("inner_power", inner_power)}
    return Curve(make("polynomial", [], **_fall(start, end, steps), **powers))


def cosine(
    start: Number,
    end: Number,
    steps: Number | str,
    cycles: Number = 0.5,
    power: Number = 1.0,
    inner_power: Number = 1.0,
) -> Curve:
    """end + (start - end) ((1 + cos(2 pi cycles p**inner_power)) / 2)**power.

    With the default half cycle `start` at step 0 and `end` at `steps`, to the bit; after a whole number of
    cycles the curve is back at `start`. From Loshchilov and Hutter, "SGDR", 2016.

    >>> import stepcurve as sc
    >>> sc.cosine(0.1, 0, 100)([0, 50, 100])
    array([0.1 , 0.05, 0.  ])
    """
    given = {"cycles": cycles, "power": power, "inner_power": inner_power}
    shape = {name: number(name, value) for name, value in given.items()}
    return Curve(make("cosine", [], **_fall(start, end, steps), **shape))


def exponential(start: Number, end: Number, steps: Number | str) -> Curve:
    """Geometric from start to end: start (end / start)**p, with start and end of one sign and not 0.

    >>> import stepcurve as sc
    >>> sc.exponential(1, 0.01, 100)([0, 50, 100])
    array([1.  , 0.1 , 0.01])
    """
    return Curve(make("exponential", [], **_fall(start, end, steps)))


def decay(start: Number, rate: Number, every: Number | str = 1) -> Curve:
    """Endless: start * rate**(time / every), with rate > 0. In stairs it is torch's StepLR.

    >>> import stepcurve as sc
    >>> sc.decay(0.1, 0.5, every=30)([0, 30, 60])
    array([0.1  , 0.05 , 0.025])
    """
    first, factor = number("start", start), number("rate", rate)
    return Curve(make("decay", [], start=first, rate=factor, every=extent("every", every)))


def inverse(start: Number, timescale: Number | str, power: Number = 1.0) -> Curve:
    """Endless: start * (1 + time / timescale)**-power, with power > 0. Power 0.5 is inverse square root.

    >>> import stepcurve as sc
    >>> sc.inverse(0.1, 100, power=0.5)([0, 300])
    array([0.1 , 0.05])
    """
    first, scale = number("start", start), extent("timescale", timescale)
    return Curve(make("inverse", [], start=first, timescale=scale, power=number("power", power)))


def tanh(start: Number, end: Number, steps: Number | str, lower: Number = -7.0, upper: Number = 3.0) -> Curve:
    """The arc of tanh between the arguments lower and upper, from start to end, to the bit at both.

    end + (start - end) (tanh(upper) - tanh(y)) / (tanh(upper) - tanh(lower)), y = lower + (upper - lower) p.
    From Hsueh, Li and Wu, "Stochastic gradient descent with hyperbolic-tangent decay", 2018, whose formula,
    (1 - tanh y) / 2, stops short of both ends.

    >>> import stepcurve as sc
    >>> sc.tanh(0.1, 0, 100, lower=-3, upper=3)(50)
    0.05
    """
    arc = {"lower": number("lower", lower), "upper": number("upper", upper)}
    return Curve(make("tanh", [], **_fall(start, end, steps), **arc))


def log(start: Number, end: Number, steps: Number | str) -> Curve:
    """From start to end as the logarithm: start + (end - start) log(1 + time) / log(1 + steps).

    >>> import stepcurve as sc
    >>> sc.log(0, 1, 99)([0, 9, 99])
    array([0. , 0.5, 1. ])
    """
    return Curve(make("log", [], **_fall(start, end, steps)))


def piecewise(values: Mapping[Any, Number]) -> Curve:
    """Endless: the value of the latest step in the mapping that has come. The first step is 0.

    >>> import stepcurve as sc
    >>> sc.piecewise({0: 0.1, 30: 0.01})([29, 30])
    array([0.1 , 0.01])
    """
    if not isinstance(values, Mapping):
        raise TypeError(f"values must be a mapping of steps to values, got {values!r}")
    begins = [extent("steps of piecewise", step) for step in values]
    heights = [number("values", value) for value in values.values()]
    return Curve(make("piecewise", [], begins=begins, values=heights))


def _fall(start: Number, end: Number, steps: Number | str) -> dict[str, Extent]:
    return {"start": number("start", start), "end": number("end", end), "steps": extent("steps", steps)}
