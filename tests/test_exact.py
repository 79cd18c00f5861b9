"""Every shape within 4 ulp of the truth at every time, and its ends to the bit."""

import pytest
import stepcurve as sc
from hypothesis import example, given
from hypothesis import strategies as st
from oracle import ulps, value
from strategies import endless, falls, made, rates, signed

MOST = 4.0  # the promise; 2.5 is the most seen
SMALLEST = 1e-290  # below, doubles have fewer digits


def times_of(steps):
    last = st.sampled_from([1, 2, 3]).map(lambda back: steps - back)
    first = st.sampled_from([1, 2, 3])
    return st.one_of(first, last, st.integers(1, int(steps) - 1), st.floats(0.01, steps - 0.01))


def check(shape, time):
    name, arguments = shape
    true = value(name, arguments, time)
    if abs(true) >= SMALLEST:
        assert ulps(made(shape)(time), true) <= MOST


@given(st.data(), falls(rates))
def test_falls_are_exact_between_values_of_one_sign(data, shape):
    check(shape, data.draw(times_of(shape[1][2])))


@given(st.data(), falls(signed))
def test_falls_are_exact_across_a_zero(data, shape):
    check(shape, data.draw(times_of(shape[1][2])))


@given(endless, st.one_of(st.integers(1, 10**6), st.floats(0.01, 1e5)))
def test_endless_shapes_are_exact(shape, time):
    check(shape, time)


@pytest.mark.parametrize("name", ["linear", "cosine", "polynomial", "exponential", "tanh", "log"])
@pytest.mark.parametrize("ends", [(3e-4, 3e-5), (3e-5, 3e-4), (1.0, 1e-12)])
def test_every_step_of_a_run_is_exact(name, ends):
    curve = getattr(sc, name)(*ends, 97)
    shape = _core_arguments(curve)
    worst = max(ulps(curve(t), value(name, shape, t)) for t in range(1, 97))
    assert worst <= MOST


@pytest.mark.parametrize("name", ["linear", "cosine", "polynomial", "exponential", "tanh", "log"])
def test_the_last_steps_of_a_long_annealing_are_exact(name):
    steps = 3_000_000_000
    curve = getattr(sc, name)(3e-4, 1e-9, steps)
    shape = _core_arguments(curve)
    for time in [*range(steps - 300, steps), *range(1, 300)]:
        assert ulps(curve(time), value(name, shape, time)) <= MOST


@given(falls(signed))
@example(("cosine", (0.1, 0.3, 3_000_000_000, 0.5, 1.0, 1.0)))
def test_ends_come_out_to_the_bit(shape):
    name, (start, end, steps, *rest) = shape
    curve = made(shape)
    assert curve(0) == curve(-5) == start
    waves = 2 * rest[0] if name == "cosine" else 1
    if waves % 2 == 1:
        assert curve(steps) == curve(steps + 5) == end
    if waves % 2 == 0:
        assert curve(steps) == curve(steps + 5) == start


@pytest.mark.parametrize("name", ["linear", "cosine", "exponential", "tanh", "log"])
@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1e200, 1e300])
def test_extreme_magnitudes_keep_their_digits(name, scale):
    curve = getattr(sc, name)(8 * scale, 2 * scale, 1000)
    shape = _core_arguments(curve)
    for time in (1, 333, 999):
        assert ulps(curve(time), value(name, shape, time)) <= MOST


def _core_arguments(curve):
    """The arguments of a shape, defaults included, in order."""
    return tuple(curve._node.describe()[1].values())
