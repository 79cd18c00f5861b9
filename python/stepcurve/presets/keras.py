"""Keras' learning rate schedules (keras.optimizers.schedules).

`callbacks.ReduceLROnPlateau` is a `stepcurve.Plateau`; a function for `callbacks.LearningRateScheduler` is
yours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import shapes
from ..curve import join
from ._parts import warmed_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..curve import Curve

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
]


def ExponentialDecay(
    initial_learning_rate: float, decay_steps: float, decay_rate: float, staircase: bool = False
) -> Curve:
    """initial_learning_rate decay_rate^(t / decay_steps), with the power floored if `staircase`.

    >>> ExponentialDecay(0.1, 100, 0.96, staircase=True)
    decay(0.1, 0.96, every=100).stairs(100)
    """
    curve = shapes.decay(initial_learning_rate, decay_rate, every=decay_steps)
    return curve.stairs(decay_steps) if staircase else curve


def PiecewiseConstantDecay(boundaries: Sequence[float], values: Sequence[float]) -> Curve:
    """values[0] up to and with step boundaries[0], and so on: each value begins a step after its boundary.

    >>> PiecewiseConstantDecay([100], [0.1, 0.01])([100, 101])
    array([0.1 , 0.01])
    """
    if not boundaries or len(boundaries) != len(values) - 1:
        raise ValueError(
            f"boundaries must be one fewer than values {len(values)} and not none, got {len(boundaries)}"
        )
    begun = [
        (max(step, 2**-53), value) for step, value in zip(boundaries, values[1:], strict=True) if step >= 0
    ]
    first = values[len(values) - len(begun) - 1]
    curves = [shapes.constant(value) for value in (first, *(value for _, value in begun))]
    return join(curves, [step for step, _ in begun], owner="earlier")


def PolynomialDecay(
    initial_learning_rate: float,
    decay_steps: float,
    end_learning_rate: float = 1e-4,
    power: float = 1.0,
    cycle: bool = False,
) -> Curve:
    """Down to end_learning_rate along (1 - p)^power and held, or with `cycle` again and again.

    Cycle i, from 0, starts at end_learning_rate + (initial_learning_rate - end_learning_rate) / (1 +
    i)^power, and a step after the cycle before it has reached end_learning_rate.

    >>> PolynomialDecay(0.1, 100, 0.01, power=2)
    polynomial(0.1, 0.01, 100, power=2)
    >>> PolynomialDecay(0.1, 100, 0.01, cycle=True)
    0.01 + polynomial(0.09000000000000001, 0, 100).repeat(harmonic=1, owner="earlier")
    """
    if not cycle:
        return shapes.polynomial(initial_learning_rate, end_learning_rate, decay_steps, power)
    fall = shapes.polynomial(initial_learning_rate - end_learning_rate, 0, decay_steps, power)
    again = fall.repeat(harmonic=power, owner="earlier")
    return end_learning_rate + again if end_learning_rate else again


def InverseTimeDecay(
    initial_learning_rate: float, decay_steps: float, decay_rate: float, staircase: bool = False
) -> Curve:
    """initial_learning_rate / (1 + decay_rate t / decay_steps), with t / decay_steps floored if `staircase`.

    >>> InverseTimeDecay(0.1, 100, 0.5)
    inverse(0.1, 200)
    """
    if decay_rate == 0:
        return shapes.constant(initial_learning_rate)
    curve = shapes.inverse(initial_learning_rate, decay_steps / decay_rate)
    return curve.stairs(decay_steps) if staircase else curve


def CosineDecay(
    initial_learning_rate: float,
    decay_steps: float,
    alpha: float = 0.0,
    warmup_target: float | None = None,
    warmup_steps: float = 0,
) -> Curve:
    """Straight to warmup_target in warmup_steps, then a cosine to alpha times that in decay_steps more; held.

    Without a warmup_target there is no warm-up, whatever warmup_steps is.

    >>> CosineDecay(0.0, 900, alpha=0.1, warmup_target=0.1, warmup_steps=100)
    linear(0, 0.1, 100) >> cosine(0.1, 0.010000000000000002, 900)
    """
    if warmup_target is None:
        return shapes.cosine(initial_learning_rate, alpha * initial_learning_rate, decay_steps)
    main = shapes.cosine(warmup_target, alpha * warmup_target, decay_steps)
    return warmed_up(warmup_steps, main, initial_learning_rate, warmup_target)


def CosineDecayRestarts(
    initial_learning_rate: float,
    first_decay_steps: float,
    t_mul: float = 2.0,
    m_mul: float = 1.0,
    alpha: float = 0.0,
) -> Curve:
    """SGDR: a cosine to alpha initial_learning_rate, again and again, each time t_mul times as long.

    What is above that floor is m_mul^i times as high in cycle i. Keras finds i by a logarithm that it rounds
    to float32, and restarts a step early or late at some of the later restarts, from 80 000 steps on; here
    never.

    >>> CosineDecayRestarts(0.1, 100)
    cosine(0.1, 0, 100).repeat(growth=2)
    >>> CosineDecayRestarts(0.1, 100, m_mul=0.5, alpha=0.1)
    0.010000000000000002 + cosine(0.09000000000000001, 0, 100).repeat(growth=2, decay=0.5)
    """
    low, drop = alpha * initial_learning_rate, (1 - alpha) * initial_learning_rate
    if m_mul == 1:
        return shapes.cosine(initial_learning_rate, low, first_decay_steps).repeat(growth=t_mul)
    above = shapes.cosine(drop, 0, first_decay_steps).repeat(growth=t_mul, decay=m_mul)
    return low + above if low else above
