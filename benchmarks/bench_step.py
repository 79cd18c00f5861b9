"""What does a step of a scheduler cost, beside torch's class and beside the least that any could cost?"""

from functools import partial

import numpy as np
import pytest
import torch
from stepcurve import lr_scheduler as ours
from torch.optim import lr_scheduler as torchs
from torch.optim.swa_utils import SWALR

torch.set_num_threads(1)


def of(name, *arguments, **parameters):
    """A factory that takes torch's module or ours."""
    return lambda m, optimizer: getattr(m, name, SWALR)(optimizer, *arguments, **parameters)


def sequential(m, optimizer):
    parts = [m.LinearLR(optimizer, 0.1, 1.0, 5), m.CosineAnnealingLR(optimizer, 10**8)]
    return m.SequentialLR(optimizer, parts, [5])


def chained(m, optimizer):
    return m.ChainedScheduler([m.LinearLR(optimizer, 0.1, 1.0, 10**8), m.CosineAnnealingLR(optimizer, 10**8)])


SCHEDULERS = {
    "StepLR": of("StepLR", 30, gamma=0.999999),
    "MultiStepLR": of("MultiStepLR", [30, 10_000], gamma=0.999999),
    "ConstantLR": of("ConstantLR", total_iters=10_000),
    "LinearLR": of("LinearLR", total_iters=10**8),
    "ExponentialLR": of("ExponentialLR", 0.999999),
    "PolynomialLR": of("PolynomialLR", 10**8, power=2.0),
    "CosineAnnealingLR": of("CosineAnnealingLR", 10**8),
    "CosineAnnealingWarmRestarts": of("CosineAnnealingWarmRestarts", 1000, 2),
    "OneCycleLR": of("OneCycleLR", 0.1, 10**8),
    "CyclicLR": of("CyclicLR", 0.01, 0.1, 2000),
    "SWALR": of("SWALR", 0.05, 10**8),
    "SequentialLR": sequential,
    "ChainedScheduler": chained,
    "ReduceLROnPlateau": of("ReduceLROnPlateau", patience=10**9),
    "LambdaLR": of("LambdaLR", lambda epoch: 0.5),
    "MultiplicativeLR": of("MultiplicativeLR", lambda epoch: 0.999999),
}


def optimizer(groups, lr="float"):
    make = torch.tensor if lr == "tensor" else float
    of_one = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": make(0.1)} for _ in range(groups)]
    return torch.optim.SGD(of_one, lr=0.1, momentum=0.9)


def stepper(scheduler):
    """A function that steps, past all first steps."""
    scheduler.optimizer.step()
    step = partial(scheduler.step, 0.5) if isinstance(scheduler, torchs.ReduceLROnPlateau) else scheduler.step
    for _ in range(10):
        step()
    return step


def floor(groups):
    """One C call that makes a fresh float a param group, and one that writes as many entries of a dict."""
    floats, entries, target = np.arange(groups) * 0.1, dict.fromkeys(range(groups), 0.5), {}
    target.update(entries)

    def make_and_write():
        floats.tolist()
        target.update(entries)

    return make_and_write


@pytest.mark.table(columns="groups", split=["lr"])
@pytest.mark.parametrize("contender", ["stepcurve", "torch", "floor"])
@pytest.mark.parametrize("groups", [1, 8, 100, 465])
@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("lr", ["float", "tensor"])
def bench_step(timed, scheduler, groups, lr, contender):
    """One step of every class, learning rates floats and tensors, by the number of param groups."""
    if contender == "floor":
        timed(floor(groups))
    else:
        module = {"stepcurve": ours, "torch": torchs}[contender]
        timed(stepper(SCHEDULERS[scheduler](module, optimizer(groups, lr))))
