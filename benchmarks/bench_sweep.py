"""What do many schedules at once cost: in memory, at one step, to build, to a store?"""

import os
import shutil
from functools import partial

import numpy as np
import pytest
import stepcurve as sc
import zarr
from dask.base import compute
from dask.delayed import delayed

os.environ.setdefault("JAX_PLATFORMS", "cpu")
import jax
import optax


def curve(peak, warmup, steps):
    return sc.linear(0, peak, warmup) >> sc.cosine(peak, 0.1 * peak, steps - warmup)


class Members:
    """The axes of a sweep, and the ways to its table: two warm-ups for each peak."""

    def __init__(self, members, steps):
        self.steps, self.warmups = steps, [steps // 100, steps // 20]
        self.peaks = np.geomspace(1e-5, 1e-2, members // 2)
        self.out = np.ones((len(self.peaks), 2, steps))
        self.sweep = sc.sweep(partial(curve, steps=steps), peak=self.peaks, warmup=self.warmups)

    def floor(self):
        return lambda: self.out.fill(3e-4)

    def stepcurve(self, threads):
        return lambda: self.sweep.table(self.steps, out=self.out, threads=threads)

    def loop(self):
        rows = self.out.reshape(-1, self.steps)
        curves = [self.sweep[i, j] for i in range(len(self.peaks)) for j in range(2)]
        each = list(zip(curves, rows, strict=True))
        return lambda: [one.table(self.steps, out=row, threads=1) for one, row in each]

    def numpy(self):
        t, peaks, warmups = np.arange(self.steps), self.peaks[:, None, None], np.array(self.warmups)[:, None]

        def broadcast():
            annealed = 0.55 + 0.45 * np.cos(np.pi * (t - warmups) / (self.steps - warmups))
            np.multiply(peaks, np.where(t < warmups, t / warmups, annealed), out=self.out)

        return broadcast

    def optax(self, dtype):
        """Mapped over peaks that scale schedules of peak 1: optax asks values which no tracer can tell."""
        schedules = [optax.warmup_cosine_decay_schedule(0, 1, w, self.steps, 0.1) for w in self.warmups]
        with jax.enable_x64(dtype == "float64"):
            t, peaks = jax.numpy.arange(self.steps, dtype=dtype), jax.numpy.array(self.peaks, dtype=dtype)

            def of(peak):
                return peak * jax.numpy.stack([schedule(t) for schedule in schedules])

            table = jax.jit(jax.vmap(of))

            def evaluate():
                with jax.enable_x64(dtype == "float64"):
                    return table(peaks).block_until_ready()

            assert evaluate().dtype == dtype
        return evaluate


TABLES = {
    "stepcurve": lambda m: m.stepcurve(1),
    "stepcurve, 2 threads": lambda m: m.stepcurve(2),
    "floor": Members.floor,
    "a loop over curve.table": Members.loop,
    "NumPy, broadcast": Members.numpy,
    "optax, vmap, jit, float32": lambda m: m.optax("float32"),
    "optax, vmap, jit, float64": lambda m: m.optax("float64"),
}


@pytest.mark.table(columns="sweep", turns=5)
@pytest.mark.parametrize("contender", TABLES)
@pytest.mark.parametrize("sweep", ["300 x 50000", "10000 x 1000"])
def bench_sweep(timed, quick, sweep, contender):
    """All steps of every member, float64 values into a warm buffer; the floor is ndarray.fill of it."""
    members, steps = (int(size) for size in sweep.split(" x "))
    made = Members(members // 10, steps // 10) if quick else Members(members, steps)
    timed(TABLES[contender](made), made.out.size)


def zipped(members):
    parameters = {"peak": np.geomspace(1e-5, 1e-2, members), "warmup": [500] * members}
    return sc.sweep(lambda peak, warmup: curve(peak, warmup, 100_000), mode="zip", **parameters)


def numpy_at(grid, step):
    peaks, warmups = (np.array(grid.axes[name]) for name in ("peak", "warmup"))

    def at():
        annealed = 0.55 + 0.45 * np.cos(np.pi * (step - warmups) / (100_000 - warmups))
        return peaks * np.where(step < warmups, step / warmups, annealed)

    return at


@pytest.mark.table(columns="members")
@pytest.mark.parametrize("contender", ["stepcurve", "stepcurve, 2 threads", "NumPy"])
@pytest.mark.parametrize("members", [100, 10_000, 100_000])
def bench_at(timed, quick, members, contender):
    """One step of every member, as training in lockstep asks for it."""
    grid = zipped(min(members, 100) if quick else members)
    threads = 2 if "2" in contender else 1
    numpys = numpy_at(grid, 50_000)
    timed(numpys if contender == "NumPy" else lambda: grid.at(50_000, threads=threads), grid.size)


@pytest.mark.table(against="the factory alone")
@pytest.mark.parametrize("contender", ["the factory alone", "stepcurve"])
@pytest.mark.parametrize("building", ["1,000 members"])
def bench_building(timed, building, contender):
    """Making a sweep, beside calling its factory that often."""
    peaks = np.geomspace(1e-5, 1e-2, 1_000).tolist()
    timed(
        (lambda: zipped(1_000))
        if contender == "stepcurve"
        else lambda: [curve(peak, 500, 100_000) for peak in peaks],
        1_000,
    )


def zeros(path, members, steps, rows):
    """The same chunks as a sweep's store has, of zeros."""

    def write(first):
        zarr.open_array(path, mode="r+")[first : first + rows] = np.zeros((min(rows, members - first), steps))

    def save():
        shutil.rmtree(path, ignore_errors=True)
        shape = {"shape": (members, steps), "chunks": (rows, steps), "dtype": "f8"}
        zarr.create_array(path, **shape, compressors=None, fill_value=np.nan)
        compute(*[delayed(write)(first) for first in range(0, members, rows)])

    return save


@pytest.mark.table(against="zeros", turns=3)
@pytest.mark.parametrize("contender", ["zeros", "stepcurve"])
@pytest.mark.parametrize("store", ["1.6 GB"])
def bench_store(timed, quick, tmp_path, store, contender):
    """2,000 members x 100,000 steps to a Zarr store, beside zeros by the same chunks."""
    members, steps = (20, 5_000) if quick else (2_000, 100_000)
    grid = sc.sweep(lambda peak: curve(peak, 500, steps), peak=np.geomspace(1e-5, 1e-2, members))
    path = tmp_path / "sweep.zarr"

    def save():
        shutil.rmtree(path, ignore_errors=True)
        grid.save(path, steps)

    rows = grid.to_xarray(steps).data.chunksize[0]
    timed(save if contender == "stepcurve" else zeros(path, members, steps, rows))
    shutil.rmtree(path)
