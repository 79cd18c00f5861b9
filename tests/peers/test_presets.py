"""Every preset against the library whose name it has, run."""

import os
from contextlib import contextmanager
from importlib import import_module

import numpy as np
import parity
import pytest
import stepcurve as sc
from stepcurve import presets

os.environ["KERAS_BACKEND"] = "torch"  # in others doubles need more; Keras reads it when a test imports it
CASES = [pytest.param(case, id=case.name) for library in parity.modules() for case in parity.cases(library)]
pytestmark = pytest.mark.filterwarnings("ignore")  # of libraries, when imported and stepped


@contextmanager
def library():
    """Skips where it is not installed."""
    try:
        yield
    except ModuleNotFoundError as missing:
        if missing.name.startswith("stepcurve"):
            raise
        pytest.skip(f"{missing.name} is not installed")


@pytest.mark.parametrize("case", CASES)
def test_preset_is_what_the_library_computes(case):
    with library():
        worst, where, compared = parity.measure(case)
    assert worst <= case.tolerance, where
    assert compared >= parity.SETS


@pytest.mark.parametrize("case", CASES)
def test_preset_prints_as_what_makes_it(case):
    rng = np.random.default_rng(0)
    for _ in range(20):
        for curve in parity.curves(case, case.sample(rng)[0]).values():
            assert sc.parse(str(curve)) == curve


@pytest.mark.parametrize("library", presets.LIBRARIES)
def test_every_preset_is_compared(library):
    public = import_module(f"stepcurve.presets.{library}").__all__
    compared = {case.values[0].name for case in CASES}
    assert {f"{library}/{name}" for name in public} <= compared


# Where both the library and the preset have no value: past an end, or of parameters that divide by 0.
PAST = [
    ("torch/OneCycleLR", {"max_lr": 1, "total_steps": 10, "cycle_momentum": False}, 11),
    ("torch/OneCycleLR", {"max_lr": 1, "total_steps": 10, "pct_start": 1.0, "cycle_momentum": False}, 10),
    ("mmengine/OneCycleLR", {"eta_max": 1, "total_steps": 10, "end": 20, "base_lr": 1}, 11),
    ("timm/CosineLRScheduler", {"t_initial": 10, "cycle_mul": 0.5, "base_lr": 1}, 20),
    ("timm/CosineLRScheduler", {"t_initial": 10, "cycle_mul": 0.9, "base_lr": 1}, 101),
    ("fvcore/ConstantParamScheduler", {"value": 1, "max_iter": 10, "base_lr": 1}, 10),
    ("fvcore/StepParamScheduler", {"num_updates": 9, "values": [1, 2, 3], "max_iter": 10, "base_lr": 1}, 10),
    (
        "fvcore/MultiStepParamScheduler",
        {"values": [1, 2], "num_updates": 9, "max_iter": 10, "base_lr": 1},
        11,
    ),
]


@pytest.mark.parametrize(("name", "parameters", "step"), PAST)
def test_preset_raises_where_the_library_does(name, parameters, step):
    case = next(param.values[0] for param in CASES if param.values[0].name == name)
    curve = presets.get(name, **parameters)
    with library():
        theirs = case.values([step - 1], parameters)
    assert parity.difference(curve(step - 1), theirs[0]) <= 1e-12
    with pytest.raises((ValueError, RuntimeError, ZeroDivisionError, IndexError)):
        case.values([step], parameters)
    with pytest.raises(ValueError, match="time must be"):
        curve(step)


MISSED = [
    ("torch/CosineAnnealingWarmRestarts", {"T_0": 3, "T_mult": 3, "base_lr": 1.0}, 363),
    ("timm/CosineLRScheduler", {"t_initial": 3, "cycle_mul": 3.0, "cycle_limit": 9, "base_lr": 1.0}, 363),
]


@pytest.mark.parametrize(("name", "parameters", "step"), MISSED)
def test_restarts_that_a_float_logarithm_misses_are_exact_unless_asked_for(name, parameters, step):
    cases = [param.values[0] for param in CASES if param.values[0].name == name]
    with library():
        theirs = cases[-1].values([step - 1, step, step + 1], parameters)
    as_theirs = presets.get(name, **parameters, exact=False)([step - 1, step, step + 1])
    assert parity.difference(as_theirs, theirs) <= 1e-12
    assert as_theirs[1] < 1e-15
    exact = presets.get(name, **parameters)([step - 1, step, step + 1])
    assert exact[1] == 1.0
    assert parity.difference(exact[[0, 2]], as_theirs[[0, 2]]) <= 1e-12


ILLEGAL = [
    ("transformers/linear", {"num_warmup_steps": -1, "num_training_steps": 10}),
    ("transformers/polynomial", {"num_warmup_steps": 10, "num_training_steps": 10}),
    ("transformers/polynomial", {"num_warmup_steps": 0, "num_training_steps": 10, "lr_end": 2}),
    ("transformers/inverse_sqrt", {"num_warmup_steps": 10, "timescale": 0}),
    ("transformers/cosine_with_min_lr", {"num_warmup_steps": 0, "num_training_steps": 10}),
    (
        "transformers/cosine_with_min_lr",
        {"num_warmup_steps": 0, "num_training_steps": 10, "min_lr": 0, "min_lr_rate": 0},
    ),
    ("transformers/warmup_stable_decay", {"num_warmup_steps": 0, "num_decay_steps": 10}),
    (
        "transformers/warmup_stable_decay",
        {"num_warmup_steps": 0, "num_decay_steps": 1, "num_stable_steps": 1, "decay_type": "x"},
    ),
    ("torch/ConstantLR", {"factor": 0}),
    ("torch/ConstantLR", {"factor": 1.5}),
    ("torch/LinearLR", {"start_factor": 0}),
    ("torch/CosineAnnealingLR", {"T_max": 0}),
    ("torch/CosineAnnealingWarmRestarts", {"T_0": 0}),
    ("torch/CosineAnnealingWarmRestarts", {"T_0": 3, "T_mult": 1.5}),
    ("torch/CyclicLR", {"base_lr": 0.1, "max_lr": 1, "step_size_up": 0}),
    ("torch/CyclicLR", {"base_lr": 0.1, "max_lr": 1, "mode": "square"}),
    ("torch/OneCycleLR", {"max_lr": 1}),
    ("torch/OneCycleLR", {"max_lr": 1, "total_steps": 0}),
    ("torch/OneCycleLR", {"max_lr": 1, "total_steps": 10, "pct_start": 0.1}),
    ("torch/OneCycleLR", {"max_lr": 1, "total_steps": 10, "div_factor": 0}),
    ("torch/SequentialLR", {"schedulers": [], "milestones": [1]}),
    ("timm/CosineLRScheduler", {"t_initial": 0}),
    ("timm/CosineLRScheduler", {"t_initial": 10, "lr_min": -1}),
    ("timm/WSDLRScheduler", {"t_initial": 10, "decay_t": 11}),
    ("timm/WSDLRScheduler", {"t_initial": 10, "decay_t": 1, "decay_fn": "x"}),
    ("timm/WSDLRScheduler", {"t_initial": 10, "decay_t": 1, "stable_fn": "rsqrt"}),
    ("timm/create_scheduler_v2", {"sched": "plateau"}),
    ("timm/create_scheduler_v2", {"step_on_epochs": False}),
    ("ignite/LinearCyclicalScheduler", {"start_value": 0, "end_value": 1, "cycle_size": 1}),
    (
        "ignite/LinearCyclicalScheduler",
        {"start_value": 0, "end_value": 1, "cycle_size": 9, "warmup_duration": 1},
    ),
    ("ignite/PiecewiseLinear", {"milestones_values": []}),
    ("ignite/PiecewiseLinear", {"milestones_values": [(2, 0), (1, 1)]}),
    ("fvcore/StepParamScheduler", {"num_updates": 0, "values": [1], "max_iter": 10}),
    ("fvcore/MultiStepParamScheduler", {"values": [1, 2], "max_iter": 10}),
    ("fvcore/MultiStepParamScheduler", {"values": [1, 2], "milestones": [9, 9], "max_iter": 10}),
    (
        "fvcore/CompositeParamScheduler",
        {"schedulers": [], "lengths": [], "interval_scaling": [], "max_iter": 1},
    ),
    ("mmengine/StepLR", {"step_size": 3, "begin": 5, "end": 5}),
    ("mmengine/LinearLR", {"start_factor": 0}),
    ("mmengine/CosineAnnealingLR", {"eta_min": 0, "eta_min_ratio": 0}),
    ("mmengine/CosineRestartLR", {"periods": [3, 4], "eta_min": 0}),
    ("keras/ExponentialDecay", {"initial_learning_rate": 1, "decay_steps": 0, "decay_rate": 0.5}),
    ("keras/PiecewiseConstantDecay", {"boundaries": [1], "values": [1]}),
    ("optax/cosine_decay_schedule", {"init_value": 1, "decay_steps": 0}),
    (
        "optax/warmup_cosine_decay_schedule",
        {"init_value": 0, "peak_value": 1, "warmup_steps": 5, "decay_steps": 5},
    ),
    ("optax/piecewise_constant_schedule", {"init_value": 1, "boundaries_and_scales": {1: -1}}),
    ("optax/piecewise_interpolate_schedule", {"interpolate_type": "x", "init_value": 1}),
    ("optax/linear_onecycle_schedule", {"transition_steps": 0, "peak_value": 1}),
]


@pytest.mark.parametrize(("name", "parameters"), ILLEGAL)
def test_what_the_library_refuses_or_divides_by_is_a_value_error(name, parameters):
    with pytest.raises(ValueError, match="must"):
        presets.get(name, **parameters)


def test_presets_are_found_by_name():
    made = presets.get("torch/StepLR", 30, base_lr=0.1)
    assert made == presets.torch.StepLR(30, base_lr=0.1)
    for name in ("torch/StpLR", "troch/StepLR", "StepLR", "torch/shapes", "", None):
        with pytest.raises(ValueError, match="no preset"):
            presets.get(name)
    with pytest.raises(ValueError, match="did you mean torch/StepLR"):
        presets.get("torch/StpLR")
    signatures = presets.signatures()
    assert {name.partition("/")[0] for name in signatures} == set(presets.LIBRARIES)
    assert all(presets.get.__name__ in dir(presets) and name in dir(presets) for name in presets.LIBRARIES)
