"""Curves drawn with matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .numbers import Number, length

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from .curve import Curve
    from .sweep import Sweep

MAX_POINTS = 5_000


def sample_times(curve: Curve, steps: Number | None = None) -> NDArray[np.float64]:
    """Times to draw a curve at, from 0 to `steps` or its length: every whole step and equal parts of them
    in a short one, so that jumps stand upright, whole steps in a long one."""
    end = curve.steps if steps is None else length("steps", steps)
    if end == float("inf"):
        raise ValueError("steps must be given to draw an endless curve")
    if not end > 0:
        raise ValueError(f"steps must be > 0, got {end:g}")
    parts = max(1, int(MAX_POINTS / max(end, 1)))
    if end <= MAX_POINTS and float(end * parts).is_integer():
        return np.arange(end * parts + 1) / parts
    times = np.linspace(0.0, end, MAX_POINTS + 1)
    return times if end <= MAX_POINTS else np.unique(np.round(times))


def plot(curve: Curve, steps: Number | None = None, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw a curve over its length, or over `steps`, on `ax` or new axes; gives the axes back.

    Drawn at about 5 000 times. `style` goes to `Axes.plot`; the label is the expression.

    >>> import stepcurve as sc
    >>> ax = sc.cosine(0.1, 0, 100).plot(color="black")
    >>> ax.get_xlabel()
    'step'
    """
    times = sample_times(curve, steps)
    values = curve(times)
    if ax is None:
        ax = _new_axes()
    ax.plot(times, values, **{"label": str(curve), **style})
    ax.set_xlabel("step")
    ax.set_ylabel("value")
    return ax


MAX_MEMBERS = 200
"""Of a sweep: more lines than these hide one another."""


def plot_sweep(
    sweep: Sweep, steps: Number | None = None, *, by: str | None = None, ax: Axes | None = None, **style: Any
) -> Axes:
    """Draw a sweep over its longest member, or over `steps`, coloured by an axis, the first unless given.

    Numbers get a scale of colours, a logarithmic one if they span a factor of 100; other values a legend.
    At most 200 members are drawn, evenly chosen. `style` goes to `Axes.plot`.

    >>> import numpy as np, stepcurve as sc
    >>> ax = sc.sweep(lambda peak: sc.cosine(peak, 0, 100), peak=np.linspace(0.1, 0.2, 5)).plot()
    >>> len(ax.lines)
    5
    """
    name = next(iter(sweep.axes)) if by is None else by
    if name not in sweep.axes:
        raise ValueError(f"by must be one of {', '.join(sweep.axes)}, got {by!r}")
    places = np.unique(np.linspace(0, sweep.size - 1, MAX_MEMBERS).astype(int))
    members = list(zip(*np.unravel_index(places, sweep.shape), strict=True))
    curves = [sweep[member] for member in members]
    labels = [sweep.parameters(member)[name] for member in members]
    longest = max(curves, key=lambda curve: curve.steps)
    times = sample_times(longest, steps)
    if ax is None:
        ax = _new_axes()
    colours = _colours(ax, name, sweep.axes[name])
    for curve, label in zip(curves, labels, strict=True):
        ax.plot(times, curve(times), **{"color": colours(label), "linewidth": 1, **style})
    ax.set_xlabel("step")
    ax.set_ylabel("value")
    return ax


def _colours(ax: Axes, name: str, values: list[Any]) -> Callable[[Any], Any]:
    """The colour of each value, with a scale or a legend that says so."""
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LogNorm, Normalize
    from matplotlib.lines import Line2D

    palette = colormaps["viridis"]
    if not all(isinstance(value, (int, float)) for value in values):
        texts = list(dict.fromkeys(map(str, values)))
        chosen = {text: palette(i / max(1, len(texts) - 1)) for i, text in enumerate(texts)}
        handles = [Line2D([], [], color=colour, label=text) for text, colour in chosen.items()]
        ax.legend(handles=handles, title=name)
        return lambda value: chosen[str(value)]
    low, high = min(values), max(values)
    norm = LogNorm(low, high) if 0 < 100 * low <= high else Normalize(low, high)
    ax.figure.colorbar(ScalarMappable(norm, palette), ax=ax, label=name)
    return lambda value: palette(norm(value))


def plot_plateau(metric: NDArray[np.float64], lrs: Mapping[str, NDArray[np.float64]]) -> tuple[Axes, Axes]:
    """Draw a metric and under it, by their labels, learning rates that followed it."""
    above, below = _new_axes(nrows=2, sharex=True, height_ratios=(3, 2))
    above.plot(metric, color="black", linewidth=1)
    above.set_ylabel("metric")
    for label, lr in lrs.items():
        # A corner at each change is all there is to draw.
        corners = np.unique(np.concatenate(([0], np.flatnonzero(np.diff(lr)) + 1, [lr.size - 1])))
        below.step(corners, lr[corners], where="post", label=label)
    below.set_xlabel("step")
    below.set_ylabel("learning rate")
    below.set_yscale("log")
    below.legend(fontsize="small")
    return above, below


def _new_axes(**layout: Any) -> Any:
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError("drawing needs matplotlib: pip install 'stepcurve[plot]'") from error
    return pyplot.subplots(layout="constrained", **layout)[1]
