"""The command line as a user runs it."""

import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import stepcurve as sc
import xarray as xr
from click.testing import CliRunner
from stepcurve.cli import main

TEXT = "linear(0, 1, 10) >> cosine(1, 0, 90)"
CURVE = sc.parse(TEXT)


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_plot_draws_in_the_terminal():
    result = run("plot", TEXT)
    assert result.exit_code == 0
    assert TEXT in result.output
    assert any("▀" <= c <= "▟" for c in result.output)


@pytest.mark.parametrize(("suffix", "magic"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_plot_draws_a_picture(tmp_path, suffix, magic):
    picture = tmp_path / f"curve.{suffix}"
    assert run("plot", TEXT, "-o", picture).exit_code == 0
    assert picture.read_bytes().startswith(magic)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_table_writes_npy(tmp_path, dtype):
    file = tmp_path / "table.npy"
    result = run(
        "table", TEXT, "--steps", 3_000_000, "--stride", 0.5, "--start", 3, "--dtype", dtype, "-o", file
    )
    assert result.exit_code == 0, result.output
    assert np.array_equal(np.load(file), CURVE.table(3_000_000, start=3, stride=0.5, dtype=dtype))


def test_table_writes_csv_that_reads_back(tmp_path):
    file = tmp_path / "table.csv"
    assert run("table", TEXT, "--steps", 70_000, "--stride", 0.25, "-o", file).exit_code == 0
    assert file.read_text().startswith("step,value\n0,0.0\n0.25,0.025\n")
    steps, values = np.loadtxt(file, delimiter=",", skiprows=1).T
    assert np.array_equal(steps, np.arange(70_000) / 4)
    assert np.array_equal(values, CURVE(steps))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["plot", "linear(0, 1, -3)"], "steps must be > 0, got -3 at position 0"),
        (["plot", "line(0)"], "unknown name 'line' at position 0"),
        (["plot", "decay(1, 0.5)"], "steps must be given to draw an endless curve"),
        (["plot", TEXT, "--steps", "-1"], "steps must be > 0, got -1"),
        (["plot", TEXT, "--steps", "nan"], "steps must be"),
        (["plot", "decay(1, 2)", "--steps", "5000"], "cannot draw values from 1 to inf in a terminal"),
        (["plot", TEXT, "-o", "curve.txt"], "must end in one of .png"),
        (["plot", TEXT, "-o", "missing/curve.png"], "No such file or directory"),
        (["table", TEXT, "--steps", "0", "-o", "t.npy"], "0 is not in the range"),
        (["table", TEXT, "--steps", "5", "-o", "t.txt"], "must end in .npy or .csv, got t.txt"),
        (["table", TEXT, "--steps", "5", "-o", "missing/t.npy"], "No such file or directory"),
        (["table", TEXT, "--steps", "5", "--stride", "0", "-o", "t.npy"], "stride must be > 0, got 0"),
        (["table", f"({TEXT}).past_end('raise')", "--steps", "500", "-o", "t.npy"], "the end of the curve"),
    ],
)
def test_mistakes_are_told_and_leave_nothing_behind(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code in (1, 2)
    assert message in result.output
    assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_table_leaves_nothing_behind(tmp_path):
    """And the file that was there before stays."""
    file = tmp_path / "table.npy"
    np.save(file, [1.0, 2.0])
    command = [
        sys.executable,
        "-c",
        "from stepcurve.cli import main; main()",
        "table",
        TEXT,
        "--steps",
        str(4 * 10**9),
        "-o",
        str(file),
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"Traceback" not in errors
    assert [p.name for p in tmp_path.iterdir()] == ["table.npy"]
    assert np.load(file).tolist() == [1, 2]


SPEC = """
curve = "linear(0, peak, warmup) >> cosine(peak, 0.1 * peak, 1_000 - warmup)"
steps = 1_000
[axes]
peak = {geomspace = [1e-5, 1e-2, 7]}
warmup = [50, 200]
"""


def test_sweep_writes_a_store_and_completes_it(tmp_path):
    spec, store = tmp_path / "sweep.toml", tmp_path / "sweep.zarr"
    spec.write_text(SPEC)
    result = run("sweep", spec, "-o", store)
    assert result.output == f"{store}: peak 7 x warmup 2 x step 1000\n"
    grid = sc.sweep(
        lambda peak, warmup: sc.linear(0, peak, warmup) >> sc.cosine(peak, 0.1 * peak, 1_000 - warmup),
        peak=np.geomspace(1e-5, 1e-2, 7),
        warmup=[50, 200],
    )
    assert np.array_equal(xr.open_zarr(store).value.values, grid.table(1_000))
    next(file for file in (store / "value" / "c").rglob("*") if file.is_file()).unlink()
    assert run("sweep", spec, "-o", store).exit_code == 0
    assert np.array_equal(xr.open_zarr(store).value.values, grid.table(1_000))


def test_sweep_takes_ranges_pairs_and_strides(tmp_path):
    spec, store = tmp_path / "sweep.toml", tmp_path / "sweep.zarr"
    spec.write_text(
        'curve = "linear(a, b, 10)"\nsteps = 4\nmode = "zip"\nstart = 1\nstride = 2\ndtype = "float32"\n'
        "axes = {a = {linspace = [0, 1, 3]}, b = {arange = [3]}}"
    )
    assert run("sweep", spec, "-o", store).exit_code == 0
    values = xr.open_zarr(store).value
    assert values.dtype == np.float32
    for i, (a, b) in enumerate([(0, 0), (0.5, 1), (1, 2)]):
        wanted = sc.linear(a, b, 10).table(4, start=1, stride=2, dtype="float32")
        assert np.array_equal(values[i].values, wanted)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("curve =", "curve", "sweep.toml is no TOML"),
        ("steps = 1_000", "", "sweep.toml must have 'steps'"),
        ("steps = 1_000", "steps = 0", "steps must be > 0, got 0"),
        ("steps = 1_000", "steps = '9'", "steps must be a whole number, got '9'"),
        ("steps", "step", "'step' is none of curve, steps, axes, mode, start, stride, dtype"),
        (
            "[axes]",
            "mode = 'zip'\n[axes]",
            "axes must have one length with mode='zip', got peak: 7, warmup: 2",
        ),
        (
            "cosine(",
            "cosin(",
            "unknown name 'cosin' at position 27, for the member with peak=1e-05, warmup=50",
        ),
        (
            "[50, 200]",
            "[50, 1_000]",
            "steps must be > 0, got 0 at position 27, for the member with peak=1e-05",
        ),
        ("[50, 200]", "[]", "warmup must have at least one value, got none"),
        ("[50, 200]", "50", "warmup must be a list or one-dimensional array of values, got 50"),
        ("[50, 200]", "['a']", "warmup must be a number, got 'a'"),
        (
            "geomspace = [1e-5, ",
            "geomspace = [0, ",
            "geomspace of peak: Geometric sequence cannot include zero",
        ),
        ("geomspace", "logspace", "peak must be a list of numbers or one of linspace, geomspace, arange"),
        ("7]", "'7']", "geomspace of peak takes a list of numbers"),
        ('"linear', "3 #", "curve must be an expression, got 3"),
    ],
)
def test_sweep_names_what_is_wrong_with_a_spec(tmp_path, old, new, message):
    spec, store = tmp_path / "sweep.toml", tmp_path / "sweep.zarr"
    assert old in SPEC
    spec.write_text(SPEC.replace(old, new, 1))
    result = run("sweep", spec, "-o", store)
    assert result.exit_code == 1
    assert message in result.output
    assert not store.exists()


def test_presets_are_listed():
    result = run("presets", "COSINE")
    assert result.exit_code == 0
    assert (
        "transformers/cosine(num_warmup_steps, num_training_steps, num_cycles=0.5, *, base_lr=1.0)\n"
        in result.output
    )
    assert all("cosine" in line.lower() for line in result.output.splitlines())
    assert len(run("presets").output.splitlines()) == len(sc.presets.signatures()) > 100
    missing = run("presets", "nothing")
    assert (missing.exit_code, missing.output) == (1, "Error: no preset has 'nothing' in its name\n")


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["--steps", 100], 0, "first-step-zero"),
        ([], 0, "first-step-zero"),
        (["--steps", 150], 1, "ends-early"),
        (["--epochs", 100, "--steps-per-epoch", 50], 1, "lengths-in-epochs"),
        (["--epochs", 100, "--steps-per-epoch", 50, "--per", "epoch"], 0, "first-step-zero"),
        (["--steps", 50, "--accumulation", 2], 1, "lengths-in-micro-batches"),
        (["--tokens", 1e6, "--tokens-per-step", 1e4], 0, "first-step-zero"),
        (["--samples", 6400, "--batch-size", 8, "--world-size", 8], 0, "first-step-zero"),
        (["--steps", 50, "--per", "epoch"], 2, "run must know its epochs"),
        (["--steps", 50, "--epochs", 3, "--steps-per-epoch", 7], 2, "a run has one number of steps"),
        (["--epochs", 3], 2, "run must know its steps"),
        (["--steps", 0], 2, "0 is not in the range"),
    ],
)
def test_check_tells_and_exits_accordingly(arguments, status, message):
    result = run("check", TEXT, *arguments)
    assert result.exit_code == status, result.output
    assert message in result.output
    assert "Traceback" not in result.output


def test_check_resolves_units():
    result = run("check", "cosine(1, 0, '10ep')", "--epochs", 10, "--steps-per-epoch", 50)
    assert (result.exit_code, result.output) == (0, "no findings\n")
    assert run("check", "cosine(1, 0, '10ep')").exit_code == 2
