"""NeMo's schedules. Where it takes group 0's lr for every group, presets have one lr, base_lr."""

from formula import case
from formulas import nemo


def ours(parameters):
    return {name: value for name, value in parameters.items() if name != "group0_lr"}


def t5(parameters):
    return {name: value for name, value in parameters.items() if name != "base_lr"}


CASES = [case("nemo", name, ours=t5 if name.startswith("T5") else ours) for name in nemo.SAMPLES]
