"""The schedules to pick: their curves, and lines of torch that give the same learning rates."""

import re

import numpy as np
import pytest
import stepcurve as sc
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from stepcurve import lr_scheduler
from stepcurve.explore.code import code
from stepcurve.explore.kinds import KINDS
from stepcurve.explore.picture import curve_of
from stepcurve.explore.setting import Schedule

from .choices import schedules, values_of

WITH_LINES = [name for name, kind in KINDS.items() if kind.line and kind.make]


def stepped(line, lr, steps):
    """What torch's class gives, made by the line: by a preview, which is torch's to the bit."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    made = eval(
        line, {name: getattr(lr_scheduler, name) for name in lr_scheduler.__all__}, {"optimizer": optimizer}
    )
    return made.preview(steps - 1)[:, 0]


def favoured(name):
    """Where torch has a class: whole growths, a straight cooldown."""
    kept = {"restarts": {"growth": st.sampled_from([1.0, 2.0, 3.0]), "decay": st.just(1.0)}}
    kept |= {"wsd": {"fall": st.just("linear")}, "cyclic": {"decay": st.sampled_from([1.0, 0.5])}}
    given = {param.name: values_of(param) for param in KINDS[name].params} | kept.get(name, {})
    return st.fixed_dictionaries(given)


@pytest.mark.parametrize("name", WITH_LINES)
@settings(max_examples=100)
@given(data=st.data(), steps=st.integers(2, 400))
def test_the_line_of_torch_gives_the_curve(name, data, steps):
    values = Schedule(name, data.draw(favoured(name))).values
    line = KINDS[name].line(values, steps)
    try:
        curve = KINDS[name].make(values, steps)
    except ValueError as error:
        assert "steps" in str(error)  # a run of few
        return
    if not line:
        return
    truth = curve(np.arange(steps))
    lr = values["low"] if name == "cyclic" else values["lr"]
    ours = stepped(line, lr, steps)
    scale = max(truth.max(), ours.max(), lr)
    # torch's recurrences round at every step and cancel near their ends; being a step off is far more
    assert (np.abs(ours - truth) <= 1e-9 * np.maximum(truth, scale * 1e-5)).all(), line


def test_most_kinds_have_a_line_as_they_come():
    without = {
        name for name, kind in KINDS.items() if not kind.line or not kind.line(Schedule(name).values, 1_000)
    }
    assert without == {"wsd", "expression"}


@given(schedules(), st.integers(1, 1_000_000))
def test_every_choice_is_a_curve_or_a_message(schedule, steps):
    try:
        curve = curve_of(schedule, steps)
    except ValueError as error:
        assert schedule.kind == "expression" or re.search("steps|nonzero", str(error))
        return
    if curve is None:
        assert schedule.kind == "plateau"
    else:
        assert sc.parse(str(curve)) == curve


@given(schedules(), st.integers(10, 10_000))
def test_the_code_is_what_it_says(schedule, steps):
    try:
        curve = curve_of(schedule, steps)
    except ValueError:
        return
    text = code(schedule, curve, steps)
    if curve is not None:
        assert eval(re.search(r"^lr = (.*)$", text, re.MULTILINE)[1], {"sc": sc}) == curve
        assert "CurveScheduler(optimizer, lr=lr)" in text
    else:
        tracker = eval(re.search(r"^tracker = (.*)$", text, re.MULTILINE)[1], {"sc": sc})
        assert tracker.lr == schedule.values["lr"]
        assert "ReduceLROnPlateau" in text
