"""CurveScheduler: values by the step alone, and a resume that equals never having stopped."""

import copy
import gc
import pickle
import warnings
import weakref
from collections import namedtuple

import numpy as np
import pytest
import stepcurve as sc
import torch
from stepcurve.lr_scheduler import CurveScheduler
from torch._dynamo.testing import CompileCounter
from torch.distributed.checkpoint.state_dict import get_optimizer_state_dict
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
    bases = [group["lr"] for group in optimizer.param_groups]
    shared = CurveScheduler(optimizer, lr=sc.relative(LR), weight_decay=sc.relative(DECAY))
    shared.seek(6)
    optimizer.add_param_group({"params": [torch.nn.Parameter(torch.ones(1))], "lr": 0.5, "weight_decay": 2.0})
    shared.step()
    assert shared.get_last_lr()[3] == LR(7) * 0.5
    assert optimizer.param_groups[3]["weight_decay"] == DECAY(7) * 2.0
    assert shared.get_last_lr()[:3] == [LR(7) * base for base in bases]


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


def fresh_param():
    return torch.nn.Parameter(torch.ones(1))


def test_a_group_is_the_same_while_its_dict_or_its_first_param_is():
    groups = [{"params": [fresh_param(), fresh_param()], "lr": 1.0}, {"params": [], "lr": 2.0}]
    optimizer = torch.optim.SGD(groups, lr=0.1)
    scheduler = CurveScheduler(optimizer, lr=sc.relative(DOWN))
    scheduler.seek(5)
    del optimizer.param_groups[0]["params"][0]
    scheduler.step()
    assert scheduler.get_last_lr() == [DOWN(6), DOWN(6) * 2]
    optimizer.load_state_dict(optimizer.state_dict())
    assert scheduler.get_last_lr() == [DOWN(6), DOWN(6) * 2]
    optimizer.param_groups.reverse()
    twins = [copy.deepcopy(scheduler), pickle.loads(pickle.dumps(scheduler)), scheduler]
    for twin in twins:
        twin.step()
        assert twin.get_last_lr() == [DOWN(7) * 2, DOWN(7)]


def test_groups_swapped_for_others_between_steps_are_others():
    for _ in range(100):
        optimizer = torch.optim.SGD([{"params": [fresh_param()], "lr": lr} for lr in (1.0, 0.1)], lr=0.1)
        scheduler = CurveScheduler(optimizer, lr=sc.relative(DOWN))
        optimizer.param_groups.pop()
        optimizer.add_param_group({"params": [fresh_param()], "lr": 5.0})
        assert scheduler.state_dict()["bases"] == {"lr": [1.0, 5.0]}
        scheduler.step()
        assert scheduler.get_last_lr() == [DOWN(1), DOWN(1) * 5.0]


def test_torchs_pretended_steps_do_not_count():
    network = torch.nn.Linear(2, 2)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.1)
    scheduler = CurveScheduler(optimizer, lr=LR, follow=True)
    get_optimizer_state_dict(network, optimizer)
    assert (scheduler.last_epoch, optimizer.param_groups[0]["lr"]) == (0, LR(0))
    for param in network.parameters():
        param.grad = torch.ones_like(param)
    optimizer.step()
    assert (scheduler.last_epoch, optimizer.param_groups[0]["lr"]) == (1, LR(1))


def test_schedulers_that_are_gone_leave_no_hooks():
    optimizer = adam(1)
    for _ in range(20):
        CurveScheduler(optimizer, lr=LR, follow=True)
    gc.collect()
    assert not optimizer._optimizer_step_post_hooks
    assert not optimizer._optimizer_load_state_dict_post_hooks


def test_user_code_in_the_middle_of_a_step_crashes_nothing():
    optimizer = torch.optim.SGD([fresh_param()], lr=0.1)
    group = optimizer.param_groups[0]

    class Taker:
        def __del__(self):
            group.pop("lr", None)

    group["pair"] = (1.0, 2.0)
    scheduler = CurveScheduler(optimizer, **{"pair[0]": LR})
    group["pair"] = (Taker(), 2.0)
    scheduler.step()  # whole, as all of it was made before
    assert group == {**group, "pair": (LR(1), 2.0)}
    assert "lr" not in group
    with pytest.raises(KeyError):
        scheduler.step()
    assert (scheduler.last_epoch, group["pair"]) == (1, (LR(1), 2.0))


def test_views_that_are_not_all_of_their_tensor_are_written_alone():
    whole = torch.tensor([0.1, 0.7])
    optimizer = torch.optim.SGD([{"params": [fresh_param()], "lr": whole[0]} for _ in range(2)], lr=0.1)
    scheduler = CurveScheduler(optimizer, lr=LR)
    scheduler.step()
    assert whole.tolist() == [float(np.float32(LR(1))), float(np.float32(0.7))]


def test_values_that_are_almost_plain():
    Pair = namedtuple("Pair", "one two")
    optimizer = adam(1, betas=Pair(0.9, 0.99), lr=np.float32(0.5))
    CurveScheduler(optimizer, lr=sc.relative(DOWN), **{"betas[1]": DECAY}).seek(3)
    group = optimizer.param_groups[0]
    assert (group["lr"], group["betas"]) == (DOWN(3) * 0.5, Pair(0.9, DECAY(3)))
    assert type(group["betas"]) is Pair
    optimizer.param_groups[0]["lr"] = torch.tensor(1)
    with pytest.raises(ValueError, match="lr of param group 0 cannot hold a fraction"):
        CurveScheduler(optimizer, lr=LR)


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
    (lambda o: CurveScheduler(o, params=LR), ValueError, "a key must be like lr or betas[0], got 'params'"),
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
