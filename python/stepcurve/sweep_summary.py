"""What each member of a sweep comes to: the rows of `Sweep.summary`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from .sweep import Sweep

MAX_VALUES = 1 << 20
"""Values that are in memory at once: 8 MB, whatever the members and the steps."""


def summarize(sweep: Sweep, steps: int) -> pd.DataFrame:
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError("summary needs pandas: pip install pandas") from error
    rows = max(1, MAX_VALUES // steps)
    parts = [
        _columns(sweep, begin, min(begin + rows, sweep.size), steps) for begin in range(0, sweep.size, rows)
    ]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    half = columns.pop("half_at")
    frame = pd.DataFrame([sweep._parameters(place) for place in range(sweep.size)])
    return frame.assign(**columns, half_at=pd.arrays.IntegerArray(half, half < 0))


def _columns(
    sweep: Sweep, begin: int, end: int, steps: int
) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
    """Of the members from `begin` to `end`."""
    size = end - begin
    top, top_at = np.full(size, -np.inf), np.zeros(size, np.int64)
    final, area = np.zeros(size), np.zeros(size)
    for first, values in _blocks(sweep, begin, end, steps):
        at = values.argmax(axis=1)  # that of the first NaN, if there is one
        highest = values[np.arange(size), at]
        later = (highest > top) | (np.isnan(highest) & ~np.isnan(top))
        top[later], top_at[later] = highest[later], first + at[later]
        area += values.sum(axis=1)
        final = values[:, -1].copy()
    half_at = np.full(size, -1)
    for first, values in _blocks(sweep, begin, end, steps):
        low = (values <= top[:, None] / 2) & (first + np.arange(values.shape[1]) > top_at[:, None])
        new = (half_at < 0) & low.any(axis=1) & (top > 0)
        half_at[new] = first + low.argmax(axis=1)[new]
    return {"max_value": top, "final_value": final, "area": area, "half_at": half_at}


def _blocks(sweep: Sweep, begin: int, end: int, steps: int) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """The first step and the values of each block of these members' tables."""
    members = sweep._core.part(np.arange(begin, end))
    for first in range(0, steps, MAX_VALUES):
        values = np.empty((end - begin, min(MAX_VALUES, steps - first)))
        with sweep._naming_member(begin):
            members.fill(0.0, 1.0, first, 0, values)
        yield first, values
