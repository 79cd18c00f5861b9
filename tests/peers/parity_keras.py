"""Keras: the schedule, called with each step, with floatx "float64"."""

from parity import Case, past, pick, whole


def values(name):
    def of(steps, parameters):
        import keras

        before = keras.config.floatx()
        keras.config.set_floatx("float64")
        try:
            schedule = getattr(keras.optimizers.schedules, name)(**parameters)
            return [float(schedule(int(step))) for step in steps]
        finally:
            keras.config.set_floatx(before)

    return of


def case(name, draw):
    def sample(rng):
        parameters = draw(rng)
        if name != "PiecewiseConstantDecay":
            parameters["initial_learning_rate"] = 10 ** rng.uniform(-4, 0)
        return parameters, past(40)

    return Case(f"keras/{name}", sample, values(name))


def rate(rng):
    return {
        "decay_steps": whole(rng, 1, 40),
        "decay_rate": rng.uniform(0.1, 1),
        "staircase": pick(rng, True, False),
    }


def piecewise(rng):
    boundaries = sorted(set(rng.integers(0, 50, whole(rng, 1, 5)).tolist()))
    return {"boundaries": boundaries, "values": rng.random(len(boundaries) + 1).tolist()}


def polynomial(rng):
    return {
        "decay_steps": whole(rng, 1, 40),
        "end_learning_rate": pick(rng, 0.0, 1e-4),
        "power": pick(rng, 1.0, 2.0, rng.uniform(0.3, 2)),
        "cycle": pick(rng, True, False),
    }


def cosine(rng):
    warmup = {"warmup_target": 0.3, "warmup_steps": pick(rng, 0, whole(rng, 0, 20))}
    return {"decay_steps": whole(rng, 1, 40), "alpha": pick(rng, 0.0, rng.random()), **pick(rng, {}, warmup)}


def restarts(rng):
    return {
        "first_decay_steps": whole(rng, 1, 20),
        "t_mul": pick(rng, 1.0, 2.0, 3.0, 1.5, 1.1),
        "m_mul": pick(rng, 1.0, 0.9, 0.5),
        "alpha": pick(rng, 0.0, 0.1),
    }


CASES = [
    case("ExponentialDecay", rate),
    case("PiecewiseConstantDecay", piecewise),
    case("PolynomialDecay", polynomial),
    case("InverseTimeDecay", rate),
    case("CosineDecay", cosine),
    case("CosineDecayRestarts", restarts),
]
