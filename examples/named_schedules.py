"""The twelve schedules that have a name of their own, and the cooldowns that one of them offers.

    python examples/named_schedules.py [--output schedules.png]

Prints each call with the expression that it stands for, and draws them all.
"""

import argparse
from pathlib import Path
from typing import Any

import stepcurve as sc
from stepcurve.cooldowns import KINDS

STEPS = 1_000

CALLS = [
    'warmup_cosine(1, 1_000, warmup="10%", end="10%")',
    'warmup_linear(1, 1_000, warmup="10%")',
    'wsd(1, 1_000, warmup="5%", cooldown="20%")',
    'trapezoid(1, 1_000, warmup="15%", cooldown="40%")',
    "infinite(1, [300, 600, 1_000], warmup=50)",
    "inverse_sqrt(1, 100)",
    "noam(512, 100)",
    "one_cycle(1, 1_000)",
    "cyclic(0.1, 1, 100, decay=0.7)",
    "restarts(1, 140, growth=2, times=3, decay=0.8)",
    "step_decay(1, 300, 0.3, warmup=50)",
    "multistep(1, [500, 750], 0.3)",
]


def describe() -> None:
    for call in CALLS:
        print(f"{call}\n  {sc.parse(call)}\n")
    print("cooldowns of wsd, from 1 to 0.1 in 100 steps")
    for kind, fall in KINDS.items():
        print(f"  {kind:14}{fall(1, 0.1, 100)}")


def draw(output: Path) -> None:
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        5, 3, figsize=(11, 14), layout="constrained", height_ratios=(1, 1, 1, 1, 2.4)
    )
    figure.get_layout_engine().set(h_pad=0.1)
    for ax, call in zip(axes.flat, CALLS, strict=False):
        draw_call(ax, call)
    below = axes[-1, 0].get_gridspec()[-1, :]
    for ax in axes[-1]:
        ax.remove()
    draw_cooldowns(figure.add_subplot(below))
    figure.savefig(output, dpi=90)
    print(f"\ndrawn to {output}")


def draw_call(ax: Any, call: str) -> None:
    curve = sc.parse(call)
    curve.plot(STEPS, ax=ax)
    name, _, arguments = call.partition("(")
    ax.set_title(name, fontweight="bold", fontsize="medium", pad=18)
    ax.text(0.5, 1.04, f"({arguments}", transform=ax.transAxes, fontsize=8, ha="center", color="dimgray")
    ax.set(xlabel="", ylabel="", xticks=range(0, STEPS + 1, 250))
    ax.set_ylim(bottom=0)
    ax.margins(x=0.01)


def draw_cooldowns(ax: Any) -> None:
    for kind, fall in KINDS.items():
        fall(1, 0.1, 100).plot(ax=ax, label=kind, linewidth=1.8)
    ax.set_title("the cooldowns of wsd, from 1 to 0.1", fontweight="bold", fontsize="medium")
    ax.set(xlabel="step of the cooldown", ylabel="")
    ax.set_ylim(bottom=0)
    ax.margins(x=0.01)
    ax.legend(fontsize="small", ncols=3, loc="upper right")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path("schedules.png"))
    output = parser.parse_args().output
    describe()
    draw(output)


if __name__ == "__main__":
    main()
