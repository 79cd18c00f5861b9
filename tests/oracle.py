"""Each shape from its definition, in mpmath: what the curves are measured against.

60 digits decide 4 ulp; twice as many are carried, since the formulas themselves cancel.
"""

import math

from mpmath import cos, log, mp, mpf, pi, tanh

mp.dps = 120


def linear_(start, end, t, steps):
    return start + (end - start) * t / steps


def polynomial_(start, end, t, steps, power, inner_power):
    return end + (start - end) * (1 - (t / steps) ** inner_power) ** power


def cosine_(start, end, t, steps, cycles, power, inner_power):
    wave = (1 + cos(2 * pi * cycles * (t / steps) ** inner_power)) / 2
    return end + (start - end) * wave**power


def exponential_(start, end, t, steps):
    return start * (end / start) ** (t / steps)


def tanh_(start, end, t, steps, lower, upper):
    y = lower + (upper - lower) * t / steps
    return end + (start - end) * (tanh(upper) - tanh(y)) / (tanh(upper) - tanh(lower))


def log_(start, end, t, steps):
    return start + (end - start) * log(1 + t) / log(1 + steps)


def decay_(start, rate, t, every):
    return start * rate ** (t / every)


def inverse_(start, timescale, t, power):
    return start * (1 + t / timescale) ** -power


def value(name, arguments, time):
    """The true value of a shape, its arguments in the order of its factory."""
    first, second, *rest = map(mpf, arguments)
    return globals()[f"{name}_"](first, second, mpf(time), *rest)


def ulps(value, true):
    """How many units in the last place of the true value the value is off."""
    if value == true:
        return 0.0
    return float(abs(mpf(value) - true) / math.ulp(float(true)))
