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
_HELPERS = ("_update_param_group_val", "_param_groups_val_list", "_to_scalar")


def digest(torch_class: type[Any]) -> str:
    """Of the code that a step of the class runs; an OSError where Python has no source to read."""
    names = (*_EVERY_CLASS, *_OF_ONE_CLASS.get(torch_class.__name__, ()))
    functions = [getattr(torch_class, name, None) for name in names]
    functions += [getattr(torchs, name, None) for name in _HELPERS]
    functions += [torchs._enable_get_lr_call.__enter__, torchs._enable_get_lr_call.__exit__]
    return hashlib.sha256("\n".join(map(_code, functions)).encode()).hexdigest()[:8]


def computes_what_the_core_does(torch_class: type[Any]) -> bool:
    """Whether steps of this class may be computed by the core."""
    try:
        return digest(torch_class) in DIGESTS.get(torch_class.__name__, "").split()
    except (OSError, TypeError):
        return False


@cache
def _code(function: Any) -> str:
    """The tokens of a function that mean something, the same in every version of Python."""
    if function is None:
        return ""
    source = textwrap.dedent(inspect.getsource(getattr(function, "fget", function)))  # of a property
    layout = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    code, begins, header, depth = [], True, False, 0
    for kind, text, *_ in tokenize.generate_tokens(io.StringIO(source).readline):
        header = header or (begins and text == "def")  # left out for the annotations in it
        docstring = begins and depth == 0 and kind == tokenize.STRING
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
    "ChainedScheduler": "ad7cbe3b cc9ad029 0106222e e1a04769",
    "ConstantLR": "ac690fac 553d7da6 cda0f8fe 26953dcc 4141e264 44a6a249 f30480d4",
    "CosineAnnealingLR": "4118f8d9 f979035b 116d5e83 859116ec 5100dfd6 87c96331 071be39a",
    "CosineAnnealingWarmRestarts": "c4392e67 4816acc5 8a9a08a6 b3c03aaf bd80bca7",
    "CyclicLR": "ed4b0cc2 028542e6 c6d78d4c 43249b86 5bb6e495 e9a25e01 885ba00d",
    "ExponentialLR": "22be3f0c de573c24 4bd34ed8 2eb2bf98 0a323454 956172b2 584c3ca3",
    "LambdaLR": "4f9a5eeb 99e64d47 90fdd7ca de81164c 06b4e238 4b5812a0 dac03c25",
    "LinearLR": "77367082 58e7a476 321a1980 55e7b850 7a705185 a9ba12b8 d8ed5d73",
    "MultiStepLR": "ce8279bd 60112b08 ca3697ed 28c4d249 6645fc60 ffc0342f cf635f95",
    "MultiplicativeLR": "d0c65a6d 375c2d70 5b0db09d e851851c d31474e3 08a0a5fd 6c522694",
    "OneCycleLR": "b64a78b0 93f5f175 85eacc24 a1679009 8aec3530 252aa782 d2cb9779",
    "PolynomialLR": "e12f8896 60e699e4 8f72831b cca1aeba 51b1e915 6c338f70 801b6497",
    "ReduceLROnPlateau": "c13b5d29 c586ebd3 aab9076f d6547a97 01cef80e",
    "SWALR": "17fa7042 c7a2f1a8 898cd019 80446c8d 766d2033 bfb3731d 06df3eb7",
    "SequentialLR": "b4321fd0 b2301143 7314e259 93ed28a6",
    "StepLR": "b9d355a7 bc0713a1 8f8ca799 6f72516f fb0df9d7 2cb8b0fb 001c3c3b",
}
