"""What the expression of a curve says of its times: where pieces join, milestones lie and cycles end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, floor, inf
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .. import _core

Kind = Literal["piece", "milestone", "cycle", "extrapolation", "other end"]
MAX_CYCLES = 100_000  # a cycle is looked for among so many; curves of more give no finding about them


@dataclass(frozen=True)
class Mark:
    """A step at which something else begins."""

    step: float
    kind: Kind


def marks(core: _core.Curve) -> list[Mark]:
    """In order; of a repeated curve those of its first cycle, of stairs the first one."""
    return sorted(_marks(core), key=lambda mark: mark.step)


def _marks(core: _core.Curve) -> Iterator[Mark]:
    name, arguments, operands = core.describe()
    if name == "piecewise":
        yield from (Mark(step, "milestone") for step in arguments["begins"] if step > 0)
    elif name in ("sequence", "join"):
        yield from _of_pieces(core)
    elif name in ("product", "sum"):
        yield from {mark for operand in operands for mark in _marks(operand)}
    elif operands:
        yield from _of_one(name, arguments, operands[0])


def _of_one(name: str, arguments: dict[str, Any], operand: _core.Curve) -> Iterator[Mark]:
    factor = arguments["factor"] if name == "stretch" else 1.0
    later = arguments["steps"] if name == "shift" else 0.0
    policy = arguments["policy"] if name == "past_end" else None
    end = operand.steps()
    for mark in _marks(operand):
        if policy is None or mark.step < end:
            yield replace(mark, step=mark.step * factor + later)
    if name == "stairs":
        yield Mark(arguments["every"], "milestone")
    elif name == "repeat" or policy == "repeat":
        yield Mark(end, "cycle")
    elif name == "past_end" and policy not in ("hold", "raise"):
        yield Mark(end, "extrapolation" if policy == "extrapolate" else "other end")


def _of_pieces(core: _core.Curve) -> Iterator[Mark]:
    for piece, begin, end, clock in pieces(core):
        if begin > 0:
            yield Mark(begin, "piece")
        for mark in _marks(piece):
            if begin < mark.step + clock < end:
                yield replace(mark, step=mark.step + clock)


def pieces(core: _core.Curve) -> list[tuple[_core.Curve, float, float, float]]:
    """Of a sequence or join: each curve, where it begins and ends, and where its clock is at 0."""
    name, arguments, operands = core.describe()
    bounds = [0.0]
    if name == "sequence":
        for operand in operands[:-1]:
            bounds.append(bounds[-1] + operand.steps())
        local = True
    else:
        bounds += arguments["boundaries"]
        local = arguments["clock"] == "local"
    ends = [*bounds[1:], inf]
    return [
        (operand, begin, end, begin if local else 0.0)
        for operand, begin, end in zip(operands, bounds, ends, strict=True)
    ]


def settled(core: _core.Curve) -> float:
    """The step at which a curve has come to its last value by its shape, whatever is past its end; infinite
    for endless ones, and where milestones decide."""
    name, arguments, operands = core.describe()
    if name == "constant":
        return 0.0
    if name in ("sequence", "join"):
        last, begin, _, clock = pieces(core)[-1]
        return max(begin, settled(last) + clock)
    if name in ("sum", "product"):
        return max(settled(operand) for operand in operands)
    if not operands or name in ("repeat", "stairs"):
        return core.steps()
    inner = settled(operands[0])
    if name == "stretch":
        return inner * float(arguments["factor"])
    return inner + float(arguments["steps"]) if name == "shift" else inner


def cycle(core: _core.Curve, step: float) -> tuple[float, float] | None:
    """Begin and end of the cycle of a repeated curve in which a step lies, its end included."""
    name, arguments, operands = core.describe()
    if name in ("sequence", "join"):
        for piece, begin, end, clock in pieces(core):
            if begin < step <= end:
                return _later(cycle(piece, step - clock), clock)
        return None
    if name in ("sum", "product"):
        found = [each for operand in operands if (each := cycle(operand, step))]
        return found[0] if found else None
    if name == "stretch":
        factor = arguments["factor"]
        inner = cycle(operands[0], step / factor)
        return inner and (inner[0] * factor, inner[1] * factor)
    if name == "shift":
        return _later(cycle(operands[0], step - arguments["steps"]), arguments["steps"])
    if name == "repeat":
        return _own_cycle(operands[0].steps(), arguments, step)
    if name == "past_end" and arguments["policy"] == "repeat":
        return _own_cycle(core.steps(), {"growth": 1.0, "times": inf, "whole": False}, step)
    return cycle(operands[0], step) if operands else None


def _later(span: tuple[float, float] | None, steps: float) -> tuple[float, float] | None:
    return span and (span[0] + steps, span[1] + steps)


def _own_cycle(length: float, law: dict[str, float], step: float) -> tuple[float, float] | None:
    if step <= 0:
        return None
    if law["growth"] == 1:
        before = ceil(step / length) - 1
        return (before * length, (before + 1) * length) if before < law["times"] else None
    begin = 0.0
    for _ in range(int(min(law["times"], MAX_CYCLES))):
        if step <= begin + length:
            return begin, begin + length
        begin += length
        length = floor(length * law["growth"]) if law["whole"] else length * law["growth"]
        if not length > 0:
            break
    return None
