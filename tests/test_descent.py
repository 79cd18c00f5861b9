"""Descents: torch's SGD step for step, theory on the quadratic, one meaning for every cut and CPU target."""

import numpy as np
import pytest
import stepcurve as sc
import torch
from hypothesis import given
from hypothesis import strategies as st
from stepcurve import descent
from stepcurve.descent import SURFACES, VERDICTS, descend, follow, gaussian, losses

surfaces = st.sampled_from(list(SURFACES))
seeds_of_noise = st.integers(0, 2**32 - 1)
momenta = st.one_of(st.just(0.0), st.floats(0.0, 0.99))


def torch_loss(surface, x, y):
    """The heights, written from their definition."""
    if surface == "bowl":
        return (x**2 / 5 + 20 * y**2) / 2
    if surface == "valley":
        return (x - 1) ** 2 / 4 + 2 * (y - x**2) ** 2
    heights = []
    for each in (x, y):
        u = each - each.detach().round()
        heights.append(each**2 / 20 + 2 * u**2 - 8 / 3 * u.abs() ** 3)
    return sum(heights)


def torch_step(surface, places, velocity, lr, momentum, kick):
    """One step of torch.optim.SGD on the loss plus the noise, from a state; and the gradient it saw."""
    place = torch.nn.Parameter(torch.tensor(places))
    optimizer = torch.optim.SGD([place], lr=lr, momentum=momentum)
    if momentum:
        optimizer.state[place]["momentum_buffer"] = torch.tensor(velocity)
    torch_loss(surface, place[0], place[1]).sum().backward()
    place.grad += torch.tensor(kick)
    gradient = place.grad.numpy().copy()
    optimizer.step()
    after = optimizer.state[place]["momentum_buffer"].numpy() if momentum else gradient
    return place.detach().numpy(), after, gradient


@given(surfaces, momenta, st.sampled_from([0.0, 0.5, 2.0]), seeds_of_noise)
def test_a_step_is_that_of_torchs_sgd(surface, momentum, sigma, seed):
    """From each state that ours reaches, torch's step leads where ours does, but for its terms' rounding."""
    rng = np.random.default_rng(seed)
    steps, seeds = 12, 5
    lrs, noise = rng.uniform(0, 0.02, steps), rng.standard_normal((steps, 2, seeds))
    ours = descend(surface, lrs, noise, momentum=momentum, sigma=sigma)
    velocity = np.zeros((2, seeds))
    for step, lr in enumerate(lrs.tolist()):
        before, ours_after = ours.positions[step : step + 2]
        after, new, gradient = torch_step(surface, before, velocity, lr, momentum, sigma * noise[step])
        terms = np.abs(before) + lr * (momentum * np.abs(velocity) + np.abs(gradient) + 100)
        assert (np.abs(after - ours_after) <= 4 * np.spacing(terms)).all()
        velocity = new


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("surface", SURFACES)
def test_the_bits_are_those_of_a_plain_loop(surface, momentum, target):
    """With the gradient and the update written in the order that the core has them."""

    def slope(x):
        u = x - np.round(x)
        return 0.1 * x + 4.0 * u * (1.0 - 2.0 * np.abs(u))

    gradients = {
        "bowl": lambda x, y: (0.2 * x, 20.0 * y),
        "valley": lambda x, y: (0.5 * (x - 1.0) - 8.0 * x * (y - x * x), 4.0 * (y - x * x)),
        "minima": lambda x, y: (slope(x), slope(y)),
    }
    rng = np.random.default_rng(1)
    lrs, noise = rng.uniform(0, 0.05, 300), rng.standard_normal((300, 2, 13))
    run = descend(surface, lrs, noise, momentum=momentum)
    place = np.repeat(np.array(SURFACES[surface].start)[:, None], 13, axis=1)
    velocity = np.zeros_like(place)
    for step, lr in enumerate(lrs):
        gradient = np.array(gradients[surface](*place)) + SURFACES[surface].sigma * noise[step]
        velocity = momentum * velocity + gradient
        place = place - lr * velocity
        assert np.array_equal(run.positions[step + 1], place)
        assert np.array_equal(run.losses[step + 1], losses(surface, *place))


@given(surfaces, st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), min_size=1, max_size=20))
def test_losses_are_the_surfaces(surface, places):
    x, y = np.array(places).T
    truth = torch_loss(surface, torch.tensor(x), torch.tensor(y)).numpy()
    largest = x**4 * 2 + y**2 * 10 + x**2 + 2  # of the terms
    assert (np.abs(losses(surface, x, y) - truth) <= 8 * np.spacing(largest)).all()


@given(momenta, st.sampled_from([0.2, 20.0]), st.floats(0.01, 0.3), st.booleans())
def test_the_quadratic_diverges_where_theory_says(momentum, curvature, beyond, above):
    """A constant lr diverges above 2 (1 + momentum) / curvature and no other does, in either direction."""
    limit = 2 * (1 + momentum) / 20
    lr = limit * (1 + beyond if above else 1 - beyond)
    start = (5.0, 0.0) if curvature == 0.2 else (0.0, 0.5)
    run = descend("bowl", np.full(20_000, lr), np.zeros((20_000, 2, 1)), momentum=momentum, start=start)
    expected = above and curvature == 20  # the other direction stands a hundred times as much
    assert (run.counts()["diverged"] == 1) == expected
    if not above and momentum < 0.95:
        assert run.counts()["settled"] == 1


@given(surfaces, momenta, seeds_of_noise, st.lists(st.integers(1, 99), max_size=10, unique=True))
def test_what_is_recorded_bears_on_nothing(surface, momentum, seed, places):
    noise = np.random.default_rng(seed).standard_normal((100, 2, 3))
    lrs = np.linspace(0.1, 0, 100)
    every = descend(surface, lrs, noise, momentum=momentum)
    at = [0, *sorted(places), 100]
    some = descend(surface, lrs, noise, momentum=momentum, at=at)
    assert np.array_equal(some.positions, every.positions[at], equal_nan=True)
    assert np.array_equal(some.losses, every.losses[at], equal_nan=True)
    assert np.array_equal(some.verdicts, every.verdicts)
    assert some.counts() == {name: (every.verdicts == i).sum() for i, name in enumerate(VERDICTS)}


@given(surfaces, seeds_of_noise, st.floats(0.001, 0.2), momenta)
def test_verdicts_are_as_defined(surface, seed, lr, momentum):
    noise = np.random.default_rng(seed).standard_normal((300, 2, 6))
    run = descend(surface, np.full(300, lr), noise, momentum=momentum)
    tail = slice(271, None)  # the places after the last tenth of the steps
    with np.errstate(over="ignore", invalid="ignore"):
        means = run.losses[tail].mean(axis=0)
    nearest = np.round(run.positions[tail])
    for i, verdict in enumerate(run.verdicts):
        stayed = (nearest[:, :, i] == nearest[0, :, i]).all() and (nearest[0, :, i] != 0).any()
        if not (np.abs(run.positions[-1, :, i]) <= 1e3).all():
            assert VERDICTS[verdict] == "diverged"
        elif means[i] <= 0.01 * run.losses[0, 0]:
            assert VERDICTS[verdict] == "settled"
        else:
            assert VERDICTS[verdict] == ("trapped" if stayed and surface == "minima" else "unsettled")


@given(surfaces, seeds_of_noise, st.integers(1, 130), st.integers(0, 3))
def test_a_plateau_follows_each_seeds_loss(surface, seed, every, patience):
    """Replayed: the rates that the trackers gave for the losses they saw make the same descent."""
    noise = np.random.default_rng(seed).standard_normal((120, 2, 3))
    tracker = sc.Plateau(0.03, factor=0.5, patience=patience, runs=3)
    run = follow(surface, tracker, every, noise, momentum=0.5)
    measured = [min(i + every, 120) for i in range(0, 120, every)]
    again = sc.Plateau(0.03, factor=0.5, patience=patience, runs=3)
    rates = np.vstack([np.full(3, 0.03), again.replay(run.losses[measured])])
    assert np.array_equal(run.lrs, rates[:-1])
    for i in range(3):
        alone = descend(surface, np.repeat(run.lrs[:, i], every)[:120], noise[:, :, i : i + 1], momentum=0.5)
        assert np.array_equal(alone.positions[:, :, 0], run.positions[:, :, i])


def test_the_noise_is_numpys_and_cannot_be_written_to():
    noise = gaussian(3, 10, 4)
    assert np.array_equal(noise, np.random.default_rng(3).standard_normal((10, 2, 4)))
    assert gaussian(3, 10, 4) is noise
    with pytest.raises(ValueError, match="read-only"):
        noise[0] = 0


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"surface": "sea"}, "surface must be one of bowl, valley, minima, got 'sea'"),
        ({"lrs": []}, "lrs must be one a step"),
        ({"lrs": [[0.1]]}, "lrs must be one a step"),
        ({"noise": np.zeros((4, 2, 1))}, r"noise must have shape \(3, 2, seeds\)"),
        ({"noise": np.zeros((3, 2, 0))}, r"noise must have shape \(3, 2, seeds\)"),
        ({"noise": np.zeros((3, 2, 2**21))}, r"steps times seeds must be <= 2\*\*22"),
        ({"momentum": 1.5}, "momentum must be from 0 to 1, got 1.5"),
        ({"momentum": float("nan")}, "momentum must be from 0 to 1, got nan"),
        ({"sigma": -1.0}, "sigma must be from 0"),
        ({"start": (2_000, 0)}, "x must be from -1000 to 1000, got 2000"),
        ({"at": [0, 2]}, "at must rise from 0 to 3"),
        ({"at": [0, 2, 2, 3]}, "at must rise from 0 to 3"),
    ],
)
def test_what_makes_no_descent(changed, message):
    given = {"surface": "bowl", "lrs": [0.1, 0.1, 0.1], "noise": np.zeros((3, 2, 2))} | changed
    with pytest.raises(ValueError, match=message):
        descend(**given)


def test_a_tracker_has_a_run_a_seed():
    with pytest.raises(ValueError, match="the tracker must have 2 runs, one a seed, got None"):
        follow("bowl", sc.Plateau(0.1), 1, np.zeros((3, 2, 2)))
    assert descent.MOST == 2**22
