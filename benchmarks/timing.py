"""Interleaved timing: every contender once a round, the least of many rounds, so that a machine's slow
moments fall on all alike and are thrown away."""

import platform
from collections.abc import Callable
from pathlib import Path
from time import perf_counter_ns


def least(contenders: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Nanoseconds of the fastest run of each."""
    best = dict.fromkeys(contenders, float("inf"))
    for _ in range(rounds):
        for name, run in contenders.items():
            begin = perf_counter_ns()
            run()
            best[name] = min(best[name], perf_counter_ns() - begin)
    return best


def machine() -> str:
    """What the figures were taken on."""
    cpu = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    import numpy as np
    from stepcurve import _core

    versions = f"Python {platform.python_version()}, NumPy {np.__version__}"
    return f"{cpu}, target {_core.active_target()}, {versions}"
