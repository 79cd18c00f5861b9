"""What frameworks ask of a scheduler object, besides its numbers."""

import gc
import inspect
import io
import weakref
from collections import Counter

import pytest
import torch
from schedules import CHAINABLE, ORDINARY, arguments
from stepcurve import lr_scheduler
from torch.optim import lr_scheduler as torchs
from worlds import CLASSES, build, class_of, make_optimizer


def made(module, name):
    return build(module, (name, ORDINARY[name]), make_optimizer([0.1, 0.2]))


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_is_torchs(name):
    ours, theirs = class_of(lr_scheduler, name), class_of(torchs, name)
    assert issubclass(ours, theirs)
    assert issubclass(ours, lr_scheduler.LRScheduler)
    assert ours.__name__ == name
    assert inspect.signature(ours) == inspect.signature(theirs)
    assert inspect.get_annotations(ours.__init__) == inspect.get_annotations(theirs.__init__)
    assert inspect.signature(ours.step) == inspect.signature(theirs.step)


def test_every_other_name_of_torchs_module_is_there():
    assert lr_scheduler._LRScheduler is torchs._LRScheduler
    assert lr_scheduler.EPOCH_DEPRECATION_WARNING is torchs.EPOCH_DEPRECATION_WARNING
    with pytest.raises(AttributeError, match="NoSuchLR"):
        _ = lr_scheduler.NoSuchLR


@pytest.mark.parametrize("name", ORDINARY)
def test_nothing_that_frameworks_take_for_something_else(name):
    scheduler = made(lr_scheduler, name)
    assert not callable(scheduler)
    assert not hasattr(scheduler, "__len__")
    assert hasattr(scheduler, "total_steps") == (name == "OneCycleLR")
    assert vars(scheduler).keys() == vars(made(torchs, name)).keys()


@pytest.mark.parametrize("name", ORDINARY)
def test_param_groups_get_no_key_that_torch_does_not_add(name):
    keys = [
        [group.keys() for group in made(module, name).optimizer.param_groups]
        for module in (torchs, lr_scheduler)
    ]
    assert keys[0] == keys[1]


@pytest.mark.parametrize("kind", ["float", "float32"])
@pytest.mark.parametrize("name", ORDINARY)
def test_state_dict_loads_with_weights_only(name, kind):
    scheduler = build(lr_scheduler, (name, ORDINARY[name]), make_optimizer([0.1, 0.2], kind))
    scheduler.optimizer.step()
    for i in range(5):
        scheduler.step(*arguments(name, i))
    stream = io.BytesIO()
    torch.save(scheduler.state_dict(), stream)
    stream.seek(0)
    with torch.serialization.safe_globals([Counter]):  # torch's own milestones
        state = torch.load(stream, weights_only=True)
    assert state.keys() == scheduler.state_dict().keys()


@pytest.mark.parametrize("name", CHAINABLE)
def test_no_cycle_keeps_the_parameters_alive(name):
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=0.1, momentum=0.9)
    scheduler = build(lr_scheduler, (name, ORDINARY[name]), optimizer)
    optimizer.step()
    for _ in range(5):
        scheduler.step()
    gone, collected = weakref.ref(parameter), gc.isenabled()
    gc.disable()
    try:
        del parameter, optimizer, scheduler
        assert gone() is None
    finally:
        if collected:
            gc.enable()


@pytest.mark.parametrize("name", ["StepLR", "LambdaLR", "ReduceLROnPlateau"])
def test_state_lives_in_the_attributes_alone(name):
    scheduler = made(lr_scheduler, name)
    scheduler.optimizer.step()
    scheduler.step(*arguments(name, 0))
    vars(scheduler)["last_epoch"] = 40
    scheduler.step(*arguments(name, 1))
    assert scheduler.last_epoch == 41
    assert scheduler.state_dict()["last_epoch"] == 41


def test_last_lr_is_a_new_list_for_whoever_holds_one():
    scheduler = made(lr_scheduler, "ExponentialLR")
    scheduler.optimizer.step()
    held = [scheduler.get_last_lr()]
    for _ in range(3):
        scheduler.step()
        held.append(scheduler.get_last_lr())
    assert [lr for lr, _ in held] == [0.1, 0.1 * 0.97, 0.1 * 0.97 * 0.97, 0.1 * 0.97 * 0.97 * 0.97]


@pytest.mark.parametrize("share", ["list", "tensor", "detached", "numpy", "view", "storage", "state"])
def test_last_lr_tensors_never_change_for_whoever_holds_one(share):
    scheduler = build(lr_scheduler, ("ExponentialLR", {"gamma": 0.5}), make_optimizer([1.0, 2.0], "float32"))
    scheduler.optimizer.step()
    scheduler.step()
    scheduler.step()
    hold = {
        "list": lambda: scheduler.get_last_lr(),
        "tensor": lambda: scheduler.get_last_lr()[1],
        "detached": lambda: scheduler.get_last_lr()[1].detach(),
        "numpy": lambda: scheduler.get_last_lr()[1].numpy(),
        "view": lambda: scheduler.get_last_lr()[1].view(1),
        "storage": lambda: scheduler.get_last_lr()[1].untyped_storage(),
        "state": lambda: scheduler.state_dict(),
    }
    held = hold[share]()
    before = [float(lr) for lr in scheduler.get_last_lr()]
    bytes_before = bytes(held) if share == "storage" else None
    scheduler.step()
    after = {
        "list": lambda: [float(lr) for lr in held],
        "state": lambda: [float(lr) for lr in held["_last_lr"]],
        "storage": lambda: before if bytes(held) == bytes_before else None,
    }
    assert after.get(share, lambda: [before[0], float(held)])() == before
    assert [float(lr) for lr in scheduler.get_last_lr()] == [0.125, 0.25]


def test_autograd_hears_of_a_changed_lr():
    lr = torch.tensor(0.5)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    scheduler = lr_scheduler.ExponentialLR(optimizer, 0.5)
    optimizer.step()
    scheduler.step()
    weight = torch.ones(1, requires_grad=True)
    product = weight * lr
    scheduler.step()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        product.backward()


def test_an_lr_that_autograd_follows_is_torchs():
    lr = torch.tensor(0.5, requires_grad=True)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    scheduler = lr_scheduler.ExponentialLR(optimizer, 0.5)
    optimizer.step()
    scheduler.step()
    optimizer.param_groups[0]["lr"] = lr
    with pytest.raises(RuntimeError, match="leaf Variable that requires grad"):
        scheduler.step()
    with torch.no_grad():
        scheduler.step()
    assert lr.item() == 0.25
