"""CurveScheduler: hyperparameters along curves, and a resume that is right."""

from __future__ import annotations

import operator
import re
import weakref
from functools import update_wrapper
from math import nan
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex

import torch
from torch.optim import lr_scheduler as torchs

from .. import _core
from ..curve import Curve
from ..relative import Relative
from ..text import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Schedule = Curve | Relative

_KEY = re.compile(r"([A-Za-z_]\w*)(?:\[(\d+)\])?")
SCALES = {"lr": "lr_scale", "weight_decay": "wd_mult"}
RESUMES = ("same", "new", "checkpoint")


class CurveScheduler(torchs.LRScheduler):
    """Any hyperparameter of any param group along a curve: values depend on the step alone, not on the last.

    Each keyword is a key of the param groups, ``**{"betas[0]": curve}`` an element of a tuple there. It takes
    a `Curve` of absolute values, `stepcurve.relative(curve)`, which multiplies each group's own initial
    value, or a list with one of these a group, None for a group that is left alone. ``group["lr_scale"]``
    multiplies the lr where present, ``group["wd_mult"]`` the weight decay.

    The values of step 0 are set at once, those of step n by the n-th `step()`. With `follow` the optimizer's
    own steps advance the scheduler, so that those that a GradScaler skips do not count. Nothing is wrapped
    and no group gains a key.

    `load_state_dict` sets the values of the loaded step, and so does a state loaded into the optimizer, in
    any order. If the curves are not the checkpoint's, it is a ValueError; with resume="new" the new curves go
    on at the same step, with resume="checkpoint" the stored ones replace those given here.

    >>> import torch, stepcurve as sc
    >>> from stepcurve.lr_scheduler import CurveScheduler
    >>> optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1, momentum=0.9)
    >>> scheduler = CurveScheduler(optimizer, lr=sc.linear(0, 0.1, 10) >> sc.cosine(0.1, 0, 90))
    >>> for _ in range(5):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> optimizer.param_groups[0]["lr"], scheduler.peek(5)
    (0.05, [0.1])
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        *,
        follow: bool = False,
        resume: Literal["same", "new", "checkpoint"] = "same",
        **curves: Schedule | Sequence[Schedule | None],
    ) -> None:
        if not isinstance(optimizer, torch.optim.Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        if not curves:
            raise TypeError("CurveScheduler needs a curve: CurveScheduler(optimizer, lr=curve)")
        if resume not in RESUMES:
            raise ValueError(f"resume must be {', '.join(map(repr, RESUMES))}, got {resume!r}")
        self.optimizer = optimizer
        self.resume = resume
        self.follow = bool(follow)
        self.curves = {key: _schedules(key, value) for key, value in curves.items()}
        self._plan: dict[str, list[Any]] = {}
        self._members: list[int] = []
        self._meet_groups()
        self.base_lrs = [_plain(group.get("initial_lr", group["lr"])) for group in optimizer.param_groups]
        self._step_count = 1
        self._is_initial = self._get_lr_called_within_step = False
        self._move(0)
        self._listen()

    def step(self, epoch: SupportsIndex | None = None) -> None:
        """Set the values of the next step, or of the given one. Not with `follow`: the optimizer does it."""
        self._refuse_by_hand()
        self._move(self.last_epoch + 1 if epoch is None else _step("epoch", epoch))
        self._step_count += 1

    def _refuse_by_hand(self) -> None:
        if self.follow:
            raise RuntimeError(
                "follow=True: the optimizer's own steps advance this scheduler, so step() must not be called"
            )

    def seek(self, step: SupportsIndex) -> None:
        """Go to a step, forwards or back, and set its values."""
        self._move(_step("step", step))

    def peek(self, steps: SupportsIndex) -> list[float]:
        """The learning rates so many steps from now, one a group, if nothing else changes."""
        at = self.last_epoch + operator.index(steps)
        self._meet_groups()
        return self._lrs(self._values(_step("last_epoch + steps", at)))

    def get_lr(self) -> list[Any]:
        """The learning rates of the present step."""
        if self._get_lr_called_within_step:  # as Ignite asks, which then writes the lr itself and counts
            self._refuse_by_hand()
            self._move(self.last_epoch)
        return self.peek(0)

    def state_dict(self) -> dict[str, Any]:
        """The step, the initial values that relative curves multiply, and the text of the curves."""
        return {
            "last_epoch": self.last_epoch,
            "_step_count": self._step_count,
            "_last_lr": [_plain(lr) for lr in self._last_lr],
            "base_lrs": [*self.base_lrs],
            "curves": {key: _text(schedule) for key, schedule in self.curves.items()},
            "bases": {key: [base for _, base in plan] for key, plan in self._plan.items()},
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where the state was saved; see the class for curves that differ."""
        missing = {"last_epoch", "curves", "bases", "base_lrs"} - set(state_dict)
        if missing:
            raise ValueError(f"state_dict is not of a CurveScheduler: it has no {', '.join(sorted(missing))}")
        curves = self.curves
        if self.resume != "new":
            curves = self._agreed(state_dict["curves"])
        step = _step("last_epoch of state_dict", state_dict["last_epoch"])
        before = self.curves, self._plan, self._members
        try:
            if curves is not self.curves:
                self.curves, self._plan, self._members = curves, {}, []
            self._meet_groups()
            self._plan = {
                key: self._based(key, plan, state_dict["bases"]) for key, plan in self._plan.items()
            }
            self._move(step)
        except BaseException:
            self.curves, self._plan, self._members = before
            raise
        self._step_count = int(state_dict.get("_step_count", step + 1))
        self.base_lrs = [*state_dict["base_lrs"]]

    def _agreed(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        own = {key: _text(schedule) for key, schedule in self.curves.items()}
        if self.resume == "checkpoint":
            return {key: _schedules(key, _parsed(text)) for key, text in stored.items()}
        if own != dict(stored):
            differ = [key for key in {**own, **stored} if own.get(key) != stored.get(key)]
            lines = [f"  {key}: {stored.get(key)} in the checkpoint, {own.get(key)} here" for key in differ]
            raise ValueError(
                "the curves are not the checkpoint's:\n"
                + "\n".join(lines)
                + '\nresume="new" goes on along the new ones, resume="checkpoint" along the stored ones'
            )
        return self.curves

    def _based(self, key: str, plan: list[Any], bases: Mapping[str, Any]) -> list[Any]:
        """The plan with the initial values of the checkpoint, for relative curves."""
        stored = bases.get(key, [])
        if len(stored) != len(plan):
            if any(base is not None for _, base in plan):
                raise ValueError(
                    f"the checkpoint has {len(stored)} param groups for {key}, here are {len(plan)}"
                )
            return plan
        return [
            (curve, base if base is None or old is None else float(old))
            for (curve, base), old in zip(plan, stored, strict=True)
        ]

    def _move(self, step: int) -> None:
        self._meet_groups()
        values = self._values(step)
        self._write(values)
        self.last_epoch = step
        self._last_lr: list[Any] = self._lrs(values)
        self._drive = self._driven()

    def _meet_groups(self) -> None:
        """Take in which groups there are: nothing of them but what relative curves multiply is kept."""
        groups = self.optimizer.param_groups
        members = [_member(group) for group in groups]
        if members == self._members:
            return
        self._plan = {key: self._planned(key, groups, members) for key in self.curves}
        self._members = members

    def _planned(self, key: str, groups: Sequence[Any], members: Sequence[int]) -> list[Any]:
        schedule, known = self.curves[key], dict(zip(self._members, self._plan.get(key, []), strict=False))
        listed = isinstance(schedule, tuple)
        if listed and not known and len(schedule) != len(groups):
            raise ValueError(f"{key} has {len(schedule)} curves for {len(groups)} param groups")
        plan = []
        for i, (group, member) in enumerate(zip(groups, members, strict=True)):
            if listed and known and member not in known:
                raise ValueError(f"param group {i} was added, and the list for {key} has no curve for it")
            own = known.get(member)
            if own is None:
                own = _begun(key, schedule[i] if listed else schedule, group, i)
            plan.append(own)
        return plan

    def _values(self, step: int) -> list[tuple[Any, str, int | None, float]]:
        """What is to be written: group, key, place in a tuple, value."""
        at: dict[int, float] = {}
        values = []
        for key, plan in self._plan.items():
            name, place = _split(key)
            scale = SCALES.get(name, "")
            for group, (curve, base) in zip(self.optimizer.param_groups, plan, strict=True):
                if curve is None:
                    continue
                if id(curve) not in at:
                    at[id(curve)] = curve(step)
                value = at[id(curve)] if base is None else at[id(curve)] * base
                values.append((group, name, place, value * group[scale] if scale in group else value))
        return values

    def _lrs(self, values: Sequence[tuple[Any, str, int | None, float]]) -> list[float]:
        lrs = {id(group): value for group, name, _, value in values if name == "lr"}
        return [lrs.get(id(group), group["lr"]) for group in self.optimizer.param_groups]

    def _write(self, values: Sequence[tuple[Any, str, int | None, float]]) -> None:
        tensors = []
        for group, name, place, value in values:
            present = group[name]
            if place is not None:
                group[name] = type(present)((*present[:place], value, *present[place + 1 :]))
            elif isinstance(present, torch.Tensor):
                tensors.append((present, value))
            else:
                group[name] = value
        if tensors:
            _fill(tensors)

    def _listen(self) -> None:
        """By weak references: the optimizer must not keep a scheduler alive that is gone."""
        me = weakref.ref(self)

        def loaded(_: torch.optim.Optimizer) -> None:
            if scheduler := me():
                scheduler._move(scheduler.last_epoch)

        def stepped(optimizer: torch.optim.Optimizer, *_: object) -> None:
            # A fused optimizer skips a step by itself where a GradScaler found an infinity.
            found_inf = getattr(optimizer, "found_inf", None)
            scheduler = me()
            if scheduler is None or (found_inf is not None and found_inf.item()):
                return
            if not _core.advance_curves(scheduler):
                scheduler._move(scheduler.last_epoch + 1)
                scheduler._step_count += 1

        self.optimizer.register_load_state_dict_post_hook(loaded)
        if self.follow:
            self.optimizer.register_step_post_hook(stepped)

    def _driven(self) -> _core.Drive:
        """What a step does, for the core: it then takes the steps at which nothing else has changed."""
        tracks = []
        for key, plan in self._plan.items():
            name, place = _split(key)
            cores = [None if curve is None else curve._node for curve, _ in plan]
            bases = [nan if base is None else base for _, base in plan]
            tracks.append((name, -1 if place is None else place, SCALES.get(name), cores, bases))
        views = [group["lr"] for group in self.optimizer.param_groups]
        whole = views[0]._base if views and isinstance(views[0], torch.Tensor) else None
        if whole is None or any(not _is_view(view, whole) for view in views) or whole.numel() != len(views):
            return _core.Drive(tracks, self._members, None, [])
        return _core.Drive(tracks, self._members, whole, views)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("_members", "_drive")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._members = [_member(group) for group in self.optimizer.param_groups]
        self._listen()


CurveScheduler.step = update_wrapper(_core.curve_step(), CurveScheduler.step)  # type: ignore[method-assign]


def _split(key: str) -> tuple[str, int | None]:
    match = _KEY.fullmatch(key)
    if match is None:
        raise ValueError(f"a key must be like lr or betas[0], got {key!r}")
    return match[1], None if match[2] is None else int(match[2])


def _schedules(key: str, value: Any) -> Any:
    """A curve, or a tuple of one or None a group."""
    _split(key)
    if isinstance(value, (list, tuple)):
        return tuple(each if each is None else _schedule(key, each) for each in value)
    return _schedule(key, value)


def _schedule(key: str, value: Any) -> Schedule:
    curve = value.curve if isinstance(value, Relative) else value
    if not isinstance(curve, Curve):
        raise TypeError(f"{key} must be a curve, relative(curve) or a list of these, got {value!r}")
    curve(0)  # refuses lengths in units
    return value  # type: ignore[no-any-return]


def _text(schedule: Any) -> Any:
    if isinstance(schedule, tuple):
        return [_text(each) for each in schedule]
    return None if schedule is None else repr(schedule)


def _parsed(text: Any) -> Any:
    if isinstance(text, (list, tuple)):
        return [_parsed(each) for each in text]
    if text is None:
        return None
    if text.startswith("relative("):
        return Relative(parse(text.removeprefix("relative(")[:-1]))
    return parse(text)


def _begun(key: str, schedule: Schedule | None, group: Mapping[str, Any], index: int) -> Any:
    """The curve of a group and what it multiplies, None for nothing."""
    name, place = _split(key)
    if schedule is None:
        return None, None
    if name not in group:
        raise ValueError(f"param group {index} has no {name!r}")
    present = group["initial_lr"] if name == "lr" and "initial_lr" in group else group[name]
    if place is not None:
        if not isinstance(present, (tuple, list)) or place >= len(present):
            raise ValueError(f"param group {index} has no {key!r}: {name} is {present!r}")
        present = present[place]
    if isinstance(present, bool) or not isinstance(present, (int, float, torch.Tensor)):
        raise ValueError(f"{key} of param group {index} is no number: {present!r}")
    if isinstance(schedule, Relative):
        return schedule.curve, _plain(present)
    return schedule, None


def _is_view(lr: Any, whole: torch.Tensor) -> bool:
    return isinstance(lr, torch.Tensor) and lr._base is whole and lr.dim() == 0 and not whole.requires_grad


def _member(group: Mapping[str, Any]) -> int:
    """What a group is known by: a loaded state makes new dicts of the same params."""
    return id(group["params"][0]) if group["params"] else id(group)


def _plain(value: Any) -> float:
    return float(value)


def _step(name: str, value: SupportsIndex) -> int:
    step = operator.index(value)
    if step < 0:
        raise ValueError(f"{name} must be >= 0, got {step}")
    return step


@torch.no_grad()
def _fill(tensors: Sequence[tuple[torch.Tensor, float]]) -> None:
    """In place, without reading; all views of one tensor that they make up by one copy."""
    families: dict[int, list[tuple[torch.Tensor, float]]] = {}
    for tensor, value in tensors:
        families.setdefault(id(tensor if tensor._base is None else tensor._base), []).append((tensor, value))
    for family in families.values():
        whole = family[0][0]._base
        places = {view.storage_offset(): value for view, value in family if view.dim() == 0}
        if whole is not None and whole.is_contiguous() and len(places) == whole.numel():
            _copy(whole, [value for _, value in sorted(places.items())])
        else:
            for tensor, value in family:
                tensor.fill_(value)


def _copy(whole: torch.Tensor, values: list[float]) -> None:
    if min(values) == max(values):
        whole.fill_(values[0])
    else:
        whole.copy_(torch.tensor(values, dtype=whole.dtype).view_as(whole))
