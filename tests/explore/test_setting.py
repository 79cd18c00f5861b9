"""What a link says: back and forth, and whatever else may stand in one."""

from dataclasses import fields
from urllib.parse import parse_qs, quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stepcurve.explore.kinds import KINDS
from stepcurve.explore.setting import COMMON, Setting, from_query

from .choices import settings


def read(query):
    return from_query(
        {name: [value.encode() for value in values] for name, values in parse_qs(query, True).items()}
    )


@given(settings())
def test_a_link_restores_the_setting(setting):
    assert read(setting.to_query()) == (setting, [])


def test_without_a_query_it_is_what_a_new_page_shows():
    assert from_query({}) == (Setting(), [])
    assert {each.name for each in fields(Setting)} == {"schedules", *COMMON}


@given(
    st.dictionaries(
        st.one_of(st.sampled_from(["s", *COMMON]), st.text(max_size=5)),
        st.lists(
            st.one_of(
                st.binary(max_size=50),
                st.tuples(st.sampled_from(list(KINDS)), st.text(max_size=30)).map(
                    lambda each: f"{each[0]}:{each[1]}".encode("utf-8", "replace")
                ),
                st.sampled_from([b"1e12", b"-1", b"nan", b"inf", b"1e999", b"0x10", b"1_0", b"0.5"]),
            ),
            max_size=9,
        ),
    )
)
def test_whatever_an_address_says_gives_a_setting_and_messages(arguments):
    setting, messages = from_query(arguments)
    assert 1 <= len(setting.schedules) <= 6
    assert 0 <= setting.picked < len(setting.schedules)
    assert 1 <= setting.steps <= 1_000_000
    assert 1 <= setting.seeds <= 1_024
    assert all(isinstance(message, str) and len(message) < 300 for message in messages)
    assert read(setting.to_query()) == (setting, [])


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("steps=1e12", "steps must be a whole number from 1 to 1e+06, got 1e12"),
        ("steps=1.5", "steps must be a whole number from 1 to 1e+06, got 1.5"),
        ("seeds=1000000", "seeds must be a whole number from 1 to 1024, got 1000000"),
        ("surface=sea", "surface must be one of bowl, valley, minima, got 'sea'"),
        ("momentum=nan", "momentum must be from 0 to 0.999, got nan"),
        ("s=constant:lr=x", "lr must be a number, got 'x'"),
        ("s=constant:lr=-1", "lr must be from 1e-07 to 10, got -1"),
        ("s=constant:lrr=1", "constant has lr, not 'lrr'"),
        ("s=spiral:", "schedule must be one of constant, step"),
        ("s=expression:" + "1" * 2_001, "an expression may have 2000 characters here, got 2001"),
        ("&".join(["s=constant:"] * 7), "at most 6 schedules, got 7"),
        ("x=" + "y" * 20_001, "the address has more than 20000 characters"),
    ],
)
def test_what_is_refused_is_told(query, message):
    setting, messages = read(quote(query, safe="&=:,"))
    assert len(messages) == 1
    assert message in messages[0]
    assert setting.steps == 1_000
