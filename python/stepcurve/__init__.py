"""Learning-rate schedules as exact, composable curves, computed by a C++ core."""

from typing import TYPE_CHECKING

from .curve import Curve as Curve
from .curve import join as join
from .plateau import Plateau as Plateau
from .plateau_grid import PlateauGrid as PlateauGrid
from .plateau_grid import plateau_grid as plateau_grid
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
from .text import parse as parse

__version__ = "0.1.0"


if TYPE_CHECKING:
    from . import presets as presets
    from .run import Run as Run


def __getattr__(name: str) -> object:
    """What takes a while to load and not everybody asks for."""
    from importlib import import_module

    if name == "presets":
        return import_module(".presets", __name__)
    if name == "Run":
        return import_module(".run", __name__).Run
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
