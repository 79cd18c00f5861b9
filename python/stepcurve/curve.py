"""Curve: a schedule as a value that can be called, tabulated, combined, printed and drawn."""

from __future__ import annotations

from math import inf, nextafter
from typing import TYPE_CHECKING, Any, Literal, NoReturn, SupportsIndex, overload

import numpy as np

from . import _core
from .numbers import Number, count, length, number, table_out, times, workers
from .units import Unresolved, extent, make, resolved

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from .run import Run

Policy = Literal["hold", "extrapolate", "repeat", "raise"]
Owner = Literal["later", "earlier"]
Clock = Literal["local", "global"]


class Curve:
    """An immutable function of time, in steps.

    Curves are made by the shapes (`linear`, `cosine`, ...) and combined with ``>>`` (one after the
    other), ``*``, ``+`` and the methods below. Time is a real number up to 2**53. Before step 0 a curve
    has its value at 0; past its end it holds its last value, unless `past_end` says otherwise.

    >>> import stepcurve as sc
    >>> lr = sc.linear(0, 3e-4, 2_000) >> sc.cosine(3e-4, 3e-5, 498_000)
    >>> lr(1_000), lr.steps
    (0.00015, 500000)
    >>> print(lr)
    linear(0, 0.0003, 2000) >> cosine(0.0003, 3e-05, 498000)
    """

    __slots__ = ("_node", "_text")
    __array_ufunc__ = None  # so that a NumPy number times a curve is a curve

    _node: _core.Curve
    _text: str | None

    def __init__(self, node: _core.Curve) -> None:
        if not isinstance(node, (_core.Curve, Unresolved)):
            raise TypeError("a curve is made by linear, cosine, ..., join or parse")
        object.__setattr__(self, "_node", node)
        object.__setattr__(self, "_text", None)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"curves are immutable, cannot set {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"curves are immutable, cannot delete {name!r}")

    @overload
    def __call__(self, time: NDArray[Any] | Sequence[Any]) -> NDArray[np.float64]: ...  # type: ignore[overload-overlap]
    @overload
    def __call__(self, time: Number) -> float: ...
    def __call__(self, time: Any) -> float | NDArray[np.float64]:
        """The value at a time: a float for a number, an array of the same shape for an array or list."""
        if type(time) is int or type(time) is float:
            try:
                return self._node.at(time)
            except TypeError:  # an int beyond every float
                return self._node.at(length("time", time))
        if not isinstance(time, np.ndarray) and np.ndim(time) == 0:
            return self._node.at(length("time", time))
        at = times(time)
        values = np.empty(at.shape)
        _core.fill_times(resolved(self._node), at, values)
        return values

    @property
    def steps(self) -> int | float:
        """The length: when the curve has reached its last value; infinite for an endless curve."""
        steps = self._node.steps()
        return int(steps) if steps.is_integer() else steps

    def table(
        self,
        steps: SupportsIndex,
        *,
        start: Number = 0,
        stride: Number = 1,
        dtype: Any = None,
        out: Any = None,
        threads: SupportsIndex | None = None,
    ) -> NDArray[Any]:
        """The values at start, start + stride, ...: `steps` of them.

        The same bits as calling the curve at each time. `dtype` is float64 (the default) or float32, each
        value the float64 rounded; `out` is a contiguous array of either to fill and give back; `threads`
        is how many to use at most, by default as many as there are processors. Extra memory stays below
        1 MB, whatever the size.

        >>> import stepcurve as sc
        >>> sc.linear(1, 0, 4).table(6)
        array([1.  , 0.75, 0.5 , 0.25, 0.  , 0.  ])
        """
        size = count("steps", steps)
        begin, step = length("start", start), length("stride", stride)
        values = table_out(out, size, dtype)
        _core.fill_table(resolved(self._node), begin, step, workers(threads), values)
        return values

    def __rshift__(self, other: Curve) -> Curve:
        """This curve, then the other on a clock of its own; the boundary step is the other's."""
        if not isinstance(other, Curve):
            return NotImplemented
        return Curve(make("sequence", [self._node, other._node]))

    def __mul__(self, other: Curve | Number) -> Curve:
        return Curve(make("product", [self._node, _operand(other)]))

    def __rmul__(self, other: Number) -> Curve:
        return Curve(make("product", [_operand(other), self._node]))

    def __add__(self, other: Curve | Number) -> Curve:
        return Curve(make("sum", [self._node, _operand(other)]))

    def __radd__(self, other: Number) -> Curve:
        return Curve(make("sum", [_operand(other), self._node]))

    def repeat(
        self,
        times: Number = inf,
        growth: Number = 1.0,
        decay: Number = 1.0,
        *,
        harmonic: Number = 0.0,
        whole: bool = False,
        owner: Owner = "later",
    ) -> Curve:
        """The curve again and again: restarts.

        Cycle i, from 0, is growth**i times as long, and its values are multiplied by
        decay**i * (1 + i)**-harmonic. With `whole`, each length is cut to whole steps (from the length
        before it). The step at which a cycle begins belongs to it, or with owner="earlier" to the one before.
        To let only the peak decay, repeat what is above the floor: ``floor + curve.repeat(decay=0.5)``.

        >>> import stepcurve as sc
        >>> sgdr = sc.cosine(0.05, 0, 10).repeat(growth=2)
        >>> sgdr([0, 10, 30, 70])
        array([0.05, 0.05, 0.05, 0.05])
        """
        if not isinstance(whole, (bool, np.bool_)):
            raise TypeError(f"whole must be a bool, got {whole!r}")
        given = {"times": times, "growth": growth, "decay": decay, "harmonic": harmonic}
        law = {name: number(name, value) for name, value in given.items()}
        return Curve(make("repeat", [self._node], **law, whole=bool(whole), owner=_name("owner", owner)))

    def clip(self, low: Number = -inf, high: Number = inf) -> Curve:
        """The curve with values below `low` raised to it, and above `high` lowered to it."""
        return Curve(make("clip", [self._node], low=number("low", low), high=number("high", high)))

    def stairs(self, every: Number | str) -> Curve:
        """The curve with time floored to multiples of `every`.

        >>> import stepcurve as sc
        >>> sc.decay(0.1, 0.5, every=30).stairs(30)([0, 29, 30, 60])
        array([0.1  , 0.1  , 0.05 , 0.025])
        """
        return Curve(make("stairs", [self._node], every=extent("every", every)))

    def shift(self, steps: Number | str) -> Curve:
        """The curve later by so many steps, with its value at 0 until then; earlier if negative."""
        return Curve(make("shift", [self._node], steps=extent("steps", steps)))

    def stretch(self, factor: Number) -> Curve:
        """The curve made longer by the factor: a curve in epochs becomes one in steps."""
        return Curve(make("stretch", [self._node], factor=length("factor", factor)))

    def hold(self, steps: Number | str) -> Curve:
        """The curve, then its last value for so many steps more."""
        return Curve(make("hold", [self._node], steps=extent("steps", steps)))

    def resolve(self, run: Run) -> Curve:
        """The curve with its lengths in units made steps of the run.

        A piece that follows others is rounded by where it ends, to the nearest step and halves upwards, so
        that pieces that fill the run in units fill it in steps. Other lengths are rounded by themselves.

        >>> import stepcurve as sc
        >>> lr = sc.linear(0, 3e-4, "3%") >> sc.cosine(3e-4, 3e-5, "97%")
        >>> lr.resolve(sc.Run(steps=1_750))
        linear(0, 0.0003, 53) >> cosine(0.0003, 3e-05, 1697)
        """
        from .run import resolve

        return Curve(resolve(self._node, run))

    def branch(self, at: Number | str, into: Curve | Callable[[float], Curve]) -> Curve:
        """The curve until a step, then another from its own step 0 on: a cooldown off a stable phase.

        `into` is a curve, or a function that makes one of the value at `at`.

        >>> import stepcurve as sc
        >>> stable = sc.linear(0, 3e-4, 2_000) >> sc.constant(3e-4)
        >>> stable.branch(80_000, lambda lr: sc.linear(lr, 0, 10_000))
        join([linear(0, 0.0003, 2000) >> constant(0.0003), linear(0.0003, 0, 10000)], [80000])
        """
        if not isinstance(into, Curve):
            if not callable(into):
                raise TypeError(f"into must be a curve, or a function of the value there, got {into!r}")
            if isinstance(at, str):
                resolved(self._node)
                raise TypeError(f"at must be a number of steps for a function of the value there, got {at!r}")
            into = into(self(length("at", at)))
        return join([self, into], [at])

    def extend(self, steps: Number) -> Curve:
        """The curve ending so many steps later, its last piece made longer: a longer run, the same warm-up.

        Restarts and stairs are stretched as a whole. `hold` and `branch` are for the other ways to go
        on.

        >>> import stepcurve as sc
        >>> (sc.linear(0, 1, 100) >> sc.cosine(1, 0, 900)).extend(1_000)
        linear(0, 1, 100) >> cosine(1, 0, 1900)
        """
        more = length("steps", steps)
        if self.steps == inf:
            raise ValueError("an endless curve cannot be extended")
        if not more >= 0:
            raise ValueError(f"steps must be >= 0, got {steps}")
        return Curve(_extended(self._node, self.steps + more)) if more else self

    def scale(self, peak: Number) -> Curve:
        """The curve times a number, such that its largest value over its whole steps is `peak`.

        >>> import stepcurve as sc
        >>> (sc.linear(0, 1, 10) >> sc.cosine(1, 0, 90)).scale(0.25)
        (linear(0, 1, 10) >> cosine(1, 0, 90)) * 0.25
        """
        wanted = number("peak", peak)
        if self.steps == inf:
            raise ValueError("an endless curve has no largest value to scale by")
        size, part = int(self.steps) + 1, 1 << 20
        top = max(self.table(min(part, size - at), start=at).max() for at in range(0, size, part))
        if not top > 0:
            raise ValueError("a curve whose largest value is not above 0 cannot be scaled")
        return self * (wanted / float(top))

    def past_end(self, policy: Policy | Number) -> Curve:
        """The curve with another behaviour at times above `steps`.

        "hold" keeps the last value, "extrapolate" goes on by the formula, "repeat" starts again, "raise"
        raises a ValueError, and a number is the value from there on. A policy holds for what it is called
        on; as a piece of a sequence, a curve that ends with its piece never gets there.

        >>> import stepcurve as sc
        >>> sc.linear(1, 0, 10).past_end("extrapolate")(12)
        -0.2
        """
        if isinstance(policy, str):
            return Curve(make("past_end", [self._node], policy=policy))
        return Curve(make("past_end", [self._node], policy=number("policy", policy)))

    def plot(self, steps: Number | None = None, **options: Any) -> Axes:
        """Draw the curve with matplotlib (`pip install "stepcurve[plot]"`); see `stepcurve.plot.plot`."""
        from .plot import plot

        return plot(self, steps, **options)

    def __repr__(self) -> str:
        """The expression that makes the curve; `parse` reads it back."""
        if self._text is None:
            from .text import write

            object.__setattr__(self, "_text", write(self._node))
        assert self._text is not None
        return self._text

    def __eq__(self, other: object) -> bool:
        """Whether both are made by the same expression."""
        return repr(self) == repr(other) if isinstance(other, Curve) else NotImplemented

    def __hash__(self) -> int:
        return hash(repr(self))

    def __reduce__(self) -> tuple[Any, ...]:
        from .reader import read

        return read, (repr(self),)

    def __copy__(self) -> Curve:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Curve:
        return self


def join(
    curves: Sequence[Curve],
    boundaries: Sequence[Number | str],
    owner: Owner = "later",
    clock: Clock = "local",
) -> Curve:
    """One curve after the other, changing at the given steps, one fewer than curves.

    The value at a boundary is the later curve's, or with owner="earlier" the earlier one's. Each curve's
    time starts at its own boundary; with clock="global" it runs from 0 for all. A piece longer than its
    curve shows what the curve does past its end.

    >>> import stepcurve as sc
    >>> lr = sc.join([sc.linear(0, 1, 10), sc.cosine(1, 0, 100)], [10], clock="global")
    >>> lr(10) == sc.cosine(1, 0, 100)(10)
    True
    """
    curves = list(curves)
    for curve in curves:
        if not isinstance(curve, Curve):
            raise TypeError(f"curves must be curves, got {curve!r}")
    bounds = [extent("boundaries", boundary) for boundary in boundaries]
    how = {"owner": _name("owner", owner), "clock": _name("clock", clock)}
    return Curve(make("join", [curve._node for curve in curves], boundaries=bounds, **how))


def _extended(core: _core.Curve, steps: float) -> _core.Curve:
    """The curve of that many steps, made longer at its end."""
    name, arguments, operands = core.describe()
    more = steps - core.steps()
    if "steps" in arguments and not operands:
        shape: _core.Curve = getattr(_core, name)(**{**arguments, "steps": steps})
        return shape
    if name == "sequence":
        return _core.sequence([*operands[:-1], _extended(operands[-1], operands[-1].steps() + more)])
    if name in ("product", "sum"):
        longest = core.steps()
        extended = [_extended(each, steps) if each.steps() == longest else each for each in operands]
        return _core.product(extended) if name == "product" else _core.sum(extended)
    if name in ("clip", "past_end", "shift"):
        inner = _extended(operands[0], operands[0].steps() + more)
        wrapped: _core.Curve = getattr(_core, name)(inner, *arguments.values())
        return wrapped
    if name == "hold":
        return _core.hold(operands[0], arguments["steps"] + more)
    if name == "join" and arguments["clock"] == "local":
        last = _extended(operands[-1], operands[-1].steps() + more)
        return _core.join([*operands[:-1], last], *arguments.values())
    # The nearest factors miss a length by a rounding now and then; one beside them mostly does not.
    factor = steps / core.steps()
    factors = [factor, nextafter(factor, inf), nextafter(factor, 0.0)]
    stretched = [_core.stretch(core, each) for each in factors]
    return min(stretched, key=lambda each: abs(each.steps() - steps))


def _operand(value: Curve | Number) -> _core.Curve:
    if isinstance(value, Curve):
        return value._node
    return _core.constant(number("operand of a curve", value), inf)


def _name(parameter: str, value: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{parameter} must be a string, got {value!r}")
    return value
