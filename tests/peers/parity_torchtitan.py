"""torchtitan's schedule."""

from formula import case

CASES = [case("torchtitan", "lr_scheduler", "LRSchedulersContainer")]
