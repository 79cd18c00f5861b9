"""Every preset against the library whose name it has, run."""

import os
from importlib import import_module
from pathlib import Path

import parity
import pytest
from stepcurve import presets

os.environ["KERAS_BACKEND"] = "torch"  # in others doubles need more; Keras reads it when a test imports it
MODULES = sorted(path.stem for path in Path(__file__).parent.glob("parity_*.py"))
CASES = [pytest.param(case, id=case.name) for name in MODULES for case in import_module(name).CASES]
pytestmark = pytest.mark.filterwarnings("ignore")  # of libraries, when imported and stepped


@pytest.mark.parametrize("case", CASES)
def test_preset_is_what_the_library_computes(case):
    try:
        worst, where, compared = parity.measure(case)
    except ModuleNotFoundError as missing:
        if missing.name.startswith("stepcurve"):
            raise
        pytest.skip(f"{missing.name} is not installed")
    assert worst <= case.tolerance, where
    assert compared >= parity.SETS


@pytest.mark.parametrize("library", presets.LIBRARIES)
def test_every_preset_is_compared(library):
    public = import_module(f"stepcurve.presets.{library}").__all__
    assert public == sorted(public)
    compared = {case.values[0].name for case in CASES}
    assert {f"{library}/{name}" for name in public} <= compared
