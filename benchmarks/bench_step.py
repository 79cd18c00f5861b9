"""What does a step of a scheduler cost, beside torch's class and beside the least that any could cost?

python benchmarks/bench_step.py [--quick]

The floor is one C call that makes a fresh float a param group and one that writes as many entries of a dict.
"""

import statistics
import sys
import warnings
from functools import partial

import numpy as np
import torch
from stepcurve import lr_scheduler as ours
from timing import least, machine
from torch.optim import lr_scheduler as torchs
from torch.optim.swa_utils import SWALR

QUICK = "--quick" in sys.argv[1:]
ROUNDS = 2 if QUICK else 25
CLOSED_FORMS = "StepLR MultiStepLR ConstantLR LinearLR ExponentialLR PolynomialLR CosineAnnealingLR"
CLOSED_FORMS = [*CLOSED_FORMS.split(), "CosineAnnealingWarmRestarts", "OneCycleLR", "CyclicLR"]


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


def optimizer(groups, kind):
    lr = torch.tensor if kind == "tensor" else float
    of_one = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": lr(0.1)} for _ in range(groups)]
    return torch.optim.SGD(of_one, lr=0.1, momentum=0.9)


def stepper(module, make, groups, kind):
    """A function that steps, past all first steps."""
    scheduler = make(module, optimizer(groups, kind))
    scheduler.optimizer.step()
    step = partial(scheduler.step, 0.5) if isinstance(scheduler, torchs.ReduceLROnPlateau) else scheduler.step
    for _ in range(10):
        step()
    return step


def floor(groups):
    floats, entries, target = np.arange(groups) * 0.1, dict.fromkeys(range(groups), 0.5), {}
    target.update(entries)

    def make_and_write():
        floats.tolist()
        target.update(entries)

    return make_and_write


def repeat(call, times):
    def loop():
        for _ in range(times):
            call()

    return loop


def measure(groups, kind):
    times = 5 if QUICK else max(10, 10_000 // groups // (10 if kind == "tensor" else 1))
    print(f"\n{groups} param groups, lr a {kind}; least of {ROUNDS} rounds of {times:,} steps\n")
    print("| scheduler | torch us | stepcurve us | times as fast | times the floor |\n|---|---|---|---|---|")
    ratios = {}
    for name, make in SCHEDULERS.items():
        contenders = {
            "torch": stepper(torchs, make, groups, kind),
            "ours": stepper(ours, make, groups, kind),
            "floor": floor(groups),
        }
        best = least({key: repeat(call, times) for key, call in contenders.items()}, ROUNDS)
        theirs, mine, lowest = (best[key] / times / 1000 for key in contenders)
        ratios[name] = theirs / mine
        print(f"| {name} | {theirs:.2f} | {mine:.2f} | {theirs / mine:.1f} | {mine / lowest:.1f} |")
    median = statistics.median(ratios[name] for name in CLOSED_FORMS)
    print(f"\nMedian of the {len(CLOSED_FORMS)} closed-form classes: {median:.1f}")
    print(f"Least of all classes: {min(ratios.values()):.1f}")


def main():
    warnings.simplefilter("ignore")  # that the optimizer does not step
    torch.set_num_threads(1)
    print(f"{machine()}, torch {torch.__version__}")
    for groups, kind in ((1, "float"), (100, "float"), (100, "tensor")):
        measure(groups, kind)


if __name__ == "__main__":
    main()
