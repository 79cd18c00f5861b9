"""Bad input: the exception, its words, and nothing half done."""

from fractions import Fraction
from functools import reduce
from math import inf, nan

import numpy as np
import pytest
import stepcurve as sc

LINE = sc.linear(0, 1, 10)
ENDLESS = sc.decay(1, 0.5)
BIG = 2**53 + 1

VALUES = [
    (lambda: sc.linear(0, 1, 0), "steps must be > 0, got 0"),
    (lambda: sc.linear(0, 1, -3), "steps must be > 0, got -3"),
    (lambda: sc.linear(0, 1, -2.5), "steps must be > 0, got -2.5"),
    (lambda: sc.linear(0, 1, nan), "steps must be > 0, got nan"),
    (lambda: sc.linear(0, 1, inf), "steps must be finite, got inf"),
    (lambda: sc.linear(0, 1, 1e17), "steps must be <= 2**53, got 1e+17"),
    (lambda: sc.linear(0, 1, BIG), "steps must be <= 2**53, got 9.0072e+15"),
    (lambda: sc.linear(0, 1, 10**5000), "steps must be <= 2**53, got 1.07151e+301"),
    (lambda: sc.linear(0, 1, 1e-300), "steps must be >= 2**-53, got 1e-300"),
    (lambda: sc.linear(nan, 1, 10), "start must be finite, got nan"),
    (lambda: sc.cosine(0, -inf, 10), "end must be finite, got -inf"),
    (lambda: sc.linear(10**400, 1, 10), "start must be finite, got an integer beyond every float"),
    (lambda: sc.constant(nan), "value must be finite, got nan"),
    (lambda: sc.constant(1, 0), "steps must be > 0, got 0"),
    (lambda: sc.constant(1, -inf), "steps must be > 0, got -inf"),
    (lambda: sc.polynomial(0, 1, 10, power=0), "power must be > 0, got 0"),
    (lambda: sc.polynomial(0, 1, 10, inner_power=inf), "inner_power must be finite, got inf"),
    (
        lambda: sc.inverse(1, 9, power=1e300),
        "power must be from 1.1102230246251565e-16 to 9007199254740992, ",
    ),
    (lambda: sc.cosine(0, 1, 9, inner_power=1e-300), "inner_power must be from 1.1102230246251565e-16 to "),
    (lambda: sc.cosine(0, 1, 10, cycles=-1), "cycles must be > 0, got -1"),
    (lambda: sc.cosine(0, 1, 10, cycles=nan), "cycles must be > 0, got nan"),
    (lambda: sc.exponential(0, 1, 10), "start must be nonzero, got 0"),
    (lambda: sc.exponential(1, 0, 10), "end must be nonzero, got 0"),
    (lambda: sc.exponential(1, -1, 10), "end must be of the sign of start, got -1"),
    (lambda: sc.decay(1, 0), "rate must be > 0, got 0"),
    (lambda: sc.decay(1, 0.5, every=0), "every must be > 0, got 0"),
    (lambda: sc.inverse(1, 0), "timescale must be > 0, got 0"),
    (lambda: sc.inverse(1, 10, power=-1), "power must be > 0, got -1"),
    (lambda: sc.tanh(1, 0, 10, lower=3, upper=3), "upper must be > lower, got 3"),
    (
        lambda: sc.tanh(1, 0, 10, lower=0, upper=1e-300),
        "upper must be above lower by 2**-53 at least, got 1e-300",
    ),
    (lambda: sc.tanh(1, 0, 10, lower=nan), "lower must be from -1000000 to 1000000, got nan"),
    (lambda: sc.piecewise({}), "piecewise must have at least one value"),
    (lambda: sc.piecewise({5: 1}), "first step of piecewise must be 0, got 5"),
    (lambda: sc.piecewise({0: 1, 30: 2, 10: 3}), "boundaries must be increasing, got 10"),
    (lambda: sc.piecewise({0: 1, 30: nan}), "values must be finite, got nan"),
    (lambda: ENDLESS >> LINE, "steps of a curve that another follows must be finite, got inf"),
    (lambda: sc.linear(0, 1, 2**53) >> LINE, "total steps must be <= 2**53"),
    (lambda: sc.join([], []), "join must have at least one curve"),
    (lambda: sc.join([LINE, LINE], []), "boundaries must be one fewer than curves, got 0 for 2 curves"),
    (lambda: sc.join([LINE] * 3, [5, 5]), "boundaries must be increasing, got 5"),
    (lambda: sc.join([LINE] * 3, [9, 5]), "boundaries must be increasing, got 5"),
    (lambda: sc.join([LINE, LINE], [0]), "boundaries must be > 0, got 0"),
    (lambda: sc.join([LINE, LINE], [5], owner="first"), "owner must be 'later' or 'earlier', got 'first'"),
    (lambda: sc.join([LINE, LINE], [5], clock="own"), "clock must be 'local' or 'global', got 'own'"),
    (lambda: ENDLESS.repeat(), "steps of a repeated curve must be finite, got inf"),
    (lambda: LINE.repeat(0), "times must be a whole number >= 1 or inf, got 0"),
    (lambda: LINE.repeat(2.5), "times must be a whole number >= 1 or inf, got 2.5"),
    (lambda: LINE.repeat(nan), "times must be a whole number >= 1 or inf, got nan"),
    (lambda: LINE.repeat(growth=0.5), "growth must be >= 1 for endless repeats, got 0.5"),
    (lambda: LINE.repeat(3, growth=0), "growth must be > 0, got 0"),
    (
        lambda: LINE.repeat(9, growth=0.5, whole=True),
        "growth must be enough to leave each cycle a step, got 0.5",
    ),
    (
        lambda: LINE.repeat(2_000, growth=0.5),
        "growth must be enough to leave each cycle 2**-53 steps, got 0.5",
    ),
    (lambda: LINE.repeat(growth=1 + 1e-9), "repeat must have at most 100000 cycles of different lengths"),
    (lambda: LINE.repeat(decay=0), "decay must be > 0, got 0"),
    (lambda: LINE.repeat(harmonic=nan), "harmonic must be from -1000000 to 1000000, got nan"),
    (lambda: LINE.repeat(growth=1e300), "growth must be from 0 to 9007199254740992, got 1e+300"),
    (lambda: LINE.repeat(decay=1e300), "decay must be from "),
    (
        lambda: sc.linear(0, 1, 2.5).repeat(whole=True),
        "must be a whole number, got 2.5",
    ),
    (lambda: LINE.clip(inf), "low must be a number below inf, got inf"),
    (lambda: LINE.repeat(2**52), "total steps must be <= 2**53"),
    (lambda: LINE.clip(2, 1), "high must be >= low and above -inf, got 1"),
    (lambda: LINE.clip(nan, 1), "low must be a number below inf, got nan"),
    (lambda: LINE.stairs(0), "every must be > 0, got 0"),
    (lambda: LINE.shift(-10), "steps must be > -10, got -10"),
    (lambda: LINE.shift(inf), "steps must be finite, got inf"),
    (lambda: LINE.stretch(0), "factor must be > 0, got 0"),
    (lambda: LINE.stretch(2**52), "total steps must be <= 2**53"),
    (lambda: ENDLESS.stretch(2**53).stretch(2**54 - 1), "factor must be <= 2**53"),
    (
        lambda: ENDLESS.stretch(2**53).stretch(2**53).stretch(2),
        "curve must be stretched by 2**-106 to 2**106 in",
    ),
    (lambda: LINE.hold(0), "steps must be > 0, got 0"),
    (lambda: ENDLESS.hold(3), "steps of a held curve must be finite, got inf"),
    (
        lambda: LINE.past_end("stop"),
        "policy must be 'hold', 'extrapolate', 'repeat', 'raise' or a value, got 'stop'",
    ),
    (lambda: LINE.past_end(nan), "value must be finite, got nan"),
    (
        lambda: sc.polynomial(1, 0, 9, power=0.5).past_end("extrapolate"),
        "power must be an integer to extrapolate",
    ),
    (lambda: LINE(nan), "time must be finite, got nan"),
    (lambda: LINE(inf), "time must be finite, got inf"),
    (lambda: LINE(1e17), "time must be <= 2**53, got 1e+17"),
    (lambda: LINE(-1e17), "time must be >= -2**53, got -1e+17"),
    (lambda: LINE(10**400), "time must be <= 2**53"),
    (lambda: LINE([0, nan]), "time must be finite, got nan"),
    (lambda: LINE(np.array([1, BIG])), "time must be <= 2**53, got 9007199254740993"),
    (lambda: LINE(np.array([2**64 - 1], np.uint64)), "time must be <= 2**53, got 18446744073709551615"),
    (lambda: LINE.table(0), "steps must be > 0, got 0"),
    (lambda: LINE.table(-3), "steps must be > 0, got -3"),
    (lambda: LINE.table(10**400), "steps must be <= 2**53"),
    (lambda: LINE.table(9, threads=-1), "threads must be > 0, got -1"),
    (lambda: LINE.table(9, threads=0), "threads must be > 0, got 0"),
    (lambda: LINE.table(9, stride=0), "stride must be > 0, got 0"),
    (lambda: LINE.table(9, stride=-1), "stride must be > 0, got -1"),
    (lambda: LINE.table(9, start=nan), "start must be finite, got nan"),
    (lambda: LINE.table(9, start=2**53 - 2), "last step must be <= 2**53, got 9007199254740998"),
    (lambda: LINE.table(9, dtype="float16"), "dtype must be float64 or float32, got float16"),
    (lambda: LINE.table(9, out=np.empty(8)), "out must have 9 values, got 8"),
    (lambda: LINE.table(9, out=np.empty(18)[::2]), "out must be C-contiguous"),
    (lambda: LINE.table(9, out=np.empty((3, 3), order="F")), "out must be C-contiguous"),
    (lambda: LINE.table(9, out=np.frombuffer(bytes(72))), "out must be writable, got a read-only array"),
    (lambda: LINE.table(9, out=np.frombuffer(bytearray(73), np.uint8)[1:].view(float)), "aligned"),
    (lambda: LINE.plot(0), "steps must be > 0, got 0"),
    (lambda: ENDLESS.plot(), "steps must be given to draw an endless curve"),
]

TYPES = [
    (lambda: sc.Curve(), "node"),
    (lambda: sc.Curve(3), "a curve is made by linear, cosine, ..., join or parse"),
    (lambda: sc.linear("0", 1, 10), "start must be a number, got '0'"),
    (lambda: sc.linear(0, None, 10), "end must be a number, got None"),
    (lambda: sc.linear(0, 1, True), "steps must be a number, got True"),
    (lambda: sc.linear(0, 1, 1j), "steps must be a number, got 1j"),
    (lambda: sc.linear(0, 1, np.complex128(3)), "steps must be a number, got "),
    (lambda: sc.linear(0, 1, np.array("3")), "steps must be a number, got array('3'"),
    (lambda: sc.linear(0, 1, np.array(True)), "steps must be a number, got array(True)"),
    (lambda: sc.linear(0, 1, [10]), "steps must be a number, got [10]"),
    (lambda: sc.linear(0, 1, np.ones(1)), "steps must be a number, got array([1.])"),
    (lambda: sc.piecewise([0.1, 0.2]), "values must be a mapping of steps to values, got [0.1, 0.2]"),
    (lambda: sc.join([LINE, 3], [5]), "curves must be curves, got 3"),
    (lambda: sc.join([LINE, LINE], [5], owner=3), "owner must be a string, got 3"),
    (lambda: LINE >> 3, "unsupported operand"),
    (lambda: 3 >> LINE, "unsupported operand"),
    (lambda: LINE * "3", "operand of a curve must be a number, got '3'"),
    (lambda: LINE * np.ones(3), "operand of a curve must be a number"),
    (lambda: np.ones(3) * LINE, "operand of a curve must be a number"),
    (lambda: LINE + None, "operand of a curve must be a number, got None"),
    (lambda: LINE.repeat(whole=1), "whole must be a bool, got 1"),
    (lambda: LINE.past_end(None), "policy must be a number, got None"),
    (lambda: LINE("3"), "time must be a number, got '3'"),
    (lambda: LINE(None), "time must be a number, got None"),
    (lambda: LINE(True), "time must be a number, got True"),
    (lambda: LINE(["3"]), "time must be real numbers, got an array of <U1"),
    (lambda: LINE(np.array([True])), "time must be real numbers, got an array of bool"),
    (lambda: LINE(np.array([1j])), "time must be real numbers, got an array of complex128"),
    (lambda: LINE.table(10.0), "steps must be a whole number, got 10.0"),
    (lambda: LINE.table("10"), "steps must be a whole number, got '10'"),
    (lambda: LINE.table(9, threads=1.5), "threads must be a whole number, got 1.5"),
    (lambda: LINE.table(9, out=[0.0] * 9), "out must be a numpy array, got list"),
    (lambda: LINE.table(9, out=np.empty(9, int)), "out must hold float64 or float32, got int64"),
    (lambda: LINE.table(9, out=np.empty(9, ">f8")), "out must hold float64 or float32, got >f8"),
    (lambda: LINE.table(9, dtype="float32", out=np.empty(9)), "out must hold float32, got float64"),
]


@pytest.mark.parametrize(("call", "message"), VALUES)
def test_wrong_values_are_value_errors(call, message):
    with pytest.raises(ValueError, match=".") as caught:
        call()
    assert message in str(caught.value)


@pytest.mark.parametrize(("call", "message"), TYPES)
def test_wrong_kinds_are_type_errors(call, message):
    with pytest.raises(TypeError) as caught:
        call()
    assert message in str(caught.value)


def test_a_refused_table_leaves_its_output_alone():
    out = np.full(9, 7.0)
    for wrong in ({"stride": -1}, {"start": nan}, {"threads": -1}, {"dtype": "float32"}):
        with pytest.raises((ValueError, TypeError)):
            LINE.table(9, out=out, **wrong)
    assert (out == 7).all()


def test_curves_nest_to_a_limit():
    curve = LINE
    for _ in range(63):
        curve = curve.clip(0)
    with pytest.raises(ValueError, match="curve must be nested at most 64 levels deep"):
        curve.clip(0)
    assert sc.parse(str(curve)) == curve
    assert curve(5) == curve.table(6)[5]


@pytest.mark.parametrize(
    "double", [lambda c: c * c, lambda c: c + c, lambda c: c >> c, lambda c: sc.join([c, c], [5])]
)
def test_curves_grow_to_a_limit(double):
    with pytest.raises(
        ValueError, match="shapes, combinators and cycles in a curve must be at most 2..20, got"
    ):
        reduce(lambda curve, _: double(curve), range(60), sc.linear(0, 1, 2**-20))


def test_other_numbers_are_taken():
    assert sc.linear(Fraction(1, 2), np.float32(1), np.int64(10))(5) == 0.75
    assert LINE(Fraction(5, 2)) == 0.25
    assert LINE.table(np.int64(3), threads=np.int8(1)).tolist() == [0, 0.1, 0.2]


def test_a_wrong_target_is_refused():
    from stepcurve import _core

    before = _core.active_target()
    with pytest.raises(ValueError, match="target must be one of baseline.*, got 'mmx'"):
        _core.force_target("mmx")
    assert _core.active_target() == before
