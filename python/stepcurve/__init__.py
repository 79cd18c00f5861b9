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
    from .run import Run as Run


def __getattr__(name: str) -> object:
    """Run, whose fractions are not worth loading for those who never ask."""
    if name != "Run":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .run import Run

    globals()[name] = Run
    return Run
