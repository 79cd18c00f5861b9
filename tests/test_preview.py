"""preview: what stepping would give, without stepping."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from schedules import CHAINABLE, ORDINARY
from stepcurve import _core, lr_scheduler
from stepcurve.lr_scheduler.preview import preview
from test_lr_scheduler import RATES, SCHEDULES
from worlds import World, build, make_optimizer, see


def stepped(world, steps):
    rows = [[float(group["lr"]) for group in world.optimizer.param_groups]]
    for _ in range(steps):
        result, _ = world.do("step", 0)
        if isinstance(result, type):
            return result
        rows.append([float(group["lr"]) for group in world.optimizer.param_groups])
    return rows


@given(
    schedule=SCHEDULES,
    rates=st.lists(RATES, min_size=1, max_size=3),
    kind=st.sampled_from(["float", "float", "float32", "float64"]),
    before=st.integers(0, 12),
)
def test_preview_is_what_stepping_gives(schedule, rates, kind, before):
    world = World(lr_scheduler, rates, kind)
    if isinstance(world.do("build", schedule)[0], type):
        return
    for _ in range(before):
        world.do("step", 0)
    state = world.state()
    try:
        found = see(preview(world.schedulers[0], 20).tolist())  # torch's own have no method for it
    except Exception as error:
        found = see(type(error))
    if "Callable" not in repr(schedule):  # one counts its calls
        assert world.state() == state
    assert found == see(stepped(world, 20))


@pytest.mark.parametrize("groups", [1, 3])
@pytest.mark.parametrize("name", CHAINABLE)
def test_preview_is_computed_by_the_core(name, groups):
    scheduler = build(lr_scheduler, (name, ORDINARY[name]), make_optimizer([0.1] * groups))
    user_code = name in ("LambdaLR", "MultiplicativeLR")
    assert (_core.preview(scheduler, 40) is None) == user_code
    assert scheduler.preview(40).shape == (41, groups)


def test_preview_calls_a_users_function_once_a_step_and_group():
    epochs = []

    def rate(epoch):
        epochs.append(epoch)
        return 1.0

    scheduler = lr_scheduler.LambdaLR(make_optimizer([0.1, 0.2]), rate)
    epochs.clear()
    scheduler.preview(3)
    assert epochs == [1, 1, 2, 2, 3, 3]


def test_preview_raises_what_stepping_would():
    scheduler = lr_scheduler.OneCycleLR(make_optimizer([0.1]), 0.1, total_steps=10)
    assert scheduler.preview(10).shape == (11, 1)
    with pytest.raises(ValueError, match="Tried to step 11 times"):
        scheduler.preview(11)


def test_preview_of_a_plateau_says_why_there_is_none():
    with pytest.raises(ValueError, match="follows a metric"):
        lr_scheduler.ReduceLROnPlateau(make_optimizer([0.1])).preview(3)


@pytest.mark.parametrize(
    ("steps", "error"), [(-1, ValueError), (1.5, TypeError), ("3", TypeError), (None, TypeError)]
)
def test_preview_takes_a_whole_number(steps, error):
    with pytest.raises(error):
        lr_scheduler.ExponentialLR(make_optimizer([0.1]), 0.9).preview(steps)


def test_preview_of_nothing_is_the_present():
    assert lr_scheduler.ExponentialLR(make_optimizer([0.1, 0.2]), 0.9).preview(0).tolist() == [[0.1, 0.2]]


def test_preview_of_a_scheduler_that_is_chained_twice():
    scheduler = lr_scheduler.ExponentialLR(make_optimizer([1.0]), 0.5)
    chain = lr_scheduler.ChainedScheduler([scheduler, scheduler])
    assert chain.preview(2).tolist() == [[1.0], [0.25], [0.0625]]
    assert scheduler.last_epoch == 0


def test_preview_leaves_tensors_alone():
    scheduler = lr_scheduler.ExponentialLR(make_optimizer([1.0], "float32"), 0.5)
    lr = scheduler.optimizer.param_groups[0]["lr"]
    version = lr._version
    assert scheduler.preview(2).tolist() == [[1.0], [0.5], [0.25]]
    assert (lr.item(), lr._version) == (1.0, version)
    assert isinstance(lr, torch.Tensor)
