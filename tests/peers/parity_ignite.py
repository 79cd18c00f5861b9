"""Ignite: the scheduler, called with no engine, as its simulate_values does."""

from types import SimpleNamespace

from parity import Case, past, pick, whole
from stepcurve import presets


def scheduler(name, parameters, optimizer):
    from ignite import handlers

    if "State" in name:
        return getattr(handlers, name)(param_name="value", create_new=True, **parameters)
    return getattr(handlers, name)(optimizer, "lr", **parameters)


def optimizer(lr=1.0):
    import torch

    return torch.optim.SGD([torch.zeros(1)], lr=lr)


def called(made, optimizer, steps):
    values = []
    for _ in range(int(max(steps)) + 1):
        made(None)
        values.append(optimizer.param_groups[0]["lr"])
    return [values[int(step)] for step in steps]


def values(name):
    def of(steps, parameters):
        if "State" not in name:
            on = optimizer()
            return called(scheduler(name, parameters, on), on, steps)
        made, engine = scheduler(name, parameters, None), SimpleNamespace(state=SimpleNamespace())
        states = {}
        for step in range(1, int(max(steps)) + 1):
            made(engine)
            states[step] = engine.state.value
        return [states[step] for step in steps]

    return of


def case(name, draw):
    return Case(f"ignite/{name}", lambda rng: (draw(rng), range("State" in name, 90)), values(name))


def cyclical(rng, monotonic=True):
    warmup = {"warmup_duration": pick(rng, 0, whole(rng, 1, 9))} if monotonic else {}
    return {
        "start_value": pick(rng, 0.0, rng.random()),
        "end_value": pick(rng, 0.0, rng.random()),
        "cycle_size": whole(rng, 2, 20),
        "cycle_mult": pick(rng, 1.0, 2.0, 1.3, 1.7),
        "start_value_mult": pick(rng, 1.0, 0.9, 1.1),
        "end_value_mult": pick(rng, 1.0, 0.9, 0.5),
        **warmup,
    }


def linear(rng):
    monotonic = pick(rng, True, False)
    return {**cyclical(rng, monotonic), "monotonic": monotonic}


def pieces(rng):
    steps = sorted(rng.integers(*pick(rng, (0, 60), (0, 5), (-20, 40), (-20, 1)), whole(rng, 1, 6)).tolist())
    return {"milestones_values": [(step, rng.random()) for step in steps]}


def concat(rng):
    members = [("CosineAnnealingScheduler", cyclical(rng)) for _ in range(3)]
    return {"schedulers": members, "durations": rng.integers(1, 30, 2).tolist()}, past(60)


def in_turn(steps, parameters):
    from ignite import handlers

    on = optimizer()
    members = [scheduler(name, own, on) for name, own in parameters["schedulers"]]
    return called(handlers.ConcatScheduler(members, parameters["durations"]), on, steps)


def our_turns(parameters):
    members = [presets.get(f"ignite/{name}", **own) for name, own in parameters["schedulers"]]
    return presets.ignite.ConcatScheduler(members, parameters["durations"])


def warmup(rng):
    main = cyclical(rng)
    end = pick(rng, None, main["start_value"], rng.random())
    parameters = {
        "warmup_start_value": rng.random(),
        "warmup_duration": whole(rng, 2, 20),
        "warmup_end_value": end,
    }
    return {"main": main, **parameters, "base_lr": pick(rng, main["start_value"], rng.random())}, past(60)


def with_warmup(steps, parameters):
    from ignite import handlers

    own = dict(parameters)
    on = optimizer(own.pop("base_lr"))
    main = scheduler("CosineAnnealingScheduler", own.pop("main"), on)
    return called(handlers.create_lr_scheduler_with_warmup(main, **own), on, steps)


def our_warmup(parameters):
    own = dict(parameters)
    main = presets.ignite.CosineAnnealingScheduler(**own.pop("main"))
    return presets.ignite.create_lr_scheduler_with_warmup(main, **own)


def state(rng):
    return {"initial_value": rng.random(), "gamma": rng.uniform(0.1, 1.1)}


CASES = [
    case("LinearCyclicalScheduler", linear),
    case("CosineAnnealingScheduler", cyclical),
    case("PiecewiseLinear", pieces),
    case("PiecewiseLinearStateScheduler", pieces),
    case("ExpStateScheduler", state),
    case("StepStateScheduler", lambda rng: {**state(rng), "step_size": whole(rng, 1, 20)}),
    case(
        "MultiStepStateScheduler",
        lambda rng: {**state(rng), "milestones": sorted(rng.integers(0, 50, 4).tolist())},
    ),
    Case("ignite/ConcatScheduler", concat, in_turn, make=our_turns),
    Case("ignite/create_lr_scheduler_with_warmup", warmup, with_warmup, make=our_warmup),
]
