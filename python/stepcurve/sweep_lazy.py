"""Sweeps beyond memory: labelled arrays (xarray) whose blocks are computed where looked at (dask)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from .numbers import Number, count, length, table_dtype

try:
    import dask.array as da
    import pandas as pd
    import xarray as xr
except ImportError as error:
    raise ImportError(f"{error}: sweeps beyond memory need pip install 'stepcurve[sweep]'") from None

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .sweep import Sweep

BLOCK = 2**24
"""Bytes of a block, and of a chunk in a store: some milliseconds of work for a thread."""

LONGEST = 2**20
"""Steps of a block: rows that are longer are cut, others stay whole."""

MOST = 2**63
"""Whole numbers below it have a type of their own in NumPy and Zarr."""

Region = tuple["int | slice", ...]


@dataclass(frozen=True)
class Table:
    """The table of a sweep, computed where it is indexed: what dask takes for an array."""

    sweep: Sweep
    steps: int
    start: float
    stride: float
    dtype: np.dtype[Any]

    @property
    def shape(self) -> tuple[int, ...]:
        return *self.sweep.shape, self.steps

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __getitem__(self, region: Region) -> NDArray[Any]:
        *which, when = region
        places = np.arange(self.sweep.size).reshape(self.sweep.shape)[tuple(which)]
        steps = range(self.steps)[when]
        if isinstance(steps, int):
            return self._rows(places, steps, steps + 1)[..., 0]
        first, last = sorted((steps[0], steps[-1])) if steps else (0, -1)
        values = self._rows(places, first, last + 1)
        return values if steps.step == 1 else values[..., np.array(steps, np.intp) - first]

    def _rows(self, places: NDArray[np.int64], first: int, end: int) -> NDArray[Any]:
        values = np.empty((*places.shape, end - first), self.dtype)
        if values.size:
            # One thread: dask has the others.
            self.sweep._core.part(np.ravel(places)).fill(self.start, self.stride, first, 1, values)
        return values


def lazy(sweep: Sweep, steps: SupportsIndex, start: Number, stride: Number, dtype: Any) -> Table:
    """The table, once it is known that filling it will not fail."""
    size, begin, step = count("steps", steps), length("start", start), length("stride", stride)
    wanted = table_dtype(dtype)
    with sweep._naming_member():
        sweep._core.check(begin, step, 0, size)
    return Table(sweep, size, begin, step, wanted)


def labelled(table: Table) -> xr.DataArray:
    """See `Sweep.to_xarray`."""
    sweep = table.sweep
    auto = (*["auto"] * len(sweep.shape), min(table.steps, LONGEST))
    chunks = da.core.normalize_chunks(auto, table.shape, limit=BLOCK, dtype=table.dtype)
    meta = np.empty((0,) * table.ndim, table.dtype)
    array = da.from_array(table, chunks, name=False, asarray=False, fancy=False, meta=meta)
    coords = {name: _coordinate(sweep, name) for name in sweep.axes}
    coords["step"] = "step", _times(table)
    return xr.DataArray(array, coords, (*sweep.dims, "step"), "value")


def _coordinate(sweep: Sweep, name: str) -> tuple[str, Any]:
    """Labels that xarray and Zarr can hold: numbers, or the texts of anything else."""
    values = sweep.axes[name]
    plain = all(
        isinstance(value, float) or (isinstance(value, int) and -MOST <= value < MOST) for value in values
    )
    return name if sweep.mode == "product" else "member", values if plain else [_label(v) for v in values]


def _label(value: Any) -> str:
    """The same in every process: no address."""
    named = getattr(value, "__qualname__", None)
    if named is None and type(value).__repr__ is object.__repr__:  # type: ignore[comparison-overlap]
        named = type(value).__qualname__
    return str(value) if named is None else str(named)


def _times(table: Table) -> Any:
    """The steps of the last dimension; whole ones take no memory."""
    if table.start.is_integer() and table.stride.is_integer():
        first, stride = int(table.start), int(table.stride)
        return pd.RangeIndex(first, first + stride * table.steps, stride)
    return table.start + table.stride * np.arange(table.steps)
