"""Run: what a training run consists of, and how many steps of it a length in units is."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor, inf, nan, nextafter
from typing import TYPE_CHECKING, Any

from . import _core
from .numbers import MAX_STEPS, length
from .units import LENGTH, Extent, Length, Unresolved, make

if TYPE_CHECKING:
    from .curve import Curve

UNITS = {"%": "steps", "ep": "steps_per_epoch", "tok": "tokens_per_step", "sp": "batch_size"}


def _whole(exact: Fraction) -> int:
    """The nearest whole step, halves upwards."""
    return floor(exact + Fraction(1, 2))


class _Resolver:
    """Steps for units. Pieces in a row are rounded by where they end, so that they add up."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def exact(self, value: Extent) -> Fraction:
        """So many optimizer steps of the run."""
        if not isinstance(value, Length):
            return Fraction(value)
        unit = LENGTH.fullmatch(value)[2]  # type: ignore[index]
        step = self.run.per_step(unit)
        if step is None:
            raise ValueError(f"the run must know its {UNITS[unit]} for a length of {str(value)!r}")
        return Fraction(value.removesuffix(unit)) / step

    def rounded(self, value: Any) -> Any:
        if isinstance(value, list):
            return [
                self.held(each, _whole(self.exact(each))) if isinstance(each, Length) else each
                for each in value
            ]
        if not isinstance(value, Length):
            return value
        return self.between(value, Fraction(0), self.exact(value))

    def between(self, given: Length, start: Fraction, end: Fraction) -> float:
        steps = _whole(end) - _whole(start)
        if steps < 1:
            raise ValueError(f"a length of {str(given)!r} is shorter than a step of the run")
        return self.held(given, steps)

    def held(self, given: Length, steps: int) -> float:
        if steps > MAX_STEPS:
            raise ValueError(f"a length of {str(given)!r} is over 2**53 steps")
        return float(steps)

    def resolve(self, core: Any, start: Fraction) -> tuple[_core.Curve, Fraction | None]:
        """The core of steps, and where it ends exactly if it began there; None for never."""
        name, arguments, operands = core.describe()
        if not isinstance(core, Unresolved):
            steps = core.steps()
            return core, None if steps == inf else start + Fraction(steps)
        if name == "sequence":
            return self.sequence(operands, start)
        if name in ("product", "sum", "clip", "past_end"):
            parts = [self.resolve(each, start) for each in operands]
            ends = [end for _, end in parts if end is not None]
            return make(name, [part for part, _ in parts], **arguments), max(ends, default=None)
        inner = [self.resolve(each, start if name == "hold" else Fraction(0)) for each in operands]
        begin = start if not operands or name != "hold" else inner[0][1]
        given = arguments.get("steps", inf)
        if name != "shift" and begin is not None and isinstance(given, Length):
            end = begin + self.exact(given)
            arguments = {**arguments, "steps": self.between(given, begin, end)}
            return make(name, [part for part, _ in inner], **arguments), end
        rounded = {key: self.rounded(value) for key, value in arguments.items()}
        made = make(name, [part for part, _ in inner], **rounded)
        return made, None if made.steps() == inf else start + Fraction(made.steps())

    def sequence(self, operands: list[Any], start: Fraction) -> tuple[_core.Curve, Fraction | None]:
        pieces, at = [], start
        for operand in operands:
            piece, end = self.resolve(operand, at)
            pieces.append(piece)
            at = end if end is not None else at
        return _core.sequence(pieces), end


def resolve(core: Any, run: Run) -> _core.Curve:
    if not isinstance(run, Run):
        raise TypeError(f"run must be a Run, got {run!r}")
    return _Resolver(run).resolve(core, Fraction(0))[0]


@dataclass(frozen=True)
class Run:
    """What a training run consists of: enough of it to turn lengths in units into optimizer steps.

    `steps` are optimizer steps; `epochs`, `tokens` and `samples` are those of the whole run. A step takes
    batch_size * accumulation * world_size samples. What follows from the others is worked out (tokens and
    samples fill their last step), and what disagrees is a ValueError.

    >>> import stepcurve as sc
    >>> run = sc.Run(epochs=10, steps_per_epoch=391)
    >>> run.steps
    3910
    >>> lr = sc.linear(0, 0.1, "1ep") >> sc.cosine(0.1, 0, "9ep")
    >>> lr.resolve(run)
    linear(0, 0.1, 391) >> cosine(0.1, 0, 3519)
    """

    steps: int | None = None
    epochs: float | None = None
    steps_per_epoch: float | None = None
    tokens: float | None = None
    tokens_per_step: float | None = None
    samples: float | None = None
    batch_size: float | None = None
    accumulation: int = 1
    world_size: int = 1

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value is not None or name in ("accumulation", "world_size"):
                object.__setattr__(self, name, _positive(name, value))
        known = {
            "steps": _fraction(self.steps),
            "epochs * steps_per_epoch": _product(self.epochs, self.steps_per_epoch),
            "tokens / tokens_per_step": _ratio(self.tokens, self.tokens_per_step),
            "samples / (batch_size * accumulation * world_size)": _ratio(self.samples, self.samples_per_step),
        }
        counts = {name: -floor(-steps) for name, steps in known.items() if steps is not None}
        if len({*counts.values()}) > 1:
            raise ValueError(
                "a run has one number of steps, got " + ", ".join(f"{n}: {c}" for n, c in counts.items())
            )
        for steps in counts.values():
            object.__setattr__(self, "steps", _positive("steps", steps))
        if self.steps_per_epoch is None and self.steps is not None and self.epochs is not None:
            object.__setattr__(self, "steps_per_epoch", float(Fraction(self.steps) / Fraction(self.epochs)))

    @property
    def samples_per_step(self) -> Fraction | None:
        """Samples that an optimizer step takes, over all workers."""
        return _product(self.batch_size, self.accumulation * self.world_size)

    def per_step(self, unit: str) -> Fraction | None:
        """How much of a unit ("%", "ep", "tok", "sp") a step is; None if the run does not know."""
        if unit == "%":
            return _ratio(100, self.steps)
        if unit == "ep":
            return _ratio(1, self.steps_per_epoch)
        rate, total = (
            (_fraction(self.tokens_per_step), self.tokens)
            if unit == "tok"
            else (self.samples_per_step, self.samples)
        )
        return rate if rate is not None else _ratio(total, self.steps)

    def describe(self, curve: Curve) -> str:
        """Where each phase of a curve begins and ends, in steps and whatever else the run knows: a table.

        >>> import stepcurve as sc
        >>> run = sc.Run(steps=1_000, epochs=4, tokens_per_step=524_288)
        >>> print(run.describe(sc.linear(0, 0.1, "5%") >> sc.cosine(0.1, 0.01, "95%")))
        phase                   steps       epochs    tokens                      value
        linear(0, 0.1, 50)      0 to 50     0 to 0.2  0 to 2.62144e+07            0 to 0.1
        cosine(0.1, 0.01, 950)  50 to 1000  0.2 to 4  2.62144e+07 to 5.24288e+08  0.1 to 0.01
        """
        curve = curve.resolve(self)
        units = {"epochs": "ep", "samples": "sp", "tokens": "tok"}
        rates = {name: self.per_step(unit) for name, unit in units.items()}
        known = {"steps": Fraction(1)} | {name: rate for name, rate in rates.items() if rate is not None}
        rows = [["phase", *known, "value"]]
        for text, begin, end in _phases(curve._node, 0.0):
            spans = [(begin * float(rate), end * float(rate)) for rate in known.values()]
            last = end if end == curve.steps else nextafter(end, begin)  # the end is the next one's first
            values = curve(begin), curve(last) if end < inf else nan
            rows.append([text, *(_span(*span) for span in spans), _span(*values)])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        return "\n".join(lines)


def _span(begin: float, end: float) -> str:
    if end == inf:
        return f"from {begin:g}"
    return f"{begin:g}" if end != end else f"{begin:g} to {end:g}"


def _phases(core: _core.Curve, begin: float) -> list[tuple[str, float, float]]:
    """The pieces of the longest sequence in a curve, each with its first and last step."""
    name, _, operands = core.describe()
    if name == "sequence":
        phases: list[tuple[str, float, float]] = []
        for operand in operands:
            phases += _phases(operand, begin)
            begin = phases[-1][2]
        return phases
    if name in ("product", "sum", "clip", "past_end"):
        longest = [each for each in operands if each.steps() == core.steps()]
        return _phases(min(longest, key=lambda each: each.describe()[0] == "constant"), begin)
    from .text import write

    return [(write(core), begin, begin + core.steps())]


def _positive(name: str, value: Any) -> int | float:
    number = length(name, value)
    if not 0 < number < inf:
        raise ValueError(f"{name} must be > 0 and finite, got {number:g}")
    whole = name in ("steps", "accumulation", "world_size")
    if whole and not number.is_integer():
        raise ValueError(f"{name} must be a whole number, got {number:g}")
    return int(number) if number.is_integer() else number


def _fraction(value: float | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def _product(one: float | None, other: float | None) -> Fraction | None:
    return None if one is None or other is None else Fraction(one) * Fraction(other)


def _ratio(one: float | None, other: float | Fraction | None) -> Fraction | None:
    return None if one is None or other is None else Fraction(one) / Fraction(other)
