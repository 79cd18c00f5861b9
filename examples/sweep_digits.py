"""Which peak learning rate and how long a warm-up do the digits want? A population trained in lockstep.

python examples/sweep_digits.py [--epochs N] [--output FILE]

Every combination of 24 peaks and 7 warm-ups is a member of one sweep, and a network of one batched model:
all members see the same batches, and `grid.at(step)` is the learning rate of each. The picture shows the
schedules, and the accuracy of every member on images it has not seen.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import matplotlib as mpl
import numpy as np
import stepcurve as sc
import torch
from matplotlib import pyplot
from sklearn.datasets import load_digits
from torch.nn.functional import cross_entropy

mpl.use("agg")
BATCH = 64
MOMENTUM = 0.9


def split() -> tuple[torch.Tensor, ...]:
    """Training and validation images of 8 by 8 pixels, and their digits."""
    images, digits = load_digits(return_X_y=True)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    images, digits = torch.tensor(images / 16, dtype=torch.float32)[order], torch.tensor(digits)[order]
    return images[:1437], digits[:1437], images[1437:], digits[1437:]


def networks(members: int) -> list[torch.Tensor]:
    """Weights and biases of two layers for each member, alike at the start."""
    generator = torch.Generator().manual_seed(0)
    first = torch.randn(64, 32, generator=generator) / 8
    second = torch.randn(32, 10, generator=generator) / 32**0.5
    shapes = [first, torch.zeros(1, 32), second, torch.zeros(1, 10)]
    return [each.expand(members, *each.shape).clone().requires_grad_() for each in shapes]


def outputs(parameters: list[torch.Tensor], images: torch.Tensor) -> torch.Tensor:
    """Shape (members, images, 10)."""
    first, first_bias, second, second_bias = parameters
    hidden = torch.relu(torch.einsum("bi,mih->mbh", images, first) + first_bias)
    return torch.baddbmm(second_bias, hidden, second)


def train(grid: sc.Sweep, epochs: int) -> np.ndarray:
    """The accuracy of every member, in the shape of the sweep, after SGD with a learning rate for each."""
    images, digits, unseen, unseen_digits = split()
    parameters = networks(grid.size)
    velocities = [torch.zeros_like(each) for each in parameters]
    torch.manual_seed(0)
    step = 0
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(BATCH):
            scores = outputs(parameters, images[batch]).flatten(0, 1)
            loss = cross_entropy(scores, digits[batch].repeat(grid.size), reduction="sum") / len(batch)
            gradients = torch.autograd.grad(loss, parameters)  # members do not bear on one another
            lr = torch.from_numpy(grid.at(step)).float().reshape(-1, 1, 1)
            with torch.no_grad():
                for parameter, velocity, gradient in zip(parameters, velocities, gradients, strict=True):
                    velocity.mul_(MOMENTUM).add_(gradient)
                    parameter.sub_(lr * velocity)
            step += 1
    with torch.no_grad():
        right = outputs(parameters, unseen).argmax(2) == unseen_digits
    return right.float().mean(1).reshape(grid.shape).numpy()


def draw(grid: sc.Sweep, accuracy: np.ndarray, output: Path) -> None:
    figure, (above, below) = pyplot.subplots(2, figsize=(8, 7), layout="constrained", height_ratios=(2, 3))
    grid.plot(ax=above, alpha=0.6)
    above.set_ylabel("learning rate")
    above.set_yscale("log")
    above.set_ylim(bottom=1e-4)
    peaks, warmups = grid.axes["peak"], grid.axes["warmup"]
    picture = below.pcolormesh(peaks, range(len(warmups)), accuracy.T, shading="nearest", cmap="magma")
    below.set_xscale("log")
    below.set_yticks(range(len(warmups)), [f"{warmup:g}" for warmup in warmups])
    below.set_xlabel("peak learning rate")
    below.set_ylabel("steps of warm-up")
    figure.colorbar(picture, label="accuracy on unseen digits")
    figure.savefig(output, dpi=120)
    print(f"schedules and accuracies drawn in {output}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--output", type=Path, default=Path("sweep.png"))
    arguments = parser.parse_args()
    steps = arguments.epochs * len(split()[0][::BATCH])

    def schedule(peak: float, warmup: int) -> sc.Curve:
        return sc.linear(peak / warmup, peak, warmup) >> sc.cosine(peak, 0, steps - warmup)

    peaks, warmups = np.geomspace(3e-3, 10, 24), np.unique(np.geomspace(1, steps // 2, 8).astype(int))
    grid = sc.sweep(schedule, peak=peaks, warmup=warmups)
    begin = time.perf_counter()
    accuracy = train(grid, arguments.epochs)
    seconds = time.perf_counter() - begin
    begin = time.perf_counter()
    for step in range(steps):
        grid.at(step)
    share = (time.perf_counter() - begin) / seconds
    print(
        f"{grid.size} networks, {steps} steps each, in {seconds:.1f} s; {share:.2%} of it for learning rates"
    )
    columns = " ".join(f"{warmup:>6}" for warmup in warmups)
    print(f"\naccuracy on unseen digits\n{'peak':>8}  warm-up of\n{'':>8}  {columns}")
    for peak, row in zip(peaks[::3], accuracy[::3], strict=True):
        print(f"{peak:>8.2g}  " + " ".join(f"{each:>6.1%}" for each in row))
    best = np.unravel_index(accuracy.argmax(), grid.shape)
    chosen = grid.parameters(best)
    print(
        f"\nbest: peak {chosen['peak']:.3g}, warm-up {chosen['warmup']}: {accuracy[best]:.1%}\n{grid[best]}\n"
    )
    draw(grid, accuracy, arguments.output)


if __name__ == "__main__":
    main()
