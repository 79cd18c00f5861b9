"""torch's scheduler classes, each with the step() of the C++ core.

All state stays where torch keeps it, in the attributes of the instance: construction, state_dict, pickle and
copy are torch's own. step() reads the attributes and the param groups, computes what torch would, and writes
them; whatever it does not know goes to torch's step().
"""

from __future__ import annotations

from functools import update_wrapper
from typing import TYPE_CHECKING, Any, NoReturn, SupportsIndex

import torch
from torch.optim import lr_scheduler as torchs
from torch.optim import swa_utils

from .. import _core
from . import known

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..checks import Per
    from ..checks.findings import Findings
    from ..curve import Curve
    from ..numbers import Number
    from ..run import Run


class LRScheduler(torchs.LRScheduler):
    """torch's LRScheduler, with preview and to_curve. A subclass steps by its own get_lr, as in torch."""

    def preview(self, steps: SupportsIndex) -> NDArray[np.float64]:
        """The learning rates to come: shape (steps + 1, param groups), row i after i further calls of step().

        Row 0 is the present. The values are those that stepping would give, to the bit, if nothing else
        changes the learning rate; neither the optimizer nor the scheduler is touched. A function that the
        user gave is called once a step and group. What step() would raise is raised here.

        >>> import torch
        >>> from stepcurve import lr_scheduler
        >>> optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
        >>> lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5).preview(4).tolist()
        [[0.1], [0.1], [0.05], [0.05], [0.025]]
        """
        from .preview import preview

        return preview(self, steps)

    def to_curve(self, group: SupportsIndex = 0) -> Curve:
        """The schedule of a param group from epoch 0 on as a Curve: the closed form, exact to a few ulp.

        Made of the hyperparameters and the base lr as they are now. A ValueError says why where there is
        none: a metric or a user's function decides, or torch's steps follow no form.

        >>> import torch
        >>> from stepcurve import lr_scheduler
        >>> optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
        >>> print(lr_scheduler.CosineAnnealingLR(optimizer, T_max=90, eta_min=0.001).to_curve())
        cosine(0.1, 0.001, 90).past_end("extrapolate")
        """
        from .closed_form import to_curve

        return to_curve(self, group)

    def check(self, run: Run | Number | None = None, *, per: Per = "step") -> Findings:
        """What is likely wrong with the scheduler for a run; see `stepcurve.check`.

        >>> import torch
        >>> from stepcurve import lr_scheduler
        >>> optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
        >>> [finding.id for finding in lr_scheduler.CosineAnnealingLR(optimizer, T_max=90).check(120)]
        ['rises-again']
        """
        from ..checks import check

        return check(self, run, per=per)


class LambdaLR(LRScheduler, torchs.LambdaLR):
    """base_lr * lr_lambda(epoch)."""


class MultiplicativeLR(LRScheduler, torchs.MultiplicativeLR):
    """lr * lr_lambda(epoch) at every step."""


class StepLR(LRScheduler, torchs.StepLR):
    """lr * gamma at every step_size-th step."""


class MultiStepLR(LRScheduler, torchs.MultiStepLR):
    """lr * gamma at every milestone."""


class ConstantLR(LRScheduler, torchs.ConstantLR):
    """base_lr * factor until step total_iters."""


class LinearLR(LRScheduler, torchs.LinearLR):
    """From base_lr * start_factor to base_lr * end_factor in a straight line of total_iters steps."""


class ExponentialLR(LRScheduler, torchs.ExponentialLR):
    """lr * gamma at every step."""


class SequentialLR(LRScheduler, torchs.SequentialLR):
    """One scheduler after the other, changing at the milestones."""


class PolynomialLR(LRScheduler, torchs.PolynomialLR):
    """base_lr * (1 - epoch / total_iters)**power."""


class CosineAnnealingLR(LRScheduler, torchs.CosineAnnealingLR):
    """eta_min + (base_lr - eta_min) * (1 + cos(pi * epoch / T_max)) / 2, rising again past T_max."""


class ChainedScheduler(LRScheduler, torchs.ChainedScheduler):
    """Every scheduler at every step, one on top of the other."""


class ReduceLROnPlateau(LRScheduler, torchs.ReduceLROnPlateau):
    """lr * factor when a metric has not improved for more than patience epochs."""

    def preview(self, steps: SupportsIndex) -> NoReturn:
        """There is none: the metrics to come decide."""
        raise ValueError("ReduceLROnPlateau follows a metric, so its learning rates cannot be known before")


class CyclicLR(LRScheduler, torchs.CyclicLR):
    """From base_lr up to max_lr and down again, with the momentum against it."""


class CosineAnnealingWarmRestarts(LRScheduler, torchs.CosineAnnealingWarmRestarts):
    """A cosine from base_lr to eta_min that starts anew after T_0 steps, then T_0 * T_mult, ..."""


class OneCycleLR(LRScheduler, torchs.OneCycleLR):
    """From max_lr / div_factor up to max_lr and down to nearly 0, with the momentum against it."""


class SWALR(LRScheduler, swa_utils.SWALR):
    """From the present lr to swa_lr in anneal_epochs steps, for stochastic weight averaging."""


def _torch_class(scheduler: type[Any]) -> type[Any]:
    """The class that a class above stands for."""
    return scheduler.__mro__[2]


_core.bind_torch(torch, LRScheduler)
LRScheduler.step = update_wrapper(_core.step(), torchs.LRScheduler.step)  # type: ignore[method-assign]
for _scheduler in LRScheduler.__subclasses__():
    if "step" in vars(_torch_class(_scheduler)):  # with a signature of its own
        _scheduler.step = update_wrapper(_core.step(), _torch_class(_scheduler).step)  # type: ignore[method-assign]
    if known.computes_what_the_core_does(_torch_class(_scheduler)):
        _core.know(_torch_class(_scheduler))
