"""sweep: one factory of curves, many parameter values."""

from __future__ import annotations

import operator
from contextlib import contextmanager
from itertools import product
from math import prod
from reprlib import repr as short
from traceback import format_exception_only
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex

import numpy as np

from . import _core
from .curve import Curve
from .numbers import Number, count, length, table_out, workers
from .reader import read
from .text import write
from .units import resolved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

Mode = Literal["product", "zip"]

RESERVED = ("step", "value", "member", "max_value", "final_value", "area", "half_at")
"""What tables and summaries call things of their own."""


def sweep(factory: Callable[..., Curve], /, *, mode: Mode = "product", **axes: Any) -> Sweep:
    """The curves that a factory makes of every combination of parameter values, as one Sweep.

    Each axis is a list or one-dimensional array of values, given to the factory by its name, numbers as
    Python's. With mode="zip" the first values of all axes make the first member, the second the second.
    What the factory raises, and what it gives that is no curve, is an error that names the member.

    >>> import stepcurve as sc
    >>> grid = sc.sweep(lambda peak, warmup: sc.linear(0, peak, warmup) >> sc.cosine(peak, 0, 100 - warmup),
    ...                 peak=[0.1, 0.2, 0.4], warmup=[5, 10])
    >>> grid
    <Sweep peak: 3, warmup: 2>
    >>> grid[2, 0]
    linear(0, 0.4, 5) >> cosine(0.4, 0, 95)
    """
    if not callable(factory):
        raise TypeError(f"factory must be callable, got {factory!r}")
    if mode not in ("product", "zip"):
        raise ValueError(f"mode must be 'product' or 'zip', got {mode!r}")
    values = {name: _values(name, given) for name, given in axes.items()}
    if not values:
        raise ValueError("a sweep must have at least one axis of values")
    lengths = {name: len(each) for name, each in values.items()}
    if mode == "zip" and len({*lengths.values()}) > 1:
        shown = ", ".join(f"{name}: {size}" for name, size in lengths.items())
        raise ValueError(f"axes must have one length with mode='zip', got {shown}")
    rows = zip(*values.values(), strict=True) if mode == "zip" else product(*values.values())
    nodes = [_member(factory, dict(zip(values, each, strict=True))) for each in rows]
    return Sweep(_core.Sweep(nodes), values, mode)


def _values(name: str, given: Any) -> list[Any]:
    if name in RESERVED:
        raise ValueError(f"an axis cannot be called {name!r}: tables and summaries have one")
    if not name.isidentifier():
        raise ValueError(f"an axis must have the name of a parameter, got {name!r}")
    if isinstance(given, (list, tuple, range)):
        values = list(given)
    elif getattr(given, "ndim", None) == 1:
        values = np.asarray(given).tolist()
    else:
        raise TypeError(f"{name} must be a list or one-dimensional array of values, got {short(given)}")
    if not values:
        raise ValueError(f"{name} must have at least one value, got none")
    return [value.item() if isinstance(value, np.generic) else value for value in values]


def _member(factory: Callable[..., Curve], parameters: dict[str, Any]) -> _core.Curve:
    try:
        curve = factory(**parameters)
        if isinstance(curve, Curve):
            return resolved(curve._node)
    except Exception as error:
        plain = isinstance(error, (TypeError, ValueError)) and str(error)
        said = plain or "".join(format_exception_only(error)).strip()
        raise ValueError(f"{said}, for the member with {_named(parameters)}") from error
    raise TypeError(
        f"factory must return a curve, got {short(curve)} for the member with {_named(parameters)}"
    )


def _restored(texts: list[str], axes: dict[str, list[Any]], mode: Mode) -> Sweep:
    return Sweep(_core.Sweep([read(text)._node for text in texts]), axes, mode)


def _named(parameters: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={short(value)}" for name, value in parameters.items())


class Sweep:
    """Curves in the shape of their axes; made by `sweep`.

    `axes` are the values by their names. `shape` is one length an axis with mode="product", (members,)
    with mode="zip"; every table and array below begins with it.
    """

    axes: dict[str, list[Any]]
    mode: Mode
    shape: tuple[int, ...]

    def __init__(self, core: _core.Sweep, axes: dict[str, list[Any]], mode: Mode) -> None:
        lengths = tuple(len(values) for values in axes.values())
        self._core = core
        self.axes = axes
        self.mode = mode
        self.shape = lengths if mode == "product" else lengths[:1]

    @property
    def size(self) -> int:
        """How many members."""
        return prod(self.shape)

    @property
    def dims(self) -> tuple[str, ...]:
        """What the dimensions of `shape` are called: the axes, or "member" with mode="zip"."""
        return tuple(self.axes) if self.mode == "product" else ("member",)

    def __getitem__(self, index: SupportsIndex | tuple[SupportsIndex, ...]) -> Curve:
        """The curve of one member, by a whole number for each dimension."""
        return Curve(self._core.member(self._place(index)))

    __iter__ = None  # or an index that is no tuple would make it iterable

    def parameters(self, index: SupportsIndex | tuple[SupportsIndex, ...]) -> dict[str, Any]:
        """What the factory got for a member.

        >>> import stepcurve as sc
        >>> sc.sweep(lambda lr, end: sc.linear(lr, end, 10), lr=[1, 2], end=[0, 0.5]).parameters((1, 0))
        {'lr': 2, 'end': 0}
        """
        return self._parameters(self._place(index))

    def _place(self, index: SupportsIndex | tuple[SupportsIndex, ...]) -> int:
        given = index if isinstance(index, tuple) else (index,)
        if len(given) != len(self.shape):
            raise IndexError(
                f"a member has {len(self.shape)} indices ({', '.join(self.dims)}), got {len(given)}"
            )
        place = 0
        for each, size, name in zip(given, self.shape, self.dims, strict=True):
            i = operator.index(each)
            if not -size <= i < size:
                raise IndexError(f"index of {name} must be below {size}, got {i}")
            place = place * size + i % size
        return place

    def _parameters(self, place: int) -> dict[str, Any]:
        if self.mode == "zip":
            return {name: values[place] for name, values in self.axes.items()}
        at = np.unravel_index(place, self.shape)
        return {name: values[i] for (name, values), i in zip(self.axes.items(), at, strict=True)}

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
        """Every member's table: shape (*shape, steps), with the bits and arguments of `Curve.table`.

        >>> import stepcurve as sc
        >>> sc.sweep(lambda lr: sc.linear(lr, 0, 4), lr=[1, 2]).table(5)
        array([[1.  , 0.75, 0.5 , 0.25, 0.  ],
               [2.  , 1.5 , 1.  , 0.5 , 0.  ]])
        """
        size = count("steps", steps)
        begin, step = length("start", start), length("stride", stride)
        values = table_out(out, (*self.shape, size), dtype)
        with self._naming_member():
            self._core.fill(begin, step, 0, workers(threads), values)
        return values

    def at(self, step: Number, *, threads: SupportsIndex | None = None) -> NDArray[np.float64]:
        """Every member's value at one step, of the sweep's shape: for a population trained in lockstep.

        >>> import stepcurve as sc
        >>> sc.sweep(lambda lr: sc.linear(lr, 0, 4), lr=[1, 2]).at(3)
        array([0.25, 0.5 ])
        """
        values = np.empty(self.shape)
        with self._naming_member():
            self._core.at(length("step", step), workers(threads), values)
        return values

    @contextmanager
    def _naming_member(self, first: int = 0) -> Iterator[None]:
        """For what the core does with the members from `first` on."""
        try:
            yield
        except ValueError as error:
            if len(error.args) != 2:
                raise
            message, place = error.args
            named = _named(self._parameters(first + place))
            raise ValueError(f"{message}, for the member with {named}") from None

    def summary(self, steps: SupportsIndex) -> pd.DataFrame:
        """A row a member, over its first `steps` steps, as a pandas DataFrame.

        The parameters, then `max_value`, `final_value` at the last step, `area`, the sum of all values, and
        `half_at`, the first step after the largest value with at most half of it, if that is above 0. <NA>
        where there is no such step, NaN where a value is NaN.

        >>> import stepcurve as sc
        >>> sc.sweep(lambda peak: sc.linear(0, peak, 2) >> sc.linear(peak, 0, 4), peak=[1, 2]).summary(6)
           peak  max_value  final_value  area  half_at
        0     1        1.0         0.25   3.0        4
        1     2        2.0         0.50   6.0        4
        """
        from .sweep_summary import summarize

        return summarize(self, count("steps", steps))

    def to_xarray(
        self, steps: SupportsIndex, *, start: Number = 0, stride: Number = 1, dtype: Any = None
    ) -> xr.DataArray:
        """The table as a labelled xarray.DataArray whose blocks dask computes where they are looked at.

        Dimensions are those of the sweep and "step". Blocks of 16 MB are filled by the core on dask's
        threads, or unchanged on the workers of a `dask.distributed` cluster. Needs `stepcurve[sweep]`.

        >>> import stepcurve as sc
        >>> table = sc.sweep(lambda peak: sc.cosine(peak, 0, 100), peak=[0.1, 0.2]).to_xarray(101)
        >>> float(table.sel(peak=0.2, step=50))
        0.1
        """
        from .sweep_lazy import labelled, lazy

        return labelled(lazy(self, steps, start, stride, dtype))

    def save(
        self,
        path: str | Path,
        steps: SupportsIndex,
        *,
        start: Number = 0,
        stride: Number = 1,
        dtype: Any = None,
        progress: bool = False,
    ) -> None:
        """Write the table to a Zarr store that `xarray.open_zarr` reads, a chunk at a time.

        Stopped at any moment, a second call with the same arguments writes what is missing; a path that
        holds anything else is refused. Chunks appear whole. Memory stays bounded, whatever the size;
        `progress` shows a bar. Needs `stepcurve[sweep]`.
        """
        from .sweep_lazy import lazy
        from .sweep_store import save

        save(lazy(self, steps, start, stride, dtype), path, progress)

    def plot(self, steps: Number | None = None, *, by: str | None = None, **options: Any) -> Axes:
        """Draw the family of curves, coloured by one axis; see `stepcurve.plot.plot_sweep`."""
        from .plot import plot_sweep

        return plot_sweep(self, steps, by=by, **options)

    def texts(self) -> list[str]:
        """The expression of every member, in order: what pickles, workers and stores go by."""
        return [write(self._core.member(place)) for place in range(self.size)]

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.texts(), self.axes, self.mode)

    def __repr__(self) -> str:
        lengths = ", ".join(f"{name}: {len(values)}" for name, values in self.axes.items())
        return f"<Sweep {lengths}>" if self.mode == "product" else f"<Sweep zip({lengths})>"
