"""Plateau: torch's rule to the bit, and one meaning however it is asked."""

import copy
import json
import pickle
import signal
from math import inf, nan

import numpy as np
import pytest
import stepcurve as sc
import torch
from hypothesis import given
from hypothesis import strategies as st

TORCHS = {
    "lr": st.sampled_from([0.1, 1.0, 3e-4]),
    "mode": st.sampled_from(["min", "max"]),
    "factor": st.sampled_from([0.1, 0.5, 0.9, 0.999]),
    "patience": st.integers(0, 4),
    "threshold": st.sampled_from([0.0, 1e-4, 0.1, 1.0]),
    "threshold_mode": st.sampled_from(["rel", "abs"]),
    "cooldown": st.integers(0, 3),
    "min_lr": st.sampled_from([0.0, 1e-3, 0.05, 2.0]),
    "eps": st.sampled_from([0.0, 1e-8, 1e-2]),
}
BEYOND = {
    "trigger": st.sampled_from([">", ">="]),
    "warmup": st.integers(0, 5),
    "window": st.integers(1, 4),
    "nan": st.sampled_from(["bad", "skip"]),
    "grow": st.booleans(),
    "max_lr": st.sampled_from([inf, 4.0]),
    "grow_cooldown": st.integers(0, 2),
    "cooldown_ignores": st.booleans(),
    "reset_after": st.integers(0, 3),
}
NAMES = [*TORCHS, *BEYOND]
STATE = ["lr", "best", "bad_steps", "cooldown_left", "good_steps", "resets_left"]
metrics = st.one_of(
    st.floats(width=64), st.sampled_from([0.0, 0.5, 1.0, -1.0, nan, inf, -inf]), st.integers(-3, 3)
)
logs = st.lists(metrics.map(float), min_size=1, max_size=60)


def same(one, other):
    """Bits, but for the sign of a zero and of NaN."""
    return np.array_equal(one, other, equal_nan=True)


def state(tracker):
    return {name: np.copy(value) for name, value in tracker.state_dict().items()}


def same_state(one, other):
    return all(same(a, b) for a, b in zip(state(one).values(), state(other).values(), strict=True))


def torchs_rates(options, log):
    options = dict(options)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=options.pop("lr"))
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **options)
    rates = []
    for metric in log:
        scheduler.step(metric)
        rates.append(optimizer.param_groups[0]["lr"])
    return rates, scheduler


@given(st.fixed_dictionaries(TORCHS), logs)
def test_one_run_is_torchs(options, log):
    rates, theirs = torchs_rates(options, log)
    ours = sc.Plateau(**options)
    assert [ours.update(metric) for metric in log] == rates
    assert same(ours.best, theirs.best)
    assert (ours.bad_steps, ours.cooldown_left) == (theirs.num_bad_epochs, theirs.cooldown_counter)
    assert ours.steps == theirs.last_epoch


def test_a_long_log_is_torchs():
    log = np.random.default_rng(0).normal(size=20_000).cumsum()
    options = {"lr": 1.0, "factor": 0.999, "patience": 3, "cooldown": 2, "threshold": 0.01, "eps": 0}
    assert sc.Plateau(**options).replay(log).tolist() == torchs_rates(options, log.tolist())[0]


settings_of_runs = st.lists(st.fixed_dictionaries({**TORCHS, **BEYOND}), min_size=1, max_size=12)


@given(settings_of_runs, st.integers(0, 30), st.integers(0, 2**32 - 1))
def test_a_population_is_its_runs_and_replay_is_update(runs, steps, seed):
    log = np.random.default_rng(seed).choice([0, 0.5, 0.6, 1, -1, 2, nan, inf], (steps, len(runs)))
    columns = {name: [run[name] for run in runs] for name in NAMES}
    together, stepped = sc.Plateau(**columns), sc.Plateau(**columns)
    rates = together.replay(log)
    assert same(rates, np.reshape([stepped.update(row) for row in log], rates.shape))
    for i, run in enumerate(runs):
        alone = sc.Plateau(**run)
        assert same(alone.replay(log[:, i]), rates[:, i])
        assert all(same(getattr(alone, name), getattr(together, name)[i]) for name in ("best", "bad_steps"))


@pytest.mark.parametrize("runs", [1, 7, 8, 9, 511, 513, 1025])
@pytest.mark.parametrize("options", [{}, {"warmup": 2, "nan": "skip"}, {"window": 3, "grow": True}], ids=str)
def test_every_target_and_number_of_threads_gives_the_same_bits(runs, options, target):
    rng = np.random.default_rng(runs)
    log = np.where(rng.random((300, runs)) < 0.02, nan, rng.normal(size=(300, runs)))
    given = {"factor": rng.uniform(0.1, 0.99, runs), "patience": rng.integers(0, 4, runs), "cooldown": 1}
    whole, threaded, shared = (sc.Plateau(0.1, **given, **options) for _ in range(3))
    rates = whole.replay(log, threads=1)
    assert same(threaded.replay(log, threads=3), rates)
    assert same_state(whole, threaded)
    assert same(shared.replay(log[:, 0]), sc.Plateau(0.1, **given, **options).replay(log[:, [0] * runs]))
    for run in {0, runs // 2, runs - 1}:
        alone = sc.Plateau(
            0.1, factor=given["factor"][run], patience=given["patience"][run], cooldown=1, **options
        )
        assert [alone.update(metric) for metric in log[:, run]] == rates[:, run].tolist()
        assert all(same(alone.state_dict()[name], whole.state_dict()[name][run]) for name in STATE)


def test_threads_of_a_large_population_agree():
    metrics = np.random.default_rng(0).random((3, 300_000))
    one, two = (sc.Plateau(0.1, patience=0, runs=300_000) for _ in range(2))
    for row in metrics:
        assert same(one.update(row, threads=1), two.update(row, threads=2))


@given(st.fixed_dictionaries({**TORCHS, **BEYOND}), logs, st.integers(0, 60), st.sampled_from([1, 4]))
def test_a_restored_tracker_goes_on_exactly(options, log, at, runs):
    rows = np.repeat(np.reshape(log, (-1, 1)), runs, 1)
    tracker = sc.Plateau(**options, runs=runs)
    tracker.replay(rows[:at])
    fresh = sc.Plateau(**options, runs=runs)
    fresh.load_state_dict(tracker.state_dict())
    others = [pickle.loads(pickle.dumps(tracker)), copy.copy(tracker), copy.deepcopy(tracker), fresh]
    rest = tracker.replay(rows[at:])
    for other in others:
        assert same(other.replay(rows[at:]), rest)
        assert same_state(other, tracker)


def test_the_state_of_one_run_is_plain_values():
    tracker = sc.Plateau(0.1, window=3)
    tracker.replay([3.0, 2.0])
    text = json.dumps(tracker.state_dict())
    fresh = sc.Plateau(0.1, window=3)
    fresh.load_state_dict(json.loads(text))
    assert fresh.replay([1, 1, 1]).tolist() == tracker.replay([1, 1, 1]).tolist()


def test_state_can_be_written():
    tracker = sc.Plateau(0.1, patience=2)
    tracker.update(1.0)
    tracker.lr, tracker.best, tracker.bad_steps, tracker.steps = 0.5, 0.25, 2, 7
    assert tracker.update(0.3) == 0.05
    assert (tracker.best, tracker.bad_steps, tracker.steps) == (0.25, 0, 8)
    tracker.cooldown_left = 3
    tracker.update(1.0)
    assert tracker.cooldown_left == 2
    runs = sc.Plateau(0.1, patience=0, runs=3)
    runs.update([1, 1, 1])
    runs.lr[1] = 1.0
    runs.best = [1, 1, 5]
    assert runs.update([1, 1, 1]).tolist() == [0.010000000000000002, 0.1, 0.1]
    kept = runs.lr
    del runs
    assert kept.shape == (3,)


# The options that have a plain equivalent are that; the others have the libraries they come from as their
# oracles, in tests/peers.


@given(st.fixed_dictionaries(TORCHS), logs, st.integers(0, 20))
def test_a_warmup_ignores_the_first_metrics(options, log, warmup):
    lazy = sc.Plateau(**options, warmup=warmup).replay(log)
    assert lazy[:warmup].tolist() == [options["lr"]] * min(warmup, len(log))
    assert lazy[warmup:].tolist() == sc.Plateau(**options).replay(log[warmup:]).tolist()


@given(st.fixed_dictionaries(TORCHS), logs)
def test_skipped_nans_leave_no_trace(options, log):
    log = np.array(log)
    rates = sc.Plateau(**options, nan="skip").replay(log)
    assert rates[~np.isnan(log)].tolist() == sc.Plateau(**options).replay(log[~np.isnan(log)]).tolist()


@given(st.fixed_dictionaries(TORCHS), st.lists(st.integers(-50, 50), min_size=1), st.integers(1, 6))
def test_windows_and_accumulation_are_means(options, log, size):
    log = np.array(log, float)
    moving = [log[max(0, i + 1 - size) : i + 1].mean() for i in range(len(log))]
    assert same(sc.Plateau(**options, window=size).replay(log), sc.Plateau(**options).replay(moving))
    sums = log[: len(log) // size * size].reshape(-1, size) * 2.0**20  # so that every mean is rounded alike
    blocks = sc.Plateau(**options).replay([np.round(row.mean()) for row in sums])
    rounded = np.round(sums.mean(1))[:, None].repeat(size, 1).ravel()
    assert same(sc.Plateau(**options, accumulate=size).replay(rounded)[size - 1 :: size], blocks)


def test_growth_and_reset():
    tracker = sc.Plateau(1.0, factor=0.5, patience=1, grow=True, max_lr=2.0, min_lr=0.5, reset_after=2)
    assert tracker.replay([5, 4, 3, 2]).tolist() == [1, 2, 2, 2]
    assert tracker.replay([9] * 6).tolist() == [2, 1, 1, 0.5, 0.5, 1]
    assert tracker.best == inf


BAD_OPTIONS = [
    ({"lr": -1}, "lr must be >= 0, got -1"),
    ({"lr": "fast"}, "lr must be a number, got 'fast'"),
    ({"factor": 1.5}, "factor must be > 0 and < 1, got 1.5"),
    ({"factor": 0}, "factor must be > 0 and < 1, got 0"),
    ({"factor": nan}, "factor must be > 0 and < 1, got nan"),
    ({"factor": [0.5, 1]}, "factor must be > 0 and < 1, got 1"),
    ({"patience": -1}, "patience must be >= 0, got -1"),
    ({"patience": 2.5}, "patience must be whole numbers, got 2.5"),
    ({"patience": True}, "patience must be whole numbers, got True"),
    ({"patience": [[1]]}, "patience must be one value or one a run, got an array of shape (1, 1)"),
    ({"patience": []}, "patience must have at least one value, got none"),
    ({"mode": []}, "mode must have at least one value, got none"),
    ({"patience": 2**64}, "patience must be <= 2**53, got 1.84467e+19"),
    ({"patience": [1, 2], "cooldown": [1, 2, 3]}, "cooldown must have 2 values, one a run, got 3"),
    ({"patience": [1, 2], "runs": 3}, "patience must have 3 values, one a run, got 2"),
    ({"runs": 0}, "runs must be > 0, got 0"),
    ({"mode": "best"}, "mode must be 'min' or 'max', got 'best'"),
    ({"nan": ["bad", "worse"]}, "nan must be 'bad', 'skip' or 'raise', got 'worse'"),
    ({"threshold": -0.1}, "threshold must be >= 0, got -0.1"),
    (
        {"threshold_mode": "abs", "atol": 0.1},
        "atol must be 0 where threshold_mode is 'abs': the threshold is it",
    ),
    ({"window": 0}, "window must be >= 1, got 0"),
    ({"window": 2, "accumulate": 2}, "accumulate must be 1 where there is a window, got 2"),
    ({"grow": 1}, "grow must be a bool, got 1"),
    ({"min_lr": 0.5, "max_lr": 0.25}, "max_lr must be >= min_lr, got 0.25"),
    ({"min_lr": inf}, "min_lr must be finite, got inf"),
]


@pytest.mark.parametrize(("options", "message"), BAD_OPTIONS, ids=str)
def test_bad_options(options, message):
    with pytest.raises((ValueError, TypeError)) as error:
        sc.Plateau(**{"lr": 0.1, **options})
    assert str(error.value).startswith(message)


ONE, THREE = {"patience": 1, "nan": "raise"}, {"patience": [1, 2, 3], "nan": "raise", "window": 2}
BAD_CALLS = [
    (ONE, lambda p: p.update("low"), "metric must be a number, got 'low'"),
    (ONE, lambda p: p.update(None), "metric must be a number, got None"),
    (ONE, lambda p: p.update(True), "metric must be a number, got True"),
    (ONE, lambda p: p.update([1.0]), "metric must be a number, got [1.0]"),
    (ONE, lambda p: p.update(nan), "metric must be a number, got nan at step 2"),
    (ONE, lambda p: p.replay([1, nan]), "metric must be a number, got nan at step 3"),
    (ONE, lambda p: p.replay(1.0), "history must have shape (steps,), got ()"),
    (ONE, lambda p: p.replay([[1.0]]), "history must have shape (steps,), got (1, 1)"),
    (ONE, lambda p: p.replay(["low"]), "history must be real numbers, got an array of <U3"),
    (ONE, lambda p: p.replay([1.0], out=np.empty(2)), "out must have shape (1,), got (2,)"),
    (ONE, lambda p: p.replay([1.0], out=np.empty(1, "f4")), "out must hold float64, got float32"),
    (ONE, lambda p: p.replay([1.0], threads=0), "threads must be > 0, got 0"),
    (ONE, lambda p: p.update(1.0, out=np.empty(1)), "out and threads are for a population"),
    (ONE, lambda p: setattr(p, "best", [1, 2]), "best of one run must be a number, got [1, 2]"),
    (ONE, lambda p: setattr(p, "steps", [1]), "steps must be a whole number, got [1]"),
    (ONE, lambda p: p.load_state_dict({**p.state_dict(), 3: 1}), "state_dict must have exactly bad_steps,"),
    (THREE, lambda p: p.update(np.ma.array([1, 2, 3])), "metrics must be real numbers, got a masked array"),
    (THREE, lambda p: p.update([1, 2, 3], out=p.lr), "out must not be the tracker's own state"),
    (THREE, lambda p: p.load_state_dict({**p.state_dict(), "lr": 1.0}), "lr must have shape (3,), got ()"),
    (THREE, lambda p: p.update(1.0), "metrics must have shape (3,), got ()"),
    (THREE, lambda p: p.update([1, 2]), "metrics must have shape (3,), got (2,)"),
    (THREE, lambda p: p.update([1, nan, 3]), "metric must be a number, got nan at step 2, run 1"),
    (THREE, lambda p: p.update([1, None, 3]), "metrics must be real numbers, got an array of object"),
    (
        THREE,
        lambda p: p.replay(np.ones((2, 2))),
        "history must have shape (steps,) or (steps, 3), got (2, 2)",
    ),
    (ONE, lambda p: setattr(p, "lr", -1), "lr must be >= 0, got -1"),
    (ONE, lambda p: setattr(p, "bad_steps", 1.5), "bad_steps must be whole numbers, got 1.5"),
    (ONE, lambda p: setattr(p, "steps", -1), "steps must be >= 0, got -1"),
    (THREE, lambda p: setattr(p, "cooldown_left", [1, 2]), "cooldown_left must have shape (3,), got (2,)"),
    (THREE, lambda p: p.load_state_dict({"lr": 0.1}), "state_dict must have exactly averaged, bad_steps,"),
    (
        THREE,
        lambda p: p.load_state_dict({**p.state_dict(), "sum": [1]}),
        "sum must have shape (3,), got (1,)",
    ),
    (THREE, lambda p: p.load_state_dict({**p.state_dict(), "steps": "many"}), "steps must be whole numbers"),
]


@pytest.mark.parametrize(("options", "call", "message"), BAD_CALLS)
def test_bad_calls_leave_the_state_as_it_was(options, call, message):
    tracker = sc.Plateau(0.1, **options)
    tracker.replay([2.0, 2.0])
    before = copy.deepcopy(tracker)
    with pytest.raises((ValueError, TypeError)) as error:
        call(tracker)
    assert str(error.value).startswith(message)
    assert same_state(tracker, before)


def test_ctrl_c_leaves_the_state_as_it_was():
    class Stop(Exception):
        pass

    def stop(*_):
        raise Stop

    tracker = sc.Plateau(0.1, window=3, patience=2)
    tracker.replay([2.0, 1.0])
    before, log = copy.deepcopy(tracker), np.random.default_rng(0).random(20_000_000)
    previous = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        with pytest.raises(Stop):
            tracker.replay(log, out=log)
    finally:
        signal.signal(signal.SIGALRM, previous)
    assert same_state(tracker, before)


def test_nothing_of_the_callers_is_kept():
    factor, log = np.full(3, 0.5), np.ones(5)
    runs, grid = sc.Plateau(0.1, factor=factor, patience=0), sc.plateau_grid(log, patience=[0, 1], factor=0.5)
    factor[:], log[:] = 2.0, [5, 4, 3, 2, 1]
    assert same(copy.copy(runs).replay([1, 1, 1]), runs.replay([1, 1, 1]))
    assert grid.lr(0)[-1] == grid[0]["final_lr"]
    grid[0]["cuts"] = -1
    assert grid[0]["cuts"] == 4


def test_a_log_may_be_the_state_itself():
    runs = [sc.Plateau(0.1, runs=5, patience=0, factor=0.5) for _ in range(2)]
    for tracker in runs:
        tracker.update([5, 4, 3, 2, 1.0])
    assert same(runs[0].replay(runs[0].best), runs[1].replay(runs[1].best.copy()))


def test_states_that_the_rule_reaches_can_be_copied():
    tracker = sc.Plateau(0.1, factor=0.1, grow=True, patience=0)
    tracker.replay(-np.arange(400.0))
    assert tracker.lr == inf
    assert pickle.loads(pickle.dumps(tracker)).lr == inf
    fresh = sc.Plateau(0.1, factor=0.1, grow=True, patience=0)
    fresh.load_state_dict(tracker.state_dict())
    tracker._core.lr[0] = nan
    assert same(copy.copy(tracker).lr, nan)


def test_subclasses_stay_what_they_are():
    class Named(sc.Plateau):
        def __init__(self, name):
            super().__init__(0.1)
            self.name = name

    twin = copy.deepcopy(Named("a"))
    assert (type(twin), twin.name) == (Named, "a")


def test_it_prints_what_is_not_the_default():
    tracker = sc.Plateau(0.1, patience=3, mode="max")
    tracker.update(0.5)
    assert repr(tracker) == "<Plateau(lr=0.1, mode='max', patience=3): 1 steps, lr=0.1, best=0.5>"
