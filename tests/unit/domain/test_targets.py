"""Reduction targets and progress, by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from exchange.domain.development import Panel, PriceBasis
from exchange.domain.errors import InvalidError
from exchange.domain.indicators import Indicator
from exchange.domain.own_development import Level, Subject, ValueAdded, YearFigure
from exchange.domain.targets import Measure, Obstacle, Progress, Target, progress

D, F = Decimal, Fraction
COMPANY = Subject(Level.ORGANISATION, "company")
PANEL = Panel("a b", "", "1", "combustion AR6")
# 40 per cent less CO2e in 2030 than in 2020
LESS = Target(Indicator.CO2E, Measure.ABSOLUTE, 2020, 2030, D("0.40"), COMPANY)
# a quarter more value added per kg CO2e in 2025 than in 2020
MORE = Target(Indicator.CO2E, Measure.PRODUCTIVITY, 2020, 2025, D("0.25"), COMPANY)


def figure(year: int, effect: str, value: str | None = None, basis: str = "constant") -> YearFigure:
    added = None if value is None else ValueAdded(D(value), PriceBasis(basis), "Branch 25, 2020")
    return YearFigure(COMPANY, Indicator.CO2E, year, D(effect), PANEL, added)


@pytest.mark.parametrize(("base", "target"), [(2025, 2025), (2025, 2024), (1899, 2030), (2020, 2200)])
def test_the_target_year_comes_after_the_base_year(base: int, target: int) -> None:
    with pytest.raises(InvalidError) as refused:
        replace(LESS, base_year=base, target_year=target)
    assert (refused.value.error_code, refused.value.path) == ("target.years", "/target_year")


@pytest.mark.parametrize("share", ["0", "-0.1", "1.01", "30", "NaN", "Infinity"])
def test_the_change_is_a_share_above_zero_and_at_most_one(share: str) -> None:
    with pytest.raises(InvalidError) as refused:
        replace(LESS, reduction=D(share))
    assert (refused.value.error_code, refused.value.path) == ("target.reduction", "/reduction")
    assert replace(LESS, reduction=D(1)).needed(F(500)) == 0


def test_an_absolute_target_on_its_way() -> None:
    # 500 t must become 300 t; after 4 of 10 years the line stands at 500 - 0.4 x 200 = 420 t;
    # 410 t is 90 of 200 t: 45 per cent of the way
    found = progress(LESS, [figure(2024, "410"), figure(2020, "500"), figure(2022, "480")])
    assert found == Progress(F(500), F(300), 2024, F(410), F(9, 20), F(420), on_track=True)
    behind = progress(LESS, [figure(2020, "500"), figure(2024, "421")])
    assert (behind.achieved, behind.on_track) == (F(79, 200), False)
    assert progress(LESS, [figure(2020, "500"), figure(2024, "420")]).on_track is True


def test_the_wrong_way_is_below_zero_and_further_than_asked_above_one() -> None:
    # 20 t more of 200 t; 250 t less of 200 t
    assert progress(LESS, [figure(2020, "500"), figure(2021, "520")]).achieved == F(-1, 10)
    assert progress(LESS, [figure(2020, "500"), figure(2021, "250")]).achieved == F(5, 4)


def test_after_the_target_year_the_line_stays_where_it_ended() -> None:
    found = progress(LESS, [figure(2020, "500"), figure(2033, "310")])
    assert (found.expected, found.on_track, found.achieved) == (F(300), False, F(19, 20))


def test_a_productivity_rises() -> None:
    # 2020: 1 000 000 / 50 000 = 20 DKK/kg, needed 25; 2022: 1 034 000 / 47 000 = 22, the line 20 + 5 x 2/5 = 22;
    # 2 of 5 DKK/kg: 40 per cent
    figures = [figure(2020, "50000", "1000000"), figure(2022, "47000", "1034000")]
    assert progress(MORE, figures) == Progress(F(20), F(25), 2022, F(22), F(2, 5), F(22), on_track=True)
    lower = [figures[0], figure(2022, "47000", "1033999")]
    assert progress(MORE, lower).on_track is False


def test_figures_about_something_else_are_left_aside() -> None:
    elsewhere = replace(figure(2024, "1"), subject=Subject(Level.SITE, "company"))
    water = replace(figure(2024, "1"), indicator=Indicator.WATER)
    found = progress(LESS, [figure(2020, "500"), elsewhere, water])
    assert found == Progress(F(500), F(300), obstacle=Obstacle.NO_LATER_FIGURE)


def test_without_a_usable_base_figure_there_is_nothing_to_tell() -> None:
    later = figure(2024, "410")
    assert progress(LESS, [later]) == Progress(obstacle=Obstacle.NO_BASE_FIGURE, obstacle_year=2020)
    short = replace(figure(2020, "500"), is_at_least=True)
    assert progress(LESS, [short, later]) == Progress(obstacle=Obstacle.AT_LEAST, obstacle_year=2020)
    none = progress(LESS, [figure(2020, "0"), later])
    assert (none.obstacle, none.needed) == (Obstacle.NO_EFFECT, None)
    loss = progress(MORE, [figure(2020, "500", "-1"), figure(2024, "410", "5")])
    assert (loss.obstacle, loss.obstacle_year) == (Obstacle.NOT_POSITIVE, 2020)


@pytest.mark.parametrize(
    ("base", "obstacle"),
    [
        (figure(2020, "500"), Obstacle.NO_VALUE_ADDED),
        (figure(2020, "500", "100", "current"), Obstacle.CURRENT_PRICES),
        (figure(2020, "0", "100"), Obstacle.NO_EFFECT),
    ],
)
def test_a_productivity_needs_value_added_in_constant_prices(base: YearFigure, obstacle: Obstacle) -> None:
    assert progress(MORE, [base, figure(2024, "410", "5")]) == Progress(obstacle=obstacle, obstacle_year=2020)
    found = progress(MORE, [figure(2020, "50", "100"), replace(base, year=2024)])
    assert (found.base, found.needed, found.latest) == (F(2), F(5, 2), None)
    assert (found.obstacle, found.obstacle_year) == (obstacle, 2024)


def test_a_year_not_complete_is_passed_over_and_told() -> None:
    short = replace(figure(2025, "100"), is_at_least=True)
    found = progress(LESS, [figure(2020, "500"), figure(2024, "410"), short])
    assert (found.latest_year, found.achieved, found.passed_over) == (2024, F(9, 20), (2025,))
    none = progress(LESS, [figure(2020, "500"), short])
    assert (none.obstacle, none.obstacle_year, none.passed_over) == (Obstacle.AT_LEAST, 2025, (2025,))
    # where no later year will do, the newest one's obstacle is told
    two = progress(MORE, [figure(2020, "50", "100"), figure(2024, "40", "100", "current"), short])
    assert (two.obstacle, two.obstacle_year, two.passed_over) == (Obstacle.AT_LEAST, 2025, (2024, 2025))


def test_another_reckoning_is_no_progress_and_another_product_is_told() -> None:
    base = figure(2020, "500")
    other = replace(figure(2024, "410"), panel=replace(PANEL, products="a c", method="2"))
    found = progress(LESS, [base, other])
    assert (found.obstacle, found.changes) == (Obstacle.PANEL_CHANGED, ("membership", "method"))
    assert (found.latest, found.achieved, found.on_track) == (F(410), None, None)
    more = progress(LESS, [base, replace(other, panel=replace(PANEL, products="a c"))])
    assert (more.achieved, more.changes, more.obstacle) == (F(9, 20), ("membership",), None)


def test_prices_of_two_series_are_not_compared() -> None:
    rebased = replace(
        figure(2022, "50"), value_added=ValueAdded(D(100), PriceBasis.CONSTANT, "Branch 25, 2021")
    )
    found = progress(MORE, [figure(2020, "50", "100"), rebased])
    assert (found.obstacle, found.obstacle_year, found.achieved) == (Obstacle.OTHER_PRICES, 2022, None)
