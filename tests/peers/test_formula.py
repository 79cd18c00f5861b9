"""Presets of libraries that are not run: where they raise, and what they refuse, as the libraries do."""

from importlib import import_module

import parity
import pytest
from stepcurve import presets

REFUSALS = (ArithmeticError, AssertionError, TypeError, ValueError)
MEGATRON = {
    "init_lr": 0,
    "max_lr": 1,
    "min_lr": 0,
    "lr_warmup_steps": 0,
    "lr_decay_steps": 9,
    "lr_decay_style": "linear",
}
CONSTANT_DECAY = {"start_wd": 0, "end_wd": 0, "wd_incr_steps": 9, "wd_incr_style": "constant"}


def library(name, parameters, step):
    module, function = name.split("/")
    if function == "LRSchedulersContainer":
        function = "lr_scheduler"
    return getattr(import_module(f"formulas.{module}"), function)(step, **parameters)


PAST = [
    ("composer/CosineAnnealingWarmRestartsScheduler", {"t_0": "8ba", "t_mult": 0.5}, 15),
    ("fairseq/cosine", {"lr": 1, "lr_period_updates": 8, "t_mult": 0.5}, 16),
    ("torchtitan/LRSchedulersContainer", {"total_steps": 10, "decay_ratio": 0.0}, 11),
    ("torchtitan/LRSchedulersContainer", {"total_steps": 10, "warmup_steps": 12}, 11),
]


@pytest.mark.parametrize(("name", "parameters", "step"), PAST)
def test_preset_raises_where_the_library_does(name, parameters, step):
    curve = presets.get(name, **parameters)
    if name.startswith("composer"):
        parameters = {**parameters, "max_duration": "99ba", "batches_per_epoch": 9}
    assert parity.difference(curve(step - 1), library(name, parameters, step - 1)) <= 1e-12
    with pytest.raises(REFUSALS):
        library(name, parameters, step)
    with pytest.raises(ValueError, match="time must be"):
        curve(step + name.startswith("composer"))  # a step later, as the docstring says


def test_restarts_that_fairseq_misses_are_exact_unless_asked_for():
    parameters = {"lr": 1.0, "lr_period_updates": 3, "t_mult": 3, "lr_shrink": 0.5}
    steps = [362, 363, 364]  # 3 + 9 + 27 + 81 + 243 = 363
    theirs = [library("fairseq/cosine", parameters, step) for step in steps]
    as_theirs = presets.fairseq.cosine(**parameters, exact=False)(steps)
    exact = presets.fairseq.cosine(**parameters)(steps)
    assert parity.difference(as_theirs, theirs) <= 1e-12
    assert as_theirs[1] < 1e-15
    assert exact[1] == 0.5**5
    assert parity.difference(exact[[0, 2]], as_theirs[[0, 2]]) <= 1e-12


ILLEGAL = [
    ("composer/LinearScheduler", {"t_max": "0ba"}),
    ("composer/LinearScheduler", {"t_max": "1.5ba"}),
    ("composer/StepScheduler", {"step_size": "0.01dur"}),
    ("composer/StepScheduler", {"step_size": "10"}),
    ("composer/StepScheduler", {"step_size": "10sec"}),
    ("composer/LinearWithWarmupScheduler", {"t_warmup": "1ba", "t_max": "8ba"}),
    ("composer/CosineAnnealingWithWarmupScheduler", {"t_warmup": "1ba", "t_max": "0.9dur"}),
    ("deepspeed/LRRangeTest", {"lr_range_test_step_size": 0}),
    ("deepspeed/WarmupLR", {"warmup_num_steps": 0}),
    ("deepspeed/WarmupCosineLR", {"total_num_steps": 9, "warmup_num_steps": -1}),
    ("fairseq/cosine", {"lr": 1}),
    ("fairseq/cosine", {"lr": 1, "min_lr": 1, "max_update": 9}),
    ("fairseq/cosine", {"lr": [1, 2], "max_update": 9}),
    ("fairseq/inverse_sqrt", {"lr": 1, "warmup_updates": 0}),
    ("fairseq/polynomial_decay", {"lr": 1, "total_num_update": 0}),
    ("fairseq/step", {"lr": 1, "lr_deacy_period": 0}),
    ("fairseq/step", {"lr": 1, "lr_decay": 2}),
    ("fairseq/tri_stage", {"lr": 1}),
    ("fairseq/tri_stage", {"lr": 1, "phase_ratio": (0.1, 0.2, 0.6), "max_update": 99}),
    ("fairseq/triangular", {"lr": 1, "max_lr": 1}),
    ("fairseq/triangular", {"lr": 1, "max_lr": 2, "lr_period_updates": 1}),
    ("nemo/CosineAnnealing", {"max_steps": 9, "min_lr": 2}),
    ("nemo/CosineAnnealing", {"max_steps": 9, "constant_steps": 2, "min_lr": 1}),
    ("nemo/CosineAnnealing", {"max_steps": 9, "constant_steps": 9}),
    ("nemo/NoamAnnealing", {"d_model": 4, "min_lr": 2}),
    ("nemo/NoamHoldAnnealing", {"max_steps": 9, "warmup_steps": 0}),
    ("nemo/SquareAnnealing", {"max_steps": 0}),
    ("nemo/T5InverseSquareRootAnnealing", {"max_steps": 9, "constant_steps": 0}),
    ("nemo/WarmupHoldAnnealLinear", {"max_steps": 9, "warmup_steps": 4, "hold_steps": 5}),
    ("nemo/WarmupPolicy", {"warmup_ratio": 0.1}),
    ("nemo/WarmupPolicy", {"warmup_ratio": 0.1, "warmup_steps": 1, "max_steps": 9}),
    ("torchtitan/LRSchedulersContainer", {}),
    ("torchtitan/LRSchedulersContainer", {"total_steps": 10, "warmup_steps": 0, "decay_type": "exponential"}),
]


@pytest.mark.parametrize(("name", "parameters"), ILLEGAL)
def test_what_the_library_refuses_or_divides_by_is_a_value_error(name, parameters):
    if name.startswith("composer"):
        parameters = {**parameters, "max_duration": "9ba", "batches_per_epoch": 9}
    with pytest.raises(REFUSALS):
        [library(name, parameters, step) for step in range(20)]
    with pytest.raises(ValueError, match="must"):
        presets.get(name, **parameters)


@pytest.mark.parametrize(
    "parameters",
    [
        {"init_lr": 2},
        {"min_lr": -1},
        {"min_lr": 2},
        {"lr_warmup_steps": 9},
        {"lr_decay_style": "sqrt"},
        {"lr_decay_style": "WSD"},
        {"lr_decay_style": "WSD", "wsd_decay_steps": 3},
        {"start_wd": -1},
        {"end_wd": 1},
        {"wd_incr_steps": 0, "wd_incr_style": "linear"},
        {"wd_incr_style": "sqrt"},
    ],
)
def test_what_megatron_refuses_is_a_value_error(parameters):
    with pytest.raises(ValueError, match="must"):
        presets.megatron.OptimizerParamScheduler(**{**MEGATRON, **CONSTANT_DECAY, **parameters})
