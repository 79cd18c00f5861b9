"""torchtitan's schedule (LRSchedulersContainer.Config), a multiplier of each param group's lr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..shapes import constant, cosine, linear, polynomial
from ._parts import chain, one_of, positive

if TYPE_CHECKING:
    from ..curve import Curve

__all__ = ["LRSchedulersContainer"]


def LRSchedulersContainer(
    warmup_steps: float = 200,
    total_steps: int | None = None,
    decay_ratio: float | None = None,
    decay_type: str = "linear",
    min_lr_factor: float = 0.0,
    *,
    training_steps: int | None = None,
    base_lr: float = 1.0,
) -> Curve:
    """LRSchedulersContainer.Config: (t + 1) / warmup_steps up to base_lr, base_lr, then the decay.

    The decay takes round(decay_ratio * steps) of the steps (total_steps, or else training_steps), and the
    rest after the warm-up without a decay_ratio; decay_type is "linear", "sqrt" (1 - sqrt p) or "cosine".
    It ends at step total_steps, which is past the last one, so base_lr * min_lr_factor is never reached.
    Beyond that a linear or sqrt decay goes on, below 0 if it comes to that, and a cosine rises, as
    torchtitan's do; without a decay it raises there.

    >>> LRSchedulersContainer(10, 100)
    linear(0.1, 1, 9) >> constant(1, steps=1) >> polynomial(1, 0, 90).past_end("extrapolate")
    >>> LRSchedulersContainer(10, 100, decay_ratio=0.2, decay_type="cosine")
    linear(0.1, 1, 9) >> constant(1, steps=71) >> cosine(1, 0, 20).past_end("extrapolate")
    """
    total = training_steps if total_steps is None else total_steps
    if total is None:
        raise ValueError("total_steps or training_steps must be given")
    positive("total_steps", total)
    warmup = min(int(warmup_steps), total)
    decay = total - warmup if decay_ratio is None else min(round(total * decay_ratio), total - warmup)
    # The decay counts from 1, and the warm-up has its last value a step before its end.
    stable = total - warmup - decay + (warmup > 0)
    pieces = [linear(base_lr / warmup, base_lr, warmup - 1)] if warmup > 1 else []
    if stable > 0:
        pieces.append(constant(base_lr, stable))
    if decay > 0:
        fall = _fall(decay_type, base_lr, base_lr * min_lr_factor, decay)
        return chain([*pieces, fall.past_end("extrapolate")])
    return chain(pieces).past_end("raise")


def _fall(decay_type: str, start: float, end: float, steps: int) -> Curve:
    if decay_type == "cosine":
        return cosine(start, end, steps)
    inner_powers = {"linear": 1.0, "sqrt": 0.5}
    inner_power = inner_powers[one_of("decay_type", decay_type, [*inner_powers, "cosine"])]
    return polynomial(start, end, steps, inner_power=inner_power)
