"""The pictures of the documentation.

    python docs/pictures/draw.py [NAME ...]

Draws those of these names, or all, beside this file. Two come from examples that train networks, about a
minute on two cores; the others take seconds. The same versions of matplotlib and torch draw the same.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("agg")

import numpy as np
import stepcurve as sc
from matplotlib import pyplot
from PIL import Image

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
STYLE = {
    "axes.prop_cycle": mpl.cycler(color=["#3f51b5", "#e8590c", "#2b8a3e", "#9c36b5", "#e03131", "#868e96"]),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 9,
    "axes.labelsize": 9,
    "font.size": 9,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
}
CODE = {"family": "monospace", "fontsize": 7.5, "loc": "left"}


def panels(rows: int, columns: int, height: float = 1.9) -> tuple[mpl.figure.Figure, np.ndarray]:
    return pyplot.subplots(
        rows,
        columns,
        figsize=(9, height * rows),
        layout="constrained",
        squeeze=False,
        gridspec_kw={"hspace": 0.06},
    )


def lines(texts: list[str], steps: float, columns: int) -> mpl.figure.Figure:
    """A panel an expression, the expression above it."""
    figure, axes = panels(-(-len(texts) // columns), columns)
    for ax in axes.flat[len(texts) :]:
        ax.remove()
    for ax, text in zip(axes.flat, texts, strict=False):
        sc.parse(text.replace("\n", " ")).plot(steps, ax=ax)
        ax.set_title(text, **CODE)
        ax.set(xlabel="", ylabel="", ylim=(-0.05, 1.05))
    return figure


def dots(ax: mpl.axes.Axes, curve: sc.Curve, steps: int, **style: object) -> None:
    """The values that a run of so many steps takes, full; those after it, hollow."""
    taken, after = np.arange(steps), np.arange(steps, 12)
    (line,) = ax.plot(taken, curve(taken), "o", markersize=5, **style)
    ax.plot(after, curve(after), "o", markersize=5, color=line.get_color(), markerfacecolor="white")


def shapes() -> mpl.figure.Figure:
    return lines(
        [
            "constant(1)",
            "linear(1, 0, 100)",
            "polynomial(1, 0, 100, power=2)",
            "polynomial(1, 0, 100, inner_power=0.5)",
            "cosine(1, 0, 100)",
            "cosine(1, 0, 100, cycles=2.5)",
            "exponential(1, 0.01, 100)",
            "decay(1, 0.5, every=30)",
            "inverse(1, 10, power=0.5)",
            "tanh(1, 0, 100)",
            "log(0, 1, 100)",
            "piecewise({0: 1, 30: 0.5, 60: 0.1})",
        ],
        100,
        3,
    )


def combinators() -> mpl.figure.Figure:
    return lines(
        [
            "linear(0, 1, 20) >> cosine(1, 0, 80)",
            "cosine(1, 0, 100)\n* cosine(1, 0.5, 10, cycles=1).repeat()",
            "0.2 + cosine(0.8, 0, 14).repeat(growth=2)",
            "(linear(0, 1, 10) >> linear(1, 0, 10))\n.repeat(decay=0.7)",
            "exponential(1, 0.1, 100).stairs(20)",
            "cosine(1, 0, 100).clip(0.1, 0.8)",
            "linear(1, 0, 40).shift(20).hold(40)",
            'join([linear(0, 1, 20), inverse(1, 20)], [20],\n clock="global")',
            "join([linear(0, 1, 10) >> constant(1),\n linear(1, 0, 30)], [70])",
        ],
        100,
        3,
    )


def ends() -> mpl.figure.Figure:
    figure, ((length, shown), (owner, past)) = panels(2, 2, height=2.6)
    dots(length, sc.linear(1, 0, 10), 10)
    length.set_title("linear(1, 0, 10): eleven values, 0 to 10", **CODE)
    length.annotate(
        "after a run of 10 steps", (10, 0), (6.3, 0.62), arrowprops={"arrowstyle": "->"}, fontsize=8
    )
    dots(shown, sc.warmup_linear(1, 10, 4), 10, label="as they are")
    both = sc.warmup_linear(1, 10, 4, include_start=False, include_end=True)
    dots(shown, both, 10, label="include_start=False, include_end=True")
    shown.set_title("warmup_linear(1, 10, 4)", **CODE)
    shown.set_ylim(top=1.45)
    shown.legend(loc="upper right")
    for name, up, note in (("later", 0.0, ""), ("earlier", 0.05, ", drawn a little higher")):
        curve = sc.join([sc.constant(1), sc.constant(0.5)], [5], owner=name) + up
        owner.plot(np.arange(12), curve(np.arange(12)), "o", markersize=5, label=f'owner="{name}"' + note)
    owner.set_title("join([constant(1), constant(0.5)], [5])", **CODE)
    owner.legend()
    within, after = np.linspace(0, 6, 200), np.linspace(6.001, 11.999, 200)
    past.plot(within, sc.cosine(1, 0, 6)(within))
    for policy in ("hold", "extrapolate", "repeat", 0.5):
        past.plot(after, sc.cosine(1, 0, 6).past_end(policy)(after), label=str(policy))
    past.set_title("cosine(1, 0, 6).past_end(...)", **CODE)
    past.legend(loc="upper left", bbox_to_anchor=(0.0, 0.62))
    for ax in (length, shown, owner, past):
        ax.set_xlabel("step")
        ax.set_ylim(bottom=-0.05)
    return figure


def choosing() -> mpl.figure.Figure:
    figure, axes = panels(1, 1, height=3)
    for name, curve in {
        "warmup_cosine: the end is known": sc.warmup_cosine(1, 1_000, 30, end="10%"),
        "wsd: the end may be chosen later": sc.wsd(1, 1_000, 30, "20%"),
        "inverse_sqrt: there is no end": sc.inverse_sqrt(1, 30),
        "warmup_linear: fine-tuning": sc.warmup_linear(1, 1_000, "6%"),
        "one_cycle: a short run": sc.one_cycle(1, 1_000),
    }.items():
        curve.plot(1_000, ax=axes[0, 0], label=name)
    axes[0, 0].set(xlabel="step of 1 000", ylabel="times the peak")
    axes[0, 0].legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def pitfalls() -> mpl.figure.Figure:
    figure, ((horizon, unit), (frozen, order)) = panels(2, 2, height=2.5)
    endless = sc.cosine(1, 0, 1_000).past_end("extrapolate")
    for factor in (1, 2.5, 0.4):
        endless.stretch(factor).plot(1_000, ax=horizon, label=f"T_max={1_000 * factor:g}")
    horizon.set_title("a run of 1 000 steps, torch's cosine")
    horizon.set_ylim(top=1.45)
    horizon.legend(loc="upper center", ncols=3)
    endless.stretch(0.1).plot(1_000, ax=unit, label="T_max=100, stepped per batch", color="C1", linewidth=1)
    endless.plot(1_000, ax=unit, label="per epoch")
    unit.set_title("100 epochs of 10 batches")
    unit.set_ylim(top=1.45)
    unit.legend(loc="upper center", ncols=2)
    for end in ("0%", "10%"):
        sc.warmup_cosine(1, 1_000, 30, end=end).plot(999, ax=frozen, label=f"end={end!r}")
    frozen.set_yscale("log")
    frozen.set_ylim(1e-6, 2)
    frozen.set_title("what an end of 0 comes to, on a logarithmic scale")
    frozen.legend(loc="lower left")
    dots(order, sc.linear(0.2, 1, 4), 12, label="optimizer.step(), then scheduler.step()")
    dots(order, sc.linear(0.2, 1, 4).shift(-1), 12, label="the other way round: the first is lost")
    order.set_title("a warm-up of 5 steps")
    order.legend(loc="lower right")
    for ax in (horizon, unit, frozen, order):
        ax.set(xlabel="step", ylabel="times the peak")
    return figure


FIGURES = {each.__name__: each for each in (shapes, combinators, ends, choosing, pitfalls)}
EXAMPLE_OF = {
    "plateau": "plateau_from_log",
    "published_schedules": "published_schedules",
    "schedules": "named_schedules",
    "sweep": "sweep_digits",
}


def draw(name: str) -> None:
    if name in FIGURES:
        with mpl.rc_context(STYLE):
            FIGURES[name]().savefig(HERE / f"{name}.png", dpi=130)
    else:
        script = EXAMPLES / f"{EXAMPLE_OF[name]}.py"
        subprocess.run([sys.executable, script, "--output", HERE / f"{name}.png"], check=True)
    pyplot.close("all")
    shrink(HERE / f"{name}.png")


def shrink(picture: Path) -> None:
    """To 256 colours, which is a third of the size."""
    with Image.open(picture) as full:
        full.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(picture, optimize=True)


def main() -> None:
    names = [*FIGURES, *EXAMPLE_OF]
    parser = argparse.ArgumentParser(description="The pictures of the documentation.")
    parser.add_argument("names", nargs="*", help=", ".join(names))
    for name in parser.parse_args().names or names:
        draw(name)


if __name__ == "__main__":
    main()
