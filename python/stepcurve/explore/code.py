"""What can be copied of a schedule, and what `check` finds in it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ..checks import check
from ..text import number_text
from .kinds import KINDS, plateau_options

if TYPE_CHECKING:
    from ..curve import Curve
    from .setting import Schedule


def code(schedule: Schedule, curve: Curve | None, steps: int) -> str:
    """The expression, the line for a CurveScheduler and torch's, as one would write them."""
    kind, values = KINDS[schedule.kind], schedule.values
    line = kind.line(values, steps) if kind.line else ""
    lr = number_text(float(values.get("lr", 0)))
    if curve is None:
        every = max(1, round(steps / float(values["measured"])))
        return (
            f"tracker = sc.Plateau({lr}, {plateau_options(values)})\n"
            f"lr = tracker.update(loss)  # every {every} steps\n\n"
            f"# torch, the optimizer made with lr={lr}\n"
            f"scheduler = lr_scheduler.{line}\n"
            f"scheduler.step(loss)  # every {every} steps"
        )
    drop_in = f"# torch, the optimizer made with lr={lr}\nscheduler = lr_scheduler.{line}"
    return (
        f"lr = sc.parse({str(curve)!r})\n\n"
        f"scheduler = CurveScheduler(optimizer, lr=lr)\n\n"
        f"{drop_in if line else '# no class of torch has this schedule'}"
    )


def findings(curve: Curve | None, steps: int) -> str:
    """As HTML."""
    if curve is None:
        return ""
    found = check(curve, steps)
    if not found:
        return "<p>check finds nothing to say.</p>"
    items = "".join(
        f"<li><b>{each.severity}</b> {each.id}: {escape(each.message)} <i>{escape(each.remedy)}</i></li>"
        for each in found
    )
    return f"<ul>{items}</ul>"
