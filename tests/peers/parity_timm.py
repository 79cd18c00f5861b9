"""timm: _get_lr(t), which step(t) and step_update(t) write into the groups."""

import sys
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from math import floor, log
from types import ModuleType
from unittest.mock import patch

from parity import Case, pick, whole


@cache
def schedulers():
    """timm's schedulers alone: timm itself imports torchvision, which must be built for this very torch."""
    spec = find_spec("timm")
    if spec is None:
        raise ModuleNotFoundError("No module named 'timm'", name="timm")
    timm = ModuleType("timm")
    timm.__path__ = spec.submodule_search_locations
    with patch.dict(sys.modules, {"timm": timm}):
        return import_module("timm.scheduler"), import_module("timm.scheduler.scheduler_factory")


def made(name, parameters):
    import torch

    parameters = {key: value for key, value in parameters.items() if key != "exact"}
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=parameters.pop("base_lr"))
    package, factory = schedulers()
    if name == "create_scheduler_v2":
        return factory.create_scheduler_v2(optimizer, **parameters)[0]
    return getattr(package, name)(optimizer, **parameters)


def case(name, draw, steps=range(60), tolerance=1e-12):
    def sample(rng):
        parameters = {**draw(rng), "base_lr": 10 ** rng.uniform(-4, 0)}
        if parameters.get("exact", True) is False:
            return parameters, [*steps, *restarts(parameters)]
        return parameters, [
            step for step in steps if "exact" not in parameters or not missed(step, parameters)
        ]

    def values(steps, parameters):
        scheduler = made(name, parameters)
        return [scheduler._get_lr(int(step))[0] for step in steps]

    return Case(f"timm/{name}", sample, values, tolerance)


def restarts(parameters):
    """The steps before, at and behind each; of whole growth, since timm's lr is complex at some others."""
    growth = parameters["cycle_mul"]
    if growth != int(growth):
        return []
    begins = [sum(int(growth) ** i for i in range(count)) * parameters["t_initial"] for count in range(1, 11)]
    first = parameters["warmup_t"] if parameters["warmup_prefix"] else 0
    return [first + begin + by for begin in begins for by in (-1, 0, 1)]


def missed(step, parameters):
    """Whether timm's logarithm takes the step for the last of a cycle though it is the first of the next."""
    growth, steps = parameters["cycle_mul"], parameters["t_initial"]
    step -= parameters["warmup_t"] if parameters["warmup_prefix"] else 0
    if growth == 1 or step <= 0:
        return False
    index = floor(log(1 - step / steps * (1 - growth), growth))
    passed = sum(growth**i for i in range(index + 1)) * steps
    return abs(passed - step) < 1e-9 * step


def warmup(rng):
    return {"warmup_t": pick(rng, 0, whole(rng, 1, 15)), "warmup_lr_init": pick(rng, 0.0, 1e-6)}


def prefixed(rng):
    return {**warmup(rng), "warmup_prefix": pick(rng, True, False)}


def again(rng, *names):
    shapes = {
        "k_decay": pick(rng, 1.0, rng.uniform(0.5, 2)),
        "power": pick(rng, 0.5, 1.0, rng.uniform(0.3, 2)),
    }
    return {
        "t_initial": whole(rng, 1, 30),
        "lr_min": pick(rng, 0.0, 1e-5),
        "cycle_mul": pick(rng, 1.0, 1.0, 2.0, 3.0, 1.5, 1.1),
        "cycle_decay": pick(rng, 1.0, 0.5, 0.1),
        "cycle_limit": pick(rng, 1, 2, 3, 9),
        "exact": pick(rng, True, False),
        **{name: shapes[name] for name in names},
        **prefixed(rng),
    }


def shrinking(rng):
    """Up to t_initial / (1 - cycle_mul) and beyond, where timm takes the logarithm of 0."""
    return {**again(rng), "cycle_mul": pick(rng, 0.5, 0.9, 0.7), "t_initial": whole(rng, 30, 40)}


def tanh(rng):
    return {**again(rng), "lb": pick(rng, -7.0, -3.0), "ub": pick(rng, 3.0, 1.0)}


def wsd(rng):
    total = whole(rng, 1, 50)
    parameters = {
        "t_initial": total,
        "decay_t": whole(rng, 1, total),
        "lr_min": pick(rng, 0.0, 1e-5, 1e-3),
        "stable_fn": pick(rng, "constant", "rsqrt", "power"),
        "stable_timescale": pick(rng, None, rng.uniform(1, 50)),
        "stable_power": pick(rng, 0.5, rng.uniform(0.2, 2)),
        "decay_fn": pick(rng, "1-sqrt", "linear", "cosine", "power", "exp"),
        "decay_power": pick(rng, 0.5, rng.uniform(0.2, 3)),
        "decay_ratio": pick(rng, 0.1, rng.uniform(0.01, 0.9)),
        **warmup(rng),
    }
    if parameters["stable_timescale"] is None and not parameters["warmup_t"]:
        parameters["stable_timescale"] = 10.0
    return parameters


def factory(rng):
    epochs = whole(rng, 20, 40)
    return {
        "sched": pick(rng, "cosine", "tanh", "poly", "step", "multistep", "constant", "wsd", "rsqrt"),
        "num_epochs": epochs,
        "decay_epochs": pick(rng, None, 3, 0.25) if rng.random() < 0.5 else whole(rng, 1, 10),
        "decay_milestones": [3, 7, 20],
        "warmup_epochs": whole(rng, 1, 10),
        "warmup_prefix": pick(rng, True, False),
        "min_lr": pick(rng, 0.0, 1e-6),
        "cycle_limit": pick(rng, 1, 2),
        "stable_timescale": pick(rng, None, 4.0),
        **pick(rng, {}, {"step_on_epochs": False, "updates_per_epoch": 3}),
    }


CASES = [
    case("CosineLRScheduler", lambda rng: again(rng, "k_decay")),
    case("CosineLRScheduler", shrinking),
    case("TanhLRScheduler", tanh),
    # Near the end of a long cycle timm's 1 - p loses digits, and a root doubles the loss.
    case("PolyLRScheduler", lambda rng: again(rng, "k_decay", "power"), tolerance=1e-11),
    case(
        "StepLRScheduler", lambda rng: {"decay_t": pick(rng, 7, 2.5, 0.1), "decay_rate": 0.9, **prefixed(rng)}
    ),
    case(
        "MultiStepLRScheduler",
        lambda rng: {"decay_t": sorted(rng.integers(0, 40, 4).tolist()), "decay_rate": 0.5, **prefixed(rng)},
    ),
    case("WSDLRScheduler", wsd),
    case("create_scheduler_v2", factory, range(130)),
]
