"""torch.optim.lr_scheduler's schedulers, the same to the bit, computed in C++."""

from .classes import *
