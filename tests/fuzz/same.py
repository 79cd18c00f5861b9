"""What both targets hold of a curve: the same bits however it is asked, written, copied or pickled."""

import copy
import pickle
from math import inf

import numpy as np
import stepcurve as sc
from stepcurve import _core

LONGEST_TEXT = 2**20


def bits(values):
    """The bytes of an array; which NaN a NaN is, is no property of a curve."""
    values = np.array(values, np.float64)
    values[np.isnan(values)] = np.nan
    return values.tobytes()


def value_at(curve, time):
    """None where the curve raises."""
    try:
        return curve(time)
    except ValueError as error:
        assert "the end of the curve" in str(error)
        return None


def called(curve, times):
    """The value at each time by itself."""
    return [value_at(curve, time) for time in times]


def check_text(curve):
    """Written, read back, copied: the same curve. Gives what was read back."""
    text = str(curve)
    assert copy.copy(curve) is copy.deepcopy(curve) is curve
    pickled = pickle.loads(pickle.dumps(curve))
    assert pickled == curve
    if len(text) > LONGEST_TEXT:
        return pickled
    again = sc.parse(text)
    assert again == curve
    assert str(again) == text
    return again


def check_values(curve, times):
    """One value for a time: a call, an array in any order, and on every CPU target."""
    assert curve.steps == inf or 0 < curve.steps <= 2**53
    wanted = called(curve, times)
    good = np.array([time for time, value in zip(times, wanted, strict=True) if value is not None])
    values = bits([value for value in wanted if value is not None])
    for order in (slice(None), slice(None, None, -1), np.argsort(good)):
        assert bits(curve(good[order])) == bits(np.frombuffer(values)[order])
    if len(good) < len(times):
        try:
            curve(times)
        except ValueError as error:
            assert "the end of the curve" in str(error)
        else:
            raise AssertionError("an array with a time past the end must be refused")
    before = _core.active_target()
    try:
        for target in _core.runnable_targets():
            _core.force_target(target)
            assert bits(called(curve, good.tolist())) == values, target
            assert bits(curve(good)) == values, target
    finally:
        _core.force_target(before)
    return wanted
