"""What goes wrong in the middle: Ctrl-C, no memory, user code that raises. The state after is that before.

Full disks and killed processes are tests of what writes files, in test_sweep_store.py and test_cli.py.
"""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest
import stepcurve as sc
from schedules import ORDINARY, arguments
from stepcurve import lr_scheduler
from torch.optim import lr_scheduler as torchs
from worlds import both, build, make_optimizer, pair, see, see_scheduler

MANY = 10**9


def interrupted(work, after=0.2):
    """Seconds from a Ctrl-C until KeyboardInterrupt comes out of work, which is never done."""
    sent = []

    def press():
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(after, press)
    timer.start()
    try:
        work()
    except KeyboardInterrupt:
        return time.perf_counter() - sent[0]
    finally:
        timer.cancel()
    raise AssertionError("done before anybody could interrupt it")


CURVE = sc.linear(0, 1, 1_000) >> sc.cosine(1, 0, MANY) * sc.inverse(1, 9, 0.7)
GUARDED = sc.cosine(1, 0, MANY).past_end("raise")
SWEEP = sc.sweep(lambda peak: CURVE * peak, peak=np.linspace(0.1, 1, 1_000))
GUARDED_SWEEP = sc.sweep(lambda peak: GUARDED * peak, peak=np.linspace(0.1, 1, 1_000))
LOG = np.zeros(MANY // 1_000)


def preview(name, steps, **options):
    optimizer = make_optimizer([0.1, 0.2])
    scheduler = build(lr_scheduler, (name, options), optimizer)
    return lambda: scheduler.preview(steps)


LONG = {
    "a table": lambda: CURVE.table(MANY),
    "a table of one thread": lambda: CURVE.table(MANY, threads=1),
    "a table whose curve may raise": lambda: GUARDED.table(MANY),
    "a list of times": lambda: CURVE(np.zeros(MANY)),
    "a sweep": lambda: SWEEP.table(MANY // 1_000),
    "a sweep whose members may raise": lambda: GUARDED_SWEEP.table(MANY // 1_000),
    "a preview": preview("CosineAnnealingLR", MANY // 2, T_max=50),
    "a preview by stepping": preview("LambdaLR", 10**7, lr_lambda=lambda epoch: 0.5),
    "a grid of settings": lambda: sc.plateau_grid(LOG, patience=range(1_000)),
    "a largest value": lambda: sc.cosine(1, 0, MANY).scale(2),
}


@pytest.mark.parametrize("name", LONG)
def test_ctrl_c_comes_through(name):
    interrupted(LONG[name])


TRACKERS = {
    "a replay of one run": (lambda: sc.Plateau(0.1), (MANY // 2,)),
    "a replay of many runs": (lambda: sc.Plateau(0.1, runs=1_000), (MANY // 1_000,)),
    "a replay with means": (lambda: sc.Plateau(0.1, runs=1_000, window=3), (MANY // 1_000,)),
    "a log that may be refused": (lambda: sc.Plateau(0.1, nan="raise"), (MANY,)),
    "early stopping": (lambda: sc.EarlyStop(runs=1_000, patience=10**9), (MANY // 1_000,)),
}


@pytest.mark.parametrize("name", TRACKERS)
def test_ctrl_c_leaves_a_tracker_as_it_was(name):
    make, shape = TRACKERS[name]
    tracker = make()
    tracker.replay(np.array([3.0, 1.0, 2.0]))
    before = tracker.state_dict()
    interrupted(lambda: tracker.replay(np.zeros(shape)))
    assert see_state(tracker.state_dict()) == see_state(before)
    tracker.replay(np.array([3.0]))


def see_state(state):
    return {name: np.asarray(value).tolist() for name, value in state.items()}


def test_a_table_that_was_interrupted_is_filled_from_its_beginning():
    out = np.full(MANY // 10, -1.0)
    interrupted(lambda: CURVE.table(out.size, out=out, threads=1), 0.05)
    filled = int(np.argmax(out == -1.0))
    assert 0 < filled < out.size
    assert np.array_equal(out[:filled], CURVE.table(filled))
    assert (out[filled:] == -1.0).all()


def test_a_tracker_in_the_middle_of_a_replay_refuses_a_signal_handler():
    tracker, said, out = sc.Plateau(0.1, runs=1_000), [], np.empty((LOG.size, 1_000))

    def handler(*_):
        for call in (
            lambda: tracker.update(np.ones(1_000)),
            lambda: tracker.load_state_dict(tracker.state_dict()),
        ):
            with pytest.raises(RuntimeError, match="takes one call at a time") as error:
                call()
            said.append(error)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, handler)
    try:
        interrupted(lambda: tracker.replay(LOG, out=out))
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(said) == 2
    assert tracker.steps == 0


@pytest.mark.parametrize("name", ["LambdaLR", "MultiplicativeLR"])
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, MemoryError, StopIteration])
def test_a_function_that_raises_leaves_what_torch_leaves(name, error):
    """Also in the middle of the groups, and the next step goes on."""
    seen = []
    for module in (torchs, lr_scheduler):
        broken = []

        def rate(epoch, broken=broken):
            if broken:
                raise error("mine")
            return 0.5**epoch

        optimizer = make_optimizer([0.1, 0.2, 0.3])
        rates = [lambda epoch: 0.5, rate, lambda epoch: 0.25]
        scheduler = build(module, (name, {"lr_lambda": rates}), optimizer)
        optimizer.step()
        scheduler.step()
        broken.append(True)
        with pytest.raises(error, match="mine"):
            scheduler.step()
        middle = [see(group["lr"]) for group in optimizer.param_groups], see_scheduler(scheduler)
        broken.clear()
        scheduler.step()
        seen.append([middle, [see(group["lr"]) for group in optimizer.param_groups]])
    assert seen[0] == seen[1]


@pytest.mark.parametrize("name", ORDINARY)
def test_a_metric_or_a_group_that_raises_changes_nothing_but_what_torch_changes(name):
    class Raising(float):
        def __float__(self):
            raise RuntimeError("mine")

    worlds = pair([0.1, 0.2])
    both(worlds, "build", (name, ORDINARY[name]))
    both(worlds, "train")
    both(worlds, "step", 0, *arguments(name, 0))
    for world in worlds:
        world.optimizer.param_groups[1]["lr"] = "no number"
    both(worlds, "step", 0, *([Raising(1)] if arguments(name, 0) else []))


def fails_wherever_it_can(make, call, seen, allocations):
    """How often it failed, when one allocation of Python failed: first the first, then the second, ..."""
    testcapi = pytest.importorskip("_testcapi")  # some builds of Python are without it
    failed = 0
    for n in range(1, allocations):
        it = make()
        before = seen(it)
        testcapi.set_nomemory(n, n + 1)
        try:
            call(it)
        except (MemoryError, SystemError):  # NumPy does not always say that it has no memory
            testcapi.remove_mem_hooks()
            failed += 1
            assert seen(it) == before, n
        finally:
            testcapi.remove_mem_hooks()
    return failed


def visible(scheduler):
    return [see(group["lr"]) for group in scheduler.optimizer.param_groups], see_scheduler(scheduler)


USER_CODE = {"LambdaLR", "MultiplicativeLR", "SequentialLR", "ChainedScheduler"}


@pytest.mark.parametrize("name", sorted(ORDINARY.keys() - USER_CODE))
def test_no_memory_for_a_step_of_a_scheduler(name):
    """So many groups that Python's own stock of floats does not do."""
    scheduler = build(lr_scheduler, (name, ORDINARY[name]), make_optimizer([0.1 + i for i in range(150)]))
    scheduler.optimizer.step()
    scheduler.step(*arguments(name, 0))
    given = arguments(name, 1)
    assert fails_wherever_it_can(lambda: scheduler, lambda it: it.step(*given), visible, 59) > 20


@pytest.mark.parametrize("runs", [None, 3])
@pytest.mark.parametrize(
    "kind", [lambda runs: sc.Plateau(0.1, patience=0, runs=runs), lambda runs: sc.EarlyStop(runs=runs)]
)
def test_no_memory_for_a_tracker(kind, runs):
    metric = 2.0 if runs is None else np.array([3.0, 1.0, 2.0])
    log = np.ones(5)

    def seen(tracker):
        return see_state(tracker.state_dict())

    def make():
        tracker = kind(runs)
        tracker.update(metric)
        return tracker

    later = make()
    later.replay(log)
    state = later.state_dict()
    fails_wherever_it_can(make, lambda tracker: tracker.update(metric), seen, 60)
    assert fails_wherever_it_can(make, lambda tracker: tracker.replay(log), seen, 60)
    assert fails_wherever_it_can(make, lambda tracker: tracker.load_state_dict(state), seen, 200)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are Linux's here")
@pytest.mark.skipif("san.so" in os.environ.get("LD_PRELOAD", ""), reason="a sanitizer has limits of its own")
def test_no_memory_for_a_copy_or_for_threads():
    """The C++ core at a limit of the address space: MemoryError and the state before, or the right table."""
    code = """
        import resource, numpy as np, stepcurve as sc
        runs = sc.Plateau(0.1, patience=1, runs=6_000_000)
        runs.update(np.linspace(0, 1, 6_000_000))
        curve = sc.linear(0, 1, 5) >> sc.cosine(1, 0, 2_000_000)
        wanted, out = curve.table(2_000_000, threads=1), np.empty(2_000_000)
        log, answers = np.zeros((9,)), np.empty((9, 6_000_000))
        before = {name: np.copy(value) for name, value in runs.state_dict().items()}
        used = int(open("/proc/self/statm").read().split()[0]) * 4096
        resource.setrlimit(resource.RLIMIT_AS, (used + 2**23, resource.RLIM_INFINITY))
        said = []
        for call in (
            lambda: runs.replay(log, out=answers),
            lambda: runs.state_dict(),
            lambda: curve.table(10**8),
            lambda: sc.sweep(lambda peak: curve * peak, peak=[1, 2]).table(10**7),
            lambda: sc.Plateau(0.1, runs=10**7),
        ):
            try:
                call()
                said.append(None)
            except MemoryError:
                said.append(MemoryError)
        table = curve.table(2_000_000, out=out, threads=200)
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert said == [MemoryError] * 5, said
        assert np.array_equal(table, wanted)
        after = runs.state_dict()
        assert all(np.array_equal(before[name], after[name]) for name in before)
        print("as before")
    """
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("as before\n", "")
