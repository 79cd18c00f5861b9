"""How long does a table take, beside writing a constant to the same memory, and beside other libraries?"""

import math
import os

import numpy as np
import pytest
import stepcurve as sc
import torch
from fvcore.common.param_scheduler import CosineParamScheduler
from parity_timm import schedulers as timm
from transformers import optimization as transformers

os.environ.setdefault("JAX_PLATFORMS", "cpu")
import jax
import optax

PEAK, END = 3e-4, 3e-5
LOOPED = 1_000  # steps, for what takes a call each

CURVES = {
    "linear": lambda n: sc.linear(PEAK, END, n),
    "cosine": lambda n: sc.cosine(PEAK, END, n),
    "polynomial, power 2": lambda n: sc.polynomial(PEAK, END, n, power=2),
    "polynomial, power 3": lambda n: sc.polynomial(PEAK, END, n, power=3),
    "polynomial, power 0.5": lambda n: sc.polynomial(PEAK, END, n, power=0.5),
    "polynomial, power 1.5": lambda n: sc.polynomial(PEAK, END, n, power=1.5),
    "exponential": lambda n: sc.exponential(PEAK, PEAK / 100, n),
    "warm-up, then cosine": lambda n: sc.linear(0, PEAK, n // 50) >> sc.cosine(PEAK, END, n - n // 50),
    "growing restarts": lambda n: sc.cosine(0.05, 0, 10).repeat(growth=2),
    "rising polynomial, power 2": lambda n: sc.polynomial(END, PEAK, n, power=2),
    "polynomial, power 0.9": lambda n: sc.polynomial(PEAK, END, n, power=0.9),
    "1 - sqrt cooldown": lambda n: sc.polynomial(PEAK, 0, n, inner_power=0.5),
    "inverse square root": lambda n: sc.inverse(PEAK, 4_000, power=0.5),
    "tanh": lambda n: sc.tanh(PEAK, END, n),
}
ARRAY = "stepcurve, called with an array"


@pytest.mark.table(against="floor")
@pytest.mark.parametrize("contender", ["floor", "stepcurve", "stepcurve, 2 threads", ARRAY])
@pytest.mark.parametrize("curve", CURVES)
def bench_curves(timed, quick, curve, contender):
    """Each curve, 10 million float64 values into a warm buffer; the floor is ndarray.fill of it."""
    size = 10_000 if quick else 10_000_000
    made, out = CURVES[curve](size), np.ones(size)
    if contender == "floor":
        timed(lambda: out.fill(PEAK), size)
    elif contender == ARRAY:
        steps = np.arange(size // 10, dtype=np.float64)
        timed(lambda: made(steps), size // 10)
    else:
        threads = 2 if "2" in contender else 1
        timed(lambda: made.table(size, out=out, threads=threads), size)


def numpy_expression(size):
    steps = np.arange(size, dtype=np.float64)
    return lambda: END + 0.5 * (PEAK - END) * (1 + np.cos(np.pi * steps / size))


def torch_expression(size):
    steps = torch.arange(size, dtype=torch.float64)
    return lambda: END + 0.5 * (PEAK - END) * (1 + torch.cos(math.pi * steps / size))


def optax_jitted(size, dtype):
    """Both compiled and warm; 64 bits are a switch of the whole of jax."""
    schedule = jax.jit(optax.cosine_decay_schedule(PEAK, size, alpha=END / PEAK))
    with jax.enable_x64(dtype == "float64"):
        steps = jax.numpy.arange(size, dtype=dtype)

        def evaluate():
            with jax.enable_x64(dtype == "float64"):
                return schedule(steps).block_until_ready()

        assert evaluate().dtype == dtype
    return evaluate


def sgd():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=PEAK)


def torch_loop():
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(sgd(), 10**9, END)
    scheduler.optimizer.step()

    def steps():
        for _ in range(LOOPED):
            scheduler.step()
            scheduler.get_last_lr()

    return steps


def timm_loop():
    scheduler = timm()[0].CosineLRScheduler(sgd(), 10**9, lr_min=END)
    return lambda: [scheduler._get_lr(step) for step in range(LOOPED)]


def transformers_loop():
    schedule = transformers.get_cosine_schedule_with_warmup(sgd(), 500, 10**9).lr_lambdas[0]
    return lambda: [PEAK * schedule(step) for step in range(LOOPED)]


def fvcore_loop():
    schedule = CosineParamScheduler(PEAK, END)
    return lambda: [schedule(step / LOOPED) for step in range(LOOPED)]


LOOPS = {
    "torch, stepped": torch_loop,
    "timm, in a loop": timm_loop,
    "transformers, in a loop": transformers_loop,
    "fvcore, in a loop": fvcore_loop,
}
VECTORS = {
    "NumPy": numpy_expression,
    "torch, 1 thread": torch_expression,
    "torch, 2 threads": torch_expression,
    "optax, jit, float32": lambda size: optax_jitted(size, "float32"),
    "optax, jit, float64": lambda size: optax_jitted(size, "float64"),
}
OURS = ["stepcurve", "stepcurve, 2 threads", "stepcurve, float32"]
SIZES = [10**3, 10**4, 10**5, 10**6, 10**7, 10**8]
RACES = [
    (size, name) for size in SIZES for name in [*OURS, "floor", *VECTORS, *(LOOPS if size == 1_000 else ())]
]


@pytest.mark.table(columns="steps", turns=5)
@pytest.mark.parametrize(("steps", "contender"), RACES)
def bench_table(timed, quick, steps, contender):
    """A cosine of so many steps, float64 values; the floor is ndarray.fill."""
    size = min(steps, 10_000) if quick else steps
    if contender in LOOPS:
        timed(LOOPS[contender](), LOOPED)
    elif contender in VECTORS:
        torch.set_num_threads(2 if "2" in contender else 1)
        timed(VECTORS[contender](size), size)
        torch.set_num_threads(1)
    elif contender == "floor":
        out = np.ones(size)
        timed(lambda: out.fill(PEAK), size)
    else:
        curve, threads = sc.cosine(PEAK, END, size), 2 if "2" in contender else 1
        out = np.ones(size, np.float32 if "32" in contender else np.float64)
        timed(lambda: curve.table(size, out=out, threads=threads), size)
