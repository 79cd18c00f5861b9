"""Whether the steps of an endless curve satisfy the conditions of Robbins and Monro (1951)."""

from __future__ import annotations

from math import inf, log
from typing import TYPE_CHECKING, Any, TypeAlias

from .rules import Told, rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from .. import _core
    from .course import Course

Tail: TypeAlias = "tuple[float, float] | None"
"""The values of an endless curve are like exp(a t) t**b: (sign of a, b); of zeros (-inf, 0)."""

CONSTANT, ZERO = (0.0, 0.0), (-inf, 0.0)


def tail(core: _core.Curve) -> Tail:
    """How a curve goes on for ever; None where this does not know."""
    name, arguments, operands = core.describe()
    if name in _OWN:
        return _OWN[name](arguments)
    if name in ("sequence", "join"):
        return tail(operands[-1])
    if name in ("sum", "product"):
        tails = [tail(operand) for operand in operands]
        known = [each for each in tails if each is not None]
        if len(known) < len(tails):
            return None
        return max(known) if name == "sum" else (sum(a for a, _ in known), sum(b for _, b in known))
    if name == "repeat":
        return _of_repeat(arguments)
    if name == "clip":
        return CONSTANT if arguments["low"] > 0 else tail(operands[0])
    if name == "past_end" and not isinstance(arguments["policy"], str):
        return CONSTANT if arguments["policy"] > 0 else ZERO
    if name == "past_end" and arguments["policy"] in ("extrapolate", "repeat"):
        kind = operands[0].describe()[0]
        return CONSTANT if kind == "cosine" or arguments["policy"] == "repeat" else None
    if not operands or core.steps() < inf:  # it holds its last value
        return CONSTANT if core.at(core.steps()) > 0 else ZERO
    return tail(operands[0])


def _of_repeat(law: dict[str, float]) -> Tail:
    """A cycle begins at about growth**i, and is decay**i (1 + i)**-harmonic high."""
    growth, decay = law["growth"], law["decay"]
    if law["times"] < inf or growth < 1:
        return None
    if growth == 1:
        return (log(decay), -law["harmonic"]) if decay > 0 else ZERO
    return (0.0, log(decay) / log(growth)) if decay > 0 else ZERO


_OWN: dict[str, Callable[[dict[str, Any]], Tail]] = {
    "constant": lambda arguments: CONSTANT if arguments["value"] > 0 else ZERO,
    "decay": lambda arguments: (log(arguments["rate"]), 0.0) if arguments["start"] > 0 else ZERO,
    "inverse": lambda arguments: (0.0, -arguments["power"]) if arguments["start"] > 0 else ZERO,
    "piecewise": lambda arguments: CONSTANT if arguments["values"][-1] > 0 else ZERO,
}


@rule("robbins-monro")
def robbins_monro(course: Course) -> Told | None:
    """Whether the sum of the steps diverges and that of their squares converges, for endless curves."""
    if course.curve is None or course.curve.steps < inf:
        return None
    shape = tail(course.curve._node)
    if shape is None:
        return None
    rate, power = shape
    diverges = rate > 0 or (rate == 0 and power >= -1)
    converges = rate < 0 or (rate == 0 and power < -0.5)
    first = "diverges" if diverges else "converges"
    second = "converges" if converges else "diverges"
    verdict = "satisfies" if diverges and converges else "does not satisfy"
    reason = {
        (True, True): "noise averages out, and any distance can be gone",
        (True, False): "the noise of the steps does not die out",
        (False, True): "the steps can go only so far",
    }[diverges, converges]
    return Told(
        "info",
        None,
        f"Run for ever, this curve {verdict} the Robbins-Monro conditions: the sum of its values {first}, "
        f"that of their squares {second}, so {reason}.",
        "It matters to endless runs alone; an inverse curve with 0.5 < power <= 1 satisfies them.",
    )
