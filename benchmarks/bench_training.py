"""What is the scheduler's share of a training step?"""

import pytest
import torch
from stepcurve import lr_scheduler as ours
from torch.nn import Linear, Sequential
from torch.nn.functional import cross_entropy
from torch.optim import lr_scheduler as torchs

torch.set_num_threads(1)
MODULES = {"torch": torchs, "stepcurve": ours}
RNG = torch.Generator().manual_seed(0)
INPUTS, LABELS = torch.rand(16, 64, generator=RNG), torch.randint(10, (16,), generator=RNG)


def build(layers):
    """As many linear layers, of two params each; small ones, as a scheduler's share is the largest there."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Sequential(*[Linear(64, 64) for _ in range(layers - 1)], Linear(64, 10))


def one_group(params):
    return [torch.optim.AdamW(params, lr=1e-3)]


def group_a_param(params):
    """As layer-wise decay of the learning rate has it."""
    return [torch.optim.AdamW([{"params": [p], "lr": 1e-3 * 0.99**i} for i, p in enumerate(params)])]


def optimizer_a_param(params):
    """As layer-wise training has it, which steps each param as soon as its gradient is there."""
    return [torch.optim.AdamW([p], lr=1e-3) for p in params]


NETWORKS = {
    "2 layers, 1 group": (2, one_group),
    "50 layers, 1 group": (50, one_group),
    "50 layers, 100 groups": (50, group_a_param),
    "50 layers, 100 optimizers and schedulers": (50, optimizer_a_param),
}


@pytest.mark.table(against="training")
@pytest.mark.parametrize("contender", ["training", "stepcurve", "torch"])
@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("scheduler", ["CosineAnnealingLR", "OneCycleLR", "LambdaLR"])
def bench_training(timed, scheduler, network, contender):
    """A step of training, forward and backward included, and of the schedulers alone: a share too small to
    be told as a difference."""
    layers, optimizers = NETWORKS[network]
    model = build(layers)
    each = optimizers(list(model.parameters()))
    arguments = {"CosineAnnealingLR": [10**8], "OneCycleLR": [1e-3, 10**8], "LambdaLR": [lambda step: 0.5]}
    schedulers = []
    if contender != "training":
        make = getattr(MODULES[contender], scheduler)
        schedulers = [make(optimizer, *arguments[scheduler]) for optimizer in each]

    def train():
        cross_entropy(model(INPUTS), LABELS).backward()
        for optimizer in each:
            optimizer.step()
            optimizer.zero_grad()

    def schedule():
        for made in schedulers:
            made.step()

    train()  # before the first step of a scheduler
    timed(schedule if schedulers else train)
