"""Named schedules: what their formulas say at every step, under every convention."""

import math
from fractions import Fraction

import numpy as np
import pytest
import stepcurve as sc
from hypothesis import given
from hypothesis import strategies as st
from stepcurve.cooldowns import KINDS

DECAYS = {
    "linear": lambda p: 1 - p,
    "cosine": lambda p: (1 + math.cos(math.pi * p)) / 2,
    "mirror-cosine": lambda p: 2 * (1 - p) - (1 + math.cos(math.pi * p)) / 2,
    "1-sqrt": lambda p: 1 - math.sqrt(p),
    "1-square": lambda p: 1 - p * p,
    "sqrt": lambda p: math.sqrt(1 - p),
    "square": lambda p: (1 - p) ** 2,
    "half-life": lambda p: 2 * 0.5**p - 1,
}


def close(curve, values):
    """To some roundings of the peak: formulas in plain Python lose digits near their ends."""
    got = curve(np.arange(len(values)))
    return (np.abs(got - values) <= 64 * math.ulp(max(map(abs, values)))).all()


def by_formula(kind, peak, steps, warmup, cooldown, start, end, include_start, include_end):
    values = []
    top_at = warmup - (warmup > 0 and not include_start)
    last = steps - include_end
    for t in range(steps + 5):
        if t < top_at:
            share = (t + (not include_start)) / warmup
            values.append(start + (peak - start) * share)
        else:
            p = min(1.0, max(0.0, (t - (last - cooldown)) / cooldown))
            values.append(end + (peak - end) * DECAYS[kind](p))
    return values


@given(
    kind=st.sampled_from(list(DECAYS)),
    peak=st.floats(1e-6, 10),
    warmup=st.integers(0, 40),
    stable=st.integers(0, 40),
    cooldown=st.integers(1, 40),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 0.9)),
    shown=st.tuples(st.booleans(), st.booleans()),
)
def test_wsd_is_its_formula(kind, peak, warmup, stable, cooldown, shares, shown):
    start, end = (share * peak for share in shares)
    steps = warmup + stable + cooldown + 1
    ends = {"start": start, "end": end, "include_start": shown[0], "include_end": shown[1]}
    values = by_formula(kind, peak, steps, warmup, cooldown, *ends.values())
    assert close(sc.wsd(peak, steps, warmup, cooldown, kind=kind, **ends), values)
    if kind == "linear":
        assert sc.trapezoid(peak, steps, warmup, cooldown, **ends) == sc.wsd(
            peak, steps, warmup, cooldown, kind=kind, **ends
        )
    rest = steps - shown[1] - (warmup - (warmup > 0 and not shown[0]))
    annealed = {"linear": sc.warmup_linear, "cosine": sc.warmup_cosine}
    if kind in annealed:
        values = by_formula(kind, peak, steps, warmup, rest, *ends.values())
        assert close(annealed[kind](peak, steps, warmup, **ends), values)


@pytest.mark.parametrize("kind", KINDS)
def test_ends_are_exact_and_where_they_are_said_to_be(kind):
    low = 0.001
    curve = sc.wsd(0.1, 100, 10, 20, kind=kind, start=0.01, end=low)
    ends = 0.0 if kind not in ("half-life", "mirror-cosine") else 2 * math.ulp(0.1)
    assert (curve(0), curve(10), curve(80)) == (0.01, 0.1, 0.1)
    assert abs(curve(100) - low) <= ends
    shown = sc.wsd(0.1, 100, 10, 20, kind=kind, start=0.01, end=low, include_start=False, include_end=True)
    assert (shown(0), shown(9), shown(79)) == (0.019, 0.1, 0.1)
    assert abs(shown(99) - low) <= ends
    assert abs(shown(200) - low) <= ends


@given(st.integers(1, 10_000), st.integers(0, 99))
def test_shares_are_rounded_to_the_nearest_step_halves_up(steps, percent):
    warmup = math.floor(Fraction(steps * percent, 100) + Fraction(1, 2))
    if warmup < steps:
        assert sc.warmup_cosine(1, steps, f"{percent}%") == sc.warmup_cosine(1, steps, warmup)


@given(st.integers(2, 10_000), st.integers(1, 99))
def test_phases_of_all_shares_fill_the_whole(steps, percent):
    curve = sc.wsd(1, steps, f"{percent}%", f"{100 - percent}%", kind="linear")
    assert curve.steps == steps


def test_shares_of_the_peak_are_decimal():
    assert str(sc.warmup_cosine(3e-4, 100, 10, start="1%", end="10%")) == (
        "linear(3e-06, 0.0003, 10) >> cosine(0.0003, 3e-05, 90)"
    )


def test_a_kind_may_be_a_function():
    assert sc.wsd(1, 100, 10, 20, kind=lambda a, b, n: sc.tanh(a, b, n)) == (
        sc.linear(0, 1, 10) >> sc.constant(1, 70) >> sc.tanh(1, 0, 20)
    )


def test_a_geometric_cooldown_takes_equal_factors():
    values = sc.wsd(1, 30, 0, 20, kind="geometric", end="1%")(np.arange(10, 31))
    assert np.abs(values[1:] / values[:-1] / 0.01 ** (1 / 20) - 1).max() < 1e-15


@given(st.floats(1e-5, 1), st.integers(1, 500), st.booleans())
def test_inverse_sqrt_and_noam_count_steps_as_they_say(peak, warmup, include_start):
    curve = sc.inverse_sqrt(peak, warmup, include_start=include_start)
    offset = 0 if include_start else 1
    values = [
        peak * (t + offset) / warmup if t + offset < warmup else peak * math.sqrt(warmup / (t + offset))
        for t in range(3 * warmup + 3)
    ]
    assert close(curve, values)
    noam = sc.noam(512, warmup, include_start=False)
    paper = [512**-0.5 * min((t + 1) ** -0.5, (t + 1) * warmup**-1.5) for t in range(3 * warmup)]
    assert close(noam, paper)


def test_one_cycle_has_torchs_values_with_its_end_points():
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.5, total_steps=101, pct_start=31 / 101)
    values = []
    for _ in range(101):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert close(sc.one_cycle(0.5, 101, 30, include_end=True), values)
    assert sc.one_cycle(0.85, 100, start=0.95, end=0.95)(30) == 0.85


def test_cycles_and_steps():
    triangle = sc.cyclic(0.1, 0.5, 4, 2)
    assert close(triangle, [0.1, 0.2, 0.3, 0.4, 0.5, 0.3] * 3)
    halved = sc.cyclic(0.1, 0.5, 2, decay=0.5)
    assert close(halved, [0.1, 0.3, 0.5, 0.3, 0.1, 0.2, 0.3, 0.2, 0.1, 0.15, 0.2])
    cycles = sc.restarts(1, 4, growth=2, decay=0.5, end=0.2, warmup=3)
    assert [cycles(t) for t in (0, 3, 7, 15, 31)] == [0, 1, 0.2 + 0.4, 0.2 + 0.2, 0.2 + 0.1]
    assert sc.restarts(1, 4, times=2, end="20%")(100) == 0.2
    assert sc.step_decay(0.1, 3, 0.5, warmup=2)([0, 1, 2, 4, 5, 8]).tolist() == [
        0,
        0.05,
        0.1,
        0.1,
        0.05,
        0.025,
    ]
    assert sc.multistep(1, [3, 5], 0.5)(np.arange(7)).tolist() == [1, 1, 1, 0.5, 0.5, 0.25, 0.25]


def test_infinite_comes_back_to_the_peak_after_each_cooldown():
    curve = sc.infinite(1, [100, 200, 400], "10%", "20%", kind="linear", end=0.1)
    assert curve([0, 10, 80, 99, 100, 160, 199, 200, 320, 400, 500]).tolist() == pytest.approx(
        [0, 1, 1, 0.1 + 0.9 / 20, 1, 1, 0.1 + 0.9 / 40, 1, 1, 0.1, 0.1], rel=1e-14, abs=0
    )


@pytest.mark.parametrize("name", sc.reader.SCHEDULES)
def test_the_text_language_knows_them(name):
    arguments = {
        "infinite": "(1, [100], 10)",
        "inverse_sqrt": "(1, 10)",
        "noam": "(512, 10)",
        "one_cycle": "(1, 100, '30%', end='1%')",
        "cyclic": "(0.1, 1, 10, decay=0.5)",
        "restarts": "(1, 10, growth=2)",
        "step_decay": "(1, 10)",
        "multistep": "(1, [10, 20])",
        "trapezoid": "(1, 100, 10, 20)",
        "wsd": "(1, 100, 10, kind='1-sqrt')",
    }.get(name, "(1, 100, '10%', include_start=False)")
    curve = eval(f"sc.{name}{arguments}")
    assert sc.parse(name + arguments) == curve
    assert sc.parse(str(curve)) == curve


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sc.warmup_cosine(1, 0, 0), "steps must be > 0 and finite, got 0"),
        (lambda: sc.warmup_cosine(1, math.inf, 0), "steps must be > 0 and finite, got inf"),
        (lambda: sc.warmup_cosine(math.nan, 10, 0), "peak must be finite, got nan"),
        (lambda: sc.warmup_cosine(1, 100, 100), "warmup must be below 100 steps, got 100"),
        (lambda: sc.warmup_cosine(1, 100, -1), "warmup must be 0 or >= 1 and finite, got -1"),
        (
            lambda: sc.warmup_cosine(1, 100, "10ep"),
            "warmup must be a number or a share such as '3%', got '10ep'",
        ),
        (
            lambda: sc.warmup_cosine(1, 100, "ten"),
            "warmup must be a number or a share such as '3%', got 'ten'",
        ),
        (
            lambda: sc.warmup_linear(1, 100, 10, end="x"),
            "end must be a number or a share such as '3%', got 'x'",
        ),
        (lambda: sc.wsd(1, 100, 60, 50), "warmup and cooldown must fit into 100 steps, got 60 and 50"),
        (
            lambda: sc.wsd(1, 100, 10, kind="cubic"),
            "kind must be one of linear, cosine, mirror-cosine, 1-sqrt",
        ),
        (lambda: sc.wsd(1, 100, 10, kind="geometric"), "end must be nonzero, got 0"),
        (lambda: sc.warmup_cosine(1, 100, 0.03), "got 0.03; a share is written '3%'"),
        (lambda: sc.wsd(1, 100, math.inf), "warmup must be 0 or >= 1 and finite, got inf"),
        (lambda: sc.wsd(1, 1, 0, 0, include_end=True), "steps must leave room for the end"),
        (lambda: sc.infinite(1, [100], 10, 0), "cooldown must be a step at least, got 0"),
        (lambda: sc.infinite(1, [], 10), "budgets must have at least one step, got none"),
        (lambda: sc.infinite(1, [100, 105], 10), "budgets must leave room for warmup and cooldown, got 105"),
        (lambda: sc.noam(0, 10), "d_model and warmup must be > 0, got 0 and 10"),
        (lambda: sc.inverse_sqrt(1, 0), "timescale must be given without a warmup"),
        (lambda: sc.one_cycle(1, 100, 100), "warmup must be below 100 steps, got 100"),
        (lambda: sc.multistep(1, [10, 10]), "milestones must be > 0 and different, got [10, 10]"),
        (lambda: sc.multistep(1, [20, 10]), "boundaries must be increasing, got 10"),
        (lambda: sc.cyclic(0, 1, 0), "steps must be > 0, got 0"),
        (lambda: sc.warmup_cosine("1", 100, 10), "peak must be a number, got '1'"),
    ],
)
def test_errors_say_what_is_wrong(make, message):
    with pytest.raises((TypeError, ValueError)) as caught:
        make()
    assert message in str(caught.value)
