"""From what pytest-benchmark saved to tables: the least time of each contender, and how it compares.

A page shows a table between `<!-- table: step lr=float groups=1,100 -->` and the next `<!-- end -->`: the
benchmark's name, then the cases and contenders to show, with _ for a space. The machine: `<!-- machine -->`.
"""

import csv
import re
from pathlib import Path

FIELDS = ["table", "case", "contender", "value", "unit", "ratio", "low", "high"]
MARKED = re.compile(r"(<!-- table: (\w+)(.*?) -->\n).*?(<!-- end -->)", re.DOTALL)


def races(saved):
    """What each took, turn by turn, as {(table, case): {contender: [value, ...]}}, and the layouts."""
    taken, layouts = {}, {}
    for each in saved["benchmarks"]:
        info = each["extra_info"]
        contenders = taken.setdefault((info["table"], tuple(info["case"].items())), {})
        value = info["value"] if "value" in info else each["stats"]["min"] / info["units"] * 1e9
        contenders.setdefault(info["contender"], []).append(value)
        layouts[info["table"]] = info["layout"]
    return taken, layouts


def results(taken, layouts):
    """A row for each contender of each case: its least value, and how many times that of another."""
    rows = []
    for (table, case), contenders in taken.items():
        base = contenders[layouts[table]["against"]]
        for name, values in contenders.items():
            ratios = [value / other for value, other in zip(values, base, strict=True)]
            least = {"value": min(values), "unit": layouts[table]["unit"], "ratio": min(values) / min(base)}
            least |= {"low": min(ratios), "high": max(ratios)}
            cases = "; ".join(f"{key}={value}" for key, value in case)
            rows.append({"table": table, "case": cases, "contender": name, **least})
    return rows


def save(rows, file):
    with Path(file).open("w", newline="") as lines:
        out = csv.DictWriter(lines, FIELDS)
        out.writeheader()
        for row in rows:
            out.writerow({name: f"{v:.5g}" if isinstance(v, float) else v for name, v in row.items()})


def load(file):
    with Path(file).open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        row |= {name: float(row[name]) for name in ("value", "ratio", "low", "high")}
        row["dims"] = dict(part.split("=", 1) for part in row["case"].split("; ") if part)
        row["dims"]["contender"] = row["contender"]
    return rows


def digits(value):
    """Three of them."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def times(ratio):
    if ratio < 0.1:
        return f"{ratio:.2g}"
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.1f}" if ratio >= 10 else f"{ratio:.2f}"


def amount(value, unit):
    if unit == "ulp":
        return f"{value:.2f} ulp"
    if unit == "bytes":
        return f"{digits(value / 1e6)} MB" if value >= 1e5 else f"{digits(value)} bytes"
    for size, name in ((1e9, "s"), (1e6, "ms"), (1e3, "us")):
        if value >= size:
            return f"{digits(value / size)} {name}"
    return f"{digits(value)} ns"


def cell(row, against):
    text = amount(row["value"], row["unit"])
    if row["contender"] == against:
        return text
    ratio, low, high = (times(row[key]) for key in ("ratio", "low", "high"))
    return f"{text} · **{ratio}** ({low} to {high})"


def markdown(rows, layout):
    """One table: a row for each case, the values of one of its names as columns."""
    across = layout["columns"]
    heads = list(dict.fromkeys(row["dims"][across] for row in rows))
    if all(head.isdigit() for head in heads):
        heads.sort(key=int)
    down = [name for name in rows[0]["dims"] if name != across and name not in layout["split"]]
    lines = {}
    for row in rows:
        key = tuple(row["dims"][name] for name in down)
        lines.setdefault(key, {})[row["dims"][across]] = cell(row, layout["against"])
    shown = [f"{int(head):,}" if head.isdigit() else head for head in heads]
    named = shown if across == "contender" else [f"{across}: {shown[0]}", *shown[1:]]
    text = [" | ".join(["", *("" if name == "contender" else name for name in down), *named, ""]).strip()]
    text.append("|" + "---|" * (len(down) + len(heads)))
    before = [None] * len(down)
    for key, cells in lines.items():
        new = [part if part != old else "" for part, old in zip(key, before, strict=True)]
        text.append(" | ".join(["", *new, *(cells.get(head, "") for head in heads), ""]).strip())
        before = key
    return "\n".join(text)


def tables(rows, layout):
    """A table for each combination of the names that split it."""
    parts = {}
    for row in rows:
        key = ", ".join(f"{name} {row['dims'][name]}" for name in layout["split"])
        parts.setdefault(key, []).append(row)
    return "\n\n".join((f"{key}:\n\n" if key else "") + markdown(part, layout) for key, part in parts.items())


def fill(text, rows, layouts, machine):
    """The page with every table that it marks and whose benchmark was run, and the machine."""

    def filled(match):
        head, name, wanted, end = match.groups()
        if name not in layouts:
            return match[0]
        pairs = [pair.split("=") for pair in wanted.split()]
        only = {key: values.replace("_", " ").split(",") for key, values in pairs}
        mine = [row for row in rows if row["table"] == name]
        mine = [row for row in mine if all(row["dims"][key] in values for key, values in only.items())]
        if not mine:
            raise ValueError(f"no result for <!-- table: {name}{wanted} -->")
        return f"{head}\n{tables(mine, layouts[name])}\n\n{end}"

    text = MARKED.sub(filled, text)
    return re.sub("(<!-- machine -->\n).*?(\n<!-- end -->)", rf"\g<1>{machine}\g<2>", text, flags=re.DOTALL)
