"""Windows: the shortest stretches that cut nothing."""

from __future__ import annotations

from datetime import date

from exchange.domain.calculation.windows import clipped, pieces, windows
from exchange.domain.periods import Period, year
from tests.unit.domain.calculation.cases import months


def test_months_stay_months_and_one_yearly_figure_makes_a_year() -> None:
    monthly = [months(number) for number in range(1, 13)]
    assert windows(reversed(monthly)) == tuple(monthly)
    assert windows([*monthly, year(2025)]) == (year(2025),)


def test_a_bill_over_two_months_joins_them_and_leaves_the_third_alone() -> None:
    middle = Period(date(2025, 1, 15), date(2025, 2, 15))
    assert windows([months(1), months(2), months(3), middle]) == (months(1, 2), months(3))


def test_periods_that_only_touch_are_not_joined_and_days_between_are_in_no_window() -> None:
    assert windows([months(1), months(2), months(5)]) == (months(1), months(2), months(5))
    assert windows([]) == ()


def test_clipped_is_what_both_have() -> None:
    assert clipped(Period(date(2024, 12, 15), date(2025, 1, 15)), year(2025)) == Period(
        date(2025, 1, 1), date(2025, 1, 15)
    )
    assert clipped(months(1), months(2)) is None


def test_pieces_are_cut_at_boundaries_inside_and_not_at_the_edges() -> None:
    financial = Period(date(2024, 7, 1), date(2025, 7, 1))
    cuts = [date(2024, 7, 1), date(2025, 1, 1), date(2025, 7, 1), date(2026, 1, 1)]
    assert pieces(financial, cuts) == (
        Period(date(2024, 7, 1), date(2025, 1, 1)),
        Period(date(2025, 1, 1), date(2025, 7, 1)),
    )
