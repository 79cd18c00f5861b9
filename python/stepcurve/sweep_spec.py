"""Sweeps described in a TOML file: a curve as text with named parameters, and their values."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .reader import parse
from .sweep import Sweep, sweep

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RANGES: dict[str, Callable[..., Any]] = {
    "linspace": np.linspace,
    "geomspace": np.geomspace,
    "arange": np.arange,
}
KEYS = ("curve", "steps", "axes", "mode", "start", "stride", "dtype")


@dataclass(frozen=True)
class Spec:
    """A sweep, and what `Sweep.save` is to make of it."""

    sweep: Sweep
    steps: int
    options: dict[str, Any]


def read_spec(path: Path) -> Spec:
    """What a file says; a ValueError for what it cannot say.

    `curve` is an expression, `steps` how many, `axes` a table of values: lists of numbers, or one of
    NumPy's ranges by its name, such as {geomspace = [1e-5, 1e-2, 1000]}. `mode`, `start`, `stride` and
    `dtype` are as in Python.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{path.name} is no TOML: {error}") from None
    for key in given:
        if key not in KEYS:
            raise ValueError(f"{key!r} is none of {', '.join(KEYS)}")
    for key in KEYS[:3]:
        if key not in given:
            raise ValueError(f"{path.name} must have {key!r}")
    curve, axes = given["curve"], given["axes"]
    if not isinstance(curve, str):
        raise ValueError(f"curve must be an expression, got {curve!r}")
    if not isinstance(axes, dict) or "mode" in axes:
        raise ValueError(f"axes must be a table of values by name, none of them 'mode', got {axes!r}")
    values = {name: _values(name, each) for name, each in axes.items()}
    mode = given.get("mode", "product")
    options = {key: given[key] for key in ("start", "stride", "dtype") if key in given}
    return Spec(
        sweep(lambda **parameters: parse(curve, **parameters), mode=mode, **values), given["steps"], options
    )


def _values(name: str, given: Any) -> Any:
    if not isinstance(given, dict):
        return given
    if len(given) != 1 or not given.keys() <= RANGES.keys():
        raise ValueError(f"{name} must be a list of numbers or one of {', '.join(RANGES)}, got {given!r}")
    ((kind, arguments),) = given.items()
    if not isinstance(arguments, list) or not all(type(each) in (int, float) for each in arguments):
        raise ValueError(f"{kind} of {name} takes a list of numbers, got {arguments!r}")
    if len(arguments) > 3:
        raise ValueError(f"{kind} of {name} takes at most 3 numbers, got {len(arguments)}")
    try:
        with np.errstate(all="ignore"):
            values = RANGES[kind](*arguments)
    except (MemoryError, TypeError, ValueError, ZeroDivisionError) as error:
        raise ValueError(f"{kind} of {name}: {error}") from None
    if not np.isfinite(values).all():
        raise ValueError(f"{kind} of {name} must be finite, got {arguments}")
    return values
