"""What does a step of a CurveScheduler cost, beside CosineAnnealingLR, ours and torch's?

python benchmarks/bench_curve_scheduler.py [--quick]
"""

import sys
import warnings

import stepcurve as sc
import torch
from bench_step import repeat
from stepcurve import lr_scheduler as ours
from timing import least, machine
from torch.optim import lr_scheduler as torchs

QUICK = "--quick" in sys.argv[1:]
ROUNDS = 2 if QUICK else 25
STEPS = 10**8
CURVE = sc.linear(0, 0.1, 1_000) >> sc.cosine(0.1, 0, STEPS)


def optimizer(groups, kind):
    lrs = [0.1] * groups if kind == "float" else torch.full((groups,), 0.1).unbind()
    each = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": lr} for lr in lrs]
    return torch.optim.SGD(each, lr=0.1, momentum=0.9)


def measure(name, make, groups, kind):
    times = 5 if QUICK else {1: 10_000, 100: 200}[groups] // (1 if kind == "float" else 10)
    contenders = {
        "torch": torchs.CosineAnnealingLR(optimizer(groups, kind), STEPS),
        "ours": ours.CosineAnnealingLR(optimizer(groups, kind), STEPS),
        "curve": make(optimizer(groups, kind)),
    }
    for scheduler in contenders.values():
        scheduler.optimizer.step()
        for _ in range(3):
            scheduler.step()
    best = least({key: repeat(scheduler.step, times) for key, scheduler in contenders.items()}, ROUNDS)
    theirs, mine, curve = (time / times / 1000 for time in best.values())
    row = f"{theirs:.2f} | {mine:.2f} | {curve:.2f} | {theirs / curve:.1f} | {curve / mine:.1f}"
    print(f"| {groups} | {kind} | {name} | {row} |")


def main():
    warnings.simplefilter("ignore")  # that the optimizer does not step
    torch.set_num_threads(1)
    print(f"{machine()}, torch {torch.__version__}; microseconds a step, least of {ROUNDS} rounds\n")
    print("| groups | lr | curves | torch's cosine | our cosine | CurveScheduler | times torch | of ours |")
    print("|---|---|---|---|---|---|---|---|")
    for groups, kind in ((1, "float"), (100, "float"), (100, "views of a tensor")):
        measure("lr", lambda o: ours.CurveScheduler(o, lr=CURVE), groups, kind)
        if kind == "float":
            measure("relative lr", lambda o: ours.CurveScheduler(o, lr=sc.relative(CURVE)), groups, kind)
            both = {"lr": CURVE, "weight_decay": CURVE}
            measure("lr and weight decay", lambda o, both=both: ours.CurveScheduler(o, **both), groups, kind)


if __name__ == "__main__":
    main()
