"""CurveScheduler: hyperparameters along curves, and a resume that is right."""

from __future__ import annotations

import operator
import weakref
from collections.abc import Mapping
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex

import torch
from torch.optim import lr_scheduler as torchs

from .. import _core
from .curve_groups import SCALES, Member, are_all, begun, fill, plain, split_key
from .curve_state import parsed, schedules, text, valid_state, whole_step
from .torch_state import from_torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..checks import Per
    from ..checks.findings import Findings
    from ..numbers import Number
    from ..run import Run
    from .curve_state import Schedule

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
        if not isinstance(follow, bool):
            raise TypeError(f"follow must be a bool, got {follow!r}")
        self.resume = resume
        self.follow = follow
        self.curves = {key: schedules(key, value) for key, value in curves.items()}
        self._plan: dict[str, list[Any]] = {}
        self._drive: _core.Drive | None = None
        self._members: list[Member] = []
        self._meet_groups()
        self.base_lrs = [plain(group.get("initial_lr", group["lr"])) for group in optimizer.param_groups]
        self._step_count = 1
        self._is_initial = self._get_lr_called_within_step = False
        self._move(0)
        self._listen()

    def step(self, epoch: SupportsIndex | None = None) -> None:
        """Set the values of the next step, or of the given one. Not with `follow`: the optimizer does it."""
        self._refuse_by_hand()
        self._move(self.last_epoch + 1 if epoch is None else whole_step("epoch", epoch))
        self._step_count += 1

    def _refuse_by_hand(self) -> None:
        if self.follow:
            raise RuntimeError(
                "follow=True: the optimizer's own steps advance this scheduler, so step() must not be called"
            )

    def seek(self, step: SupportsIndex) -> None:
        """Go to a step, forwards or back, and set its values."""
        self._move(whole_step("step", step))

    def peek(self, steps: SupportsIndex) -> list[float]:
        """The learning rates so many steps from now, one a group, if nothing else changes."""
        at = self.last_epoch + operator.index(steps)
        self._meet_groups()
        return self._lrs(self._values(whole_step("last_epoch + steps", at)))

    def check(self, run: Run | Number | None = None, *, per: Per = "step") -> Findings:
        """What is likely wrong with the curves for a run; see `stepcurve.check`."""
        from ..checks import check

        return check(self, run, per=per)

    def get_lr(self) -> list[Any]:
        """The learning rates of the present step."""
        if self._get_lr_called_within_step:  # as Ignite asks, which then writes the lr itself and counts
            self._refuse_by_hand()
            self._move(self.last_epoch)
        return self.peek(0)

    def state_dict(self) -> dict[str, Any]:
        """The step, the initial values that relative curves multiply, and the text of the curves."""
        self._meet_groups()
        return {
            "last_epoch": int(self.last_epoch),
            "_step_count": int(self._step_count),
            "_last_lr": [plain(lr) for lr in self._last_lr],
            "base_lrs": [*self.base_lrs],
            "curves": {key: text(schedule) for key, schedule in self.curves.items()},
            "bases": {key: [base for _, base in plan] for key, plan in self._plan.items()},
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where the state was saved; see the class for curves that differ.

        It may be the state of a scheduler of torch's that has a closed form, which is then its curve; with
        resume="new" of any.
        """
        if isinstance(state_dict, Mapping) and "curves" not in state_dict and "last_epoch" in state_dict:
            state_dict = from_torch(state_dict, closed_form=self.resume != "new")
        state = valid_state(state_dict)
        curves = self.curves if self.resume == "new" else self._agreed(state["curves"])
        before = self.curves, self._plan, self._members
        try:
            if curves is not self.curves:
                self.curves, self._plan, self._members = curves, {}, []
            self._meet_groups()
            self._plan = {key: self._based(key, plan, state) for key, plan in self._plan.items()}
            self._move(state["last_epoch"])
        except BaseException:
            self.curves, self._plan, self._members = before
            raise
        self._step_count = state["_step_count"]
        self.base_lrs = state["base_lrs"]

    def _agreed(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        own = {key: text(schedule) for key, schedule in self.curves.items()}
        for key, texts in stored.items():  # the same for every group is the same as one for all
            if isinstance(own.get(key), str) and isinstance(texts, list) and len({*texts}) == 1:
                stored = {**stored, key: texts[0]}
        if self.resume == "checkpoint":
            return {key: schedules(key, parsed(texts)) for key, texts in stored.items()}
        if own != dict(stored):
            differ = [key for key in {**own, **stored} if own.get(key) != stored.get(key)]
            lines = [f"  {key}: {stored.get(key)} in the checkpoint, {own.get(key)} here" for key in differ]
            raise ValueError(
                "the curves are not the checkpoint's:\n"
                + "\n".join(lines)
                + '\nresume="new" goes on along the new ones, resume="checkpoint" along the stored ones'
            )
        return self.curves

    def _based(self, key: str, plan: list[Any], state: Mapping[str, Any]) -> list[Any]:
        """The plan with the initial values of the checkpoint, for relative curves."""
        stored = state["bases"].get(key, [None] * len(plan))
        if len(stored) != len(plan):
            if any(base is not None for _, base in plan):
                raise ValueError(
                    f"the checkpoint has {len(stored)} param groups for {key}, here are {len(plan)}"
                )
            return plan
        if key == "lr" and len(state["base_lrs"]) == len(plan):  # of curves that were absolute
            stored = [lr if old is None else old for old, lr in zip(stored, state["base_lrs"], strict=True)]
        return [
            (curve, base if base is None or old is None else old)
            for (curve, base), old in zip(plan, stored, strict=True)
        ]

    def _move(self, step: int) -> None:
        self._meet_groups()
        values = self._values(step)
        lrs, drive = self._lrs(values), self._driven()
        self._write(values)  # from here on nothing needs memory
        self.last_epoch = step
        self._last_lr: list[Any] = lrs
        self._drive = drive

    def _meet_groups(self) -> None:
        """Take in which groups there are: nothing of them but what relative curves multiply is kept."""
        groups = self.optimizer.param_groups
        met = [Member(group) for group in groups]
        if len(met) == len(self._members) and all(map(Member.is_, met, self._members)):
            self._members = met
            return
        was = [self._place_of(member, i) for i, member in enumerate(met)]
        self._plan = {key: self._planned(key, groups, was) for key in self.curves}
        self._members = met
        self._drive = None  # until the next step

    def _place_of(self, member: Member, index: int) -> int | None:
        """Where a group was when it was met last; an empty one with a new dict is known by its place."""
        for i, other in enumerate(self._members):
            if member.is_(other) and (other.group is member.group or member.first is not None or i == index):
                return i
        return None

    def _planned(self, key: str, groups: Sequence[Any], was: Sequence[int | None]) -> list[Any]:
        schedule, known = self.curves[key], self._plan.get(key)
        listed = isinstance(schedule, tuple)
        if listed and known is None and len(schedule) != len(groups):
            raise ValueError(f"{key} has {len(schedule)} curves for {len(groups)} param groups")
        plan = []
        for i, (group, place) in enumerate(zip(groups, was, strict=True)):
            if known is not None and place is not None:
                plan.append(known[place])
            elif listed and known is not None:
                raise ValueError(f"param group {i} was added, and the list for {key} has no curve for it")
            else:
                plan.append(begun(key, schedule[i] if listed else schedule, group, i))
        return plan

    def _values(self, step: int) -> list[tuple[Any, str, int | None, float]]:
        """What is to be written: group, key, place in a tuple, value."""
        at: dict[int, float] = {}
        values = []
        for key, plan in self._plan.items():
            name, place = split_key(key)
            scale = SCALES.get(name, "")
            for group, (curve, base) in zip(self.optimizer.param_groups, plan, strict=True):
                if curve is None:
                    continue
                if name not in group:
                    raise ValueError(f"a param group has lost its {name!r}")
                if id(curve) not in at:
                    at[id(curve)] = curve(step)
                value = at[id(curve)] if base is None else at[id(curve)] * base
                values.append((group, name, place, value * float(group[scale]) if scale in group else value))
        return values

    def _lrs(self, values: Sequence[tuple[Any, str, int | None, float]]) -> list[float]:
        lrs = {id(group): value for group, name, _, value in values if name == "lr"}
        return [lrs.get(id(group), group["lr"]) for group in self.optimizer.param_groups]

    def _write(self, values: Sequence[tuple[Any, str, int | None, float]]) -> None:
        tensors, plain_values = [], []
        tuples: dict[tuple[int, str], Any] = {}  # an optimizer's two betas are one
        for group, name, place, value in values:
            present = group[name]
            if place is not None:
                present = tuples.get((id(group), name), present)
                values_there = (*present[:place], value, *present[place + 1 :])
                make = getattr(type(present), "_make", type(present))  # of a namedtuple
                tuples[id(group), name] = whole = make(values_there)
                plain_values.append((group, name, whole))
            elif isinstance(present, torch.Tensor):
                tensors.append((present, value))
            else:
                plain_values.append((group, name, value))
        if tensors:
            fill(tensors)
        for group, name, value in plain_values:
            group[name] = value

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
            if scheduler is None or scheduler._pretended() or (found_inf is not None and found_inf.item()):
                return
            if not _core.advance_curves(scheduler):
                scheduler._move(scheduler.last_epoch + 1)
                scheduler._step_count += 1

        handles = [self.optimizer.register_load_state_dict_post_hook(loaded)]
        if self.follow:
            handles.append(self.optimizer.register_step_post_hook(stepped))
        for handle in handles:
            weakref.finalize(self, handle.remove)

    def _driven(self) -> _core.Drive:
        """What a step does, for the core: it then takes the steps at which nothing else has changed."""
        tracks = []
        for key, plan in self._plan.items():
            name, place = split_key(key)
            cores = [None if curve is None else curve._node for curve, _ in plan]
            bases = [base for _, base in plan]
            tracks.append((name, -1 if place is None else place, SCALES.get(name), cores, bases))
        views = [group["lr"] for group in self.optimizer.param_groups]
        whole = views[0]._base if views and isinstance(views[0], torch.Tensor) else None
        if whole is None or not are_all(views, whole):
            whole, views = None, []
        return _core.Drive(tracks, [id(member.first) for member in self._members], whole, views)

    def _pretended(self) -> bool:
        """Whether the last step was of the kind, with every lr 0, by which torch's distributed checkpoint
        makes an optimizer's state."""
        lrs = [group.get("lr") for group in self.optimizer.param_groups]
        return all(type(lr) is float and lr == 0 for lr in lrs) and not any(
            map(operator.is_, lrs, self._last_lr)
        )

    def __getstate__(self) -> dict[str, Any]:
        self._meet_groups()
        return {name: value for name, value in vars(self).items() if name not in ("_members", "_drive")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._members = [Member(group) for group in self.optimizer.param_groups]
        self._drive = self._driven()
        self._listen()


CurveScheduler.step = update_wrapper(_core.curve_step(), CurveScheduler.step)  # type: ignore[method-assign]
