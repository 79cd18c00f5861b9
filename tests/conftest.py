import signal

import matplotlib as mpl
import pytest
from hypothesis import settings
from stepcurve import _core

mpl.use("agg")

# A shell's job in the background ignores SIGINT, and so would the processes that tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

# No deadline: the machine's noise is no property of the code.
settings.register_profile("default", deadline=None, max_examples=200)
settings.load_profile("default")


@pytest.fixture(params=_core.runnable_targets())
def target(request):
    """Every CPU target that this machine runs, forced in turn."""
    before = _core.active_target()
    _core.force_target(request.param)
    yield request.param
    _core.force_target(before)
