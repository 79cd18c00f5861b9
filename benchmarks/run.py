"""Runs every benchmark and writes what it found: results.csv, chart.png, and the tables of the pages.

python benchmarks/run.py [--quick] [FILE ...]

With files only those are run, and their tables printed. --quick runs small sizes once, to see that all works.
Neither writes anything.
"""

import json
import subprocess
import sys
import tempfile
from datetime import date
from importlib.metadata import version
from pathlib import Path

import chart
import report

HERE = Path(__file__).parent
ROOT = HERE.parent
PAGES = [HERE / "README.md", ROOT / "README.md", ROOT / "docs" / "performance.md"]
RIVALS = ["numpy", "torch", "jax", "optax", "timm", "transformers", "fvcore"]


def measure(arguments, file):
    command = [sys.executable, "-m", "pytest", "-q", "--benchmark-quiet", f"--benchmark-json={file}"]
    subprocess.run([*command, *arguments], cwd=ROOT, check=True)
    return json.loads(file.read_text())


def machine(saved):
    """What the figures were taken on, and when."""
    info, cpu = saved["machine_info"], saved["machine_info"]["cpu"]
    versions = ", ".join(f"{name} {version(name)}" for name in ["stepcurve", *RIVALS])
    return (
        f"{date.today()}, {cpu['brand_raw']}, {cpu['count']} processors, {info['system']}, "
        f"{info['python_implementation']} {info['python_version']}; {versions}."
    )


def main(arguments):
    quick = [name for name in arguments if name == "--quick"]
    named = [name for name in arguments if name != "--quick"]
    with tempfile.TemporaryDirectory() as folder:
        saved = measure([*quick, *(named or sorted(HERE.glob("bench_*.py")))], Path(folder) / "saved.json")
        results, picture = Path(folder) / "results.csv", Path(folder) / "chart.png"
        taken, layouts = report.races(saved)
        report.save(report.results(taken, layouts), results)
        rows = report.load(results)
        if named:
            for name, layout in layouts.items():
                print(f"\n{name}\n\n{report.tables([r for r in rows if r['table'] == name], layout)}")
            return
        chart.draw(rows, picture)
        pages = {page: report.fill(page.read_text(), rows, layouts, machine(saved)) for page in PAGES}
        if not quick:
            (HERE / "results.csv").write_bytes(results.read_bytes())
            (HERE / "chart.png").write_bytes(picture.read_bytes())
            for page, text in pages.items():
                page.write_text(text)


if __name__ == "__main__":
    main(sys.argv[1:])
