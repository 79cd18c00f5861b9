"""Choose the patience and factor of a plateau schedule from a validation log, then train with them.

python examples/plateau_from_log.py [--epochs N] [--output FILE]

A small network learns scikit-learn's digits at one learning rate, and its validation loss is recorded. The
log is replayed through a grid of settings: when would each have cut the learning rate, and to what? The
setting that cuts first once the loss has settled is then used live in a second training.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl
import numpy as np
import stepcurve as sc
import torch
from torch import nn
from train_digits import BATCH, split

mpl.use("agg")
LR = 0.3


def train(epochs: int, tracker: sc.Plateau | None = None) -> tuple[list[float], list[float], float]:
    """The validation loss and learning rate of every epoch, and the share of digits told right at the end."""
    images, digits, unseen, unseen_digits = split()
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    optimizer = torch.optim.SGD(network.parameters(), lr=LR, momentum=0.9)
    losses, rates = [], []
    for _ in range(epochs):
        rates.append(optimizer.param_groups[0]["lr"])
        for batch in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(images[batch]), digits[batch]).backward()
            optimizer.step()
        with torch.no_grad():
            losses.append(nn.functional.cross_entropy(network(unseen), unseen_digits).item())
        if tracker:
            optimizer.param_groups[0]["lr"] = tracker.update(losses[-1])
    with torch.no_grad():
        correct = (network(unseen).argmax(1) == unseen_digits).float().mean().item()
    return losses, rates, correct


def choose(grid: sc.PlateauGrid) -> int:
    """The row whose first cut comes soonest after the loss has settled, with the fewest cuts after it."""
    settled = int(np.flatnonzero(grid.history <= 1.1 * grid.history.min())[0])
    cutting = [i for i, row in enumerate(grid) if row["cuts"] and row["cut_at"][0] >= settled]
    if not cutting:
        raise SystemExit("no setting cuts after the loss has settled: train longer, or try less patience")
    print(f"\nthe loss is within 10 % of its least from epoch {settled} on")
    return min(cutting, key=lambda i: (grid[i]["cut_at"][0], grid[i]["cuts"]))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--output", type=Path, default=Path("plateau.png"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)

    log, _, constant = train(arguments.epochs)
    grid = sc.plateau_grid(
        log, lr=LR, patience=[2, 4, 8], factor=[0.1, 0.3, 0.5], threshold=0.01, min_lr=1e-3
    )
    print(
        f"digits, {arguments.epochs} epochs at lr {LR}: validation loss {log[-1]:.4f}, {constant:.1%} right"
    )
    print(f"\nwhat each setting would have done\n\n{grid}")
    chosen = choose(grid)
    print(f"chosen: row {chosen}, patience {grid[chosen]['patience']}, factor {grid[chosen]['factor']}")

    losses, rates, correct = train(arguments.epochs, grid.tracker(chosen))
    cuts = [epoch for epoch in range(1, len(rates)) if rates[epoch] < rates[epoch - 1]]
    print(f"\nlive: lr cut before epochs {cuts}, validation loss {losses[-1]:.4f}, {correct:.1%} right")
    above, _ = grid.plot([chosen])
    above.plot(losses, label="live, with the chosen setting")
    above.lines[0].set_label("the log, lr constant")
    above.legend(fontsize="small")
    above.set_ylabel("validation loss")
    above.figure.savefig(arguments.output, dpi=120)
    print(f"both losses, and what the setting would have done to the log, drawn in {arguments.output}")


if __name__ == "__main__":
    main()
