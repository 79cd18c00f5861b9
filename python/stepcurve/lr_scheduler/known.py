"""Whether the installed torch computes what the core computes: checked by the text of its functions.

The functions that a step of a class runs have a digest, without comments and docstrings. A class of torch whose
digest is not listed here, since it has changed or was never compared with the core, is stepped by torch's own code.
`digests` gives those of the installed torch.
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
    return hashlib.sha256("\n".join(map(_code, functions)).encode()).hexdigest()[:16]


def computes_what_the_core_does(torch_class: type[Any]) -> bool:
    """Whether steps of this class may be computed by the core."""
    try:
        return digest(torch_class) in DIGESTS.get(torch_class.__name__, ())
    except (OSError, TypeError):
        return False


@cache
def _code(function: Any) -> str:
    """The tokens of a function or class that mean something, the same in every version of Python."""
    if function is None:
        return ""
    source = inspect.getsource(function.fget if isinstance(function, property) else function)
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


DIGESTS = {
    "ChainedScheduler": ("a43aa1547315bbf4",),
    "ConstantLR": ("4130abccdc4511aa",),
    "CosineAnnealingLR": ("cf006e252d2ccf10",),
    "CosineAnnealingWarmRestarts": ("4df4fcb91b0470fc",),
    "CyclicLR": ("b2df62feeb196e5f",),
    "ExponentialLR": ("4644eb4baf0ce5d6",),
    "LambdaLR": ("b57691964fc70af5",),
    "LinearLR": ("37df0b3e20ad1e04",),
    "MultiStepLR": ("85c117bc6cd1f771",),
    "MultiplicativeLR": ("a703458acaa52a7d",),
    "OneCycleLR": ("eef1ab8c2ea07497",),
    "PolynomialLR": ("68a7914f37a924a8",),
    "ReduceLROnPlateau": ("61140e6e8a136e0c",),
    "SWALR": ("32697081e1f56142",),
    "SequentialLR": ("13e8e79b14150b80",),
    "StepLR": ("60fb650ffb150b43",),
}
