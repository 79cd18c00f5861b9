"""The table of rules: an id, and a function of a course that tells something or gives None."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .findings import SEVERITIES, Finding, Findings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .course import Course
    from .findings import Severity


class Told(NamedTuple):
    severity: Severity
    steps: tuple[float, float] | None
    message: str
    remedy: str


RULES: dict[str, Callable[[Course], Told | None]] = {}
OF_VALUES: set[str] = set()
"""Those that hold for any hyperparameter, not for learning rates alone."""


def rule(
    identity: str, any_value: bool = False
) -> Callable[[Callable[[Course], Told | None]], Callable[[Course], Told | None]]:
    """Put a function into the table."""

    def add(function: Callable[[Course], Told | None]) -> Callable[[Course], Told | None]:
        RULES[identity] = function
        if any_value:
            OF_VALUES.add(identity)
        return function

    return add


def finding(identity: str, told: Told) -> Finding:
    steps = None if told.steps is None else (int(told.steps[0]), int(told.steps[1]))
    return Finding(identity, told.severity, steps, told.message, told.remedy)


def examine(course: Course, only: Iterable[str] | None = None) -> list[Finding]:
    """What the rules tell of a course."""
    chosen = RULES if only is None else {identity: RULES[identity] for identity in RULES if identity in only}
    told = {identity: function(course) for identity, function in chosen.items()}
    return [finding(identity, each) for identity, each in told.items() if each is not None]


def ordered(findings: Iterable[Finding]) -> Findings:
    return Findings(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))
