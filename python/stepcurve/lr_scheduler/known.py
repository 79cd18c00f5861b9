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
    source = textwrap.dedent(inspect.getsource(getattr(function, "fget", function)))  # of a property
    layout = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    code, begins, header, depth = [], True, False, 0
    for kind, text, *_ in tokenize.generate_tokens(io.StringIO(source).readline):
        header = header or (begins and text == "def")  # left out for the annotations in it
        docstring = begins and kind == tokenize.STRING
        if not (header or docstring or kind in layout):
            code.append(text)
        depth += (text in "([{") - (text in ")]}") if kind == tokenize.OP else 0
        header = header and not (text == ":" and depth == 0)
        begins = kind in layout
    return "".join("".join(code).split())  # since 3.12 an f-string is many tokens


def digests() -> dict[str, str]:
    """Of every scheduler of the installed torch."""
    classes = [getattr(torchs, name) for name in torchs.__all__] + [swa_utils.SWALR]
    return {each.__name__: digest(each) for each in classes if each is not torchs.LRScheduler}


# Of torch 2.4, 2.5, 2.6, 2.7, 2.8, 2.9 and 2.10 to 2.15, fewer where some are alike. The programs of
# tests/test_lr_scheduler.py were run with the sources of each.
DIGESTS = {
    "ChainedScheduler": "ac142d96 7035110f 5768a53d 8e1e9900",
    "ConstantLR": "cf38d870 48f7d4f2 7aad8664 d661847f 761a8f0a 899a14e1 8cae526a",
    "CosineAnnealingLR": "60f8ef1e cf2aed9f 4a934ac0 ac4f7cc3 080e9df7 4677de23 a7e911ce",
    "CosineAnnealingWarmRestarts": "a904bd30 27e21879 114e53a7 01c5a38b a9207585",
    "CyclicLR": "3b75b780 6c2d551b 77728208 3e990f40 1eab58b6 600bef00 57dc57d2",
    "ExponentialLR": "c9b73a22 eced9ab5 5c0dcf85 88b79842 de30e730 60817389 ffd5de73",
    "LambdaLR": "50911185 28bdf350 912cd4b6 ae831862 1070a66a d1397421 3a14ff2b",
    "LinearLR": "451ba588 b76712f1 cc9d83b4 0bad7058 8a6e1f11 fcae8886 63251453",
    "MultiStepLR": "469c75d6 1c3a2234 e5e9b845 52c7fec1 b92d15c7 1348ee95 c884622d",
    "MultiplicativeLR": "d72c9fbb f55846fc b55f99a4 36327b0f 537fbd76 817e0acf e3e6bb76",
    "OneCycleLR": "b6af2b07 acfc903c 1fa53d6f 64191bce 74a01fd5 244174b1 aa054669",
    "PolynomialLR": "75eb5fdc fd4fa17a ae348656 9bbc090b 8f0001a8 fb6f5899 bd18f930",
    "ReduceLROnPlateau": "97133d51 f1471a07 f6b3a0ea b86cb2c5 ce8fe144",
    "SWALR": "a8cd9cb6 a134b791 18fb7cb3 0513c2a7 ab60acaa 60e43ed4 29f6aff3",
    "SequentialLR": "e24fbcb5 52819269 88bcaf35 67fd7060",
    "StepLR": "6f8231f1 00938c4f 31ad0838 84ba4315 c1f24220 98aa41af fd87e6c9",
}
