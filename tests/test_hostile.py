"""Found by a hostile tester: user code in the middle of a step, odd values, previews that touch things."""

import copy
import inspect
import math

import pytest
import torch
from schedules import ORDINARY
from stepcurve import lr_scheduler
from torch.optim import lr_scheduler as torchs
from worlds import both, build, make_optimizer, pair


def shared_tensor(world):
    """One tensor for all groups, as torch itself makes of a default lr."""
    groups = [{"params": [torch.nn.Parameter(torch.zeros(1))]} for _ in range(2)]
    world.optimizer = torch.optim.SGD(groups, lr=torch.tensor(0.8), momentum=0.9)


@pytest.mark.parametrize(
    "schedule",
    [
        ("ReduceLROnPlateau", {"patience": 0, "factor": 0.5}),
        ("CyclicLR", {"base_lr": [0.1, 0.2], "max_lr": [1.0, 2.0], "step_size_up": 3}),
        ("SWALR", {"swa_lr": [0.1, 0.2], "anneal_epochs": 5}),
        ("ExponentialLR", {"gamma": 0.5}),
    ],
    ids=lambda schedule: schedule[0],
)
def test_groups_that_share_a_tensor(schedule):
    worlds = pair([0.1])
    for world in worlds:
        shared_tensor(world)
    both(worlds, "build", schedule)
    for _ in range(6):
        both(worlds, "step", 0, *([1.0] if "Plateau" in schedule[0] else []))


@pytest.mark.parametrize(
    ("schedule", "lr"),
    [(("ExponentialLR", {"gamma": 2}), 1), (("SWALR", {"swa_lr": 1, "anneal_strategy": "linear"}), 1.0)],
)
def test_whole_numbers_stay_whole_where_torchs_do(schedule, lr):
    worlds = pair([lr, lr])
    both(worlds, "build", schedule)
    for _ in range(12):
        both(worlds, "step", 0)


@pytest.mark.parametrize(
    "name", ["CyclicLR", "CosineAnnealingWarmRestarts", "OneCycleLR", "SWALR", "LambdaLR"]
)
@pytest.mark.parametrize(
    "attribute", ["base_lrs", "max_lrs", "base_momentums", "optimizer", "_last_lr", "anneal_func"]
)
def test_a_missing_attribute_is_missed_as_by_torch(name, attribute):
    worlds = pair([0.1, 0.2])
    both(worlds, "build", (name, ORDINARY[name]))
    for _ in range(3):
        both(worlds, "step", 0)
    removed = [vars(world.schedulers[0]).pop(attribute, None) for world in worlds]
    assert (removed[0] is None) == (removed[1] is None)
    results = [world.do("step", 0)[0] for world in worlds]
    assert results[0] == results[1]


def test_a_best_of_nan_stays():
    worlds = pair([0.1])
    both(worlds, "build", ("ReduceLROnPlateau", {"patience": 0}))
    both(worlds, "write", 0, "best", math.nan)
    for _ in range(3):
        both(worlds, "step", 0, -4.0)


def test_what_a_function_does_to_other_groups_counts_at_once():
    def run(module):
        optimizer = make_optimizer([0.1, 0.1])

        def first(epoch):
            optimizer.param_groups[1]["lr"] = 7.0
            return 0.5

        scheduler = module.MultiplicativeLR(optimizer, [first, lambda epoch: 0.5])
        optimizer.step()
        for _ in range(3):
            scheduler.step()
        return scheduler.get_last_lr()

    assert run(lr_scheduler) == run(torchs) == [0.0125, 3.5]


class Spiteful(float):
    """A number that does something when it goes."""

    def __new__(cls, value, act):
        number = super().__new__(cls, value)
        number.act = act
        return number

    def __del__(self):
        self.act()


@pytest.mark.parametrize("act", ["clear", "pop", "extend"])
def test_user_code_that_runs_while_values_are_replaced(act):
    optimizer = make_optimizer([0.1] * 3, optimizer="AdamW")
    scheduler = lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=100)
    optimizer.step()
    scheduler.step()
    groups = optimizer.param_groups
    acts = {
        "clear": groups.clear,
        "pop": lambda: [group.pop("betas", None) for group in groups],
        "extend": lambda: groups.extend(dict(groups[0]) for _ in range(100)),
    }
    groups[0]["betas"] = (Spiteful(0.9, acts[act]), 0.999)
    scheduler.step()
    assert len(scheduler.get_last_lr()) == 3


def test_a_milestone_that_compares_itself():
    scheduler = build(lr_scheduler, ("MultiStepLR", {"milestones": [3]}), make_optimizer([0.1]))

    class Milestone:
        def __hash__(self):
            return hash(4)

        def __eq__(self, other):
            vars(scheduler).pop("milestones", None)
            return False

    scheduler.milestones[Milestone()] = 1
    scheduler.optimizer.step()
    for _ in range(4):
        scheduler.step()
    assert not hasattr(scheduler, "milestones")
    with pytest.raises(AttributeError, match="milestones"):
        scheduler.step()


@pytest.mark.filterwarnings("ignore:Seems like")
def test_a_bound_step_goes_with_the_copy_of_its_scheduler():
    scheduler = build(lr_scheduler, ("ExponentialLR", {"gamma": 0.5}), make_optimizer([1.0]))
    scheduler.optimizer.step()
    twin, step = copy.deepcopy([scheduler, scheduler.step])
    step()
    assert (twin.last_epoch, scheduler.last_epoch) == (1, 0)
    assert inspect.ismethod(scheduler.step)


def test_a_preview_follows_a_step_of_a_subclass():
    class Floored(lr_scheduler.ExponentialLR):
        def step(self, epoch=None):
            super().step(epoch)
            for group in self.optimizer.param_groups:
                group["lr"] = max(group["lr"], 0.3)

    assert Floored(make_optimizer([1.0]), 0.5).preview(3).tolist() == [[1.0], [0.5], [0.3], [0.3]]


def test_a_preview_refuses_a_replaced_method_and_touches_nothing():
    scheduler = build(lr_scheduler, ("ExponentialLR", {"gamma": 0.5}), make_optimizer([1.0]))
    inner = scheduler.step
    scheduler.step = lambda: inner()
    with pytest.raises(ValueError, match="step of this ExponentialLR was replaced"):
        scheduler.preview(3)
    assert scheduler.last_epoch == 0


@pytest.mark.filterwarnings("ignore:Detected call")
def test_a_preview_leaves_a_scheduler_in_an_attribute_alone():
    class WarmUp(lr_scheduler.LRScheduler):
        def __init__(self, optimizer, after):
            self.after = {"scheduler": after}
            super().__init__(optimizer)

        def get_lr(self):
            return [base * 0.5 for base in self.base_lrs]

        def step(self, epoch=None):
            self.after["scheduler"].step()
            super().step(epoch)

    optimizer = make_optimizer([1.0])
    scheduler = WarmUp(optimizer, lr_scheduler.ExponentialLR(optimizer, 0.5))
    optimizer.step()
    epoch, lr = scheduler.after["scheduler"].last_epoch, optimizer.param_groups[0]["lr"]
    assert scheduler.preview(3).tolist() == [[lr]] * 4
    assert (scheduler.after["scheduler"].last_epoch, optimizer.param_groups[0]["lr"]) == (epoch, lr)


@pytest.mark.parametrize("steps", [2**53 + 1, 2**63, 2**64 - 1, 2**100])
def test_a_preview_of_too_many_steps(steps):
    scheduler = build(lr_scheduler, ("StepLR", ORDINARY["StepLR"]), make_optimizer([0.1]))
    with pytest.raises(ValueError, match=r"steps must be <= 2\*\*53"):
        scheduler.preview(steps)


def test_last_lr_of_the_users_own_is_not_written_to():
    scheduler = build(lr_scheduler, ("ExponentialLR", {"gamma": 0.5}), make_optimizer([1.0], "float32"))
    scheduler.optimizer.step()
    mine = torch.tensor([5.0])
    for own in (mine[0], torch.from_numpy(mine.numpy()).view(())):
        scheduler._last_lr = [own]
        scheduler.step()
        assert mine.item() == 5.0


@pytest.mark.parametrize("patience", [-3, -1, -0.5, 2.5, math.inf, math.nan])
@pytest.mark.parametrize("bad_epochs", [-3, 0, 3])
def test_counts_and_patience_of_any_kind(patience, bad_epochs):
    worlds = pair([0.1])
    both(worlds, "build", ("ReduceLROnPlateau", {"patience": 2, "threshold": -0.5}))
    for world in worlds:
        world.schedulers[0].patience = patience
        world.schedulers[0].num_bad_epochs = bad_epochs
    for metric in (1.0, 1.0, 2.0, 2.0, 2.0, 2.0):
        both(worlds, "step", 0, metric)
