"""Units: lengths that become steps of a run, and pieces that add up."""

import pickle
import re
from fractions import Fraction
from math import floor, inf, nan

import numpy as np
import pytest
import stepcurve as sc
from hypothesis import given
from hypothesis import strategies as st

LR = sc.linear(0, 3e-4, "3%") >> sc.cosine(3e-4, 3e-5, "97%")
RUN = sc.Run(steps=1_000, epochs=8, tokens_per_step=2**19, batch_size=32, accumulation=2, world_size=4)


@given(st.lists(st.integers(1, 100), min_size=1, max_size=8), st.integers(800, 10**9))
def test_pieces_that_fill_the_run_in_units_fill_it_in_steps(parts, steps):
    shares = [f"{part}%" for part in parts]
    curve = sc.linear(0, 1, shares[0])
    for i, share in enumerate(shares[1:], 1):
        curve = curve >> sc.linear(i, i + 1, share)
    ends = [floor(Fraction(sum(parts[: i + 1]) * steps, 100) + Fraction(1, 2)) for i in range(len(parts))]
    resolved = curve.resolve(sc.Run(steps=steps))
    assert resolved.steps == ends[-1]
    assert resolved([0, *ends[:-1]]).tolist() == [*range(len(parts))]
    lengths = np.diff([0, *ends]).tolist()
    expected = sc.linear(0, 1, lengths[0])
    for i, each in enumerate(lengths[1:], 1):
        expected = expected >> sc.linear(i, i + 1, each)
    assert resolved == expected


@pytest.mark.parametrize(
    ("length", "steps"),
    [
        *(("3%", 30), ("0.25%", 3), ("0.24%", 2), ("100%", 1000), ("8ep", 1000), (".5ep", 63), ("1ep", 125)),
        *(("1e6tok", 2), ("5.24288e7tok", 100), ("256sp", 1), ("1e4sp", 39)),
    ],
)
def test_a_length_alone_is_rounded_halves_upwards(length, steps):
    assert sc.linear(0, 1, length).resolve(RUN) == sc.linear(0, 1, steps)


@pytest.mark.parametrize(
    ("curve", "resolved"),
    [
        (LR * 2 + 1e-5, (sc.linear(0, 3e-4, 30) >> sc.cosine(3e-4, 3e-5, 970)) * 2 + 1e-5),
        (2 * (1 + LR), 2 * (1 + (sc.linear(0, 3e-4, 30) >> sc.cosine(3e-4, 3e-5, 970)))),
        (
            sc.linear(0, 1, 10) >> LR,
            sc.linear(0, 1, 10) >> sc.linear(0, 3e-4, 30) >> sc.cosine(3e-4, 3e-5, 970),
        ),
        (LR.hold("1ep"), (sc.linear(0, 3e-4, 30) >> sc.cosine(3e-4, 3e-5, 970)).hold(125)),
        (sc.cosine(1, 0, "1ep").repeat(8, decay=0.5), sc.cosine(1, 0, 125).repeat(8, decay=0.5)),
        (sc.decay(1, 0.5, every="1ep").stairs("1ep"), sc.decay(1, 0.5, every=125).stairs(125)),
        (sc.inverse(1, "2ep", power=0.5).shift("1%"), sc.inverse(1, 250, power=0.5).shift(10)),
        (sc.piecewise({0: 1, "2ep": 0.1, "50%": 0.01}), sc.piecewise({0: 1, 250: 0.1, 500: 0.01})),
        (sc.piecewise({"0%": 1, "50%": 0.1}), sc.piecewise({0: 1, 500: 0.1})),
        (sc.join([LR, LR], ["10%"], "earlier"), sc.join([LR.resolve(RUN)] * 2, [100], "earlier")),
        (
            sc.constant(1).branch("80%", sc.linear(1, 0, "20%")),
            sc.join([sc.constant(1), sc.linear(1, 0, 200)], [800]),
        ),
        (
            sc.tanh(1, 0, "10%").clip(0.1, 1).past_end("extrapolate").stretch(2),
            sc.tanh(1, 0, 100).clip(0.1, 1).past_end("extrapolate").stretch(2),
        ),
        (
            sc.constant(1, "10%") >> sc.exponential(1, 0.1, "10%"),
            sc.constant(1, 100) >> sc.exponential(1, 0.1, 100),
        ),
        (
            sc.log(0, 1, "1e9tok") * sc.polynomial(1, 0, "1ep", power=2),
            sc.log(0, 1, 1907) * sc.polynomial(1, 0, 125, power=2),
        ),
    ],
    ids=str,
)
def test_any_curve_takes_units_prints_and_resolves(curve, resolved):
    assert sc.parse(str(curve)) == curve
    assert str(sc.parse(str(curve))) == str(curve)
    assert pickle.loads(pickle.dumps(curve)) == curve
    assert curve.resolve(RUN) == resolved
    assert resolved.resolve(RUN) == resolved


REFUSES = "a curve with lengths in units has no values: make steps of them with resolve(run)"


@pytest.mark.parametrize(
    "ask",
    [
        lambda: LR(3),
        lambda: LR([1, 2]),
        lambda: LR.steps,
        lambda: LR.table(10),
        lambda: LR.plot(),
        lambda: LR.extend(10),
        lambda: LR.scale(1),
        lambda: LR.branch(10, lambda lr: sc.constant(lr)),
    ],
)
def test_an_unresolved_curve_has_no_values(ask):
    with pytest.raises(ValueError, match=re.escape(REFUSES)):
        ask()


BAD = [
    (lambda: sc.linear(0, 1, "3"), "steps must be a number, or one with a unit (%, ep, tok or sp), got '3'"),
    (
        lambda: sc.linear(0, 1, "-3%"),
        "steps must be a number, or one with a unit (%, ep, tok or sp), got '-3%'",
    ),
    (
        lambda: sc.linear(0, 1, "3 ep"),
        "steps must be a number, or one with a unit (%, ep, tok or sp), got '3 ep'",
    ),
    (lambda: sc.linear("3%", 1, 10), "start must be a number, got '3%'"),
    (lambda: LR("3%") if False else sc.linear(0, 1, 3)("3%"), "time must be a number, got '3%'"),
    (lambda: LR.resolve(1000), "run must be a Run, got 1000"),
    (lambda: LR.resolve(sc.Run()), "the run must know its steps for a length of '3%'"),
    (lambda: sc.linear(0, 1, "1ep").resolve(sc.Run(steps=9)), "the run must know its steps_per_epoch for"),
    (lambda: sc.linear(0, 1, "9tok").resolve(sc.Run(steps=9)), "the run must know its tokens_per_step for"),
    (lambda: sc.linear(0, 1, "9sp").resolve(sc.Run(steps=9)), "the run must know its batch_size for"),
    (lambda: sc.linear(0, 1, "0.01%").resolve(RUN), "a length of '0.01%' is shorter than a step of the run"),
    (lambda: sc.linear(float("nan"), 1, "3%"), "start must be finite, got nan"),
    (lambda: sc.polynomial(1, 0, "3%", power=-1), "power must be > 0, got -1"),
    (lambda: LR.past_end("stop"), "policy must be 'hold', 'extrapolate', 'repeat', 'raise' or a value"),
    (lambda: sc.decay(1, 0.5) >> LR, "steps of a curve that another follows must be finite, got inf"),
    (lambda: sc.linear(0, 1, "1e400%").resolve(RUN), "a length of '1e400%' is over 2**53 steps"),
    (lambda: sc.piecewise({0: 1, "10%": 2, nan: 3}), "boundaries must be > 0, got nan"),
    (lambda: sc.piecewise({nan: 1, "10%": 2}), "first step of piecewise must be 0, got nan"),
    (lambda: sc.piecewise({"0%": 1, 9: 2, 5: 3}), "boundaries must be increasing, got 5"),
    (lambda: sc.join([LR, LR, LR], [inf, "10%"]), "boundaries must be finite, got inf"),
    (lambda: sc.piecewise({0: 1, "1e400%": 2}).resolve(RUN), "a length of '1e400%' is over 2**53 steps"),
    (lambda: sc.Run(steps=float("inf")), "steps must be > 0 and finite, got inf"),
    (lambda: sc.Run(steps=10.5), "steps must be a whole number, got 10.5"),
    (lambda: sc.Run(tokens=1e300, tokens_per_step=1), "steps must be <= 2**53, got 1e+300"),
    (lambda: sc.Run(accumulation=None), "accumulation must be a number, got None"),
    (lambda: sc.Run(steps=0), "steps must be > 0 and finite, got 0"),
    (lambda: sc.Run(epochs="3"), "epochs must be a number, got '3'"),
    (lambda: sc.Run(steps=10, epochs=2, steps_per_epoch=6), "a run has one number of steps, got steps: 10, "),
    (lambda: sc.parse('linear(0, 1, "3%"'), "expected ',' or ')', got the end"),
    (lambda: sc.parse('linear(0, 1, "3pc")'), "steps must be a number, or one with a unit"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_input(call, message):
    with pytest.raises((ValueError, TypeError)) as error:
        call()
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("given", "steps", "steps_per_epoch"),
    [
        ({"steps": 10}, 10, None),
        ({"epochs": 3, "steps_per_epoch": 390.625}, 1172, 390.625),
        ({"tokens": 1e9, "tokens_per_step": 2**20}, 954, None),
        ({"samples": 50_000, "batch_size": 128, "epochs": 2}, 391, 195.5),
        ({"samples": 1e6, "batch_size": 8, "accumulation": 4, "world_size": 64}, 489, None),
        ({"steps": 1172, "epochs": 3, "steps_per_epoch": 390.625}, 1172, 390.625),
    ],
)
def test_what_a_run_works_out(given, steps, steps_per_epoch):
    run = sc.Run(**given)
    assert (run.steps, run.steps_per_epoch) == (steps, steps_per_epoch)


def test_totals_are_rates_too():
    assert sc.linear(0, 1, "1e6tok").resolve(sc.Run(steps=1_000, tokens=2e6)).steps == 500
    assert sc.linear(0, 1, "1e3sp").resolve(sc.Run(steps=np.float32(1_000), samples=2e5)).steps == 5


def test_a_phase_is_described_to_its_own_end():
    curve = (sc.linear(0, 1, "10%") >> sc.cosine(0.5, 0, "90%")) * 0.5
    rows = sc.Run(steps=1_000).describe(curve).splitlines()
    assert [row.split()[-3:] for row in rows[1:]] == [["0", "to", "0.5"], ["0.25", "to", "0"]]


def test_a_run_describes_the_phases_of_a_curve():
    run = sc.Run(steps=1_000, epochs=8, batch_size=32, accumulation=2, world_size=4)
    warm = sc.linear(0, 0.1, "5%") >> sc.cosine(0.1, 0.01, "90%") >> sc.constant(0.01)
    assert run.describe(warm * 2).splitlines() == [
        "phase                   steps      epochs      samples          value",
        "linear(0, 0.1, 50)      0 to 50    0 to 0.4    0 to 12800       0 to 0.2",
        "cosine(0.1, 0.01, 900)  50 to 950  0.4 to 7.6  12800 to 243200  0.2 to 0.02",
        "constant(0.01)          from 950   from 7.6    from 243200      0.02",
    ]


def test_a_later_policy_replaces_an_earlier_one_in_units_too():
    curve = sc.linear(0, 1, "10%")
    for _ in range(2_000):
        curve = curve.past_end(0.5)
    assert curve == sc.linear(0, 1, "10%").past_end(0.5) == pickle.loads(pickle.dumps(curve))
    assert curve.past_end("raise").resolve(RUN) == sc.linear(0, 1, 100).past_end("raise")
