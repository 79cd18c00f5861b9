"""Which steps the core computes, and that torch's own code does the others."""

import subprocess
import sys
import textwrap
import warnings

import pytest
import torch
from schedules import ORDINARY, arguments
from stepcurve import _core, lr_scheduler
from torch.optim import lr_scheduler as torchs
from worlds import both, build, make_optimizer, pair


def by_torch(scheduler, name, steps=30):
    """How many of these steps torch's own code did."""
    before = _core.steps_by_torch()
    for i in range(steps):
        scheduler.step(*arguments(name, i))
    return _core.steps_by_torch() - before


def ready(name, groups=2, kind="float", **parameters):
    """A scheduler past its first step, at which torch's code may have to warn."""
    optimizer = make_optimizer([0.1] * groups, kind)
    scheduler = build(lr_scheduler, (name, parameters or ORDINARY[name]), optimizer)
    optimizer.step()
    scheduler.step(*arguments(name, 0))
    if name == "SequentialLR":  # its second scheduler has a first step too
        for _ in range(11):
            scheduler.step()
    return scheduler


@pytest.mark.parametrize("kind", ["float", "float32", "float64"])
@pytest.mark.parametrize("groups", [1, 3, 100])
@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_steps_are_the_cores(name, groups, kind):
    if kind != "float" and not hasattr(torchs, "_param_groups_val_list"):
        pytest.skip("before torch 2.10 tensors are left to torch")
    assert by_torch(ready(name, groups, kind), name) == 0


def test_whole_numbers_are_as_good_as_floats():
    assert by_torch(ready("CosineAnnealingLR", T_max=20.0, eta_min=0), "") == 0
    assert by_torch(ready("ExponentialLR", gamma=1), "") == 0


def test_a_subclass_that_changes_no_step_is_fast():
    class Noted(lr_scheduler.StepLR):
        note = "mine"

        def describe(self):
            return self.note

    scheduler = Noted(make_optimizer([0.1]), 3)
    scheduler.own = 1
    scheduler.optimizer.step()
    scheduler.step()
    assert by_torch(scheduler, "") == 0


def test_changed_hyperparameters_and_groups_stay_fast():
    scheduler = ready("StepLR")
    scheduler.gamma, scheduler.step_size = 0.9, 2
    scheduler.optimizer.add_param_group({"params": [torch.nn.Parameter(torch.zeros(1))], "lr": 0.3})
    scheduler.optimizer.load_state_dict(scheduler.optimizer.state_dict())
    assert by_torch(scheduler, "") == 0


def test_a_loaded_and_a_copied_scheduler_are_fast():
    scheduler = ready("CosineAnnealingLR")
    fresh = lr_scheduler.CosineAnnealingLR(scheduler.optimizer, 3)
    fresh.load_state_dict(scheduler.state_dict())
    assert by_torch(fresh, "") == 0


def test_an_overridden_method_is_torchs():
    class Floored(lr_scheduler.StepLR):
        def get_lr(self):
            return [max(lr, 0.01) for lr in super().get_lr()]

    scheduler = Floored(make_optimizer([0.1]), 1)
    scheduler.optimizer.step()
    assert by_torch(scheduler, "", 10) == 10
    assert scheduler.get_last_lr() == [0.01]


def test_a_method_of_an_instance_is_torchs():
    scheduler = ready("StepLR")
    scheduler.get_lr = lambda: [0.125, 0.25]
    assert by_torch(scheduler, "", 10) == 10
    assert scheduler.get_last_lr() == [0.125, 0.25]
    del scheduler.get_lr
    assert by_torch(scheduler, "") == 0


def test_a_patched_class_of_torch_is_obeyed_at_once(monkeypatch):
    scheduler = ready("ExponentialLR", groups=1)
    with monkeypatch.context() as patch:
        patch.setattr(torchs.ExponentialLR, "get_lr", lambda self: [0.5])
        scheduler.step()
        assert scheduler.get_last_lr() == [0.5]
    assert by_torch(scheduler, "") == 0


def test_a_patched_step_of_torch_is_obeyed_at_once(monkeypatch):
    scheduler, calls = ready("ExponentialLR"), []
    monkeypatch.setattr(torchs.LRScheduler, "step", lambda self, epoch=None: calls.append(epoch))
    scheduler.step()
    assert calls == [None]


def test_an_attribute_with_rules_of_its_own_is_torchs():
    class Halving(lr_scheduler.ExponentialLR):
        @property
        def gamma(self):
            return 0.5

        @gamma.setter
        def gamma(self, value):
            pass

    scheduler = Halving(make_optimizer([0.1]), 0.9)
    scheduler.optimizer.step()
    scheduler.step()
    assert scheduler.get_last_lr() == [0.05]


def test_groups_of_other_types_are_torchs():
    class Group(dict):
        def __setitem__(self, key, value):
            super().__setitem__(key, min(value, 0.05) if key == "lr" else value)

    scheduler = ready("ExponentialLR", groups=1)
    groups = scheduler.optimizer.param_groups
    groups[0] = Group(groups[0])
    scheduler.step()
    assert groups[0]["lr"] == 0.05


@pytest.mark.parametrize("name", ORDINARY)
def test_property_param_groups_is_read_at_every_step(name):
    """Accelerate's optimizer wrapper has one."""

    class Wrapper(torch.optim.SGD):
        @property
        def param_groups(self):
            return self.__dict__["groups"]

        @param_groups.setter
        def param_groups(self, groups):
            self.__dict__["groups"] = groups

    def optimizer():
        return Wrapper([{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": 0.1}], lr=0.1, momentum=0.9)

    worlds = pair([0.1])
    for world in worlds:
        world.optimizer = optimizer()
    both(worlds, "build", (name, ORDINARY[name]))
    for i in range(30):
        both(worlds, "step", 0, *arguments(name, i))


def test_an_unknown_torch_is_torchs():
    """A torch whose get_lr has another text is not computed here, though it has the same name."""
    code = """
        import torch.optim.lr_scheduler as torchs, torch
        class StepLR(torchs.StepLR):
            pass
        def get_lr(self):
            return [0.25 for group in self.optimizer.param_groups]
        torchs.StepLR.get_lr = get_lr
        from stepcurve import _core, lr_scheduler
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
        step, cosine = lr_scheduler.StepLR(optimizer, 3), lr_scheduler.CosineAnnealingLR(optimizer, 3)
        print(_core.is_native(step), step.get_last_lr(), _core.is_native(cosine))
    """
    run = [sys.executable, "-c", textwrap.dedent(code)]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "False [0.25] True\n"


def test_importing_the_package_does_not_import_torch():
    run = [sys.executable, "-c", "import sys, stepcurve; print('torch' in sys.modules)"]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "False\n"


def test_the_first_step_before_the_optimizers_warns_at_the_callers_line():
    scheduler = build(lr_scheduler, ("StepLR", ORDINARY["StepLR"]), make_optimizer([0.1]))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        scheduler.step()
    assert [(each.category, each.filename) for each in caught] == [(UserWarning, __file__)]
