"""torch: the scheduler, stepped on an optimizer of one parameter."""

from parity import Case, past, pick, whole
from stepcurve import presets


def stepped(make, steps, momentum=False):
    """lr (and momentum) at those steps, of the scheduler that make(optimizer) gives."""
    import torch

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0, momentum=0.5)
    group = optimizer.param_groups[0]
    scheduler = make(optimizer)
    seen = {}
    for step in range(int(max(steps)) + 1):
        seen[step] = group["lr"], group["momentum"]
        optimizer.step()
        if step < max(steps):
            scheduler.step()
    lr, momenta = zip(*(seen[step] for step in steps), strict=True)
    return {"lr": lr, "momentum": momenta} if momentum else lr


def find(name):
    import torch

    return torch.optim.swa_utils.SWALR if name == "SWALR" else getattr(torch.optim.lr_scheduler, name)


def values(name):
    def of(steps, parameters):
        parameters = {key: value for key, value in parameters.items() if key != "exact"}
        base = parameters.pop("base_lr", None) if name != "CyclicLR" else None

        def make(optimizer):
            optimizer.param_groups[0]["lr"] = base or 1.0
            return find(name)(optimizer, **parameters)

        return stepped(make, steps, parameters.get("cycle_momentum", False))

    return of


def by_epoch(steps, parameters):
    """step(epoch), from the state of a new scheduler every time."""
    import warnings

    import torch

    parameters = {key: value for key, value in parameters.items() if key != "exact"}
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=parameters.pop("base_lr"))
    scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, **parameters)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [scheduler.step(int(epoch)) or optimizer.param_groups[0]["lr"] for epoch in steps]


def case(name, draw):
    def sample(rng):
        parameters, end = draw(rng)
        if name not in ("CyclicLR", "OneCycleLR"):
            parameters["base_lr"] = 10 ** rng.uniform(-4, 0)
        return parameters, end if isinstance(end, range) else past(end)

    return Case(f"torch/{name}", sample, values(name))


def gamma(rng):
    return pick(rng, 0.1, 0.5, rng.uniform(0.05, 1.2))


def length(rng):
    return whole(rng, 0, 40)


def one_cycle(rng):
    steps = pick(rng, 1, whole(rng, 2, 60))
    pct = pick(rng, 0.0, 0.3, rng.random(), rng.random(), 0.5, 1.0)
    three = bool(rng.random() < 0.4)
    if pct * steps == 1.0:
        pct = 0.77
    lengths = pick(rng, {"total_steps": steps}, {"epochs": 1, "steps_per_epoch": steps})
    parameters = {
        "max_lr": 10 ** rng.uniform(-4, 0),
        **lengths,
        "pct_start": float(pct),
        "anneal_strategy": pick(rng, "cos", "linear"),
        "cycle_momentum": pick(rng, True, False),
        "div_factor": pick(rng, 25.0, rng.uniform(1, 50)),
        "final_div_factor": pick(rng, 1e4, rng.uniform(1, 100)),
        "three_phase": three,
    }
    divides_by_zero = steps - 1 in (pct * steps - 1, 2 * pct * steps - 2 if three else None)
    return parameters, range(steps if divides_by_zero else steps + 1)


def cyclic(rng):
    up, down = whole(rng, 1, 12), pick(rng, None, 0, whole(rng, 0, 12))
    parameters = {
        "base_lr": 10 ** rng.uniform(-4, -2),
        "max_lr": 10 ** rng.uniform(-2, 0),
        "step_size_up": up,
        "step_size_down": down,
        "mode": pick(rng, "triangular", "triangular2", "exp_range"),
        "gamma": pick(rng, 1.0, 0.9, 0.99),
        "cycle_momentum": pick(rng, True, False),
    }
    return parameters, 60


def restarts(rng):
    return {"T_0": whole(rng, 1, 20), "T_mult": whole(rng, 1, 4), "eta_min": pick(rng, 0.0, 1e-5)}, 60


def missed(rng):
    parameters, _ = restarts(rng)
    parameters |= {"exact": False, "base_lr": 1.0, "T_mult": whole(rng, 1, 8)}
    begins, length = [0], parameters["T_0"]
    for _ in range(10):
        begins.append(begins[-1] + length)
        length *= parameters["T_mult"]
    return parameters, [begin + by for begin in begins[1:] for by in (-1, 0, 1)] + [0]


def sequence(rng):
    length = whole(rng, 1, 20)
    kinds = [
        ("LinearLR", {"start_factor": 0.1, "total_iters": length}),
        ("StepLR", {"step_size": length}),
        ("CosineAnnealingLR", {"T_max": 60}),
        ("ExponentialLR", {"gamma": 0.9}),
        ("PolynomialLR", {"total_iters": length, "power": 2.0}),
    ]
    milestones = sorted(rng.integers(1, 50, 2).tolist())
    milestones[1] += milestones[0] == milestones[1]
    return {"members": [pick(rng, *kinds) for _ in range(3)], "milestones": milestones}, range(60)


def in_sequence(steps, parameters):
    def make(optimizer):
        members = [find(name)(optimizer, **own) for name, own in parameters["members"]]
        return find("SequentialLR")(optimizer, members, parameters["milestones"])

    return stepped(make, steps)


def our_sequence(parameters):
    members = [presets.get(f"torch/{name}", **own) for name, own in parameters["members"]]
    return presets.torch.SequentialLR(members, parameters["milestones"])


CASES = [
    Case("torch/SequentialLR", sequence, in_sequence, make=our_sequence),
    case("StepLR", lambda rng: ({"step_size": whole(rng, 1, 20), "gamma": gamma(rng)}, 60)),
    case(
        "MultiStepLR", lambda rng: ({"milestones": rng.integers(0, 40, 5).tolist(), "gamma": gamma(rng)}, 60)
    ),
    case("ConstantLR", lambda rng: ({"factor": 1 - rng.random(), "total_iters": length(rng)}, 60)),
    case(
        "LinearLR",
        lambda rng: (
            {
                "start_factor": 1 - rng.random(),
                "end_factor": pick(rng, 0.0, 1.0, rng.random()),
                "total_iters": length(rng),
            },
            60,
        ),
    ),
    case("ExponentialLR", lambda rng: ({"gamma": gamma(rng)}, 60)),
    case(
        "PolynomialLR",
        lambda rng: ({"total_iters": length(rng), "power": pick(rng, 1.0, 2.0, rng.uniform(0.2, 3))}, 60),
    ),
    case(
        "CosineAnnealingLR",
        lambda rng: ({"T_max": whole(rng, 1, 50), "eta_min": pick(rng, 0.0, 1e-5)}, 100),
    ),
    case("CosineAnnealingWarmRestarts", restarts),
    Case("torch/CosineAnnealingWarmRestarts", missed, by_epoch),
    case("CyclicLR", cyclic),
    case("OneCycleLR", one_cycle),
    case(
        "SWALR",
        lambda rng: (
            {
                "swa_lr": rng.random(),
                "anneal_epochs": length(rng),
                "anneal_strategy": pick(rng, "cos", "linear"),
            },
            60,
        ),
    ),
]
