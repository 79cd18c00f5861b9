"""Other libraries' schedules under the names and parameters that they have there: a module a library.

A schedule that multiplies the learning rate of a param group takes that as `base_lr`, 1 unless given: the
curve is then a multiplier, for `relative`. One that drives other hyperparameters too is a dict of curves.
"""

from __future__ import annotations

import inspect
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from ..curve import Curve

LIBRARIES = (
    *("composer", "deepspeed", "fairseq", "fvcore", "ignite", "keras", "megatron"),
    *("mmengine", "nemo", "optax", "timm", "torch", "torchtitan", "transformers"),
)


def __getattr__(name: str) -> ModuleType:
    if name in LIBRARIES:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*LIBRARIES, "get", "signatures"]


def get(name: str, *arguments: Any, **parameters: Any) -> Curve | dict[str, Curve]:
    """The preset of that name with these parameters; by text, as a configuration file has it.

    >>> import stepcurve as sc
    >>> sc.presets.get("transformers/linear", num_warmup_steps=10, num_training_steps=100)
    linear(0, 1, 10) >> linear(1, 0, 90)
    """
    library, _, _ = str(name).partition("/")
    presets = _presets(library) if library in LIBRARIES else {}
    if name not in presets:
        near = get_close_matches(str(name), _presets(*LIBRARIES), n=3)
        raise ValueError(f"no preset {name!r}" + (f": did you mean {' or '.join(near)}?" if near else ""))
    made: Curve | dict[str, Curve] = presets[name](*arguments, **parameters)
    return made


def signatures() -> dict[str, inspect.Signature]:
    """Every preset's parameters and defaults, by its name for `get`.

    >>> import stepcurve as sc
    >>> print(sc.presets.signatures()["transformers/inverse_sqrt"])
    (num_warmup_steps, timescale=None, *, base_lr=1.0)
    """
    return {name: _signature(preset) for name, preset in _presets(*LIBRARIES).items()}


def _signature(preset: Callable[..., Any]) -> inspect.Signature:
    """Without annotations: to be read."""
    parameters = inspect.signature(preset).parameters.values()
    return inspect.Signature([each.replace(annotation=each.empty) for each in parameters])


def _presets(*libraries: str) -> dict[str, Callable[..., Any]]:
    modules = {library: import_module(f".{library}", __name__) for library in libraries}
    return {
        f"{lib}/{name}": getattr(module, name) for lib, module in modules.items() for name in module.__all__
    }
