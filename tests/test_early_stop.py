"""EarlyStop: what its definition says, however it is asked."""

import copy
import json
import pickle
import signal
from math import inf, isnan, nan

import numpy as np
import pytest
import stepcurve as sc
from hypothesis import given
from hypothesis import strategies as st

levels = st.sampled_from([-1.0, 0.0, 0.5, 1.0, inf, -inf])
OPTIONS = {
    "mode": st.sampled_from(["min", "max"]),
    "patience": st.integers(0, 5),
    "threshold": st.sampled_from([0.0, 1e-4, 0.25, 1.0, 2.0]),
    "threshold_mode": st.sampled_from(["rel", "abs"]),
    "cumulative": st.booleans(),
    "baseline": st.none() | levels,
    "target": st.none() | levels,
    "limit": st.none() | levels,
    "warmup": st.integers(0, 4),
    "nan": st.sampled_from(["bad", "skip", "stop"]),
}
STATE = ["best", "best_step", "bad_steps", "stopped_at"]
options = st.fixed_dictionaries(OPTIONS) | st.fixed_dictionaries({}, optional=OPTIONS)
with_atol = st.builds(
    lambda given, atol: given | {"atol": atol} if given.get("threshold_mode") == "rel" else given,
    options,
    st.sampled_from([0.0, 0.125, 1.0]),
)
metrics = st.one_of(
    st.floats(width=64), st.sampled_from([0.0, 0.5, 1.0, -1.0, nan, inf, -inf]), st.integers(-3, 3)
)
falling = st.lists(st.integers(0, 4), min_size=1, max_size=60).map(lambda steps: 9 - np.cumsum(steps) / 8)
logs = st.lists(metrics.map(float), min_size=1, max_size=60) | falling.map(np.ndarray.tolist)


def same(one, other):
    """Bits, but for the sign of a zero and of NaN."""
    return np.array_equal(one, other, equal_nan=np.asarray(one).dtype.kind == "f")


def same_state(one, other):
    one, other = one.state_dict(), other.state_dict()
    return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)


def by_definition(
    log,
    mode="min",
    patience=10,
    threshold=0.0,
    threshold_mode="abs",
    atol=0.0,
    cumulative=True,
    baseline=None,
    target=None,
    limit=None,
    warmup=0,
    nan="bad",
):
    """The whole of it, a metric at a time: whether to stop after each, and the state at the end."""

    def better(metric, than, threshold, atol=0.0):
        if threshold_mode == "abs":
            return metric < than - threshold if mode == "min" else metric > than + threshold
        if mode == "min":
            return metric < than * (1 - threshold) - atol
        return metric > than * (1 + threshold) + atol

    def as_good(metric, as_what):
        return metric <= as_what if mode == "min" else metric >= as_what

    best, best_step, bad_steps, stopped_at = (inf if mode == "min" else -inf), None, 0, None
    answers = []
    for step, metric in enumerate(log):
        if stopped_at is None and step >= warmup and not (nan == "skip" and isnan(metric)):
            improved = better(metric, best, threshold, atol)
            enough = baseline is None or better(metric, baseline, threshold, atol)
            bad_steps = 0 if improved and enough else bad_steps + 1
            if improved or (not cumulative and (metric < best if mode == "min" else metric > best)):
                best, best_step = metric, step
            reached = target is not None and as_good(metric, target)
            diverged = limit is not None and as_good(limit, metric)
            lost = nan == "stop" and isnan(metric)
            if (not improved and bad_steps >= patience) or reached or diverged or lost:
                stopped_at = step
        answers.append(stopped_at is not None)
    return answers, {"best": best, "best_step": best_step, "bad_steps": bad_steps, "stopped_at": stopped_at}


@given(with_atol, logs)
def test_one_run_is_the_loop_of_its_definition(options, log):
    answers, expected = by_definition(log, **options)
    stop, replayed = sc.EarlyStop(**options), sc.EarlyStop(**options)
    assert [stop.update(metric) for metric in log] == answers
    assert stop.state_dict() == {**expected, "steps": len(log)}
    assert replayed.replay(log).tolist() == answers
    assert replayed.state_dict() == stop.state_dict()
    assert stop.stopped is answers[-1]


def test_a_long_log_is_the_loop():
    log = np.random.default_rng(0).normal(size=20_000).cumsum()
    for options in {}, {"threshold": 1.0, "cumulative": False}, {"mode": "max", "patience": 3000}:
        answers, expected = by_definition(log.tolist(), **{"patience": 10**6, **options})
        stop = sc.EarlyStop(**{"patience": 10**6, **options})
        assert stop.replay(log).tolist() == answers
        assert stop.state_dict() == {**expected, "steps": len(log)}


in_arrays = dict.fromkeys(["baseline", "target", "limit"], levels)
settings_of_runs = st.lists(st.fixed_dictionaries({**OPTIONS, **in_arrays}), min_size=1, max_size=12)


@given(settings_of_runs, st.integers(0, 30), st.integers(0, 2**32 - 1))
def test_a_population_is_its_runs_and_replay_is_update(runs, steps, seed):
    log = np.random.default_rng(seed).choice([0, 0.5, 0.6, 1, -1, 2, nan, inf, -inf], (steps, len(runs)))
    columns = {name: [run[name] for run in runs] for name in OPTIONS}
    together, stepped = sc.EarlyStop(**columns), sc.EarlyStop(**columns)
    answers = together.replay(log)
    assert answers.dtype == bool
    assert same(answers, np.reshape([stepped.update(row) for row in log], answers.shape))
    assert same_state(together, stepped)
    for i, run in enumerate(runs):
        expected, state = by_definition(log[:, i].tolist(), **run)
        assert answers[:, i].tolist() == expected
        steps = {name: -1 if state[name] is None else state[name] for name in STATE}
        assert {name: getattr(together, name)[i] for name in STATE} == steps
        assert together.stopped[i] == (state["stopped_at"] is not None)


@pytest.mark.parametrize("runs", [1, 7, 8, 9, 511, 513, 1025])
@pytest.mark.parametrize(
    "options",
    [{}, {"warmup": 2, "nan": "skip", "cumulative": False}, {"limit": 3.9, "baseline": -3}],
    ids=str,
)
def test_every_target_and_number_of_threads_gives_the_same(runs, options, target):
    rng = np.random.default_rng(runs)
    log = np.where(rng.random((300, runs)) < 0.02, nan, rng.normal(size=(300, runs)))
    given = {"patience": rng.integers(0, 200, runs), "threshold": rng.choice([0, 0.5], runs)}
    whole, threaded, shared = (sc.EarlyStop(**given, **options) for _ in range(3))
    answers = whole.replay(log, threads=1)
    assert same(threaded.replay(log, threads=3), answers)
    assert same_state(whole, threaded)
    assert same(shared.replay(log[:, 0]), sc.EarlyStop(**given, **options).replay(log[:, [0] * runs]))
    for run in {0, runs // 2, runs - 1}:
        own = {name: values[run].item() for name, values in given.items()}
        assert answers[:, run].tolist() == by_definition(log[:, run].tolist(), **own, **options)[0]


def test_threads_of_a_large_population_agree():
    metrics = np.random.default_rng(0).random((3, 300_000))
    one, two = (sc.EarlyStop(patience=1, runs=300_000) for _ in range(2))
    for row in metrics:
        assert same(one.update(row, threads=1), two.update(row, threads=2))


@given(with_atol, logs, st.integers(0, 60), st.sampled_from([None, 1, 4]))
def test_a_restored_one_goes_on_exactly(options, log, at, runs):
    rows = np.array(log) if runs is None else np.repeat(np.reshape(log, (-1, 1)), runs, 1)
    stop = sc.EarlyStop(**options, runs=runs)
    stop.replay(rows[:at])
    fresh = sc.EarlyStop(**options, runs=runs)
    fresh.load_state_dict(stop.state_dict())
    others = [pickle.loads(pickle.dumps(stop)), copy.copy(stop), copy.deepcopy(stop), fresh]
    assert all(repr(other) == repr(stop) for other in others)
    rest = stop.replay(rows[at:])
    for other in others:
        assert same(other.replay(rows[at:]), rest)
        assert same_state(other, stop)
        assert other.options == stop.options


def test_the_state_of_one_run_is_plain_values():
    stop = sc.EarlyStop(patience=2)
    assert json.loads(json.dumps(stop.state_dict()))["best_step"] is None
    stop.replay([3.0, 4.0])
    fresh = sc.EarlyStop(patience=2)
    fresh.load_state_dict(json.loads(json.dumps(stop.state_dict())))
    assert fresh.replay([2.5, 3, 4]).tolist() == stop.replay([2.5, 3, 4]).tolist() == [False, False, True]


@given(with_atol, logs)
def test_it_stops_where_a_plateau_would_first_cut(options, log):
    judging = {
        name: options[name] for name in ("mode", "threshold", "threshold_mode", "atol") if name in options
    }
    judging = {"threshold": 0.0, "threshold_mode": "abs", "patience": options.get("patience", 3), **judging}
    stop = sc.EarlyStop(**judging, warmup=options.get("warmup", 0))
    plateau = sc.Plateau(1.0, trigger=">=", factor=0.5, eps=0, warmup=options.get("warmup", 0), **judging)
    assert stop.replay(log).tolist() == (plateau.replay(log) < 1).tolist()


def test_a_run_that_has_stopped_stays_as_it_was():
    stop = sc.EarlyStop(patience=1)
    stop.replay([2.0, 2.0])
    before = stop.state_dict()
    assert stop.replay([1.0, nan, 0.0]).all()
    assert stop.state_dict() == {**before, "steps": 5}
    stop.stopped_at = None
    assert not stop.update(1.0)
    assert (stop.best, stop.best_step, stop.bad_steps) == (1.0, 5, 0)


def test_state_can_be_written():
    stop = sc.EarlyStop(patience=3)
    stop.best, stop.best_step, stop.bad_steps, stop.steps = 0.25, 4, 2, 7
    assert stop.update(0.3)
    assert (stop.best_step, stop.bad_steps, stop.stopped_at, stop.steps) == (4, 3, 7, 8)
    runs = sc.EarlyStop(patience=1, runs=3)
    runs.update([1, 1, 1])
    runs.best[1] = 5.0
    runs.best_step = [0, -1, 2]
    assert runs.update([1, 1, 1]).tolist() == [True, False, True]
    assert runs.best_step.tolist() == [0, 1, 2]
    kept = runs.stopped_at
    del runs
    assert kept.tolist() == [1, -1, 1]


BAD_OPTIONS = [
    ({"patience": -1}, "patience must be >= 0, got -1"),
    ({"patience": 2.5}, "patience must be whole numbers, got 2.5"),
    ({"patience": []}, "patience must have at least one value, got none"),
    ({"patience": [1, 2], "warmup": [1, 2, 3]}, "warmup must have 2 values, one a run, got 3"),
    ({"patience": [1, 2], "runs": 3}, "patience must have 3 values, one a run, got 2"),
    ({"runs": 0}, "runs must be > 0, got 0"),
    ({"mode": "best"}, "mode must be 'min' or 'max', got 'best'"),
    ({"nan": "worse"}, "nan must be 'bad', 'skip', 'raise' or 'stop', got 'worse'"),
    ({"threshold": -0.1}, "threshold must be >= 0, got -0.1"),
    ({"threshold": inf}, "threshold must be finite, got inf"),
    ({"atol": 0.1}, "atol must be 0 where threshold_mode is 'abs': the threshold is it, got 0.1"),
    ({"cumulative": 1}, "cumulative must be a bool, got 1"),
    ({"target": nan}, "target must be a number, or None, got nan"),
    ({"limit": [1.0, nan]}, "limit must be a number, or None, got [1.0, nan]"),
    ({"baseline": "low"}, "baseline must be a number, got 'low'"),
    ({"baseline": [0.5, None]}, "baseline must be real numbers, got an array of object"),
]


@pytest.mark.parametrize(("options", "message"), BAD_OPTIONS, ids=str)
def test_bad_options(options, message):
    with pytest.raises((ValueError, TypeError)) as error:
        sc.EarlyStop(**options)
    assert str(error.value) == message


ONE, THREE = {"patience": 9, "nan": "raise"}, {"patience": [1, 9, 9], "nan": "raise"}
BAD_CALLS = [
    (ONE, lambda s: s.update("low"), "metric must be a number, got 'low'"),
    (ONE, lambda s: s.update(None), "metric must be a number, got None"),
    (ONE, lambda s: s.update(True), "metric must be a number, got True"),
    (ONE, lambda s: s.update([1.0]), "metric must be a number, got [1.0]"),
    (ONE, lambda s: s.update(nan), "metric must be a number, got nan at step 2"),
    (ONE, lambda s: s.replay([1, nan]), "metric must be a number, got nan at step 3"),
    (ONE, lambda s: s.replay(1.0), "history must have shape (steps,), got ()"),
    (ONE, lambda s: s.replay(["low"]), "history must be real numbers, got an array of <U3"),
    (ONE, lambda s: s.replay([1.0], out=np.empty(2, bool)), "out must have shape (1,), got (2,)"),
    (ONE, lambda s: s.replay([1.0], out=np.empty(1)), "out must hold bool, got float64"),
    (ONE, lambda s: s.replay([1.0], threads=0), "threads must be > 0, got 0"),
    (
        ONE,
        lambda s: s.update(1.0, threads=2),
        "out and threads are for a population; one run has a plain answer",
    ),
    (ONE, lambda s: setattr(s, "best", [1, 2]), "best of one run must be a number, got [1, 2]"),
    (ONE, lambda s: setattr(s, "best_step", -1), "best_step must be >= 0, got -1"),
    (ONE, lambda s: setattr(s, "stopped_at", 0.5), "stopped_at must be whole numbers, got 0.5"),
    (ONE, lambda s: setattr(s, "bad_steps", None), "bad_steps must be whole numbers, got None"),
    (ONE, lambda s: s.load_state_dict({}), "state_dict must have exactly bad_steps, best, best_step, steps,"),
    (ONE, lambda s: s.load_state_dict({**s.state_dict(), "best": "x"}), "best must be a number, got 'x'"),
    (THREE, lambda s: s.update(1.0), "metrics must have shape (3,), got ()"),
    (THREE, lambda s: s.update([1, 2]), "metrics must have shape (3,), got (2,)"),
    (THREE, lambda s: s.update([nan, 2, 3]), "metric must be a number, got nan at step 2, run 0"),
    (
        THREE,
        lambda s: s.replay(np.ones((2, 2))),
        "history must have shape (steps,) or (steps, 3), got (2, 2)",
    ),
    (THREE, lambda s: s.update([1, 2, 3], out=s.best), "out must hold bool, got float64"),
    (THREE, lambda s: setattr(s, "stopped_at", [1, -2, 3]), "stopped_at must be >= -1, got -2"),
    (THREE, lambda s: setattr(s, "best_step", None), "best_step must be whole numbers, got None"),
    (
        THREE,
        lambda s: s.load_state_dict({**s.state_dict(), "best": 1.0}),
        "best must have shape (3,), got ()",
    ),
]


@pytest.mark.parametrize(("options", "call", "message"), BAD_CALLS)
def test_bad_calls_leave_the_state_as_it_was(options, call, message):
    stop = sc.EarlyStop(**options)
    stop.replay([2.0, 2.0])
    before = copy.deepcopy(stop)
    with pytest.raises((ValueError, TypeError)) as error:
        call(stop)
    assert str(error.value).startswith(message)
    assert same_state(stop, before)


def test_ctrl_c_leaves_the_state_as_it_was():
    class Stop(Exception):
        pass

    def interrupt(*_):
        raise Stop

    stop = sc.EarlyStop(patience=10**9)
    stop.replay([2.0, 1.0])
    before, log = copy.deepcopy(stop), np.random.default_rng(0).random(20_000_000)
    previous = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        with pytest.raises(Stop):
            stop.replay(log)
    finally:
        signal.signal(signal.SIGALRM, previous)
    assert same_state(stop, before)


def test_a_log_may_be_the_state_itself():
    runs = [sc.EarlyStop(runs=5, patience=1) for _ in range(2)]
    for stop in runs:
        stop.update([5, 4, 3, 2, 1.0])
    assert same(runs[0].replay(runs[0].best), runs[1].replay(runs[1].best.copy()))


def test_subclasses_stay_what_they_are():
    class Named(sc.EarlyStop):
        def __init__(self, name):
            super().__init__(patience=3)
            self.name = name

    twin = copy.deepcopy(Named("a"))
    assert (type(twin), twin.name) == (Named, "a")
    assert repr(twin) == "<Named(patience=3): 0 steps>"


def test_it_prints_what_is_not_the_default():
    stop = sc.EarlyStop(patience=2, mode="max", target=0.9)
    assert repr(stop) == "<EarlyStop(mode='max', patience=2, target=0.9): 0 steps>"
    stop.replay([0.5, 0.4, 0.4])
    assert repr(stop).endswith(": 3 steps, best=0.5 at step 0, stopped at step 2>")
    assert repr(sc.EarlyStop(runs=3)) == "<EarlyStop(): 3 runs, 0 steps, 0 stopped>"
