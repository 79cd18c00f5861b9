"""Train a small network on scikit-learn's digits twice, with torch's schedulers and with stepcurve's.

python examples/train_digits.py [--epochs N] [--output FILE]

Every loss and every learning rate of the two runs is the same to the bit; the table says so, and what a step
of the scheduler cost in each. The picture shows the learning rates.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import matplotlib as mpl
import torch
from sklearn.datasets import load_digits
from stepcurve import lr_scheduler as ours
from torch import nn
from torch.optim import lr_scheduler as torchs

mpl.use("agg")
BATCH = 64


def schedules(steps: int) -> dict:
    """A factory for each, of the module that its classes come from."""

    def warmup_cosine(m, optimizer):
        parts = [
            m.LinearLR(optimizer, 0.01, 1.0, steps // 10),
            m.CosineAnnealingLR(optimizer, steps - steps // 10),
        ]
        return m.SequentialLR(optimizer, parts, [steps // 10])

    return {
        "warm-up, then cosine": warmup_cosine,
        "OneCycleLR": lambda m, optimizer: m.OneCycleLR(optimizer, max_lr=0.2, total_steps=steps),
        "CosineAnnealingWarmRestarts": lambda m, optimizer: m.CosineAnnealingWarmRestarts(
            optimizer, T_0=steps // 7 + 1, T_mult=2, eta_min=1e-3
        ),
        "MultiStepLR": lambda m, optimizer: m.MultiStepLR(optimizer, [steps // 2, 3 * steps // 4], gamma=0.2),
        "ReduceLROnPlateau": lambda m, optimizer: m.ReduceLROnPlateau(
            optimizer, factor=0.5, patience=2, threshold=0.02
        ),
    }


def split() -> tuple[torch.Tensor, ...]:
    """Training and validation images of 8 by 8 pixels, and their digits."""
    images, digits = load_digits(return_X_y=True)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    images, digits = torch.tensor(images / 16, dtype=torch.float32)[order], torch.tensor(digits)[order]
    return images[:1437], digits[:1437], images[1437:], digits[1437:]


def train(make, module, epochs: int) -> dict:
    """One run: losses, learning rates, and the nanoseconds of each step of the scheduler."""
    images, digits, unseen, unseen_digits = split()
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    biases = [{"params": [layer.bias], "lr": 0.05} for layer in (network[0], network[2])]
    weights = [{"params": [layer.weight]} for layer in (network[0], network[2])]
    optimizer = torch.optim.SGD(weights + biases, lr=0.1, momentum=0.9)
    scheduler = make(module, optimizer)
    by_epoch = isinstance(scheduler, torchs.ReduceLROnPlateau)
    run = {"losses": [], "validation": [], "lrs": [], "ns": []}

    def step(*arguments):
        begin = time.perf_counter_ns()
        scheduler.step(*arguments)
        run["ns"].append(time.perf_counter_ns() - begin)

    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(network(images[batch]), digits[batch])
            loss.backward()
            optimizer.step()
            run["losses"].append(loss.item())
            run["lrs"].append([group["lr"] for group in optimizer.param_groups])
            if not by_epoch:
                step()
        with torch.no_grad():
            run["validation"].append(nn.functional.cross_entropy(network(unseen), unseen_digits).item())
        if by_epoch:
            step(run["validation"][-1])
    with torch.no_grad():
        run["correct"] = (network(unseen).argmax(1) == unseen_digits).float().mean().item()
    return run


def compare(epochs: int) -> dict:
    """Trains every schedule with both modules, prints a row for each, and returns the learning rates."""
    steps = epochs * len(split()[0][::BATCH])
    print(f"digits, {epochs} epochs of {steps // epochs} steps, 4 param groups")
    print("median cost of scheduler.step() in microseconds")
    print(f"\n{'schedule':<28} {'correct':>8} {'losses and lrs':>15} {'torch':>7} {'stepcurve':>10}")
    drawn = {}
    for name, make in schedules(steps).items():
        theirs, mine = train(make, torchs, epochs), train(make, ours, epochs)
        same = all(theirs[key] == mine[key] for key in ("losses", "validation", "lrs"))
        cost = [sorted(run["ns"])[len(run["ns"]) // 2] / 1000 for run in (theirs, mine)]
        verdict = "identical" if same else "DIFFERENT"
        print(f"{name:<28} {mine['correct']:>8.1%} {verdict:>15} {cost[0]:>7.2f} {cost[1]:>10.2f}")
        if not same:
            raise SystemExit(f"{name}: the runs differ")
        drawn[name] = [lrs[0] for lrs in mine["lrs"]]
    return drawn


def draw(drawn: dict, output: Path) -> None:
    from matplotlib import pyplot as plt

    figure, rows = plt.subplots(len(drawn), sharex=True, figsize=(8, 1.6 * len(drawn)), layout="constrained")
    for axes, (name, lrs) in zip(rows, drawn.items(), strict=True):
        axes.plot(lrs, drawstyle="steps-post")
        axes.set_title(name, loc="left", fontsize="medium")
        axes.set_ylim(bottom=0)
        axes.spines[["top", "right"]].set_visible(False)
    rows[-1].set_xlabel("step")
    figure.supylabel("learning rate of the weights")
    figure.savefig(output, dpi=120)
    print(f"\nlearning rates drawn in {output}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--output", type=Path, default=Path("digits.png"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    draw(compare(arguments.epochs), arguments.output)


if __name__ == "__main__":
    main()
