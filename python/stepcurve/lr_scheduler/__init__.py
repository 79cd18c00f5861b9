"""torch.optim.lr_scheduler's schedulers under their own names, the same to the bit and many times faster.

``from stepcurve import lr_scheduler`` takes the place of ``from torch.optim import lr_scheduler``.
"""

from __future__ import annotations

from typing import Any

from torch.optim import lr_scheduler as _torchs

from .curve_scheduler import CurveScheduler as CurveScheduler
from .schedulers import SWALR as SWALR
from .schedulers import ChainedScheduler as ChainedScheduler
from .schedulers import ConstantLR as ConstantLR
from .schedulers import CosineAnnealingLR as CosineAnnealingLR
from .schedulers import CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts
from .schedulers import CyclicLR as CyclicLR
from .schedulers import ExponentialLR as ExponentialLR
from .schedulers import LambdaLR as LambdaLR
from .schedulers import LinearLR as LinearLR
from .schedulers import LRScheduler as LRScheduler
from .schedulers import MultiplicativeLR as MultiplicativeLR
from .schedulers import MultiStepLR as MultiStepLR
from .schedulers import OneCycleLR as OneCycleLR
from .schedulers import PolynomialLR as PolynomialLR
from .schedulers import ReduceLROnPlateau as ReduceLROnPlateau
from .schedulers import SequentialLR as SequentialLR
from .schedulers import StepLR as StepLR


def __getattr__(name: str) -> Any:
    """Whatever else torch's module has, such as _LRScheduler, is torch's own."""
    return getattr(_torchs, name)
