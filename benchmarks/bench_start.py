"""What do importing, building and installing cost?"""

import shutil
import subprocess
import sys
from pathlib import Path
from time import perf_counter_ns
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = ["pyproject.toml", "CMakeLists.txt", "README.md", "LICENSE", "cpp", "python"]
IMPORT = """
import time, numpy
begin = time.perf_counter_ns()
import MODULE
print(time.perf_counter_ns() - begin)
"""


def python(*arguments):
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("contender", ["stepcurve", "optax", "torch", "transformers"])
@pytest.mark.parametrize("start", ["import, after NumPy"])
def bench_import(measured, start, contender):
    """Importing, each in a process of its own."""
    measured(float(python("-c", IMPORT.replace("MODULE", contender))))


@pytest.fixture(scope="session")
def sources(tmp_path_factory):
    """What a wheel is built of, where nothing has been built yet."""
    folder = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    return folder


@pytest.mark.slow
@pytest.mark.table(turns=1)
@pytest.mark.parametrize("contender", ["stepcurve"])
@pytest.mark.parametrize("build", ["pip wheel, its environment included"])
def bench_build(measured, sources, build, contender):
    """Building a wheel from nothing."""
    begin = perf_counter_ns()
    python("-m", "pip", "wheel", "--no-deps", "--wheel-dir", sources / "wheels", sources)
    measured(perf_counter_ns() - begin)


@pytest.mark.slow
@pytest.mark.table(turns=1, unit="bytes")
@pytest.mark.parametrize("contender", ["stepcurve", "the extension in it"])
@pytest.mark.parametrize("size", ["the wheel, before it is repaired"])
def bench_size(measured, sources, size, contender):
    """What is downloaded, and the compiled part of it as it is installed."""
    (wheel,) = (sources / "wheels").glob("*.whl")
    with ZipFile(wheel) as archive:
        extension = sum(file.file_size for file in archive.infolist() if "_core" in file.filename)
    measured(wheel.stat().st_size if contender == "stepcurve" else extension)
