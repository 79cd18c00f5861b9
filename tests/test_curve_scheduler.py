"""CurveScheduler: values by the step alone, and a resume that equals never having stopped."""

import copy
import gc
import io
import itertools
import pickle
import warnings
import weakref

import numpy as np
import pytest
import stepcurve as sc
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from stepcurve.lr_scheduler import CurveScheduler
from torch._dynamo.testing import CompileCounter
from torch.distributed import checkpoint
from torch.optim import lr_scheduler as torchs

UP, DOWN = sc.linear(0, 0.1, 5), sc.cosine(0.1, 0.01, 20)
LR = UP >> DOWN
DECAY = sc.linear(0.05, 0.01, 30)


def adam(groups=2, **more):
    params = [{"params": [torch.nn.Parameter(torch.ones(1))], "lr": 0.1 * (i + 1)} for i in range(groups)]
    return torch.optim.AdamW([{**group, **more} for group in params], betas=(0.9, 0.99), weight_decay=0.1)


def train(optimizer, scheduler, steps):
    """The groups' hyperparameters at each optimizer step."""
    seen = []
    for _ in range(steps):
        seen.append([(float(g["lr"]), g["weight_decay"], g["betas"]) for g in optimizer.param_groups])
        for group in optimizer.param_groups:
            for param in group["params"]:
                param.grad = torch.ones_like(param)
        optimizer.step()
        if not scheduler.follow:
            scheduler.step()
    return seen


def test_values_are_the_curves_at_every_step():
    optimizer = adam()
    scheduler = CurveScheduler(
        optimizer, lr=[LR, sc.relative(LR)], weight_decay=DECAY, **{"betas[0]": sc.linear(0.8, 0.95, 9)}
    )
    for step, (one, two) in enumerate(train(optimizer, scheduler, 40)):
        assert one == (LR(step), DECAY(step), (sc.linear(0.8, 0.95, 9)(step), 0.99))
        assert two[0] == LR(step) * 0.2
        assert scheduler.last_epoch == 40
    assert scheduler.get_last_lr() == scheduler.get_lr() == [LR(40), LR(40) * 0.2]
    assert scheduler.peek(-35) == [LR(5), LR(5) * 0.2]
    scheduler.seek(12)
    assert [g["lr"] for g in optimizer.param_groups] == [LR(12), LR(12) * 0.2]
    scheduler.step(3)
    assert (scheduler.last_epoch, optimizer.param_groups[0]["lr"]) == (3, LR(3))


def test_a_group_of_none_is_left_alone_and_scales_multiply():
    optimizer = adam(3, lr_scale=0.5, wd_mult=2.0)
    del optimizer.param_groups[2]["lr_scale"]
    before = [set(group) for group in optimizer.param_groups]
    scheduler = CurveScheduler(optimizer, lr=[LR, None, LR], weight_decay=DECAY)
    train(optimizer, scheduler, 7)
    assert [g["lr"] for g in optimizer.param_groups] == [LR(7) * 0.5, 0.2, LR(7)]
    assert {g["weight_decay"] for g in optimizer.param_groups} == {DECAY(7) * 2.0}
    assert [set(group) for group in optimizer.param_groups] == before
    assert scheduler.get_last_lr() == [LR(7) * 0.5, 0.2, LR(7)]


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


def test_follow_counts_what_the_optimizer_really_steps():
    optimizer = adam(1)
    scheduler = CurveScheduler(optimizer, lr=LR, follow=True)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0)
    param = optimizer.param_groups[0]["params"][0]
    for gradient in (1.0, float("inf"), 1.0, float("nan"), 1.0):
        scaler.scale((param * gradient).sum()).backward()
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
    assert scheduler.last_epoch == 3
    assert optimizer.param_groups[0]["lr"] == LR(3)
    with pytest.raises(RuntimeError, match="the optimizer's own steps advance this scheduler"):
        scheduler.step()
    assert scheduler.last_epoch == 3


def test_groups_come_and_go():
    optimizer = adam(3)
    scheduler = CurveScheduler(optimizer, lr=[LR, sc.relative(LR), DOWN], weight_decay=sc.relative(DECAY))
    train(optimizer, scheduler, 3)
    del optimizer.param_groups[0]
    train(optimizer, scheduler, 1)
    assert [g["lr"] for g in optimizer.param_groups] == [LR(4) * 0.2, DOWN(4)]
    optimizer.add_param_group({"params": [torch.nn.Parameter(torch.ones(1))], "lr": 0.7})
    with pytest.raises(ValueError, match="param group 2 was added, and the list for lr has no curve for it"):
        scheduler.step()
    assert scheduler.last_epoch == 4
    shared = CurveScheduler(optimizer, lr=sc.relative(LR), weight_decay=sc.relative(DECAY))
    shared.seek(6)
    bases = [lr / LR(6) for lr in shared.get_last_lr()]
    optimizer.add_param_group({"params": [torch.nn.Parameter(torch.ones(1))], "lr": 0.5, "weight_decay": 2.0})
    shared.step()
    assert shared.get_last_lr()[3] == LR(7) * 0.5
    assert optimizer.param_groups[3]["weight_decay"] == DECAY(7) * 2.0
    assert np.allclose([lr / LR(7) for lr in shared.get_last_lr()[:3]], bases)


@pytest.mark.parametrize("views", [False, True])
def test_tensors_are_written_in_place_and_views_by_one_copy(views):
    whole = torch.zeros(100)
    lrs = list(whole.unbind()) if views else [torch.tensor(0.0) for _ in range(100)]
    groups = [
        {"params": [torch.nn.Parameter(torch.ones(1))], "lr": lr, "lr_scale": 1.0 + i}
        for i, lr in enumerate(lrs)
    ]
    optimizer = torch.optim.SGD(groups, lr=0.1)
    scheduler = CurveScheduler(optimizer, lr=LR)
    scheduler.seek(7)
    assert all(group["lr"] is lr for group, lr in zip(optimizer.param_groups, lrs, strict=True))
    assert [float(lr) for lr in lrs] == [float(np.float32(LR(7) * (1.0 + i))) for i in range(100)]
    versions = whole._version
    scheduler.step()
    assert whole._version == versions + views
    assert scheduler.get_last_lr() == [LR(8) * (1.0 + i) for i in range(100)]


def test_it_is_an_lr_scheduler_that_wraps_nothing_and_warns_of_nothing():
    optimizer = adam()
    step = optimizer.step
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scheduler = CurveScheduler(optimizer, lr=LR)
        scheduler.step()  # before the optimizer's
        scheduler.step(5)
    assert isinstance(scheduler, torchs.LRScheduler)
    assert optimizer.step == step
    assert not callable(scheduler)
    assert not hasattr(scheduler, "total_steps")
    gone = weakref.ref(scheduler)
    del scheduler
    gc.collect()
    assert gone() is None
    optimizer.load_state_dict(optimizer.state_dict())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch about itself
def test_a_compiled_optimizer_step_is_compiled_once():
    optimizer = torch.optim.SGD(
        [{"params": [torch.nn.Parameter(torch.ones(2))], "lr": torch.tensor(0.1)}], lr=0.1
    )
    scheduler = CurveScheduler(optimizer, lr=LR)
    param = optimizer.param_groups[0]["params"][0]
    param.grad = torch.ones(2)
    torch._dynamo.reset()
    counter = CompileCounter()
    step = torch.compile(optimizer.step, backend=counter)
    expected = param.detach().clone()
    for i in range(1_000):
        step()
        expected -= np.float32(LR(i))
        scheduler.step()
    assert counter.frame_count == 1
    assert torch.equal(param.detach(), expected)


def sgd_of_views():
    lrs = torch.full((3,), 0.1).unbind()
    return torch.optim.SGD([{"params": [torch.nn.Parameter(torch.ones(1))], "lr": lr} for lr in lrs], lr=0.1)


@pytest.mark.parametrize(
    ("make", "curves"),
    [
        (adam, {"lr": LR}),
        (adam, {"lr": [sc.relative(LR), None], "weight_decay": DECAY, "betas[0]": DECAY}),
        (adam, {"weight_decay": sc.relative(DECAY), "betas[0]": DECAY, "betas[1]": sc.relative(LR)}),
        (lambda: adam(lr_scale=0.5, wd_mult=3), {"lr": LR, "weight_decay": DECAY}),
        (sgd_of_views, {"lr": LR}),
    ],
)
@pytest.mark.parametrize("follow", [False, True])
def test_ordinary_steps_are_the_cores(make, curves, follow, monkeypatch):
    optimizers = make(), make()
    plain = [CurveScheduler(optimizer, follow=follow, **curves) for optimizer in optimizers]
    plain[1]._drive = None
    monkeypatch.setattr(CurveScheduler, "_driven", lambda self: None)
    moves = []
    move = CurveScheduler._move
    monkeypatch.setattr(CurveScheduler, "_move", lambda self, step: (moves.append(self), move(self, step)))
    for _ in range(30):
        for optimizer, scheduler in zip(optimizers, plain, strict=True):
            optimizer.step() if follow else scheduler.step()
        one, two = ([{**g, "params": 0} for g in optimizer.param_groups] for optimizer in optimizers)
        assert one == two
        assert plain[0].state_dict() == plain[1].state_dict()
        assert plain[0].get_last_lr() == plain[1].get_last_lr()
    assert moves == [plain[1]] * 30


def test_a_curve_that_ends_raises_and_changes_nothing():
    optimizer = adam()
    scheduler = CurveScheduler(optimizer, weight_decay=DECAY, lr=LR.past_end("raise"))
    scheduler.seek(25)
    before = copy.deepcopy(optimizer.state_dict()), scheduler.state_dict()
    with pytest.raises(ValueError, match="end"):
        scheduler.step()
    assert (optimizer.state_dict(), scheduler.state_dict()) == before


BAD = [
    (lambda o: CurveScheduler(o), TypeError, "CurveScheduler needs a curve"),
    (lambda o: CurveScheduler(None, lr=LR), TypeError, "NoneType is not an Optimizer"),
    (
        lambda o: CurveScheduler(o, lr=0.1),
        TypeError,
        "lr must be a curve, relative(curve) or a list of these",
    ),
    (lambda o: CurveScheduler(o, lr=sc.relative), TypeError, "lr must be a curve, relative(curve) or a list"),
    (lambda o: CurveScheduler(o, lr=[LR]), ValueError, "lr has 1 curves for 2 param groups"),
    (
        lambda o: CurveScheduler(o, lr=sc.linear(0, 1, "5%")),
        ValueError,
        "a curve with lengths in units has no",
    ),
    (lambda o: CurveScheduler(o, momentum=LR), ValueError, "param group 0 has no 'momentum'"),
    (
        lambda o: CurveScheduler(o, **{"betas[2]": LR}),
        ValueError,
        "param group 0 has no 'betas[2]': betas is",
    ),
    (lambda o: CurveScheduler(o, **{"lr[0]": LR}), ValueError, "param group 0 has no 'lr[0]': lr is 0.1"),
    (lambda o: CurveScheduler(o, **{"betas[x]": LR}), ValueError, "a key must be like lr or betas[0]"),
    (lambda o: CurveScheduler(o, amsgrad=LR), ValueError, "amsgrad of param group 0 is no number: False"),
    (lambda o: CurveScheduler(o, params=LR), ValueError, "params of param group 0 is no number: ["),
    (
        lambda o: CurveScheduler(o, lr=LR, resume="old"),
        ValueError,
        "resume must be 'same', 'new', 'checkpoint'",
    ),
    (lambda o: CurveScheduler(o, lr=LR).seek(-1), ValueError, "step must be >= 0, got -1"),
    (
        lambda o: CurveScheduler(o, lr=LR).load_state_dict({"T_max": 3}),
        ValueError,
        "state_dict is not of a Curve",
    ),
    (lambda o: sc.relative(0.1), TypeError, "relative takes a curve, got 0.1"),
]


@pytest.mark.parametrize(("make", "kind", "message"), BAD)
def test_bad_input_leaves_the_optimizer_as_it_was(make, kind, message):
    optimizer = adam()
    before = copy.deepcopy(optimizer.state_dict())
    with pytest.raises(kind) as error:
        make(optimizer)
    assert str(error.value).startswith(message)
    after = optimizer.state_dict()
    if "seek" not in message and "step must" not in message and "state_dict" not in message:
        assert after == before
