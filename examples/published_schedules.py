"""Learning-rate schedules of published training runs, built from the numbers in their papers.

    python examples/published_schedules.py [--output published_schedules.png]

Prints each schedule as an expression with the values that its paper states, tabulates the whole run, and
draws all of them. What a paper leaves open is named in `ours`.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import stepcurve as sc


@dataclass(frozen=True)
class Schedule:
    name: str
    source: str
    curve: sc.Curve
    steps: int  # the run, in the unit of the curve
    unit: str
    stated: dict[float, float]  # time to value, as the paper has them
    ours: str = "nothing"


def resnet50() -> Schedule:
    """Batch 8192: the reference rate 0.1 for a batch of 256, times 32, reached over 5 epochs."""
    peak = 0.1 * 8192 / 256
    steps = sc.piecewise({0: peak, 30: peak / 10, 60: peak / 100, 80: peak / 1000})
    return Schedule(
        name="ResNet-50, 1 hour",
        source="Goyal et al. 2017, arXiv:1706.02677, sections 2.2 and 5.1",
        curve=sc.join([sc.linear(0.1, peak, 5), steps], [5], clock="global"),
        steps=90,
        unit="epochs",
        stated={0: 0.1, 5: 3.2, 30: 0.32, 60: 0.032, 80: 0.0032},
    )


def sgdr() -> Schedule:
    return Schedule(
        name="SGDR, T0=10, Tmult=2",
        source="Loshchilov and Hutter 2016, arXiv:1608.03983, sections 3 and 4",
        curve=sc.cosine(0.05, 0, 10).repeat(growth=2),
        steps=150,
        unit="epochs",
        stated={0: 0.05, 10: 0.05, 30: 0.05, 70: 0.05, 150: 0.05, 5: 0.025},
    )


def transformer() -> Schedule:
    """d_model^-0.5 min(step^-0.5, step warmup^-1.5): a rise to the inverse square root at the warm-up."""
    d_model, warmup = 512, 4000
    peak = (d_model * warmup) ** -0.5
    return Schedule(
        name="Transformer (Noam)",
        source="Vaswani et al. 2017, arXiv:1706.03762, section 5.3",
        curve=sc.linear(0, peak, warmup) >> sc.inverse(peak, warmup, power=0.5),
        steps=100_000,
        unit="steps",
        stated={step: 512**-0.5 * min(step**-0.5, step * 4000**-1.5) for step in (1, 4000, 16_000, 100_000)},
    )


def gpt3() -> Schedule:
    """In steps of the final batch, 3.2 million tokens."""
    batch = 3.2e6
    warmup, decay_end, end = 375e6 / batch, 260e9 / batch, 300e9 / batch
    return Schedule(
        name="GPT-3 175B",
        source="Brown et al. 2020, arXiv:2005.14165, table 2.1 and appendix B",
        curve=sc.linear(0, 6e-5, warmup) >> sc.cosine(6e-5, 6e-6, decay_end - warmup),
        steps=int(end),
        unit="steps",
        stated={0: 0, 375e6 / batch: 6e-5, 260e9 / batch: 6e-6, 300e9 / batch: 6e-6},
        ours="one batch size throughout (the run ramps it up); the cosine starts after the warm-up",
    )


def llama2() -> Schedule:
    """2T tokens in batches of 4M: 500 000 steps, the last at a tenth of the peak."""
    return Schedule(
        name="Llama 2 7B",
        source="Touvron et al. 2023, arXiv:2307.09288, section 2.2",
        curve=sc.linear(0, 3e-4, 2_000) >> sc.cosine(3e-4, 3e-5, 498_000),
        steps=500_000,
        unit="steps",
        stated={0: 0, 2_000: 3e-4, 500_000: 3e-5},
    )


def deepseek_v3() -> Schedule:
    """In steps of the final batch, 15 360 sequences of 4096 tokens."""
    batch = 15_360 * 4096
    bounds = [2_000, 10e12 / batch, 14.3e12 / batch, 14.633e12 / batch]
    pieces = [
        sc.linear(0, 2.2e-4, 2_000),
        sc.constant(2.2e-4),
        sc.cosine(2.2e-4, 2.2e-5, 4.3e12 / batch),
        sc.constant(2.2e-5),
        sc.constant(7.3e-6),
    ]
    return Schedule(
        name="DeepSeek-V3",
        source="DeepSeek-AI 2024, arXiv:2412.19437, section 4.2",
        curve=sc.join(pieces, bounds),
        steps=int(14.8e12 / batch),
        unit="steps",
        stated={0: 0, 2_000: 2.2e-4, 10e12 / batch: 2.2e-4, 14.3e12 / batch: 2.2e-5, 14.7e12 / batch: 7.3e-6},
        ours="one batch size throughout (the run ramps it up over the first 469B tokens)",
    )


def one_cycle() -> Schedule:
    """Up and down in straight lines, then far below the start for the remaining steps."""
    return Schedule(
        name="1cycle, ResNet-56",
        source="Smith and Topin 2017, arXiv:1708.07120, sections 3 and 5; Smith 2018, arXiv:1803.09820",
        curve=sc.linear(0.1, 3, 5_000) >> sc.linear(3, 0.1, 5_000) >> sc.linear(0.1, 1e-4, 1_000),
        steps=11_000,
        unit="steps",
        stated={0: 0.1, 5_000: 3, 10_000: 0.1},
        ours="how long and how far below: 1 000 steps to a thousandth, for 'several orders of magnitude'",
    )


def wsd() -> Schedule:
    """Warm-up, stable, and a cooldown of 1 - sqrt over the last fifth."""
    cooldown = sc.polynomial(1e-3, 0, 10_000, inner_power=0.5)
    return Schedule(
        name="WSD, 1-sqrt cooldown",
        source="Hägele et al. 2024, arXiv:2405.18392, section 3 (shape and share of the cooldown)",
        curve=sc.linear(0, 1e-3, 1_000) >> sc.constant(1e-3, 39_000) >> cooldown,
        steps=50_000,
        unit="steps",
        stated={40_000: 1e-3, 42_500: 1e-3 * (1 - 0.5), 50_000: 0},
        ours="the peak and the number of steps",
    )


SCHEDULES = [f() for f in (resnet50, sgdr, transformer, gpt3, llama2, deepseek_v3, one_cycle, wsd)]


def describe(schedule: Schedule) -> None:
    print(f"{schedule.name}  ({schedule.source})")
    print(f"  {schedule.curve}")
    stated = "  ".join(f"{time:g}: {schedule.curve(time):.6g}" for time in sorted(schedule.stated))
    print(f"  at {schedule.unit} the paper states: {stated}")
    print(f"  ours: {schedule.ours}\n")


def tabulate() -> None:
    """Every step of every run whose unit is a step."""
    runs = [s for s in SCHEDULES if s.unit == "steps"]
    tables = [np.empty(run.steps + 1) for run in runs]
    begin = perf_counter()
    for run, table in zip(runs, tables, strict=True):
        run.curve.table(table.size, out=table)
    milliseconds = 1e3 * (perf_counter() - begin)
    print(f"all {sum(t.size for t in tables):,} steps of {len(runs)} runs tabulated in {milliseconds:.1f} ms")


def draw(output: Path) -> None:
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(4, 2, figsize=(10, 12), layout="constrained")
    for ax, schedule in zip(axes.flat, SCHEDULES, strict=True):
        schedule.curve.plot(schedule.steps, ax=ax)
        times = [time for time in schedule.stated if time <= schedule.steps]
        ax.plot(times, [schedule.stated[time] for time in times], "o", markersize=5, clip_on=False)
        ax.set_title(schedule.name)
        ax.set_xlabel(schedule.unit[:-1])
        ax.set_ylabel("learning rate")
        ax.set_ylim(bottom=0)
        ax.margins(x=0.01)
    figure.savefig(output, dpi=90)
    print(f"drawn to {output}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path("published_schedules.png"))
    output = parser.parse_args().output
    for schedule in SCHEDULES:
        describe(schedule)
    tabulate()
    draw(output)


if __name__ == "__main__":
    main()
