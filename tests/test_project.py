"""Promises of the project about itself: of what is installed, and of the pages about it."""

import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest
import stepcurve as sc
from stepcurve import lr_scheduler

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", *(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md"))]
MODULES = [m.name for m in pkgutil.walk_packages(sc.__path__, "stepcurve.") if m.name != "stepcurve._core"]


def python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_importing_loads_neither_torch_nor_matplotlib():
    heavy = "torch|matplotlib|click|tqdm|uniplot|bokeh|tornado"
    loaded = python("import sys, stepcurve; print(*sys.modules)").split()
    assert not [name for name in loaded if re.fullmatch(heavy, name.split(".")[0])]


def test_versions_agree():
    version = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1]
    assert sc.__version__ == version
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()


def test_every_public_name_is_documented():
    pages = "".join(page.read_text() for page in (ROOT / "docs").glob("*.md"))
    names = [name for name in dir(sc) if not name.startswith("_") and callable(getattr(sc, name))]
    names += [name for name in vars(sc.Curve) if not name.startswith("_")]
    classes = [
        name for name in vars(lr_scheduler) if name.endswith(("LR", "Restarts", "Plateau", "Scheduler"))
    ]
    assert len(names) > 20
    assert len(classes) == 18
    for name in [*classes, "preview", "to_curve", "check"]:
        owner = lr_scheduler if name in classes else lr_scheduler.LRScheduler
        assert getattr(owner, name).__doc__, name
        assert re.search(rf"\b{name}\b", pages), f"{name} is in no page of the docs"
    for name in names:
        owner = sc if hasattr(sc, name) and name != "steps" else sc.Curve
        assert getattr(owner, name).__doc__, name
        assert re.search(rf"\b{name}\b", pages), f"{name} is in no page of the docs"


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name):
    module = importlib.import_module(name)
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("page", PAGES)
def test_examples_in_pages(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_examples(page)[0] == 0


def run_examples(page):
    """How many examples of a page failed, and the names that they made."""
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)
    runner = doctest.DocTestRunner()
    globs = {}
    for block in blocks:
        test = doctest.DocTestParser().get_doctest(block, globs, page, page, 0)
        runner.run(test, clear_globs=False)
        globs = test.globs
    return runner.summarize().failed, globs


def test_every_page_is_in_the_navigation_of_the_site():
    listed = re.findall(r"^ +- .+: (\S+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(str(p.relative_to(ROOT / "docs")) for p in (ROOT / "docs").rglob("*.md"))


def test_every_public_name_is_in_the_reference():
    pages = "".join(page.read_text() for page in (ROOT / "docs" / "api").glob("*.md"))
    names = [name for name in dir(sc) if not name.startswith("_") and callable(getattr(sc, name))]
    schedulers = {name for name, value in vars(lr_scheduler).items() if isinstance(value, type)} - {"Any"}
    names += [f"lr_scheduler.{name}" for name in schedulers]
    names += [f"presets.{name}" for name in dir(sc.presets)]
    for name in names:
        assert re.search(rf"^::: stepcurve\.(\w+\.)?{name}$", pages, re.MULTILINE), name


def test_every_picture_is_small_and_shown():
    pages = "".join(page.read_text() for page in (ROOT / "docs").glob("*.md"))
    for picture in (ROOT / "docs" / "pictures").glob("*.png"):
        assert picture.stat().st_size < 250_000, picture
        assert f"](pictures/{picture.name})" in pages, picture


def test_links_between_pages_lead_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!http)([^)#]+)[^)]*\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
