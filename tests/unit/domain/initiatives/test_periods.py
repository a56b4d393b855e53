"""Which calculated periods an initiative is weighed by, by hand."""

from __future__ import annotations

from datetime import date

from exchange.domain.initiatives.periods import length_of, periods_around, year_before
from exchange.domain.periods import Period, year


def month(number: int, of: int = 2025) -> Period:
    return Period(date(of, number, 1), date(of + number // 12, number % 12 + 1, 1))


DAY = date(2025, 7, 1)
BROKEN = Period(date(2023, 7, 1), date(2024, 7, 1))  # a financial year


def test_length_is_in_whole_months_or_in_days() -> None:
    assert length_of(year(2024)) == length_of(year(2025)) == length_of(BROKEN) == (12, 0)
    assert length_of(month(2)) == length_of(month(3)) == (1, 0)
    assert length_of(Period(date(2025, 1, 1), date(2025, 1, 15))) == (0, 14)


def test_the_last_twelve_months_that_end_in_time() -> None:
    periods = [year(2023), BROKEN, year(2024), year(2025), month(6)]
    assert year_before(periods, DAY) == year(2024)
    assert year_before(periods, date(2025, 1, 1)) == year(2024)  # it ends on that day
    assert year_before(periods, date(2024, 12, 31)) == BROKEN
    assert year_before([month(6)], DAY) is None


def test_the_two_next_to_the_day_and_as_long_as_each_other() -> None:
    months = [month(number) for number in (4, 5, 6, 8, 9)]
    assert periods_around(months, DAY) == (month(6), month(8))
    # whole years go before months, and the year the day lies in is neither before nor after it
    assert periods_around([*months, year(2023), year(2024), year(2025), year(2026)], DAY) == (
        year(2024),
        year(2026),
    )
    assert periods_around([year(2024), month(8)], DAY) is None
    assert periods_around([], DAY) is None


def test_a_month_goes_before_some_days() -> None:
    days = [Period(date(2025, 6, 3), date(2025, 6, 20)), Period(date(2025, 7, 3), date(2025, 7, 20))]
    assert periods_around([*days, month(5), month(9)], DAY) == (month(5), month(9))
