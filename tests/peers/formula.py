"""Cases of libraries that are not run: their schedules as functions of a step, written from their sources."""

from importlib import import_module
from itertools import combinations_with_replacement

import parity

STEPS = 60  # at random, in addition to those that parameters name


def steps(rng, parameters, total):
    """Beginning, end and beyond, and every sum of two parameters, with their neighbours."""
    last = total + total // 2 + 2
    named = [0, total] + [
        int(value) for value in parameters.values() if type(value) in (int, float) and 0 <= value <= last
    ]
    sums = [first + second for first, second in combinations_with_replacement(named, 2)]
    near = [step + offset for step in sums for offset in (-1, 0, 1)]
    chosen = {*near, *rng.integers(0, last + 1, STEPS).tolist(), last}
    return sorted(step for step in chosen if 0 <= step <= last)


def until_it_raises(function, parameters, wanted):
    """The steps that the library has a value for: it never has one after the first that it has not."""
    known = []
    try:
        for step in wanted:
            function(step, **parameters)
            known.append(step)
    except (ArithmeticError, AssertionError, ValueError):
        pass
    return known


def case(library, name, preset=None, ours=dict, tolerance=1e-12):
    """The case of a function of `formulas`, of the parameters drawn as `ours` has them."""
    module = import_module(f"formulas.{library}")
    function, draw = getattr(module, name), module.SAMPLES[name]

    def sample(rng):
        parameters, total = draw(rng)
        parameters = ours(parameters)
        return parameters, until_it_raises(function, parameters, steps(rng, parameters, total))

    def values(times, parameters):
        return [function(int(time), **parameters) for time in times]

    return parity.Case(f"{library}/{preset or name}", sample, values, tolerance)
