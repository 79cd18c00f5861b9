"""What combinators mean, checked against plain Python."""

import copy
import pickle
from fractions import Fraction
from math import inf

import numpy as np
import pytest
import stepcurve as sc
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import endings, finite_curves

UP = sc.linear(0, 10, 10)
DOWN = sc.linear(10, 0, 5)


def values(curve, last=20):
    return [round(v, 12) for v in curve(np.arange(last + 1)).tolist()]


def test_a_sequence_starts_each_curve_where_the_last_one_ends():
    both = UP >> DOWN
    assert both.steps == 15
    assert values(both) == [*range(11), 8, 6, 4, 2, 0, 0, 0, 0, 0, 0]


def test_the_boundary_step_belongs_to_the_later_curve():
    assert (sc.constant(1, 5) >> sc.constant(2, 5))(5) == 2
    assert sc.join([sc.constant(1), sc.constant(2)], [5], owner="earlier")(5) == 1
    assert sc.join([sc.constant(1), sc.constant(2)], [5], owner="earlier")(5.5) == 2


def test_joined_curves_are_cut_or_held_at_their_boundaries():
    assert values(sc.join([UP, DOWN], [3])) == [0, 1, 2, 10, 8, 6, 4, 2, *[0] * 13]
    assert values(sc.join([UP, DOWN], [12])) == [*range(11), 10, 10, 8, 6, 4, 2, 0, 0, 0, 0]
    assert sc.join([UP, DOWN], [12]).steps == 17


def test_a_global_clock_runs_through():
    joined = sc.join([sc.constant(1), UP], [4], clock="global")
    assert values(joined, 12) == [1, 1, 1, 1, 4, 5, 6, 7, 8, 9, 10, 10, 10]
    assert joined.steps == 10


def test_a_long_chain_is_one_level_deep():
    chain = sc.constant(0, 1)
    for i in range(1, 3000):
        chain = chain >> sc.constant(i, 1)
    assert chain.steps == 3000
    assert chain.table(3000).tolist() == [*range(3000)]


def test_products_and_sums_are_as_long_as_their_longest_operand():
    assert (UP * DOWN).steps == (UP + DOWN).steps == 10
    assert (2 * UP + 1).steps == 10
    assert (sc.decay(1, 0.5) * UP).steps == inf
    assert (sc.constant(2) * sc.constant(3)).steps == inf
    assert values(UP * DOWN, 6) == [0, 8, 12, 12, 8, 0, 0]
    assert values(1 + 2 * UP, 3) == [1, 3, 5, 7]
    assert values(UP * np.float64(2), 3) == [0, 2, 4, 6]
    assert values(np.float64(2) * UP, 3) == [0, 2, 4, 6]


def test_repeats_start_again():
    assert values(DOWN.repeat(), 11) == [10, 8, 6, 4, 2, 10, 8, 6, 4, 2, 10, 8]
    assert values(DOWN.repeat(2), 12) == [10, 8, 6, 4, 2, 10, 8, 6, 4, 2, 0, 0, 0]
    assert DOWN.repeat(2).steps == 10
    assert DOWN.repeat().steps == inf
    assert values(DOWN.repeat(owner="earlier"), 6) == [10, 8, 6, 4, 2, 0, 8]


def test_cycles_grow_and_shrink():
    grown = DOWN.repeat(3, growth=2)
    assert grown.steps == 5 + 10 + 20
    assert [grown(t) for t in (0, 5, 10, 15, 25)] == [10, 10, 5, 10, 5]
    assert values(DOWN.repeat(decay=0.5), 10) == [10, 8, 6, 4, 2, 5, 4, 3, 2, 1, 2.5]
    assert [DOWN.repeat(harmonic=1)(t) for t in (0, 5, 10, 15)] == pytest.approx(
        [10, 5, 10 / 3, 2.5], rel=1e-15
    )
    whole = DOWN.repeat(4, growth=1.5, whole=True)
    assert whole.steps == 5 + 7 + 10 + 15
    assert [whole(t) for t in (5, 12, 22)] == [10, 10, 10]


@pytest.mark.parametrize("steps", [1, 3, 5, 7, 10, 100, 1000])
@pytest.mark.parametrize("growth", [2, 3, 5, 10])
def test_restarts_fall_on_their_exact_steps(steps, growth):
    """A cycle found by a floating logarithm misses some of these: 21 of 224 in the libraries that do so."""
    curve = sc.linear(1, 0, steps).repeat(growth=growth)
    begin, length = 0, steps
    for _ in range(8):
        assert curve(begin) == 1
        assert begin == 0 or curve(begin - 0.5) < 1
        begin, length = begin + length, length * growth


@given(
    st.integers(2, 500),
    st.sampled_from([0.9, 1.1, 1.3, 1.5, 2.7]),
    st.integers(2, 7),
    st.sampled_from([1, 3]),
)
def test_a_whole_cycle_has_the_bits_of_a_curve_of_its_length(steps, growth, times, factor):
    """A length rounded on the way would take digits from the last steps before each restart."""
    lengths = [steps]
    while len(lengths) < times:
        lengths.append(int(lengths[-1] * growth))
    assume(lengths[-1] >= 1)
    curve = sc.cosine(1, 0, steps).past_end("raise").repeat(times, growth, whole=True, owner="earlier")
    begin = 0
    for own in lengths:
        cycle = sc.cosine(1, 0, own * factor)
        for time in {1, max(1, own * factor - 1), own * factor}:
            assert curve.stretch(factor)(begin + time) == cycle(time)
        begin += own * factor
    assert curve.stretch(factor).steps == begin


@given(st.one_of(st.integers(1, 1000), st.floats(1e-3, 1e3)), st.integers(0, 10**9))
def test_equal_cycles_are_told_apart_exactly(steps, cycle):
    cycle_curve = sc.linear(1, 0, steps)
    time = float(cycle * steps)
    index = Fraction(time) // Fraction(steps)
    inside = float(Fraction(time) - index * Fraction(steps))
    assert cycle_curve.repeat()(time) == cycle_curve(inside)
    earlier = inside if inside > 0 or index == 0 else float(steps)
    assert cycle_curve.repeat(owner="earlier")(time) == cycle_curve(earlier)


def test_the_floor_stays_where_only_what_is_above_it_decays():
    restarts = 0.1 + sc.linear(0.9, 0, 10).repeat(decay=0.5)
    assert [restarts(t) for t in (0, 10, 20)] == [1.0, 0.55, 0.325]


def test_clip_stairs_shift_stretch_and_hold():
    assert values(UP.clip(3, 6), 10) == [3, 3, 3, 3, 4, 5, 6, 6, 6, 6, 6]
    assert values(UP.clip(high=2), 4) == [0, 1, 2, 2, 2]
    assert values(UP.stairs(4), 12) == [0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 8]
    assert values(UP.shift(3), 6) == [0, 0, 0, 0, 1, 2, 3]
    assert values(UP.shift(-3), 3) == [3, 4, 5, 6]
    assert UP.shift(-3)(-2) == 3
    assert UP.shift(3).steps == 13
    assert values(UP.stretch(2), 4) == [0, 0.5, 1, 1.5, 2]
    held = DOWN.hold(3) >> UP
    assert values(held, 10) == [10, 8, 6, 4, 2, 0, 0, 0, 0, 1, 2]


def test_stairs_meet_their_multiples_exactly():
    steps = np.arange(100_000) * 0.1
    exact = [t // 0.1 for t in steps.tolist()]
    stairs = sc.linear(0, 1e6, 1e6).stairs(0.1)
    assert stairs(steps).tolist() == [sc.linear(0, 1e6, 1e6)(k * 0.1) for k in exact]


def test_past_the_end():
    assert DOWN.past_end("hold")(7) == 0
    assert DOWN.past_end("extrapolate")(7) == -4
    assert DOWN.past_end("repeat")(7) == 6
    assert DOWN.past_end(0.5)(5) == 0
    assert DOWN.past_end(0.5)(5.1) == 0.5
    assert DOWN.past_end(0.5).past_end("hold") == DOWN
    wave = sc.cosine(1, 0, 10).past_end("extrapolate")
    assert wave([0, 10, 20]).tolist() == [1, 0, 1]
    squared = sc.polynomial(1, 0, 10, power=2).past_end("extrapolate")
    assert squared(20) == 1
    assert sc.polynomial(1, 0, 10, power=5).past_end("extrapolate")(20) == -1
    assert sc.exponential(1, 0.5, 10).past_end("extrapolate")(20) == 0.25
    assert (UP >> DOWN).past_end("extrapolate")(17) == -4


def test_far_past_the_end_nothing_is_lost():
    tail = sc.tanh(1, 0, 10).past_end("extrapolate")
    assert tail(400) == tail(2**53) == pytest.approx(-0.0024788, rel=1e-4)
    assert UP.repeat(decay=2)(11_000) == 0
    assert sc.decay(1, 1e300, 1e-3)([0, 1]).tolist() == [1, inf]
    assert sc.decay(1, 1e-300, 1e-3)([0, 1]).tolist() == [1, 0]


def test_raising_past_the_end_leaves_the_output_as_it_was():
    guarded = DOWN.past_end("raise")
    assert guarded(5) == 0
    with pytest.raises(ValueError, match=r"time must be <= 5, the end of the curve, got 6"):
        guarded(6)
    out = np.full(1_000_000, 7.0)
    with pytest.raises(ValueError, match="got 6"):
        guarded.table(out.size, out=out)
    assert (out == 7).all()
    assert guarded.table(6).tolist() == [10, 8, 6, 4, 2, 0]
    assert (guarded >> UP)(6) == 1


def test_calls_take_numbers_and_arrays():
    assert type(UP(3)) is float
    assert type(UP(np.int64(3))) is float
    assert UP(np.float32(2.5)) == 2.5
    assert UP([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]
    assert UP(np.array(3)).shape == ()
    assert UP(np.empty((0, 3))).shape == (0, 3)
    assert UP(np.arange(6)[::2]).tolist() == [0, 2, 4]
    assert UP(np.float16([1.5])).tolist() == [1.5]


def test_the_step_number_is_free():
    long = sc.constant(1, 2**52) >> sc.linear(1, 0, 2**52)
    assert long.steps == 2**53
    assert long(2**53) == 0
    assert long(2**52 + 2**51) == 0.5


def test_a_join_of_many_pieces_finds_each():
    pieces = [sc.constant(float(i)) for i in range(10_000)]
    joined = sc.join(pieces, list(range(1, 10_000)))
    assert joined.table(10_000).tolist() == [*range(10_000)]


def test_curves_are_values():
    curve = UP >> DOWN * 2
    same = sc.linear(0, 10, 10) >> sc.linear(10, 0, 5) * 2
    assert curve == same
    assert hash(curve) == hash(same)
    assert curve != UP
    assert curve != "linear(0, 10, 10)"
    assert copy.copy(curve) is copy.deepcopy(curve) is curve
    assert pickle.loads(pickle.dumps(curve)) == curve
    with pytest.raises(AttributeError, match="immutable"):
        curve.steps = 3
    with pytest.raises(AttributeError, match="immutable"):
        curve._node = None
    with pytest.raises(AttributeError):
        del curve._node


@given(endings)
def test_every_curve_survives_its_pickle(curve):
    again = pickle.loads(pickle.dumps(curve))
    assert again == curve
    assert np.array_equal(again.table(200), curve.table(200))


@given(finite_curves)
def test_a_curve_holds_its_last_value(curve):
    assert curve(curve.steps + 1) == curve(curve.steps) == curve(2**53)


WARM = sc.linear(0, 3e-4, 2_000)
COSINE = WARM >> sc.cosine(3e-4, 3e-5, 98_000)


@pytest.mark.parametrize(
    ("curve", "longer"),
    [
        (COSINE, WARM >> sc.cosine(3e-4, 3e-5, 148_000)),
        (COSINE * 2, (WARM >> sc.cosine(3e-4, 3e-5, 148_000)) * 2),
        ((1e-5 + COSINE).clip(0, 1), (1e-5 + (WARM >> sc.cosine(3e-4, 3e-5, 148_000))).clip(0, 1)),
        (COSINE.past_end("raise"), (WARM >> sc.cosine(3e-4, 3e-5, 148_000)).past_end("raise")),
        (COSINE.past_end(0.5), (WARM >> sc.cosine(3e-4, 3e-5, 148_000)).past_end(0.5)),
        (COSINE.hold(7), COSINE.hold(50_007)),
        (COSINE.shift(7), (WARM >> sc.cosine(3e-4, 3e-5, 148_000)).shift(7)),
        (sc.join([WARM, sc.linear(1, 0, 9)], [500]), sc.join([WARM, sc.linear(1, 0, 50_009)], [500])),
        (sc.linear(0, 1, 100).repeat(500), sc.linear(0, 1, 100).repeat(500).stretch(2)),
    ],
    ids=str,
)
def test_a_longer_run_has_the_same_beginning(curve, longer):
    assert curve.extend(50_000) == longer
    assert longer.steps == curve.steps + 50_000


def test_restarts_end_within_a_rounding_of_where_they_are_extended_to():
    restarts = sc.cosine(1, 0, 10_000).repeat(10)
    lengths = [restarts.extend(more).steps for more in range(5_000)]
    ends = np.arange(100_000.0, 105_000.0)
    assert (np.abs(lengths - ends) <= np.spacing(ends)).all()


def test_a_cooldown_branches_off_a_stable_phase():
    stable = WARM >> sc.constant(3e-4)
    for at in (10_000, 20_000):
        run = stable.branch(at, lambda lr: sc.linear(lr, 0, 1_000))
        assert run == stable.branch(at, sc.linear(3e-4, 0, 1_000))
        assert run.table(at).tolist() == stable.table(at).tolist()
        assert (run.steps, run(at), run(at + 500), run(at + 1_000)) == (at + 1_000, 3e-4, 1.5e-4, 0)


def test_a_curve_is_scaled_to_its_peak():
    assert COSINE.scale(6e-4) == COSINE * 2
    assert COSINE.scale(0.1).table(100_000).max() == 0.1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sc.decay(1, 0.5).extend(10), "an endless curve cannot be extended"),
        (lambda: COSINE.extend(-1), "steps must be >= 0, got -1"),
        (lambda: COSINE.branch("80%", lambda lr: WARM), "at must be a number of steps for a function of the"),
        (lambda: COSINE.branch(5, 5), "into must be a curve, or a function of the value there, got 5"),
        (lambda: COSINE.branch(-1, WARM), "boundaries must be > 0, got -1"),
        (lambda: COSINE.branch(5, lambda lr: lr), "curves must be curves, got"),
        (lambda: sc.decay(1, 0.5).scale(1), "an endless curve has no largest value to scale by"),
        (lambda: sc.linear(0, -1, 5).scale(1), "a curve whose largest value is not above 0 cannot be scaled"),
    ],
)
def test_changes_that_cannot_be(call, message):
    with pytest.raises((ValueError, TypeError)) as error:
        call()
    assert str(error.value).startswith(message)
