"""Sweeps beyond memory: the bits of the table, lazily, in a store, on a cluster, and after any SIGKILL."""

import multiprocessing
import resource
import shutil
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import suppress

import dask
import numpy as np
import pytest
import stepcurve as sc
import xarray as xr
from distributed import Client, LocalCluster
from stepcurve import sweep_lazy, sweep_store

GRID = sc.sweep(
    lambda peak, warmup: sc.linear(0, peak, warmup) >> sc.cosine(peak, 0.1 * peak, 1_000 - warmup),
    peak=np.geomspace(1e-5, 1e-2, 7),
    warmup=[5, 20],
)


# 12 chunks of 8 MB, each member's in three parts.
LONG = sc.sweep(lambda peak: sc.cosine(peak, 0, 3 * 2**20), peak=np.linspace(0.1, 1, 4))


@pytest.fixture
def small_blocks(monkeypatch):
    """Many blocks of few members and steps."""
    monkeypatch.setattr(sweep_lazy, "BLOCK", 2**12)
    monkeypatch.setattr(sweep_lazy, "LONGEST", 100)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("start", "stride"), [(0, 1), (7, 3), (0.5, 0.25)])
def test_lazy_tables_are_the_table(dtype, start, stride):
    table = GRID.table(1_001, start=start, stride=stride, dtype=dtype)
    lazy = GRID.to_xarray(1_001, start=start, stride=stride, dtype=dtype)
    assert lazy.dims == ("peak", "warmup", "step")
    assert lazy.data.npartitions > 10
    assert lazy.dtype == dtype
    assert np.array_equal(lazy.values, table)
    assert lazy.step.values.tolist() == (start + stride * np.arange(1_001)).tolist()
    for key in [(3, 1), (slice(1, 6, 2), 0, slice(250, 20, -7)), (0, slice(None), -1), (2, 1, slice(0, 0))]:
        assert np.array_equal(lazy[key].values, table[key]), key
    wanted = GRID[4, 1](start + 10 * stride)
    nearest = lazy.sel(peak=1e-3 * 1.05, method="nearest").sel(warmup=20, step=start + 10 * stride)
    assert float(nearest) == (wanted if dtype == "float64" else np.float32(wanted))


def test_labels_of_zipped_and_unusual_axes():
    kinds = sc.sweep(
        lambda kind, end: getattr(sc, kind)(1, end, 10),
        mode="zip",
        kind=["linear", "cosine"],
        end=[0, 0.5],
    )
    lazy = kinds.to_xarray(11)
    assert lazy.dims == ("member", "step")
    assert lazy.kind.values.tolist() == ["linear", "cosine"]
    assert lazy.end.values.tolist() == [0, 0.5]
    curves = sc.sweep(lambda curve: curve, curve=[sc.constant(1), sc.linear(1, 0, 5)])
    assert curves.to_xarray(3).curve.values.tolist() == ["constant(1)", "linear(1, 0, 5)"]


class Shape:
    """Its repr has an address."""

    def __call__(self, start, end, steps):
        return sc.cosine(start, end, steps)


def test_stores_have_labels_of_any_values_in_every_process(tmp_path):
    store = tmp_path / "~odd [1]* store.zarr"
    axes = {"kind": [sc.linear, Shape()], "end": [0.5, 2**70], "flag": [True, None]}
    for _ in range(2):
        grid = sc.sweep(lambda kind, end, flag: kind(1, end, 10), **axes)
        grid.save(store, 11)
        axes["kind"] = [sc.linear, Shape()]
    with xr.open_zarr(store) as held:
        assert np.array_equal(held.value.values, grid.table(11))
        assert held.kind.values.tolist() == ["linear", "Shape"]
        assert held.end.values.tolist() == ["0.5", str(2**70)]
        assert held.flag.values.tolist() == ["True", "None"]


def test_values_that_are_no_numbers_are_stored_too(tmp_path):
    huge = sc.constant(1e308) * 1e308
    grid = sc.sweep(lambda curve: curve, curve=[huge + -1 * huge, huge, sc.constant(-0.0)])
    assert np.isnan(grid.table(5)[0]).all()
    grid.save(tmp_path / "a.zarr", 5)
    assert np.array_equal(xr.open_zarr(tmp_path / "a.zarr").value.values, grid.table(5), equal_nan=True)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(("start", "stride"), [(0, 1), (7, 3)])
def test_stores_hold_the_table(tmp_path, start, stride):
    store = tmp_path / "sweep.zarr"
    GRID.save(store, 1_001, start=start, stride=stride)
    with xr.open_zarr(store) as held:
        assert np.array_equal(held.value.values, GRID.table(1_001, start=start, stride=stride))
        assert held.peak.values.tolist() == GRID.axes["peak"]
        assert float(held.value.sel(warmup=20).isel(peak=3, step=10)) == GRID[3, 1](start + 10 * stride)
    before = {file: file.stat().st_mtime_ns for file in store.rglob("*")}
    GRID.save(str(store), 1_001, start=start, stride=stride)
    assert {file: file.stat().st_mtime_ns for file in store.rglob("*")} == before
    assert [file.name for file in tmp_path.iterdir()] == ["sweep.zarr"]


@pytest.mark.usefixtures("small_blocks")
def test_a_second_call_writes_what_is_missing(tmp_path):
    store = tmp_path / "sweep.zarr"
    GRID.save(store, 1_001)
    chunks = sorted(file for file in (store / "value" / "c").rglob("*") if file.is_file())
    assert len(chunks) > 30
    chunks[3].unlink()
    chunks[7].write_bytes(chunks[7].read_bytes()[:100])  # as after a power cut
    (chunks[9].parent / "5.0123.partial").write_bytes(b"unfinished")
    GRID.save(store, 1_001)
    with xr.open_zarr(store) as held:
        assert np.array_equal(held.value.values, GRID.table(1_001))
    assert not list(store.rglob("*.partial"))


OTHERS = {
    "curves": sc.sweep(lambda peak, warmup: sc.linear(peak, 0, warmup), **GRID.axes),
    "axes": sc.sweep(
        lambda top, warmup: GRID[GRID.axes["peak"].index(top), GRID.axes["warmup"].index(warmup)],
        top=GRID.axes["peak"],
        warmup=GRID.axes["warmup"],
    ),
}


@pytest.mark.parametrize(
    ("grid", "steps", "options", "differs"),
    [
        (OTHERS["curves"], 100, {}, "it differs in curves"),
        (OTHERS["axes"], 100, {}, "it differs in axes"),
        (GRID, 101, {}, "it differs in shape"),
        (GRID, 100, {"start": 1}, "it differs in start"),
        (GRID, 100, {"stride": 2}, "it differs in stride"),
        (GRID, 100, {"dtype": "float32"}, "it differs in dtype"),
    ],
)
def test_a_store_of_another_sweep_is_refused_and_stays(tmp_path, grid, steps, options, differs):
    store = tmp_path / "sweep.zarr"
    GRID.save(store, 100)
    before = {file: file.stat().st_mtime_ns for file in store.rglob("*")}
    with pytest.raises(ValueError, match=differs):
        grid.save(store, steps, **options)
    assert {file: file.stat().st_mtime_ns for file in store.rglob("*")} == before


def test_what_is_no_store_is_refused_and_stays(tmp_path):
    file, folder, other = tmp_path / "notes.txt", tmp_path / "folder", tmp_path / "other.zarr"
    file.write_text("mine")
    folder.mkdir()
    (folder / "precious").write_text("mine")
    xr.Dataset({"value": ("x", [1.0, 2.0])}).to_zarr(other, consolidated=False)
    for path in (file, folder, other):
        with pytest.raises(ValueError, match=f"{path.name} exists and is not the store of a sweep"):
            GRID.save(path, 100)
    assert file.read_text() == (folder / "precious").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("place", ["missing/sweep.zarr", "notes.txt/sweep.zarr"])
def test_where_nothing_can_be_written(tmp_path, place):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OSError, match=rf"cannot write .*{place}: (No such file|Not a directory)"):
        GRID.save(tmp_path / place, 100)
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda store: shutil.rmtree(store / "peak"),
        lambda store: (store / "peak" / "c" / "0").write_bytes(b""),
        lambda store: (store / "value" / "zarr.json").unlink(),
        lambda store: (store / "value" / "zarr.json").write_text("{"),
        lambda store: (store / "value" / "zarr.json").write_text(
            (store / "value" / "zarr.json").read_text().replace("float64", "float32")
        ),
    ],
)
def test_a_damaged_store_is_refused(tmp_path, damage):
    store = tmp_path / "sweep.zarr"
    GRID.save(store, 100)
    damage(store)
    with pytest.raises(ValueError, match=r"sweep.zarr is damaged, delete it to start afresh"):
        GRID.save(store, 100)


def save_again_and_again(begin, store, results):
    begin.wait()
    for _ in range(100):
        with suppress(BlockingIOError):
            LONG.save(store, 3 * 2**20)
            return results.put("whole")
        time.sleep(0.05)
    return results.put("never alone")


@pytest.mark.skipif(sys.platform == "win32", reason="locks of folders are POSIX's")
def test_processes_that_save_at_once_leave_a_whole_store(tmp_path):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["stepcurve.sweep_store"])
    table = LONG.table(3 * 2**20)
    for trial in range(3):
        store, neighbour = tmp_path / f"{trial}", tmp_path / f"{trial}.zarr"  # one name begins the other
        results, begin = context.Queue(), context.Event()
        stores = [store, store, neighbour]
        processes = [
            context.Process(target=save_again_and_again, args=(begin, each, results)) for each in stores
        ]
        for process in processes:
            process.start()
        begin.set()
        for process in processes:
            process.join()
        assert [results.get(timeout=1) for _ in processes] == ["whole"] * 3
        for each in (store, neighbour):
            assert np.array_equal(xr.open_zarr(each, chunks=None).value.values, table)
            shutil.rmtree(each)
        assert not list(tmp_path.iterdir())


def file_sizes_up_to(size):
    """The kernel refuses to make files longer, as it refuses on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


@pytest.mark.usefixtures("small_blocks")
def test_a_full_disk_is_said_and_nothing_wrong_stays(tmp_path, monkeypatch):
    store = tmp_path / "sweep.zarr"
    written, write = [], sweep_store._write

    def full_after_ten(table, root, region, identity):
        if len(written) == 10:
            file_sizes_up_to(100)
        written.append(region)
        write(table, root, region, identity)

    monkeypatch.setattr(sweep_store, "_write", full_after_ten)
    limit, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with (
            dask.config.set(scheduler="sync"),
            pytest.raises(OSError, match=r"cannot write .*: File too large"),
        ):
            GRID.save(store, 1_001)
    finally:
        file_sizes_up_to(limit)
    monkeypatch.undo()
    values = xr.open_zarr(store).value.values
    table = GRID.table(1_001)
    assert 0 < (values == table).mean() < 1
    assert ((values == table) | np.isnan(values)).all()
    monkeypatch.setattr(sweep_lazy, "BLOCK", 2**20)  # the chunks of the store count, not today's
    GRID.save(store, 1_001)
    assert np.array_equal(xr.open_zarr(store).value.values, table)


def test_a_cluster_of_processes_gives_the_same_bits(tmp_path, monkeypatch):
    store = tmp_path / "sweep.zarr"
    table = GRID.table(1_001)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        lazy = GRID.to_xarray(1_001).chunk(step=100)
        assert np.array_equal(lazy.values, table)
        held = client.persist(lazy)
        assert np.array_equal(held.sel(warmup=5).max("step").values, table[:, 0].max(-1))
        monkeypatch.chdir(tmp_path)  # where the workers are not
        GRID.save("sweep.zarr", 1_001, progress=True)
        assert len(client.scheduler_info()["workers"]) == 2
    assert np.array_equal(xr.open_zarr(store).value.values, table)


def test_killed_at_any_moment_nothing_is_lost_and_nothing_is_wrong(tmp_path):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["stepcurve.sweep_store"])
    table = LONG.table(3 * 2**20)
    store = tmp_path / "sweep.zarr"

    def save_and_kill_after(seconds):
        process = context.Process(target=LONG.save, args=(str(store), 3 * 2**20))
        process.start()
        process.join(seconds)
        process.kill()
        process.join()
        return process.exitcode

    def held():
        values = xr.open_zarr(store, chunks=None).value.values
        wrong = (values != table) & ~np.isnan(values)
        assert not wrong.any()
        return np.isfinite(values).mean()

    for _ in range(2):  # the first starts the server too
        shutil.rmtree(store, ignore_errors=True)
        begin = time.perf_counter()
        assert save_and_kill_after(60) == 0
        whole = time.perf_counter() - begin
    assert held() == 1
    rng = np.random.default_rng(0)
    killed, shares = 0, []
    while killed < 20:
        shutil.rmtree(store, ignore_errors=True)
        for _ in range(3):  # a kill, one while resuming, and one more
            killed += save_and_kill_after(rng.uniform(0.1, 1.0) * whole) != 0
            shares.append(held() if store.exists() else 0)
    assert any(0 < share < 1 for share in shares), shares
    assert save_and_kill_after(60) == 0
    assert held() == 1
    assert [file.name for file in tmp_path.iterdir()] == ["sweep.zarr"]
    shutil.rmtree(store)


def test_readers_never_see_half_a_chunk(tmp_path):
    store = tmp_path / "sweep.zarr"
    table = LONG.table(3 * 2**20)
    saving = threading.Thread(target=LONG.save, args=(store, 3 * 2**20))
    saving.start()
    seen = []
    while saving.is_alive():
        if store.exists():
            chunk = xr.open_zarr(store, chunks=None).value.isel(step=slice(2**20)).values
            seen.append([np.isfinite(row).mean() for row in chunk])
            assert ((chunk == table[:, : 2**20]) | np.isnan(chunk)).all()
    saving.join()
    assert {share for shares in seen for share in shares} <= {0.0, 1.0}
    shutil.rmtree(store)


def test_a_large_sweep_takes_bounded_memory(tmp_path):
    """1.6 GB through at most 700 MB, in a process of its own, which alone can say what it took."""
    code = """
        import sys, numpy as np, stepcurve as sc
        grid = sc.sweep(lambda peak: sc.cosine(peak, 0, 100_000), peak=np.geomspace(1e-5, 1e-2, 2_000))
        grid.save(sys.argv[1], 100_000)
        print(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
    """
    store = tmp_path / "sweep.zarr"
    command = [sys.executable, "-c", textwrap.dedent(code), store]
    resident = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert resident < 700_000
    size = sum(file.stat().st_size for file in store.rglob("*") if file.is_file())
    shutil.rmtree(store)
    assert size >= 1_600_000_000
