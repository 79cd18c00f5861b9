"""How far presets are from their libraries: cases, what is measured of each, and the table of the docs.

`python tests/peers/parity.py [library...]` prints the table.
"""

import os
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from stepcurve import presets

SETS = 200  # of parameters, for each schedule
STEPS = 60  # and about so many steps of each set, ends and boundaries among them


@dataclass(frozen=True)
class Case:
    """One schedule of a library.

    `sample(rng)` draws parameters and the steps worth looking at (any iterable of whole numbers; 0 and steps
    past the end among them); `values(steps, parameters)` are the library's own at those steps (or a dict of
    them where the preset is a dict of curves). `tolerance` is relative: 1e-12 where the library computes in
    float64. `make(parameters)` makes the preset if they are not its own.
    """

    name: str
    sample: Callable[[np.random.Generator], tuple[dict[str, Any], Any]]
    values: Callable[[Any, dict[str, Any]], Any]
    tolerance: float = 1e-12
    make: Callable[[dict[str, Any]], Any] | None = None


def past(end):
    """Steps 0 to half of a length behind the end, or to STEPS."""
    return range(max(STEPS, end + end // 2) + 2)


def pick(rng, *values):
    """One of the values, as it is."""
    return values[int(rng.integers(len(values)))]


def whole(rng, low, high):
    return int(rng.integers(low, high + 1))


def difference(ours, theirs):
    """The worst relative difference; of values below a thousandth of the peak, relative to that thousandth,
    since a library's (1 + cos) / 2 keeps no more digits there."""
    theirs = np.asarray(theirs, dtype=np.float64)
    peak = np.abs(theirs).max()
    if peak == 0.0:
        return float(np.abs(ours).max())
    return float((np.abs(ours - theirs) / np.maximum(np.abs(theirs), peak / 1000)).max())


def curves(case, parameters):
    """The preset, as a dict of curves."""
    made = case.make(parameters) if case.make else presets.get(case.name, **parameters)
    return made if isinstance(made, dict) else {"lr": made}


def measure(case, sets=SETS, seed=0):
    """The worst difference over so many sets of parameters, where it was, and the steps compared."""
    rng = np.random.default_rng(seed)
    worst, where, compared = 0.0, None, 0
    for _ in range(sets):
        parameters, steps = case.sample(rng)
        steps = np.unique(np.fromiter(steps, np.float64))
        made, theirs = curves(case, parameters), case.values(steps, parameters)
        theirs = theirs if isinstance(theirs, dict) else {"lr": theirs}
        assert made.keys() == theirs.keys()
        for key, curve in made.items():
            far = difference(curve(steps), theirs[key])
            compared += steps.size
            if not far <= worst:
                worst, where = far, (parameters, key)
    return worst, where, compared


def modules():
    """The libraries that have cases, in order."""
    return sorted(path.stem.partition("_")[2] for path in Path(__file__).parent.glob("parity_*.py"))


def cases(library):
    return import_module(f"parity_{library}").CASES


def table(libraries):
    """Markdown: the worst difference of each preset, over all of its cases."""
    rows = [
        "| preset | sets of parameters | values compared | worst relative difference |",
        "|---|--:|--:|--:|",
    ]
    for library in libraries:
        measured = {}
        for case in cases(library):
            worst, _, compared = measure(case)
            before = measured.get(case.name, (0, 0, 0.0))
            measured[case.name] = before[0] + SETS, before[1] + compared, max(before[2], worst)
        rows += [
            f"| {name} | {sets} | {n} | {worst:.0e} |" for name, (sets, n, worst) in sorted(measured.items())
        ]
    return "\n".join(rows)


if __name__ == "__main__":
    os.environ["KERAS_BACKEND"] = "torch"  # in others doubles need more
    warnings.simplefilter("ignore")  # of libraries, when imported and stepped
    print(table(sys.argv[1:] or modules()))
