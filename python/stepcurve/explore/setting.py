"""What the page shows, as a value: to and from the query of its address, each value checked on its way in."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

from ..descent import SURFACES
from ..text import number_text
from .kinds import KINDS, Param

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

T = TypeVar("T")

LETTERS = "ABCDEF"
MAX_SCHEDULES = len(LETTERS)
MAX_STEPS = 1_000_000
MAX_SEEDS = 1_024
MAX_TEXT = 2_000
MAX_QUERY = 20_000


@dataclass(frozen=True)
class Schedule:
    """A kind of schedule and the values of its parameters; what is not given is the default."""

    kind: str
    values: Mapping[str, float | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"schedule must be one of {', '.join(KINDS)}, got {self.kind[:40]!r}")
        params = {param.name: param for param in KINDS[self.kind].params}
        for name in self.values:
            if name not in params:
                raise ValueError(f"{self.kind} has {', '.join(params)}, not {name[:40]!r}")
        values = {name: param.checked(self.values.get(name, param.default)) for name, param in params.items()}
        text = values.get("text", "")
        if isinstance(text, str) and len(text) > MAX_TEXT:
            raise ValueError(f"an expression may have {MAX_TEXT} characters here, got {len(text)}")
        object.__setattr__(self, "values", values)

    def to_text(self) -> str:
        """`cosine:lr=0.1,end=10`, without what is the default; the text of an expression as it is."""
        if self.kind == "expression":
            return f"expression:{self.values['text']}"
        defaults = {param.name: param.default for param in KINDS[self.kind].params}
        changed = {name: value for name, value in self.values.items() if value != defaults[name]}
        return f"{self.kind}:" + ",".join(f"{name}={_text(value)}" for name, value in changed.items())

    @classmethod
    def from_text(cls, text: str) -> Schedule:
        kind, _, rest = text.partition(":")
        if kind == "expression":
            return cls(kind, {"text": rest})
        pairs = [pair.partition("=") for pair in rest.split(",") if pair]
        return cls(kind, {name: value for name, _, value in pairs})


def _text(value: float | str) -> str:
    return value if isinstance(value, str) else number_text(float(value))


COMMON = {
    "surface": Param("surface", "surface", "bowl", options=tuple(SURFACES)),
    "momentum": Param("momentum", "momentum", 0.9, 0.0, 0.999, step=0.01),
    "with_momentum": Param("with_momentum", "paths and losses", "no", options=("no", "yes")),
    "noise": Param("noise", "noise, times the surface's own", 1.0, 0.0, 10.0, step=0.1),
    "steps": Param("steps", "steps of the run", 1_000.0, 1.0, MAX_STEPS, "whole"),
    "seeds": Param("seeds", "seeds", 64.0, 1.0, MAX_SEEDS, "whole"),
    "seed": Param("seed", "first seed", 0.0, 0.0, 2**32, "whole"),
    "shown": Param("shown", "path shown, of the seeds", 0.0, 0.0, MAX_SEEDS - 1, "whole"),
    "log": Param("log", "scale of the learning rate", "linear", options=("linear", "log")),
    "picked": Param("picked", "schedule to edit", 0.0, 0.0, MAX_SCHEDULES - 1, "whole"),
}

FIRST = (Schedule("constant", {"lr": 0.06}), Schedule("warmup_cosine"), Schedule("plateau"))


@dataclass(frozen=True)
class Setting:
    """All that a link restores."""

    schedules: tuple[Schedule, ...] = FIRST
    surface: str = "bowl"
    momentum: float = 0.9
    with_momentum: str = "no"
    noise: float = 1.0
    steps: int = 1_000
    seeds: int = 64
    seed: int = 0
    shown: int = 0
    log: str = "linear"
    picked: int = 0

    def with_value(self, name: str, value: object) -> Setting:
        """With one of the common values changed; a ValueError if it cannot be."""
        checked = COMMON[name].checked(value)
        return replace(self, **{name: int(checked) if COMMON[name].scale == "whole" else checked})  # type: ignore[arg-type]

    def with_schedule(self, place: int, schedule: Schedule) -> Setting:
        schedules = [*self.schedules]
        schedules[place] = schedule
        return replace(self, schedules=tuple(schedules))

    def to_query(self) -> str:
        """As it stands in the page's address, without what is the default."""
        pairs = [("s", schedule.to_text()) for schedule in self.schedules]
        defaults = {each.name: each.default for each in fields(self)}
        changed = [name for name in COMMON if getattr(self, name) != defaults[name]]
        return urlencode([*pairs, *((name, _text(getattr(self, name))) for name in changed)])


def from_query(arguments: Mapping[str, Iterable[bytes]]) -> tuple[Setting, list[str]]:
    """The setting of an address, and a message for each value in it that is refused."""
    read = {name: [each.decode("utf-8", "replace") for each in values] for name, values in arguments.items()}
    if sum(len(value) for values in read.values() for value in values) > MAX_QUERY:
        return Setting(), [f"the address has more than {MAX_QUERY} characters"]
    messages: list[str] = []

    def tried(make: Callable[[], T], otherwise: T) -> T:
        try:
            return make()
        except ValueError as error:
            messages.append(str(error))
            return otherwise

    texts = read.get("s", [])
    if len(texts) > MAX_SCHEDULES:
        messages.append(f"at most {MAX_SCHEDULES} schedules, got {len(texts)}")
    given = [tried(partial(Schedule.from_text, text), None) for text in texts[:MAX_SCHEDULES]]
    setting = Setting(tuple(each for each in given if each) or FIRST)
    for name in COMMON:
        for value in read.get(name, [])[:1]:
            setting = tried(partial(setting.with_value, name, value), setting)
    return replace(setting, picked=min(setting.picked, len(setting.schedules) - 1)), messages
