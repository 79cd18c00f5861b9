"""Memory stays flat: a million steps and updates, and many of all else, in blocks counted to the last.

Python counts its blocks, the C library the bytes that are handed out; both are the same after a thousand
rounds as after many more, but for a few that caches of others keep. Memory of threads the C library does not
count: there the process as a whole must not grow. A reference that is lost shows in the count of the object.
"""

import copy
import ctypes
import gc
import pickle
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import stepcurve as sc
import torch
from schedules import ORDINARY, arguments
from stepcurve import _core, lr_scheduler
from stepcurve.descent import descend
from worlds import build, make_optimizer

FEW_BLOCKS, FEW_BYTES = 150, 16_384


class Bytes(ctypes.Structure):
    """The C library's struct mallinfo2, of which hblkhd and uordblks count what is in use."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    )


try:
    mallinfo = ctypes.CDLL(None).mallinfo2
    mallinfo.restype = Bytes
except (AttributeError, OSError, TypeError):
    pytest.skip("no mallinfo2 in this C library", allow_module_level=True)


@pytest.fixture(autouse=True, scope="module")
def _only_what_is_new_is_collected():
    """A collection takes a third of a second where torch is."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def in_use():
    gc.collect()
    of_c = mallinfo()
    return sys.getallocatedblocks(), of_c.uordblks + of_c.hblkhd


def check_flat(work, times, warm_up=1_000):
    def repeat(count):
        for _ in range(count):
            work()

    repeat(min(warm_up, times))
    for _ in range(3):  # a cache that grows meanwhile does so once, a leak every time
        gc.disable()  # what only the collector finds again would grow meanwhile
        try:
            blocks, size = in_use()
            repeat(times)
            more_blocks, more_size = in_use()
        finally:
            gc.enable()
        grown = more_blocks - blocks, more_size - size
        if grown[0] < FEW_BLOCKS and grown[1] < FEW_BYTES:
            return
    raise AssertionError(f"{grown[0]} blocks and {grown[1]} bytes more after {times} rounds")


def failing(call, error=(TypeError, ValueError)):
    def work():
        try:
            call()
        except error:
            return
        raise AssertionError("should have failed")

    return work


LINE = sc.linear(0, 3e-4, 1_000)
CURVE = LINE >> sc.cosine(3e-4, 3e-5, 100_000).repeat(3, decay=0.5)
GUARDED = LINE.past_end("raise")
OUT, FEW = np.empty(50), np.arange(50.0)
ONE, RUNS = sc.Plateau(0.1, patience=3), sc.Plateau(0.1, patience=[1, 2, 3], window=3)
STOP, STOPS = sc.EarlyStop(patience=3), sc.EarlyStop(patience=[1, 2, 3])
CAREFUL = sc.Plateau(0.1, nan="raise")
NAN = float("nan")
GRID = sc.sweep(lambda peak: sc.linear(0, peak, 9).past_end("raise"), peak=[0.1, 0.2, 0.3])
TEXT = str(CURVE)


def wrong_factory(peak):
    raise RuntimeError(f"no {peak}")


FLAT = {
    "calls": (lambda: CURVE(17), 200_000),
    "lists": (lambda: CURVE(FEW), 5_000),
    "tables": (lambda: CURVE.table(50), 5_000),
    "tables given": (lambda: CURVE.table(50, out=OUT), 5_000),
    "parses": (lambda: sc.parse(TEXT), 1_000),
    "pickles of curves": (lambda: pickle.loads(pickle.dumps(CURVE)), 1_000),
    "combinations": (lambda: (CURVE.stretch(2) * LINE).clip(0, 1).hold(5) + 0.5, 3_000),
    "descriptions": (lambda: CURVE._node.describe(), 5_000),
    "updates": (lambda: ONE.update(0.5), 1_000_000),
    "updates of runs": (lambda: RUNS.update([0.5, 0.4, 0.3]), 5_000),
    "replays": (lambda: RUNS.replay(FEW), 3_000),
    "states": (lambda: RUNS.load_state_dict(RUNS.state_dict()), 500),
    "pickles of trackers": (lambda: pickle.loads(pickle.dumps(RUNS)), 500),
    "stops": (lambda: STOP.update(0.5), 100_000),
    "stops of runs": (lambda: STOPS.replay(FEW), 3_000),
    "views": (lambda: (RUNS.lr, RUNS.best), 50_000),
    "grids": (lambda: sc.plateau_grid(FEW, patience=[1, 2]), 500),
    "sweeps": (lambda: sc.sweep(lambda peak: LINE * peak, peak=[0.1, 0.2]).table(9), 3_000),
    "values of sweeps": (lambda: GRID.at(7), 3_000),
    "descents": (lambda: descend("bowl", FEW * 1e-3 + 1e-4, np.zeros((50, 2, 3))), 1_000),
    "a bad argument": (failing(lambda: sc.linear(0, 1, -1)), 5_000),
    "a bad type": (failing(lambda: _core.linear("0", 1, 1)), 5_000),
    "a bad text": (failing(lambda: sc.parse("linear(0, 1, 5) >> nothing(3)")), 1_000),
    "a value past the end": (failing(lambda: GUARDED(1e9)), 5_000),
    "a table past the end": (failing(lambda: GUARDED.table(9, start=1e4)), 5_000),
    "an array of another type": (failing(lambda: CURVE.table(50, out=OUT.astype(int))), 5_000),
    "a sweep past the end": (failing(lambda: GRID.table(50)), 5_000),
    "a factory that raises": (failing(lambda: sc.sweep(wrong_factory, peak=[1])), 1_000),
    "a metric that is refused": (failing(lambda: CAREFUL.update(NAN)), 5_000),
    "a log that is refused": (failing(lambda: CAREFUL.replay([0.5, NAN])), 5_000),
    "a state that is refused": (failing(lambda: ONE.load_state_dict({"lr": -1})), 5_000),
    "options that are refused": (failing(lambda: sc.Plateau(0.1, factor=2.0)), 3_000),
}


@pytest.mark.parametrize("name", FLAT)
def test_memory_is_flat(name):
    check_flat(*FLAT[name])


def ready(name, kind="float", **changed):
    optimizer = make_optimizer([0.1, 0.2], kind)
    scheduler = build(lr_scheduler, (name, {**ORDINARY[name], **changed}), optimizer)
    optimizer.step()
    return scheduler


@pytest.mark.filterwarnings("ignore:Detected call")
@pytest.mark.parametrize("kind", ["float", "float32"])
@pytest.mark.parametrize("name", ORDINARY)
def test_steps_of_schedulers_are_flat(name, kind):
    endless = {"OneCycleLR": {"total_steps": 10**7}, "LambdaLR": {"lr_lambda": lambda epoch: 0.5}}
    scheduler = ready(name, kind, **endless.get(name, {}))
    given = arguments(name, 0)
    check_flat(lambda: scheduler.step(*given), 62_500 if kind == "float" else 3_000)  # 16 classes: a million


def raising(epoch):
    if epoch:
        raise RuntimeError("mine")
    return 1.0


class Groups(torch.optim.SGD):
    """Its param_groups raise when they are told to."""

    broken = False

    @property
    def param_groups(self):
        if self.broken:
            raise RuntimeError("mine")
        return self.__dict__["groups"]

    @param_groups.setter
    def param_groups(self, groups):
        self.__dict__["groups"] = groups


@pytest.mark.filterwarnings("ignore:Detected call")
@pytest.mark.parametrize("name", ["LambdaLR", "MultiplicativeLR", "StepLR", "SequentialLR"])
def test_failures_of_schedulers_are_flat(name):
    if name.endswith(("LambdaLR", "MultiplicativeLR")):
        scheduler = build(lr_scheduler, (name, {"lr_lambda": raising}), make_optimizer([0.1, 0.2]))
        scheduler.optimizer.step()
    else:
        parameters = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": 0.1}]
        scheduler = build(lr_scheduler, (name, ORDINARY[name]), Groups(parameters, lr=0.1, momentum=0.9))
        scheduler.optimizer.step()
        scheduler.step()
        scheduler.optimizer.broken = True
    check_flat(failing(scheduler.step, RuntimeError), 3_000)


@pytest.mark.parametrize("broken", [{"lr": "no number"}, {"lr": None}, None])
def test_groups_that_are_no_groups_are_flat(broken):
    scheduler = ready("CosineAnnealingLR")
    scheduler.step()
    scheduler.optimizer.param_groups = [broken, broken]
    check_flat(failing(scheduler.step, (TypeError, KeyError)), 3_000)


def curve_scheduler():
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    return lr_scheduler.CurveScheduler(optimizer, lr=CURVE, **{"betas[0]": LINE + 0.5, "betas[1]": LINE})


def test_curve_schedulers_are_flat():
    scheduler = curve_scheduler()
    check_flat(scheduler.step, 100_000)
    check_flat(lambda: scheduler.seek(5), 500)
    check_flat(lambda: scheduler.load_state_dict(scheduler.state_dict()), 300, 100)
    scheduler.optimizer.param_groups[0]["lr"] = "no number"
    with suppress(Exception):
        scheduler.step()
    check_flat(curve_scheduler, 500, 200)


def test_schedulers_made_copied_and_dropped_are_flat():
    optimizer = make_optimizer([0.1, 0.2])

    def work():
        scheduler = build(lr_scheduler, ("CosineAnnealingLR", {"T_max": 20}), optimizer)
        scheduler.preview(30)
        copy.deepcopy(scheduler.state_dict())

    check_flat(work, 1_000, 300)


def test_references_come_back():
    """Of whatever a step and a failure touch, the count is what it was."""
    scheduler, tracked = ready("CyclicLR"), curve_scheduler()
    for each in (scheduler, tracked):
        each.step()
    groups = scheduler.optimizer.param_groups
    name, text = "lr", "".join(["pa", "rams"])
    objects = [scheduler, scheduler.optimizer, groups, groups[0], vars(scheduler), scheduler.base_lrs, CURVE]
    objects += [tracked, tracked.optimizer, tracked._drive, CURVE._node, OUT, GRID._core, ONE._core]
    objects += [lr_scheduler.CyclicLR, name, text, 0.1, ONE, RUNS._core]
    if sys.version_info < (3, 12):  # later they are counted no more
        objects += [None, True, False, 0, 1]
    before = [sys.getrefcount(each) for each in objects]
    for _ in range(500):
        scheduler.step()
        tracked.step()
        scheduler.preview(5)
        for name in FLAT:
            if name not in ("pickles of curves", "grids", "descents", "parses", "a bad text"):
                FLAT[name][0]()
    gc.collect()
    after = [sys.getrefcount(each) for each in objects]
    for each, one, other in zip(objects, before, after, strict=True):
        assert abs(other - one) < 100, each


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc here")
def test_the_process_does_not_grow_with_tables_of_many_threads():
    def resident():
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096  # bytes a page

    out, log = np.empty(300_000), np.zeros((20, 30_000))
    runs = sc.Plateau(0.1, runs=30_000)

    def work():
        CURVE.table(out.size, out=out, threads=3)
        runs.replay(log, threads=3)

    for _ in range(30):
        work()
    before = resident()
    for _ in range(150):
        work()
    assert resident() - before < 4_000_000  # a lost buffer of each table would be 40 MB
