"""The ways down of a cooldown: each a shape from its start to its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from .curve import Curve
from .shapes import constant, cosine, exponential, linear, polynomial

Fall: TypeAlias = Callable[[float, float, float], Curve]


def _mirrored(start: float, end: float, steps: float) -> Curve:
    return linear(2 * start, 2 * end, steps) + cosine(0.0 - start, 0.0 - end, steps)


def _halved(start: float, end: float, steps: float) -> Curve:
    drop = start - end
    return exponential(2 * drop, drop, steps) + (end - drop) if drop else constant(end, steps)


KINDS: dict[str, Fall] = {
    "linear": linear,
    "cosine": cosine,
    "mirror-cosine": _mirrored,
    "1-sqrt": lambda start, end, steps: polynomial(start, end, steps, inner_power=0.5),
    "1-square": lambda start, end, steps: polynomial(start, end, steps, inner_power=2),
    "sqrt": lambda start, end, steps: polynomial(start, end, steps, power=0.5),
    "square": lambda start, end, steps: polynomial(start, end, steps, power=2),
    "geometric": exponential,
    "half-life": _halved,
}


def fall_of(kind: str | Fall) -> Fall:
    if callable(kind):
        return kind
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
    return KINDS[kind]
