"""plateau_grid: what settings of a Plateau would have made of a recorded metric."""

from __future__ import annotations

import operator
from itertools import product
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from .numbers import metrics
from .plateau import Plateau

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

MAX_VALUES = 1 << 20
"""Learning rates that are in memory at once: 8 MB, however long the log and however many the settings."""

MAX_ROWS = 40
"""More than these are not printed."""

MAX_LINES = 10
"""More than these cannot be told apart in a picture."""


def plateau_grid(history: ArrayLike, *, lr: Any = 0.1, **options: Any) -> PlateauGrid:
    """Which settings would have cut the lr, when, and to what, had they followed this log of a metric.

    `history` has shape (steps,); the options are those of `Plateau`, and each that is a list or array is
    tried with every value of it, in every combination. Step i is that after metric i, from 0.

    >>> import stepcurve as sc
    >>> losses = [3.0, 2.0, 2.0, 2.0, 2.0, 1.5, 1.5, 1.5]
    >>> sc.plateau_grid(losses, lr=0.1, patience=[1, 2, 3], factor=0.5)
       patience  cuts  cut_at  final_lr
    0         1     2  3, 7       0.025
    1         2     1  4           0.05
    2         3     0               0.1
    """
    log = metrics("history", history).copy()
    if log.ndim != 1:
        raise ValueError(f"history must have shape (steps,), got {log.shape}")
    if not log.size:
        raise ValueError("history must have at least one metric, got none")
    given = {"lr": lr, **options}
    if "runs" in given:
        raise TypeError("plateau_grid makes the runs itself: give lists of values")
    varied = {name: list(values) for name, values in given.items() if _is_list(values)}
    fixed = {name: value for name, value in given.items() if name not in varied}
    for name, values in varied.items():
        if not values:
            raise ValueError(f"{name} must have at least one value, got none")
    settings = [dict(zip(varied, row, strict=True)) for row in product(*varied.values())]
    return PlateauGrid(log, fixed, settings)


class PlateauGrid:
    """The table that `plateau_grid` makes: a row a setting, as a dict; made by that function.

    `grid[i]` has the varied options, "cuts" (how many), "cut_at" (the steps) and "final_lr".
    """

    def __init__(
        self, history: NDArray[np.float64], fixed: dict[str, Any], settings: list[dict[str, Any]]
    ) -> None:
        self.history = history
        self._fixed = fixed
        self._settings = settings
        cut_at, final_lr = self._cuts()
        self._rows = [
            {**setting, "cuts": len(steps), "cut_at": tuple(steps), "final_lr": last}
            for setting, steps, last in zip(settings, cut_at, final_lr, strict=True)
        ]

    def _cuts(self) -> tuple[list[list[int]], list[float]]:
        columns = {name: [setting[name] for setting in self._settings] for name in self._settings[0]}
        tracker = Plateau(**self._fixed, **columns, runs=len(self._settings))
        cut_at: list[list[int]] = [[] for _ in self._settings]
        rows = max(1, MAX_VALUES // len(self._settings))
        for begin in range(0, self.history.size, rows):
            before = tracker.lr.copy()
            lrs = tracker.replay(self.history[begin : begin + rows])
            step, setting = np.nonzero(np.diff(lrs, axis=0, prepend=before[None]) < 0)
            for i, cut in zip(setting.tolist(), step.tolist(), strict=True):
                cut_at[i].append(begin + cut)
        return cut_at, tracker.lr.tolist()

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return iter([dict(row) for row in self._rows])

    def __getitem__(self, row: SupportsIndex) -> Mapping[str, Any]:
        return dict(self._rows[self._index(row)])

    def _index(self, row: SupportsIndex) -> int:
        index = operator.index(row)
        if not -len(self) <= index < len(self):
            raise IndexError(f"row must be below {len(self)}, got {index}")
        return index % len(self)

    def tracker(self, row: SupportsIndex) -> Plateau:
        """A new Plateau with the options of a row, to use live."""
        return Plateau(**self._fixed, **self._settings[self._index(row)])

    def lr(self, row: SupportsIndex) -> NDArray[np.float64]:
        """The learning rate of a row after each metric of the log: shape (steps,)."""
        lrs: NDArray[np.float64] = self.tracker(row).replay(self.history)
        return lrs

    def to_pandas(self) -> pd.DataFrame:
        """The table as a pandas DataFrame.

        >>> import stepcurve as sc
        >>> frame = sc.plateau_grid([2.0, 2.0, 2.0], patience=[0, 1]).to_pandas()
        >>> frame.loc[frame.cuts == 1, "patience"].tolist()
        [1]
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError("to_pandas needs pandas: pip install pandas") from error
        return pd.DataFrame(self._rows)

    def plot(self, rows: Sequence[SupportsIndex] | None = None) -> tuple[Axes, Axes]:
        """Draw the metric, and under it the lr of these rows, or of all of a small table; gives both axes.

        >>> import stepcurve as sc
        >>> above, below = sc.plateau_grid([2.0, 2.0, 2.0], patience=[0, 1]).plot()
        >>> [line.get_label() for line in below.lines]
        ['0: patience=0', '1: patience=1']
        """
        from .plot import plot_plateau

        if rows is None and len(self) > MAX_LINES:
            raise ValueError(f"rows must be given for {len(self)} settings: at most {MAX_LINES} are drawn")
        chosen = [self._index(row) for row in (range(len(self)) if rows is None else rows)]
        if not chosen:
            raise ValueError("rows must have at least one row, got none")
        return plot_plateau(self.history, {self._label(row): self.lr(row) for row in chosen})

    def _label(self, row: int) -> str:
        setting = ", ".join(f"{name}={value}" for name, value in self._settings[row].items())
        return f"{row}: {setting}" if setting else str(row)

    def __repr__(self) -> str:
        lines = [["", *self._rows[0]]]
        lines += [[str(i), *map(_text, row.values())] for i, row in enumerate(self._rows)]
        if len(self) > MAX_ROWS:
            lines[1 + MAX_ROWS // 2 : -MAX_ROWS // 2] = [["..."] * len(lines[0])]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        words = (0, lines[0].index("cut_at"))  # aligned to the left, and numbers to the right
        return "\n".join(
            "  ".join(
                cell.ljust(width) if i in words else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            )
            for line in lines
        )


def _is_list(value: Any) -> bool:
    return not isinstance(value, str) and np.ndim(value) > 0


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        shown = ", ".join(map(str, value[:6]))
        return f"{shown}, ..." if len(value) > 6 else shown
    return f"{value:g}" if isinstance(value, float) else str(value)
