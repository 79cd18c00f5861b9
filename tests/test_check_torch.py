"""check of torch's schedulers and ours: each finding provoked, and beside it one that just does not."""

import warnings

import pytest
import stepcurve as sc
import torch
from schedules import ORDINARY
from stepcurve import _core, lr_scheduler
from stepcurve.lr_scheduler import CurveScheduler
from stepcurve.lr_scheduler.oddities import ODDITIES
from torch.optim import lr_scheduler as torchs
from worlds import World, build, make_optimizer

pytestmark = pytest.mark.filterwarnings("ignore")
MODULES = pytest.mark.parametrize("module", [torchs, lr_scheduler], ids=["torch", "stepcurve"])
LINEAR, COSINE = ("LinearLR", {"start_factor": 0.1, "total_iters": 9}), ("CosineAnnealingLR", {"T_max": 91})
LONGER = ("CosineAnnealingLR", {"T_max": 99})
FLOORED = ("CosineAnnealingLR", {"T_max": 91, "eta_min": 1e-3})
LAMBDA, CYCLIC = ("LambdaLR", {"lr_lambda": lambda step: 0.99**step}), ("CyclicLR", ORDINARY["CyclicLR"])


def sequential(*schedulers, milestones=(9,), **options):
    return "SequentialLR", {"schedulers": [*schedulers], "milestones": [*milestones], **options}


def chained(*schedulers):
    return "ChainedScheduler", {"schedulers": [*schedulers]}


def added(scheduler):
    return "added", scheduler


def resumed(scheduler, last_epoch):
    return "resumed", scheduler, last_epoch


def reloaded(scheduler, steps):
    return "reloaded", scheduler, steps


def made(module, spec):
    if spec[0] == "added":
        scheduler = made(module, spec[1])
        scheduler.optimizer.add_param_group({"params": [torch.nn.Parameter(torch.zeros(1))], "lr": 0.5})
        return scheduler
    if spec[0] not in ("resumed", "reloaded"):
        return build(module, spec, make_optimizer([0.1]))
    how, (name, parameters), steps = spec
    before = build(module, (name, parameters), make_optimizer([0.1]))
    for _ in range(steps):
        before.step()
    optimizer = make_optimizer([0.1])
    optimizer.load_state_dict(before.optimizer.state_dict())
    if how == "resumed":
        return build(module, (name, {**parameters, "last_epoch": steps - 1}), optimizer)
    after = build(module, (name, parameters), optimizer)
    after.load_state_dict(before.state_dict())
    return after


STEP, ONE = ("StepLR", {"step_size": 30}), ("OneCycleLR", {"max_lr": 0.1, "total_steps": 100})
TRIPLING = ("CosineAnnealingWarmRestarts", {"T_0": 3, "T_mult": 3})
TENS = ("CosineAnnealingWarmRestarts", {"T_0": 10})
SHORT, WHOLE = ("PolynomialLR", {"total_iters": 25}), ("PolynomialLR", {"total_iters": 100})
INNER = sequential(LINEAR, COSINE)
# Finding, how grave, its steps in a run of so many; what provokes it, and what does not.
TABLE = [
    ("nested-sequential", "warning", (0, 49), 100, sequential(INNER, LINEAR, milestones=[50]), INNER),
    (
        "nested-sequential",
        "warning",
        (0, 8),
        100,
        sequential(chained(LINEAR), COSINE),
        chained(LINEAR, COSINE),
    ),
    ("step-raises", "error", (9, 99), 100, sequential(LINEAR, chained(COSINE)), sequential(LINEAR, COSINE)),
    ("step-raises", "error", (5, 99), 100, ("ConstantLR", {"factor": 0.0}), ("ConstantLR", {"factor": 0.1})),
    ("step-raises", "error", (1, 99), 100, ("CosineAnnealingLR", {"T_max": 0}), COSINE),
    ("sequential-last-epoch", "warning", (21, 21), 100, sequential(LINEAR, COSINE, last_epoch=20), INNER),
    ("last-epoch-on-milestone", "warning", (30, 30), 100, resumed(STEP, 30), resumed(STEP, 31)),
    ("off-schedule", "warning", (5, 5), 100, reloaded(LINEAR, 5), reloaded(COSINE, 5)),
    ("total-iters-zero", "warning", (0, 99), 100, ("LinearLR", {"total_iters": 0}), LINEAR),
    ("total-iters-zero", "warning", (0, 99), 100, ("ConstantLR", {"total_iters": 5.5}), ("ConstantLR", {})),
    ("step-size-below-zero", "warning", (0, 99), 100, ("StepLR", {"step_size": -7}), STEP),
    ("milestones-skipped", "warning", None, 100, ("MultiStepLR", {"milestones": [30.5]}), STEP),
    ("chained-not-product", "warning", (0, 99), 100, chained(LINEAR, FLOORED), chained(LINEAR, LONGER)),
    ("chained-not-product", "warning", (0, 92), 93, chained(LINEAR, COSINE), chained(COSINE)),
    ("chained-not-product", "warning", (0, 99), 100, chained(STEP, LAMBDA), chained(LAMBDA)),
    ("past-one-cycle", "error", (100, 100), 101, ONE, ("OneCycleLR", {"max_lr": 0.1, "total_steps": 101})),
    ("past-one-cycle", "error", (109, 119), 120, sequential(LINEAR, ONE), sequential(ONE, LINEAR)),
    ("added-group", "warning", (0, 99), 100, added(LINEAR), added(STEP)),
    ("added-group", "error", (1, 99), 100, added(LAMBDA), added(WHOLE)),
    ("added-group", "error", (92, 99), 100, added(COSINE), COSINE),
    ("restart-by-epoch", "info", (363, 363), 1092, TRIPLING, TENS),
    ("rises-again", "warning", (91, 149), 150, COSINE, ("CosineAnnealingLR", {"T_max": 150})),
    ("ends-early", "warning", (25, 99), 100, SHORT, WHOLE),
    ("milestones-never-reached", "warning", (0, 29), 30, STEP, ("StepLR", {"step_size": 29})),
    ("restart-cut-short", "warning", (90, 94), 95, TENS, ("CosineAnnealingWarmRestarts", {"T_0": 19})),
    ("vanishing-lr", "warning", (94, 199), 200, ("ExponentialLR", {"gamma": 0.9}), LAMBDA),
    ("negative-lr", "error", (1, 99), 100, ("LambdaLR", {"lr_lambda": lambda step: -step}), LAMBDA),
    ("partly-checked", "info", (0, 99_999), 200_000, LAMBDA, STEP),
]


@MODULES
@pytest.mark.parametrize(("identity", "severity", "steps", "run", "provoking", "sound"), TABLE)
def test_a_finding_is_provoked_and_just_not(module, identity, severity, steps, run, provoking, sound):
    found = [finding for finding in sc.check(made(module, provoking), run) if finding.id == identity]
    assert [(finding.severity, finding.steps) for finding in found] == [(severity, steps)]
    assert identity not in {finding.id for finding in sc.check(made(module, sound), run)}


def test_every_oddity_is_tried():
    elsewhere = {"negative-metric", "one-cycle-state"}
    assert {*ODDITIES} <= {identity for identity, *_ in TABLE} | elsewhere


@MODULES
def test_a_plateau_of_negative_metrics(module):
    for options, metric, ids in (
        ({}, -1.0, ["negative-metric"]),
        ({}, 1.0, []),
        ({"threshold_mode": "abs"}, -1.0, []),
    ):
        scheduler = module.ReduceLROnPlateau(make_optimizer([0.1]), patience=0, **options)
        assert sc.check(scheduler, 100) == ()
        scheduler.step(metric)
        assert [finding.id for finding in sc.check(scheduler, 100)] == ids
    worse = module.ReduceLROnPlateau(make_optimizer([0.1]), patience=0)
    worse.step(-1.0)
    worse.step(-0.99995)
    assert worse.best == -0.99995  # what the finding speaks of


@MODULES
def test_a_one_cycle_whose_state_was_replaced(module):
    old, new = make_optimizer([0.1]), make_optimizer([0.1])
    module.OneCycleLR(old, 0.1, total_steps=100)
    scheduler = module.OneCycleLR(new, 0.2, total_steps=100)
    assert sc.check(scheduler, 100).sound
    new.load_state_dict(old.state_dict())
    assert "one-cycle-state" in {finding.id for finding in sc.check(scheduler, 100)}


@MODULES
def test_two_schedulers_on_one_optimizer(module):
    def ids(*specs, named=False):
        optimizer = make_optimizer([0.1])
        schedulers = [build(module, spec, optimizer) for spec in specs]
        findings = sc.check(schedulers if named else schedulers[0], 100)
        return [finding.id for finding in findings].count("two-schedulers")

    assert ids(LAMBDA, CYCLIC) == ids(STEP, CYCLIC) == 1
    assert ids(LAMBDA, CYCLIC, named=True) == 1
    assert ids(LAMBDA, ("ReduceLROnPlateau", {})) == 1
    assert ids(STEP, COSINE) == ids(LAMBDA) == ids(CYCLIC, ("SWALR", {"swa_lr": 0.1})) == 0
    assert ids(sequential(LAMBDA, CYCLIC)) == ids(chained(LAMBDA, CYCLIC)) == 0
    optimizer = make_optimizer([0.1])
    weight_decay = CurveScheduler(optimizer, weight_decay=sc.constant(0.1))
    lr = CurveScheduler(optimizer, lr=sc.constant(0.1))
    assert sc.check([lr, weight_decay], 100).sound
    last = CurveScheduler(optimizer, lr=sc.constant(0.2))
    assert [finding.id for finding in last.check(100) if finding.severity == "warning"] == ["two-schedulers"]


SOUND = {
    "StepLR": 21,
    "MultiStepLR": 40,
    "ConstantLR": 20,
    "LinearLR": 60,
    "ExponentialLR": 90,
    "CosineAnnealingLR": 20,
    "CosineAnnealingWarmRestarts": 42,
    "OneCycleLR": 60,
    "CyclicLR": 48,
    "SequentialLR": 50,
    "ChainedScheduler": 60,
    "SWALR": 30,
    "PolynomialLR": 25,
    "ReduceLROnPlateau": 10,
    "LambdaLR": 12,
    "MultiplicativeLR": 6,
}


@MODULES
@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_schedulers_are_sound(module, name):
    scheduler = build(module, (name, ORDINARY[name]), make_optimizer([0.1, 0.2]))
    assert sc.check(scheduler, SOUND[name]).sound


@pytest.mark.parametrize("module", [torchs, lr_scheduler], ids=["torch", "stepcurve"])
@pytest.mark.parametrize("name", ORDINARY)
def test_checking_changes_nothing(module, name):
    world = World(module, [0.1, 0.2])
    world.do("build", (name, ORDINARY[name]))
    for run in (None, 10, 10_000):
        before = world.state()
        sc.check(world.schedulers[0], run)
        assert world.state() == before
        if name != "ReduceLROnPlateau":
            world.do("step", 0)


def test_a_run_that_is_under_way_is_checked_as_a_whole():
    for spec in (COSINE, INNER, STEP, CYCLIC, chained(LINEAR, COSINE), LAMBDA):
        scheduler = made(lr_scheduler, spec)
        begun = {finding.id for finding in scheduler.check(48) if finding.severity != "info"}
        for _ in range(20):
            scheduler.step()
        assert {finding.id for finding in scheduler.check(48) if finding.severity != "info"} == begun


def test_an_epoch_a_step():
    run = sc.Run(epochs=90, steps_per_epoch=100)
    scheduler = made(lr_scheduler, ("CosineAnnealingLR", {"T_max": 90}))
    assert scheduler.check(run, per="epoch") == ()
    found = {finding.id: finding for finding in scheduler.check(run)}
    assert {"lengths-in-epochs", "rises-again"} <= {*found}
    assert found["lengths-in-epochs"].remedy.endswith("multiply its lengths by 100.")
    batches = made(lr_scheduler, ("CosineAnnealingLR", {"T_max": 9_000}))
    assert batches.check(run) == ()
    assert "lengths-in-steps" in {finding.id for finding in batches.check(run, per="epoch")}


def test_curve_schedulers():
    optimizer = make_optimizer([0.1, 0.2])
    falls, ends = sc.cosine(1, 0, 100), sc.cosine(1, 0, 60)
    assert CurveScheduler(optimizer, lr=falls).check(100) == ()
    assert CurveScheduler(optimizer, lr=[falls, None]).check(100) == ()
    assert {f.id for f in CurveScheduler(optimizer, lr=[falls, sc.relative(ends)]).check(100)} == {
        "ends-early",
        "zero-lr",
    }
    assert CurveScheduler(optimizer, weight_decay=sc.linear(0, 0.1, 30), momentum=ends).check(100) == ()
    broken = CurveScheduler(optimizer, momentum=ends.past_end("raise"))
    assert [finding.id for finding in broken.check(100)] == ["raises"]
    listed = CurveScheduler(optimizer, lr=[falls, falls])
    optimizer.add_param_group({"params": [torch.nn.Parameter(torch.zeros(1))]})
    assert [finding.id for finding in listed.check(100)] == ["added-group"]


def test_many_groups_and_long_runs_are_looked_at_in_part():
    scheduler = build(torchs, LAMBDA, make_optimizer([0.1] * 100))
    assert [finding.steps for finding in sc.check(scheduler, 10**9)] == [(0, 999)]
    scheduler = build(lr_scheduler, ("CosineAnnealingLR", {"T_max": 10**9}), make_optimizer([0.1] * 100))
    calls = _core.steps_by_torch()
    assert scheduler.check(10**9) == ()
    assert _core.steps_by_torch() == calls


def test_a_replaced_method_is_left_alone():
    scheduler = build(lr_scheduler, LINEAR, make_optimizer([0.1]))
    scheduler.get_lr = lambda: pytest.fail("called")
    assert scheduler.check(100) == ()


@pytest.mark.parametrize("schedule", [[], [sc.constant(1)], torch.zeros(1), None])
def test_other_things_are_refused(schedule):
    with pytest.raises(TypeError, match="schedule must be a curve or torch schedulers"):
        sc.check(schedule, 10)


def test_no_warning_of_torch_escapes():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sc.check(torchs.StepLR(make_optimizer([0.1]), 3), 10).sound
