"""Hypothesis strategies for what can be chosen on the page."""

from hypothesis import strategies as st
from stepcurve.explore.kinds import KINDS
from stepcurve.explore.setting import COMMON, LETTERS, Schedule, Setting


def values_of(param):
    if param.options:
        return st.sampled_from(param.options)
    if isinstance(param.default, str):
        return st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
    if param.scale == "whole":
        return st.integers(int(param.low), int(param.high)).map(float)
    places = st.integers(0, 1_000)  # as a slider has them
    return places.map(lambda i: min(param.low + (param.high - param.low) * i / 1_000, param.high))


def schedules():
    return st.sampled_from(list(KINDS)).flatmap(
        lambda kind: st.builds(
            Schedule,
            st.just(kind),
            st.fixed_dictionaries({}, optional={p.name: values_of(p) for p in KINDS[kind].params}),
        )
    )


@st.composite
def settings(draw):
    made = Setting(tuple(draw(st.lists(schedules(), min_size=1, max_size=len(LETTERS)))))
    for name, param in COMMON.items():
        made = made.with_value(name, draw(values_of(param)))
    return made.with_value("picked", draw(st.integers(0, len(made.schedules) - 1)))
