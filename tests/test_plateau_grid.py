"""plateau_grid: each row is what torch would have done, and the table says it."""

import sys
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pytest
import stepcurve as sc
from test_plateau import torchs_rates

RNG = np.random.default_rng(0)
LOG = np.exp(-np.arange(150) / 25) + 0.3 + RNG.normal(0, 0.02, 150)
VARIED = {"patience": [1, 3, 8], "factor": [0.1, 0.5], "threshold_mode": ["rel", "abs"]}
FIXED = {"lr": 0.2, "cooldown": 2, "min_lr": 1e-4}


@pytest.mark.parametrize("values", [1 << 20, 100], ids=["at once", "in parts"])
def test_rows_are_torchs(values, monkeypatch):
    monkeypatch.setattr(sys.modules["stepcurve.plateau_grid"], "MAX_VALUES", values)
    grid = sc.plateau_grid(LOG, **FIXED, **VARIED)
    settings = [dict(zip(VARIED, row, strict=True)) for row in product(*VARIED.values())]
    assert len(grid) == len(settings) == 12
    for i, (row, setting) in enumerate(zip(grid, settings, strict=True)):
        rates, _ = torchs_rates({**FIXED, **setting}, LOG.tolist())
        cuts = [step for step in range(150) if rates[step] < (rates[step - 1] if step else 0.2)]
        assert row == {**setting, "cuts": len(cuts), "cut_at": tuple(cuts), "final_lr": rates[-1]}
        assert grid[i] == row
        assert grid.lr(i).tolist() == rates
        assert grid.tracker(i).options["patience"] == setting["patience"]
    assert any(row["cuts"] > 2 for row in grid)
    assert any(row["cuts"] == 0 for row in sc.plateau_grid(LOG, patience=[200]))


def test_a_table_of_pandas():
    grid = sc.plateau_grid(LOG, **FIXED, **VARIED)
    frame = grid.to_pandas()
    assert list(frame.columns) == [*VARIED, "cuts", "cut_at", "final_lr"]
    assert frame.to_dict("records") == list(grid)


def test_it_prints_a_table_and_no_more_than_fits():
    assert str(sc.plateau_grid([1, 1, 1], factor=0.5, patience=0)) == (
        "   cuts  cut_at  final_lr\n0     2  1, 2       0.025"
    )
    lines = str(sc.plateau_grid(LOG, patience=range(100))).splitlines()
    assert len(lines) == 42
    assert [line.split()[0] for line in (lines[1], lines[20], lines[21], lines[22], lines[41])] == [
        *("0", "19", "...", "80", "99")
    ]


def test_a_picture_has_the_metric_and_the_corners_of_each_lr():
    grid = sc.plateau_grid(LOG, lr=0.1, patience=[1, 8], factor=0.5)
    above, below = grid.plot()
    assert above.lines[0].get_ydata().tolist() == LOG.tolist()
    for row, line in enumerate(below.lines):
        steps, lrs = line.get_xdata().astype(int), line.get_ydata()
        assert lrs.tolist() == grid.lr(row)[steps].tolist()
        assert set(grid[row]["cut_at"]) < {*steps.tolist()}
    assert [line.get_label() for line in below.lines] == ["0: patience=1", "1: patience=8"]
    plt.close("all")


BAD = [
    (lambda: sc.plateau_grid([[1.0]]), "history must have shape (steps,), got (1, 1)"),
    (lambda: sc.plateau_grid([]), "history must have at least one metric, got none"),
    (lambda: sc.plateau_grid(["low"]), "history must be real numbers, got an array of <U3"),
    (lambda: sc.plateau_grid(LOG, patience=[]), "patience must have at least one value, got none"),
    (lambda: sc.plateau_grid(LOG, factor=[0.5, 2]), "factor must be > 0 and < 1, got 2"),
    (lambda: sc.plateau_grid(LOG, patience=[1, 2.5]), "patience must be whole numbers, got [1, 2.5]"),
    (lambda: sc.plateau_grid(LOG, runs=3), "plateau_grid makes the runs itself"),
    (lambda: sc.plateau_grid(LOG, patients=[3]), "Plateau.__init__() got an unexpected keyword argument"),
    (lambda: sc.plateau_grid(LOG)[1], "row must be below 1, got 1"),
    (lambda: sc.plateau_grid(LOG).plot([]), "rows must have at least one row, got none"),
    (lambda: sc.plateau_grid(LOG, patience=range(11)).plot(), "rows must be given for 11 settings"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_input(call, message):
    with pytest.raises((ValueError, TypeError, IndexError)) as error:
        call()
    assert str(error.value).startswith(message)
