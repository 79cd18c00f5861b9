"""Learning-rate schedules as exact, composable curves, computed by a C++ core."""

from typing import TYPE_CHECKING

from .curve import Curve as Curve
from .curve import join as join
from .early_stop import EarlyStop as EarlyStop
from .plateau import Plateau as Plateau
from .plateau_grid import PlateauGrid as PlateauGrid
from .plateau_grid import plateau_grid as plateau_grid
from .reader import SCHEDULES
from .reader import parse as parse
from .relative import Relative as Relative
from .relative import relative as relative
from .shapes import constant as constant
from .shapes import cosine as cosine
from .shapes import decay as decay
from .shapes import exponential as exponential
from .shapes import inverse as inverse
from .shapes import linear as linear
from .shapes import log as log
from .shapes import piecewise as piecewise
from .shapes import polynomial as polynomial
from .shapes import tanh as tanh
from .sweep import Sweep as Sweep
from .sweep import sweep as sweep

__version__ = "0.1.0"


if TYPE_CHECKING:
    from . import presets as presets
    from . import schedules as schedules
    from .checks import Finding as Finding
    from .checks import Findings as Findings
    from .checks import check as check
    from .config import show_config as show_config
    from .run import Run as Run
    from .schedules import cyclic as cyclic
    from .schedules import infinite as infinite
    from .schedules import inverse_sqrt as inverse_sqrt
    from .schedules import multistep as multistep
    from .schedules import noam as noam
    from .schedules import one_cycle as one_cycle
    from .schedules import restarts as restarts
    from .schedules import step_decay as step_decay
    from .schedules import trapezoid as trapezoid
    from .schedules import warmup_cosine as warmup_cosine
    from .schedules import warmup_linear as warmup_linear
    from .schedules import wsd as wsd

_CHECKS = dict.fromkeys(["Finding", "Findings", "check"], "checks")
_LATER = {"Run": "run", "show_config": "config", **_CHECKS, **dict.fromkeys(SCHEDULES, "schedules")}


def __getattr__(name: str) -> object:
    """What not everybody asks for, loaded when somebody does."""
    from importlib import import_module

    if name in ("presets", "schedules"):
        return import_module(f".{name}", __name__)
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{_LATER[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER, "presets", "schedules"})
