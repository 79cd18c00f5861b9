"""An ordinary schedule of every class, as worlds.py describes them, and the metrics of a plateau."""

from worlds import halved

ORDINARY = {
    "LambdaLR": {"lr_lambda": halved},
    "MultiplicativeLR": {"lr_lambda": halved},
    "StepLR": {"step_size": 7, "gamma": 0.5},
    "MultiStepLR": {"milestones": [5, 5, 20], "gamma": 0.5},
    "ConstantLR": {"factor": 0.25, "total_iters": 9},
    "LinearLR": {"start_factor": 0.1, "total_iters": 20},
    "ExponentialLR": {"gamma": 0.97},
    "PolynomialLR": {"total_iters": 25, "power": 1.5},
    "CosineAnnealingLR": {"T_max": 20, "eta_min": 1e-4},
    "CosineAnnealingWarmRestarts": {"T_0": 6, "T_mult": 2, "eta_min": 1e-4},
    "OneCycleLR": {"max_lr": 0.2, "total_steps": 60},
    "CyclicLR": {"base_lr": 0.01, "max_lr": 0.2, "step_size_up": 6, "mode": "exp_range", "gamma": 0.99},
    "SWALR": {"swa_lr": 0.05, "anneal_epochs": 20},
    "SequentialLR": {
        "schedulers": [
            ("LinearLR", {"start_factor": 0.1, "total_iters": 10}),
            ("CosineAnnealingLR", {"T_max": 40}),
        ],
        "milestones": [10],
    },
    "ChainedScheduler": {
        "schedulers": [
            ("LinearLR", {"start_factor": 0.1, "total_iters": 10}),
            ("ExponentialLR", {"gamma": 0.97}),
        ]
    },
    "ReduceLROnPlateau": {"patience": 2, "cooldown": 3},
}
CHAINABLE = [name for name in ORDINARY if name != "ReduceLROnPlateau"]

METRICS = [1.0, 0.8, 0.8, 0.9, 0.8, 0.7, 0.8, 0.8, 0.8, 0.8]


def arguments(name, i):
    """What step takes at its i-th call."""
    return (METRICS[i % len(METRICS)],) if name == "ReduceLROnPlateau" else ()
