"""Other libraries' schedulers that follow a metric, and the Plateau that gives the same bits."""

import os
import sys
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from itertools import accumulate
from math import copysign, inf, nan
from types import ModuleType, SimpleNamespace
from unittest.mock import patch

import numpy as np
import pytest
import stepcurve as sc
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

os.environ["KERAS_BACKEND"] = "torch"  # in others doubles need more; Keras reads it when a test imports it
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning"),  # Keras
    pytest.mark.filterwarnings("ignore:PlateauLRScheduler is deprecated:FutureWarning"),  # timm
]


@contextmanager
def setting(read, write, value):
    before = read()
    write(value)
    try:
        yield
    finally:
        write(before)


def by_keras(log, lr, **arguments):
    keras = pytest.importorskip("keras")
    with setting(keras.config.floatx, keras.config.set_floatx, "float64"):
        callback = keras.callbacks.ReduceLROnPlateau("loss", **arguments)
        optimizer, lrs = keras.optimizers.SGD(lr), []
        callback.set_model(SimpleNamespace(optimizer=optimizer))
        callback.on_train_begin()
        for epoch, metric in enumerate(log):
            callback.on_epoch_end(epoch, {"loss": metric})
            lrs.append(float(optimizer.learning_rate))
    return lrs


def by_optax(log, **arguments):
    """Without jit, under which XLA fuses (1 - rtol) * best - atol into one operation with other bits."""
    jax, contrib = pytest.importorskip("jax"), pytest.importorskip("optax.contrib")
    x64 = setting(lambda: jax.config.jax_enable_x64, lambda on: jax.config.update("jax_enable_x64", on), True)
    with x64, jax.disable_jit():
        rule, one = contrib.reduce_on_plateau(**arguments), jax.numpy.ones(())
        state, scales = rule.init(one), []
        for metric in log:
            scale, state = rule.update(one, state, value=metric)
            scales.append(float(scale))
    return scales


def in_torch(log, lr, scheduler, step, arguments):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    made, lrs = scheduler(optimizer, **arguments), []
    for epoch, metric in enumerate(log, 1):
        step(made, epoch, metric)
        lrs.append(optimizer.param_groups[0]["lr"])
    return lrs


def by_timm(log, lr, **arguments):
    scheduler = timm_plateau().PlateauLRScheduler
    return in_torch(log, lr, scheduler, scheduler.step, arguments)[arguments["warmup_t"] :]


@cache
def timm_plateau():
    """Its schedulers alone: timm itself imports torchvision, which must be built for this very torch."""
    spec = find_spec("timm") or pytest.skip("timm is not installed")
    timm = ModuleType("timm")
    timm.__path__ = spec.submodule_search_locations
    with patch.dict(sys.modules, {"timm": timm}):
        return import_module("timm.scheduler.plateau_lr")


def by_mmengine(log, lr, **arguments):
    def train_and_validate(scheduler, _, metric):
        scheduler.step()
        scheduler.step({"loss": metric})

    mmengine = pytest.importorskip("mmengine.optim")
    return in_torch(log, lr, mmengine.ReduceOnPlateauLR, train_and_validate, arguments)


def by_transformers(log, lr, **arguments):
    greedy = pytest.importorskip("transformers.optimization").GreedyLR
    return in_torch(log, lr, greedy, lambda scheduler, _, metric: scheduler.step(metric), arguments)


OURS = {
    # keras.callbacks.ReduceLROnPlateau, with floatx "float64", to which it rounds metrics and lr. Exact if
    # - the first metric is not NaN nor infinitely bad: it becomes the best all the same, in ours if set;
    # - metric + min_delta and best - min_delta are exact: Keras compares by the former, we by the latter;
    # - float32 tells every lr above min_lr from it: Keras does not cut others.
    by_keras: lambda t: sc.Plateau(
        t.lr, mode=t.mode, factor=t.factor, patience=t.patience, trigger=">=", threshold=t.min_delta,
        threshold_mode="abs", cooldown=max(t.cooldown - 1, 0), min_lr=t.min_lr, eps=0,
    ),
    # optax.contrib.reduce_on_plateau, whose scale is the lr, in float64 and without jit. Exact if
    # - patience > 0: with 0 it cuts after improvements, and only then;
    # - min_scale <= 1: the scale rises to a greater one;
    # - no number is subnormal: XLA takes it for 0.
    by_optax: lambda t: sc.Plateau(
        1.0, factor=t.factor, patience=t.patience, trigger=">=", threshold=t.rtol, atol=t.atol,
        cooldown=t.cooldown, accumulate=t.accumulation_size, min_lr=t.min_scale, eps=0,
    ),
    # timm.scheduler.PlateauLRScheduler without noise, by epochs 1, 2, ... as timm's train.py counts, from the
    # end of its warm-up on: its lr is then the end of a line, which misses lr by a rounding.
    by_timm: lambda t: sc.Plateau(
        t.warmup_lr_init + t.warmup_t * ((t.lr - t.warmup_lr_init) / t.warmup_t) if t.warmup_t else t.lr,
        mode=t.mode, factor=t.decay_rate, patience=t.patience_t, threshold=t.threshold,
        cooldown=t.cooldown_t, warmup=t.warmup_t, min_lr=t.lr_min,
    ),
    # mmengine.optim.ReduceOnPlateauLR, a validation after each epoch of training. Exact if
    # - metrics are better than 1e9 ("greater": -1e9) by the threshold: its best begins there, ours if set.
    by_mmengine: lambda t: sc.Plateau(
        t.lr, mode={"less": "min", "greater": "max"}[t.rule], factor=t.factor, patience=t.patience,
        threshold=t.threshold, threshold_mode=t.threshold_rule, cooldown=t.cooldown, min_lr=t.min_value,
        eps=t.eps, warmup=max(t.begin - 1, 0),
    ),
    # transformers.GreedyLR. Exact if
    # - window_size > 1 where smooth: its mean of one metric has rounding errors.
    by_transformers: lambda t: sc.Plateau(
        t.lr, mode=t.mode, factor=t.factor, patience=t.patience, threshold=t.threshold,
        threshold_mode=t.threshold_mode, cooldown=t.cooldown, min_lr=t.min_lr, max_lr=t.max_lr, eps=t.eps,
        window=t.window_size if t.smooth else 1, grow=True, grow_cooldown=t.warmup, cooldown_ignores=True,
        reset_after=max(t.reset_start, 1),
    ),
}  # fmt: skip

thresholds = st.sampled_from([0.0, 1e-4, 0.25]) | st.floats(0, 0.9)
counts = ["patience", "patience_t", "cooldown", "cooldown_t", "warmup", "warmup_t", "begin", "reset_start"]
VALUES = {
    "accumulation_size": st.integers(1, 3),
    "eps": st.sampled_from([0.0, 1e-8, 0.01]),
    "max_lr": st.floats(1, 10),
    "min_delta": st.just(0.0),
    "mode": st.sampled_from(["min", "max"]),
    "rule": st.sampled_from(["less", "greater"]),
    "smooth": st.booleans(),
    "window_size": st.integers(2, 5),
    **dict.fromkeys(["lr", "warmup_lr_init"], st.sampled_from([0.1, 1.0]) | st.floats(0.01, 1)),
    **dict.fromkeys(["factor", "decay_rate"], st.sampled_from([0.1, 0.5]) | st.floats(0.05, 0.95)),
    **dict.fromkeys(["threshold", "rtol", "atol"], thresholds),
    **dict.fromkeys(["threshold_mode", "threshold_rule"], st.sampled_from(["rel", "abs"])),
    **dict.fromkeys(["min_lr", "lr_min", "min_scale", "min_value"], st.just(0.0) | st.floats(0, 1)),
    **dict.fromkeys(counts, st.integers(0, 4)),
}


def names_of(theirs):
    return [name for name in OURS[theirs].__code__.co_names if name in VALUES]


small = st.integers(-8, 8).map(lambda k: k / 4)
quarters = small | st.integers(-(2**30), 2**30).map(lambda k: k / 4)
metrics = small | st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-200)  # none subnormal


def logs(metrics):
    shapes = st.sampled_from([list, accumulate, sorted, lambda log: sorted(log, reverse=True)])
    values = st.lists(metrics, min_size=10, max_size=60)
    shaped = st.builds(lambda shape, log: list(shape(log)), shapes, values)
    spoilers = st.dictionaries(st.integers(0, 59), st.sampled_from([nan, inf, -inf]), max_size=3)
    return st.builds(lambda log, spoilt: [spoilt.get(i, x) for i, x in enumerate(log)], shaped, spoilers)


def agree(theirs, logs, ours=sc.Plateau.replay, condition=lambda *_: True, **values):
    arguments = st.fixed_dictionaries({name: {**VALUES, **values}[name] for name in names_of(theirs)})
    changed = []

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(arguments, logs)
    def same(arguments, log):
        t, expected = SimpleNamespace(**arguments), theirs(log, **arguments)
        assume(condition(t, log, expected))
        assert list(ours(OURS[theirs](t), log))[-len(expected) :] == expected
        changed.append(len(set(expected)) > 1)

    same()
    assert sum(changed) > 60


def test_keras():
    def cuts_to_the_floor(t, _, lrs):
        return all(lr <= t.min_lr or np.float32(lr) > np.float32(t.min_lr) for lr in lrs)

    def condition(t, log, lrs):
        return cuts_to_the_floor(t, log, lrs) and (log[0] < inf if t.mode == "min" else log[0] > -inf)

    def from_the_first(tracker, log):
        tracker.best = log[0]
        return [tracker.lr, *tracker.replay(log[1:])]

    agree(by_keras, logs(metrics), condition=condition)
    agree(by_keras, logs(quarters), condition=condition, min_delta=quarters.map(abs))
    spoilt = st.builds(lambda first, log: [first, *log], st.sampled_from([nan, inf, -inf]), logs(metrics))
    agree(by_keras, spoilt, from_the_first, cuts_to_the_floor)


def test_optax():
    rtol = thresholds.map(lambda x: x + 1e-9) | st.just(1.0)  # optax refuses two thresholds of 0
    agree(by_optax, logs(metrics), patience=st.integers(1, 4), rtol=rtol)


def test_timm():
    agree(by_timm, logs(metrics))


def test_mmengine():
    def from_its_best(tracker, log):
        tracker.best = copysign(1e9, tracker.best)
        return tracker.replay(log)

    agree(by_mmengine, logs(metrics))
    agree(by_mmengine, logs(metrics.map(lambda x: 1e4 * x)), from_its_best)


def test_transformers():
    greedy = pytest.importorskip("transformers.optimization").GreedyLR
    with ExitStack() as stack:
        calls = [
            stack.enter_context(patch.object(greedy, name, autospec=True, side_effect=getattr(greedy, name)))
            for name in ("_reduce_lr", "_increase_lr", "_reset")
        ]
        agree(by_transformers, logs(metrics), patience=st.integers(0, 1), min_lr=st.floats(0.01, 1))
    assert min(call.call_count for call in calls) > 60


@pytest.mark.parametrize(
    ("theirs", "changed", "log"),
    [
        (by_keras, {}, [nan, 1.0, 0.5]),
        (by_keras, {"patience": 1}, [inf]),
        (by_keras, {"min_delta": 0.1}, [0.4, 0.3]),
        (by_keras, {"min_lr": 0.001}, [1.0] * 4),
        (by_optax, {"patience": 0}, [1.0]),
        (by_optax, {"patience": 1, "min_scale": 2.0}, [1.0]),
        (by_mmengine, {}, [2e9]),
        (by_transformers, {"smooth": True, "window_size": 1}, [inf, 1.0]),
    ],
)
def test_each_condition_is_needed(theirs, changed, log):
    plain = dict.fromkeys(VALUES, 0) | {"lr": 0.1, "factor": 0.1, "rtol": 0.1, "max_lr": 1, "mode": "min"}
    plain |= {"accumulation_size": 1, "rule": "less", "threshold_mode": "abs", "threshold_rule": "abs"}
    arguments = {name: {**plain, **changed}[name] for name in names_of(theirs)}
    assert OURS[theirs](SimpleNamespace(**arguments)).replay(log).tolist() != theirs(log, **arguments)
