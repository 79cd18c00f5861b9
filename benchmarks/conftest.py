"""How a benchmark is timed.

A benchmark is a function `bench_*` whose parameters are a case and, by the name `contender`, who is timed in
it. The contenders of a case take turns, each turn a test of pytest-benchmark's with a few rounds, so that
slow moments fall on all alike. report.py compares the least of all turns, and shows how the turns spread.
"""

from functools import partial
from itertools import repeat
from time import perf_counter

import pytest

TURNS = 7
ROUND = 0.004  # seconds that a round takes at least, many calls if need be
ROUNDS = 5
TURN = 0.1  # seconds after which a turn has no further round

LAYOUT = {"against": "stepcurve", "unit": "ns", "columns": "contender", "split": [], "turns": TURNS}
LOOPS = pytest.StashKey[dict]()


def pytest_addoption(parser):
    parser.addoption(
        "--quick", action="store_true", help="small sizes, once: only see that all benchmarks run"
    )


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "table(...): how a benchmark is shown and how often it is run, if not as LAYOUT"
    )
    config.addinivalue_line("markers", "slow: left out of a quick run")
    config.stash[LOOPS] = {}


def pytest_generate_tests(metafunc):
    if "turn" in metafunc.fixturenames:
        turns = 1 if metafunc.config.getoption("quick") else layout(metafunc.definition)["turns"]
        metafunc.parametrize("turn", range(turns))


def layout(node):
    return LAYOUT | next((mark.kwargs for mark in node.iter_markers("table")), {})


def race(item):
    return (item.function, *case(item).items())


def case(item):
    params = item.callspec.params.items()
    return {name: str(value) for name, value in params if name not in ("turn", "contender")}


def pytest_collection_modifyitems(config, items):
    """Turn after turn of a case, in each all its contenders."""
    if config.getoption("quick"):
        items[:] = [item for item in items if not item.get_closest_marker("slow")]
    first = {}
    for place, item in enumerate(items):
        item.add_marker(pytest.mark.filterwarnings("ignore"))  # of optimizers that do not step
        first.setdefault(race(item), place)
    items.sort(key=lambda item: (first[race(item)], item.callspec.params["turn"]))


@pytest.fixture(scope="session")
def quick(request):
    return request.config.getoption("quick")


def loop(call, times):
    for _ in repeat(None, times):
        call()


@pytest.fixture
def described(benchmark, request, turn):
    """What report.py wants to know of a benchmark, as a dict to add to."""
    node = request.node
    benchmark.extra_info |= {
        "table": node.originalname.removeprefix("bench_"),
        "layout": layout(node),
        "case": case(node),
        "contender": str(node.callspec.params["contender"]),
        "turn": turn,
    }
    return benchmark.extra_info


@pytest.fixture
def measured(benchmark, described):
    """measured(value): what is no time, in the unit of the table."""

    def measure(value):
        described["value"] = value
        benchmark.pedantic(lambda: None)

    return measure


@pytest.fixture
def timed(benchmark, request, described, quick):
    """timed(call, units): what a call costs, which does so many units of the table's work."""

    def time(call, units=1):
        key = (race(request.node), described["contender"])
        loops = request.config.stash[LOOPS]
        call()
        if key not in loops:
            loops[key] = (1, 1) if quick else calibrated(call)
        times, rounds = loops[key]
        described["units"] = times * units
        benchmark.pedantic(partial(loop, call, times), rounds=rounds)

    return time


def calibrated(call):
    """How many calls make a round, and how many rounds a turn."""
    times, took = 1, seconds(call, 1)
    while took < ROUND:
        times = max(times + 1, min(10 * times, round(1.2 * times * ROUND / max(took, 1e-7))))
        took = seconds(call, times)
    return times, max(1, min(ROUNDS, int(TURN / took)))


def seconds(call, times):
    begin = perf_counter()
    loop(call, times)
    return perf_counter() - begin
