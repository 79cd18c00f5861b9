"""What does a value of a preview cost, beside stepping torch's class through the same steps?"""

import pytest
from bench_step import SCHEDULERS, optimizer, stepper
from stepcurve import lr_scheduler as ours
from torch.optim import lr_scheduler as torchs

STEPPED = [name for name in SCHEDULERS if name != "ReduceLROnPlateau"]


@pytest.mark.table(turns=5)
@pytest.mark.parametrize("contender", ["stepcurve", "torch, stepped"])
@pytest.mark.parametrize("scheduler", STEPPED)
def bench_preview(timed, quick, scheduler, contender):
    """A value of a preview of 100,000 steps; the last two call a function of the user's."""
    make, steps = SCHEDULERS[scheduler], 100 if quick else 100_000
    if contender == "stepcurve":
        mine = make(ours, optimizer(1))
        timed(lambda: mine.preview(steps), steps)
    else:
        timed(stepper(make(torchs, optimizer(1))))
