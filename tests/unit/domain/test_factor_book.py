"""The book of factors: own rows before the exchange's, periods cut where a factor changes, what would change."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.domain.errors import InvalidError
from exchange.domain.factors import (
    Factor,
    FactorBasis,
    FactorBook,
    FactorOrigin,
    UsedFactor,
    changed_factors,
)
from exchange.domain.periods import Period, year
from exchange.domain.quantities import UnitCode

GRID = "co2e.electricity_grid"
LIFE_CYCLE, COMBUSTION = FactorBasis.LIFE_CYCLE, FactorBasis.COMBUSTION
BOOK = FactorBook()
FINANCIAL_YEAR = Period(date(2024, 7, 1), date(2025, 7, 1))


def own(value: str, start: date, end: date | None, key: str = GRID) -> Factor:
    """An own row of the grid, per kWh."""
    return Factor(
        key=key,
        value=Decimal(value),
        result=UnitCode.KILOGRAM,
        activity=UnitCode.KILOWATT_HOUR,
        source="Declaration of the electricity supplier",
        year=start.year,
        geography="DK",
        basis=LIFE_CYCLE,
        gwp_set="AR5",
        licence="the supplier's own",
        valid_from=start,
        valid_to=end,
        note="",
        origin=FactorOrigin.OWN,
    )


def test_factor_is_not_carried_over_to_a_year_without_one() -> None:
    with pytest.raises(InvalidError) as refused:
        BOOK.find(GRID, LIFE_CYCLE, year(2027))
    assert refused.value.error_code == "factor.missing"
    assert "2027-01-01 to 2027-12-31" in refused.value.detail
    assert BOOK.get_or_none(GRID, LIFE_CYCLE, year(2027)) is None


def test_one_factor_for_a_period_in_which_it_changes_is_refused_and_says_when() -> None:
    with pytest.raises(InvalidError) as refused:
        BOOK.find(GRID, LIFE_CYCLE, FINANCIAL_YEAR)
    assert refused.value.error_code == "factor.missing"
    assert "2025-01-01" in refused.value.detail
    assert BOOK.get_or_none(GRID, LIFE_CYCLE, FINANCIAL_YEAR) is None


def test_a_financial_year_has_two_pieces() -> None:
    pieces = BOOK.pieces(GRID, LIFE_CYCLE, FINANCIAL_YEAR)
    assert [(period.start, period.end, factor.value) for period, factor in pieces] == [
        (date(2024, 7, 1), date(2025, 1, 1), Decimal("0.161")),
        (date(2025, 1, 1), date(2025, 7, 1), Decimal("0.135")),
    ]
    # 1 000 kWh each day: 184 days x 161 kg + 181 days x 135 kg = 29 624 + 24 435 kg
    kilograms = sum(1000 * period.days * factor.value for period, factor in pieces)
    assert kilograms == 54_059
    page = (Path(__file__).parents[3] / "docs" / "method.md").read_text(encoding="utf-8")
    assert "29 624 + 24 435 = 54 059 kg CO2e" in " ".join(page.split())


def test_missing_days_are_named_one_stretch_after_the_other() -> None:
    with pytest.raises(InvalidError) as refused:
        BOOK.pieces(GRID, LIFE_CYCLE, Period(date(2022, 12, 1), date(2030, 3, 1)))
    assert "2022-12-01 to 2022-12-31 and 2027-01-01 to 2029-12-31" in refused.value.detail


def test_own_rows_go_before_the_exchanges_day_by_day() -> None:
    spring = own("0.010", date(2025, 3, 1), date(2025, 6, 1))
    assert spring.reference == f"own#{GRID}/life_cycle/2025-03-01"
    book = FactorBook((spring,))
    assert [(period.start, factor.value) for period, factor in book.pieces(GRID, LIFE_CYCLE, year(2025))] == [
        (date(2025, 1, 1), Decimal("0.135")),
        (date(2025, 3, 1), Decimal("0.010")),
        (date(2025, 6, 1), Decimal("0.135")),
    ]
    assert book.find(GRID, LIFE_CYCLE, Period(date(2025, 4, 1), date(2025, 5, 1))) is spring
    assert {date(2025, 3, 1), date(2025, 6, 1), date(2026, 1, 1)} <= book.boundaries("electricity_grid")
    assert date(2025, 3, 1) not in BOOK.boundaries("electricity_grid")
    assert book.boundaries("paint") == frozenset()  # one carrier's factor cuts nothing else


def test_two_own_rows_on_one_day_are_refused_and_two_in_a_row_are_not() -> None:
    first, second = own("0.1", date(2025, 1, 1), date(2025, 7, 1)), own("0.2", date(2025, 7, 1), None)
    FactorBook((first, second))
    other_basis = replace(first, basis=COMBUSTION)
    FactorBook((first, other_basis))
    with pytest.raises(InvalidError) as refused:
        FactorBook((second, replace(first, valid_to=date(2025, 7, 2))))
    assert refused.value.error_code == "factor.twice"
    assert "2025-07-01" in refused.value.detail


@st.composite
def own_rows(draw: st.DrawFn) -> tuple[Factor, ...]:
    days = sorted(draw(st.lists(st.dates(date(2023, 1, 1), date(2026, 12, 31)), max_size=6, unique=True)))
    pairs = zip(days[::2], days[1::2], strict=False)
    return tuple(own(str(place + 2), start, end) for place, (start, end) in enumerate(pairs))


@settings(max_examples=60)
@given(own_rows(), st.dates(date(2023, 1, 1), date(2026, 12, 1)), st.integers(1, 400))
def test_pieces_cover_the_period_once_and_hold_on_every_day(
    rows: tuple[Factor, ...], start: date, days: int
) -> None:
    book = FactorBook(rows)
    period = Period(start, min(start + timedelta(days=days), date(2027, 1, 1)))
    pieces = book.pieces(GRID, LIFE_CYCLE, period)
    assert (pieces[0][0].start, pieces[-1][0].end) == (period.start, period.end)
    for (one, factor), (other, following) in itertools.pairwise(pieces):
        assert one.end == other.start
        assert factor is not following
    for span, factor in pieces:
        for day in (span.start, span.end - timedelta(days=1)):
            expected = next((row for row in rows if row.holds_on(day)), None) or BOOK.find(
                GRID, LIFE_CYCLE, Period(day, day + timedelta(days=1))
            )
            assert factor is expected
    assert book.get_or_none(GRID, LIFE_CYCLE, period) is (pieces[0][1] if len(pieces) == 1 else None)


def test_a_newer_book_tells_which_values_moved_and_on_which_days() -> None:
    gas = BOOK.find("co2.natural_gas", COMBUSTION, year(2025))
    used = [
        *(UsedFactor.of(period, factor) for period, factor in BOOK.pieces(GRID, LIFE_CYCLE, FINANCIAL_YEAR)),
        UsedFactor.of(FINANCIAL_YEAR, gas),
    ]
    assert changed_factors(used, BOOK) == ()
    newer = FactorBook((own("0.020", date(2025, 4, 1), None),))
    (change,) = changed_factors(used, newer)
    assert (change.key, change.period) == (GRID, Period(date(2025, 4, 1), date(2025, 7, 1)))
    assert change.new is not None
    assert (change.used.value, change.new.value) == (Decimal("0.135"), Decimal("0.020"))
    # the same worth per MWh is no change
    per_megawatt_hour = replace(
        own("135", date(2025, 1, 1), date(2026, 1, 1)), activity=UnitCode.MEGAWATT_HOUR
    )
    assert changed_factors(used, FactorBook((per_megawatt_hour,))) == ()


def test_an_own_row_that_was_taken_away_is_a_change_to_what_the_exchange_has_or_to_nothing() -> None:
    market = own("0", date(2025, 1, 1), date(2026, 1, 1), "co2e_market.electricity_grid")
    mine = own("0.135", date(2025, 1, 1), date(2026, 1, 1))
    used = [UsedFactor.of(year(2025), factor) for factor in (market, mine)]
    (change,) = changed_factors(used, BOOK)
    assert (change.key, change.new) == ("co2e_market.electricity_grid", None)


@settings(max_examples=40)
@given(own_rows())
def test_changed_factors_and_pieces_tell_the_same_story(rows: tuple[Factor, ...]) -> None:
    """kg for 1 kWh a day: what the newer book gives minus what was used is the sum of the changes."""
    newer, period = FactorBook(rows), Period(date(2023, 1, 1), date(2027, 1, 1))
    before = BOOK.pieces(GRID, LIFE_CYCLE, period)
    used = [UsedFactor.of(span, factor) for span, factor in before]
    moved = sum(
        span.days * (Fraction(change.new.value) - Fraction(change.used.value))
        for change in changed_factors(used, newer)
        if change.new is not None
        for span in (change.period,)
    )
    total = [
        sum(span.days * Fraction(factor.value) for span, factor in book.pieces(GRID, LIFE_CYCLE, period))
        for book in (BOOK, newer)
    ]
    assert total[1] - total[0] == moved
