"""Many threads of Python: the bits of one alone; processes begun meanwhile; one object of several."""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest
import stepcurve as sc

CALLERS = 6
STEPS = 300_000  # more than one thread of the core's worth

SHARED = sc.linear(0, 3e-4, 2_000) >> sc.cosine(3e-4, 3e-5, 100_000).repeat(3, decay=0.5)
GRID = sc.sweep(lambda peak, warmup: sc.linear(0, peak, warmup) >> SHARED, peak=[0.1, 0.2], warmup=[5, 9])
LOG = np.random.default_rng(0).standard_normal((40, 6_000))


def population(kind, **options):
    tracker = kind(runs=LOG.shape[1], **options)
    answers = [tracker.update(row) for row in LOG[:3]]
    return [*answers, tracker.replay(LOG, threads=3), *tracker.state_dict().values()]


def one_run(kind, **options):
    tracker = kind(**options)
    return [tracker.update(metric) for metric in LOG[0].tolist()]


def stored(folder):
    xr = pytest.importorskip("xarray")
    store = folder / f"{threading.get_ident()}.zarr"
    GRID.save(store, 1_000)
    return xr.open_zarr(store, chunks=None).value.values


def preview():
    torch = pytest.importorskip("torch")
    from stepcurve import lr_scheduler

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler = lr_scheduler.CosineAnnealingLR(optimizer, 700)
    optimizer.step()
    rates = scheduler.preview(200_000)
    for _ in range(2_000):
        scheduler.step()
    return [rates, scheduler.get_last_lr(), lr_scheduler.LambdaLR(optimizer, lambda _: 0.5).preview(50)]


WORK = {
    "tables": lambda _: [SHARED.table(STEPS, threads=3), SHARED.table(STEPS, dtype="float32")],
    "lists": lambda _: SHARED(np.arange(STEPS)[::-1]),
    "calls": lambda _: [SHARED(step) for step in range(0, STEPS, 100)],
    "sweeps": lambda _: [GRID.table(STEPS, threads=3), GRID.at(7)],
    "making": lambda _: [
        str((SHARED.stretch(i) * sc.linear(1, 0, i)).clip(0, 1)).encode() for i in range(1, 99)
    ],
    "parsing": lambda _: [repr(sc.parse(str(SHARED))) for _ in range(200)],
    "pickles": lambda _: [repr(pickle.loads(pickle.dumps(SHARED))) for _ in range(200)],
    "plateau": lambda _: one_run(sc.Plateau, lr=0.1, patience=2),
    "plateaus": lambda _: population(sc.Plateau, lr=0.1, patience=2),
    "averages": lambda _: population(sc.Plateau, lr=0.1, patience=2, window=5),
    "early stop": lambda _: one_run(sc.EarlyStop, patience=9),
    "early stops": lambda _: population(sc.EarlyStop, patience=9),
    "grid": lambda _: list(sc.plateau_grid(LOG[0], patience=[1, 2, 3], factor=[0.1, 0.5])),
    "preview": lambda _: preview(),
    "stores": stored,
}


def together(*work):
    """What each gives on a thread of its own; they begin at once. A thread that never ends is a failure."""
    begin, results = threading.Barrier(len(work)), [None] * len(work)

    def run(i):
        begin.wait()
        try:
            results[i] = work[i]()
        except BaseException as error:
            results[i] = error

    threads = [threading.Thread(target=run, args=(i,), daemon=True) for i in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
        assert not thread.is_alive()
    return results


def same(one, other):
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    arrays = isinstance(one, np.ndarray) and isinstance(other, np.ndarray)
    return np.array_equal(one, other) if arrays else type(one) is type(other) and one == other


@pytest.mark.parametrize("name", WORK)
def test_many_threads_give_what_one_gives(name, tmp_path):
    alone = WORK[name](tmp_path)
    for result in together(*[lambda: WORK[name](tmp_path)] * CALLERS):
        assert same(result, alone), result


def test_threads_of_every_kind_of_work_at_once(tmp_path):
    alone = [work(tmp_path) for work in WORK.values()]
    assert same(together(*[lambda work=work: work(tmp_path) for work in WORK.values()]), alone)


def test_one_plateau_of_several_threads_takes_every_metric_of_one_run():
    tracker, alone = (sc.Plateau(0.1, patience=100, factor=0.9) for _ in range(2))
    together(*[lambda: [tracker.update(1.0) for _ in range(2_000)]] * CALLERS)
    for _ in range(2_000 * CALLERS):
        alone.update(1.0)
    assert tracker.state_dict() == alone.state_dict()


@pytest.mark.parametrize("kind", [lambda: sc.Plateau(0.1, runs=200_000), lambda: sc.EarlyStop(runs=200_000)])
def test_one_population_of_several_threads_refuses_all_but_one(kind):
    tracker, alone = kind(), kind()
    metric = np.random.default_rng(0).standard_normal(200_000)

    def taken(_):
        try:
            tracker.update(metric)
        except RuntimeError as error:
            assert "takes one call at a time" in str(error)
            return False
        return True

    for _ in range(sum(together(*[lambda: sum(map(taken, range(30)))] * CALLERS))):
        alone.update(metric)
    assert same([*map(list, tracker.state_dict().items())], [*map(list, alone.state_dict().items())])


def test_one_scheduler_of_several_threads_crashes_nothing():
    torch = pytest.importorskip("torch")
    from stepcurve import lr_scheduler

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    schedulers = [
        lr_scheduler.ExponentialLR(optimizer, 0.999),
        lr_scheduler.CurveScheduler(optimizer, lr=SHARED, momentum=sc.constant(0.9)),
    ]
    optimizer.step()
    for scheduler in schedulers:
        assert not any(together(*[lambda each=scheduler: [each.step() for _ in range(2_000)].count(1)] * 4))
        assert 0 < scheduler.last_epoch <= 8_000


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_that_begin_while_threads_work(method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip("no fork here")
    if method == "fork" and "tsan" in os.environ.get("LD_PRELOAD", ""):
        pytest.skip("the thread sanitizer starts no threads after a fork")
    wanted, stop = SHARED.table(STEPS), threading.Event()

    def work():
        while not stop.is_set():
            SHARED.table(STEPS, threads=3)
            population(sc.Plateau, lr=0.1)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3 if method == "fork" else 1):
            with multiprocessing.get_context(method).Pool(2) as pool:
                for result in [pool.apply_async(SHARED.table, (STEPS,), {"threads": 3}) for _ in range(4)]:
                    assert np.array_equal(result.get(120), wanted)
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is POSIX's")
def test_ctrl_c_in_the_main_thread_while_another_fills():
    code = """
        import threading, time, numpy as np, stepcurve as sc
        curve = sc.cosine(1, 0, 1e8)
        results, done = [], threading.Event()

        def fill():
            results.append(curve.table(100_000_000, dtype="float32"))
            done.set()

        threading.Thread(target=fill).start()
        try:
            print("filling", flush=True)
            while not done.is_set():  # an interrupted join loses the thread
                time.sleep(0.01)
        except KeyboardInterrupt:
            at_work = not done.is_set()
            done.wait()
            print("heard", at_work, results[0][50_000_000])
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "filling\n"
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=300)
    assert output == "heard True 0.5\n"
