"""A company's own indicators over the years, by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from exchange.domain.deflators import Deflator
from exchange.domain.development import Decoupling, Development, Hindrance, Panel, PriceBasis
from exchange.domain.errors import InvalidError
from exchange.domain.factors import FactorOrigin
from exchange.domain.indicators import Indicator
from exchange.domain.own_development import (
    Level,
    Row,
    Subject,
    ValueAdded,
    YearFigure,
    own_development,
    value_added,
)

D, F = Decimal, Fraction
SITE = Subject(Level.SITE, "site")
PANEL = Panel("a b", "", "1", "combustion AR6")
DEFLATOR = Deflator(
    branch="CH",
    year=2025,
    index=D(125),
    base_year=2020,
    source="An invented national account",
    licence="own",
    edition="2026-06",
    origin=FactorOrigin.OWN,
)


def figure(year: int, effect: str, value: str | None = None, *, constant: bool = True) -> YearFigure:
    """CO2e of the site, with value added in DKK of 2023 or in current prices."""
    basis = PriceBasis.CONSTANT if constant else PriceBasis.CURRENT
    added = None if value is None else ValueAdded(D(value), basis, "Branch 25, 2023" if constant else "")
    return YearFigure(SITE, Indicator.CO2E, year, D(effect), PANEL, added)


def test_current_kroner_become_those_of_the_base_year() -> None:
    # 1 500 000 x 100 / 125 = 1 200 000 DKK of 2020
    found = value_added(D(1_500_000), DEFLATOR)
    assert found == ValueAdded(F(1_200_000), PriceBasis.CONSTANT, "own/CH/2020")
    # another year's row of the same series can be compared with it, one of another base year cannot
    assert value_added(D(7), replace(DEFLATOR, year=2024, edition="2025-06")).series == found.series
    assert value_added(D(7), replace(DEFLATOR, base_year=2015)).series != found.series


def test_without_a_deflator_prices_stay_current() -> None:
    assert value_added(D(7), None) == ValueAdded(D(7), PriceBasis.CURRENT)


def test_three_years_in_constant_prices() -> None:
    # 2023: 1 000 000 DKK over 50 000 kg = 20; 2024: 1 100 000 / 44 000 = 25; 2025: 1 045 000 / 47 500 = 22
    rows = own_development(
        [
            figure(2023, "50000", "1000000"),
            figure(2024, "44000", "1100000"),
            figure(2025, "47500", "1045000"),
        ],
        base_year=2023,
    )
    assert [(row.year, row.absolute) for row in rows] == [(2023, 50000), (2024, 44000), (2025, 47500)]
    assert [row.productivity.value for row in rows if row.productivity] == [D(20), D(25), D(22)]
    base, second, third = rows
    assert base.against_base == Development(D(100), D(100))
    assert base.against_previous == Development(hindrance=Hindrance.NO_REFERENCE)
    # 44/50 = 88, 25/20 = 125; value added up 10 %, effect down
    assert second.against_base == second.against_previous == Development(D(88), D(125), Decoupling.ABSOLUTE)
    # against 2023: 47.5/50 = 95, 22/20 = 110, value added up 4.5 %, effect down
    assert third.against_base == Development(D(95), D(110), Decoupling.ABSOLUTE)
    # against 2024: value added falls (1045/1100), effect rises (47.5/44): negative; 22/25 = 88
    assert third.against_previous is not None
    assert third.against_previous.decoupling is Decoupling.NEGATIVE
    assert third.against_previous.productivity_index == D(88)


def test_current_prices_have_a_productivity_and_neither_its_index_nor_a_class() -> None:
    rows = own_development(
        [figure(2023, "50", "100", constant=False), figure(2024, "40", "100", constant=False)], 2023
    )
    assert rows[1].productivity is not None
    assert (rows[1].productivity.value, rows[1].productivity.price_basis) == (D("2.5"), PriceBasis.CURRENT)
    assert rows[1].against_base == Development(D(80), hindrance=Hindrance.CURRENT_PRICES)
    assert rows[0].against_base == Development(D(100), hindrance=Hindrance.CURRENT_PRICES)


def test_prices_of_two_series_are_not_compared() -> None:
    other = replace(
        figure(2024, "40", "100"), value_added=ValueAdded(D(100), PriceBasis.CONSTANT, "Branch C")
    )
    rows = own_development([figure(2023, "50", "100"), other], 2023)
    assert rows[1].against_base == Development(D(80), hindrance=Hindrance.PANEL_CHANGED)


def test_an_effect_of_at_least_so_much_has_no_index_and_no_class() -> None:
    short = replace(figure(2024, "40", "100"), is_at_least=True)
    rows = own_development([figure(2023, "50", "100"), short, figure(2025, "45", "100")], 2023)
    assert (rows[1].absolute, rows[1].is_at_least) == (F(40), True)
    assert rows[1].productivity is not None
    assert rows[1].productivity.hindrance is Hindrance.AT_LEAST
    at_least = Development(hindrance=Hindrance.AT_LEAST)
    assert (rows[1].against_base, rows[1].against_previous) == (at_least, at_least)
    assert rows[2].against_previous == at_least
    assert rows[2].against_base is not None
    assert rows[2].against_base.effect_index == 90


def test_unknown_value_added_leaves_the_effects_index() -> None:
    rows = own_development([figure(2023, "50"), figure(2024, "40")], 2023)
    assert rows[1].productivity is not None
    assert (rows[1].productivity.value, rows[1].productivity.coverage) == (None, 0)
    assert rows[1].against_base == Development(D(80), hindrance=Hindrance.COVERAGE_BELOW_80)


def test_a_change_of_reckoning_is_told_and_not_compared() -> None:
    other = replace(PANEL, products="a c", method="2", factors="life cycle AR6")
    rows = own_development([figure(2023, "50"), replace(figure(2024, "40"), panel=other)], 2023)
    assert rows[1].against_base == Development(
        hindrance=Hindrance.PANEL_CHANGED, changes=("membership", "method", "factors")
    )


def test_a_missing_year_is_an_empty_row_and_compared_with_nothing() -> None:
    rows = own_development([figure(2022, "50"), figure(2024, "40")], 2022)
    assert rows[1] == Row(SITE, Indicator.CO2E, 2023)
    assert rows[2].against_previous == Development(hindrance=Hindrance.NO_REFERENCE)
    assert rows[2].against_base is not None
    assert rows[2].against_base.effect_index == 80
    assert own_development([], 2022) == ()


def test_rows_stand_by_level_subject_indicator_and_year_over_the_same_years() -> None:
    product = replace(figure(2024, "1"), subject=Subject(Level.PRODUCT, "a"))
    whole = replace(figure(2023, "1"), subject=Subject(Level.ORGANISATION, "z"), indicator=Indicator.WASTE)
    given = [product, figure(2023, "2"), whole, replace(whole, indicator=Indicator.WATER)]
    rows = own_development(given, 2023)
    assert rows == own_development(reversed(given), 2023)
    assert [(row.subject.id, row.indicator.value, row.year) for row in rows] == [
        ("z", "water", 2023),
        ("z", "water", 2024),
        ("z", "waste", 2023),
        ("z", "waste", 2024),
        ("site", "co2e", 2023),
        ("site", "co2e", 2024),
        ("a", "co2e", 2023),
        ("a", "co2e", 2024),
    ]


def test_a_fraction_without_an_end_stays_exact_and_compares_as_equal() -> None:
    # a third of 100 kg twice: the index is 100 to every digit shown
    third = replace(figure(2023, "0"), effect=F(100, 3))
    rows = own_development([third, replace(third, year=2024)], 2023)
    assert rows[1].absolute == F(100, 3)
    assert rows[1].against_base is not None
    assert rows[1].against_base.effect_index == 100


def test_two_figures_of_one_year_are_refused() -> None:
    with pytest.raises(InvalidError) as refused:
        own_development([figure(2023, "1"), figure(2023, "2")], 2023)
    assert refused.value.error_code == "development.duplicate"
