"""Promises about the source. An installed wheel is tested without this file: there is none."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def files(pattern, apart_from):
    found = [file for file in ROOT.glob(pattern) if apart_from not in file.parts]
    assert len(found) > 20
    return found


def test_only_the_bindings_know_python():
    for file in files("cpp/**/*.[ch]pp", apart_from="bindings"):
        assert not re.search(r"pybind11|Python\.h", file.read_text()), file


def test_only_the_schedulers_know_torch():
    for file in files("python/**/*.py", apart_from="lr_scheduler"):
        assert not re.search(r"^\s*(import|from) torch", file.read_text(), re.MULTILINE), file


def test_constants_of_the_core_are_what_their_script_makes():
    script = ROOT / "cpp" / "tools" / "fit_math.py"
    subprocess.run([sys.executable, script, "--check"], check=True)


def test_every_source_of_the_core_is_built():
    listed = re.findall(r"^  +(cpp/\S+\.cpp)", (ROOT / "CMakeLists.txt").read_text(), re.MULTILINE)
    there = [
        str(file.relative_to(ROOT))
        for kind in ("src", "bindings")
        for file in ROOT.glob(f"cpp/{kind}/**/*.cpp")
    ]
    assert sorted(there) == sorted(set(listed))
