"""What a state dict of torch's schedulers says of a CurveScheduler: the closed form of its curve."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from torch.optim import lr_scheduler as torchs

from ..curve import join
from .closed_form import of_base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..curve import Curve

# A state does not name its class: the attributes that show which it is, the telling ones first.
_MARKS: dict[str, Any] = {
    "T_max": torchs.CosineAnnealingLR,
    "T_0": torchs.CosineAnnealingWarmRestarts,
    "step_size": torchs.StepLR,
    "milestones": torchs.MultiStepLR,
    "start_factor": torchs.LinearLR,
    "power": torchs.PolynomialLR,
    "factor": torchs.ConstantLR,
    "gamma": torchs.ExponentialLR,
}
_OTHERS = {"lr_lambdas", "patience", "total_size", "_schedule_phases", "anneal_epochs"}


def from_torch(state: Mapping[str, Any], closed_form: bool) -> dict[str, Any]:
    """The state of a CurveScheduler where torch's scheduler stood, without curves if those are not wanted."""
    curves = _curves(state) if closed_form else []
    bases = [float(lr) for lr in _base_lrs(state)]
    return {
        "last_epoch": state["last_epoch"],
        "_step_count": state["last_epoch"] + 1,
        "base_lrs": bases,
        "curves": {"lr": [repr(curve) for curve in curves]},
        "bases": {},
    }


def _base_lrs(state: Mapping[str, Any]) -> Any:
    return _base_lrs(state["_schedulers"][0]) if state.get("_schedulers") else state.get("base_lrs", [])


def _curves(state: Mapping[str, Any]) -> list[Curve]:
    """One a param group."""
    if "_milestones" in state:
        members = [_curves(each) for each in state["_schedulers"]]
        if any("_schedulers" in each for each in state["_schedulers"]):
            raise ValueError("no closed form: a scheduler made of others is a part of another")
        return [join(pieces, state["_milestones"]) for pieces in zip(*members, strict=True)]
    kind = next((kind for mark, kind in _MARKS.items() if mark in state), None)
    if kind is None or _OTHERS & set(state):
        raise ValueError(
            "state_dict is neither of a CurveScheduler nor of a torch scheduler with a closed form"
        )
    return [of_base(kind, SimpleNamespace(**state), float(lr)) for lr in state["base_lrs"]]
