"""How does what a step or a value costs grow: with steps, param groups, members, pieces, runs and threads?"""

import numpy as np
import pytest
import stepcurve as sc
from bench_step import optimizer, stepper
from bench_sweep import zipped
from stepcurve import lr_scheduler

VALUES = 1_000_000


def joined(pieces, steps):
    """A join of so many pieces, on so many steps."""
    ends = [steps * i // pieces for i in range(1, pieces)]
    return sc.join([sc.linear(0, 1, steps // pieces)] * pieces, ends)


def a_step_of_groups(size):
    return stepper(lr_scheduler.CosineAnnealingLR(optimizer(size), 10**9)), size


def a_value_at_step(size):
    curve = sc.cosine(1, 0, 1_000).repeat(growth=2)
    return lambda: curve(size), 1


def a_value_of_pieces(size):
    curve = joined(size, 10 * size)
    return lambda: curve(5 * size), 1


def a_table_of_pieces(size):
    curve, out = joined(size, VALUES), np.ones(VALUES)
    return lambda: curve.table(VALUES, out=out, threads=1), VALUES


def a_table_of_steps(size):
    curve, out = sc.cosine(1, 0, size), np.ones(size)
    return lambda: curve.table(size, out=out, threads=1), size


def members_at_a_step(size):
    grid = zipped(size)
    return lambda: grid.at(50_000, threads=1), size


def runs_of_a_plateau(size):
    tracker, metrics, out = sc.Plateau(0.1, runs=size), np.ones(size), np.ones(size)
    return lambda: tracker.update(metrics, out=out, threads=1), size


GROWTHS = {
    "a value, by step": (a_value_at_step, [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]),
    "a value of a join, by pieces": (a_value_of_pieces, [1, 10, 100, 1_000, 10_000, 100_000]),
    "a table of a join, a value, by pieces": (a_table_of_pieces, [1, 10, 100, 1_000, 10_000, 100_000]),
    "a table, a value, by steps": (a_table_of_steps, [100, 1_000, 10_000, 100_000, 1_000_000]),
    "a step, a group, by groups": (a_step_of_groups, [1, 10, 100, 1_000]),
    "a sweep at a step, a member, by members": (members_at_a_step, [1, 10, 100, 1_000, 10_000, 100_000]),
    "a plateau, a run, by runs": (runs_of_a_plateau, [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]),
}
CASES = [(growth, size) for growth, (_, sizes) in GROWTHS.items() for size in sizes]


@pytest.mark.table(turns=5, columns="size")
@pytest.mark.parametrize("contender", ["stepcurve"])
@pytest.mark.parametrize(("growth", "size"), CASES)
def bench_growth(timed, quick, growth, size, contender):
    """The cost of one value, group, member or run, as there are more of them, or of what it is made of."""
    timed(*GROWTHS[growth][0](min(size, 100) if quick else size))


@pytest.mark.table(turns=5, columns="threads")
@pytest.mark.parametrize("contender", ["stepcurve"])
@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("curve", ["cosine", "tanh"])
def bench_threads(timed, quick, curve, threads, contender):
    """A value of a table of 10 million, bound by memory (cosine) and by arithmetic (tanh)."""
    steps = 10_000 if quick else 10_000_000
    made, out = getattr(sc, curve)(1, 0, steps), np.ones(steps)
    timed(lambda: made.table(steps, out=out, threads=threads), steps)
