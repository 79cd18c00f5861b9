"""Lengths in shares of a run, epochs, tokens and samples, which a Run turns into steps."""

from __future__ import annotations

import re
from typing import Any, NoReturn, TypeAlias

from . import _core
from .numbers import Number, length

LENGTH = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?(%|ep|tok|sp)", re.ASCII)


class Length(str):
    """A number and a unit, such as "3%", "10ep", "2e9tok" or "1e6sp"."""

    __slots__ = ()


Extent: TypeAlias = "float | Length"


def extent(name: str, value: Number | str) -> Extent:
    """A number of steps, or a length in a unit."""
    if not isinstance(value, str):
        return length(name, value)
    if not LENGTH.fullmatch(value):
        raise ValueError(f"{name} must be a number, or one with a unit (%, ep, tok or sp), got {value!r}")
    return Length(value)


class Unresolved:
    """The core of a curve that has lengths in units: it can be composed and printed, and nothing else."""

    def __init__(self, name: str, arguments: dict[str, Any], operands: list[Any], trial: _core.Curve) -> None:
        self._described = name, arguments, operands
        self.trial = trial  # the same with other lengths: what the core would refuse of it, it has refused

    def describe(self) -> tuple[str, dict[str, Any], list[Any]]:
        return self._described

    def __getattr__(self, name: str) -> Any:
        return self.refuse

    def refuse(self, *_: object) -> NoReturn:
        raise ValueError("a curve with lengths in units has no values: make steps of them with resolve(run)")


def make(name: str, operands: list[Any], **arguments: Any) -> _core.Curve:
    """What the core makes of these operands and arguments, once no length is in a unit any more."""
    given = [each for value in arguments.values() for each in (value if isinstance(value, list) else [value])]
    if any(isinstance(each, Unresolved) for each in operands) or any(isinstance(x, Length) for x in given):
        trial = _made(name, [getattr(each, "trial", each) for each in operands], _nominal(arguments))
        if name == "past_end" and operands[0].describe()[0] == "past_end":  # the later policy is the one
            operands = operands[0].describe()[2]
        return Unresolved(name, arguments, _flat(name, operands), trial)  # type: ignore[return-value]
    return _made(name, operands, arguments)


def _nominal(arguments: dict[str, Any]) -> dict[str, Any]:
    """Some numbers for the lengths in units."""
    nominal = {name: 1000.0 if isinstance(value, Length) else value for name, value in arguments.items()}
    for name, value in arguments.items():
        if isinstance(value, list) and any(isinstance(each, Length) for each in value):
            numbers = [each for each in value if not isinstance(each, Length)]
            if name == "begins" and numbers[:1] == value[:1]:
                _core.piecewise(numbers, [0.0] * len(numbers))  # refuses what they cannot be
            else:
                _core.piecewise([0.0, *numbers], [0.0] * (len(numbers) + 1))
            nominal[name] = [float(i + (name == "boundaries")) for i in range(len(value))]
    return nominal


def _made(name: str, operands: list[Any], arguments: dict[str, Any]) -> _core.Curve:
    function = getattr(_core, name)
    several = name in ("sequence", "product", "sum", "join")
    made: _core.Curve = function(*([operands] if several else operands), *arguments.values())
    return made


def _flat(name: str, operands: list[Any]) -> list[Any]:
    """A chain as one, like the core's; sums and products only from the left, or they would be others."""
    flat: list[Any] = []
    for i, operand in enumerate(operands):
        own, _, parts = operand.describe()
        flat += (
            parts
            if own == name and (name == "sequence" or (i == 0 and name in ("sum", "product")))
            else [operand]
        )
    return flat


def resolved(core: _core.Curve) -> _core.Curve:
    """The core, if it has values."""
    if isinstance(core, Unresolved):
        core.refuse()
    return core
