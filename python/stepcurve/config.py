"""What was built, and what of it runs here."""

from __future__ import annotations

import platform
from typing import Literal, overload

import numpy as np

from . import __version__, _core


@overload
def show_config(mode: Literal["stdout"] = "stdout") -> None: ...
@overload
def show_config(mode: Literal["dicts"]) -> dict[str, str | list[str]]: ...
def show_config(mode: Literal["stdout", "dicts"] = "stdout") -> dict[str, str | list[str]] | None:
    """Print how stepcurve was built and what it runs on: what a report of a bug should quote.

    mode: "stdout" prints a line for each fact, "dicts" returns them instead.

    They are the versions of stepcurve, Python, NumPy and the platform; the compiler, the type of the build,
    the C++ standard and the flags of the core; the CPU targets compiled in (`targets_built`), those that this
    machine runs (`targets_runnable`) and the one in use (`target`), which is the fastest of them unless the
    environment variable STEPCURVE_TARGET names another.

    >>> import stepcurve as sc
    >>> config = sc.show_config("dicts")
    >>> config["target"] in config["targets_runnable"], config["cxx_standard"]
    (True, 'C++20')
    """
    if mode not in ("stdout", "dicts"):
        raise ValueError(f"mode must be 'stdout' or 'dicts', got {mode!r}")
    config: dict[str, str | list[str]] = {
        "stepcurve": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "platform": platform.platform(),
        **_core.build_facts(),
        "targets_built": _core.built_targets(),
        "targets_runnable": _core.runnable_targets(),
        "target": _core.active_target(),
    }
    if mode == "dicts":
        return config
    width = max(map(len, config))
    for name, value in config.items():
        print(f"{name:{width}}  {value if isinstance(value, str) else ', '.join(value)}")
    return None
