"""Expressions read back without eval.

expression = operand {(">>" | "+" | "-" | "*" | "/") operand}     with Python's precedence, from the left
operand    = ["-"] (number | parameter) | ("(" expression ")" | name arguments) {"." name arguments}
arguments  = "(" [argument {"," argument}] ")"
argument   = [name "="] (expression | string | True | False | list | dict)
"""

from __future__ import annotations

import operator
import re
from functools import partial
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, NoReturn

from . import curve
from .curve import Curve
from .numbers import Number, number
from .text import FACTORIES, METHODS, PRECEDENCE, _value_text
from .units import make

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_LENGTH = 2**20
MAX_SIZE = 2**20  # of all that is made on the way: a few characters make a repeat of 100,000 cycles
MAX_MESSAGE = 500  # or an error would repeat a megabyte of what it cannot read
MAX_DEPTH = 130  # twice what the core allows a curve: a join in a list counts two

SCHEDULES = (
    *("warmup_cosine", "warmup_linear", "wsd", "trapezoid", "infinite", "inverse_sqrt"),
    *("noam", "one_cycle", "cyclic", "restarts", "step_decay", "multistep"),
)
"""What `schedules` makes: read, but written as the shapes that they are."""

PRECEDENCES = {**PRECEDENCE, "-": 1, "/": 2}
ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


def parse(text: str, /, **parameters: Number) -> Curve:
    """The curve that an expression makes: the inverse of `str`.

    Reads numbers and what ``+``, ``-``, ``*`` and ``/`` make of them, the names of `parameters`, the shapes,
    `join`, the schedules (`warmup_cosine`, ...), the methods of curves, ``>>``, ``*``, ``+`` and brackets;
    evaluates nothing else. A ValueError names the position of whatever it cannot read. At most 2**20
    characters.

    >>> import stepcurve as sc
    >>> sc.parse("linear(0, 1, 10) >> cosine(1, 0, 90)").steps
    100
    >>> sc.parse("linear(0, peak, 10) >> cosine(peak, peak / 10, steps - 10)", peak=0.5, steps=100)
    linear(0, 0.5, 10) >> cosine(0.5, 0.05, 90)
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a string, got {type(text).__name__}")
    if len(text) > MAX_LENGTH:
        raise ValueError(f"expression must have at most {MAX_LENGTH} characters, got {len(text)}")
    for name in parameters:
        if name in (*FACTORIES, *SCHEDULES, "True", "False", "inf"):
            raise ValueError(f"a parameter cannot be called {name!r}: expressions have that name")
    return Reader(text, {name: number(name, value) for name, value in parameters.items()}).whole()


def read(text: str) -> Curve:
    """As `parse`, of any length: for text that `write` has written."""
    return Reader(text, {}).whole()


def _factory(name: str) -> Callable[..., Curve]:
    if name in FACTORIES:
        return FACTORIES[name]
    from . import schedules

    factory: Callable[..., Curve] = getattr(schedules, name)
    return factory


def _size(value: Curve) -> float:
    return getattr(value._node, "trial", value._node).size()


_SPACE = re.compile(r"\s*")
_EQUALS = re.compile(r"\s*=")
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+)?)
      | (?P<name>[A-Za-z_][A-Za-z_0-9]*)
      | (?P<string>"[a-z0-9.+%-]*"|'[a-z0-9.+%-]*')
      | (?P<symbol>>>|[-+*/().,=\[\]{}:])
      | (?P<end>\Z)
    )""",
    re.VERBOSE | re.ASCII,
)


class Reader:
    """Recursive descent with one token of look-ahead, and a limit on the depth."""

    def __init__(self, text: str, parameters: dict[str, float]) -> None:
        self.text = text
        self.parameters = parameters
        self.depth = 0
        self.size = 0.0
        self.next = 0
        self.advance()

    def advance(self) -> str:
        """The token that was ahead; looks at the one after it."""
        before = getattr(self, "token", "")
        match = _TOKEN.match(self.text, self.next)
        if match is None:
            start = _SPACE.match(self.text, self.next).end()  # type: ignore[union-attr]
            self.fail(f"cannot read {self.text[start : start + 20]!r}", start)
        self.kind = match.lastgroup
        self.token = match[match.lastgroup or 0]
        self.at = match.start(match.lastgroup or 0)
        self.next = match.end()
        return before

    def fail(self, problem: str, at: int) -> NoReturn:
        shown = problem if len(problem) <= MAX_MESSAGE else problem[:MAX_MESSAGE] + "..."
        raise ValueError(f"{shown} at position {at}") from None

    def unexpected(self, wanted: str) -> NoReturn:
        got = "the end" if self.kind == "end" else repr(self.token[:40])
        self.fail(f"expected {wanted}, got {got}", self.at)

    def expect(self, symbol: str) -> None:
        if not self.ahead(symbol):
            self.unexpected(repr(symbol))
        self.advance()

    def ahead(self, *symbols: str) -> bool:
        return self.kind == "symbol" and self.token in symbols

    def whole(self) -> Curve:
        at = self.at
        try:
            made = self.expression()
        except RecursionError:
            self.fail("nested too deep for this stack", self.at)
        if self.kind != "end":
            self.unexpected("an operator or the end")
        return self.curve(made, at)

    def curve(self, value: Any, at: int) -> Curve:
        if not isinstance(value, Curve):
            self.fail(f"expected a curve, got {value!r}", at)
        return value

    def expression(self) -> Any:
        """Operands and operators, then each chain of one operator made in one go, tightest first."""
        parts, operators = [self.operand_at()], []
        while self.kind == "symbol" and self.token in PRECEDENCES:
            operators.append(self.advance())
            parts.append(self.operand_at())
        for level in (2, 1, 0):
            parts, operators = self.folded(level, parts, operators)
        return parts[0][0]

    def operand_at(self) -> tuple[Any, int]:
        at = self.at
        return self.operand(), at

    def folded(
        self, level: int, parts: list[tuple[Any, int]], operators: list[str]
    ) -> tuple[list[tuple[Any, int]], list[str]]:
        """The operators of one precedence replaced by what they make: numbers at once, curves as a chain."""
        made, rest = [], []
        chain, symbol = parts[:1], ""
        for sign, part in zip(operators, parts[1:], strict=True):
            if PRECEDENCES[sign] != level:
                made.append(self.chain(symbol, chain))
                rest.append(sign)
                chain, symbol = [part], ""
            elif sign in ARITHMETIC and len(chain) == 1 and type(chain[0][0]) is type(part[0]) is float:
                chain = [(self.calculated(sign, chain[0], part[0]), chain[0][1])]
            elif sign in ("-", "/"):
                self.fail(f"expected numbers on both sides of {sign!r}", part[1])
            else:
                chain.append(part)
                symbol = sign
        return [*made, self.chain(symbol, chain)], rest

    def calculated(self, sign: str, left: tuple[float, int], right: float) -> float:
        try:
            value: float = ARITHMETIC[sign](left[0], right)
        except ZeroDivisionError:
            self.fail("division by zero", left[1])
        if not isfinite(value):
            self.fail(
                f"what {sign!r} makes of {left[0]:g} and {right:g} must be finite, got {value}", left[1]
            )
        return value

    def chain(self, symbol: str, parts: list[tuple[Any, int]]) -> tuple[Any, int]:
        at = parts[0][1]
        if len(parts) == 1:
            return parts[0]
        if symbol == ">>":
            nodes = [self.curve(*part)._node for part in parts]
            return self.made(lambda: Curve(make("sequence", nodes)), at), at
        fold = "sum" if symbol == "+" else "product"
        return self.made(lambda: Curve(make(fold, [curve._operand(part) for part, _ in parts])), at), at

    def made(self, make: Callable[[], Any], at: int) -> Any:
        try:
            return make()
        except (TypeError, ValueError) as error:
            self.fail(str(error), at)

    def operand(self) -> Any:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"nested more than {MAX_DEPTH} deep", self.at)
        value = self.atom()
        while self.ahead("."):
            at = self.at
            target = self.curve(value, at)
            self.advance()
            name = self.token
            if self.kind != "name" or name not in METHODS:
                self.fail(f"{name!r} is no method of a curve", self.at)
            self.advance()
            positional, named = self.arguments()
            value = self.made(partial(getattr(target, name), *positional, **named), at)
            self.grow(_size(value) - _size(target), at)
        self.depth -= 1
        return value

    def atom(self) -> Any:
        at = self.at
        if self.ahead("-"):
            self.advance()
            value = self.atom()
            return -value if type(value) is float else self.fail("expected a number after '-'", at)
        if self.kind == "number":
            return self.number()
        if self.kind == "string":
            return self.advance()[1:-1]
        if self.ahead("("):
            self.advance()
            value = self.expression()
            self.expect(")")
            return value
        if self.ahead("["):
            return self.listing("]", self.expression)
        if self.ahead("{"):
            return self.mapping()
        if self.kind == "name":
            return self.named(at)
        self.unexpected("a curve or a number")

    def calculated_number(self) -> float:
        at = self.at
        value = self.expression()
        if type(value) is not float:
            self.fail(f"expected a number, got {value!r}", at)
        return value

    def number(self) -> float:
        at = self.at
        if self.kind == "name" and self.token in self.parameters:
            value = self.parameters[self.token]
        elif self.kind == "name":
            value = inf
        else:
            value = float(self.token)
            if not isfinite(value):
                self.fail("number too large for a float", at)
        self.advance()
        return value

    def named(self, at: int) -> Any:
        if self.token == "inf" or self.token in self.parameters:
            return self.number()
        name = self.advance()
        if name in ("True", "False"):
            return name == "True"
        if name not in FACTORIES and name not in SCHEDULES:
            self.fail(f"unknown name {name[:40]!r}", at)
        positional, named = self.arguments()
        value = self.made(partial(_factory(name), *positional, **named), at)
        if name in SCHEDULES:
            self.grow(_size(value), at)
        return value

    def grow(self, size: float, at: int) -> None:
        self.size += size
        if self.size > MAX_SIZE:
            self.fail(f"more than {MAX_SIZE} shapes, combinators and cycles", at)

    def arguments(self) -> tuple[list[Any], dict[str, Any]]:
        if not self.ahead("("):
            self.unexpected("'('")
        positional: list[Any] = []
        named: dict[str, Any] = {}

        def argument() -> None:
            at = self.at
            if self.kind == "name" and _EQUALS.match(self.text, self.next):
                name = self.advance()
                self.advance()
                if name in named:
                    self.fail(f"{name!r} given twice", at)
                named[name] = self.expression()
            elif named:
                self.fail("positional argument after a named one", at)
            else:
                positional.append(self.expression())

        self.listing(")", argument)
        return positional, named

    def listing(self, closing: str, item: Callable[[], Any]) -> list[Any]:
        """The items between an opening symbol, which is ahead, and its closing one."""
        self.advance()
        items = []
        while not self.ahead(closing):
            items.append(item())
            if self.ahead(","):
                self.advance()
            elif not self.ahead(closing):
                self.unexpected(f"',' or {closing!r}")
        self.advance()
        return items

    def mapping(self) -> dict[float | str, float]:
        values: dict[float | str, float] = {}

        def pair() -> None:
            at = self.at
            key = self.advance()[1:-1] if self.kind == "string" else self.calculated_number()
            if key in values:
                self.fail(f"{_value_text(key)} given twice", at)
            self.expect(":")
            values[key] = self.calculated_number()

        self.listing("}", pair)
        return values
