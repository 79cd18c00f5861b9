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
    "ChainedScheduler": "ac142d96 7035110f 5768a53d 8e1e9900",
    "ConstantLR": "63b30028 ddf87bdf 988119e9 af667541 896e8136 9a6eeeda 6d248c90",
    "CosineAnnealingLR": "1f9d8887 0756b8f0 c07f9205 769c2407 ee7cd409 31c1518f ebaeb4a8",
    "CosineAnnealingWarmRestarts": "a904bd30 27e21879 114e53a7 01c5a38b a9207585",
    "CyclicLR": "aa643113 b5c5242e 20458132 ca3c4180 2437a48f fc609ead b5bfd34e",
    "ExponentialLR": "1ec398de b09411b6 52d23645 84d1c8a7 360b6e9e 651b21e2 d746f962",
    "LambdaLR": "e4bcd743 28a7af01 9ecf74e7 d469ea4f 8119871e 1d150bc7 8d858431",
    "LinearLR": "1a2b62aa e56a3c1e 888592d1 404c64b1 cb320efc ea2c73dc 36d3d5a5",
    "MultiStepLR": "09b6d74f a02c384d 4622c547 adcd647e 0323beac 9860cd1a ef377daf",
    "MultiplicativeLR": "dcf7ae01 e4fc0a26 ebc525f2 a1a4f2c1 7cbb958e 4445c411 5684a6ce",
    "OneCycleLR": "38a1e566 a010cede 7a969ad1 e70e4735 6ed1c100 c2ca7311 4eb7a3c8",
    "PolynomialLR": "de919d02 4ab626e3 665d20d2 1ad221fe a968eeae 3bb77556 ae33dd8b",
    "ReduceLROnPlateau": "97133d51 ec0633a3 2b36716f 11cb4d9d 066b2de3",
    "SWALR": "ae973be0 c1eb24fd 9bf21a95 ac9f06f8 2d1d34eb ad8d79c6 37a9838d",
    "SequentialLR": "e24fbcb5 52819269 88bcaf35 67fd7060",
    "StepLR": "bf9a1025 14781a46 a6fae08f 38b71625 3e0cee9d f95c8cf4 70fcb1a2",
}
