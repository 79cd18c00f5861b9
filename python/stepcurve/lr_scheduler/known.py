"""Whether the installed torch computes what the core computes: checked by the text of its functions.

The functions that a step of a class runs have a digest, without comments and docstrings. A class of torch
whose digest is not listed here, since it has changed or was never compared with the core, is stepped by
torch's own code. `digests` gives those of the installed torch.
"""

from __future__ import annotations

import hashlib
import inspect
import io
import textwrap
import tokenize
from functools import cache
from typing import Any

from torch.optim import lr_scheduler as torchs
from torch.optim import swa_utils

_EVERY_CLASS = ("step", "_update_lr", "get_lr", "_get_closed_form_lr", "get_last_lr")
_OF_ONE_CLASS = {
    "ReduceLROnPlateau": ("_is_better", "in_cooldown", "_reduce_lr"),
    "CyclicLR": ("scale_fn", "_triangular_scale_fn", "_triangular2_scale_fn", "_exp_range_scale_fn"),
    "OneCycleLR": ("_anneal_func", "_annealing_cos", "_annealing_linear"),
    "SWALR": ("_get_initial_lr", "_cosine_anneal", "_linear_anneal"),
}
_HELPERS = ("_update_param_group_val", "_param_groups_val_list", "_enable_get_lr_call", "_to_scalar")


def digest(torch_class: type[Any]) -> str:
    """Of the code that a step of the class runs; an OSError where Python has no source to read."""
    names = (*_EVERY_CLASS, *_OF_ONE_CLASS.get(torch_class.__name__, ()))
    functions = [getattr(torch_class, name, None) for name in names]
    functions += [getattr(torchs, name, None) for name in _HELPERS]
    return hashlib.sha256("\n".join(map(_code, functions)).encode()).hexdigest()[:8]


def computes_what_the_core_does(torch_class: type[Any]) -> bool:
    """Whether steps of this class may be computed by the core."""
    try:
        return digest(torch_class) in DIGESTS.get(torch_class.__name__, "").split()
    except (OSError, TypeError):
        return False


@cache
def _code(function: Any) -> str:
    """The tokens of a function or class that mean something, the same in every version of Python."""
    if function is None:
        return ""
    source = inspect.getsource(getattr(function, "fget", function))  # of a property
    tokens = tokenize.generate_tokens(io.StringIO(textwrap.dedent(source)).readline)
    layout = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    code, begins = [], True
    for kind, text, *_ in tokens:
        if kind not in layout and not (begins and kind == tokenize.STRING):
            code.append(text)
        begins = kind in layout
    return "".join("".join(code).split())  # since 3.12 an f-string is many tokens


def digests() -> dict[str, str]:
    """Of every scheduler of the installed torch."""
    classes = [getattr(torchs, name) for name in torchs.__all__] + [swa_utils.SWALR]
    return {each.__name__: digest(each) for each in classes if each is not torchs.LRScheduler}


# Of torch 2.4, 2.5, 2.6, 2.7, 2.8, 2.9 and 2.10 to 2.15, fewer where some are alike. The programs of
# tests/test_lr_scheduler.py were run with the sources of each.
DIGESTS = {
    "ChainedScheduler": "6b907597 f751e742 d2d9ade3 79ef56b0 a43aa154",
    "ConstantLR": "4a948d8e 53f8f216 7b8c01fb 02bd59e4 0d2f66ac 3ae16fbd 4130abcc",
    "CosineAnnealingLR": "d3108542 6ebd6816 c9759e3c 0e6b4167 5b9aff46 59d82cac cf006e25",
    "CosineAnnealingWarmRestarts": "90ef83dc 67649b8d b9e8efa0 bd6baa3b 56eaac3a 4df4fcb9",
    "CyclicLR": "0b924e01 de7ceda5 372f6bf3 51a75d0c 2dd9d3e4 95eb9c7d b2df62fe",
    "ExponentialLR": "624d6a8c a2bbcb54 659471ae 5fba69cf b87efb97 6daad1a7 4644eb4b",
    "LambdaLR": "a58be068 9ee3d967 4194e24f aabc48e1 22df33ea 9549f28d b5769196",
    "LinearLR": "42421fad 0c83b046 a7069ec8 5c36b4f6 9afd4a31 789cf974 37df0b3e",
    "MultiStepLR": "d968b26e da02e308 99d7c395 4f0b2f33 092dd1e2 055c42ad 85c117bc",
    "MultiplicativeLR": "4d8ed14f d7402268 8492c2fa 7dc248ea 42e95870 6d24a7bd a703458a",
    "OneCycleLR": "768e16ac 2c59ba58 56836a7a 0bb66666 9d40149c 2c6819ec eef1ab8c",
    "PolynomialLR": "08e923eb b0307093 21caf8e4 8ea86c5a e8f95c66 23e905aa 68a7914f",
    "ReduceLROnPlateau": "ea2746a2 4f90de16 649ce630 ca32524b 85db2521 61140e6e",
    "SWALR": "f3bbb256 77771205 1faeacbd 12070a00 42243814 95dd8ef9 32697081",
    "SequentialLR": "dc7efdef bb137b3e e4f6b7cd 962227b4 13e8e79b",
    "StepLR": "5857df14 0d9b6f4b 8fe01d01 b49f425d df7832f2 081194fc 60fb650f",
}
