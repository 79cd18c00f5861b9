"""Random sound schedules, each with the run that it is for: what nobody should be warned of."""

import stepcurve as sc
from stepcurve.cooldowns import KINDS


def schedule(random):
    """A curve and a run, of a seeded random.Random."""
    steps = round(10 ** random.uniform(2, 7))
    peak = 10 ** random.uniform(-6, 1)
    curve, steps = random.choice(FAMILIES)(random, peak, steps)
    return curve, _run(random, steps)


def _run(random, steps):
    if random.random() < 0.5:
        return sc.Run(steps=steps)
    epochs = random.choice([e for e in (1, 2, 3, 10, 30, 90, 300) if e * 10 <= steps])
    return sc.Run(
        steps=steps,
        epochs=epochs,
        batch_size=random.choice([None, 32]),
        accumulation=random.choice([1, 4]),
        world_size=random.choice([1, 8]),
    )


def _warmup(random, steps, most=0.15):
    return max(2, round(steps * random.uniform(0.001, most))) if random.random() < 0.8 else 0


def _starts(random):
    return {"include_start": random.random() < 0.5, "include_end": random.random() < 0.5}


def _annealed(random, peak, steps):
    make = random.choice([sc.warmup_cosine, sc.warmup_linear])
    end = random.choice([0, "1%", "10%"])
    # A run that stops a little before, or goes on a little where the lr is not 0, is sound.
    run = round(steps * random.choice([1, 1, random.uniform(0.95, 1.1 if end else 1)]))
    return make(peak, steps, _warmup(random, steps), end=end, **_starts(random)), run


def _wsd(random, peak, steps):
    kind = random.choice(list(KINDS))
    end = random.choice(["1%", "10%"] if kind == "geometric" else [0, "1%", "10%"])
    cooldown = f"{random.randint(5, 60)}%"
    return sc.wsd(peak, steps, _warmup(random, steps), cooldown, kind=kind, end=end, **_starts(random)), steps


def _floor(random, peak, steps):
    """To a floor that is held for a while on purpose, as GPT-3's."""
    warmup, floor = _warmup(random, steps), peak * random.choice([0.1, 0.01])
    held = round(steps * random.uniform(0, 0.18))
    fall = sc.cosine(peak, floor, steps - held - warmup)
    curve = sc.linear(0, peak, warmup) >> fall if warmup else fall
    return random.choice([curve, curve >> sc.constant(floor)]), steps


def _restarts(random, peak, steps):
    growth, cycles = random.choice([(1, 3), (1, 10), (2, 4), (1.5, 3), (3, 3)])
    first = max(4, round(steps / sum(growth**i for i in range(cycles))))
    warmup = _warmup(random, first)
    options = {"decay": random.choice([1, 0.5, 0.8]), "end": random.choice([0, "1%"]), "warmup": warmup}
    curve = sc.restarts(peak, first, growth, **options)
    return curve, warmup + round(sum(first * growth**i for i in range(cycles)))


def _cyclic(random, peak, steps):
    up, down, cycles = random.randint(4, 5_000), random.randint(4, 5_000), random.randint(2, 12)
    decay = random.choice([1, 0.5, 0.9])
    low = peak * random.choice([0.01, 0.1, 0.25])
    return sc.cyclic(low, peak, up, down, decay=decay), cycles * (up + down)


def _one_cycle(random, peak, steps):
    kind = random.choice(["cosine", "linear"])
    return sc.one_cycle(peak, steps, f"{random.randint(10, 45)}%", kind=kind), steps


def _step_decay(random, peak, steps):
    stages, factor = random.choice([(2, 0.1), (3, 0.1), (4, 0.1), (5, 0.2), (20, 0.7), (100, 0.97)])
    every = max(1, steps // stages)
    return sc.step_decay(peak, every, factor, warmup=_warmup(random, every)), every * stages


def _multistep(random, peak, steps):
    shares = sorted(random.sample([0.3, 0.5, 0.6, 0.75, 0.8, 0.9], random.randint(1, 3)))
    return sc.multistep(peak, [round(steps * share) for share in shares], 0.1), steps


def _endless(random, peak, steps):
    warmup = max(2, round(steps * random.uniform(0.001, 0.2)))
    curves = [
        sc.inverse_sqrt(peak, warmup, include_start=random.random() < 0.5),
        sc.noam(512, warmup),
        sc.linear(0, peak, warmup) >> sc.constant(peak),
        sc.linear(0, peak, warmup),
        sc.constant(peak),
        sc.inverse(peak, warmup, random.choice([0.6, 1])),
        sc.decay(peak, 1e-3, steps),
    ]
    return random.choice(curves), steps


def _plain(random, peak, steps):
    shapes = [
        sc.cosine(peak, 0, steps),
        sc.linear(peak, 0, steps),
        sc.polynomial(peak, 0, steps, power=random.choice([0.5, 0.9, 2, 3])),
        sc.exponential(peak, peak * 10 ** random.uniform(-4, -1), steps),
        sc.tanh(peak, 0, steps, lower=-6, upper=3),
        sc.cosine(peak, 0, steps, power=2),
    ]
    return random.choice(shapes), steps


def _many_cooldowns(random, peak, steps):
    count = random.randint(2, 4)
    ends = [steps * (i + 1) // count for i in range(count)]
    return sc.infinite(peak, ends, _warmup(random, ends[0]), cooldown="10%"), ends[-1]


FAMILIES = [
    *(_annealed, _wsd, _floor, _restarts, _cyclic, _one_cycle, _step_decay, _multistep, _endless, _plain),
    _many_cooldowns,
]
