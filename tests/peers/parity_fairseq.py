"""fairseq's schedules, by updates; those by epochs as its trainer drives them."""

from functools import partial

from formula import case
from formulas import fairseq


def with_epochs(parameters):
    """Presets ask for the length of an epoch wherever there are several."""
    return {"updates_per_epoch": 1_000_000, **parameters}


def endless(parameters, exact):
    """Not with a t_mult below 1, which ends where rounding has it."""
    return {**parameters, "t_mult": max(1, parameters["t_mult"]), "exact": exact}


def shrinking(parameters):
    return {**parameters, "t_mult": 0.5 if parameters["t_mult"] > 1 else 0.8, "exact": True}


OURS = {"polynomial_decay": with_epochs}
CASES = [
    *(case("fairseq", name, ours=OURS.get(name, dict)) for name in fairseq.SAMPLES if name != "cosine"),
    *(case("fairseq", "cosine", ours=partial(endless, exact=exact)) for exact in (True, False)),
    case("fairseq", "cosine", ours=shrinking),
]
