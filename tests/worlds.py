"""The same program run with torch's schedulers and with ours, and all that a user can see of it compared.

A schedule is described by plain data, so that each side builds its own: ("StepLR", {"step_size": 3}), or with
a list of schedules for the parameter "schedulers". "torch:StepLR" is torch's class on both sides.
"""

import copy
import io
import math
import pickle
import warnings

import torch
from stepcurve import lr_scheduler as ours
from torch.optim import lr_scheduler as torchs
from torch.optim import swa_utils

CLASSES = [*torchs.__all__, "SWALR"]


def halved(epoch):
    return 0.5**epoch


def tenth_or_whole(epoch):
    return 1 if epoch % 3 else 0.1


class Callable:
    """A function with state, which a state_dict takes in."""

    def __init__(self, rate):
        self.rate, self.calls = rate, 0

    def __call__(self, epoch):
        self.calls += 1
        return self.rate ** (epoch % 50)


def _user_classes(module, name):
    class Root(module.LRScheduler):
        """A user's own schedule."""

        def get_lr(self):
            return [base / math.sqrt(self.last_epoch + 1) for base in self.base_lrs]

    class Floored(module.ExponentialLR):
        """A user's change of one of torch's."""

        def get_lr(self):
            return [max(lr, 0.01) for lr in super().get_lr()]

    class Named(module.StepLR):
        """Nothing that matters to a step."""

        note = "a note"

        def describe(self):
            return f"{self.note}: {self.gamma}"

    classes = {each.__name__: each for each in (Root, Floored, Named)}
    for each in classes.values():
        each.__qualname__ = f"{name}_{each.__name__}"
        globals()[each.__qualname__] = each  # so that pickle finds it
    return classes


USERS = {id(torchs): _user_classes(torchs, "Torch"), id(ours): _user_classes(ours, "Ours")}


def class_of(module, name):
    if name.startswith("torch:"):
        module, name = torchs, name.removeprefix("torch:")
    if name in USERS[id(module)]:
        return USERS[id(module)][name]
    return swa_utils.SWALR if name == "SWALR" and module is torchs else getattr(module, name)


def tensor_type(kind):
    return {"float32": torch.float32, "float64": torch.float64}[kind]


def make_optimizer(rates, kind="float", optimizer="SGD"):
    def rate(value):
        return value if kind == "float" else torch.tensor(value, dtype=tensor_type(kind))

    groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": rate(value)} for value in rates]
    if optimizer == "SGD":
        return torch.optim.SGD(groups, lr=0.1, momentum=0.9)
    return torch.optim.AdamW(groups, lr=0.1, foreach=False)


def build(module, spec, optimizer):
    name, parameters = spec
    parameters = dict(parameters)
    if "schedulers" in parameters:
        parameters["schedulers"] = [build(module, each, optimizer) for each in parameters["schedulers"]]
    if name.endswith("ChainedScheduler"):
        return class_of(module, name)(**parameters)
    return class_of(module, name)(optimizer, **parameters)


class World:
    """One side: an optimizer and its schedulers."""

    def __init__(self, module, rates, kind="float", optimizer="SGD"):
        self.module, self.kind = module, kind
        self.optimizer = make_optimizer(rates, kind, optimizer)
        self.schedulers = []

    def do(self, action, *arguments):
        """What came of it: the value as text or the error's type, and the warnings."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                result = see(getattr(self, action)(*arguments))
            except Exception as error:
                result = type(error)
        return result, [(warning.category, str(warning.message)) for warning in caught]

    def build(self, spec):
        self.schedulers.append(build(self.module, spec, self.optimizer))

    def train(self):
        self.optimizer.step()

    def step(self, index, *arguments):
        return self.schedulers[index].step(*arguments)

    def get_lr(self, index):
        return self.schedulers[index].get_lr()

    def set_lr(self, group, value):
        lr = self.optimizer.param_groups[group]["lr"]
        if isinstance(lr, torch.Tensor) and isinstance(value, float):
            lr.fill_(value)
        else:
            self.optimizer.param_groups[group]["lr"] = value

    def add_group(self, value):
        lr = value if self.kind == "float" else torch.tensor(value, dtype=tensor_type(self.kind))
        self.optimizer.add_param_group({"params": [torch.nn.Parameter(torch.zeros(1))], "lr": lr})

    def write(self, index, name, value):
        if not hasattr(self.schedulers[index], name):
            raise AttributeError(name)
        setattr(self.schedulers[index], name, copy.deepcopy(value))

    def replace_get_lr(self, index):
        scheduler = self.schedulers[index]
        scheduler.get_lr = lambda: [0.125] * len(scheduler.optimizer.param_groups)

    def restore_get_lr(self, index):
        del self.schedulers[index].get_lr

    def copy(self):
        self.optimizer, self.schedulers = copy.deepcopy((self.optimizer, self.schedulers))

    def pickle(self):
        self.optimizer, self.schedulers = pickle.loads(pickle.dumps((self.optimizer, self.schedulers)))

    def reload(self, index, spec, module=None):
        """As after a restart: another scheduler, perhaps of the other side's class, takes the state over."""
        stream = io.BytesIO()
        torch.save(self.schedulers[index].state_dict(), stream)
        stream.seek(0)
        self.schedulers[index] = build(module or self.module, spec, self.optimizer)
        self.schedulers[index].load_state_dict(torch.load(stream, weights_only=False))

    def state(self):
        """All that can be seen."""
        groups = [
            {key: group[key] for key in group if key != "params"} for group in self.optimizer.param_groups
        ]
        return see(groups), [see_scheduler(scheduler) for scheduler in self.schedulers]


def see_scheduler(scheduler):
    attributes = {
        key: value for key, value in vars(scheduler).items() if key not in ("optimizer", "_schedulers")
    }
    inner = [see_scheduler(each) for each in getattr(scheduler, "_schedulers", [])]
    return scheduler.__class__.__name__, see(attributes), inner


def see(value):
    """Text that differs where a bit or a type differs."""
    if isinstance(value, torch.Tensor):
        return f"tensor({value.dtype}, {value.item()!r})"
    if isinstance(value, dict):
        return {key: see(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value).__name__, [see(each) for each in value]
    if callable(value):
        return see(vars(value)) if isinstance(value, Callable) else getattr(value, "__name__", "function")
    return repr(value)


def pair(rates, kind="float", optimizer="SGD"):
    return World(torchs, rates, kind, optimizer), World(ours, rates, kind, optimizer)


def both(worlds, action, *arguments):
    """Does it on both sides, and compares what comes of it and all that is there to see."""
    expected, found = (world.do(action, *arguments) for world in worlds)
    assert found == expected, (action, arguments)
    assert worlds[1].state() == worlds[0].state(), (action, arguments)
    return expected[0]
