"""Sweeps in Zarr stores: written a chunk at a time, and completed after whatever stopped that."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import sys
import threading
import warnings
from contextlib import contextmanager
from glob import escape
from itertools import islice, product
from math import ceil, prod
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np

from . import __version__
from .sweep_lazy import Region, Table, labelled

try:
    import xarray as xr
    import zarr
    from dask.base import compute
    from dask.callbacks import Callback
    from dask.delayed import delayed
    from tqdm import tqdm
except ImportError as error:
    raise ImportError(f"{error}: stores need pip install 'stepcurve[sweep]'") from None

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator

AT_ONCE = 512
"""Chunks that dask is given at a time: what it keeps of each grows with their number."""

_QUIET = threading.Lock()  # which warnings are shown is a matter of the whole process


def save(table: Table, path: str | Path, progress: bool) -> None:
    """See `Sweep.save`."""
    root = Path(path).expanduser().absolute()  # workers may be elsewhere
    labels = labelled(table)
    identity = _identity(table, labels)
    try:
        if not root.exists():
            _create(labels, root, identity)
        with _alone(root):
            array = _opened(root, identity)
            _check_labels(labels, root)
            for leftover in (root / "value").rglob("*.partial"):
                leftover.unlink(missing_ok=True)
            _write_all(table, list(_missing(array, root)), root, identity, progress)
            left = sum(1 for _ in _missing(array, root))
            if left:
                raise OSError(errno.EIO, f"{left} chunks are not there: do all workers see this folder?")
    except OSError as error:
        raise OSError(error.errno, f"cannot write {root}: {error.strerror or error}") from error


def _identity(table: Table, labels: xr.DataArray) -> dict[str, Any]:
    """What tells a store of this table from any other."""
    axes = {name: [str(each) for each in labels[name].values] for name in table.sweep.axes}
    return {
        "stepcurve": __version__,
        "mode": table.sweep.mode,
        "shape": list(table.shape),
        "start": table.start,
        "stride": table.stride,
        "dtype": str(table.dtype),
        "axes": _digest(axes),
        "curves": _digest(table.sweep.texts()),
    }


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def _create(labels: xr.DataArray, root: Path, identity: dict[str, Any]) -> None:
    """A store with its labels and no values, which takes its name when it is whole."""
    _discard_unfinished(root)
    unfinished = root.with_name(f".{root.name}.{uuid4().hex}.partial")
    unfinished.mkdir()
    with _alone(unfinished):
        try:
            # Positions say which step it is, and take no memory to read.
            dataset = labels.drop_vars("step").to_dataset().assign_attrs(sweep=json.dumps(identity))
            chunks = [sizes[0] for sizes in labels.chunks or ()]
            # Learning rates hardly compress: their last bits are as good as random.
            encoding = {"value": {"chunks": chunks, "compressors": None, "_FillValue": np.nan}}
            with _QUIET, warnings.catch_warnings():
                # That zarr 3 has no word yet on consolidated metadata, without which xarray warns whoever
                # opens the store, nor on the texts of labels.
                warnings.filterwarnings("ignore", "Consolidated metadata")
                warnings.filterwarnings("ignore", "The data type", module="zarr")
                dataset.to_zarr(
                    unfinished, compute=False, encoding=encoding, consolidated=True, zarr_format=3
                )
            unfinished.rename(root)
        except BaseException as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            if not root.exists() or not isinstance(error, OSError):
                raise  # else another process was first, and its store will do


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Refuses a folder that another process writes. The lock goes with the process, however that ends."""
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BlockingIOError(errno.EWOULDBLOCK, "another process is writing it") from None
        except OSError:  # a file system without locks
            pass
        yield
    finally:
        os.close(handle)


def _discard_unfinished(root: Path) -> None:
    """What processes left that were killed while they created this store."""
    for leftover in list(root.parent.glob(f".{escape(root.name)}.*.partial")):
        if re.fullmatch(r"\.[0-9a-f]{32}\.partial", leftover.name[len(root.name) + 1 :]):
            try:
                with _alone(leftover):
                    shutil.rmtree(leftover, ignore_errors=True)
            except (BlockingIOError, FileNotFoundError):
                continue  # one that is alive


def _opened(root: Path, identity: dict[str, Any]) -> zarr.Array[Any]:
    """The values of the store, if it is that of the same table."""
    try:
        held = json.loads(str(zarr.open_group(root, mode="r").attrs["sweep"]))
    except (KeyError, OSError, ValueError):
        raise ValueError(f"{root} exists and is not the store of a sweep") from None
    differing = [name for name in identity if held.get(name) != identity[name]]
    if differing:
        raise ValueError(f"{root} holds another sweep: it differs in {', '.join(differing)}")
    try:
        array = zarr.open_array(root / "value", mode="r+", config={"write_empty_chunks": True})
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"{root} is damaged, delete it to start afresh: {error}") from None
    if list(array.shape) != identity["shape"] or str(array.dtype) != identity["dtype"]:
        raise ValueError(f"{root} is damaged, delete it to start afresh: {array}")
    return array


def _check_labels(labels: xr.DataArray, root: Path) -> None:
    try:
        with xr.open_zarr(root) as held:
            whole = all(held[name].equals(labels[name]) for name in labels.coords if name != "step")
    except Exception:  # whatever a reader makes of a file that is cut off
        whole = False
    if not whole:
        raise ValueError(f"{root} is damaged, delete it to start afresh: its labels are not the sweep's")


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


def _write_all(
    table: Table, regions: list[Region], root: Path, identity: dict[str, Any], progress: bool
) -> None:
    """On dask's threads, or on the cluster of the present client."""
    shared = delayed(table, name=f"sweep-{uuid4().hex}", traverse=False)
    client, remaining = _client(), iter(regions)
    with tqdm(total=len(regions), unit="chunk", disable=not progress) as bar:
        while some := list(islice(remaining, AT_ONCE)):
            tasks = [delayed(_write)(shared, str(root), region, identity) for region in some]
            keys = {task.key for task in tasks}
            if client is None:
                with Callback(posttask=lambda key, *_, keys=keys: bar.update(key in keys)):
                    compute(*tasks)
            else:
                from distributed import as_completed

                for future in as_completed(client.compute(tasks)):
                    future.result()
                    bar.update()


def _write(table: Table, root: str, region: Region, identity: dict[str, Any]) -> None:
    _opened(Path(root), identity)[region] = table[region]


def _client() -> Any:
    if "distributed" not in sys.modules:
        return None
    try:
        return sys.modules["distributed"].default_client()
    except ValueError:
        return None
