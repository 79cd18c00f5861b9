import torch
from torch.optim import lr_scheduler as torchs
from torch.optim import swa_utils
from .. import _core

_core.bind_torch(torch)
names = [n for n in torchs.__all__ if n != "LRScheduler"]
class LRScheduler(torchs.LRScheduler): pass
_core.give_methods(LRScheduler)
for n in names + ["SWALR"]:
    base = getattr(torchs, n, None) or getattr(swa_utils, n)
    globals()[n] = type(n, (LRScheduler, base), {"__module__": __name__})
    _core.know(base)
__all__ = [*names, "SWALR", "LRScheduler"]
