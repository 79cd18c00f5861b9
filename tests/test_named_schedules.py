"""The example of the named schedules, and what the pages on them and on presets say."""

import re
import runpy
import sys
from pathlib import Path

import pytest
import stepcurve as sc
from stepcurve import presets
from stepcurve.cooldowns import KINDS
from stepcurve.reader import SCHEDULES

pytest.importorskip("matplotlib")
ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "schedules.md").read_text()
ROWS = re.findall(r"^\| `(\w+\(.*\))` \| `(.*)` \|$", PAGE, re.MULTILINE)
PRESETS = (ROOT / "docs" / "presets.md").read_text()


def test_the_example_prints_and_draws(tmp_path, monkeypatch, capsys):
    picture = tmp_path / "schedules.png"
    monkeypatch.setattr(sys, "argv", ["named_schedules.py", "--output", str(picture)])
    ran = runpy.run_path(str(ROOT / "examples" / "named_schedules.py"), run_name="__main__")
    assert picture.read_bytes().startswith(b"\x89PNG")
    printed = capsys.readouterr().out
    assert [call.partition("(")[0] for call in ran["CALLS"]] == list(SCHEDULES)
    for text in (*(str(sc.parse(call)) for call in ran["CALLS"]), *KINDS):
        assert text in printed


@pytest.mark.parametrize(("call", "expression"), ROWS)
def test_the_page_has_what_a_call_prints_as(call, expression):
    assert str(sc.parse(call)) == expression


def test_the_page_has_every_schedule_and_every_kind():
    assert len(ROWS) == len(SCHEDULES) - 1  # that of many cooldowns is too long
    for name in (*SCHEDULES, *(f'"{kind}"' for kind in KINDS)):
        assert name in PAGE


def test_the_page_of_presets_names_every_one():
    pages = {section.split("\n")[0]: section for section in re.split(r"^## ", PRESETS, flags=re.MULTILINE)}
    for preset in presets.signatures():
        library, name = preset.split("/")
        assert f"`{name}`" in pages[library], preset


def test_what_was_meant_can_be_made():
    values = {"peak": 0.1, "low": 0.01, "high": 0.1, "alpha": 0.5, "ssr": 2, "mom_min": 0.8, "mom_max": 0.9}
    values["end"] = 0.01
    steps = {"N": 100, "W": 10, "m": 30, "hold": 20, "epoch": 30, "step": 30}
    curves = dict.fromkeys(["main", "a", "b", "curve"], sc.constant(1))
    meant = re.findall(r"`(sc\.\w+\([^`]*\)[^`]*)`", PRESETS)
    codes = [code for code in meant if "..." not in code and "enumerate" not in code]
    assert len(codes) > 50
    for code in codes:
        assert isinstance(eval(code, {"sc": sc, **values, **steps, **curves}), (sc.Curve, sc.Relative)), code
