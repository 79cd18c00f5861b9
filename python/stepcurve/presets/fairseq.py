"""fairseq's schedules (--lr-scheduler): learning rates, not multipliers, by the number of updates."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Mapping, Sequence
from math import ceil, floor, inf, log
from typing import TYPE_CHECKING

from .. import shapes
from ..curve import join
from ..shapes import constant, decay, exponential, inverse, linear, piecewise, polynomial
from ._parts import by_logarithm, cycles, positive, until, warmed_up

if TYPE_CHECKING:
    from ..curve import Curve

__all__ = ["cosine", "fixed", "inverse_sqrt", "manual", "polynomial_decay", "step", "tri_stage", "triangular"]


def cosine(
    warmup_updates: float = 0,
    warmup_init_lr: float = -1,
    lr: float | Sequence[float] = 0.25,
    min_lr: float = 0.0,
    t_mult: float = 1.0,
    lr_period_updates: float = -1,
    lr_shrink: float = 0.1,
    max_update: float = 0,
    *,
    exact: bool = True,
) -> Curve:
    """Up to lr, then cosines from lr to min_lr, each t_mult as long and lr_shrink as high as the one before.

    The warm-up is from min_lr unless warmup_init_lr >= 0; the first cosine takes the rest of max_update
    unless lr_period_updates > 0. Endless, and min_lr shrinks too; with t_mult < 1 they do not get beyond
    lr_period_updates / (1 - t_mult), and it raises there. fairseq finds restarts by a float logarithm and
    comes a step too late to some; exact=False does as well.

    >>> cosine(10, lr=0.1, max_update=110)
    linear(0, 0.1, 10) >> cosine(0.1, 0, 100).repeat(decay=0.1)
    """
    top = _above(min_lr, lr)
    period = positive(
        "lr_period_updates", lr_period_updates if lr_period_updates > 0 else max_update - warmup_updates
    )
    times = inf if t_mult >= 1 else _shrinking_cycles(period, t_mult)
    if exact or t_mult == 1:
        main = shapes.cosine(top, min_lr, period).repeat(times, t_mult, lr_shrink)
    else:

        def fall(i: int) -> Curve:
            return shapes.cosine(top * lr_shrink**i, min_lr * lr_shrink**i, period * t_mult**i)

        # Half of all the steps there are leave room for the warm-up.
        times = min(times, _cycle(2**52, period, t_mult)) if t_mult > 1 else times
        main = by_logarithm(fall, period, t_mult, times, lambda update: _cycle(update, period, t_mult))
    if t_mult < 1:
        main = main.past_end("raise")
    return warmed_up(warmup_updates, main, warmup_init_lr if warmup_init_lr >= 0 else min_lr, top)


def fixed(
    force_anneal: int | None = None,
    lr_shrink: float = 0.1,
    warmup_updates: int = 0,
    lr: float | Sequence[float] = 0.25,
    *,
    updates_per_epoch: float | None = None,
) -> Curve:
    """A learning rate for each epoch, the last of `lr` for the rest, times (t + 1) / warmup_updates at first.

    From epoch force_anneal on, the first being 1, it is the last of `lr` times lr_shrink^(1, 2, ...).

    >>> fixed(lr=[0.1, 0.01], updates_per_epoch=500)
    piecewise({0: 0.1, 1: 0.01}).stretch(500)
    """
    rates = _list(lr)
    curve = piecewise(dict(enumerate(rates))) if len(rates) > 1 else constant(rates[0])
    if force_anneal is not None:
        begin = max(0, force_anneal - 1)
        shrinking = decay(rates[-1] * lr_shrink ** (begin + 2 - force_anneal), lr_shrink).stairs(1)
        curve = join([curve, shrinking], [begin]) if begin else shrinking
    if len(rates) > 1 or force_anneal is not None:
        curve = curve.stretch(_epoch(updates_per_epoch))
    if warmup_updates > 1:
        return linear(1 / warmup_updates, 1, warmup_updates - 1) * curve
    return curve


def inverse_sqrt(
    warmup_updates: float = 4000, warmup_init_lr: float = -1, lr: float | Sequence[float] = 0.25
) -> Curve:
    """From warmup_init_lr, 0 if negative, up to lr, then lr sqrt(warmup_updates / t). Endless.

    >>> inverse_sqrt(100, lr=0.1)
    linear(0, 0.1, 100) >> inverse(0.1, 100, power=0.5)
    """
    positive("warmup_updates", warmup_updates)
    top = _one(lr)
    return linear(max(0, warmup_init_lr), top, warmup_updates) >> inverse(top, warmup_updates, power=0.5)


def manual(
    epoch2lr: str | Mapping[str, float] = "{}",
    update2lr: str | Mapping[str, float] = "{}",
    lr: float | Sequence[float] = 0.25,
    *,
    updates_per_epoch: float | None = None,
) -> Curve:
    """The rate of the latest epoch in epoch2lr, the first being 1, or of the latest update in update2lr.

    Keys are "3", "1-3" or "4,5", in a dict or in the text of one. Epochs count until the first update in
    update2lr, and before the first epoch in epoch2lr lr does, or the rate of update 1.

    >>> manual({"1-3": 0.1, "4": 0.01}, updates_per_epoch=500)
    piecewise({0: 0.1, 3: 0.01}).stretch(500)
    >>> manual(update2lr="{'0': 0.1, '1000': 0.01}")
    piecewise({0: 0.1, 1000: 0.01})
    """
    epochs, updates = _table(epoch2lr), _table(update2lr)
    first = epochs.get(1, updates.get(1, _list(lr)[0]))
    by_epoch = _steps({0: first, **{max(0, epoch - 1): rate for epoch, rate in epochs.items()}})
    by_update = _steps(updates)
    curve = constant(by_epoch[0])
    if len(by_epoch) > 1:
        curve = piecewise(by_epoch).stretch(_epoch(updates_per_epoch))
    if not updates:
        return curve
    begin = max(0, min(updates))
    later = piecewise({0: by_update[min(by_update)], **by_update})
    return join([curve, later], [begin], clock="global") if begin else later


def polynomial_decay(
    warmup_updates: float = 0,
    force_anneal: int | None = None,
    end_learning_rate: float = 0.0,
    power: float = 1.0,
    total_num_update: float = 0,
    lr: float | Sequence[float] = 0.25,
    *,
    updates_per_epoch: float | None = None,
) -> Curve:
    """lr t / warmup_updates, then end + (lr - end) (1 - p)^power, up to total_num_update.

    Of a list of learning rates, one an epoch, fairseq never uses the first: epoch 1 has the second. From
    epoch force_anneal on, each epoch's is what the one before came to, so that the decay compounds.

    >>> polynomial_decay(10, total_num_update=100, lr=0.1)
    linear(0, 0.1, 10) >> polynomial(0.1, 0, 90)
    """
    positive("total_num_update", total_num_update)
    warmup, end = max(0, warmup_updates), end_learning_rate

    def decayed(rate: float) -> Curve:
        if total_num_update <= warmup:
            return linear(0, rate, warmup).past_end(end)
        return warmed_up(warmup, polynomial(rate, end, total_num_update - warmup, power), 0, rate)

    rates = _list(lr)
    epochs = dict(enumerate(rates[1:] or rates))
    if force_anneal is not None:
        epoch = _epoch(updates_per_epoch)
        begin = max(0, force_anneal - 1)
        table = [epochs[min(i, len(epochs) - 1)] for i in range(begin)]
        for i in range(begin, ceil(max(total_num_update, warmup + 1) / epoch)):
            table.append(decayed(table[-1] if table else rates[0])(i * epoch))
        epochs = dict(enumerate(table))
    if len(epochs) == 1:
        return decayed(epochs[0])
    rate = piecewise(epochs).stretch(_epoch(updates_per_epoch))
    if total_num_update <= warmup:
        return until(warmup, linear(0, 1, warmup) * rate, end)
    fall = polynomial(1, 0, total_num_update - warmup, power).shift(warmup) * (rate + -end) + end
    return (
        join([linear(0, 1, warmup) * rate, fall], [warmup], owner="earlier", clock="global")
        if warmup
        else fall
    )


def step(
    warmup_updates: float = 0,
    warmup_init_lr: float = -1,
    lr: float | Sequence[float] = 0.25,
    min_lr: float = 0.0,
    lr_deacy_period: float = 25000,
    lr_decay: float = 0.5,
) -> Curve:
    """Up to lr, then times lr_decay every lr_deacy_period, as fairseq spells it, and never below min_lr.

    The warm-up is from min_lr unless warmup_init_lr >= 0.

    >>> step(100, lr=0.1, min_lr=0.01, lr_deacy_period=500)
    linear(0.01, 0.1, 100) >> decay(0.1, 0.5, every=500).stairs(500).clip(low=0.01)
    """
    top = _above(min_lr, lr)
    if not 0 < lr_decay <= 1:
        raise ValueError(f"lr_decay must be in (0, 1], got {lr_decay}")
    main = decay(top, lr_decay, lr_deacy_period).stairs(lr_deacy_period).clip(low=min_lr)
    return warmed_up(warmup_updates, main, warmup_init_lr if warmup_init_lr >= 0 else min_lr, top)


def tri_stage(
    warmup_steps: float = 0,
    hold_steps: float = 0,
    decay_steps: float = 0,
    phase_ratio: tuple[float, float, float] | None = None,
    init_lr_scale: float = 0.01,
    final_lr_scale: float = 0.01,
    max_update: float = 0,
    lr: float | Sequence[float] = 0.25,
) -> Curve:
    """From lr init_lr_scale up to lr, held, then exponentially down to lr final_lr_scale, which it keeps.

    With a phase_ratio, which must add up to 1 exactly, the three are those parts of max_update, rounded down.

    >>> tri_stage(phase_ratio=(0.1, 0.4, 0.5), max_update=1_000, lr=1)
    linear(0.01, 1, 100) >> constant(1, steps=400) >> exponential(1, 0.01, 500)
    """
    if phase_ratio is not None:
        if sum(phase_ratio) != 1:
            raise ValueError(f"phase_ratio must add up to 1, got {phase_ratio}")
        positive("max_update", max_update)
        warmup_steps, hold_steps, decay_steps = (int(max_update * ratio) for ratio in phase_ratio)
    top = _one(lr)
    main = exponential(top, top * final_lr_scale, decay_steps)
    if hold_steps:
        main = constant(top, hold_steps) >> main
    return warmed_up(warmup_steps, main, top * init_lr_scale, top)


def triangular(
    max_lr: float,
    lr_period_updates: float = 5000,
    lr_shrink: float = 0.1,
    shrink_min: bool = False,
    lr: float | Sequence[float] = 0.25,
) -> Curve:
    """From lr up to max_lr and back, each time with lr_shrink times the max_lr, and lr with shrink_min.

    Half a period is rounded down. Once max_lr has shrunk below lr, the triangles point down.

    >>> triangular(0.4, 1_000, lr=0.1, shrink_min=True)
    (linear(0.1, 0.4, 500) >> linear(0.4, 0.1, 500)).repeat(decay=0.1)
    """
    low = _one(lr)
    if not max_lr > low:
        raise ValueError(f"max_lr must be > lr, got {max_lr} and {low}")
    half = lr_period_updates // 2

    def triangle(top: float, bottom: float) -> Curve:
        return linear(bottom, top, half) >> linear(top, bottom, half)

    return cycles(triangle, max_lr, low, start_decay=lr_shrink, end_decay=lr_shrink if shrink_min else 1)


def _above(min_lr: float, lr: float | Sequence[float]) -> float:
    top = _one(lr)
    if not top > min_lr >= 0:
        raise ValueError(f"min_lr must be >= 0 and lr > min_lr, got {min_lr} and {top}")
    return top


def _epoch(updates_per_epoch: float | None) -> float:
    if updates_per_epoch is None:
        raise ValueError("updates_per_epoch must be given for a schedule by epochs")
    return updates_per_epoch


def _one(lr: float | Sequence[float]) -> float:
    rates = _list(lr)
    if len(rates) > 1:
        raise ValueError(f"lr must be one learning rate, got {rates}")
    return rates[0]


def _list(lr: float | Sequence[float]) -> list[float]:
    return [*lr] if isinstance(lr, Sequence) else [lr]


def _cycle(update: float, period: float, growth: float) -> int:
    """As fairseq has it."""
    return floor(log(1 - update / period * (1 - growth), growth))


def _shrinking_cycles(period: float, growth: float) -> int:
    """Enough of them, each shorter than the one before, to get to the last whole update that they reach."""
    # 1 - growth is rounded: an end that should be whole may come out as a little more.
    last = ceil(period / (1 - growth) * (1 - 1e-12)) - 1
    return _cycle(last, period, growth) + 2


def _table(values: str | Mapping[str, float]) -> dict[int, float]:
    table: dict[int, float] = {}
    parsed = literal_eval(values.replace(" ", "")) if isinstance(values, str) else values
    for key, rate in parsed.items():
        if "," in key:
            table.update({int(each): float(rate) for each in key.split(",")})
        elif "-" in key:
            begin, end, *_ = key.split("-")
            table.update({each: float(rate) for each in range(int(begin), int(end) + 1)})
        else:
            table[int(key)] = float(rate)
    return dict(sorted(table.items()))


def _steps(table: Mapping[int, float]) -> dict[int, float]:
    """The table from 0 on, without what changes nothing."""
    steps: dict[int, float] = {}
    latest = None
    for at, rate in table.items():
        if rate != latest or at <= 0:
            steps[max(0, at)] = latest = rate
    return steps
