"""From bytes to a curve: a little program for a stack of curves, so that what a mutation adds, drops or moves
leaves the rest what it was. What a step of it is refused for, it goes on without.
"""

import struct
from math import inf, nan

import stepcurve as sc

SIZE = 48  # shapes in a curve: operands that are used twice would double it at every step

VALUES = [
    *(0.0, -0.0, 1.0, -1.0, 0.1, 3e-4, 0.5, 2.0, 1e-9, -0.3, nan, inf, -inf),
    *(
        5e-324,
        2.3e-308,
        1e-300,
        1.7976931348623157e308,
        -1.7976931348623157e308,
        1e300,
        1 + 2**-52,
        1 - 2**-53,
    ),
]
LENGTHS = [
    *(
        1,
        2,
        3,
        5,
        7,
        10,
        30,
        100,
        0.5,
        2.5,
        0.1,
        1e-3,
        1000,
        4095,
        8192,
        65_536.5,
        1e6,
        1e9,
        2**31,
        2**32 + 1,
    ),
    *(
        2.0**-53,
        2.0**-52,
        2.0**-26,
        2.0**52,
        2.0**53 - 1,
        2.0**53,
        2**53 + 1,
        1e17,
        inf,
        nan,
        0,
        -1,
        -2.5,
        -(2**53),
    ),
    *(10**400, 1 + 2**-52, 1e15 + 0.125, 33.3),
]
UNITS = ["10%", "90%", "0.5%", "1ep", "2e5tok", "64sp", "1e999%", "0%"]
POLICIES = ["hold", "extrapolate", "repeat", "raise", "stop"]


class Bytes:
    """What is left of the input; zeros after its end."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def more(self):
        return self.at < len(self.data)

    def take(self, size):
        taken = self.data[self.at : self.at + size].ljust(size, b"\0")
        self.at += size
        return taken

    def byte(self):
        return self.take(1)[0]

    def choice(self, items):
        return items[self.byte() % len(items)]

    def number(self, known):
        """One that is known, one that is small, or any."""
        kind = self.byte()
        if kind < 128:
            return known[kind % len(known)]
        if kind < 192:
            return kind - 128
        if kind < 224:
            return struct.unpack("<h", self.take(2))[0] / 64
        if kind < 240:
            return struct.unpack("<f", self.take(4))[0]
        return struct.unpack("<d", self.take(8))[0]

    def value(self):
        return self.number(VALUES)

    def length(self):
        return self.number(LENGTHS)

    def extent(self):
        """A length, with a unit now and then."""
        kind = self.byte()
        return UNITS[kind % len(UNITS)] if kind >= 240 else self.length()


def _piecewise(b):
    steps = [0, *(b.extent() for _ in range(b.byte() % 5))]
    return sc.piecewise({step: b.value() for step in steps})


SHAPES = [
    lambda b: sc.constant(b.value()),
    lambda b: sc.constant(b.value(), b.extent()),
    lambda b: sc.linear(b.value(), b.value(), b.extent()),
    lambda b: sc.polynomial(b.value(), b.value(), b.extent(), b.value()),
    lambda b: sc.polynomial(b.value(), b.value(), b.extent(), b.value(), b.value()),
    lambda b: sc.cosine(b.value(), b.value(), b.extent()),
    lambda b: sc.cosine(b.value(), b.value(), b.extent(), b.length(), b.value(), b.value()),
    lambda b: sc.exponential(b.value(), b.value(), b.extent()),
    lambda b: sc.decay(b.value(), b.value(), b.extent()),
    lambda b: sc.inverse(b.value(), b.extent(), b.value()),
    lambda b: sc.tanh(b.value(), b.value(), b.extent(), b.length(), b.length()),
    lambda b: sc.log(b.value(), b.value(), b.extent()),
    _piecewise,
]
UNARY = [
    lambda b, c: c.repeat(b.length()),
    lambda b, c: c.repeat(
        b.length(),
        b.value(),
        b.value(),
        harmonic=b.value(),
        whole=bool(b.byte() & 1),
        owner=b.choice(["later", "earlier", "none"]),
    ),
    lambda b, c: c.clip(b.value(), b.value()),
    lambda b, c: c.stairs(b.extent()),
    lambda b, c: c.shift(b.extent()),
    lambda b, c: c.stretch(b.length()),
    lambda b, c: c.hold(b.extent()),
    lambda b, c: c.past_end(b.choice(POLICIES)),
    lambda b, c: c.past_end(b.value()),
    lambda b, c: c.extend(b.length()),
    lambda b, c: c.scale(b.value()) if c.steps <= 5000 else c,  # it looks at every step
    lambda b, c: c.branch(b.extent(), lambda lr: sc.linear(lr, 0, 9)),
    lambda b, c: c * b.value(),
    lambda b, c: b.value() * c,
    lambda b, c: c + b.value(),
    lambda b, c: b.value() + c,
]
BINARY = [lambda x, y: x >> y, lambda x, y: x * y, lambda x, y: x + y]


def _join(b, curves):
    boundaries = [b.extent() for _ in curves[1:]]
    owner, clock = b.choice(["later", "earlier", "none"]), b.choice(["local", "global", "none"])
    return sc.join(curves, boundaries, owner, clock)


def curve_of(b):
    """What the program has made last; None if nothing."""
    stack = []  # of curves and how many shapes they are made of
    while b.more():
        code = b.byte()
        try:
            if code < 80 or not stack:
                stack.append((SHAPES[code % len(SHAPES)](b), 1))
            elif code < 190:
                curve, size = stack[-1]
                stack[-1] = UNARY[code % len(UNARY)](b, curve), size + 1
            elif code < 230 and len(stack) > 1:
                (x, x_size), (y, y_size) = stack[-2:]
                if x_size + y_size <= SIZE:
                    stack[-2:] = [(BINARY[code % len(BINARY)](x, y), x_size + y_size)]
            elif code < 245:
                count = 1 + code % min(4, len(stack))
                size = sum(size for _, size in stack[-count:])
                if size <= SIZE:
                    stack[-count:] = [(_join(b, [curve for curve, _ in stack[-count:]]), size)]
            elif code < 250:
                stack.append(stack[-1])
            else:
                stack.append(stack.pop(0))
        except (TypeError, ValueError) as error:
            assert str(error)
    return stack[-1][0] if stack else None
