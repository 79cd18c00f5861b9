"""What does a metric cost Plateau and EarlyStop: of one run, of a population, of a recorded log?"""

import os
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
import stepcurve as sc
import torch

os.environ.setdefault("JAX_PLATFORMS", "cpu")
import jax
from optax.contrib import reduce_on_plateau

NEVER = 10**9
RNG = np.random.default_rng(0)


def log(size):
    return RNG.random(size) + np.linspace(2, 1, size)


def each(step, metrics):
    def steps():
        for metric in metrics:
            step(metric)

    return steps


def torch_step():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    return torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer).step


class Optax:
    """optax's rule, jitted: a state, or a population of them, through a metric each."""

    def __init__(self, runs=None):
        rule = reduce_on_plateau(factor=0.1, patience=10, rtol=1e-4)

        def one(state, metric):
            return rule.update(jax.numpy.ones(()), state, value=metric)[1]

        self.state = rule.init(jax.numpy.ones(()))
        if runs is not None:
            self.state = jax.tree.map(lambda leaf: jax.numpy.broadcast_to(leaf, (runs,)), self.state)
            one = jax.vmap(one)
        self.one = jax.jit(one)
        self.all = jax.jit(
            lambda state, log: jax.lax.scan(lambda s, m: (new := one(s, m), new.scale), state, log)
        )

    def step(self, metric):
        self.state = self.one(self.state, metric)
        self.state.scale.block_until_ready()

    def replay(self, log):
        return lambda: self.all(self.state, log)[1].block_until_ready()


@pytest.mark.parametrize(
    "contender",
    ["stepcurve", "torch", "optax, jit", "EarlyStop"],
)
@pytest.mark.parametrize("plateau", ["one run, live"])
def bench_plateau(timed, quick, plateau, contender):
    """A metric as it comes: Plateau.update, torch's step, a jitted update of optax's."""
    metrics = log(100 if quick else 5_000)
    step = {
        "stepcurve": sc.Plateau(0.1).update,
        "torch": torch_step(),
        "optax, jit": Optax().step,
        "EarlyStop": sc.EarlyStop(patience=NEVER).update,
    }[contender]
    timed(each(step, metrics.tolist()), metrics.size)


REPLAYS = {
    "stepcurve": lambda m: partial(sc.Plateau(0.1).replay, m, out=np.ones(m.size)),
    "stepcurve, warmup=5": lambda m: partial(sc.Plateau(0.1, warmup=5).replay, m, out=np.ones(m.size)),
    "stepcurve, window=50": lambda m: partial(sc.Plateau(0.1, window=50).replay, m, out=np.ones(m.size)),
    "EarlyStop": lambda m: partial(sc.EarlyStop(patience=NEVER).replay, m, out=np.ones(m.size, bool)),
    "optax, jit, scan": lambda m: Optax().replay(jax.numpy.array(m)),
    "floor": lambda m: partial(np.copyto, np.ones(m.size), m),
}


@pytest.mark.parametrize("contender", REPLAYS)
@pytest.mark.parametrize("replay", ["a log of 2,000,000 metrics"])
def bench_replay(timed, quick, replay, contender):
    """A recorded log of one run; the floor copies it."""
    metrics = log(2_000 if quick else 2_000_000)
    timed(REPLAYS[contender](metrics), metrics.size)


def by_numpy(runs):
    """torch's rule as a user would write it for a population."""
    lr, best, bad = np.full(runs, 0.1), np.full(runs, np.inf), np.zeros(runs, int)

    def update(metrics):
        nonlocal lr, best, bad
        better = metrics < best * (1 - 1e-4)
        best = np.where(better, metrics, best)
        bad = np.where(better, 0, bad + 1)
        cut = bad > 10
        reduced = np.maximum(lr * 0.1, 0)
        lr = np.where(cut & (lr - reduced > 1e-8), reduced, lr)
        bad = np.where(cut, 0, bad)
        return lr

    return update


def touch(runs):
    """Reads and writes what the rule must, and works nothing out: four columns of state, metrics, results."""
    columns, out = [np.zeros(runs) for _ in range(4)], np.ones(runs)

    def update(metrics):
        for column in columns:
            np.add(column, 1, out=column)
        np.copyto(out, metrics)

    return update


def tracker(runs, threads=1, **options):
    return partial(sc.Plateau(0.1, runs=runs, **options).update, out=np.ones(runs), threads=threads)


def stop(runs, threads=1, **options):
    made = sc.EarlyStop(**{"patience": NEVER, **options}, runs=runs)
    return partial(made.update, out=np.ones(runs, bool), threads=threads)


BEYOND = {"nan": "skip", "cumulative": False, "baseline": 2, "target": -1, "limit": 5, "warmup": 5}
UPDATES = {
    "stepcurve": tracker,
    "stepcurve, 2 threads": lambda runs: tracker(runs, 2),
    "stepcurve, patience and factor a run": lambda runs: tracker(
        runs, patience=np.arange(runs) % 50, factor=np.linspace(0.1, 0.9, runs)
    ),
    "stepcurve, warmup=5": lambda runs: tracker(runs, warmup=5),
    "EarlyStop": stop,
    "EarlyStop, 2 threads": lambda runs: stop(runs, 2),
    "EarlyStop, every option": lambda runs: stop(runs, **BEYOND),
    "EarlyStop, all have stopped": lambda runs: stop(runs, limit=-1),
    "NumPy": by_numpy,
    "optax, jit, vmap": lambda runs: Optax(runs).step,
    "floor": touch,
}


@pytest.mark.table(columns="runs")
@pytest.mark.parametrize("contender", UPDATES)
@pytest.mark.parametrize("runs", [1_000, 100_000, 1_000_000])
def bench_population(timed, quick, runs, contender):
    """A metric for each run of a population; the floor reads and writes the state and the results."""
    runs = min(runs, 2_000) if quick else runs
    metrics, update = RNG.random(runs), UPDATES[contender](runs)
    timed(lambda: update(metrics), runs)


LOGS = {
    "stepcurve": lambda m: partial(
        sc.Plateau(0.1, runs=m.shape[1]).replay, m, out=np.ones(m.shape), threads=1
    ),
    "stepcurve, 2 threads": lambda m: partial(
        sc.Plateau(0.1, runs=m.shape[1]).replay, m, out=np.ones(m.shape), threads=2
    ),
    "EarlyStop": lambda m: partial(
        sc.EarlyStop(patience=NEVER, runs=m.shape[1]).replay, m, out=np.ones(m.shape, bool), threads=1
    ),
    "optax, jit, vmap, scan": lambda m: Optax(m.shape[1]).replay(jax.numpy.array(m)),
    "floor": lambda m: partial(np.copyto, np.ones(m.shape), m),
}


@pytest.mark.table(turns=5)
@pytest.mark.parametrize("contender", LOGS)
@pytest.mark.parametrize("logs", ["10,000 runs, 1,000 steps"])
def bench_logs(timed, quick, logs, contender):
    """The logs of a population, replayed; the floor copies them."""
    metrics = RNG.random((20, 500) if quick else (1_000, 10_000))
    timed(LOGS[contender](metrics), metrics.size)


SIZE = """
import resource, numpy as np, stepcurve as sc
from pathlib import Path
resident = lambda: int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
def options(runs): return {name: np.asarray(value) for name, value in dict(OPTIONS).items()}
sc.KIND(runs=10, **options(10))
before, given = resident(), options(2_000_000)
given_size = resident() - before
made = sc.KIND(runs=2_000_000, **given)
print((resident() - before - given_size) / 2e6)
"""
SIZES = {
    "stepcurve": ("Plateau", "lr=0.1"),
    "patience a run": ("Plateau", "lr=0.1, patience=[10] * runs"),
    "factor a run": ("Plateau", "lr=0.1, factor=[0.5] * runs"),
    "warmup=5": ("Plateau", "lr=0.1, warmup=5"),
    "window=10": ("Plateau", "lr=0.1, window=10"),
    "EarlyStop": ("EarlyStop", ""),
    "EarlyStop, patience a run": ("EarlyStop", "patience=[10] * runs"),
}


@pytest.mark.table(unit="bytes", turns=1)
@pytest.mark.parametrize("contender", SIZES)
@pytest.mark.parametrize("memory", ["2,000,000 runs"])
def bench_memory(measured, memory, contender):
    """Resident bytes a run of a population, in a process of its own."""
    kind, options = SIZES[contender]
    code = SIZE.replace("KIND", kind).replace("OPTIONS", options)
    measured(float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout))
