"""MMEngine: the scheduler, stepped on an optimizer of one parameter."""

from parity import Case, pick, whole
from parity_torch import stepped


def values(name):
    def of(steps, parameters):
        from mmengine.optim import scheduler

        def make(optimizer):
            own = dict(parameters)
            optimizer.param_groups[0]["lr"] = own.pop("base_lr")
            return getattr(scheduler, name)(optimizer, **own)

        return stepped(make, steps)

    return of


def case(name, draw):
    def sample(rng):
        begin = pick(rng, 0, whole(rng, 1, 20))
        end = begin + whole(rng, 1, 40)
        drawn = draw(rng, begin, end)
        steps = range(drawn.pop("steps", 70))
        window = pick(
            rng,
            {"begin": begin, "end": end},
            {} if name not in ("LinearLR", "PolyLR", "OneCycleLR") else {"end": end},
        )
        return {**window, "base_lr": 10 ** rng.uniform(-4, 0), **drawn}, steps

    return Case(f"mmengine/{name}", sample, values(name))


def low(rng):
    return pick(rng, {"eta_min": 1e-5}, {"eta_min": 0.0}, {"eta_min_ratio": rng.random()})


def gamma(rng):
    return pick(rng, 0.1, 0.5, rng.uniform(0.05, 1.2))


def cosine(rng, begin, end):
    drawn = {"begin": begin, "end": end} if (T_max := pick(rng, None, whole(rng, 1, 50))) is None else {}
    return {"T_max": T_max, **pick(rng, low(rng), {}), **drawn}


def restarts(rng, *_):
    count = whole(rng, 1, 4)
    return {
        "periods": rng.integers(1, 20, count).tolist(),
        "restart_weights": rng.random(count).tolist(),
        **low(rng),
    }


def one_cycle(rng, begin, end):
    total = pick(rng, None, whole(rng, 2, 60))
    steps = total or end - begin
    pct = pick(rng, 0.0, 0.3, rng.random(), 1.0)
    pct = 0.77 if pct * steps == 1 else pct
    # It raises past the step after its total, and divides by 0 past the end of a phase that is all.
    ends = total is None or end - begin - 1 <= total - (pct == 1.0)
    return {
        "begin": begin,
        "end": end,
        "steps": 70 if ends else begin + total,
        "eta_max": rng.random(),
        "total_steps": total,
        "pct_start": float(pct),
        "anneal_strategy": pick(rng, "cos", "linear"),
        "three_phase": pct <= 0.45 and pick(rng, True, False),
    }


def factors(rng, *_):
    return {"start_factor": 1 - rng.random(), "end_factor": pick(rng, 0.0, 1.0, rng.random())}


CASES = [
    case("StepLR", lambda rng, *_: {"step_size": whole(rng, 1, 20), "gamma": gamma(rng)}),
    case("MultiStepLR", lambda rng, *_: {"milestones": rng.integers(0, 40, 5).tolist(), "gamma": gamma(rng)}),
    case("ConstantLR", lambda rng, *_: {"factor": 1 - rng.random()}),
    case("LinearLR", factors),
    case("ExponentialLR", lambda rng, *_: {"gamma": gamma(rng)}),
    case(
        "PolyLR",
        lambda rng, *_: {"eta_min": pick(rng, 0.0, 1e-5), "power": pick(rng, 1.0, 2.0, rng.uniform(0.2, 3))},
    ),
    case("CosineAnnealingLR", cosine),
    case("CosineRestartLR", restarts),
    case("OneCycleLR", one_cycle),
]
