"""What do many schedules at once cost: in memory, at one step, to build, to a store?

python benchmarks/bench_sweep.py [--quick]
"""

import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import stepcurve as sc
import zarr
from dask.base import compute
from dask.delayed import delayed
from timing import least, machine

QUICK = "--quick" in sys.argv[1:]
ROUNDS = 2 if QUICK else 15
STEPS = 500 if QUICK else 50_000
POPULATION = 1_000 if QUICK else 100_000
STORED = (20, 5_000) if QUICK else (2_000, 100_000)


def curve(peak, warmup, steps=STEPS):
    return sc.linear(0, peak, warmup) >> sc.cosine(peak, 0.1 * peak, steps - warmup)


def tables() -> None:
    grid = sc.sweep(curve, peak=np.geomspace(1e-5, 1e-2, 150), warmup=[STEPS // 100, STEPS // 20])
    out = np.empty((*grid.shape, STEPS))
    peaks, warmups = np.array(grid.axes["peak"])[:, None, None], np.array(grid.axes["warmup"])[:, None]
    t = np.arange(STEPS)

    def numpy_broadcast() -> None:
        annealed = 0.55 + 0.45 * np.cos(np.pi * (t - warmups) / (STEPS - warmups))
        np.multiply(peaks, np.where(t < warmups, t / warmups, annealed), out=out)

    contenders = {"`ndarray.fill` of a constant": lambda: out.fill(3e-4)}
    for threads in (1, 2):
        contenders[f"sweep, {threads} thread{'s' * (threads > 1)}"] = lambda n=threads: grid.table(
            STEPS, out=out, threads=n
        )
    rows = out.reshape(grid.size, STEPS)
    curves = [grid[i, j] for i in range(grid.shape[0]) for j in range(grid.shape[1])]
    contenders["a loop over `curve.table`, 2 threads"] = lambda: [
        each.table(STEPS, out=row, threads=2) for each, row in zip(curves, rows, strict=True)
    ]
    times = least(contenders, ROUNDS) | least({"NumPy, broadcast": numpy_broadcast}, max(2, ROUNDS // 5))
    floor = times["`ndarray.fill` of a constant"]
    print(f"{grid.size} members x {STEPS:,} steps into a warm buffer, least of {ROUNDS} rounds\n")
    print("| table | ns a value | times the fill |\n|---|---|---|")
    for name, time in times.items():
        print(f"| {name} | {time / out.size:.2f} | {time / floor:.2f} |")


def population() -> None:
    parameters = {"peak": np.geomspace(1e-5, 1e-2, POPULATION), "warmup": [500] * POPULATION}
    grid = sc.sweep(lambda peak, warmup: curve(peak, warmup, 100_000), mode="zip", **parameters)
    pairs = list(zip(*grid.axes.values(), strict=True))
    some = {name: values[:1_000] for name, values in grid.axes.items()}
    contenders = {
        "at(100), 1 thread": lambda: grid.at(100, threads=1),
        "at(50 000), 1 thread": lambda: grid.at(50_000, threads=1),
        "at(50 000), 2 threads": lambda: grid.at(50_000, threads=2),
    }
    times = {name: time / POPULATION for name, time in least(contenders, ROUNDS).items()}
    building = {
        "the factory": lambda: [curve(peak, warmup, 100_000) for peak, warmup in pairs[:1_000]],
        "sweep": lambda: sc.sweep(lambda peak, warmup: curve(peak, warmup, 100_000), mode="zip", **some),
    }
    built = {name: time / 1_000 for name, time in least(building, ROUNDS).items()}
    print(f"\n| {POPULATION:,} members | ns a member |\n|---|---|")
    for name, time in times.items():
        print(f"| {name} | {time:.0f} |")
    factory, sweep = built["the factory"], built["sweep"]
    print(f"| building, beyond the factory's {factory / 1e3:.1f} us | {sweep - factory:.0f} |")


def store(folder: Path) -> None:
    members, steps = STORED
    grid = sc.sweep(lambda peak: curve(peak, 500, steps), peak=np.geomspace(1e-5, 1e-2, members))
    path = folder / "sweep.zarr"
    rows = grid.to_xarray(steps).data.chunksize[0]

    def zeros(first: int) -> None:
        zarr.open_array(path, mode="r+")[first : first + rows] = np.zeros((min(rows, members - first), steps))

    def write_zeros() -> None:
        shutil.rmtree(path, ignore_errors=True)
        layout = {"shape": (members, steps), "chunks": (rows, steps), "dtype": "f8"}
        zarr.create_array(path, **layout, compressors=None, fill_value=np.nan)
        compute(*[delayed(zeros)(first) for first in range(0, members, rows)])

    def write_sweep() -> None:
        shutil.rmtree(path, ignore_errors=True)
        grid.save(path, steps)

    times = least({"zeros": write_zeros, "the sweep": write_sweep}, max(2, ROUNDS // 3))
    size = members * steps * 8 / 1e9
    print(f"\n| {size:.2g} GB to a Zarr store | seconds | times the zeros |\n|---|---|---|")
    for name, time in times.items():
        print(f"| {name} | {time / 1e9:.2f} | {time / times['zeros']:.2f} |")


def main() -> None:
    print(f"{machine()}\n")
    tables()
    population()
    with tempfile.TemporaryDirectory() as folder:
        store(Path(folder))


if __name__ == "__main__":
    main()
