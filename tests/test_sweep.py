"""Sweeps in memory: every member is its own curve, whatever is asked of all of them."""

import copy
import pickle
import threading
from itertools import product

import numpy as np
import pytest
import stepcurve as sc
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot
from strategies import endings, endless, made


def warmed(peak, warmup):
    return sc.linear(0, peak, warmup) >> sc.cosine(peak, 0.1 * peak, 100 - warmup)


GRID = sc.sweep(warmed, peak=np.geomspace(1e-5, 1e-2, 7), warmup=[5, 20])
members = st.lists(st.one_of(endings, endless.map(made)), min_size=1, max_size=6)


def sweep_of(curves):
    return sc.sweep(lambda i: curves[i], i=range(len(curves)))


@given(members, st.integers(1, 300), st.sampled_from([0, 3, 0.5]), st.sampled_from([1, 2, 0.25]))
def test_members_are_their_curves_tables(curves, steps, start, stride):
    grid = sweep_of(curves)
    for dtype in (np.float64, np.float32):
        wanted = [curve.table(steps, start=start, stride=stride, dtype=dtype) for curve in curves]
        with np.errstate(over="ignore"):
            assert np.array_equal(
                grid.table(steps, start=start, stride=stride, dtype=dtype), wanted, equal_nan=True
            )
    at = [curve(start) for curve in curves]
    assert np.array_equal(grid.at(start), at, equal_nan=True)


def test_every_target_and_number_of_threads_gives_the_same(target):
    wanted = [[GRID[i, j].table(50_001) for j in range(2)] for i in range(7)]
    for threads in (1, 2, 3, 64):
        assert np.array_equal(GRID.table(50_001, threads=threads), wanted)
    many = sc.sweep(lambda peak: sc.cosine(peak, 0, 100), peak=np.linspace(0.1, 1, 10_000))
    assert np.array_equal(many.at(33, threads=1), many.at(33, threads=4))
    assert many.at(33)[1234] == many[1234](33)


def test_members_are_every_combination_in_order():
    assert GRID.shape == (7, 2)
    assert (GRID.size, GRID.dims) == (14, ("peak", "warmup"))
    assert list(GRID.axes) == ["peak", "warmup"]
    peaks = np.geomspace(1e-5, 1e-2, 7).tolist()
    for i, j in product(range(7), range(2)):
        assert GRID.parameters((i, j)) == {"peak": peaks[i], "warmup": [5, 20][j]}
        assert GRID[i, j] == warmed(peaks[i], [5, 20][j])
    assert GRID[-1, -2] == GRID[6, 0]
    assert GRID[np.int64(3), 1] == GRID[3, 1]


def test_zip_pairs_the_axes():
    grid = sc.sweep(warmed, mode="zip", peak=[0.1, 0.2, 0.3], warmup=(1, 2, 3))
    assert grid.shape == (3,)
    assert grid.dims == ("member",)
    assert grid[1] == warmed(0.2, 2)
    assert grid.parameters(1) == {"peak": 0.2, "warmup": 2}
    assert np.array_equal(grid.table(101), [warmed([0.1, 0.2, 0.3][i], i + 1).table(101) for i in range(3)])
    assert repr(grid) == "<Sweep zip(peak: 3, warmup: 3)>"


def test_the_factory_gets_plain_values():
    seen = []

    def factory(**parameters):
        seen.append(parameters)
        return sc.constant(1)

    sc.sweep(factory, a=np.arange(2, dtype=np.int32), b=[np.float32(0.5)], c=["x"], d=[None], e=[True])
    assert [type(value) for value in seen[1].values()] == [int, float, str, type(None), bool]
    assert seen[1] == {"a": 1, "b": 0.5, "c": "x", "d": None, "e": True}


def test_values_may_be_sequences():
    grid = sc.sweep(lambda ends: sc.linear(*ends, 10), ends=[(1, 0), (0, 1)])
    assert grid[1] == sc.linear(0, 1, 10)


def test_out_is_filled_and_given_back():
    for dtype in (np.float64, np.float32):
        out = np.full((7, 2, 50), 7, dtype)
        assert GRID.table(50, out=out) is out
        assert np.array_equal(out, GRID.table(50, dtype=dtype))


@settings(max_examples=50)
@given(members, st.integers(1, 60), st.sampled_from([1 << 20, 16]))
def test_summaries_say_what_tables_say(curves, steps, block):
    import sys

    module = pytest.importorskip("stepcurve.sweep_summary")
    curves = [curve for curve in curves if np.isfinite(curve.table(steps)).all()] or [sc.constant(1)]
    before, module.MAX_VALUES = module.MAX_VALUES, block
    try:
        frame = sweep_of(curves).summary(steps)
    finally:
        module.MAX_VALUES = before
    assert "stepcurve.sweep_summary" in sys.modules
    assert list(frame.columns) == ["i", "max_value", "final_value", "area", "half_at"]
    assert len(frame) == len(curves)
    for (_, row), curve in zip(frame.iterrows(), curves, strict=True):
        values = curve.table(steps)
        assert row.max_value == values.max()
        assert row.final_value == values[-1]
        assert abs(row.area - values.sum()) <= 1e-12 * np.abs(values).sum()
        after = range(values.argmax() + 1, steps) if values.max() > 0 else ()
        low = [t for t in after if values[t] <= values.max() / 2]
        assert row.half_at is frame.half_at.dtype.na_value if not low else row.half_at == low[0]


def test_a_nan_is_said_whatever_the_blocks(monkeypatch):
    module = pytest.importorskip("stepcurve.sweep_summary")
    huge = sc.constant(1e308) * 1e308
    grid = sweep_of([sc.constant(1, 5) >> (huge + -1 * huge), sc.linear(1, 0, 9)])
    assert np.isnan(grid.table(10)[0, 5:]).all()
    for block in (1 << 20, 16, 4):
        monkeypatch.setattr(module, "MAX_VALUES", block)
        frame = grid.summary(10)
        assert np.isnan(frame.max_value[0])
        assert frame.half_at.isna().tolist() == [True, False]
        assert frame.max_value[1] == 1


def test_copies_and_pickles_are_the_same_sweep():
    for again in (copy.deepcopy(GRID), pickle.loads(pickle.dumps(GRID))):
        assert again.axes == GRID.axes
        assert again.shape == GRID.shape
        assert np.array_equal(again.table(101), GRID.table(101))


def test_several_threads_of_python_at_once():
    wanted = GRID.table(20_000)
    results = [None] * 8
    threads = [
        threading.Thread(target=lambda i=i: results.__setitem__(i, GRID.table(20_000))) for i in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(result, wanted) for result in results)


def refuse(peak):
    if peak == 2:
        raise RuntimeError("no such peak")
    return sc.linear(0, peak, 10)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sc.sweep(3, peak=[1]), "factory must be callable, got 3"),
        (lambda: sc.sweep(warmed), "a sweep must have at least one axis of values"),
        (lambda: sc.sweep(warmed, mode="grid", peak=[1]), "mode must be 'product' or 'zip', got 'grid'"),
        (lambda: sc.sweep(warmed, peak=[]), "peak must have at least one value, got none"),
        (
            lambda: sc.sweep(warmed, peak=0.1),
            "peak must be a list or one-dimensional array of values, got 0.1",
        ),
        (lambda: sc.sweep(warmed, peak="0.1"), "peak must be a list or one-dimensional array of values"),
        (lambda: sc.sweep(warmed, peak=np.ones((2, 2))), "peak must be a list or one-dimensional array"),
        (lambda: sc.sweep(warmed, step=[1]), "an axis cannot be called 'step'"),
        (lambda: sc.sweep(warmed, **{"a/b": [1]}), "an axis must have the name of a parameter, got 'a/b'"),
        (lambda: sc.sweep(lambda k: {}[k], k=["x"]), "KeyError: 'x', for the member with k='x'"),
        (
            lambda: sc.sweep(lambda k: 1 / k, k=[0]),
            "ZeroDivisionError: division by zero, for the member with k=0",
        ),
        (
            lambda: sc.sweep(warmed, mode="zip", peak=[1, 2], warmup=[5]),
            "axes must have one length with mode='zip', got peak: 2, warmup: 1",
        ),
        (lambda: sc.sweep(refuse, peak=[1, 2]), "no such peak, for the member with peak=2"),
        (
            lambda: sc.sweep(warmed, peak=[0.1], warmup=[5, 100]),
            "steps must be > 0, got 0, for the member with peak=0.1, warmup=100",
        ),
        (lambda: sc.sweep(warmed, top=[1]), "unexpected keyword argument 'top', for the member with top=1"),
        (
            lambda: sc.sweep(lambda lr: lr, lr=[1]),
            "factory must return a curve, got 1 for the member with lr=1",
        ),
        (
            lambda: sc.sweep(lambda lr: sc.linear(0, lr, "3%"), lr=[1]),
            "make steps of them with resolve(run), for the member with lr=1",
        ),
        (lambda: GRID.table(0), "steps must be > 0, got 0"),
        (lambda: GRID.table(5, stride=0), "stride must be > 0, got 0"),
        (lambda: GRID.table(5, threads=0), "threads must be > 0, got 0"),
        (lambda: GRID.table(5, dtype="int64"), "dtype must be float64 or float32, got int64"),
        (lambda: GRID.table(5, out=np.empty(70)), "out must have shape (7, 2, 5), got (70,)"),
        (lambda: GRID.at(np.nan), "got nan"),
        (lambda: GRID.at("3"), "step must be a number, got '3'"),
        (lambda: GRID[7, 0], "index of peak must be below 7, got 7"),
        (lambda: GRID[0], "a member has 2 indices (peak, warmup), got 1"),
        (lambda: GRID[0:2, 0], "'slice' object cannot be interpreted as an integer"),
        (lambda: iter(GRID), "'Sweep' object is not iterable"),
        (lambda: GRID.plot(by="lr"), "by must be one of peak, warmup, got 'lr'"),
        (lambda: GRID.summary(0), "steps must be > 0, got 0"),
    ],
)
def test_errors_say_what_is_wrong(call, message):
    with pytest.raises((ValueError, TypeError, IndexError)) as caught:
        call()
    assert message in str(caught.value)


def test_a_member_that_raises_past_its_end_is_named_and_out_stays():
    grid = sc.sweep(lambda n: sc.linear(0, 1, n).past_end("raise"), n=[100, 10, 50])
    out = np.full((3, 20), 7.0)
    calls = [
        lambda: grid.table(20, out=out),
        lambda: grid.at(11),
        lambda: grid.summary(20),
        lambda: grid.to_xarray(20),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=r"the end of the curve, got 1\d, for the member with n=10"):
            call()
    assert (out == 7).all()
    assert grid.at(10).tolist() == [0.1, 1, 0.2]


def test_plots_are_coloured_by_an_axis():
    ax = GRID.plot()
    assert len(ax.lines) == 14
    assert ax.lines[0].get_color() == ax.lines[1].get_color() != ax.lines[2].get_color()
    assert np.array_equal(ax.lines[3].get_ydata(), GRID[1, 1](ax.lines[3].get_xdata()))
    kinds = sc.sweep(lambda kind: getattr(sc, kind)(1, 0.1, 50), kind=["linear", "cosine", "exponential"])
    texts = [text.get_text() for text in kinds.plot(by="kind").get_legend().get_texts()]
    assert texts == ["linear", "cosine", "exponential"]
    many = sc.sweep(lambda peak: sc.linear(0, peak, 10), peak=np.linspace(1, 2, 1_000))
    assert len(many.plot(20).lines) == 200
    pyplot.close("all")
