"""Megatron-LM's schedule, of the learning rate and of the weight decay at once."""

import formula
import parity
from formulas import megatron


def sample(rng):
    lr, total = megatron.SAMPLES["lr"](rng)
    decay, steps = megatron.SAMPLES["weight_decay"](rng)
    del decay["wd_mult"]
    parameters = {**lr, **decay}
    return parameters, formula.steps(rng, parameters, max(total, steps))


def values(times, parameters):
    decay = {
        name: value
        for name, value in parameters.items()
        if "wd_incr" in name or name in ("start_wd", "end_wd")
    }
    lr = {name: value for name, value in parameters.items() if name not in decay}
    return {
        "lr": [megatron.lr(int(time), **lr) for time in times],
        "weight_decay": [megatron.weight_decay(int(time), **decay) for time in times],
    }


CASES = [parity.Case("megatron/OptimizerParamScheduler", sample, values)]
