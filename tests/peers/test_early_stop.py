"""Other libraries' early stopping, and the EarlyStop that stops at the same step with the same best."""

import os
from contextlib import contextmanager
from math import inf, nan
from types import SimpleNamespace

import pytest
import stepcurve as sc
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

os.environ["KERAS_BACKEND"] = "torch"  # in others doubles need more; Keras reads it when a test imports it
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning"),  # Keras
    pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning"),  # Lightning
]


def until_it_stops(log, stops, best):
    """The step at which it stops, None if it does not, and the best until then."""
    for step, metric in enumerate(log):
        if stops(step, metric):
            return step, best()
    return None, best()


@contextmanager
def doubles(keras):
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    yield
    keras.config.set_floatx(before)


def by_keras(log, **arguments):
    keras = pytest.importorskip("keras")
    callback, model = keras.callbacks.EarlyStopping("loss", **arguments), SimpleNamespace(stop_training=False)
    callback.set_model(model)
    callback.on_train_begin()

    def stops(epoch, metric):
        callback.on_epoch_end(epoch, {"loss": metric})
        return model.stop_training

    with doubles(keras):
        return until_it_stops(log, stops, lambda: callback.best)


def by_lightning(log, **arguments):
    """The decision of a check; what is around it asks all processes and stops the trainer."""
    try:
        from lightning.pytorch import callbacks
    except (ImportError, RuntimeError) as error:  # torchvision, which timm brings, is for another torch
        pytest.skip(f"no Lightning here: {error}")
    callback = callbacks.EarlyStopping("loss", **arguments)

    def stops(_, metric):
        return callback._evaluate_stopping_criteria(torch.tensor(metric, dtype=torch.float64))[0]

    return until_it_stops(log, stops, lambda: callback.best_score.item())


def trainers_best(args, state, metrics):
    """What Trainer._determine_best_metric does; it cannot be imported beside every torchvision."""
    worst = -inf if args.greater_is_better else inf
    best = worst if state.best_metric is None else state.best_metric
    better = metrics["eval_loss"] > best if args.greater_is_better else metrics["eval_loss"] < best
    state.best_metric = metrics["eval_loss"] if better else best


def by_transformers(log, mode, keep_best=trainers_best, **arguments):
    """The callback, and the best that the Trainer keeps after it."""
    callbacks = pytest.importorskip("transformers.trainer_callback")
    callback = callbacks.EarlyStoppingCallback(**arguments)
    args = SimpleNamespace(metric_for_best_model="loss", greater_is_better=mode == "max", save_strategy="no")
    state, control = callbacks.TrainerState(), callbacks.TrainerControl()

    def stops(_, metric):
        callback.on_evaluate(args, state, control, {"eval_loss": metric})
        keep_best(args, state, {"eval_loss": metric})
        return control.should_training_stop

    return until_it_stops(log, stops, lambda: state.best_metric)


def by_ignite(log, **arguments):
    ignite = pytest.importorskip("ignite.engine")
    handlers = pytest.importorskip("ignite.handlers")
    trainer = ignite.Engine(lambda *_: None)
    handler = handlers.EarlyStopping(
        score_function=lambda engine: engine.state.score, trainer=trainer, **arguments
    )

    def stops(_, metric):
        handler(SimpleNamespace(state=SimpleNamespace(score=metric)))
        return trainer.should_terminate

    return until_it_stops(log, stops, lambda: handler.best_score)


OURS = {
    # keras.callbacks.EarlyStopping. Exact if
    # - the first metric that it looks at is not NaN nor infinitely bad: it becomes the best all the same;
    # - metric + min_delta and best - min_delta are exact: Keras compares by the former, we by the latter.
    by_keras: lambda t: sc.EarlyStop(
        mode=t.mode, patience=t.patience, threshold=t.min_delta, baseline=t.baseline,
        warmup=t.start_from_epoch,
    ),
    # lightning.pytorch.callbacks.EarlyStopping. Exact if
    # - no metric equals a threshold: it goes on, ours has reached it;
    # - metric + min_delta and best - min_delta are exact, as in Keras.
    # Its best leaves out the metric that met a threshold.
    by_lightning: lambda t: sc.EarlyStop(
        mode=t.mode, patience=t.patience, threshold=t.min_delta,
        target=or_infinite(t.stopping_threshold, t, -1), limit=or_infinite(t.divergence_threshold, t, 1),
        nan="stop" if t.check_finite else "bad",
    ),
    # transformers.EarlyStoppingCallback, with the Trainer's best. Exact if
    # - the first metric is not NaN nor infinitely bad: it does not count;
    # - patience > 0: with 0 it stops at the first;
    # - metric - best and best - threshold are exact: it compares by the former, we by the latter.
    by_transformers: lambda t: sc.EarlyStop(
        mode=t.mode, patience=t.early_stopping_patience, threshold=t.early_stopping_threshold,
        cumulative=False,
    ),
    # ignite.handlers.EarlyStopping. Exact if
    # - no metric is NaN: it would be an improvement;
    # - the first metric is not infinitely bad: it becomes the best all the same.
    by_ignite: lambda t: sc.EarlyStop(
        mode=t.mode, patience=t.patience, threshold=t.threshold, threshold_mode=t.threshold_mode,
        cumulative=t.cumulative,
    ),
}  # fmt: skip


def or_infinite(threshold, t, side):
    """What stops at an infinity, too, that is not finite: any threshold does, and the infinity itself."""
    if threshold is not None or not t.check_finite:
        return threshold
    return side * (inf if t.mode == "min" else -inf)


quarters = st.integers(-8, 8).map(lambda k: k / 4) | st.integers(-(2**30), 2**30).map(lambda k: k / 4)
metrics = st.integers(-8, 8).map(lambda k: k / 4) | st.floats(-1e6, 1e6)
between = st.none() | st.integers(-8, 8).map(lambda k: k / 4 + 1 / 8)
VALUES = {
    "mode": st.sampled_from(["min", "max"]),
    "baseline": st.none() | quarters,
    "start_from_epoch": st.integers(0, 4),
    "check_finite": st.booleans(),
    "cumulative": st.booleans(),
    "threshold_mode": st.sampled_from(["rel", "abs"]),
    "threshold": st.sampled_from([0.0, 1e-4, 0.25]) | st.floats(0, 0.9),
    **dict.fromkeys(["min_delta", "early_stopping_threshold"], st.just(0.0)),
    **dict.fromkeys(["stopping_threshold", "divergence_threshold"], between),
    **dict.fromkeys(["patience", "early_stopping_patience"], st.integers(1, 6)),
}


def names_of(theirs):
    return [name for name in OURS[theirs].__code__.co_names if name in VALUES]


def logs(metrics, spoilers=(nan, inf, -inf), first=None):
    values = st.lists(metrics, min_size=2, max_size=40)
    shapes = st.sampled_from([list, sorted, lambda log: sorted(log, reverse=True)])
    shaped = st.builds(lambda shape, log: list(shape(log)), shapes, values)
    spoilt = st.dictionaries(st.integers(first or 0, 39), st.sampled_from([*spoilers, 0.25]), max_size=3)
    return st.builds(lambda log, spoilt: [spoilt.get(i, x) for i, x in enumerate(log)], shaped, spoilt)


def agree(theirs, logs, same_best=lambda *_: True, **values):
    arguments = st.fixed_dictionaries({name: {**VALUES, **values}[name] for name in names_of(theirs)})
    stopped = []

    @settings(max_examples=300, deadline=None, derandomize=True)
    @given(arguments, logs)
    def same(arguments, log):
        t, (step, best) = SimpleNamespace(**arguments), theirs(log, **arguments)
        ours = OURS[theirs](t)
        ours.replay(log)
        assert ours.stopped_at == step
        if best is not None and same_best(t, ours, log):
            assert ours.best == best
        stopped.append(step is not None)

    same()
    assert 100 < sum(stopped) < len(stopped) - 20


def test_keras():
    agree(by_keras, logs(metrics, first=5), patience=st.integers(0, 6))
    agree(by_keras, logs(quarters, first=5), patience=st.integers(0, 6), min_delta=quarters.map(abs))


def test_lightning():
    def by_patience(t, ours, log):
        return ours.stopped_at is None or ours.bad_steps >= max(t.patience, 1)

    agree(by_lightning, logs(metrics.map(lambda x: x + 1 / 16)), by_patience, patience=st.integers(0, 6))
    agree(by_lightning, logs(quarters), by_patience, min_delta=quarters.map(abs))


def test_transformers():
    agree(by_transformers, logs(metrics, first=1))
    agree(by_transformers, logs(quarters, first=1), early_stopping_threshold=quarters.map(abs))


@settings(max_examples=200, derandomize=True)
@given(st.sampled_from(["min", "max"]), logs(metrics))
def test_the_best_of_transformers_is_its_trainers(mode, log):
    try:
        from transformers import Trainer
    except ImportError as error:
        pytest.skip(f"no Trainer here: {error}")

    def real(args, state, metrics):
        Trainer._determine_best_metric(SimpleNamespace(args=args, state=state), metrics, None)

    given = {"mode": mode, "early_stopping_patience": 100}
    assert by_transformers(log, **given) == by_transformers(log, **given, keep_best=real)


def test_ignite():
    agree(by_ignite, logs(metrics, (inf, -inf), first=1))


@pytest.mark.parametrize(
    ("theirs", "changed", "log"),
    [
        (by_keras, {}, [nan, 1.0]),
        (by_keras, {}, [inf, 1.0]),
        (by_keras, {"min_delta": 0.1}, [0.4, 0.3]),
        (by_lightning, {"stopping_threshold": 0.5}, [0.5]),
        (by_lightning, {"divergence_threshold": 0.5}, [0.5]),
        (by_lightning, {"min_delta": 0.1}, [0.4, 0.3]),
        (by_transformers, {}, [nan]),
        (by_transformers, {"early_stopping_patience": 0}, [1.0]),
        (by_transformers, {"early_stopping_threshold": 0.5}, [0.8, 0.3]),
        (by_ignite, {}, [1.0, nan]),
        (by_ignite, {}, [inf]),
    ],
)
def test_each_condition_is_needed(theirs, changed, log):
    plain = {"mode": "min", "patience": 1, "early_stopping_patience": 1, "threshold_mode": "abs"}
    plain |= dict.fromkeys(["baseline", "stopping_threshold", "divergence_threshold"])
    plain |= dict.fromkeys(["threshold", "min_delta", "early_stopping_threshold", "start_from_epoch"], 0)
    plain |= {"cumulative": True, "check_finite": False} | changed
    arguments = {name: plain[name] for name in names_of(theirs)}
    ours = OURS[theirs](SimpleNamespace(**arguments))
    ours.replay(log)
    assert ours.stopped_at != theirs(log, **arguments)[0]
