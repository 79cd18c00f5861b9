"""check: what is likely wrong with a schedule for a run, before the run.

A rule is a function of a `Course` in `values`, `fit` or `tail`, put into the table by ``@rule(id)``; those
for torch's schedulers are in `stepcurve.lr_scheduler`, in `oddities` and `resume_oddities`.
"""

from __future__ import annotations

import sys
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

from ..curve import Curve
from ..relative import Relative
from ..run import Run
from . import fit as fit  # first, as its findings explain the others
from . import tail as tail
from . import values as values
from .course import Course
from .findings import Finding as Finding
from .findings import Findings as Findings  # noqa: TC001
from .rules import RULES as RULES
from .rules import examine, ordered

if TYPE_CHECKING:
    from ..numbers import Number

Per = Literal["step", "epoch"]


def check(schedule: Any, run: Run | Number | None = None, *, per: Per = "step") -> Findings:
    """What is likely wrong with a schedule for a run: `Findings`, the gravest first.

    `schedule` is a curve, a torch scheduler of any class or a list of those that share an optimizer; it is
    not stepped or changed. `run` is a `Run` or its number of optimizer steps; without one, less can be told.
    With per="epoch" the scheduler is stepped once an epoch of the run. The values of 65536 steps are looked
    at, in a shorter run those of every step. docs/check.md lists the findings.

    >>> import stepcurve as sc
    >>> sc.check(sc.linear(0, 3e-4, 100) >> sc.cosine(3e-4, 0, 600), 1_000)
    warning: ends-early, steps 700 to 999
        The curve ends at step 700, and the run goes on to 1,000: the last 30% of it is at 0. Make it as
        long as the run: curve.extend(300); or hold the end on purpose: curve >> constant(0).
    <BLANKLINE>
    warning: zero-lr, steps 700 to 999
        The learning rate is 0 for 300 steps, 30% of the run: nothing is learned there. Let the decay
        take until the end of the run, or end at a floor such as a tenth of the peak.
    <BLANKLINE>
    info: first-step-zero, steps 0 to 0
        The first step has learning rate 0: it changes no weight. Harmless; include_start=False in
        warmup_cosine and the others begins one step into the warm-up.
    >>> sc.check(sc.cosine(3e-4, 3e-5, 1_000), 1_000).sound
    True
    """
    given, steps = known_run(run, per)
    if isinstance(schedule, Relative):
        schedule = schedule.curve
    if isinstance(schedule, Curve):
        curve = schedule.resolve(given) if given else schedule
        curve(0)  # refuses lengths in units
        return ordered(examine(Course(curve, steps, curve, given, per)))
    if "torch" not in sys.modules:
        raise TypeError(f"schedule must be a curve or a torch scheduler, got {schedule!r}")
    from ..lr_scheduler.checks import check_schedulers

    return check_schedulers(schedule, given, steps, per)


def known_run(run: Any, per: str) -> tuple[Run | None, int | None]:
    """The run, and how many steps the scheduler takes in it."""
    if per not in ("step", "epoch"):
        raise ValueError(f"per must be 'step' or 'epoch', got {per!r}")
    given = run if run is None or isinstance(run, Run) else Run(steps=run)
    if given is None:
        if per == "epoch":
            raise ValueError("run must know its epochs for per='epoch', got None")
        return None, None
    if per == "step":
        if given.steps is None:
            raise ValueError(f"run must know its steps, got {given}")
        return given, given.steps
    epochs = given.epochs
    if epochs is None and given.steps is not None and given.steps_per_epoch is not None:
        epochs = given.steps / given.steps_per_epoch
    if epochs is None:
        raise ValueError(f"run must know its epochs for per='epoch', got {given}")
    return given, ceil(epochs)
