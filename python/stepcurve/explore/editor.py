"""The widgets of one schedule: kind and parameters, each made with its value, so that none fires alone."""

from __future__ import annotations

from html import escape
from math import log10
from typing import TYPE_CHECKING, Any

from bokeh.models import Column, CustomJSTickFormatter, Div, Select, Slider, TextAreaInput

from .kinds import KINDS, Param
from .setting import MAX_TEXT, Schedule

if TYPE_CHECKING:
    from collections.abc import Callable

    from bokeh.models import UIElement


POWER = "return String(Number((10 ** tick).toPrecision(3)))"
ROOM = "textarea.bk-input { padding-top: 6px }"
PLAIN = "return String(Number(tick.toPrecision(12)))"


def message(text: str) -> str:
    return f'<span role="alert">{escape(text)}</span>' if text else ""


def problem_box(**options: Any) -> Div:
    """Where a message is shown, by the widget that it is about."""
    styles = {"color": "#b00020", "font-size": "13px", "overflow-wrap": "anywhere"}
    return Div(
        text="", styles=styles, disable_math=True, visible=False, sizing_mode="stretch_width", **options
    )


def tell(box: Div, text: str) -> None:
    box.text, box.visible = message(text), bool(text)


class Editor:
    """Calls `change(schedule)` for what was chosen, `refuse(text)` for what cannot be."""

    def __init__(self, change: Callable[[Schedule], None]) -> None:
        self.change = change
        self.problem = problem_box(name="problem")
        self.view = Column(sizing_mode="stretch_width", name="editor")
        self.schedule = Schedule("constant")

    def show(self, schedule: Schedule) -> None:
        self.schedule = schedule
        kinds = [(name, kind.title) for name, kind in KINDS.items()]
        pick = Select(
            title="kind", value=schedule.kind, options=kinds, sizing_mode="stretch_width", name="kind"
        )
        pick.on_change("value", self._other_kind)
        widgets: list[UIElement] = [pick]
        widgets += [self._widget(param, schedule.values[param.name]) for param in KINDS[schedule.kind].params]
        self.view.children = [*widgets, self.problem]

    def _other_kind(self, attr: str, old: str, new: str) -> None:
        """With the learning rate that there was."""
        names = {param.name for param in KINDS[new].params} if new in KINDS else set()
        kept = {name: value for name, value in self.schedule.values.items() if name == "lr" and name in names}
        self._take(new, kept)
        if self.schedule.kind == new:
            self.show(self.schedule)

    def _widget(self, param: Param, value: float | str) -> UIElement:
        options: dict[str, Any] = {"title": param.title, "sizing_mode": "stretch_width", "name": param.name}
        if param.name == "text":
            box = TextAreaInput(
                value=str(value), rows=4, stylesheets=[ROOM], max_length=4 * MAX_TEXT, **options
            )
            box.on_change("value", lambda attr, old, new: self._take(self.schedule.kind, {"text": new}))
            return box
        if param.options:
            select = Select(value=str(value), options=list(param.options), **options)
            select.on_change("value", lambda attr, old, new: self._set(param, new))
            return select
        return slider(param, float(value), lambda new: self._set(param, new))

    def _set(self, param: Param, value: float | str) -> None:
        self._take(self.schedule.kind, {**self.schedule.values, param.name: value})

    def _take(self, kind: str, values: dict[str, float | str]) -> None:
        try:
            schedule = Schedule(kind, values)
        except ValueError as error:
            return tell(self.problem, str(error))
        self.schedule = schedule
        self.change(schedule)


def slider(param: Param, value: float, change: Callable[[float], None]) -> Slider:
    """A slider; a logarithmic one moves along the exponent, and shows three digits of the value."""
    logarithmic = param.scale == "log"
    low, high = (log10(param.low), log10(param.high)) if logarithmic else (param.low, param.high)
    step = 0.01 if logarithmic else param.step

    made = Slider(
        start=low,
        end=high,
        step=step,
        value=log10(value) if logarithmic else value,
        title=param.title,
        format=CustomJSTickFormatter(code=POWER if logarithmic else PLAIN),
        sizing_mode="stretch_width",
        name=param.name,
    )

    def moved(attr: str, old: float, new: float) -> None:
        at = float(f"{10 ** min(new, 300):.3g}") if logarithmic else float(f"{new:.12g}")
        change(min(max(at, param.low), param.high))

    made.on_change("value", moved)
    return made
