"""Findings: what a check has to tell."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True)
class Finding:
    """One thing that a check found. `steps` are the first and the last that it speaks of, None for all.

    >>> import stepcurve as sc
    >>> finding = sc.check(sc.cosine(0.1, 0, 100), 1_000)[0]
    >>> finding.id, finding.severity, finding.steps
    ('ends-early', 'warning', (100, 999))
    """

    id: str
    severity: Severity
    steps: tuple[int, int] | None
    message: str
    remedy: str

    def __str__(self) -> str:
        where = "" if self.steps is None else f", steps {count(self.steps[0])} to {count(self.steps[1])}"
        body = textwrap.fill(
            f"{self.message} {self.remedy}",
            100,
            initial_indent="    ",
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        return f"{self.severity}: {self.id}{where}\n{body}"


class Findings(tuple[Finding, ...]):
    """The findings of a check, the gravest first; printed, a paragraph each."""

    __slots__ = ()

    @property
    def sound(self) -> bool:
        """Whether there is neither an error nor a warning."""
        return all(finding.severity == "info" for finding in self)

    def __repr__(self) -> str:
        return "\n\n".join(map(str, self)) if self else "no findings"


def count(steps: float) -> str:
    """A number of steps as text."""
    return f"{steps:,.0f}" if float(steps).is_integer() else f"{steps:,.6g}"
