"""The schedules to pick: their parameters, the curve, and the drop-in line of torch where there is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from .. import cooldowns, schedules, shapes
from ..presets.torch import OneCycleLR
from ..text import number_text

if TYPE_CHECKING:
    from ..curve import Curve

Values: TypeAlias = Mapping[str, float | str]


@dataclass(frozen=True)
class Param:
    """A number and its slider, logarithmic or not; or a choice, or a text."""

    name: str
    title: str
    default: float | str
    low: float = 0.0
    high: float = 100.0
    scale: Literal["log", "linear", "whole"] = "linear"
    step: float = 1.0
    options: tuple[str, ...] = ()

    def checked(self, value: object) -> float | str:
        """The value, if it is one: `lr must be from 1e-07 to 10, got 50`."""
        if self.options:
            if value not in self.options:
                raise ValueError(
                    f"{self.name} must be one of {', '.join(self.options)}, got {str(value)[:40]!r}"
                )
            return str(value)
        if isinstance(self.default, str):
            return str(value)
        try:
            number = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise ValueError(f"{self.name} must be a number, got {str(value)[:40]!r}") from None
        if not self.low <= number <= self.high or (self.scale == "whole" and number % 1):
            whole = "a whole number " if self.scale == "whole" else ""
            raise ValueError(
                f"{self.name} must be {whole}from {self.low:g} to {self.high:g}, got {str(value)[:40]}"
            )
        return number


Make: TypeAlias = Callable[[Values, int], "Curve"]
Line: TypeAlias = Callable[[Values, int], str]


@dataclass(frozen=True)
class Kind:
    """A schedule to pick; `make` gives its curve over a run of so many steps, `line` torch's or nothing."""

    title: str
    params: tuple[Param, ...]
    make: Make | None = None
    line: Line | None = None


def _lr(title: str = "learning rate", default: float = 0.05, name: str = "lr") -> Param:
    return Param(name, title, default, 1e-7, 10.0, "log")


def _share(name: str, title: str, default: float, low: float = 0.0, high: float = 100.0) -> Param:
    return Param(name, title, default, low, high)


def _number(values: Values, name: str) -> float:
    return float(values[name])


def _percent(values: Values, name: str) -> str:
    return f"{number_text(_number(values, name))}%"


def _part(values: Values, name: str, steps: int, least: int = 1) -> int:
    """So many percent of the run, in steps."""
    return max(least, int(_number(values, name) * steps / 100 + 0.5))


def _of_peak(values: Values, name: str, peak: str = "lr") -> float:
    return schedules._value(name, _percent(values, name), _number(values, peak))


def _constant(values: Values, steps: int) -> Curve:
    return shapes.constant(_number(values, "lr"))


def _step(values: Values, steps: int) -> Curve:
    return schedules.step_decay(
        _number(values, "lr"), _part(values, "every", steps), _number(values, "factor")
    )


def _step_line(values: Values, steps: int) -> str:
    gamma = number_text(_number(values, "factor"))
    return f"StepLR(optimizer, step_size={_part(values, 'every', steps)}, gamma={gamma})"


def _exponential(values: Values, steps: int) -> Curve:
    return shapes.exponential(_number(values, "lr"), _number(values, "end"), _part(values, "length", steps))


def _exponential_line(values: Values, steps: int) -> str:
    length = _part(values, "length", steps)
    if length < steps:
        return ""
    gamma = (_number(values, "end") / _number(values, "lr")) ** (1 / length)
    return f"ExponentialLR(optimizer, gamma={gamma!r})"


def _cosine(values: Values, steps: int) -> Curve:
    return shapes.cosine(_number(values, "lr"), _of_peak(values, "end"), _part(values, "length", steps))


def _cosine_line(values: Values, steps: int) -> str:
    length = _part(values, "length", steps)
    if length < steps:  # after it torch's rises again
        return ""
    return f"CosineAnnealingLR(optimizer, T_max={length}, eta_min={number_text(_of_peak(values, 'end'))})"


def _restarts(values: Values, steps: int) -> Curve:
    growth, decay = _number(values, "growth"), _number(values, "decay")
    first, end = _part(values, "first", steps), _percent(values, "end")
    return schedules.restarts(_number(values, "lr"), first, growth, decay=decay, end=end)


def _restarts_line(values: Values, steps: int) -> str:
    growth = _number(values, "growth")
    if growth % 1 or _number(values, "decay") != 1:
        return ""
    first, end = _part(values, "first", steps), number_text(_of_peak(values, "end"))
    return f"CosineAnnealingWarmRestarts(optimizer, T_0={first}, T_mult={int(growth)}, eta_min={end})"


def _one_cycle(values: Values, steps: int) -> Curve:
    curve = OneCycleLR(
        _number(values, "lr"),
        max(2, steps),
        pct_start=_number(values, "warmup") / 100,
        div_factor=_number(values, "div"),
        final_div_factor=_number(values, "final"),
        cycle_momentum=False,
    )
    assert not isinstance(curve, dict)
    return curve


def _one_cycle_line(values: Values, steps: int) -> str:
    given = {
        "max_lr": _number(values, "lr"),
        "total_steps": float(max(2, steps)),
        "pct_start": _number(values, "warmup") / 100,
        "div_factor": _number(values, "div"),
        "final_div_factor": _number(values, "final"),
    }
    options = ", ".join(f"{name}={number_text(value)}" for name, value in given.items())
    return f"OneCycleLR(optimizer, {options}, cycle_momentum=False)"


def _warmup_cosine(values: Values, steps: int) -> Curve:
    return schedules.warmup_cosine(
        _number(values, "lr"),
        max(2, steps),
        _part(values, "warmup", steps, 0),
        start=_percent(values, "start"),
        end=_percent(values, "end"),
    )


def _rise(values: Values, warmup: int) -> str:
    factor = number_text(_number(values, "start") / 100)
    return f"LinearLR(optimizer, start_factor={factor}, total_iters={warmup})"


def _warmup_cosine_line(values: Values, steps: int) -> str:
    warmup, end = _part(values, "warmup", steps, 0), number_text(_of_peak(values, "end"))
    fall = f"CosineAnnealingLR(optimizer, T_max={max(2, steps) - warmup}, eta_min={end})"
    if not warmup:
        return fall
    if not _number(values, "start") / 100:  # which LinearLR refuses
        return ""
    return f"SequentialLR(optimizer, [{_rise(values, warmup)}, {fall}], milestones=[{warmup}])"


def _wsd(values: Values, steps: int) -> Curve:
    warmup, cooldown = _part(values, "warmup", steps, 0), _part(values, "cooldown", steps, 0)
    return schedules.wsd(
        _number(values, "lr"),
        steps,
        warmup,
        min(cooldown, steps - warmup),
        kind=str(values["fall"]),
        start=_percent(values, "start"),
        end=_percent(values, "end"),
    )


def _wsd_line(values: Values, steps: int) -> str:
    warmup = _part(values, "warmup", steps, 0)
    cooldown = min(_part(values, "cooldown", steps, 0), steps - warmup)
    if values["fall"] != "linear" or not (warmup and cooldown and _number(values, "start") / 100):
        return ""
    end = number_text(_number(values, "end") / 100)
    fall = f"LinearLR(optimizer, start_factor=1, end_factor={end}, total_iters={cooldown})"
    hold, at = "ConstantLR(optimizer, factor=1)", [warmup, steps - cooldown]
    parts = f"{_rise(values, warmup)}, {hold}, {fall}"
    if at[0] == at[1]:
        parts, at = f"{_rise(values, warmup)}, {fall}", at[:1]
    return f"SequentialLR(optimizer, [{parts}], milestones={at})"


def _cyclic(values: Values, steps: int) -> Curve:
    decay = _number(values, "decay")
    low, high = _number(values, "low"), _number(values, "lr")
    return schedules.cyclic(low, high, _part(values, "up", steps), decay=decay)


def _cyclic_line(values: Values, steps: int) -> str:
    mode = {1.0: "triangular", 0.5: "triangular2"}.get(_number(values, "decay"))
    if mode is None:
        return ""
    lrs = f"base_lr={number_text(_number(values, 'low'))}, max_lr={number_text(_number(values, 'lr'))}"
    up = f"step_size_up={_part(values, 'up', steps)}"
    return f"CyclicLR(optimizer, {lrs}, {up}, mode={mode!r}, cycle_momentum=False)"


def _plateau_line(values: Values, steps: int) -> str:
    return f"ReduceLROnPlateau(optimizer, {plateau_options(values)})"


def plateau_options(values: Values) -> str:
    return f"factor={number_text(_number(values, 'factor'))}, patience={int(_number(values, 'patience'))}"


EXAMPLE = "linear(0, 0.05, 100) >> cosine(0.05, 0, 900)"
_END = _share("end", "end, % of the peak", 0.0)
_START = _share("start", "start, % of the peak", 1.0)
_WARMUP = _share("warmup", "warm-up, % of the run", 5.0, high=90.0)
_FACTOR = Param("factor", "factor", 0.3, 0.01, 0.99, step=0.01)
_DECAY = Param("decay", "height of each, times the one before", 1.0, 0.05, 1.0, step=0.05)
_LENGTH = _share("length", "length, % of the run", 100.0, 1.0, 200.0)

KINDS = {
    "constant": Kind(
        "constant", (_lr(),), _constant, lambda values, steps: "ConstantLR(optimizer, factor=1)"
    ),
    "step": Kind(
        "step", (_lr(), _share("every", "a cut every, % of the run", 30.0, 1.0), _FACTOR), _step, _step_line
    ),
    "exponential": Kind(
        "exponential", (_lr(), _lr("end", 1e-3, "end"), _LENGTH), _exponential, _exponential_line
    ),
    "cosine": Kind("cosine", (_lr(), _END, _LENGTH), _cosine, _cosine_line),
    "restarts": Kind(
        "cosine with restarts",
        (
            _lr("peak"),
            _share("first", "first cycle, % of the run", 15.0, 1.0),
            Param("growth", "each longer, times", 2.0, 1.0, 4.0, step=0.25),
            _DECAY,
            _END,
        ),
        _restarts,
        _restarts_line,
    ),
    "one_cycle": Kind(
        "1cycle",
        (
            _lr("peak"),
            _share("warmup", "peak at, % of the run", 30.0, 1.0, 99.0),
            Param("div", "start, peak divided by", 25.0, 1.0, 1e4, "log"),
            Param("final", "end, start divided by", 1e4, 1.0, 1e8, "log"),
        ),
        _one_cycle,
        _one_cycle_line,
    ),
    "warmup_cosine": Kind(
        "warm-up and cosine", (_lr("peak"), _WARMUP, _START, _END), _warmup_cosine, _warmup_cosine_line
    ),
    "wsd": Kind(
        "WSD: warm-up, stable, decay",
        (
            _lr("peak"),
            _WARMUP,
            _share("cooldown", "cooldown, % of the run", 20.0),
            Param("fall", "cooldown's shape", "1-sqrt", options=tuple(cooldowns.KINDS)),
            _START,
            _END,
        ),
        _wsd,
        _wsd_line,
    ),
    "cyclic": Kind(
        "cyclic",
        (
            _lr("high"),
            _lr("low", 1e-3, "low"),
            _share("up", "up in, % of the run", 10.0, 1.0),
            _DECAY,
        ),
        _cyclic,
        _cyclic_line,
    ),
    "plateau": Kind(
        "plateau, after the loss",
        (
            _lr(),
            _FACTOR,
            Param("patience", "patience, in measurements", 5.0, 0.0, 50.0, "whole"),
            Param("measured", "measurements in the run", 100.0, 2.0, 200.0, "whole"),
        ),
        None,
        _plateau_line,
    ),
    "expression": Kind(
        "an expression", (Param("text", "expression", "linear(0, 0.05, 100) >> cosine(0.05, 0, 900)"),)
    ),
}
