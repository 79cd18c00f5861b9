"""One value for a time, however it is asked for."""

import numpy as np
import pytest
import stepcurve as sc
from hypothesis import given, settings
from hypothesis import strategies as st
from stepcurve import _core
from strategies import endings, falls, made, signed

LONG = [
    sc.linear(0, 3e-4, 2_000) >> sc.cosine(3e-4, 3e-5, 300_000),
    sc.cosine(3e-5, 3e-4, 299_999),
    sc.cosine(0.1, 0.01, 1000.5).repeat(),
    sc.polynomial(0.1, 0.01, 250_000, power=2),
    sc.polynomial(0.1, 0, 250_000, power=1.5),
    sc.polynomial(0, 0.1, 250_000, power=3),
    sc.exponential(1, 1e-5, 290_000),
    sc.decay(1, 0.999),
    sc.cosine(1, 0, 100).repeat(growth=2, decay=0.9),
    sc.cosine(1, 0, 100).repeat(growth=1.5),
    (sc.linear(0, 1, 50) >> sc.linear(1, 0, 50)).repeat(decay=0.5),
    sc.constant(0.1, 1000) >> sc.piecewise({0: 0.1, 30: 0.01, 60_000: 0.001}),
    sc.inverse(0.1, 1000, power=0.5) * sc.linear(0, 1, 4000) + 1e-6,
    sc.tanh(0.1, -0.01, 200_000).stairs(7).shift(11).stretch(1.5),
]
SIZE = 300_001


@pytest.mark.parametrize("curve", LONG, ids=str)
def test_tables_arrays_calls_strides_and_threads_agree(curve, target):
    table = curve.table(SIZE, threads=1)
    assert np.array_equal(table, curve(np.arange(SIZE)))
    assert np.array_equal(table, curve.table(SIZE, threads=2))
    assert np.array_equal(table, curve.table(SIZE, threads=7))
    assert np.array_equal(table[123::17], curve.table(len(table[123::17]), start=123, stride=17))
    assert np.array_equal(table[1:], curve.table(SIZE - 1, start=1))
    some = np.random.default_rng(0).integers(0, SIZE, 2000)
    assert np.array_equal(table[some], curve(some))
    assert table[some].tolist() == [curve(int(t)) for t in some]


@pytest.mark.parametrize("curve", LONG, ids=str)
def test_every_target_gives_the_same_bits(curve):
    before = _core.active_target()
    fractions = np.random.default_rng(1).uniform(-10, SIZE, 20_000)
    tables = {}
    for target in _core.runnable_targets():
        _core.force_target(target)
        tables[target] = np.concatenate([curve.table(SIZE), curve(fractions)]).tobytes()
    _core.force_target(before)
    assert len(set(tables.values())) == 1, [*tables]


@settings(max_examples=300)
@given(endings, st.lists(st.floats(-5, 300), min_size=1, max_size=20))
def test_any_tree_gives_one_value_for_a_time(curve, times):
    table = curve.table(600)
    assert table.tolist() == [curve(t) for t in range(600)]
    assert np.array_equal(table, curve(np.arange(600)))
    assert np.array_equal(table[::-1], curve(np.arange(600)[::-1]))
    assert curve(times).tolist() == [curve(t) for t in times]
    assert curve.table(200, start=0.25, stride=1.5).tolist() == [curve(0.25 + 1.5 * i) for i in range(200)]


@given(falls(signed), st.sampled_from([2, 3, 0.5, 1.1]))
def test_a_stretched_shape_has_the_bits_of_the_longer_one(shape, factor):
    name, (start, end, steps, *rest) = shape
    if name == "log":  # its formula knows the scale of time
        return
    longer = made((name, (start, end, steps * factor, *rest)))
    stretched = made(shape).stretch(factor)
    times = np.linspace(0, steps * factor, 50)
    assert np.array_equal(stretched(times), longer(times))


@pytest.mark.parametrize("shift", [-(2**53), 1 - 2**53, 3 - 2**53])
def test_steps_beyond_the_exact_ones_are_the_same_in_a_table(shift):
    curve = sc.inverse(1, 1).shift(shift).stretch(0.5)
    for start in (0, 1, 2**52):
        table = curve.table(300, start=start)
        assert table.tolist() == [curve(start + i) for i in range(300)]


def test_float32_tables_are_the_rounded_float64_ones():
    curve = LONG[0]
    assert np.array_equal(curve.table(5000, dtype="float32"), curve.table(5000).astype(np.float32))


def test_tables_fill_what_they_are_given(tmp_path):
    curve = LONG[0]
    wanted = curve.table(10_000)
    grid = np.empty((100, 100))
    assert curve.table(10_000, out=grid) is grid
    assert np.array_equal(grid.ravel(), wanted)
    mapped = np.memmap(tmp_path / "table", np.float64, "w+", shape=10_000)
    curve.table(10_000, out=mapped)
    assert np.array_equal(mapped, wanted)


def test_extra_memory_of_a_table_does_not_grow(tmp_path):
    resource = pytest.importorskip("resource")
    curve = sc.linear(0, 1, 5_000_000) * sc.cosine(1, 0, 10_000_000) + 1
    out = np.zeros(20_000_000)
    curve.table(out.size, out=out, threads=2)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    curve.table(out.size, out=out, threads=2)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1024  # KiB


EXTREMES = [
    sc.inverse(1e300, 10, power=21),
    sc.log(0, 19, 1),
    sc.polynomial(1e300, 0, 10, power=155),
    sc.polynomial(0, 1e300, 10, inner_power=155),
    sc.polynomial(0, 1, 2**53, inner_power=4),
    sc.cosine(1e300, 0, 10, power=99, inner_power=40),
    sc.tanh(0, 1e300, 10, lower=-340, upper=3),
    sc.tanh(26, 0.5, 0.1, lower=0, upper=2**-53),
    sc.decay(1e300, 1e-300, every=2**-53).stretch(2**53).stretch(2**53),
    sc.exponential(1e-300, 1e300, 2**53),
    sc.cosine(0.0003, 0.0003, 6.9e-11).past_end("extrapolate"),
    sc.cosine(20, 0.1, 2**-53, inner_power=3).past_end("extrapolate"),
    sc.polynomial(-353.4, 39, 40, power=39).past_end("extrapolate"),
]


@pytest.mark.parametrize("curve", EXTREMES, ids=str)
def test_numbers_at_the_ends_of_the_range_have_the_same_bits_on_every_target(curve):
    before = _core.active_target()
    tiny = np.ldexp(1.0, np.arange(-1074, 53))
    times = np.concatenate([-tiny, tiny, tiny * 1.7, 10 - tiny[tiny < 10], np.linspace(0, 10, 1000)])
    values = {}
    for target in _core.runnable_targets():
        _core.force_target(target)
        values[target] = curve(times)
        assert curve(times).tolist() == [curve(time) for time in times.tolist()]
    _core.force_target(before)
    assert len({each.tobytes() for each in values.values()}) == 1, [*values]
    assert not np.isnan(curve(times)).any()
