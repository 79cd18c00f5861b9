#!/usr/bin/env python
"""Fuzzing of the tree of curves: whatever numbers it is made of, a curve is refused with a ValueError or a
TypeError, or has one value for a time, the same bits however it is asked.

    python tests/fuzz/fuzz_curve.py -max_total_time=60 FOLDER tests/fuzz/corpus/curve

needs `pip install -e ".[fuzz]"`; the tests replay the corpus without it. What is new goes into FOLDER. With
the environment's bin on the PATH, this keeps what the corpus lacks:

    tests/fuzz/fuzz_curve.py -merge=1 tests/fuzz/corpus/curve FOLDER
"""

import sys
from math import inf, nextafter

if __name__ == "__main__":  # before anything else imports the package
    import atheris

    with atheris.instrument_imports(include=["stepcurve"]):
        import stepcurve.run
        import stepcurve.text

import numpy as np
import stepcurve as sc
from same import bits, called, check_text, check_values, value_at
from tree import Bytes, curve_of

RUN = sc.Run(steps=1000, epochs=3, tokens_per_step=1e5, batch_size=32)
COUNTS = [1, 2, 3, 7, 15, 16, 17, 63, 64, 127, 128, 129, 200, 300, 600, 9000]
LONG = 270_000  # where a table is worth a second thread; seldom, for it takes its time
TIMES = [
    0,
    -0.0,
    1,
    5e-324,
    0.5,
    2,
    3,
    10.5,
    100,
    4096,
    1e6 + 1 / 3,
    2**31,
    2**52 + 0.5,
    2**53 - 1,
    2**53,
    -1,
    -(2**53),
]


def check(data):
    """Raises for an input with which a curve does not do what it promises."""
    b = Bytes(data)
    kind, start, stride = b.byte(), b.length(), b.length()
    own = [b.length() for _ in range(3)]
    curve = curve_of(b)
    if curve is None:
        return
    again = check_text(curve)
    try:
        resolved = curve.resolve(RUN)
    except ValueError as error:
        assert str(error)
        return
    if resolved != curve:
        again = again.resolve(RUN)
        assert again == resolved
        curve = resolved
        check_text(curve)
    assert again.steps == curve.steps
    end = min(curve.steps, 2**53)
    edges = [end, nextafter(end, 0), min(nextafter(end, inf), 2**53), end / 2]
    times = [time for time in [*TIMES, *own, *edges] if -(2**53) <= time <= 2**53]
    values = check_values(curve, times)
    assert bits(called(again, times)) == bits(values)
    if not any(word in str(curve) for word in (" * ", " + ", "extrapolate")):  # which may overflow
        assert not np.isnan([value for value in values if value is not None]).any()
    check_table(curve, LONG if kind == 77 else COUNTS[kind % len(COUNTS)], start, stride)


def grid(start, stride, count):
    return float(start) + float(stride) * np.arange(count)


def check_table(curve, count, start, stride):
    """The values at the times of a table, in float64 and float32, in one part and in several."""
    try:
        table = curve.table(count, start=start, stride=stride)
    except ValueError as error:
        if "the end of the curve" in str(error):
            assert any(value_at(curve, time) is None for time in grid(start, stride, count))
        else:
            assert str(error).split(" must be ")[0] in ("start", "stride", "last step")
        return
    times = grid(start, stride, count)
    assert bits(table) == bits(curve(times))
    some = slice(0, count, max(1, count // 40))
    assert bits(table[some]) == bits(called(curve, times[some]))
    for threads in (1, 3):
        assert bits(curve.table(count, start=start, stride=stride, threads=threads)) == bits(table)
    with np.errstate(over="ignore"):
        rounded = table.astype(np.float32)
    assert bits(curve.table(count, start=start, stride=stride, dtype="float32")) == bits(rounded)


if __name__ == "__main__":
    atheris.Setup([sys.argv[0], "-timeout=20", "-rss_limit_mb=1024", "-max_len=400", *sys.argv[1:]], check)
    atheris.Fuzz()
