"""The page: what was chosen, the pictures of it, and nothing computed anew that did not change."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from html import escape
from time import perf_counter
from typing import TYPE_CHECKING, Any

from bokeh.models import (
    Button,
    Column,
    CustomJS,
    Div,
    PreText,
    RadioButtonGroup,
    Row,
    Select,
    TextInput,
)

from .code import code, findings
from .editor import Editor, problem_box, slider, tell
from .figures import Figures
from .kinds import KINDS
from .picture import Picture, draw, simulated
from .setting import COMMON, LETTERS, MAX_SCHEDULES, Schedule, Setting, from_query

if TYPE_CHECKING:
    from bokeh.document import Document
    from bokeh.models import UIElement

REPLACE = "history.replaceState(null, '', '?' + cb_obj.value)"
CALM = 150
"""Milliseconds from the last new picture to the words about it."""
SLOW = 0.05
"""Seconds of drawing from which on moves are gathered before the next one."""


class Page:
    """A document's state: the setting, and the last good picture of each schedule."""

    def __init__(self, document: Document, setting: Setting, messages: list[str]) -> None:
        self.document, self.setting = document, setting
        self.figures = Figures()
        self.pictures: dict[str, Picture] = {}
        self.problems: dict[str, str] = {}
        self.stale: set[str] = set()
        self.waiting = False
        self.later: Any = None
        self.took = 0.0
        self.address = TextInput(value=setting.to_query(), visible=False, name="address")
        self.address.js_on_change("value", CustomJS(code=REPLACE))
        self.links = Div(disable_math=True, name="links")
        wrapped = {"white-space": "pre-wrap", "overflow-wrap": "anywhere"}
        self.code = PreText(sizing_mode="stretch_width", name="code", styles=wrapped)
        self.findings = Div(disable_math=True, sizing_mode="stretch_width", name="findings")
        self.editor = Editor(self.edited)
        self.refused = problem_box(name="refused")
        self.pick = RadioButtonGroup(name="pick", sizing_mode="stretch_width")
        self.pick.on_change("active", self._picked)
        document.title = "stepcurve explore"
        document.add_root(self._layout())
        tell(self.refused, "; ".join(messages))
        self._rebuild()
        self.figures.scene(self.setting)
        self._all_stale()
        self.flush()

    def _layout(self) -> UIElement:
        add = Button(label="add a schedule", name="add", sizing_mode="stretch_width")
        remove = Button(label="remove this one", name="remove", sizing_mode="stretch_width")
        add.on_click(self.add)
        remove.on_click(self.remove)
        figures = self.figures
        head = Div(text="<b style='font-size:17px'>stepcurve explore</b>", sizing_mode="stretch_width")
        controls = Column(
            Row(head, self.links, sizing_mode="stretch_width"),
            self.pick,
            Row(add, remove, sizing_mode="stretch_width"),
            self.editor.view,
            Div(sizing_mode="stretch_width", height=8, styles={"border-bottom": "1px solid #ddd"}),
            *self._common(),
            self.refused,
            width=350,
            sizing_mode="stretch_height",
            styles={"overflow-y": "auto", "overflow-x": "hidden", "padding-right": "10px"},
        )
        pictures = Column(
            figures.top,
            Row(figures.loss, figures.bars, sizing_mode="stretch_both"),
            Column(
                self.findings,
                self.code,
                sizing_mode="stretch_width",
                height=170,
                styles={"overflow-y": "auto", "border-top": "1px solid #ddd"},
            ),
            sizing_mode="stretch_both",
        )
        return Row(controls, pictures, self.address, sizing_mode="stretch_both", styles={"height": "97vh"})

    def _common(self) -> list[UIElement]:
        """The widgets of what all schedules share."""
        groups = (("surface", "with_momentum"), ("steps", "seeds", "seed"))
        rows = [Row(*map(self._box, names), sizing_mode="stretch_width") for names in groups]
        sliders = [
            slider(COMMON[name], float(getattr(self.setting, name)), partial(self.set, name))
            for name in ("momentum", "noise", "shown")
        ]
        return [*rows, *sliders, self._box("log")]

    def _box(self, name: str) -> UIElement:
        param, value = COMMON[name], getattr(self.setting, name)
        options: dict[str, Any] = {"title": param.title, "name": name, "sizing_mode": "stretch_width"}
        widget: Any
        if param.options:
            widget = Select(value=value, options=CHOICES.get(name, list(param.options)), **options)
        else:
            widget = TextInput(value=str(value), **options)
        widget.on_change("value", lambda attr, old, new: self.set(name, new))
        return widget

    def set(self, name: str, value: object) -> None:
        """One of the common values."""
        try:
            setting = self.setting.with_value(name, value)
        except ValueError as error:
            return tell(self.refused, str(error))
        tell(self.refused, "")
        self.setting = setting
        if name in ("surface", "with_momentum", "momentum"):
            self.figures.scene(setting)
        if name == "log":
            self.figures.label(setting)
        else:
            self._all_stale()
        self._soon()

    def edited(self, schedule: Schedule) -> None:
        """The picked schedule has become another."""
        self.setting = self.setting.with_schedule(self.setting.picked, schedule)
        self.stale.add(LETTERS[self.setting.picked])
        self.figures.label(self.setting)
        self._soon()

    def add(self) -> None:
        if len(self.setting.schedules) == MAX_SCHEDULES:
            return tell(self.refused, f"at most {MAX_SCHEDULES} schedules")
        used = {schedule.kind for schedule in self.setting.schedules}
        kind = next((kind for kind in KINDS if kind not in used), "constant")
        self._with([*self.setting.schedules, Schedule(kind)], len(self.setting.schedules))

    def remove(self) -> None:
        if len(self.setting.schedules) == 1:
            return tell(self.refused, "the last schedule stays")
        left = [*self.setting.schedules]
        del left[self.setting.picked]
        self._with(left, min(self.setting.picked, len(left) - 1))

    def _with(self, schedules: list[Schedule], picked: int) -> None:
        tell(self.refused, "")
        self.setting = replace(self.setting, schedules=tuple(schedules), picked=picked)
        self.pictures, self.problems = {}, {}
        for letter in LETTERS:
            self.figures.clear(letter)
        self._rebuild()
        self._all_stale()
        self._soon()

    def _picked(self, attr: str, old: int, new: int | None) -> None:
        if new is not None and new != self.setting.picked and 0 <= new < len(self.setting.schedules):
            self.setting = self.setting.with_value("picked", new)
            self._rebuild()
            self._write()

    def _rebuild(self) -> None:
        self.pick.labels = list(LETTERS[: len(self.setting.schedules)])
        self.pick.active = self.setting.picked
        self.figures.label(self.setting)
        self.editor.show(self.setting.schedules[self.setting.picked])

    def _all_stale(self) -> None:
        self.stale = set(LETTERS[: len(self.setting.schedules)])

    def _soon(self) -> None:
        """Draw: at once, or after what else is on its way where that takes a while."""
        if self.took < SLOW or self.document.session_context is None:
            self.flush()
        elif not self.waiting:
            self.waiting = True
            self.document.add_timeout_callback(self.flush, 50)

    def flush(self) -> None:
        """Draw anew what is stale, and send it in one message."""
        self.waiting = False
        began = perf_counter()
        self.document.hold("combine")
        for letter, schedule in zip(LETTERS, self.setting.schedules, strict=False):
            if letter in self.stale:
                self._draw(letter, schedule)
        self.stale = set()
        self.pictures = dict(sorted(self.pictures.items()))
        self.figures.tally(self.pictures, self.setting)
        self.document.unhold()
        self._write_soon()
        self.took = perf_counter() - began

    def _draw(self, letter: str, schedule: Schedule) -> None:
        try:
            picture = draw(schedule, self.setting)
        except ValueError as error:
            self.problems[letter] = str(error)
            return
        self.problems.pop(letter, None)
        self.pictures[letter] = picture
        self.figures.show(letter, picture, self.setting)

    def _write_soon(self) -> None:
        """Words make the browser lay out the whole page, which takes a while: the pictures go first."""
        if self.document.session_context is None:
            return self._write()
        if self.later is not None:
            self.document.remove_timeout_callback(self.later)
        self.later = self.document.add_timeout_callback(self._write, CALM)

    def _write(self) -> None:
        """The words: the problem, the code, the findings, the address."""
        self.later = None
        letter = LETTERS[self.setting.picked]
        schedule, picture = self.setting.schedules[self.setting.picked], self.pictures.get(letter)
        problem = self.problems.get(letter, "")
        tell(self.editor.problem, problem)
        if picture is not None and not problem:
            self.code.text = code(schedule, picture.curve, self.setting.steps)
            self.findings.text = findings(picture.curve, self.setting.steps)
        query = self.setting.to_query()
        self.address.value = query
        link = escape(query)
        self.links.text = f'<a href="?{link}">link</a> &nbsp; <a href="table.csv?{link}" download>table</a>'
        taken = simulated(self.setting)
        if taken < self.setting.steps:
            of = f"{taken:,} of {self.setting.steps:,} steps"
            self.figures.bars.title.text = f"How the seeds fared in {of}"
        else:
            self.figures.bars.title.text = "How the seeds fared"


CHOICES = {
    "with_momentum": [("no", "of plain SGD"), ("yes", "with momentum")],
    "surface": [("bowl", "a noisy bowl"), ("valley", "a curved valley"), ("minima", "many minima")],
}


def modify(document: Document) -> None:
    """Fill a new session's document from the address that asked for it."""
    context = document.session_context
    arguments = context.request.arguments if context is not None and context.request is not None else {}
    Page(document, *from_query(arguments))
