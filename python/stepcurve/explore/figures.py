"""The four figures and their data: the curves, the map with the paths, the losses, how the seeds fared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from bokeh.models import (
    ColumnDataSource,
    FactorRange,
    HoverTool,
    Legend,
    LegendItem,
    NumeralTickFormatter,
    Range1d,
    Row,
)
from bokeh.palettes import Colorblind, Greys256
from bokeh.plotting import figure

from ..descent import SURFACES, VERDICTS, losses
from .kinds import KINDS
from .picture import PAIRS, Picture, path, quartiles
from .setting import LETTERS

if TYPE_CHECKING:
    from .setting import Setting

COLOURS = dict(zip(LETTERS, (Colorblind[8][i] for i in (0, 3, 1, 4, 5, 6)), strict=True))
VERDICT_COLOURS = dict(zip(VERDICTS, ("#4c9f70", "#d9d9d9", "#e0a93b", "#c0392b"), strict=True))
BANDS = 24
TOOLS = "box_zoom,reset,save"
NOTHING: dict[str, list[float]] = {"step": [], "lr": []}


def _figure(name: str, title: str, x: str, y: str, **options: Any) -> figure:
    made = figure(
        name=name,
        title=title,
        x_axis_label=x,
        y_axis_label=y,
        sizing_mode="stretch_both",
        tools=TOOLS,
        toolbar_location="right",
        min_border_right=12,
        **options,
    )
    made.toolbar.logo = None
    made.title.text_font_size = "14px"
    return made


def _steps(made: figure) -> None:
    made.xaxis.formatter = NumeralTickFormatter(format="0,0")


class Figures:
    """Each schedule has sources of its own, so that no more is sent than what changed."""

    def __init__(self) -> None:
        self.sources = {
            name: {letter: ColumnDataSource(name=f"{name} {letter}") for letter in LETTERS}
            for name in ("curve", "loss", "path", "ends")
        }
        self.curves = self._curves("linear")
        self.log_curves = self._curves("log")
        self.loss = self._loss()
        self.map = self._map()
        self.bars = self._bars()
        self.top = Row(self.curves, self.map, sizing_mode="stretch_both")
        for letter in LETTERS:
            self.clear(letter)

    def _curves(self, scale: str) -> figure:
        name = "learning rate" if scale == "linear" else "learning rate, log"
        made = _figure(name, "Learning rate", "step", "learning rate", y_axis_type=scale)
        _steps(made)
        items = []
        for letter, colour in COLOURS.items():
            source = self.sources["curve"][letter]
            line = made.line(
                "step", "lr", source=source, color=colour, line_width=2, name=f"{scale} {letter}"
            )
            items.append(LegendItem(label=letter, renderers=[line], visible=False))
        made.add_layout(
            Legend(items=items, orientation="horizontal", ncols=3, border_line_color=None, padding=2), "below"
        )
        made.add_tools(
            HoverTool(tooltips=[("step", "@step{0,0}"), ("lr", "@lr{0.000e+0}")], mode="mouse", visible=False)
        )
        return made

    def _loss(self) -> figure:
        made = _figure("losses", "Loss", "step", "loss: middle seed, and the middle half", y_axis_type="log")
        made.y_range = Range1d(1e-3, 1)
        _steps(made)
        for letter, colour in COLOURS.items():
            source = self.sources["loss"][letter]
            made.varea("step", "low", "high", source=source, color=colour, alpha=0.2)
            made.line("step", "middle", source=source, color=colour, line_width=2)
        return made

    def _map(self) -> figure:
        made = _figure(
            "paths",
            "Paths",
            "x (star: the minimum, dot: where the seed ends)",
            "y",
            x_range=Range1d(0, 1),
            y_range=Range1d(0, 1),
        )
        made.grid.visible = False
        self.ground = ColumnDataSource({"image": [], "x": [], "y": [], "dw": [], "dh": []})
        palette = [Greys256[110 + 140 * band // (BANDS - 1)] for band in range(BANDS)]
        made.image("image", "x", "y", "dw", "dh", source=self.ground, palette=palette, level="image")
        for letter, colour in COLOURS.items():
            made.line("x", "y", source=self.sources["path"][letter], color=colour, line_width=1.3, alpha=0.85)
            made.scatter(
                "x", "y", source=self.sources["ends"][letter], color=colour, size=11, line_color="white"
            )
        self.marks = ColumnDataSource({"x": [], "y": []})
        made.scatter("x", "y", source=self.marks, marker="star", size=14, color="white", line_color="black")
        return made

    def _bars(self) -> figure:
        self.fared = ColumnDataSource({"x": [], **{verdict: [] for verdict in VERDICTS}}, name="fared")
        made = _figure(
            "verdicts", "How the seeds fared", "", "seeds", x_range=FactorRange(), y_range=Range1d(0, 1)
        )
        made.vbar_stack(
            list(VERDICTS),
            x="x",
            width=0.85,
            source=self.fared,
            color=list(VERDICT_COLOURS.values()),
            line_color="white",
            line_width=0.5,
        )
        stacks = zip(VERDICTS, made.renderers, strict=True)
        bars = [LegendItem(label=verdict, renderers=[bar]) for verdict, bar in stacks]
        made.add_layout(
            Legend(items=bars, orientation="horizontal", border_line_color=None, padding=2), "below"
        )
        made.add_tools(HoverTool(tooltips=[(verdict, f"@{verdict}") for verdict in VERDICTS], visible=False))
        made.xgrid.visible = False
        made.xaxis.group_text_font_size = made.xaxis.subgroup_text_font_size = "11px"
        return made

    def clear(self, letter: str) -> None:
        self.sources["curve"][letter].data = dict(NOTHING)
        self.sources["loss"][letter].data = {"step": [], "low": [], "middle": [], "high": []}
        self.sources["path"][letter].data = {"x": [], "y": []}
        self.sources["ends"][letter].data = {"x": [], "y": []}

    def show(self, letter: str, picture: Picture, setting: Setting) -> None:
        """One schedule's new picture."""
        lrs = picture.lrs
        if picture.curve is None:  # held between measurements
            steps = np.append(np.repeat(picture.steps, 2)[1:], setting.steps)
            self.sources["curve"][letter].data = {"step": steps, "lr": np.repeat(lrs, 2)}
        else:
            self.sources["curve"][letter].data = {"step": picture.steps, "lr": lrs}
        self.sources["loss"][letter].data = quartiles(picture, setting)
        x, y = path(picture, setting)
        self.sources["path"][letter].data = {"x": x, "y": y}
        self.sources["ends"][letter].data = {"x": x[-1:], "y": y[-1:]}

    def label(self, setting: Setting) -> None:
        """Which schedules there are, by letter and kind."""
        for made in (self.curves, self.log_curves):
            for i, item in enumerate(made.legend[0].items):
                there = i < len(setting.schedules)
                item.visible = there
                if there:
                    item.label = {"value": f"{LETTERS[i]} {KINDS[setting.schedules[i].kind].title}"}
        shown = self.curves if setting.log == "linear" else self.log_curves
        if self.top.children[0] is not shown:  # what is merely hidden would still be painted
            self.top.children = [shown, self.map]

    def tally(self, pictures: dict[str, Picture], setting: Setting) -> None:
        """The bars: the verdicts of every schedule on every surface; and the range of the losses."""
        names = {"no": "plain", "yes": f"momentum {setting.momentum:g}"}
        rows = [
            ((surface, names[momentum], letter), picture.counts[surface, momentum])
            for surface, momentum in PAIRS
            for letter, picture in pictures.items()
        ]
        factors = [factor for factor, _ in rows]
        if self.bars.x_range.factors != factors:
            self.bars.x_range.factors = factors
        self.bars.y_range.end = setting.seeds
        self.fared.data = {"x": factors, **{v: [counts[v] for _, counts in rows] for v in VERDICTS}}
        middles = [self.sources["loss"][letter].data["middle"] for letter in pictures]
        if middles:
            start = float(middles[0][0])
            lowest = min(float(np.min(each)) for each in middles)
            self.loss.y_range.start = 10 ** np.floor(np.log10(max(lowest, 1e-9 * start)))
            self.loss.y_range.end = 30 * start

    def scene(self, setting: Setting) -> None:
        """The map of the surface, and titles that say what is shown."""
        surface = SURFACES[setting.surface]
        how = f"SGD with momentum {setting.momentum:g}" if setting.with_momentum == "yes" else "plain SGD"
        self.loss.title.text = f"Loss on the {setting.surface}, {how}"
        self.map.title.text = f"Paths of one seed on the {setting.surface}, {how}"
        (left, right), (low, high) = surface.x, surface.y
        x, y = np.meshgrid(np.linspace(left, right, 240), np.linspace(low, high, 240))
        heights = losses(setting.surface, x, y) ** (0.6 if setting.surface == "minima" else 0.2)
        scaled = (heights - heights.min()) / np.ptp(heights)
        image = np.minimum((scaled * BANDS).astype(np.uint8), BANDS - 1)
        size = {"x": [left], "y": [low], "dw": [right - left], "dh": [high - low]}
        self.ground.data = {"image": [image], **size}
        lowest = (1.0, 1.0) if setting.surface == "valley" else (0.0, 0.0)
        self.marks.data = {"x": [lowest[0]], "y": [lowest[1]]}
        for given, (start, end) in ((self.map.x_range, surface.x), (self.map.y_range, surface.y)):
            given.start, given.end = start, end
