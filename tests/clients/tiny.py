"""What the clients train: a tiny network on tiny data, by schedules as worlds.py describes them."""

import pytest
import torch
from stepcurve import lr_scheduler as ours
from torch.optim import lr_scheduler as torchs
from torch.utils.data import DataLoader, TensorDataset
from worlds import halved

EPOCHS, BATCHES = 4, 6

SCHEDULES = {
    "LambdaLR": {"lr_lambda": halved},
    "StepLR": {"step_size": 2, "gamma": 0.3},
    "CosineAnnealingLR": {"T_max": 10, "eta_min": 1e-3},
    "OneCycleLR": {"max_lr": 0.2, "total_steps": EPOCHS * BATCHES},
    "SequentialLR": {
        "schedulers": [
            ("LinearLR", {"start_factor": 0.1, "total_iters": 3}),
            ("CosineAnnealingLR", {"T_max": 20}),
        ],
        "milestones": [3],
    },
}
PLATEAU = ("ReduceLROnPlateau", {"patience": 0, "threshold": 0.9})  # no loss falls to a tenth in an epoch

with_each_schedule = pytest.mark.parametrize("schedule", SCHEDULES.items(), ids=SCHEDULES)
across_a_restart = pytest.mark.parametrize(
    ("before", "after"),
    [(torchs, ours), (ours, torchs), (ours, ours)],
    ids=lambda module: "ours" if module is ours else "torchs",
)


def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.Tanh(), torch.nn.Linear(5, 1))


def batches():
    inputs = torch.randn(BATCHES * 2, 3, generator=torch.Generator().manual_seed(1))
    return DataLoader(TensorDataset(inputs, inputs.sum(1, keepdim=True)), batch_size=2)


def sgd(model):
    """An optimizer with a learning rate a parameter."""
    groups = [{"params": [parameter], "lr": 0.1 / (i + 1)} for i, parameter in enumerate(model.parameters())]
    return torch.optim.SGD(groups, momentum=0.9)


def rates(optimizer):
    return tuple(group["lr"] for group in optimizer.param_groups)


def assert_same(expected, found):
    """Both are lists of the learning rates and the loss of a step."""
    assert len({rates for rates, _ in expected}) > 1
    assert found == expected
