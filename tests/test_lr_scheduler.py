"""Programs of calls on torch's schedulers and on ours: the same numbers to the bit, errors and warnings."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from worlds import Callable, both, halved, pair, tenth_or_whole

RATES = st.one_of(st.sampled_from([0.1, 1e-3, 0.0, 1.0]), st.floats(1e-8, 10.0))
SMALL = st.integers(1, 8)
FACTORS = st.one_of(st.sampled_from([0.5, 0.1, 1.0, 1]), st.floats(0.01, 1.5))
PARTS = st.one_of(st.sampled_from([0.25, 1.0, 1]), st.floats(0.01, 1.0))
KINDS = st.sampled_from(["float", "float", "float32", "float64"])
FUNCTIONS = st.sampled_from([halved, tenth_or_whole]) | st.builds(Callable, st.floats(0.5, 1.0))


def described(name, **parameters):
    return st.tuples(st.just(name), st.fixed_dictionaries(parameters))


ONE_CYCLE = {
    "max_lr": RATES,
    "total_steps": st.integers(2, 60),
    "pct_start": st.floats(0.1, 0.9),
    "anneal_strategy": st.sampled_from(["cos", "linear"]),
    "three_phase": st.booleans(),
    "cycle_momentum": st.booleans(),
}
CYCLIC = {
    "base_lr": RATES,
    "max_lr": RATES,
    "step_size_up": SMALL,
    "step_size_down": st.none() | SMALL,
    "mode": st.sampled_from(["triangular", "triangular2", "exp_range"]),
    "gamma": st.floats(0.5, 1.0),
    "scale_fn": st.none() | st.sampled_from([halved]),
    "scale_mode": st.sampled_from(["cycle", "iterations"]),
    "cycle_momentum": st.booleans(),
}
SIMPLE = [
    described("StepLR", step_size=st.integers(-1, 6), gamma=FACTORS),
    described("MultiStepLR", milestones=st.lists(st.integers(0, 20), max_size=5), gamma=FACTORS),
    described("ConstantLR", factor=st.floats(0, 1) | PARTS, total_iters=st.integers(0, 9)),
    described("LinearLR", start_factor=PARTS, end_factor=PARTS, total_iters=st.integers(0, 9)),
    described("ExponentialLR", gamma=FACTORS),
    described("PolynomialLR", total_iters=st.integers(0, 9), power=st.sampled_from([1.0, 2, 0.5, 1.3])),
    described(
        "CosineAnnealingLR", T_max=st.integers(-1, 12) | st.floats(0.5, 12), eta_min=st.just(0) | RATES
    ),
    described(
        "CosineAnnealingWarmRestarts",
        T_0=st.integers(0, 6),
        T_mult=st.integers(1, 3),
        eta_min=st.just(0) | RATES,
    ),
    described("CyclicLR", **CYCLIC),
    described("OneCycleLR", **ONE_CYCLE),
    described("LambdaLR", lr_lambda=FUNCTIONS),
    described("MultiplicativeLR", lr_lambda=FUNCTIONS),
    described(
        "SWALR",
        swa_lr=RATES,
        anneal_epochs=st.integers(0, 9),
        anneal_strategy=st.sampled_from(["cos", "linear"]),
    ),
    described("Root"),
    described("Floored", gamma=FACTORS),
    described("Named", step_size=SMALL, gamma=FACTORS),
]
PLATEAU = described(
    "ReduceLROnPlateau",
    mode=st.sampled_from(["min", "max"]),
    factor=st.floats(0.1, 0.9),
    patience=st.integers(0, 3),
    threshold=st.sampled_from([0.0, 1e-4, 0.1, 1]),
    threshold_mode=st.sampled_from(["rel", "abs"]),
    cooldown=st.integers(0, 3),
    min_lr=st.sampled_from([0, 0.01, 1e-3]),
    eps=st.sampled_from([1e-8, 0.02]),
)


def as_torchs(schedule):
    name, parameters = schedule
    return (name, parameters) if name in ("Root", "Floored", "Named") else (f"torch:{name}", parameters)


LEAVES = st.one_of(SIMPLE) | st.one_of(SIMPLE).map(as_torchs)


def sequences(parts):
    def of(schedules):
        milestones = st.lists(st.integers(0, 15), min_size=len(schedules) - 1, max_size=len(schedules) - 1)
        return described("SequentialLR", schedulers=st.just(schedules), milestones=milestones.map(sorted))

    return st.lists(parts, min_size=1, max_size=3).flatmap(of)


def chains(parts):
    return described("ChainedScheduler", schedulers=st.lists(parts, min_size=1, max_size=3))


SCHEDULES = st.recursive(LEAVES, lambda parts: sequences(parts) | chains(parts), max_leaves=4)
METRICS = st.floats(-1, 1) | st.floats(0, 1) | st.sampled_from([float("nan"), float("inf"), 0, "0.5", None])

WRITES = st.one_of(
    st.tuples(st.sampled_from(["last_epoch", "_step_count"]), st.integers(-2, 30)),
    st.tuples(st.just("base_lrs"), st.lists(RATES, min_size=1, max_size=3)),
    st.tuples(st.just("_last_lr"), st.lists(RATES, min_size=1, max_size=3)),
    st.tuples(st.sampled_from(["gamma", "factor", "power", "start_factor", "end_factor"]), FACTORS),
    st.tuples(st.sampled_from(["T_max", "T_0", "T_i", "T_cur", "T_mult"]), st.integers(0, 9) | st.just(2.5)),
    st.tuples(st.sampled_from(["step_size", "total_iters", "total_steps", "patience"]), st.integers(0, 30)),
    st.tuples(st.just("eta_min"), st.floats(0, 0.1) | st.just("0.1")),
    st.tuples(st.just("milestones"), st.dictionaries(st.integers(0, 9), st.integers(1, 3)).map(Counter)),
    st.tuples(
        st.sampled_from(["cycle_momentum", "_is_initial", "_get_lr_called_within_step"]), st.booleans()
    ),
    st.tuples(st.just("best"), st.floats(-1, 1)),
    st.tuples(st.just("note"), st.just("kept")),
)


class Programs(RuleBasedStateMachine):
    """Any program of calls."""

    @initialize(
        rates=st.lists(RATES, min_size=1, max_size=3),
        kind=KINDS,
        optimizer=st.sampled_from(["SGD", "AdamW"]),
        schedule=SCHEDULES | PLATEAU,
    )
    def begin(self, rates, kind, optimizer, schedule):
        self.worlds, self.specs = pair(rates, kind, optimizer), []
        self.add(schedule)

    def add(self, schedule):
        if not isinstance(both(self.worlds, "build", schedule), type):
            self.specs.append(schedule)

    def index(self, data):
        return data.draw(st.integers(0, len(self.specs) - 1))

    @rule(schedule=SCHEDULES | PLATEAU)
    def another(self, schedule):
        if len(self.specs) < 3:
            self.add(schedule)

    @rule()
    def train(self):
        both(self.worlds, "train")

    @precondition(lambda self: self.specs)
    @rule(data=st.data(), times=st.integers(1, 25))
    def step(self, data, times):
        index = self.index(data)
        plateau = self.specs[index][0].endswith("ReduceLROnPlateau")
        for _ in range(times):
            both(self.worlds, "step", index, *([data.draw(METRICS)] if plateau else []))

    @precondition(lambda self: self.specs)
    @rule(data=st.data(), epoch=st.integers(-2, 40) | st.floats(0, 40) | st.none())
    def step_to(self, data, epoch):
        index = self.index(data)
        both(self.worlds, "step", index, *([0.5] if "Plateau" in self.specs[index][0] else []), epoch)

    @precondition(lambda self: self.specs)
    @rule(data=st.data())
    def ask(self, data):
        both(self.worlds, "get_lr", self.index(data))

    @rule(data=st.data(), value=RATES | st.just(1))
    def edit(self, data, value):
        groups = len(self.worlds[0].optimizer.param_groups)
        both(self.worlds, "set_lr", data.draw(st.integers(0, groups - 1)), value)

    @rule(value=RATES)
    def add_group(self, value):
        both(self.worlds, "add_group", value)

    @precondition(lambda self: self.specs)
    @rule(data=st.data(), write=WRITES)
    def write(self, data, write):
        both(self.worlds, "write", self.index(data), *write)

    @precondition(lambda self: self.specs)
    @rule(data=st.data())
    def replace_a_method(self, data):
        index = self.index(data)
        both(self.worlds, "replace_get_lr", index)
        for _ in range(3):
            both(self.worlds, "step", index)
        both(self.worlds, "restore_get_lr", index)

    @rule()
    def copy(self):
        both(self.worlds, "copy")

    @rule()
    def pickle(self):
        both(self.worlds, "pickle")

    @precondition(lambda self: self.specs)
    @rule(data=st.data(), across=st.booleans())
    def reload(self, data, across):
        index = self.index(data)
        if not across:
            both(self.worlds, "reload", index, self.specs[index])
            return
        # torch's state goes into our class and ours into torch's; then the two trade places.
        torchs, ours = self.worlds
        expected = torchs.do("reload", index, self.specs[index], ours.module)
        assert ours.do("reload", index, self.specs[index], torchs.module) == expected
        torchs.schedulers, ours.schedulers = list(torchs.schedulers), list(ours.schedulers)
        assert torchs.state() == ours.state()

    @invariant()
    def alike(self):
        if hasattr(self, "worlds"):
            assert self.worlds[0].state() == self.worlds[1].state()


Programs.TestCase.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
TestPrograms = Programs.TestCase


@pytest.mark.parametrize("schedules", [*SIMPLE, sequences(LEAVES), chains(LEAVES), PLATEAU])
@settings(max_examples=40)
@given(data=st.data(), rates=st.lists(RATES, min_size=1, max_size=3), kind=KINDS)
def test_long_runs_are_the_same(schedules, data, rates, kind):
    worlds, schedule = pair(rates, kind), data.draw(schedules)
    if isinstance(both(worlds, "build", schedule), type):
        return
    metrics = iter(data.draw(st.lists(METRICS, min_size=60, max_size=60)) if "Plateau" in schedule[0] else [])
    for _ in range(60):
        both(worlds, "step", 0, *([next(metrics)] if "Plateau" in schedule[0] else []))


@pytest.mark.parametrize("kind", ["float", "float32", "float64"])
@pytest.mark.parametrize("groups", [1, 2, 100])
def test_many_groups(kind, groups):
    worlds = pair([0.1 / (i + 1) for i in range(groups)], kind)
    both(worlds, "build", ("CosineAnnealingLR", {"T_max": 7, "eta_min": 1e-3}))
    for _ in range(30):
        both(worlds, "step", 0)
