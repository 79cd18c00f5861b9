"""The command line: `stepcurve plot`, `table`, `check`, `sweep`, `presets`, `explore` and `config`."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, NoReturn

import numpy as np

from .config import show_config
from .plot import sample_times
from .reader import parse
from .text import number_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .curve import Curve

try:
    import click
    import uniplot
    from tqdm import tqdm
except ImportError as error:  # an entry point has nobody above it to explain the traceback
    print(f"{error}: the command line needs pip install 'stepcurve[cli]'", file=sys.stderr)
    raise SystemExit(1) from None

BLOCK = 2**18
WORKERS = ("accumulation", "world_size")
PICTURES = (".png", ".svg", ".pdf", ".jpg", ".webp")


def fail(error: Exception) -> NoReturn:
    raise click.ClickException(str(error))


class Expression(click.ParamType[Any]):
    name = "expression"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        try:
            return parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="stepcurve")
def main() -> None:
    """Learning-rate schedules as curves.

    An EXPRESSION is what a curve prints as: "linear(0, 3e-4, 2000) >> cosine(3e-4, 3e-5, 498000)".
    """


@main.command()
def config() -> None:
    """Print how stepcurve was built and what it runs on."""
    show_config()


@main.command()
@click.argument("curve", metavar="EXPRESSION", type=Expression())
@click.option("--steps", type=float, help="How far to draw.  [default: the length of the curve]")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A picture, instead.")
def plot(curve: Curve, steps: float | None, output: Path | None) -> None:
    """Draw a curve in the terminal, or into a picture."""
    try:
        if output is not None:
            return save_picture(curve, steps, output)
        times = sample_times(curve, steps)
        values = curve(times)
    except ValueError as error:
        fail(error)
    columns, rows = shutil.get_terminal_size()
    # The frame and its labels take the difference.
    size = {"width": max(20, min(columns, 120) - 14), "height": max(5, min(rows, 30) - 6)}
    try:
        click.echo(uniplot.plot_to_string(values, times, lines=True, title=str(curve), **size))
    except (ValueError, OverflowError):
        low, high = values.min(), values.max()
        raise click.ClickException(f"cannot draw values from {low:g} to {high:g} in a terminal") from None


def save_picture(curve: Curve, steps: float | None, output: Path) -> None:
    if output.suffix not in PICTURES:
        raise click.BadParameter(
            f"must end in one of {', '.join(PICTURES)}, got {output.name}", param_hint="-o"
        )
    try:
        import matplotlib as mpl
        from matplotlib import pyplot
    except ImportError:
        raise click.ClickException("pictures need pip install 'stepcurve[plot]'") from None
    mpl.use("agg")
    figure, axes = pyplot.subplots(layout="constrained")
    curve.plot(steps, ax=axes)
    if len(str(curve)) < 100:
        axes.set_title(str(curve), fontsize="medium")
    with written(output) as file:
        figure.savefig(file, format=output.suffix[1:], dpi=150)


@main.command()
@click.argument("curve", metavar="EXPRESSION", type=Expression())
@click.option("--steps", type=click.IntRange(min=1, max=2**53), required=True, help="How many values.")
@click.option("--start", type=float, default=0.0, help="The first step.  [default: 0]")
@click.option("--stride", type=float, default=1.0, help="From one step to the next.  [default: 1]")
@click.option("--dtype", type=click.Choice(["float64", "float32"]), default="float64", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
def table(curve: Curve, steps: int, start: float, stride: float, dtype: str, output: Path) -> None:
    """Write the values of a curve to OUTPUT, a .npy or .csv file.

    The file appears when it is whole: an interrupted command leaves nothing behind.
    """
    writers = {".npy": write_npy, ".csv": write_csv}
    if output.suffix not in writers:
        raise click.BadParameter(f"must end in .npy or .csv, got {output.name}", param_hint="-o")

    try:
        curve(start)
        curve(start + stride * (steps - 1))
        curve.table(1, stride=stride)
        with written(output) as file:
            writers[output.suffix](file, blocks(curve, steps, start, stride, dtype), steps, dtype)
    except ValueError as error:
        fail(error)


@main.command()
@click.argument("spec", metavar="SPEC.toml", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="A Zarr store.")
def sweep(spec: Path, output: Path) -> None:
    """Write the tables of a sweep to OUTPUT, a Zarr store.

    Stopped at any moment, the same command writes what is missing. The file names the parameters of a curve
    and the values they take:

    \b
      curve = "linear(0, peak, warmup) >> cosine(peak, 0.1 * peak, 10_000 - warmup)"
      steps = 10_000
      [axes]
      peak = {geomspace = [1e-5, 1e-2, 100]}     # or linspace, arange
      warmup = [500, 2_000]
    """
    from .sweep_spec import read_spec

    try:
        read = read_spec(spec)
        read.sweep.save(output, read.steps, **read.options, progress=sys.stderr.isatty())
    except OSError as error:
        raise click.ClickException(error.strerror or str(error)) from None
    except (ImportError, TypeError, ValueError) as error:
        fail(error)
    shape = " x ".join(f"{name} {size}" for name, size in zip(read.sweep.dims, read.sweep.shape, strict=True))
    click.echo(f"{output}: {shape} x step {read.steps}")


@main.command()
@click.argument("curve", metavar="EXPRESSION", type=Expression())
@click.option("--steps", type=click.IntRange(min=1), help="Optimizer steps of the run.")
@click.option("--epochs", type=float)
@click.option("--steps-per-epoch", type=float)
@click.option("--tokens", type=float)
@click.option("--tokens-per-step", type=float)
@click.option("--samples", type=float)
@click.option("--batch-size", type=float)
@click.option("--accumulation", type=int, default=1, help="Micro-batches a step.  [default: 1]")
@click.option("--world-size", type=int, default=1, help="Workers.  [default: 1]")
@click.option("--per", type=click.Choice(["step", "epoch"]), default="step", help="When the lr changes.")
def check(curve: Curve, per: Literal["step", "epoch"], **of_run: Any) -> None:
    """Tell what is likely wrong with a curve for a run.

    Exits with 1 if that is a warning or an error, with 0 if there is nothing or information alone, and with 2
    if the expression or the run cannot be read.
    """
    from .checks import check as check_curve
    from .run import Run

    known = any(value is not None for name, value in of_run.items() if name not in WORKERS)
    try:
        findings = check_curve(curve, Run(**of_run) if known else None, per=per)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    click.echo(findings)
    if not findings.sound:
        sys.exit(1)


@main.command()
@click.argument("text", default="")
def presets(text: str) -> None:
    """List other libraries' schedules and their parameters, those with TEXT in their name."""
    from .presets import signatures

    found = {name: signature for name, signature in signatures().items() if text.lower() in name.lower()}
    if not found:
        raise click.ClickException(f"no preset has {text!r} in its name")
    for name, signature in found.items():
        click.echo(f"{click.style(name, bold=True)}{signature}")


@main.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=5007, show_default=True, help="0: any free one."
)
@click.option("--no-browser", is_flag=True, help="Do not open the page.")
def explore(port: int, no_browser: bool) -> None:
    """Schedules to play with, on a page that is served to this machine alone: http://127.0.0.1:PORT/."""
    from .explore import serve

    try:
        serve(port, open_browser=not no_browser)
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error}: the page needs pip install 'stepcurve[explore]'") from None
    except OSError as error:
        raise click.ClickException(f"cannot listen on port {port}: {error.strerror}") from None


Block = tuple["np.ndarray[Any, Any]", "np.ndarray[Any, Any]"]


def blocks(curve: Curve, steps: int, start: float, stride: float, dtype: str) -> Iterator[Block]:
    """Times and values, under a progress bar that shows only where it takes a while."""
    with tqdm(total=steps, unit="step", unit_scale=True, delay=1, disable=None) as bar:
        for first in range(0, steps, BLOCK):
            times = start + stride * np.arange(first, min(first + BLOCK, steps), dtype=np.float64)
            with np.errstate(over="ignore"):  # beyond float32 a value is infinite, as in a table
                values = curve(times).astype(dtype, copy=False)
            yield times, values
            bar.update(times.size)


def write_npy(file: IO[bytes], blocks: Iterator[Block], steps: int, dtype: str) -> None:
    header = {
        "descr": np.lib.format.dtype_to_descr(np.dtype(dtype)),
        "fortran_order": False,
        "shape": (steps,),
    }
    np.lib.format.write_array_header_1_0(file, header)
    for _, values in blocks:
        file.write(values.data)


def write_csv(file: IO[bytes], blocks: Iterator[Block], steps: int, dtype: str) -> None:
    file.write(b"step,value\n")
    for times, values in blocks:
        pairs = zip(times.tolist(), values, strict=True)
        file.write("".join(f"{number_text(time)},{value}\n" for time, value in pairs).encode())


@contextmanager
def written(output: Path) -> Iterator[IO[bytes]]:
    """A file that takes the output's name when all of it is there, and goes away otherwise."""
    try:
        handle, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
    except OSError as error:
        raise click.ClickException(f"cannot write {output}: {error.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(output)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise click.ClickException(f"cannot write {output}: {error.strerror}") from None
        raise
