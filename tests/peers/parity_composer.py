"""composer's schedules, in batches."""

from formula import case
from formulas import composer

CASES = [case("composer", name) for name in composer.SAMPLES]
