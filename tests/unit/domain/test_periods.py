"""Periods are half-open local dates; their instants follow Copenhagen's clock."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.domain.errors import InvalidError
from exchange.domain.periods import Period, day_after, local_date, parse_period, year

DATES = st.dates(date(2000, 1, 1), date(2060, 1, 1))


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start, end = sorted(draw(st.lists(DATES, min_size=2, max_size=2, unique=True)))
    return Period(start, end)


def test_year_2025_has_365_days_and_ends_before_new_year() -> None:
    period = year(2025)
    assert period.days == 365
    assert period.covers(date(2025, 12, 31))
    assert not period.covers(date(2026, 1, 1))
    assert year(2024).days == 366


def test_instants_are_midnights_in_copenhagen() -> None:
    summer = Period(date(2025, 7, 1), date(2026, 1, 1))
    assert summer.instants() == (
        datetime(2025, 6, 30, 22, tzinfo=UTC),
        datetime(2025, 12, 31, 23, tzinfo=UTC),
    )


def test_the_day_the_clocks_go_forward_has_23_hours() -> None:
    begin, end = Period(date(2025, 3, 30), date(2025, 3, 31)).instants()
    assert (end - begin).total_seconds() == 23 * 3600


def test_late_evening_utc_belongs_to_the_next_copenhagen_day() -> None:
    assert local_date(datetime(2025, 6, 30, 22, 30, tzinfo=UTC)) == date(2025, 7, 1)
    with pytest.raises(ValueError, match="time zone"):
        local_date(datetime(2025, 6, 30))


def test_overlap_counts_shared_days_and_touching_shares_none() -> None:
    january = Period(date(2025, 1, 1), date(2025, 2, 1))
    assert january.overlap_days(Period(date(2025, 1, 25), date(2025, 2, 10))) == 7
    assert january.overlap_days(Period(date(2025, 2, 1), date(2025, 3, 1))) == 0


@given(periods(), periods())
def test_overlap_is_symmetric_and_whole_exactly_where_contained(one: Period, other: Period) -> None:
    assert one.overlap_days(other) == other.overlap_days(one) <= min(one.days, other.days)
    assert one.contains(other) == (one.overlap_days(other) == other.days)


@given(periods())
def test_wire_form_reads_back(period: Period) -> None:
    assert parse_period(period.to_wire()) == period


def test_last_day_of_a_bill_becomes_an_exclusive_end() -> None:
    assert Period(date(2025, 1, 1), day_after(date(2025, 12, 31))) == year(2025)


@pytest.mark.parametrize(
    ("value", "code", "path"),
    [
        ({"start": "2025-02-01", "end": "2025-01-01"}, "period.order", "/p"),
        ({"start": "2025-01-01", "end": "2025-01-01"}, "period.order", "/p"),
        ({"start": "2025-02-30", "end": "2026-01-01"}, "date.invalid", "/p/start"),
        ({"start": "20250101", "end": "2026-01-01"}, "date.invalid", "/p/start"),
        ({"start": "2025-W01-1", "end": "2026-01-01"}, "date.invalid", "/p/start"),
        ({"start": "2025-01-01", "end": 2026}, "date.invalid", "/p/end"),
        ({"start": "2025-01-01"}, "period.shape", "/p"),
        ("2025", "period.shape", "/p"),
    ],
)
def test_a_period_that_is_none_is_refused_with_its_place(value: object, code: str, path: str) -> None:
    with pytest.raises(InvalidError) as refused:
        parse_period(value, "/p")
    assert (refused.value.error_code, refused.value.path) == (code, path)
    assert refused.value.advice


@pytest.mark.parametrize(
    ("first", "end", "next_end"),
    [
        ("2025-01-01", "2026-01-01", "2027-01-01"),
        ("2024-01-01", "2024-07-01", "2025-01-01"),
        ("2025-11-01", "2025-12-01", "2026-01-01"),
        ("2024-01-15", "2024-02-15", "2024-03-15"),
        ("2025-01-01", "2025-01-08", "2025-01-15"),
        ("2025-01-31", "2025-03-31", "2025-05-29"),  # 59 days: not every month has a 31st
    ],
)
def test_the_following_period_is_as_many_months_or_else_days(first: str, end: str, next_end: str) -> None:
    period = Period(date.fromisoformat(first), date.fromisoformat(end))
    assert period.following() == Period(period.end, date.fromisoformat(next_end))


def test_a_leap_year_is_as_long_as_a_year_and_the_calendar_ends() -> None:
    assert year(2024).is_as_long_as(year(2025))
    assert not year(2025).is_as_long_as(Period(date(2025, 1, 1), date(2025, 7, 1)))
    assert Period(date(2025, 1, 1), date(2025, 1, 8)).is_as_long_as(
        Period(date(2025, 2, 3), date(2025, 2, 10))
    )
    with pytest.raises(OverflowError):
        Period(date(9000, 1, 1), date(9999, 1, 1)).following()
