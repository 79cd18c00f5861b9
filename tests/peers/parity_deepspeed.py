"""DeepSpeed's schedules; OneCycle with momentum and without."""

import formula
import parity
from formulas import deepspeed


def sample_momentum(rng):
    parameters, total = deepspeed.SAMPLES["OneCycle"](rng)
    momentum, _ = deepspeed.SAMPLES["OneCycle_momentum"](rng)
    parameters = {**momentum, **parameters}
    return parameters, formula.steps(rng, parameters, total)


def momentum_values(times, parameters):
    momentum = {
        name: value for name, value in parameters.items() if not name.endswith("lr") and "lr_rate" not in name
    }
    lr = {name: value for name, value in parameters.items() if "mom" not in name}
    return {
        "lr": [deepspeed.OneCycle(int(time), **lr) for time in times],
        "momentum": [deepspeed.OneCycle_momentum(int(time), **momentum) for time in times],
    }


def one_cycle_lr(rng):
    parameters, total = deepspeed.SAMPLES["OneCycle"](rng)
    return {**parameters, "cycle_momentum": False}, formula.steps(rng, parameters, total)


def one_cycle_values(times, parameters):
    lr = {name: value for name, value in parameters.items() if name != "cycle_momentum"}
    return [deepspeed.OneCycle(int(time), **lr) for time in times]


NAMES = ["LRRangeTest", "WarmupLR", "WarmupDecayLR", "WarmupCosineLR"]
CASES = [
    *(formula.case("deepspeed", name) for name in NAMES),
    parity.Case("deepspeed/OneCycle", one_cycle_lr, one_cycle_values),
    parity.Case("deepspeed/OneCycle", sample_momentum, momentum_values),
]
