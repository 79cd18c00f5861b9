"""The document without a browser: what moves changes, what is wrong is told and leaves the picture."""

from types import SimpleNamespace

import numpy as np
import pytest
import stepcurve as sc
from bokeh.document import Document
from bokeh.models import Slider
from hypothesis import given, settings
from hypothesis import strategies as st
from stepcurve.descent import VERDICTS
from stepcurve.explore.page import Page
from stepcurve.explore.picture import table
from stepcurve.explore.setting import LETTERS, Schedule, Setting, from_query

from . import choices

SMALL = Setting((Schedule("cosine"), Schedule("plateau"), Schedule("expression")), steps=300, seeds=8)


def page(setting=SMALL):
    return Page(Document(), setting, [])


def widget(page, name):
    return page.document.get_model_by_name(name)


def data(page, name):
    return {key: np.array(values) for key, values in widget(page, name).data.items()}


def state(page):
    names = [f"{kind} {letter}" for kind in ("curve", "loss", "path") for letter in LETTERS]
    return {name: data(page, name) for name in names}


def changed(before, after):
    return {
        name
        for name, columns in after.items()
        for key, values in columns.items()
        if not np.array_equal(values, before[name][key], equal_nan=True)
    }


def test_the_curve_is_drawn_at_every_step_of_a_short_run():
    shown = data(page(), "curve A")
    assert np.array_equal(shown["step"], np.arange(300))
    assert np.array_equal(shown["lr"], sc.cosine(0.05, 0, 300).table(300))


def test_a_slider_moves_its_own_schedule_and_no_other():
    shown = page()
    before = state(shown)
    slider = widget(shown, "lr")
    assert isinstance(slider, Slider)
    slider.value = -2
    assert changed(before, state(shown)) == {"curve A", "loss A", "path A"}
    assert data(shown, "curve A")["lr"].max() == 0.01
    assert "cosine%3Alr%3D0.01" in widget(shown, "address").value
    assert "cosine(0.01, 0, 300)" in widget(shown, "code").text


def test_an_expression_is_drawn_and_a_wrong_one_leaves_the_last_good_picture():
    shown = page(SMALL.with_value("picked", 2))
    box, problem = widget(shown, "text"), widget(shown, "problem")
    box.value = "linear(0.1, 0, 300)"
    good = state(shown)
    assert np.array_equal(good["curve C"]["lr"], sc.linear(0.1, 0, 300).table(300))
    assert not problem.visible
    for wrong, words in WRONG.items():
        box.value = wrong
        assert problem.visible
        assert words in problem.text, wrong
        assert changed(good, state(shown)) == set()
    box.value = "linear(0.2, 0, 300)"
    assert not problem.visible
    assert changed(good, state(shown)) == {"curve C", "loss C", "path C"}


def from_query_of(shown):
    from urllib.parse import parse_qs

    query = parse_qs(widget(shown, "address").value, True)
    return from_query({name: [value.encode() for value in values] for name, values in query.items()})


WRONG = {
    "": "expected a curve or a number, got the end",
    "0.1": "expected a curve, got 0.1",
    "linear(0, <b>": "cannot read &#x27;&lt;b&gt;&#x27; at position 10",
    "__import__('os').system('true')": "unknown name &#x27;__import__&#x27;",
    "cosine(0.1, 0, 3ep)": "position",
    "cosine(0.1, 0, '3ep')": "the run must know its steps_per_epoch",
    "linear(0.1, -0.1, 300)": "a learning rate must be &gt;= 0 and finite",
    "decay(1, 2, 0.001)": "a learning rate must be &gt;= 0 and finite, got inf",
    "constant(0.1, 5).past_end('raise')": "the end of the curve",
    "(" * 900 + "constant(1)" + ")" * 900: "nested more than 130 deep",
    "cosine(1, 0, 1)" + ".repeat(1)" * 180: "deep",
    "constant(1)" * 200: "an expression may have 2000 characters here, got 2200",
}


@pytest.mark.parametrize(
    "text",
    [
        "cosine(0.1, 0, 1e12)",
        "cosine(0.1, 0, 1e-12).repeat()",
        "cosine(0.1, 0, 1).repeat(1e15, 1.001, 0.999)",
        "(" + " >> ".join(["constant(0.1, 1e-9)"] * 80) + ").repeat()",
        "cosine(0.1, 0, 1e-3)" + ".repeat(1e3)" * 50,
        " * ".join(["tanh(1, 0.9, 0.1).repeat()"] * 64),
        "join([" + ", ".join(["constant(1)"] * 100) + "], [" + ", ".join(map(str, range(1, 100))) + "])",
        "infinite(0.1, [" + ", ".join(str(10 * i) for i in range(1, 300)) + "], 1, 1)",
    ],
)
def test_expressions_that_would_cost_much_are_drawn_or_refused(text):
    """At the greatest length of a run; a hang would show."""
    setting = Setting((Schedule("expression", {"text": text}),), steps=1_000_000, seeds=1_024)
    shown = page(setting)
    assert widget(shown, "problem").visible != (data(shown, "curve A")["lr"].size > 0)


def test_too_much_is_told_and_changes_nothing():
    shown = page()
    before = state(shown)
    for name, value, words in [
        ("steps", "1e12", "steps must be a whole number from 1 to 1e+06, got 1e12"),
        ("seeds", "1000000", "seeds must be a whole number from 1 to 1024"),
        ("seed", "-1", "seed must be"),
        ("surface", "sea", "surface must be one of"),
        ("momentum", 7, None),
    ]:
        widget(shown, name).value = value
        if words:
            assert words in widget(shown, "refused").text
            assert changed(before, state(shown)) == set()
    assert shown.setting.momentum == 0.999  # a slider beyond its end is at it
    for _ in range(5):
        shown.add()
    assert len(shown.setting.schedules) == 6
    assert "at most 6 schedules" in widget(shown, "refused").text
    for _ in range(7):
        shown.remove()
    assert len(shown.setting.schedules) == 1


def test_the_plateau_reacts_to_the_loss():
    """Its rate falls, and at other steps for other noise, another momentum or another seed."""
    shown = page(SMALL.with_value("picked", 1))
    falls = data(shown, "curve B")["lr"]
    assert falls[0] == 0.05
    assert falls[-1] < 0.05
    for name, value in (("noise", 3.0), ("with_momentum", "yes"), ("shown", 3), ("surface", "valley")):
        before = data(shown, "curve B")
        widget(shown, name).value = value
        after = data(shown, "curve B")
        assert not np.array_equal(before["lr"], after["lr"]), name
    assert "sc.Plateau(0.05, factor=0.3, patience=5)" in widget(shown, "code").text


def test_the_bars_count_every_seed():
    shown = data(page(), "fared")
    assert shown["x"].tolist() == [
        [surface, momentum, letter]
        for surface in ("bowl", "valley", "minima")
        for momentum in ("plain", "momentum 0.9")
        for letter in "ABC"
    ]
    assert (sum(shown[verdict] for verdict in VERDICTS) == 8).all()


def test_the_scale_of_the_learning_rate():
    shown = page()
    names = []
    for scale in ("log", "log", "linear"):
        widget(shown, "log").value = scale
        names.append([figure.name for figure in shown.figures.top.children])
        assert f"log={scale}" in widget(shown, "address").value or scale == "linear"
    assert names == [["learning rate, log", "paths"]] * 2 + [["learning rate", "paths"]]


def test_schedules_come_and_go():
    shown = page()
    shown.add()
    assert shown.setting.picked == 3
    assert data(shown, "curve D")["lr"].size
    widget(shown, "pick").active = 0
    assert widget(shown, "kind").value == "cosine"
    widget(shown, "kind").value = "wsd"
    assert shown.setting.schedules[0].kind == "wsd"
    shown.remove()
    assert [schedule.kind for schedule in shown.setting.schedules] == ["plateau", "expression", "constant"]
    assert not data(shown, "curve D")["lr"].size


@settings(max_examples=10)
@given(choices.settings(), st.integers(1, 2_000), st.integers(1, 64))
def test_any_setting_is_drawn_or_told(setting, steps, seeds):
    """And a page made from its link is the same."""
    setting = setting.with_value("steps", steps).with_value("seeds", seeds)
    shown = page(setting)
    again = Page(Document(), *from_query_of(shown))
    assert changed(state(shown), state(again)) == set()
    assert widget(again, "address").value == widget(shown, "address").value
    assert widget(again, "problem").text == widget(shown, "problem").text


def test_the_table_has_every_schedule():
    lines = table(SMALL).splitlines()
    assert lines[0] == "step,A,B,C"
    rows = np.array([[float(cell) for cell in line.split(",")] for line in lines[1:]])
    assert np.array_equal(rows[:, 0], np.arange(300))
    assert np.array_equal(rows[:, 1], sc.cosine(0.05, 0, 300).table(300))
    assert rows[0, 2] == 0.05
    assert len(table(SMALL.with_value("steps", 1_000_000)).splitlines()) == 10_001


def test_moves_are_gathered_where_drawing_takes_a_while(monkeypatch):
    shown = page()
    monkeypatch.setattr(Document, "session_context", property(lambda self: object()))
    before = state(shown)
    shown.took = 1.0
    for exponent in (-1.5, -2, -2.5):
        widget(shown, "lr").value = exponent
    assert changed(before, state(shown)) == set()
    assert len(shown.document.session_callbacks) == 1
    shown.flush()
    assert data(shown, "curve A")["lr"][0] == 0.00316


def test_findings_are_shown_as_text(monkeypatch):
    finding = SimpleNamespace(id="rises", severity="warning", steps=(1, 2), message="a < b", remedy="do & be")
    asked = []
    monkeypatch.setattr("stepcurve.explore.code.check", lambda *given: asked.append(given) or [finding])
    shown = page()
    assert asked[-1] == (sc.cosine(0.05, 0, 300), 300)
    assert "<b>warning</b> rises: a &lt; b <i>do &amp; be</i>" in widget(shown, "findings").text
