"""A resume of CurveScheduler equals never having stopped, in whatever order things are built and loaded."""

import copy
import io
import itertools
import math
import pickle

import pytest
import stepcurve as sc
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from stepcurve import lr_scheduler
from stepcurve.lr_scheduler import CurveScheduler
from test_curve_scheduler import DECAY, DOWN, LR, adam, train
from torch.distributed import checkpoint
from torch.optim import lr_scheduler as torchs

schedules = st.sampled_from(
    [
        {"lr": LR},
        {"lr": sc.relative(LR), "weight_decay": sc.relative(DECAY)},
        {"lr": [sc.relative(DOWN), LR], "betas[0]": DECAY},
        {"lr": [None, sc.relative(sc.decay(1, 0.9))], "betas[1]": sc.relative(DOWN)},
    ]
)
ORDERS = [
    order
    for order in itertools.permutations(["build", "load scheduler", "load optimizer"])
    if order.index("build") < order.index("load scheduler")
]


def through_a_file(state):
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


@settings(max_examples=100)
@given(schedules, st.integers(0, 30), st.sampled_from(ORDERS), st.booleans())
def test_resumed_equals_never_stopped(curves, stop, order, follow):
    optimizer = adam()
    scheduler = CurveScheduler(optimizer, follow=follow, **curves)
    train(optimizer, scheduler, stop)
    saved = through_a_file({"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()})
    rest = train(optimizer, scheduler, 10)

    fresh = adam()
    for event in order:
        if event == "build":
            resumed = CurveScheduler(fresh, follow=follow, **curves)
        elif event == "load scheduler":
            resumed.load_state_dict(saved["scheduler"])
        else:
            fresh.load_state_dict(saved["optimizer"])
    assert train(fresh, resumed, 10) == rest
    assert resumed.state_dict() == scheduler.state_dict()


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_a_longer_run_goes_on_along_the_new_curve_at_once(order):
    optimizer = adam()
    scheduler = CurveScheduler(optimizer, lr=LR)
    train(optimizer, scheduler, 15)
    states = optimizer.state_dict(), scheduler.state_dict()
    longer = LR.extend(20)
    fresh = adam()
    for event in order:
        if event == "build":
            resumed = CurveScheduler(fresh, lr=longer, resume="new")
        elif event == "load scheduler":
            resumed.load_state_dict(states[1])
        else:
            fresh.load_state_dict(states[0])
    assert [row[0][0] for row in train(fresh, resumed, 10)] == [longer(15 + i) for i in range(10)]


def test_another_curve_is_an_error_that_shows_both_unless_it_is_meant():
    scheduler = CurveScheduler(adam(), lr=LR, weight_decay=DECAY)
    scheduler.seek(9)
    state = scheduler.state_dict()
    optimizer = adam()
    other = CurveScheduler(optimizer, lr=sc.constant(0.5))
    with pytest.raises(ValueError, match="not the checkpoint") as error:
        other.load_state_dict(state)
    assert str(error.value) == (
        "the curves are not the checkpoint's:\n"
        f"  lr: {LR} in the checkpoint, constant(0.5) here\n"
        f"  weight_decay: {DECAY} in the checkpoint, None here\n"
        'resume="new" goes on along the new ones, resume="checkpoint" along the stored ones'
    )
    assert (other.last_epoch, optimizer.param_groups[0]["lr"]) == (0, 0.5)
    stored = CurveScheduler(optimizer, lr=sc.constant(0.5), resume="checkpoint")
    stored.load_state_dict(state)
    assert (optimizer.param_groups[1]["lr"], optimizer.param_groups[1]["weight_decay"]) == (LR(9), DECAY(9))
    assert stored.state_dict() == state


def test_relative_curves_resume_from_the_initial_values_of_the_first_start():
    optimizer = adam()
    scheduler = CurveScheduler(optimizer, lr=sc.relative(LR))
    train(optimizer, scheduler, 8)
    states = optimizer.state_dict(), scheduler.state_dict()
    fresh = adam()
    fresh.load_state_dict(states[0])  # so that the lrs at building are those of step 8
    resumed = CurveScheduler(fresh, lr=sc.relative(LR))
    resumed.load_state_dict(states[1])
    assert [g["lr"] for g in fresh.param_groups] == [LR(8) * 0.1, LR(8) * 0.2]


@pytest.mark.filterwarnings("ignore")  # of a checkpoint without processes
def test_torchs_distributed_checkpoint_stores_it(tmp_path):
    optimizer, fresh = adam(), adam()
    curves = {"lr": [None, sc.relative(LR)], "weight_decay": DECAY}
    scheduler, resumed = CurveScheduler(optimizer, **curves), CurveScheduler(fresh, **curves)
    train(optimizer, scheduler, 7)
    checkpoint.save({"scheduler": scheduler}, checkpoint_id=tmp_path)
    checkpoint.load({"scheduler": resumed}, checkpoint_id=tmp_path)
    assert resumed.state_dict() == scheduler.state_dict()
    assert [g["lr"] for g in fresh.param_groups] == [g["lr"] for g in optimizer.param_groups]


def test_copies_and_pickles_go_on():
    optimizer = adam()
    scheduler = CurveScheduler(optimizer, lr=sc.relative(LR), follow=True)
    train(optimizer, scheduler, 6)
    twins = [copy.deepcopy(scheduler), pickle.loads(pickle.dumps(scheduler))]
    rest = train(optimizer, scheduler, 6)
    for twin in twins:
        assert twin.optimizer is not optimizer
        assert train(twin.optimizer, twin, 6) == rest
        assert twin.last_epoch == 12


def test_a_relative_curve_may_take_the_place_of_an_absolute_one():
    optimizer = adam(1)
    scheduler = CurveScheduler(optimizer, lr=LR)
    train(optimizer, scheduler, 5)
    states = optimizer.state_dict(), scheduler.state_dict()
    for first in (True, False):
        fresh = adam(1)
        if first:
            fresh.load_state_dict(states[0])
        resumed = CurveScheduler(fresh, lr=sc.relative(DOWN), weight_decay=sc.relative(DOWN), resume="new")
        resumed.load_state_dict(states[1])
        assert resumed.get_last_lr() == [DOWN(5) * 0.1]


GOOD = CurveScheduler(adam(), lr=LR).state_dict()


@pytest.mark.parametrize(
    "state",
    [
        *(None, 5, {}, {"T_max": 3}),
        *({**GOOD, "curves": value} for value in (None, {"lr": 5}, [])),
        *({**GOOD, "bases": value} for value in (None, {"lr": None}, {"lr": [float("nan")]}, {"lr": ["a"]})),
        *({**GOOD, "base_lrs": value} for value in (None, "abc", [None, "b"])),
        *({**GOOD, "last_epoch": value} for value in (None, -1, 1.5, "3")),
        {**GOOD, "_step_count": "x"},
    ],
    ids=str,
)
@pytest.mark.parametrize("resume", ["same", "new", "checkpoint"])
def test_a_state_of_something_else_is_refused_whole(state, resume):
    optimizer = adam()
    scheduler = CurveScheduler(optimizer, lr=LR, resume=resume)
    scheduler.seek(3)
    before = copy.deepcopy(optimizer.state_dict()), scheduler.state_dict()
    with pytest.raises(ValueError, match="state_dict|int"):
        scheduler.load_state_dict(state)
    assert (optimizer.state_dict(), scheduler.state_dict()) == before


def sequence(module, optimizer):
    parts = [module.LinearLR(optimizer, 0.1, 1.0, 5), module.CosineAnnealingLR(optimizer, 20, 1e-3)]
    return module.SequentialLR(optimizer, parts, [5])


OF_TORCH = {
    "StepLR": lambda m, o: m.StepLR(o, 4, 0.5),
    "MultiStepLR": lambda m, o: m.MultiStepLR(o, [3, 9], 0.5),
    "ConstantLR": lambda m, o: m.ConstantLR(o, 0.5, 6),
    "LinearLR": lambda m, o: m.LinearLR(o, 0.5, 1.0, 6),
    "ExponentialLR": lambda m, o: m.ExponentialLR(o, 0.9),
    "PolynomialLR": lambda m, o: m.PolynomialLR(o, 20, 2.0),
    "CosineAnnealingLR": lambda m, o: m.CosineAnnealingLR(o, 20, 1e-3),
    "CosineAnnealingWarmRestarts": lambda m, o: m.CosineAnnealingWarmRestarts(o, 4, 2, 1e-3),
    "SequentialLR": sequence,
}


@pytest.mark.filterwarnings("ignore")  # that the optimizer does not step
@pytest.mark.parametrize("name", OF_TORCH)
def test_a_state_of_torchs_goes_on_along_its_closed_form(name):
    optimizer = adam()
    theirs = OF_TORCH[name](torchs, optimizer)
    curves = [OF_TORCH[name](lr_scheduler, adam()).to_curve(group) for group in range(2)]
    for _ in range(7):
        theirs.step()
    saved = through_a_file(theirs.state_dict())
    fresh = adam()
    fresh.load_state_dict(optimizer.state_dict())
    resumed = CurveScheduler(fresh, lr=sc.constant(1), resume="checkpoint")
    resumed.load_state_dict(saved)
    for step in range(7, 16):
        assert resumed.get_last_lr() == [curve(step) for curve in curves]
        for group, drifted in zip(fresh.param_groups, theirs.get_last_lr(), strict=True):
            assert abs(group["lr"] - drifted) <= 32 * math.ulp(drifted)
        resumed.step()
        theirs.step()
    same = CurveScheduler(adam(), lr=curves)
    same.load_state_dict(saved)
    new = CurveScheduler(adam(), lr=LR, resume="new")
    new.load_state_dict(saved)
    assert (same.last_epoch, new.get_last_lr()) == (7, [LR(7)] * 2)


@pytest.mark.parametrize(
    "scheduler", [torchs.ReduceLROnPlateau, lambda o: torchs.LambdaLR(o, lambda step: 1.0)]
)
def test_a_state_without_a_closed_form_is_refused(scheduler):
    state = scheduler(adam()).state_dict()
    with pytest.raises(ValueError, match="nor of a torch scheduler with a closed form"):
        CurveScheduler(adam(), lr=LR).load_state_dict(state)
