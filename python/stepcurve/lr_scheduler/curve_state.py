"""The state of a CurveScheduler: curves as text, and what a state dict must hold."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any, SupportsIndex

from ..curve import Curve
from ..reader import read
from ..relative import Relative
from .curve_groups import split_key

if TYPE_CHECKING:
    Schedule = Curve | Relative


def valid_state(state: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a state dict, of the right kinds."""
    parts = {"last_epoch": int, "curves": dict, "bases": dict, "base_lrs": list}
    for name, kind in parts.items():
        if not isinstance(state, Mapping) or not isinstance(state.get(name), kind):
            raise ValueError(
                f"state_dict is not of a CurveScheduler: it has no {name} of type {kind.__name__}"
            )
    step = whole_step("last_epoch of state_dict", state["last_epoch"])
    for key, texts in state["curves"].items():
        if not all(
            (text is None or isinstance(text, str))
            for text in (texts if isinstance(texts, list) else [texts])
        ):
            raise ValueError(f"curves of state_dict must be texts, got {texts!r} for {key}")
    for key, values in {**state["bases"], "base_lrs": state["base_lrs"]}.items():
        numbers = isinstance(values, list) and all(v is None or isinstance(v, int | float) for v in values)
        if not numbers or not all(v is None or isfinite(v) for v in values):
            raise ValueError(f"initial values of state_dict must be numbers, got {values!r} for {key}")
    return {**state, "last_epoch": step, "_step_count": int(state.get("_step_count", step + 1))}


def schedules(key: str, value: Any) -> Any:
    """A curve, or a tuple of one or None a group."""
    split_key(key)
    if isinstance(value, (list, tuple)):
        return tuple(each if each is None else _schedule(key, each) for each in value)
    return _schedule(key, value)


def _schedule(key: str, value: Any) -> Schedule:
    curve = value.curve if isinstance(value, Relative) else value
    if not isinstance(curve, Curve):
        raise TypeError(f"{key} must be a curve, relative(curve) or a list of these, got {value!r}")
    curve(0)  # refuses lengths in units
    return value  # type: ignore[no-any-return]


def text(schedule: Any) -> Any:
    if isinstance(schedule, tuple):
        return [text(each) for each in schedule]
    return None if schedule is None else repr(schedule)


def parsed(text: Any) -> Any:
    if isinstance(text, (list, tuple)):
        return [parsed(each) for each in text]
    if text is None:
        return None
    if text.startswith("relative("):
        return Relative(read(text.removeprefix("relative(")[:-1]))
    return read(text)


def whole_step(name: str, value: SupportsIndex) -> int:
    step = operator.index(value)
    if step < 0:
        raise ValueError(f"{name} must be >= 0, got {step}")
    return step
