"""What does a step of a CurveScheduler cost, beside CosineAnnealingLR, the drop-in and torch's?"""

import pytest
import stepcurve as sc
import torch
from bench_step import optimizer, stepper
from stepcurve import lr_scheduler as ours
from torch.optim import lr_scheduler as torchs

STEPS = 10**8
CURVE = sc.linear(0, 0.1, 1_000) >> sc.cosine(0.1, 0, STEPS)
CURVES = {
    "lr": {"lr": CURVE},
    "relative lr": {"lr": sc.relative(CURVE)},
    "lr and weight decay": {"lr": CURVE, "weight_decay": CURVE},
}
SCHEDULERS = {
    "stepcurve": lambda optimizer, curves: ours.CurveScheduler(optimizer, **CURVES[curves]),
    "drop-in cosine": lambda optimizer, curves: ours.CosineAnnealingLR(optimizer, STEPS),
    "torch's cosine": lambda optimizer, curves: torchs.CosineAnnealingLR(optimizer, STEPS),
}
PLAIN = [(groups, "float", curves) for groups in (1, 100) for curves in CURVES]


def with_views(groups):
    """Learning rates that are views of one tensor."""
    lrs = torch.full((groups,), 0.1).unbind()
    of_one = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": lr} for lr in lrs]
    return torch.optim.SGD(of_one, lr=0.1, momentum=0.9)


@pytest.mark.parametrize("contender", SCHEDULERS)
@pytest.mark.parametrize(("groups", "lr", "curves"), [*PLAIN, (100, "views of a tensor", "lr")])
def bench_curve_scheduler(timed, groups, lr, curves, contender):
    """One step along one curve for all groups, and along two."""
    made = optimizer(groups) if lr == "float" else with_views(groups)
    timed(stepper(SCHEDULERS[contender](made, curves)))
