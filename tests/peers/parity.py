"""How far presets are from their libraries: cases, what is measured of each, and the table of the docs.

`python tests/peers/parity.py` writes docs/parity.md.
"""

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module, metadata
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


PAGE = """# Parity

Every preset with its parameters, and how far it is from the library of its name. This page is written by

    python tests/peers/parity.py

with the packages of `.[peers]`, and [tests](../tests/peers/test_presets.py) hold every row to 1e-12 (1e-11
where a library's own cosine of many waves, or its power of 1 - p, has lost digits). Parameters are random,
{sets} sets a case, and of each set about {steps} steps are compared, from 0 to past the end, boundaries among
them. A difference is relative to the value, and where that is below a thousandth of the peak, to that
thousandth: (1 + cos) / 2 keeps no more digits there.

The oracle is the library itself, in float64: {run}. For the others
({formula}) it is their formulas as plain Python, written from their sources
and not from the presets, in [tests/peers/formulas](../tests/peers/formulas/nemo.py).

| preset | sets | values | worst difference |
|---|--:|--:|--:|
"""
BY_FORMULA = ("composer", "deepspeed", "fairseq", "megatron", "nemo", "torchtitan")


def version(library):
    return metadata.version({"ignite": "pytorch-ignite"}.get(library, library))


def rows(library):
    """A row of Markdown for each preset: the worst difference over all of its cases."""
    measured = {}
    for case in cases(library):
        worst, _, compared = measure(case)
        before = measured.get(case.name, (0, 0, 0.0))
        measured[case.name] = before[0] + SETS, before[1] + compared, max(before[2], worst)
    for name, signature in presets.signatures().items():
        if name in measured:
            sets, compared, worst = measured[name]
            yield f"| `{name}{signature}` | {sets} | {compared} | {worst:.0e} |"


def main():
    run = [f"{name} {version(name)}" for name in modules() if name not in BY_FORMULA]
    head = PAGE.format(sets=SETS, steps=STEPS, run=", ".join(run), formula=", ".join(BY_FORMULA))
    page = Path(__file__).parents[2] / "docs" / "parity.md"
    page.write_text(head + "".join(f"{row}\n" for library in modules() for row in rows(library)))


if __name__ == "__main__":
    os.environ["KERAS_BACKEND"] = "torch"  # in others doubles need more
    warnings.simplefilter("ignore")  # of libraries, when imported and stepped
    main()
