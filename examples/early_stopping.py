"""Cut the learning rate twice, then stop, and keep the best network: Plateau and EarlyStop on one metric.

python examples/early_stopping.py [--patience N] [--output FILE]

A small network learns scikit-learn's digits. After PATIENCE epochs without a better validation loss the
learning rate is divided by ten, and once more after another PATIENCE of them; min_lr keeps it there. After
three times as many in a row, so that both cuts had their chance, training stops. The best network is kept.
"""

from __future__ import annotations

import argparse
from copy import deepcopy
from pathlib import Path

import matplotlib as mpl
import stepcurve as sc
import torch
from torch import nn
from train_digits import BATCH, split

mpl.use("agg")
LR, FACTOR = 0.3, 0.1
MAX_EPOCHS = 500


def train(patience: int) -> tuple[list[float], list[float], sc.EarlyStop]:
    """The validation loss and learning rate of every epoch, and what stopped them."""
    images, digits, unseen, unseen_digits = split()
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    optimizer = torch.optim.SGD(network.parameters(), lr=LR, momentum=0.9, weight_decay=3e-3)
    better = {"threshold": 1e-3, "threshold_mode": "abs"}  # the same for both, as they count the same steps
    plateau = sc.Plateau(LR, factor=FACTOR, patience=patience, trigger=">=", min_lr=LR * FACTOR**2, **better)
    stop = sc.EarlyStop(patience=3 * patience, **better)

    def validate() -> tuple[float, float]:
        with torch.no_grad():
            answers = network(unseen)
            right = (answers.argmax(1) == unseen_digits).float().mean().item()
            return nn.functional.cross_entropy(answers, unseen_digits).item(), right

    losses, rates, best = [], [], {}
    for epoch in range(MAX_EPOCHS):
        rates.append(optimizer.param_groups[0]["lr"])
        for batch in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(images[batch]), digits[batch]).backward()
            optimizer.step()
        losses.append(validate()[0])
        optimizer.param_groups[0]["lr"] = plateau.update(losses[-1])
        stopped = stop.update(losses[-1])
        if stop.best_step == epoch:
            best = deepcopy(network.state_dict())
        if rates[-1] != plateau.lr:
            print(f"epoch {epoch:3}: {patience} without a better loss, lr {rates[-1]:g} -> {plateau.lr:g}")
        if stopped:
            print(f"epoch {epoch:3}: {stop.bad_steps} without a better loss, stop")
            break
    else:
        raise SystemExit(f"it did not stop within {MAX_EPOCHS} epochs")
    last = validate()
    network.load_state_dict(best)
    kept = validate()
    print(f"\nthe last network:    validation loss {last[0]:.4f}, {last[1]:.1%} right")
    print(f"the one of epoch {stop.best_step}: validation loss {kept[0]:.4f}, {kept[1]:.1%} right; kept")
    return losses, rates, stop


def what_if(losses: list[float]) -> None:
    """What less patience would have made of the same losses, up to where this run went."""
    patience = [3, 6, 12, 24]
    runs = sc.EarlyStop(patience=patience, threshold=1e-3)
    runs.replay(losses)
    print("\npatience  stops at  best at  best loss")
    for i, each in enumerate(patience):
        stops = runs.stopped_at[i] if runs.stopped[i] else "-"
        print(f"{each:8}  {stops:>8}  {runs.best_step[i]:7}  {runs.best[i]:9.4f}")


def draw(losses: list[float], rates: list[float], stop: sc.EarlyStop, output: Path) -> None:
    from matplotlib import pyplot as plt

    figure, (above, below) = plt.subplots(2, sharex=True, figsize=(8, 5), layout="constrained")
    above.semilogy(losses, color="C0")
    above.plot(stop.best_step, stop.best, "o", color="C2", label=f"the best, epoch {stop.best_step}")
    above.axvline(stop.stopped_at, color="C3", linestyle="--", label=f"stop, epoch {stop.stopped_at}")
    above.set_ylabel("validation loss")
    above.legend(fontsize="small")
    below.semilogy(rates, drawstyle="steps-post", color="C1")
    below.set_ylabel("learning rate")
    below.set_xlabel("epoch")
    for axes in (above, below):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(output, dpi=120)
    print(f"\nlosses and learning rates drawn in {output}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--patience", type=int, default=8)
    parser.add_argument("--output", type=Path, default=Path("early_stopping.png"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    patience = arguments.patience
    print(f"digits, lr {LR}, patience {patience} for a cut and {3 * patience} for the stop\n")
    losses, rates, stop = train(patience)
    what_if(losses)
    draw(losses, rates, stop, arguments.output)


if __name__ == "__main__":
    main()
