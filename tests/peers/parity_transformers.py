"""transformers: the functions that get_scheduler gives to LambdaLR."""

from parity import Case, past, pick

KINDS = ["linear", "cosine", "1-sqrt"]


def values(name):
    def of(steps, parameters):
        import torch
        from transformers import optimization

        parameters = dict(parameters)
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=parameters.pop("base_lr", 1.0))
        function = optimization.TYPE_TO_SCHEDULER_FUNCTION[optimization.SchedulerType(name)]
        scheduler = function(optimizer, **parameters)
        return [scheduler.base_lrs[0] * scheduler.lr_lambdas[0](int(step)) for step in steps]

    return of


def sample(name, draw, tolerance=1e-12):
    def of(rng):
        warmup, total = int(rng.integers(0, 20)), int(rng.integers(1, 60))
        if rng.random() < 0.2:
            warmup = 0
        parameters = {"num_warmup_steps": warmup, "num_training_steps": total, **draw(rng, warmup, total)}
        parameters["base_lr"] = 10 ** rng.uniform(-4, 0)
        return {key: value for key, value in parameters.items() if value is not ...}, past(warmup + total)

    return Case(f"transformers/{name}", of, values(name), tolerance)


def minimum(rng, base=1e-4):
    return (
        {"min_lr_rate": rng.choice([0.0, 0.1, rng.random()])}
        if rng.random() < 0.5
        else {"min_lr": base * rng.random()}
    )


def waves(rng, *_):
    """Of up to 240 in 60 steps, where doubles have lost three digits of the angle."""
    return {"num_cycles": pick(rng, 0.5, 1.0, 1.5, rng.uniform(0.1, 4))}


def polynomial(rng, warmup, total):
    total += total == warmup
    return {
        "num_training_steps": total,
        "lr_end": 1e-4 * rng.random(),
        "power": pick(rng, 1.0, 2.0, 0.5, rng.uniform(0.2, 3)),
    }


def wsd(rng, warmup, total):
    decay = int(rng.integers(0, 20))
    stable = pick(rng, ..., int(rng.integers(0, 20)))
    return {
        "num_training_steps": total if stable is ... else ...,
        "num_decay_steps": decay,
        "num_stable_steps": stable,
        "warmup_type": pick(rng, *KINDS),
        "decay_type": pick(rng, *KINDS),
        "min_lr_ratio": pick(rng, 0.0, rng.random()),
        **waves(rng),
    }


def late(rng, warmup, total):
    return {**waves(rng), **minimum(rng), "warmup_lr_rate": pick(rng, None, 0.0, rng.random())}


NONE = {"num_training_steps": ...}
CASES = [
    sample("constant", lambda *_: {**NONE, "num_warmup_steps": ...}),
    sample("constant_with_warmup", lambda *_: NONE),
    sample("linear", lambda *_: {}),
    sample("cosine", waves, 1e-11),
    sample("cosine_with_restarts", lambda rng, *_: {"num_cycles": int(rng.integers(1, 9))}),
    sample("cosine_with_restarts", lambda rng, *_: {"num_cycles": pick(rng, 2.5, rng.uniform(0.3, 6))}),
    sample("polynomial", polynomial),
    sample(
        "inverse_sqrt", lambda rng, *_: {**NONE, "timescale": pick(rng, None, 1, int(rng.integers(1, 90)))}
    ),
    sample("cosine_with_min_lr", lambda rng, *_: {**waves(rng), **minimum(rng)}, 1e-11),
    sample("cosine_warmup_with_min_lr", late, 1e-11),
    sample("warmup_stable_decay", wsd),
]
