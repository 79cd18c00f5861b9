"""Param groups as a CurveScheduler meets them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ..relative import Relative

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..curve import Curve

_KEY = re.compile(r"([A-Za-z_]\w*)(?:\[(0|[1-9]\d*)\])?", re.ASCII)
SCALES = {"lr": "lr_scale", "weight_decay": "wd_mult"}


def split_key(key: str) -> tuple[str, int | None]:
    match = _KEY.fullmatch(key)
    if match is None or match[1] == "params":
        raise ValueError(f"a key must be like lr or betas[0], got {key!r}")
    return match[1], None if match[2] is None else int(match[2])


def begun(key: str, schedule: Curve | Relative | None, group: Mapping[str, Any], index: int) -> Any:
    """The curve of a group and what it multiplies, None for nothing."""
    name, place = split_key(key)
    if schedule is None:
        return None, None
    if name not in group:
        raise ValueError(f"param group {index} has no {name!r}")
    present = group["initial_lr"] if name == "lr" and "initial_lr" in group else group[name]
    if place is not None:
        if not isinstance(present, (tuple, list)) or place >= len(present):
            raise ValueError(f"param group {index} has no {key!r}: {name} is {present!r}")
        present = present[place]
    if isinstance(present, bool) or not isinstance(present, (int, float, np.number, torch.Tensor)):
        raise ValueError(f"{key} of param group {index} is no number: {present!r}")
    if isinstance(present, torch.Tensor) and not present.is_floating_point():
        raise ValueError(f"{key} of param group {index} cannot hold a fraction: {present!r}")
    if isinstance(schedule, Relative):
        return schedule.curve, plain(present)
    return schedule, None


class Member:
    """What a group is known by: its dict, and its first param, for a loaded state makes new dicts."""

    __slots__ = ("first", "group")

    def __init__(self, group: Mapping[str, Any]) -> None:
        self.group = group
        self.first = group["params"][0] if group["params"] else None

    def is_(self, other: Member) -> bool:
        return self.group is other.group or self.first is other.first


def plain(value: Any) -> float:
    return float(value.detach() if isinstance(value, torch.Tensor) else value)


def are_all(views: Sequence[Any], whole: torch.Tensor) -> bool:
    """Whether these are scalar views of every element of a tensor, one each."""
    family = [
        view for view in views if isinstance(view, torch.Tensor) and view._base is whole and not view.dim()
    ]
    places = {view.storage_offset() for view in family}
    return len(family) == len(views) == len(places) == whole.numel()


@torch.no_grad()
def fill(tensors: Sequence[tuple[torch.Tensor, float]]) -> None:
    """In place, without reading; all views of one tensor that they make up by one copy."""
    families: dict[int, list[tuple[torch.Tensor, float]]] = {}
    for tensor, value in tensors:
        families.setdefault(id(tensor if tensor._base is None else tensor._base), []).append((tensor, value))
    for family in families.values():
        whole = family[0][0]._base
        if whole is not None and whole.is_contiguous() and are_all([view for view, _ in family], whole):
            _copy(
                whole,
                [value for _, value in sorted((view.storage_offset(), value) for view, value in family)],
            )
        else:
            for tensor, value in family:
                tensor.fill_(value)


def _copy(whole: torch.Tensor, values: list[float]) -> None:
    if min(values) == max(values):
        whole.fill_(values[0])
    else:
        whole.copy_(torch.tensor(values, dtype=whole.dtype).view_as(whole))
