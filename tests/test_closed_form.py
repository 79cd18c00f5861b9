"""to_curve: torch's schedulers as curves."""

import math

import pytest
from schedules import ORDINARY
from stepcurve import lr_scheduler
from worlds import build, make_optimizer

FORMS = {
    **{name: [parameters] for name, parameters in ORDINARY.items()},
    "CyclicLR": [
        {
            "base_lr": 0.01,
            "max_lr": 0.2,
            "step_size_up": 6,
            "step_size_down": down,
            "mode": mode,
            "gamma": 0.99,
        }
        for down in (None, 3)
        for mode in ("triangular", "triangular2", "exp_range")
    ],
    "OneCycleLR": [
        {"max_lr": 0.2, "total_steps": 60, "three_phase": three, "anneal_strategy": shape}
        for three in (False, True)
        for shape in ("cos", "linear")
    ],
    "CosineAnnealingWarmRestarts": [{"T_0": 6, "T_mult": mult, "eta_min": 1e-4} for mult in (1, 2, 3)],
}
NONE = ("LambdaLR", "MultiplicativeLR", "SWALR", "ReduceLROnPlateau")
CASES = [(name, parameters) for name, forms in FORMS.items() if name not in NONE for parameters in forms]


@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_curve_is_where_torch_steps(name, parameters):
    scheduler = build(lr_scheduler, (name, parameters), make_optimizer([0.1, 0.3]))
    stepped = scheduler.preview(59)
    for group in (0, 1):
        curve = scheduler.to_curve(group)
        # torch rounds at each of up to 59 steps, a few units in the last place of the largest value.
        unit = math.ulp(max(stepped[:, group]))
        for step in range(60):
            assert abs(curve(step) - stepped[step, group]) <= 200 * unit, (step, curve)


def test_curve_starts_at_epoch_0_wherever_the_scheduler_is():
    scheduler = build(lr_scheduler, ("CosineAnnealingLR", {"T_max": 10}), make_optimizer([0.1]))
    text = str(scheduler.to_curve())
    scheduler.optimizer.step()
    for _ in range(5):
        scheduler.step()
    assert str(scheduler.to_curve()) == text == 'cosine(0.1, 0, 10).past_end("extrapolate")'


REASONS = {
    "LambdaLR": "function of the user's",
    "MultiplicativeLR": "function of the user's",
    "SWALR": "whatever lr it finds",
    "ReduceLROnPlateau": "metric decides",
}


@pytest.mark.parametrize(("name", "reason"), REASONS.items())
def test_no_closed_form_says_why(name, reason):
    scheduler = build(lr_scheduler, (name, ORDINARY[name]), make_optimizer([0.1]))
    with pytest.raises(ValueError, match=reason):
        scheduler.to_curve()


def test_no_closed_form_of_user_code():
    class Root(lr_scheduler.LRScheduler):
        def get_lr(self):
            return self.base_lrs

    class Floored(lr_scheduler.ExponentialLR):
        def get_lr(self):
            return [max(lr, 0.01) for lr in super().get_lr()]

    optimizer = make_optimizer([0.1])
    for scheduler in (Root(optimizer), Floored(optimizer, 0.9)):
        with pytest.raises(ValueError, match="method of its own"):
            scheduler.to_curve()
    cyclic = lr_scheduler.CyclicLR(optimizer, 0.1, 0.2, scale_fn=lambda x: 1.0)
    with pytest.raises(ValueError, match="scale_fn"):
        cyclic.to_curve()


def test_no_closed_form_of_nests_that_torch_moves_on():
    optimizer = make_optimizer([0.1])
    chain = lr_scheduler.ChainedScheduler([lr_scheduler.ExponentialLR(optimizer, 0.9)])
    optimizer.step()
    with pytest.raises(ValueError, match="moves a scheduler made of others"):
        lr_scheduler.SequentialLR(optimizer, [chain], []).to_curve()
    restarts = lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 5)
    with pytest.raises(ValueError, match="more than to multiply"):
        lr_scheduler.ChainedScheduler([restarts]).to_curve()


@pytest.mark.parametrize("group", [-1, 2, 10**20])
def test_group_must_exist(group):
    scheduler = lr_scheduler.ExponentialLR(make_optimizer([0.1, 0.2]), 0.9)
    with pytest.raises(ValueError, match=f"below 2.*got {group}"):
        scheduler.to_curve(group)


def test_group_added_later_has_no_base():
    scheduler = lr_scheduler.ExponentialLR(make_optimizer([0.1]), 0.9)
    scheduler.optimizer.add_param_group({"params": [], "lr": 0.1})
    with pytest.raises(ValueError, match="added after ExponentialLR was made"):
        scheduler.to_curve(1)
