"""Pages show tables of benchmarks that there are, with figures in them."""

import csv
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MARKED = {
    page: re.findall(r"<!-- table: (\w+)(.*?) -->\n(.*?)<!-- end -->", (ROOT / page).read_text(), re.DOTALL)
    for page in ("README.md", "benchmarks/README.md", "docs/performance.md")
}


def benchmarks():
    files = "".join(file.read_text() for file in (ROOT / "benchmarks").glob("bench_*.py"))
    return set(re.findall(r"^def bench_(\w+)", files, re.MULTILINE))


def results():
    with (ROOT / "benchmarks" / "results.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("page", MARKED)
def test_pages_show_benchmarks_that_there_are(page):
    assert MARKED[page]
    for name, _, table in MARKED[page]:
        assert name in benchmarks()
        assert "|---|" in table, f"{name} has no figures: run benchmarks/run.py"


def test_every_benchmark_has_a_table_and_results():
    assert {name for name, _, _ in MARKED["benchmarks/README.md"]} == benchmarks()
    assert {row["table"] for row in results()} == benchmarks()
