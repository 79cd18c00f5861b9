"""What hurts users of torch's schedulers most: torch's behaviour, and CurveScheduler's."""

import warnings

import pytest
import stepcurve as sc
import torch
from mpmath import mpf
from oracle import ulps
from stepcurve.lr_scheduler import CurveScheduler
from torch.optim import lr_scheduler as torchs

RAMP = sc.linear(0.01, 0.1, 10)


def sgd(lr=0.1):
    return torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=lr)


def test_a_scheduler_built_after_the_optimizers_state_is_loaded():
    optimizer = sgd()
    theirs = torchs.LinearLR(optimizer, 0.1, 1.0, 10)
    for _ in range(5):
        optimizer.step()
        theirs.step()
    states = optimizer.state_dict(), theirs.state_dict()
    fresh = sgd()
    fresh.load_state_dict(states[0])
    resumed = torchs.LinearLR(fresh, 0.1, 1.0, 10)
    resumed.load_state_dict(states[1])
    assert ulps(optimizer.param_groups[0]["lr"], mpf("0.055")) < 4
    assert ulps(fresh.param_groups[0]["lr"], mpf("0.0055")) < 4  # pytorch#65342

    optimizer = sgd()
    ours = CurveScheduler(optimizer, lr=RAMP)
    ours.seek(5)
    states = optimizer.state_dict(), ours.state_dict()
    fresh = sgd()
    fresh.load_state_dict(states[0])
    resumed = CurveScheduler(fresh, lr=RAMP)
    resumed.load_state_dict(states[1])
    assert fresh.param_groups[0]["lr"] == RAMP(5) == optimizer.param_groups[0]["lr"]


def test_a_longer_run():
    state = torchs.CosineAnnealingLR(sgd(), T_max=100).state_dict()
    longer = torchs.CosineAnnealingLR(sgd(), T_max=200)
    longer.load_state_dict(state)
    assert longer.T_max == 100  # without a word

    state = CurveScheduler(sgd(), lr=sc.cosine(0.1, 0, 100)).state_dict()
    with pytest.raises(ValueError, match="cosine.0.1, 0, 100. in the checkpoint, cosine.0.1, 0, 200. here"):
        CurveScheduler(sgd(), lr=sc.cosine(0.1, 0, 200)).load_state_dict(state)
    CurveScheduler(sgd(), lr=sc.cosine(0.1, 0, 200), resume="new").load_state_dict(state)


@pytest.mark.filterwarnings("ignore:Detected call:UserWarning")
def test_steps_that_a_grad_scaler_skips():
    def counted(make, by_hand):
        optimizer = sgd()
        scheduler, scaler = make(optimizer), torch.amp.GradScaler("cpu")
        param = optimizer.param_groups[0]["params"][0]
        for gradient in (float("inf"), 1.0, float("inf"), 1.0):
            optimizer.zero_grad()
            scaler.scale((param * gradient).sum()).backward()
            scaler.step(optimizer)
            scaler.update()
            if by_hand:
                scheduler.step()
        return scheduler.last_epoch

    assert counted(lambda o: torchs.LinearLR(o, 0.1, 1.0, 10), by_hand=True) == 4
    assert counted(lambda o: CurveScheduler(o, lr=RAMP, follow=True), by_hand=False) == 2


def test_a_first_step_that_is_skipped_is_no_mistake():
    optimizer = sgd()
    theirs = torchs.LinearLR(optimizer, 0.1, 1.0, 10)
    with pytest.warns(UserWarning, match="before `optimizer.step"):  # pytorch#44511
        theirs.step()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        CurveScheduler(sgd(), lr=RAMP).step()


def test_a_group_that_comes_late():
    def late(make):
        optimizer = sgd()
        scheduler = make(optimizer)
        for _ in range(5):
            optimizer.step()
            scheduler.step()
        optimizer.add_param_group({"params": [torch.nn.Parameter(torch.ones(1))], "lr": 0.5})
        for _ in range(5):
            optimizer.step()
            scheduler.step()
        return optimizer.param_groups[1]["lr"]

    assert late(lambda o: torchs.LinearLR(o, 0.1, 1.0, 10)) > 0.9  # past its own lr, pytorch#79888
    assert late(lambda o: CurveScheduler(o, lr=sc.relative(sc.linear(0.1, 1.0, 10)))) == 0.5


@pytest.mark.filterwarnings("ignore")
def test_phases_within_phases():
    optimizer = sgd()
    inner = torchs.SequentialLR(
        optimizer, [torchs.ConstantLR(optimizer, 1.0, 1), torchs.StepLR(optimizer, 1, 0.5)], [3]
    )
    before = inner.last_epoch
    torchs.SequentialLR(optimizer, [inner, torchs.ConstantLR(optimizer, 0.1, 1)], [9])
    assert inner.last_epoch == before + 1  # pytorch#196243

    warm = sc.linear(0, 0.1, 3) >> sc.constant(0.1, 5)
    assert (warm >> sc.cosine(0.1, 0, 10))(4) == warm(4)


def test_weight_decay_and_betas_along_curves():
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.ones(1))], lr=0.1)
    CurveScheduler(optimizer, weight_decay=RAMP, **{"betas[1]": sc.linear(0.9, 0.99, 9)}).seek(9)
    group = optimizer.param_groups[0]
    assert (group["lr"], group["weight_decay"], group["betas"]) == (0.1, RAMP(9), (0.9, 0.99))
