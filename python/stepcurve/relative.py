"""relative: a curve that multiplies what a param group began with."""

from __future__ import annotations

from typing import Any

from .curve import Curve


class Relative:
    """A curve times each param group's own initial value, for a CurveScheduler; made by `relative`."""

    __slots__ = ("curve",)

    curve: Curve

    def __init__(self, curve: Curve) -> None:
        if not isinstance(curve, Curve):
            raise TypeError(f"relative takes a curve, got {curve!r}")
        object.__setattr__(self, "curve", curve)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"relative curves are immutable, cannot set {name!r}")

    def __repr__(self) -> str:
        return f"relative({self.curve})"

    def __eq__(self, other: object) -> bool:
        return self.curve == other.curve if isinstance(other, Relative) else NotImplemented

    def __hash__(self) -> int:
        return hash(repr(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return Relative, (self.curve,)


def relative(curve: Curve) -> Relative:
    """The curve as a multiplier of each param group's own initial value, for `CurveScheduler`.

    >>> import stepcurve as sc
    >>> sc.relative(sc.cosine(1, 0.1, 100))
    relative(cosine(1, 0.1, 100))
    """
    return Relative(curve)
