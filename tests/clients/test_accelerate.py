"""Accelerate gives the learning rates and losses with our schedulers that it gives with torch's."""

import pytest
import torch
from clients.tiny import (
    EPOCHS,
    across_a_restart,
    assert_same,
    batches,
    network,
    ours,
    rates,
    sgd,
    torchs,
    with_each_schedule,
)
from worlds import build

accelerate = pytest.importorskip("accelerate")


def train(module, schedule, epochs=EPOCHS, accumulate=1, save=None, resume=None):
    accelerator = accelerate.Accelerator(cpu=True, gradient_accumulation_steps=accumulate)
    model = network()
    optimizer = sgd(model)
    scheduler = build(module, schedule, optimizer)
    model, optimizer, loader, scheduler = accelerator.prepare(model, optimizer, batches(), scheduler)
    if resume:
        accelerator.load_state(resume)
    seen = []
    for _ in range(epochs):
        for inputs, targets in loader:
            with accelerator.accumulate(model):
                loss = torch.nn.functional.mse_loss(model(inputs), targets)
                accelerator.backward(loss)
                optimizer.step()
                scheduler.step()
                optimizer.zero_grad()
            seen.append((rates(optimizer), loss.item()))
    if save:
        accelerator.save_state(save)
    return seen


@with_each_schedule
@pytest.mark.parametrize("accumulate", [1, 2, 4])
def test_accelerate_steps_as_with_torch(schedule, accumulate):
    expected = train(torchs, schedule, accumulate=accumulate)
    assert_same(expected, train(ours, schedule, accumulate=accumulate))


@with_each_schedule
@across_a_restart
def test_accelerate_saves_the_scheduler_and_resumes_as_if_never_stopped(schedule, before, after, tmp_path):
    found = train(before, schedule, epochs=EPOCHS // 2, accumulate=2, save=tmp_path)
    assert (tmp_path / "scheduler.bin").exists()
    found += train(after, schedule, epochs=EPOCHS // 2, accumulate=2, resume=tmp_path)
    assert_same(train(torchs, schedule, accumulate=2), found)
