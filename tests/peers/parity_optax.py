"""Optax: the schedule, mapped over the steps, in float64 and not compiled."""

from parity import Case, past, pick, whole
from stepcurve import presets


def values(name, make=None):
    def of(steps, parameters):
        import jax
        import optax

        before = jax.config.jax_enable_x64
        jax.config.update("jax_enable_x64", True)
        try:
            with jax.disable_jit():
                schedule = make(optax, parameters) if make else getattr(optax.schedules, name)(**parameters)
                return jax.vmap(schedule)(jax.numpy.asarray(steps))  # not all take an array
        finally:
            jax.config.update("jax_enable_x64", before)

    return of


def case(name, draw):
    return Case(f"optax/{name}", lambda rng: (draw(rng), past(60)), values(name))


def peak(rng):
    return 10 ** rng.uniform(-4, 0)


def polynomial(rng):
    return {**linear(rng), "power": pick(rng, 1, 2, rng.uniform(0.3, 3))}


def linear(rng):
    begin = pick(rng, 0, -3, whole(rng, 1, 20))
    ends = {"init_value": peak(rng), "end_value": pick(rng, 0.0, peak(rng))}
    return {**ends, "transition_steps": pick(rng, 0, whole(rng, 1, 40)), "transition_begin": begin}


def scales(rng):
    return {step: pick(rng, 0.5, 0.1, rng.uniform(0, 2)) for step in rng.integers(0, 50, 4).tolist()}


def exponential(rng):
    return {
        "init_value": peak(rng),
        "transition_steps": pick(rng, 0, whole(rng, 1, 20), whole(rng, 1, 20)),
        "decay_rate": pick(rng, 0.0, 0.9, 0.5, 1.05),
        "transition_begin": pick(rng, 0, -3, whole(rng, 1, 20)),
        "staircase": pick(rng, True, False),
        "end_value": pick(rng, None, 0.01),
    }


def cosine(rng):
    decay = {"init_value": peak(rng), "decay_steps": whole(rng, 1, 50), "alpha": pick(rng, 0.0, rng.random())}
    return {**decay, "exponent": pick(rng, 1.0, 2.0, rng.uniform(0.5, 3))}


def one_cycle(rng):
    factors = {"div_factor": rng.uniform(1, 30), "final_div_factor": pick(rng, 1e4, rng.uniform(1, 100))}
    return {
        "transition_steps": whole(rng, 1, 60),
        "peak_value": peak(rng),
        "pct_start": rng.uniform(0, 0.9),
        **factors,
    }


def line_cycle(rng):
    parameters = one_cycle(rng)
    return {**parameters, "pct_final": rng.uniform(parameters["pct_start"], 1)}


def warmed_up(rng):
    return {
        "init_value": pick(rng, 0.0, 1e-4),
        "peak_value": peak(rng),
        "warmup_steps": pick(rng, 0, whole(rng, 1, 20)),
    }


def warm_cosine(rng):
    warmup = warmed_up(rng)
    steps = warmup["warmup_steps"] + whole(rng, 1, 30)
    return {
        **warmup,
        "decay_steps": steps,
        "end_value": pick(rng, 0.0, 1e-5),
        "exponent": pick(rng, 1.0, 1.5),
    }


def warm_exponential(rng):
    parameters = exponential(rng)
    return {**parameters, **warmed_up(rng)}


def joined(rng):
    members = [(kind.__name__, kind(rng)) for kind in (linear, cosine, exponential)]
    first = whole(rng, 0, 30)
    return {"members": members, "boundaries": [first, first + whole(rng, 0, 20)]}, past(60)


NAMES = {"linear": "linear_schedule", "cosine": "cosine_decay_schedule", "exponential": "exponential_decay"}


def join(library, parameters):
    members = [getattr(library, NAMES[name])(**own) for name, own in parameters["members"]]
    return library.join_schedules(members, parameters["boundaries"])


CASES = [
    case("constant_schedule", lambda rng: {"value": peak(rng)}),
    case("polynomial_schedule", polynomial),
    case("linear_schedule", linear),
    case(
        "piecewise_constant_schedule",
        lambda rng: {"init_value": peak(rng), "boundaries_and_scales": pick(rng, None, scales(rng))},
    ),
    case("exponential_decay", exponential),
    case("cosine_decay_schedule", cosine),
    case(
        "piecewise_interpolate_schedule",
        lambda rng: {
            "interpolate_type": pick(rng, "linear", "cosine"),
            "init_value": peak(rng),
            "boundaries_and_scales": pick(rng, scales(rng), scales(rng), {0: 0.5}),
        },
    ),
    case("linear_onecycle_schedule", line_cycle),
    case("cosine_onecycle_schedule", one_cycle),
    case("warmup_constant_schedule", warmed_up),
    case("warmup_cosine_decay_schedule", warm_cosine),
    case("warmup_exponential_decay_schedule", warm_exponential),
    case("sgdr_schedule", lambda rng: {"cosine_kwargs": [warm_cosine(rng) for _ in range(3)]}),
    Case(
        "optax/join_schedules",
        joined,
        values("", join),
        make=lambda parameters: join(presets.optax, parameters),
    ),
]
