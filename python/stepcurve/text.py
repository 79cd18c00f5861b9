"""Curves as text: the expression that makes a curve, written canonically. `reader` reads it back."""

from __future__ import annotations

import inspect
from functools import cache
from math import copysign, inf
from typing import TYPE_CHECKING, Any

from . import _core, curve, shapes
from .curve import Curve

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPES = (
    *("constant", "linear", "polynomial", "cosine", "exponential"),
    *("decay", "inverse", "tanh", "log", "piecewise"),
)
METHODS = ("repeat", "clip", "stairs", "shift", "stretch", "hold", "past_end")
FACTORIES: dict[str, Callable[..., Curve]] = {
    **{name: getattr(shapes, name) for name in SHAPES},
    "join": curve.join,
}
OPERATORS = {"sequence": ">>", "sum": "+", "product": "*"}
PRECEDENCE = {">>": 0, "+": 1, "*": 2}
CALL = 3


def write(core: _core.Curve) -> str:
    """The canonical expression of a curve."""
    return _write(core)[0]


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number, whole ones without a point."""
    if value.is_integer() and abs(value) < 1e16 and (value or copysign(1, value) > 0):
        return str(int(value))
    return repr(float(value))


@cache
def _parameters(name: str) -> dict[str, Any]:
    """Names and defaults of what a name calls."""
    function = FACTORIES[name] if name in FACTORIES else getattr(Curve, name)
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in parameters if p.name != "self"}


def _value_text(value: float | str | bool | list[Any]) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_value_text, value)) + "]"
    if isinstance(value, str):
        return f'"{value}"'
    return str(value) if isinstance(value, bool) else number_text(value)


def _argument_texts(name: str, arguments: dict[str, Any]) -> list[str]:
    texts = []
    for parameter, default in _parameters(name).items():
        if parameter not in arguments:  # the curve itself, written before the dot, or the operands
            continue
        value = arguments[parameter]
        if isinstance(default, bool):
            value = bool(value)
        if default is inspect.Parameter.empty:
            texts.append(_value_text(value))
        elif value != default:
            texts.append(f"{parameter}={_value_text(value)}")
    return texts


def _write(core: _core.Curve) -> tuple[str, int]:
    """The expression and the precedence of what holds it together."""
    name, arguments, operands = core.describe()
    if name in OPERATORS:
        operator = OPERATORS[name]
        precedence = PRECEDENCE[operator]
        return f" {operator} ".join(_operand_texts(operands, name, precedence)), precedence
    if name == "piecewise":
        steps = zip(arguments["begins"], arguments["values"], strict=True)
        return "piecewise({" + ", ".join(f"{_value_text(s)}: {_value_text(v)}" for s, v in steps) + "})", CALL
    texts = _argument_texts(name, arguments)
    if name == "join":
        pieces = "[" + ", ".join(write(operand) for operand in operands) + "]"
        return f"join({', '.join([pieces, *texts])})", CALL
    call = f"{name}({', '.join(texts)})"
    if name in METHODS:
        return f"{_bracketed(operands[0], CALL - 1)}.{call}", CALL
    return call, CALL


def _operand_texts(operands: list[_core.Curve], name: str, precedence: int) -> list[str]:
    """Endless constants as bare numbers, unless two would meet and be no curve."""
    texts = [_bracketed(operand, precedence) for operand in operands]
    if name == "sequence":
        return texts
    constants = [_endless_constant(operand) for operand in operands]
    for i, value in enumerate(constants):
        if value is not None and (i > 0 or constants[1] is None):
            texts[i] = number_text(value)
    return texts


def _bracketed(core: _core.Curve, precedence: int) -> str:
    text, own = _write(core)
    return f"({text})" if own <= precedence else text


def _endless_constant(core: _core.Curve) -> float | None:
    name, arguments, _ = core.describe()
    return arguments["value"] if name == "constant" and arguments["steps"] == inf else None
