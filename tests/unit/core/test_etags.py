"""ETags of rows and what If-Match makes of them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.core.etags import parse_if_match, row_tag

MOMENTS = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS)
def test_a_tag_is_its_moment_to_the_microsecond(moment: datetime) -> None:
    assert parse_if_match(row_tag(moment)) == [moment]


@given(MOMENTS, MOMENTS)
def test_two_moments_have_two_tags(one: datetime, other: datetime) -> None:
    assert (row_tag(one) == row_tag(other)) == (one == other)
    assert parse_if_match(f"{row_tag(one)} , {row_tag(other)}") == [one, other]


@pytest.mark.parametrize("header", [None, "*", " * "])
def test_no_condition_and_any_state_are_the_same(header: str | None) -> None:
    assert parse_if_match(header) is None


@pytest.mark.parametrize("header", ["", 'W/"5f5e100"', '"', '""', '"x"', "abc", '"ffffffffffffffff"', '"-1'])
def test_weak_and_foreign_tags_match_nothing(header: str) -> None:
    assert parse_if_match(header) == []


@given(st.text())
def test_whatever_a_client_sends_is_no_crash(header: str) -> None:
    moments = parse_if_match(header)
    assert moments is None or all(moment.tzinfo is UTC for moment in moments)
