"""Ignite's handlers give the learning rates and losses with our schedulers that they give with torch's."""

import pytest
import torch
from clients.tiny import (
    BATCHES,
    EPOCHS,
    PLATEAU,
    SCHEDULES,
    across_a_restart,
    assert_same,
    batches,
    network,
    ours,
    rates,
    sgd,
    torchs,
)
from worlds import build

engine = pytest.importorskip("ignite.engine")
handlers = pytest.importorskip("ignite.handlers")

# Ignite asks for get_lr, which SequentialLR does not have, and cannot store the restarts, which it wraps.
STORED = {name: SCHEDULES[name] for name in SCHEDULES if name != "SequentialLR"}
STEPPED = {**STORED, "CosineAnnealingWarmRestarts": {"T_0": 5, "T_mult": 2}}
with_each_schedule = pytest.mark.parametrize("schedule", STEPPED.items(), ids=STEPPED)
with_each_stored_schedule = pytest.mark.parametrize("schedule", STORED.items(), ids=STORED)


def learner(model, optimizer, seen):
    def step(_, batch):
        inputs, targets = batch
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(inputs), targets)
        loss.backward()
        optimizer.step()
        seen.append((rates(optimizer), loss.item()))
        return loss.item()

    return engine.Engine(step)


def train(module, schedule, wrap=handlers.LRScheduler, epochs=EPOCHS, save=None, resume=None):
    model, seen = network(), []
    optimizer = sgd(model)
    trainer = learner(model, optimizer, seen)
    scheduler = wrap(build(module, schedule, optimizer))
    trainer.add_event_handler(engine.Events.ITERATION_STARTED, scheduler)
    parts = {"model": model, "optimizer": optimizer, "scheduler": scheduler, "trainer": trainer}
    if resume:
        handlers.Checkpoint.load_objects(parts, resume)
    trainer.run(batches(), max_epochs=epochs)
    if save:
        torch.save({name: part.state_dict() for name, part in parts.items()}, save)
    return seen


def train_by_plateau():
    """Ignite makes the scheduler itself, and gives it a method of its own, here for one group alone."""
    model, seen = network(), []
    optimizer = sgd(model)
    trainer = learner(model, optimizer, seen)
    scheduler = handlers.ReduceLROnPlateauScheduler(
        optimizer, "loss", trainer, param_group_index=1, **PLATEAU[1]
    )

    @trainer.on(engine.Events.EPOCH_COMPLETED)
    def follow(trainer):
        trainer.state.metrics["loss"] = trainer.state.output
        scheduler(trainer)

    trainer.run(batches(), max_epochs=EPOCHS)
    return seen, type(scheduler.scheduler)


@with_each_schedule
def test_ignite_steps_as_with_torch(schedule):
    assert_same(train(torchs, schedule), train(ours, schedule))


@with_each_schedule
def test_ignite_warms_up_as_with_torch(schedule):
    def wrap(scheduler):
        return handlers.create_lr_scheduler_with_warmup(scheduler, 0.0, warmup_duration=3)

    assert_same(train(torchs, schedule, wrap, epochs=3), train(ours, schedule, wrap, epochs=3))


@with_each_schedule
def test_ignite_simulates_as_with_torch_and_leaves_the_scheduler_alone(schedule):
    expected, found = (build(module, schedule, sgd(network())) for module in (torchs, ours))
    before = found.state_dict()
    simulate = handlers.LRScheduler.simulate_values
    assert simulate(EPOCHS * BATCHES, found) == simulate(EPOCHS * BATCHES, expected)
    assert found.state_dict() == before


@with_each_stored_schedule
@across_a_restart
def test_ignite_resumes_as_if_never_stopped(schedule, before, after, tmp_path):
    found = train(before, schedule, epochs=EPOCHS // 2, save=tmp_path / "half.pt")
    found += train(after, schedule, resume=tmp_path / "half.pt")
    assert_same(train(torchs, schedule), found)


def test_ignite_follows_a_metric_as_with_torch(monkeypatch):
    expected, _ = train_by_plateau()
    monkeypatch.setattr("ignite.handlers.param_scheduler.ReduceLROnPlateau", ours.ReduceLROnPlateau)
    found, made = train_by_plateau()
    assert made is ours.ReduceLROnPlateau
    assert_same(expected, found)
