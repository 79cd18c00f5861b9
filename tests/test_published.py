"""The published schedules have the values that their papers state."""

import runpy
import sys
from pathlib import Path

import pytest
from oracle import ulps

EXAMPLE = Path(__file__).parents[1] / "examples" / "published_schedules.py"
SCHEDULES = runpy.run_path(str(EXAMPLE))["SCHEDULES"]
STATED = [(s, time) for s in SCHEDULES for time in s.stated]


@pytest.mark.parametrize(("schedule", "time"), STATED, ids=lambda x: getattr(x, "name", str(x)))
def test_a_schedule_has_the_values_of_its_paper(schedule, time):
    # The statements are decimal or a formula in doubles, and some times are no doubles.
    assert ulps(schedule.curve(time), schedule.stated[time]) <= 4


def test_noam_is_its_formula_at_every_step():
    noam = next(s for s in SCHEDULES if "Noam" in s.name).curve
    for step in range(1, 20_000):
        formula = 512**-0.5 * min(step**-0.5, step * 4000**-1.5)
        assert ulps(noam(step), formula) <= 8  # the formula's own roundings among them


def test_llama_2_warms_up_and_ends_at_a_tenth():
    llama = next(s for s in SCHEDULES if "Llama" in s.name).curve
    assert llama.steps == 500_000
    assert llama(1_000) == 0.00015
    assert llama(500_000) == llama(600_000) == 3e-5


def test_sgdr_restarts_at_10_30_70_and_150():
    sgdr = next(s for s in SCHEDULES if "SGDR" in s.name).curve
    table = sgdr.table(200)
    assert [i for i in range(1, 200) if table[i] > table[i - 1]] == [10, 30, 70, 150]


def test_the_example_prints_and_draws(tmp_path, monkeypatch, capsys):
    picture = tmp_path / "schedules.png"
    monkeypatch.setattr(sys, "argv", ["published_schedules.py", "--output", str(picture)])
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    assert picture.read_bytes().startswith(b"\x89PNG")
    printed = capsys.readouterr().out
    for schedule in SCHEDULES:
        assert str(schedule.curve) in printed
