"""What does a value of a preview cost, beside stepping torch's class through the same steps?

python benchmarks/bench_preview.py [--quick]
"""

import sys
import warnings

import torch
from bench_step import SCHEDULERS, optimizer
from stepcurve import lr_scheduler as ours
from timing import least, machine
from torch.optim import lr_scheduler as torchs

QUICK = "--quick" in sys.argv[1:]
ROUNDS = 2 if QUICK else 15
STEPS = 100 if QUICK else 100_000
STEPPED = 10 if QUICK else 2_000  # torch's class, for which more would only take longer


def step(scheduler, steps):
    for _ in range(steps):
        scheduler.step()


def main():
    warnings.simplefilter("ignore")  # that the optimizer does not step
    torch.set_num_threads(1)
    print(f"{machine()}, torch {torch.__version__}")
    print(f"1 param group, {STEPS:,} steps, torch {STEPPED:,}; least of {ROUNDS} rounds; ns a value\n")
    print("| scheduler | torch, stepped | preview |\n|---|---|---|")
    for name, make in SCHEDULERS.items():
        if name == "ReduceLROnPlateau":
            continue
        theirs, mine = make(torchs, optimizer(1, "float")), make(ours, optimizer(1, "float"))
        contenders = {
            "torch": lambda theirs=theirs: step(theirs, STEPPED),
            "preview": lambda mine=mine: mine.preview(STEPS),
        }
        best = least(contenders, ROUNDS)
        print(f"| {name} | {best['torch'] / STEPPED:.0f} | {best['preview'] / STEPS:.1f} |")


if __name__ == "__main__":
    main()
