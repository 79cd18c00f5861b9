"""Sweeps beyond memory: as lazy labelled arrays (xarray over dask), and in Zarr stores."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import warnings
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import product
from math import ceil, prod
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex
from uuid import uuid4

import numpy as np

from . import __version__
from .numbers import Number, count, length

try:
    import dask.array as da
    import pandas as pd
    import xarray as xr
    import zarr
    from dask.base import compute
    from dask.delayed import delayed
    from tqdm import tqdm
    from tqdm.dask import TqdmCallback
except ImportError as error:
    raise ImportError(f"{error}: sweeps beyond memory need pip install 'stepcurve[sweep]'") from None

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from .sweep import Sweep

BLOCK = 2**24
"""Bytes of a block, and of a chunk in a store: some milliseconds of work for a thread."""

LONGEST = 2**20
"""Steps of a block: rows that are longer are cut, others stay whole."""

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
    wanted = np.dtype("float64" if dtype is None else dtype)
    if wanted not in (np.float64, np.float32):
        raise ValueError(f"dtype must be float64 or float32, got {wanted}")
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
    plain = all(isinstance(value, (int, float)) for value in values)
    return name if sweep.mode == "product" else "member", values if plain else [str(v) for v in values]


def _times(table: Table) -> Any:
    """The steps of the last dimension; whole ones take no memory."""
    if table.start.is_integer() and table.stride.is_integer():
        first, stride = int(table.start), int(table.stride)
        return pd.RangeIndex(first, first + stride * table.steps, stride)
    return table.start + table.stride * np.arange(table.steps)


def save(table: Table, path: str | Path, progress: bool) -> None:
    """See `Sweep.save`."""
    root = Path(path)
    identity = _identity(table)
    try:
        if not root.exists():
            _create(labelled(table), root, identity)
        array = _opened(root, identity)
        _discard(root / "value", "**/*.partial")
        shared = delayed(table, name=f"sweep-{uuid4().hex}", traverse=False)
        missing = [delayed(_write)(shared, str(root), region) for region in _missing(array, root)]
        _compute(missing, progress)
    except OSError as error:
        raise type(error)(error.errno, f"cannot write {root}: {error.strerror or error}") from error


def _identity(table: Table) -> dict[str, Any]:
    """What tells a store of this table from any other."""
    labels = {name: [str(value) for value in values] for name, values in table.sweep.axes.items()}
    return {
        "stepcurve": __version__,
        "mode": table.sweep.mode,
        "shape": list(table.shape),
        "start": table.start,
        "stride": table.stride,
        "dtype": str(table.dtype),
        "axes": _digest(labels),
        "curves": _digest(table.sweep.texts()),
    }


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def _create(labels: xr.DataArray, root: Path, identity: dict[str, Any]) -> None:
    """A store with its labels and no values, which takes its name when it is whole."""
    _discard(root.parent, f".{root.name}.*.partial")
    unfinished = root.with_name(f".{root.name}.{uuid4().hex}.partial")
    unfinished.mkdir()
    try:
        if identity["start"] == 0 and identity["stride"] == 1:
            labels = labels.drop_vars("step")  # positions say as much, and take no memory to read
        dataset = labels.to_dataset().assign_attrs(sweep=identity)
        chunks = [sizes[0] for sizes in labels.chunks or ()]
        # Learning rates hardly compress: their last bits are as good as random.
        encoding = {"value": {"chunks": chunks, "compressors": None, "_FillValue": np.nan}}
        with warnings.catch_warnings():
            # That zarr 3 has no word on them; but without, xarray warns whoever opens the store.
            warnings.filterwarnings("ignore", "Consolidated metadata")
            dataset.to_zarr(unfinished, compute=False, encoding=encoding, consolidated=True, zarr_format=3)
        unfinished.rename(root)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _discard(folder: Path, pattern: str) -> None:
    """What a process that was killed had not finished."""
    for leftover in list(folder.glob(pattern)):
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink(missing_ok=True)


def _opened(root: Path, identity: dict[str, Any]) -> zarr.Array[Any]:
    """The values of the store, if it is that of the same table."""
    try:
        held: Any = zarr.open_group(root, mode="r").attrs.get("sweep")
    except (FileNotFoundError, NotADirectoryError, ValueError):
        held = None
    if not isinstance(held, dict):
        raise ValueError(f"{root} exists and is not the store of a sweep")
    differing = [name for name in identity if held.get(name) != identity[name]]
    if differing:
        raise ValueError(f"{root} holds another sweep: it differs in {', '.join(differing)}")
    return zarr.open_array(root / "value", mode="r")


def _missing(array: zarr.Array[Any], root: Path) -> Iterator[Region]:
    """The chunks whose files are not there, or not all of them after a power cut; chunks appear whole."""
    size = prod(array.chunks) * array.dtype.itemsize
    counts = [ceil(length / chunk) for length, chunk in zip(array.shape, array.chunks, strict=True)]
    for place in product(*map(range, counts)):
        file = root / "value" / array.metadata.encode_chunk_key(place)
        if not file.exists() or file.stat().st_size != size:
            begins = [i * chunk for i, chunk in zip(place, array.chunks, strict=True)]
            ends = map(min, map(add, begins, array.chunks), array.shape)
            yield tuple(map(slice, begins, ends))


def _write(table: Table, root: str, region: Region) -> None:
    zarr.open_array(Path(root) / "value", mode="r+")[region] = table[region]


def _compute(tasks: list[Any], progress: bool) -> None:
    """On dask's threads, or on the cluster of the present client."""
    client = _client() if progress else None
    if client is None:
        with TqdmCallback(desc="chunks") if progress else nullcontext():
            compute(*tasks)
        return
    from distributed import as_completed

    for future in tqdm(as_completed(client.compute(tasks)), desc="chunks", total=len(tasks)):
        future.result()


def _client() -> Any:
    if "distributed" not in sys.modules:
        return None
    try:
        return sys.modules["distributed"].default_client()
    except ValueError:
        return None
