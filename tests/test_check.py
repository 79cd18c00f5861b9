"""check of curves: each finding provoked, and beside it a curve or a run that just does not."""

import pickle
import re
import runpy
from random import Random

import numpy as np
import pytest
import sound
import stepcurve as sc
from hypothesis import given
from hypothesis import strategies as st
from stepcurve.checks import RULES
from stepcurve.lr_scheduler.checks import ODDITIES
from strategies import endings
from test_project import PAGES, ROOT, run_examples

RUNS = {
    "batches": (sc.Run(epochs=90, steps_per_epoch=100), "step"),
    "epochs": (sc.Run(epochs=90, steps_per_epoch=100), "epoch"),
    "accumulated": (sc.Run(steps=1_000, accumulation=4, world_size=2), "step"),
    "none": (None, "step"),
}

# What is found, how grave, where | in which curve over which run | and in which it is not found.
TABLE = """
raises error 51-99 | cosine(1, 0, 50).past_end("raise") @ 100 | cosine(1, 0, 50).past_end("raise") @ 51
not-finite error 1024-1999 | decay(1, 2) @ 2000 | decay(1, 2) @ 1024
negative-lr error 51-99 | linear(1, 0, 50).past_end("extrapolate") @ 100 | linear(1, 0, 50) @ 100
zero-lr warning 300-309 | cosine(1, 0, 300) @ 310 | cosine(1, 0, 300) @ 303
zero-lr warning 0-9 | constant(0, 10) >> constant(1) @ 100 | constant(1e-9, 10) >> constant(1) @ 100
zero-lr warning 700123-999999 | cosine(1, 0, 700123) @ 1000000 | cosine(1, 0, 1000000) @ 1000000
zero-lr error 0-9 | constant(0) @ 10 | constant(0) + 1 @ 10
vanishing-lr warning 87-99 | exponential(1, 1e-5, 100) @ 100 | exponential(1, 1e-4, 100) @ 100
vanishing-lr warning 89-99 | constant(1, 89) >> constant(4e-5) @ 100 | constant(1, 89) >> constant(6e-5) @ 100
vanishing-lr warning 89-99 | constant(1, 89) >> constant(4e-5) @ 100 | constant(1, 90) >> constant(4e-5) @ 100
rises-again warning 100-149 | cosine(1, 0, 100).past_end("extrapolate") @ 150 | cosine(1, 0, 100) @ 150
rises-again warning 9-12 | cosine(1, 0, 9).past_end("extrapolate") @ 13 | cosine(1, 0, 9) >> constant(0) @ 13
jump warning 9-10 | linear(0, 1, 10) >> cosine(2.1, 0, 9) @ 19 | linear(0, 1, 10) >> cosine(1.8, 0, 9) @ 19
jump warning 49-50 | linear(0, 1, 50) >> cosine(0.4, 0, 9) @ 59 | linear(0, 1, 50) >> cosine(0.6, 0, 9) @ 59
jump warning 9-10 | constant(1, 10) >> constant(11) @ 100 | constant(1, 10) >> constant(10) @ 100
jump warning 10-11 | join([constant(1), constant(11)], [10], owner="earlier") @ 99 | constant(1) @ 99
jump warning 29-30 | piecewise({0: 1, 30: 0.009}) @ 100 | piecewise({0: 1, 30: 0.01}) @ 100
jump warning 9-10 | cosine(1, 0.01, 10) >> constant(2) @ 50 | cosine(1, 0.01, 10) >> constant(1) @ 50
jump warning 9-10 | constant(1, 10) >> constant(20, 20) @ 30 | constant(1, 10).repeat(3, decay=20) @ 30
first-step-zero info 0-0 | linear(0, 1, 10) @ 100 | linear(0.1, 1, 9) @ 100
first-step-zero info 0-0 | linear(0, 1, 10) @ none | linear(0.1, 1, 9) @ none
lengths-in-epochs warning 0-8999 | cosine(1, 0, 90) @ batches | cosine(1, 0, 9000) @ batches
lengths-in-epochs warning 0-8999 | cosine(1, 0, 90) @ batches | cosine(1, 0, 90) @ epochs
lengths-in-epochs warning 0-8999 | cosine(1, 0, 90) @ batches | linear(0, 1, 90) >> inverse(1, 90) @ batches
lengths-in-epochs warning 0-8999 | piecewise({0: 1, 60: 0.1}) @ batches | piecewise({0: 1, 91: 0.1}) @ batches
lengths-in-epochs warning 0-8999 | piecewise({0: 1, 60: 0.1}) @ batches | piecewise({0: 0.1, 60: 1}) @ batches
lengths-in-epochs warning 0-8999 | cosine(1, 0, 30).repeat() @ batches | cosine(1, 0, 101).repeat() @ batches
lengths-in-epochs warning 0-8999 | decay(1, 0.1, 30).stairs(30) @ batches | decay(1, 0.1, 3e3) @ batches
lengths-in-epochs warning 0-8999 | decay(1, 0.95) @ batches | decay(1, 0.9995) @ batches
lengths-in-steps warning 0-89 | cosine(1, 0, 9000) @ epochs | cosine(1, 0, 90) @ epochs
lengths-in-steps warning 0-89 | piecewise({0: 1, 3000: 0.1}) @ epochs | piecewise({0: 1, 30: 0.1}) @ epochs
lengths-in-micro-batches warning 0-999 | cosine(1, 0, 4000) @ accumulated | cosine(1, 0, 3900) @ accumulated
lengths-in-micro-batches warning 0-999 | cosine(1, 0, 8000) @ accumulated | cosine(1, 0, 4000) @ 1000
ends-early warning 79-99 | cosine(1, 0.1, 79) @ 100 | cosine(1, 0.1, 79) >> constant(0.1) @ 100
ends-early warning 10-99 | linear(1, 0.5, 10) @ 100 | linear(1, 0.6, 10) @ 100
ends-early info 80-99 | cosine(1, 0.1, 80) @ 100 | cosine(1, 0.1, 99) @ 100
never-annealed warning 0-99 | cosine(1, 0, 130) @ 100 | cosine(1, 0, 102) @ 100
never-annealed info 0-99 | cosine(1, 0, 120) @ 100 | cosine(1, 0, 100) @ 100
never-annealed warning 0-99 | linear(1, 0, 200) >> constant(0) @ 100 | linear(1, 0, 100) >> constant(0) @ 100
never-annealed warning 0-99 | constant(1, 90) >> linear(1, 0, 90) @ 100 | constant(1, 200) @ 100
restart-cut-short warning 70-99 | cosine(1, 0, 10).repeat(growth=2) @ 100 | cosine(1, 0, 10).repeat() @ 70
restart-cut-short warning 90-90 | cosine(1, 0, 10).repeat() @ 91 | cosine(1, 0, 10).repeat() @ 90
restart-cut-short warning 90-94 | cosine(1, 0, 10).repeat() @ 95 | cosine(1, 0, 10).repeat() @ 98
restart-cut-short warning 3-7 | linear(0, 1, 3) >> cosine(1, 0, 9).repeat() @ 8 | cosine(1, 0, 9).repeat() @ 9
milestones-never-reached warning 0-59 | piecewise({0: 1, 60: 0.1}) @ 60 | piecewise({0: 1, 60: 0.1}) @ 61
milestones-never-reached warning 0-29 | decay(1, 0.1, 30).stairs(30) @ 30 | decay(1, 0.1, 30).stairs(30) @ 31
milestones-never-reached warning 0-29 | cosine(1, 0.5, 30) >> inverse(0.5, 9) @ 30 | cosine(1, 0.5, 30) @ 30
warm-up-share warning 0-51 | linear(0, 1, 51) >> inverse(1, 9) @ 100 | linear(0, 1, 50) >> inverse(1, 9) @ 100
warm-up-share warning 0-99 | linear(0, 1, 200) @ 100 | linear(1, 0, 200) @ 100
warm-up-share info 0-4 | linear(0, 1, 4) @ 10000 | linear(0, 1, 5) @ 10000
robbins-monro info - | inverse(1, 10) @ 100 | cosine(1, 0, 100) @ 100
"""
ROWS = [[part.strip() for part in line.split(" | ")] for line in TABLE.strip().splitlines()]


def found(text):
    curve, run = text.split(" @ ")
    run, per = RUNS[run] if run in RUNS else (int(run), "step")
    return sc.check(sc.parse(curve), run, per=per)


@pytest.mark.parametrize(("told", "provoking", "sound"), ROWS)
def test_a_finding_is_provoked_and_just_not(told, provoking, sound):
    identity, severity, steps = told.split()
    matching = [finding for finding in found(provoking) if finding.id == identity]
    expected = None if steps == "-" else tuple(map(int, steps.split("-")))
    assert [(finding.severity, finding.steps) for finding in matching] == [(severity, expected)]
    assert not [finding for finding in found(sound) if (finding.id, finding.severity) == (identity, severity)]


def test_every_rule_is_in_the_table():
    assert {told.split()[0] for told, *_ in ROWS} == {*RULES}


def test_every_finding_is_in_the_docs():
    pages = (ROOT / "docs" / "check.md").read_text()
    ids = re.findall(r"^\| `([a-z-]+)` \|", pages, re.MULTILINE)
    assert sorted(ids) == sorted({*RULES, *ODDITIES, "two-schedulers", "partly-checked"})


def test_a_thousand_random_sound_schedules_are_sound():
    for seed in range(1_000):
        curve, run = sound.schedule(Random(seed))
        findings = sc.check(curve, run)
        assert findings.sound, f"seed {seed}, {curve}, {run}:\n{findings}"


@given(st.randoms(use_true_random=False))
def test_sound_schedules_are_sound(random):
    curve, run = sound.schedule(random)
    assert sc.check(curve, run).sound


@pytest.mark.parametrize(
    "schedule",
    runpy.run_path(str(ROOT / "examples" / "published_schedules.py"))["SCHEDULES"],
    ids=lambda schedule: schedule.name,
)
def test_published_schedules_are_sound(schedule):
    assert sc.check(schedule.curve, schedule.steps).sound


@pytest.mark.parametrize("page", [page for page in PAGES if not page.endswith(("check.md", "presets.md"))])
def test_the_curves_of_the_docs_are_sound(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    curves = [value for value in run_examples(page)[1].values() if isinstance(value, sc.Curve)]
    run = sc.Run(steps=100_000, epochs=10, tokens_per_step=2**19)
    for curve in curves:
        assert sc.check(curve.resolve(run)).sound, curve


@given(curve=endings, steps=st.integers(1, 3_000), per=st.sampled_from(["step", "epoch"]))
def test_any_curve_can_be_checked(curve, steps, per):
    run = sc.Run(steps=steps, epochs=max(1, steps // 7), accumulation=2)
    for findings in (sc.check(curve), sc.check(curve, steps), sc.check(curve, run, per=per)):
        for finding in findings:
            assert finding.steps is None or 0 <= finding.steps[0] <= finding.steps[1]
            assert str(finding).startswith(finding.severity)


@given(curve=endings, scale=st.sampled_from([2.0**-20, 0.5, 8.0]), steps=st.integers(2, 300))
def test_findings_do_not_depend_on_the_scale_of_the_values(curve, scale, steps):
    """But for the constants in the words."""
    one, other = (sc.check(each, steps) for each in (curve, curve * scale))
    assert [(f.id, f.severity, f.steps) for f in one] == [(f.id, f.severity, f.steps) for f in other]


def test_a_long_run_is_looked_at_around_its_milestones():
    curve = sc.piecewise({0: 1, 123_456_789: 1e-3, 123_456_791: 1})
    assert sc.check(curve, 10**9)[0].steps == (123_456_788, 123_456_789)
    assert sc.check(sc.linear(0, 1, 10**6) >> sc.cosine(1, 0, 10**9 - 10**6), 10**9).sound
    assert sc.check(sc.cosine(1, 0, 10).repeat(), 10**15).sound


def test_a_deeply_nested_curve_is_walked_once():
    """Twice a level would be 2**60 times."""
    curve = sc.cosine(1, 0.5, 10)
    for _ in range(20):
        curve = (curve >> sc.constant(1, 5)).stretch(1.5).clip(0)
    assert sc.check(curve, 10**5) == ()


def test_restarts_of_every_law_end_where_they_end():
    """Against the jumps of a table."""
    for law in ({}, {"growth": 2}, {"growth": 1.5, "whole": True}, {"decay": 0.5}, {"harmonic": 1}):
        curve = 3 * (sc.linear(0, 1, 7) >> sc.cosine(1, 0.1, 12).repeat(**law).stretch(2))
        table = curve.table(400)
        ends = [i for i in range(30, 400) if table[i] > 1.5 * table[i - 1]]
        assert len(ends) > 2
        for begin, end in zip([7, *ends], ends, strict=False):
            assert "restart-cut-short" not in {f.id for f in sc.check(curve, end)}
            assert "restart-cut-short" in {f.id for f in sc.check(curve, end + 2)}
            assert "restart-cut-short" in {f.id for f in sc.check(curve, (begin + end) // 2)}


@pytest.mark.parametrize(
    ("text", "diverges", "converges"),
    [
        ("constant(1)", True, False),
        ("inverse(1, 10, power=0.5)", True, False),
        ("inverse(1, 10, power=0.6)", True, True),
        ("inverse(1, 10)", True, True),
        ("inverse(1, 10, power=1.1)", False, True),
        ("decay(1, 0.9)", False, True),
        ("decay(1, 1.1)", True, False),
        ("inverse(1, 10) + 0.1", True, False),
        ("inverse(1, 10) + decay(1, 0.9)", True, True),
        ("inverse(1, 10, 0.4) * inverse(2, 9, 0.4)", True, True),
        ("inverse(1, 10) * decay(1, 0.9)", False, True),
        ("(linear(0, 1, 5) >> inverse(1, 10)).stairs(3).stretch(2).shift(4)", True, True),
        ("inverse(1, 10).clip(low=0.01)", True, False),
        ("cosine(1, 0, 10).repeat()", True, False),
        ("cosine(1, 0, 10).repeat(harmonic=1)", True, True),
        ("cosine(1, 0, 10).repeat(decay=0.5)", False, True),
        ("cosine(1, 0, 10).repeat(growth=2, decay=0.5)", True, True),
        ("cosine(1, 0, 10).repeat(growth=2, decay=0.4)", False, True),
        ("cosine(1, 0, 10).repeat(growth=2)", True, False),
        ("piecewise({0: 1, 10: 0.1})", True, False),
        ("cosine(1, 0, 10) >> constant(0)", False, True),
    ],
)
def test_robbins_monro(text, diverges, converges):
    (told,) = [finding for finding in sc.check(sc.parse(text)) if finding.id == "robbins-monro"]
    values = f"of its values {'diverges' if diverges else 'converges'}"
    squares = f"of their squares {'converges' if converges else 'diverges'}"
    assert values in told.message
    assert squares in told.message
    assert ("does not satisfy" in told.message) == (not (diverges and converges))


def test_findings_are_ordered_printed_and_pickled():
    findings = sc.check(sc.linear(0, 1, 40).past_end("extrapolate") * sc.linear(1, -1, 80), 100)
    severities = [finding.severity for finding in findings]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)
    assert len(set(severities)) > 1
    assert str(findings).count("\n\n") == len(findings) - 1
    assert pickle.loads(pickle.dumps(findings)) == findings
    assert repr(sc.check(sc.cosine(1, 0, 10))) == "no findings"


def test_runs_may_be_numbers_and_units_are_resolved():
    lr = sc.linear(0.1, 1, "3%") >> sc.cosine(1, 0, "97%")
    for run in (1_000, 1e3, np.int64(1_000), sc.Run(epochs=10, steps_per_epoch=100)):
        assert sc.check(lr, run) == ()
    assert sc.check(sc.relative(sc.cosine(1, 0, 10)), 100)[0].id == "ends-early"


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        (["cosine"], {}, TypeError, "schedule must be a curve"),
        ([sc.constant(1), 0], {}, ValueError, "steps must be > 0"),
        ([sc.constant(1), 1.5], {}, ValueError, "steps must be a whole number"),
        ([sc.constant(1), "9"], {}, TypeError, "steps must be"),
        ([sc.constant(1), sc.Run(epochs=3)], {}, ValueError, "run must know its steps"),
        ([sc.constant(1), 9], {"per": "epoch"}, ValueError, "run must know its epochs for per='epoch'"),
        ([sc.constant(1)], {"per": "epoch"}, ValueError, "run must know its epochs"),
        ([sc.constant(1), 9], {"per": "batch"}, ValueError, "per must be 'step' or 'epoch', got 'batch'"),
        ([sc.constant(1, "3%")], {}, ValueError, "resolve"),
    ],
)
def test_mistakes_are_told(arguments, options, error, message):
    with pytest.raises(error, match=message):
        sc.check(*arguments, **options)
