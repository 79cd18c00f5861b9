"""torch.compile of a function that steps an optimizer and a scheduler."""

import pytest
import torch
from schedules import CHAINABLE, ORDINARY
from stepcurve import lr_scheduler
from torch._dynamo.testing import CompileCounter
from torch.optim import lr_scheduler as torchs
from worlds import build, make_optimizer

pytestmark = pytest.mark.filterwarnings("ignore")  # what torch.compile itself has to say


def compiled(module, name, kind):
    """Frames that were compiled, and the learning rates of five steps."""
    torch._dynamo.reset()
    optimizer = make_optimizer([0.1], kind)
    optimizer.param_groups[0]["params"][0].grad = torch.ones(1)
    scheduler = build(module, (name, ORDINARY[name]), optimizer)
    counter, lrs = CompileCounter(), []

    @torch.compile(backend=counter)
    def train():
        optimizer.step()
        scheduler.step()

    for _ in range(5):
        train()
        lrs.append(float(optimizer.param_groups[0]["lr"]))
    return counter.frame_count, lrs


@pytest.mark.parametrize("kind", ["float", "float32"])
@pytest.mark.parametrize("name", CHAINABLE)
def test_no_more_frames_than_with_torchs_class(name, kind):
    frames, lrs = compiled(torchs, name, kind)
    our_frames, our_lrs = compiled(lr_scheduler, name, kind)
    assert our_frames <= frames
    assert our_lrs == lrs
