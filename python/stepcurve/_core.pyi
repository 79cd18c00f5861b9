"""
The C++ core of stepcurve; use it through the package.
"""
from __future__ import annotations
import collections.abc
import numpy
import numpy.typing
import types
import typing
__all__: list[str] = ['Curve', 'Drive', 'Plateau', 'Sweep', 'active_target', 'advance_curves', 'bind_torch', 'clip', 'constant', 'cosine', 'curve_step', 'decay', 'exponential', 'fill_table', 'fill_times', 'force_target', 'hold', 'inverse', 'is_native', 'join', 'know', 'linear', 'log', 'past_end', 'piecewise', 'polynomial', 'preview', 'product', 'repeat', 'runnable_targets', 'sequence', 'shift', 'stairs', 'step', 'steps_by_torch', 'stretch', 'sum', 'tanh']
class Curve:
    def at(self, time: typing.SupportsFloat | typing.SupportsIndex) -> float:
        ...
    def describe(self) -> tuple[str, dict[str, typing.Any], list[Curve]]:
        """
        Name, arguments and operands of what made the curve.
        """
    def steps(self) -> float:
        ...
class Drive:
    """
    What a step of a CurveScheduler writes.
    """
    def __init__(self, tracks: collections.abc.Sequence[tuple[typing.Any, typing.SupportsInt | typing.SupportsIndex, typing.Any, collections.abc.Sequence[Curve | None], collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex | None]]], members: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex], whole: typing.Any, views: list[typing.Any]) -> None:
        ...
class Plateau:
    def __init__(self, options: dict[str, numpy.ndarray], runs: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    def replay(self, metrics: numpy.typing.NDArray[numpy.float64], shared: bool, threads: typing.SupportsInt | typing.SupportsIndex, out: numpy.typing.NDArray[numpy.float64]) -> None:
        ...
    def update(self, metric: typing.SupportsFloat | typing.SupportsIndex) -> float:
        ...
    @property
    def averaged(self) -> numpy.typing.NDArray[numpy.int64]:
        ...
    @property
    def bad_steps(self) -> numpy.typing.NDArray[numpy.int64]:
        ...
    @property
    def best(self) -> numpy.typing.NDArray[numpy.float64]:
        ...
    @property
    def cooldown_left(self) -> numpy.typing.NDArray[numpy.int64]:
        ...
    @property
    def good_steps(self) -> numpy.typing.NDArray[numpy.int64]:
        ...
    @property
    def lr(self) -> numpy.typing.NDArray[numpy.float64]:
        ...
    @property
    def recent(self) -> numpy.typing.NDArray[numpy.float64]:
        ...
    @property
    def resets_left(self) -> numpy.typing.NDArray[numpy.int64]:
        ...
    @property
    def steps(self) -> int:
        ...
    @steps.setter
    def steps(self, arg0: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def sum(self) -> numpy.typing.NDArray[numpy.float64]:
        ...
class Sweep:
    def __init__(self, members: collections.abc.Sequence[Curve]) -> None:
        ...
    def at(self, time: typing.SupportsFloat | typing.SupportsIndex, threads: typing.SupportsInt | typing.SupportsIndex, out: numpy.typing.NDArray[numpy.float64]) -> None:
        ...
    def check(self, start: typing.SupportsFloat | typing.SupportsIndex, stride: typing.SupportsFloat | typing.SupportsIndex, first: typing.SupportsInt | typing.SupportsIndex, count: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @typing.overload
    def fill(self, start: typing.SupportsFloat | typing.SupportsIndex, stride: typing.SupportsFloat | typing.SupportsIndex, first: typing.SupportsInt | typing.SupportsIndex, threads: typing.SupportsInt | typing.SupportsIndex, out: numpy.typing.NDArray[numpy.float64]) -> None:
        ...
    @typing.overload
    def fill(self, start: typing.SupportsFloat | typing.SupportsIndex, stride: typing.SupportsFloat | typing.SupportsIndex, first: typing.SupportsInt | typing.SupportsIndex, threads: typing.SupportsInt | typing.SupportsIndex, out: numpy.typing.NDArray[numpy.float32]) -> None:
        ...
    def member(self, i: typing.SupportsInt | typing.SupportsIndex) -> Curve:
        ...
    def part(self, which: numpy.typing.NDArray[numpy.int64]) -> Sweep:
        ...
def active_target() -> str:
    ...
def advance_curves(scheduler: typing.Any) -> bool:
    """
    Takes the next step of a CurveScheduler if that is plain.
    """
def bind_torch(torch: types.ModuleType, base: type) -> None:
    """
    Looks up what the schedulers, which derive from base, need of torch.
    """
def clip(curve: Curve, low: typing.SupportsFloat | typing.SupportsIndex, high: typing.SupportsFloat | typing.SupportsIndex) -> Curve:
    ...
def constant(value: typing.SupportsFloat | typing.SupportsIndex, steps: typing.SupportsFloat | typing.SupportsIndex) -> Curve:
    ...
def cosine(start: typing.SupportsFloat | typing.SupportsIndex, end: typing.SupportsFloat | typing.SupportsIndex, steps: typing.SupportsFloat | typing.SupportsIndex, cycles: typing.SupportsFloat | typing.SupportsIndex, power: typing.SupportsFloat | typing.SupportsIndex, inner_power: typing.SupportsFloat | typing.SupportsIndex) -> Curve:
    ...
def curve_step() -> typing.Any:
    """
    A method that steps a CurveScheduler, by its __wrapped__ where that is not plain.
    """
def decay(start: typing.SupportsFloat | typing.SupportsIndex, rate: typing.SupportsFloat | typing.SupportsIndex, every: typing.SupportsFloat | typing.SupportsIndex) -> Curve:
    ...
def exponential(start: typing.SupportsFloat | typing.SupportsIndex, end: typing.SupportsFloat | typing.SupportsIndex, steps: typing.SupportsFloat | typing.SupportsIndex) -> Curve:
    ...
@typing.overload
def fill_table(curve: Curve, start: typing.SupportsFloat | typing.SupportsIndex, stride: typing.SupportsFloat | typing.SupportsIndex, threads: typing.SupportsInt | typing.SupportsIndex, out: numpy.typing.NDArray[numpy.float64]) -> None:
    ...
@typing.overload
def fill_table(curve: Curve, start: typing.SupportsFloat | typing.SupportsIndex, stride: typing.SupportsFloat | typing.SupportsIndex, threads: typing.SupportsInt | typing.SupportsIndex, out: numpy.typing.NDArray[numpy.float32]) -> None:
    ...
def fill_times(curve: Curve, times: numpy.typing.NDArray[numpy.float64], out: numpy.typing.NDArray[numpy.float64]) -> None:
    ...
def force_target(target: str) -> None:
    ...
def hold(curve: Curve, steps: typing.SupportsFloat | typing.SupportsIndex) -> Curve:
    ...
def inverse(start: typing.SupportsFloat | typing.SupportsIndex, timescale: typing.SupportsFloat | typing.SupportsIndex, power: typing.SupportsFloat | typing.SupportsIndex) -> Curve:
    ...
def is_native(scheduler: typing.Any) -> bool:
    """
    Whether steps of this scheduler's class are computed here.
    """
def join(curves: collections.abc.Sequence[Curve], boundaries: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex], owner: str, clock: str) -> Curve:
    ...
def know(torch_class: type) -> None:
    """
    Steps of this class of torch are computed here, where nothing of it is overridden.
    """
def linear(start: typing.SupportsFloat | typing.SupportsIndex, end: typing.SupportsFloat | typing.SupportsIndex, steps: typing.SupportsFloat | typing.SupportsIndex) -> Curve:
    ...
def log(start: typing.SupportsFloat | typing.SupportsIndex, end: typing.SupportsFloat | typing.SupportsIndex, steps: typing.SupportsFloat | typing.SupportsIndex) -> Curve:
    ...
@typing.overload
def past_end(curve: Curve, policy: str) -> Curve:
    ...
@typing.overload
def past_end(curve: Curve, value: typing.SupportsFloat | typing.SupportsIndex) -> Curve:
    ...
def piecewise(begins: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex], values: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex]) -> Curve:
    ...
def polynomial(start: typing.SupportsFloat | typing.SupportsIndex, end: typing.SupportsFloat | typing.SupportsIndex, steps: typing.SupportsFloat | typing.SupportsIndex, power: typing.SupportsFloat | typing.SupportsIndex, inner_power: typing.SupportsFloat | typing.SupportsIndex) -> Curve:
    ...
def preview(scheduler: typing.Any, steps: typing.SupportsInt | typing.SupportsIndex) -> typing.Any:
    """
    None where torch's own code has to be asked.
    """
def product(curves: collections.abc.Sequence[Curve]) -> Curve:
    ...
def repeat(curve: Curve, times: typing.SupportsFloat | typing.SupportsIndex, growth: typing.SupportsFloat | typing.SupportsIndex, decay: typing.SupportsFloat | typing.SupportsIndex, harmonic: typing.SupportsFloat | typing.SupportsIndex, whole: bool, owner: str) -> Curve:
    ...
def runnable_targets() -> list[str]:
    ...
def sequence(curves: collections.abc.Sequence[Curve]) -> Curve:
    ...
def shift(curve: Curve, steps: typing.SupportsFloat | typing.SupportsIndex) -> Curve:
    ...
def stairs(curve: Curve, every: typing.SupportsFloat | typing.SupportsIndex) -> Curve:
    ...
def step() -> typing.Any:
    """
    A method that stands for the step of any class of torch.
    """
def steps_by_torch() -> int:
    """
    How many steps went to torch's own code so far.
    """
def stretch(curve: Curve, factor: typing.SupportsFloat | typing.SupportsIndex) -> Curve:
    ...
def sum(curves: collections.abc.Sequence[Curve]) -> Curve:
    ...
def tanh(start: typing.SupportsFloat | typing.SupportsIndex, end: typing.SupportsFloat | typing.SupportsIndex, steps: typing.SupportsFloat | typing.SupportsIndex, lower: typing.SupportsFloat | typing.SupportsIndex, upper: typing.SupportsFloat | typing.SupportsIndex) -> Curve:
    ...
