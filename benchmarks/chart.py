"""The chart of the results: how many times stepcurve's time its rivals take, and tables as they grow."""

import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt

COLOURS = {"stepcurve": "black", "floor": "grey"}
NAMES = {
    "sweep": "a sweep",
    "plateau": "a metric of a run",
    "replay": "a log of a run",
    "population": "100,000 runs",
}


def pick(rows, table, **wanted):
    mine = [row for row in rows if row["table"] == table]
    return [row for row in mine if all(row["dims"][name] == value for name, value in wanted.items())]


def bars(axes, rows, label, title):
    """A bar for each row, from 1, with the range of its turns."""
    rows = [row for row in rows if row["contender"] not in ("stepcurve", "floor")]
    names, ratios = [label(row) for row in rows], [row["ratio"] for row in rows]
    spread = [[row["ratio"] - min(row["low"], row["ratio"]) for row in rows]]
    spread += [[max(row["high"], row["ratio"]) - row["ratio"] for row in rows]]
    axes.barh(names, [ratio - 1 for ratio in ratios], left=1, xerr=spread, color="tab:blue", ecolor="grey")
    axes.set(xscale="log", title=title, xlabel="times stepcurve's time")
    axes.axvline(1, color="black", linewidth=0.8)
    axes.invert_yaxis()
    for name, ratio in zip(names, ratios, strict=True):
        colour = "white" if ratio > 1.5 else "black"
        axes.annotate(f" {ratio:.3g}", (1, name), va="center", color=colour, fontsize=7)


def lengths(axes, rows):
    """Nanoseconds a value of a table, by its steps."""
    contenders = dict.fromkeys(row["contender"] for row in rows)
    axes.set_prop_cycle(color=plt.get_cmap("tab20").colors)
    for name in contenders:
        line = [(int(row["dims"]["steps"]), row["value"]) for row in rows if row["contender"] == name]
        marker = "o" if len(line) > 1 else "D"
        axes.plot(*zip(*line, strict=True), marker=marker, markersize=3, label=name, color=COLOURS.get(name))
    axes.set(xscale="log", yscale="log", title="A table of a cosine", xlabel="steps", ylabel="ns a value")
    axes.legend(fontsize=6, ncols=2)


def draw(rows, file):
    figure, ((step, hundred), (table, many)) = plt.subplots(2, 2, figsize=(12, 10), layout="constrained")
    for axes, groups in ((step, "1"), (hundred, "100")):
        steps = [row for row in pick(rows, "step", lr="float", groups=groups) if row["contender"] == "torch"]
        title = f"A step of torch's class, {groups} param group{'s' * (groups != '1')}"
        bars(axes, steps, lambda row: row["dims"]["scheduler"], title)
    lengths(table, pick(rows, "table"))
    others = pick(rows, "sweep", sweep="300 x 50000") + pick(rows, "plateau") + pick(rows, "replay")
    others += pick(rows, "population", runs="100000")
    named = {
        "plateau": "plateau, a metric",
        "replay": "plateau, a log",
        "population": "plateau, 100,000 runs",
    }
    rivals = [row for row in others if not row["contender"].startswith(("stepcurve", "EarlyStop"))]
    bars(
        many,
        rivals,
        lambda row: f"{named.get(row['table'], row['table'])}: {row['contender']}",
        "Sweeps and plateaus",
    )
    figure.savefig(file, dpi=80)
