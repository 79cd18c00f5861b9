"""Expressions: what is written is read back, what is hostile is refused with its position."""

import time
import tracemalloc

import pytest
import stepcurve as sc
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import endings, endless, falls, made, signed, tables


@given(st.one_of(endings, falls(signed).map(made), endless.map(made), tables))
@example(sc.constant(2) * 3)
@example(2 * (3 * sc.constant(4, 1)))
@example((sc.constant(1) + 2) * (sc.constant(3) + 4) * -5)
@example(sc.constant(1e300) + 5e-324)
def test_what_is_written_is_read_back(curve):
    again = sc.parse(str(curve))
    assert again == curve
    assert str(again) == str(curve) == repr(curve)
    assert again.steps == curve.steps
    assert again.table(100).tolist() == curve.table(100).tolist()


@pytest.mark.parametrize(
    "text",
    [
        "linear(0, 0.0003, 2000) >> cosine(0.0003, 3e-05, 498000)",
        "constant(0.1)",
        "constant(0.1, steps=100)",
        "cosine(1, 0, 10, cycles=1.5, power=2, inner_power=0.5)",
        "tanh(1, 0, 10, lower=-6)",
        "decay(0.1, 0.5, every=30).stairs(30)",
        "linear(-0.0, 1, 10)",
        "piecewise({0: 0.1, 30: 0.01})",
        'join([linear(0, 1, 10), constant(1)], [10], owner="earlier", clock="global")',
        "cosine(1, 0, 10).repeat(times=3, growth=2, decay=0.5)",
        'linear(1, 0, 5).repeat(growth=1.5, harmonic=0.5, whole=True, owner="earlier")',
        '(2 * linear(0, 1, 10) + 1).past_end("extrapolate")',
        "linear(0, 1, 10).past_end(0.5).clip(low=0.1).clip(high=0.7).shift(-2).stretch(1.5).hold(3)",
        "linear(1, 0, 5) * (linear(0, 1, 5) * decay(1, 0.9))",
        "constant(2) * 3",
        "(linear(0, 1, 5) >> linear(1, 0, 5)) * 2",
    ],
)
def test_canonical_expressions_read_and_write_alike(text):
    assert str(sc.parse(text)) == text


def test_other_spellings_are_read():
    curve = sc.linear(0, 3e-4, 2000) >> sc.cosine(3e-4, 3e-5, 498_000) * 2
    assert sc.parse(" linear( 0,3e-4 , steps=2_000)>>cosine(.3E-3,30e-6,498000.0)*2\n") == curve
    assert sc.parse("((constant((1))))") == sc.constant(1)
    assert sc.parse("constant(1, inf)") == sc.constant(1)
    assert sc.parse("constant(1,)") == sc.constant(1)
    assert sc.parse("join([constant(1)], [])") == sc.join([sc.constant(1)], [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a curve or a number, got the end at position 0"),
        ("   ", "expected a curve or a number, got the end at position 3"),
        ("1", "expected a curve, got 1.0 at position 0"),
        ("1 + 2", "expected a curve, got 3.0 at position 0"),
        ("constant(1) - 2", "expected numbers on both sides of '-' at position 14"),
        ("linear(0, 1, 10", "expected ',' or ')', got the end at position 15"),
        ("linear(0, 1, 10))", "expected an operator or the end, got ')' at position 16"),
        ("linear(0, 1, 0)", "steps must be > 0, got 0 at position 0"),
        ("constant(1) >> linear(0, 1, -3)", "steps must be > 0, got -3 at position 15"),
        ("constant(1) >> constant(2)", "must be finite, got inf at position 0"),
        ("linear(0, 1)", "'steps' at position 0"),
        ("linear(0, 1, 2, 3)", "4 were given at position 0"),
        ("linear(0, 1, quux=3)", "got an unexpected keyword argument 'quux' at position 0"),
        ("linear(0, 1, steps=2, steps=3)", "'steps' given twice at position 22"),
        ("linear(start=0, 1, 3)", "positional argument after a named one at position 16"),
        ("linear(0, 1, 1e999)", "number too large for a float at position 13"),
        ("linear(0, nan, 3)", "unknown name 'nan' at position 10"),
        ("foo(1)", "unknown name 'foo' at position 0"),
        ("linear", "expected '(', got the end at position 6"),
        ("constant(1).plot()", "'plot' is no method of a curve at position 12"),
        ("constant(1).__class__", "'__class__' is no method of a curve at position 12"),
        ("constant(1)._core", "'_core' is no method of a curve at position 12"),
        ("constant(1).table(3)", "'table' is no method of a curve at position 12"),
        ("__import__('os').system('ls')", "unknown name '__import__' at position 0"),
        ("().__class__.__bases__[0]", "expected a curve or a number, got ')' at position 1"),
        ("constant(1) if 1 else 2", "expected an operator or the end, got 'if' at position 12"),
        ("lambda: 0", "unknown name 'lambda' at position 0"),
        ("constant(1) ** 2", "expected a curve or a number, got '*' at position 13"),
        ("constant(1) >> 2", "expected a curve, got 2.0 at position 15"),
        ("constant(constant(1))", "value must be a number, got constant(1) at position 0"),
        ("constant('abc')", "value must be a number, got 'abc' at position 0"),
        ("constant(True)", "value must be a number, got True at position 0"),
        (
            "constant(1, 2).past_end('stop')",
            "policy must be 'hold', 'extrapolate', 'repeat', 'raise' or a value",
        ),
        ("piecewise({1: 2})", "first step of piecewise must be 0, got 1 at position 0"),
        ("piecewise({0: 1, 0: 2})", "0 given twice at position 17"),
        ("piecewise({0: 1, 20: 2, 10: 3})", "boundaries must be increasing, got 10 at position 0"),
        ("piecewise(3)", "values must be a mapping of steps to values, got 3.0 at position 0"),
        ("join(constant(1), [])", "at position 0"),
        ("join([constant(1), 2], [5])", "curves must be curves, got 2.0 at position 0"),
        ("constant(1) # a", "cannot read '# a' at position 12"),
        ("constant(1) é", "cannot read 'é' at position 12"),
        ("constant(\x00)", "cannot read '\\x00)' at position 9"),
        ("constant(1__0)", "at position 10"),
        ("constant(0x10)", "at position 10"),
        ("constant(\u0661)", "cannot read '\u0661)' at position 9"),
    ],
)
def test_malformed_text_names_its_position(text, message):
    with pytest.raises(ValueError, match=r"position \d+") as caught:
        sc.parse(text)
    assert message in str(caught.value)


HOSTILE = {
    "brackets": "(" * 10**6,
    "lists": "join(" + "[" * 10**6,
    "closed brackets": "(" * 500_000 + "constant(1)" + ")" * 500_000,
    "ten megabytes": "constant(1) + " * 750_000,
    "one long name": "a" * 10**6,
    "one long number": "constant(" + "9" * 10**6 + ")",
    "one long fraction": "constant(0." + "9" * 10**6,
    "spaces": " " * 10**6 + "#",
    "methods": "constant(1)" + ".clip(0)" * 100_000,
    "minus signs": "constant(" + "-" * 10**6,
    "names": "constant(" + "steps=" * 150_000,
    "nested calls": "join([" * 100_000,
    "a chain of endless curves": " >> ".join(["constant(1)"] * 60_000),
    "lists of cycles": " + ".join(["linear(0,1,1).repeat(99999,growth=1.000001)"] * 20_000),
    "a long list": "[" + "1," * 400_000 + "]",
    "a list for a number": "constant([" + "1," * 400_000 + "])",
    "words for a number": "constant(['" + "a" * 400_000 + "'" + ", ''" * 100_000 + "])",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_refused_quickly_and_in_little_memory(name):
    text = HOSTILE[name]
    begin = time.process_time()
    with pytest.raises(ValueError, match=r"position \d+|characters") as caught:
        sc.parse(text)
    assert time.process_time() - begin < 20  # a linear reader takes under one second
    assert len(str(caught.value)) < 600
    tracemalloc.start()
    with pytest.raises(ValueError, match="."):
        sc.parse(text[: 2**17])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6


def test_a_long_expression_is_read():
    text = " >> ".join(["linear(0, 1, 10)"] * 40_000)
    curve = sc.parse(text)
    assert curve.steps == 400_000
    assert str(curve) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("warmup_cosine(1, 100, '1e999%')", "warmup must be finite, got 1e999% at position 0"),
        ("warmup_linear(1, 100, 10, end='1e999%')", "end must be finite, got 1e999% at position 0"),
        ("wsd(1, 100, 10, '1e999%')", "cooldown must be finite, got 1e999% at position 0"),
        ("multistep(1, [1, 2], 1e300)", "factor must leave the values finite, got 1e+300 at position 0"),
        ("noam(5e-324, 0.1)", "warmup must be 0 or >= 1 and finite, got 0.1"),
        ("noam(5e-324, 0)", "d_model and warmup must be > 0, got 5e-324 and 0"),
    ],
)
def test_numbers_that_overflow_in_a_schedule_are_refused(text, message):
    with pytest.raises(ValueError, match=r"position \d+") as caught:
        sc.parse(text)
    assert message in str(caught.value)


def test_a_schedule_of_many_pieces_is_read_in_linear_time():
    budgets = ", ".join(str(step) for step in range(10, 400_000, 10))
    begin = time.process_time()
    assert sc.parse(f"infinite(1, [{budgets}], 1, 1)").steps == 399_990
    assert time.process_time() - begin < 60  # in quadratic time it is hours


@given(st.text(max_size=60))
def test_any_text_is_a_curve_or_a_value_error(text):
    try:
        assert isinstance(sc.parse(text), sc.Curve)
    except ValueError as error:
        assert "position" in str(error)


@given(st.data())
def test_a_damaged_expression_is_a_curve_or_a_value_error(data):
    text = str(data.draw(endings))
    at = data.draw(st.integers(0, len(text)))
    symbols = st.sampled_from([*"()[]{},.:=+*>-e0_\"'", " ", "inf", "nan", "True"])
    try:
        assert isinstance(sc.parse(text[:at] + data.draw(symbols) + text[at + 1 :]), sc.Curve)
    except ValueError as error:
        assert "position" in str(error)


@pytest.mark.parametrize("text", [None, 3, b"constant(1)", ["constant(1)"]])
def test_only_strings_are_read(text):
    with pytest.raises(TypeError, match="text must be a string, got "):
        sc.parse(text)


ARITHMETIC = st.recursive(
    st.one_of(st.sampled_from(["peak", "warmup", "3", "0.1", "1e-4", "-2.5"])),
    lambda inner: (
        st.builds("{} {} {}".format, inner, st.sampled_from("+-*/"), inner) | st.builds("({})".format, inner)
    ),
    max_leaves=8,
)


@given(ARITHMETIC, st.floats(1e-6, 1), st.integers(1, 10_000))
def test_arithmetic_is_pythons(text, peak, warmup):
    try:
        wanted = float(eval(text, {"peak": peak, "warmup": float(warmup)}))
    except ZeroDivisionError:
        wanted = None
    try:
        got = sc.parse(f"constant({text})", peak=peak, warmup=warmup)(0)
    except ValueError as error:
        assert wanted is None, error
        assert "division by zero at position" in str(error)
    else:
        assert got == wanted


def test_numbers_before_a_curve_are_one_and_curves_keep_theirs():
    assert str(sc.parse("2 * 3 * linear(0, 1, 5) * 4 * 5")) == "6 * linear(0, 1, 5) * 4 * 5"
    assert str(sc.parse("2 - 1 + linear(0, 1, 5)")) == "1 + linear(0, 1, 5)"
    table = sc.parse("piecewise({0: peak, 2 * 5: 0.1 * peak, 100 / 2: -peak})", peak=0.5)
    assert str(table) == "piecewise({0: 0.5, 10: 0.05, 50: -0.5})"


@pytest.mark.parametrize(
    ("text", "parameters", "message"),
    [
        ("linear(0, peek, 5)", {"peak": 1}, "unknown name 'peek' at position 10"),
        ("linear(0, peak, 5)", {"peak": "1"}, "peak must be a number, got '1'"),
        ("linear(0, 1, 5)", {"linear": 1}, "a parameter cannot be called 'linear'"),
        ("linear(0, 1, 5)", {"inf": 1}, "a parameter cannot be called 'inf'"),
        ("linear(0, 1, 5) / 2", {}, "expected numbers on both sides of '/' at position 18"),
        ("constant(1 / 0)", {}, "division by zero at position 9"),
        ("constant(1e308 * 10)", {}, "what '*' makes of 1e+308 and 10 must be finite, got inf at position 9"),
        ("constant(inf - inf)", {}, "what '-' makes of inf and inf must be finite, got nan at position 9"),
        ("-linear(0, 1, 5)", {}, "expected a number after '-' at position 0"),
        ("piecewise({0: constant(1)})", {}, "expected a number, got constant(1) at position 14"),
        ("peak", {"peak": 1}, "expected a curve, got 1.0 at position 0"),
        ("peak(3)", {"peak": 1}, "expected an operator or the end, got '(' at position 4"),
    ],
)
def test_what_parameters_cannot_be(text, parameters, message):
    with pytest.raises((TypeError, ValueError)) as caught:
        sc.parse(text, **parameters)
    assert message in str(caught.value)
