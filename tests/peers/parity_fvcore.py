"""fvcore: the scheduler, called with t / max_iter."""

from parity import Case, pick, whole
from stepcurve import presets

SHORT = ("Constant", "Step")  # where they end


def scheduler(name, parameters):
    from fvcore.common import param_scheduler

    own = {key: value for key, value in parameters.items() if key not in ("max_iter", "base_lr")}
    return getattr(param_scheduler, name)(**own)


def values(steps, parameters, made):
    return [parameters["base_lr"] * made(step / parameters["max_iter"]) for step in steps]


def case(name, draw):
    def sample(rng):
        iters = pick(rng, whole(rng, 1, 60), 100, 2_000_000, 3_333_333)
        drawn = draw(rng)
        ends = name.startswith(SHORT)
        goes_on = not (
            ends or name.startswith("Multi") or drawn.get("power", 1) != int(drawn.get("power", 1))
        )
        last = iters + iters // 2 if goes_on else iters - ends
        if name.startswith("Step"):
            last = next(
                step
                for step in range(iters, -1, -1)
                if int((step / iters + 1e-6) * parts(drawn)) < parts(drawn)
            )
        steps = {0, last} | {int(step) for step in rng.integers(0, last + 1, 60)}
        count = parts(drawn)
        steps |= {iters * i // count + by for i in range(count) for by in range(-4, 3)}
        parameters = {**drawn, "max_iter": iters, "base_lr": 10 ** rng.uniform(-4, 0)}
        return parameters, [step for step in steps if 0 <= step <= last]

    return Case(f"fvcore/{name}", sample, lambda steps, drawn: values(steps, drawn, scheduler(name, drawn)))


def parts(drawn):
    return len(drawn["values"]) if "values" in drawn else drawn.get("num_decays", 0) + 1


def ends(rng):
    return {"start_value": rng.random(), "end_value": pick(rng, 0.0, rng.random())}


def multi(rng):
    values = rng.random(whole(rng, 1, 5)).tolist()
    total = whole(rng, 20, 60)
    milestones = sorted(rng.choice(range(1, total), len(values) - 1, replace=False).tolist())
    split = {"num_updates": len(values) * whole(rng, 1, 20)}
    return {
        "values": values,
        **pick(
            rng, split, {"milestones": [*milestones, total]}, {"milestones": milestones, "num_updates": total}
        ),
    }


def composite(rng):
    members = [
        ("LinearParamScheduler", ends(rng)),
        ("CosineParamScheduler", ends(rng)),
        ("PolynomialDecayParamScheduler", {"base_value": rng.random(), "power": 2}),
        ("StepParamScheduler", {"num_updates": 1, "values": [*rng.random(3).tolist()]}),
    ]
    tenths = whole(rng, 1, 9)
    scaling = [pick(rng, "rescaled", "fixed") for _ in range(2)]
    parameters = {
        "schedulers": [pick(rng, *members), pick(rng, *members[:3])],
        "lengths": [tenths / 10, 1 - tenths / 10],
        "interval_scaling": scaling,
        "max_iter": 10 * whole(rng, 1, 12),
        "base_lr": 1.0,
    }
    steps = range(parameters["max_iter"])
    return parameters, steps


def composed(steps, parameters):
    members = [scheduler(name, own) for name, own in parameters["schedulers"]]
    return values(
        steps, parameters, scheduler("CompositeParamScheduler", {**parameters, "schedulers": members})
    )


def our_composite(parameters):
    members = [presets.get(f"fvcore/{name}", **own, max_iter=1) for name, own in parameters["schedulers"]]
    return presets.fvcore.CompositeParamScheduler(**{**parameters, "schedulers": members})


CASES = [
    case("ConstantParamScheduler", lambda rng: {"value": rng.random()}),
    case("CosineParamScheduler", ends),
    case(
        "ExponentialParamScheduler",
        lambda rng: {"start_value": rng.random(), "decay": rng.uniform(0.01, 1.2)},
    ),
    case("LinearParamScheduler", ends),
    case(
        "PolynomialDecayParamScheduler",
        lambda rng: {"base_value": rng.random(), "power": pick(rng, 1, 2, 3.0, rng.uniform(0.2, 3))},
    ),
    case(
        "StepParamScheduler", lambda rng: {"num_updates": 7, "values": rng.random(whole(rng, 1, 8)).tolist()}
    ),
    case("MultiStepParamScheduler", multi),
    case(
        "StepWithFixedGammaParamScheduler",
        lambda rng: {
            "base_value": rng.random(),
            "num_decays": whole(rng, 1, 8),
            "gamma": 0.5,
            "num_updates": 9,
        },
    ),
    Case("fvcore/CompositeParamScheduler", composite, composed, make=our_composite),
]
