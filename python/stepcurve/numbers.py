"""Python's numbers for the core: what is taken for one, and the errors for what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, SupportsFloat, SupportsIndex, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Number: TypeAlias = SupportsFloat | SupportsIndex

MAX_STEPS = 2**53
"""Up to here every whole step is a double."""


def number(name: str, value: Number) -> float:
    """The value as a float; rules about which float are the core's."""
    if type(value) is float:
        return value
    kind = value.dtype.kind if isinstance(value, (np.ndarray, np.generic)) else "f"
    other = isinstance(value, (bool, str, bytes, bytearray, list, tuple))
    if other or kind not in "iuf" or np.ndim(value) != 0:  # type: ignore[arg-type]
        raise TypeError(f"{name} must be a number, got {value!r}")
    try:
        return float(value)
    except TypeError:
        raise TypeError(f"{name} must be a number, got {value!r}") from None
    except OverflowError:
        raise ValueError(f"{name} must be finite, got an integer beyond every float") from None


def length(name: str, value: Number) -> float:
    """A number of steps: whole ones must not be rounded on the way."""
    if isinstance(value, (int, np.integer)):
        _check_most(name, int(value))
    return number(name, value)


def count(name: str, value: SupportsIndex) -> int:
    """A whole number > 0."""
    if isinstance(value, (bool, np.bool_)) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    whole = value.__index__()
    if whole <= 0:
        raise ValueError(f"{name} must be > 0, got {whole}")
    _check_most(name, whole)
    return whole


def _check_most(name: str, whole: int) -> None:
    if whole > MAX_STEPS:
        raise ValueError(f"{name} must be <= 2**53, got {float(min(whole, 2**1000)):g}")


def reals(name: str, value: Any) -> NDArray[np.float64]:
    """A number, or a row of them."""
    if np.ndim(value) == 0:
        return np.array(number(name, value))
    return np.array(metrics(name, row(name, value)))


def wholes(name: str, value: Any) -> NDArray[np.int64]:
    """A whole number, or a row of them; rules about which are the core's."""
    if isinstance(value, int):
        _check_most(name, value)
    whole = row(name, value)
    if whole.dtype.kind not in "iu":
        raise TypeError(f"{name} must be whole numbers, got {value!r}")
    _check_most(name, int(whole.max()))
    return whole.astype(np.int64)


def indices(name: str, value: Any) -> NDArray[np.int64]:
    """Whole numbers >= 0."""
    whole = wholes(name, value)
    if whole.min() < 0:
        raise ValueError(f"{name} must be >= 0, got {whole.min()}")
    return whole


def flags(name: str, value: Any) -> NDArray[np.int64]:
    """True or False, or a row of them."""
    flag = row(name, value)
    if flag.dtype.kind != "b":
        raise TypeError(f"{name} must be a bool, got {value!r}")
    return flag.astype(np.int64)


def row(name: str, value: Any) -> NDArray[Any]:
    """One value, or a row of at least one."""
    array = np.asarray(value)
    if array.ndim > 1:
        raise ValueError(f"{name} must be one value or one a run, got an array of shape {array.shape}")
    if not array.size:
        raise ValueError(f"{name} must have at least one value, got none")
    return array


def metrics(name: str, value: Any) -> NDArray[np.float64]:
    """Real numbers of any shape, C-contiguous."""
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} must be real numbers, got a masked array")
    array = np.asarray(value)
    if array.dtype.kind not in "iuf" and array.size:
        raise TypeError(f"{name} must be real numbers, got an array of {array.dtype}")
    return np.require(array, np.float64, ["C", "A"])


def times(value: Any) -> NDArray[np.float64]:
    """An array of times, C-contiguous, of the shape that was given."""
    array = np.asarray(value)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"time must be real numbers, got an array of {array.dtype}")
    if array.dtype.kind in "iu" and array.size and int(array.max()) > MAX_STEPS:
        raise ValueError(f"time must be <= 2**53, got {array.max()}")
    return np.require(array, np.float64, "C")


def workers(threads: SupportsIndex | None) -> int:
    """How many threads at most; 0 for as many as there are processors."""
    return 0 if threads is None else min(count("threads", threads), 256)


def table_dtype(dtype: Any) -> np.dtype[Any]:
    wanted = np.dtype("float64" if dtype is None else dtype)
    if wanted not in (np.float64, np.float32):
        raise ValueError(f"dtype must be float64 or float32, got {wanted}")
    return wanted


def table_out(
    out: Any, shape: int | tuple[int, ...], dtype: Any
) -> NDArray[np.float64] | NDArray[np.float32]:
    """A given array to fill, or a new one: of this shape, or of any with so many values."""
    if out is None:
        return np.empty(shape, table_dtype(dtype))
    return array_out(out, shape, *((np.float64, np.float32) if dtype is None else (table_dtype(dtype),)))


def array_out(out: Any, shape: int | tuple[int, ...], *dtypes: Any) -> NDArray[Any]:
    """A given array to fill, of one of these dtypes, checked."""
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out must be a numpy array, got {type(out).__name__}")
    if out.dtype not in dtypes or not out.dtype.isnative:
        raise TypeError(f"out must hold {' or '.join(np.dtype(t).name for t in dtypes)}, got {out.dtype}")
    if isinstance(shape, int) and out.size != shape:
        raise ValueError(f"out must have {shape} values, got {out.size}")
    if isinstance(shape, tuple) and out.shape != shape:
        raise ValueError(f"out must have shape {shape}, got {out.shape}")
    if not out.flags.c_contiguous or not out.flags.aligned:
        raise ValueError("out must be C-contiguous and aligned")
    if not out.flags.writeable:
        raise ValueError("out must be writable, got a read-only array")
    return out
