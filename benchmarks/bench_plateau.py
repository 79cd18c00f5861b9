"""What does a metric cost Plateau and EarlyStop: one run and a population, beside torch, NumPy and memory?

python benchmarks/bench_plateau.py [--quick]

The floor of a population is to read and write the columns that its rule has to touch, with nothing to work
out: the four of the state in place, metrics to results.
"""

import resource
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import stepcurve as sc
import torch
from timing import least, machine

QUICK = "--quick" in sys.argv[1:]
ROUNDS = 2 if QUICK else 25
METRICS = 20_000 if QUICK else 2_000_000
RUNS = 2_000 if QUICK else 100_000
UPDATES = 2 if QUICK else 20
STEPS_OF_TORCH = 1_000 if QUICK else 20_000
RNG = np.random.default_rng(0)


def torch_run(log):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)

    def step():
        for metric in log:
            scheduler.step(metric)

    return step


def live(tracker, log):
    def update():
        for metric in log:
            tracker.update(metric)

    return update


def one_run():
    log = RNG.random(METRICS) + np.linspace(2, 1, METRICS)
    few, out = log[:STEPS_OF_TORCH].tolist(), np.empty(METRICS)
    plain, warm, mean = (sc.Plateau(0.1, **options) for options in ({}, {"warmup": 5}, {"window": 50}))
    stop, stopped = sc.EarlyStop(patience=10**9), np.empty(METRICS, bool)
    best = least(
        {
            "torch, stepped": torch_run(few),
            "update": live(sc.Plateau(0.1), few),
            "replay": lambda: plain.replay(log, out=out),
            "replay, warmup=5": lambda: warm.replay(log, out=out),
            "replay, window=50": lambda: mean.replay(log, out=out),
            "EarlyStop, update": live(sc.EarlyStop(patience=10**9), few),
            "EarlyStop, replay": lambda: stop.replay(log, out=stopped),
            "numpy.copyto, the floor": lambda: np.copyto(out, log),
        },
        ROUNDS,
    )
    live_ones = ("torch, stepped", "update", "EarlyStop, update")
    count = {name: len(few) if name in live_ones else METRICS for name in best}
    theirs = best["torch, stepped"] / STEPS_OF_TORCH
    print(f"\nOne run, a log of {METRICS:,} metrics\n\n| | ns a metric | times torch |\n|---|---|---|")
    for name, time in best.items():
        print(f"| {name} | {time / count[name]:.2f} | {theirs * count[name] / time:.1f} |")


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


def often(update):
    def updates():
        for _ in range(UPDATES):
            update()

    return updates


def population():
    losses, out = RNG.random(RUNS), np.empty(RUNS)
    columns = [np.zeros(RUNS) for _ in range(4)]
    a_run = {"patience": np.arange(RUNS) % 50, "factor": np.linspace(0.1, 0.9, RUNS)}

    def touch():
        for column in columns:
            np.add(column, 1, out=column)
        np.copyto(out, losses)

    def ours(threads=1, **options):
        tracker = sc.Plateau(0.1, runs=RUNS, **options)
        return lambda: tracker.update(losses, out=out, threads=threads)

    def stops(threads=1, **options):
        stop, stopped = sc.EarlyStop(**{"patience": 10**9, **options}, runs=RUNS), np.empty(RUNS, bool)
        return lambda: stop.update(losses, out=stopped, threads=threads)

    beyond = {"nan": "skip", "cumulative": False, "baseline": 2, "target": -1, "limit": 5, "warmup": 5}
    numpys = by_numpy(RUNS)
    best = least(
        {
            "NumPy expressions": often(lambda: numpys(losses)),
            "update": often(ours()),
            "update, 2 threads": often(ours(2)),
            "update, patience and factor a run": often(ours(**a_run)),
            "update, warmup=5": often(ours(warmup=5)),
            "EarlyStop, update": often(stops()),
            "EarlyStop, update, 2 threads": often(stops(2)),
            "EarlyStop, update, every option": often(stops(**beyond)),
            "EarlyStop, update, all have stopped": often(stops(limit=-1)),
            "the floor": often(touch),
        },
        ROUNDS,
    )
    print(f"\nA population of {RUNS:,} runs\n\n| | ns a run and update | times NumPy |\n|---|---|---|")
    for name, time in best.items():
        print(f"| {name} | {time / RUNS / UPDATES:.2f} | {best['NumPy expressions'] / time:.1f} |")


def table():
    steps, runs = (20, 500) if QUICK else (1_000, 10_000)
    log, out = RNG.random((steps, runs)), np.empty((steps, runs))
    one, two = (sc.Plateau(0.1, runs=runs) for _ in range(2))
    stop, stopped = sc.EarlyStop(patience=10**9, runs=runs), np.empty((steps, runs), bool)
    best = least(
        {
            "replay": lambda: one.replay(log, out=out, threads=1),
            "replay, 2 threads": lambda: two.replay(log, out=out, threads=2),
            "EarlyStop, replay": lambda: stop.replay(log, out=stopped, threads=1),
            "numpy.copyto, the floor": lambda: np.copyto(out, log),
        },
        2 if QUICK else 7,
    )
    print(f"\nLogs of {runs:,} runs, {steps:,} steps\n\n| | ns a run and step |\n|---|---|")
    for name, time in best.items():
        print(f"| {name} | {time / out.size:.2f} |")


def memory():
    """Resident bytes a run, in a process of its own."""
    print("\nMemory of a population\n\n| | bytes a run |\n|---|---|")
    options = ("", "patience=[10] * runs", "factor=[0.5] * runs", "warmup=5", "window=10")
    asked = [("Plateau", given) for given in options] + [("EarlyStop", given) for given in options[:2]]
    for kind, given in asked:
        call = f"b.print_size({kind!r}, {given!r})"
        command = [
            sys.executable,
            "-c",
            f"import sys; sys.argv = ['', '--quick']; import bench_plateau as b; {call}",
        ]
        size = subprocess.run(command, capture_output=True, text=True, check=True, cwd=sys.path[0]).stdout
        print(f"| {kind}, {given or 'no options'} | {size.strip()} |")


def print_size(kind, options):
    runs = 2_000_000
    given = eval(f"dict({options})", {"runs": runs}) | ({"lr": 0.1} if kind == "Plateau" else {})
    given = {name: np.asarray(value) for name, value in given.items()}
    make = getattr(sc, kind)
    make(runs=10, **{name: value.ravel()[0] for name, value in given.items()})
    before = resident()
    kept = [make(runs=runs, **given)]
    print(round((resident() - before) / runs / len(kept)))


def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def main():
    warnings.simplefilter("ignore")  # that the optimizer does not step
    torch.set_num_threads(1)
    print(f"{machine()}, torch {torch.__version__}")
    one_run()
    population()
    table()
    memory()


if __name__ == "__main__":
    main()
