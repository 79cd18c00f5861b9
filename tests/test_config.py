import os
import subprocess
import sys

import numpy as np
import pytest
import stepcurve as sc
from click.testing import CliRunner
from stepcurve import _core
from stepcurve.cli import main


def test_printed_and_returned_configurations_agree(capsys):
    config = sc.show_config("dicts")
    assert sc.show_config() is None
    printed = capsys.readouterr().out
    assert CliRunner().invoke(main, ["config"]).output == printed
    lines = dict(line.split(maxsplit=1) for line in printed.splitlines())
    assert lines == {k: v if isinstance(v, str) else ", ".join(v) for k, v in config.items()}
    assert (config["stepcurve"], config["numpy"]) == (sc.__version__, np.__version__)
    assert all(config.values())


def test_contraction_is_off_in_every_build():
    config = sc.show_config("dicts")
    assert "-ffp-contract=off" in config["flags"] or "/fp:precise" in config["flags"]


def test_runnable_targets_are_among_those_built(target):
    config = sc.show_config("dicts")
    assert config["target"] == target
    assert set(config["targets_runnable"]) <= set(config["targets_built"])


@pytest.mark.parametrize("target", _core.runnable_targets())
def test_the_environment_chooses_the_target(target):
    code = "import stepcurve as sc; print(sc.show_config('dicts')['target'])"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"STEPCURVE_TARGET": target},
        capture_output=True,
        text=True,
    )
    assert run.stdout.strip() == target, run.stderr


def test_another_mode_is_refused():
    with pytest.raises(ValueError, match="mode must be 'stdout' or 'dicts', got 'json'"):
        sc.show_config("json")
