"""From calculations of calendar years to figures of organisation, sites and products, by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from exchange.domain.development import Panel, PriceBasis
from exchange.domain.indicators import Indicator
from exchange.domain.own_development import Level, Subject, ValueAdded, YearFigure
from exchange.domain.year_figures import (
    LENGTH,
    CompanyValue,
    OwnEffect,
    ProductYear,
    SiteYear,
    turnover_part,
    without_calculation,
    year_figures,
)

D, F = Decimal, Fraction
CO2E, ENERGY, WATER = Indicator.CO2E, Indicator.ENERGY, Indicator.WATER
VALUE = CompanyValue(ValueAdded(D(600), PriceBasis.CONSTANT, "own/CH/2020"), D(1000))


def site(name: str, year: int = 2025, **effects: OwnEffect) -> SiteYear:
    """A site of no product."""
    return SiteYear(name, year, {Indicator(one): effect for one, effect in effects.items()})


def of(
    figures: tuple[YearFigure, ...], level: Level, subject: str, indicator: Indicator = CO2E
) -> YearFigure:
    wanted = (Subject(level, subject), indicator)
    return next(one for one in figures if (one.subject, one.indicator) == wanted)


def made(amount: str, revenue: str | None = None, method: str = "allocated physical_mass") -> ProductYear:
    effects = {CO2E: OwnEffect(D(amount), method=method)}
    return ProductYear(effects, None if revenue is None else D(revenue))


def test_sites_add_up_to_the_organisation() -> None:
    figures = year_figures("org", [site("x", co2e=OwnEffect(D(7))), site("y", co2e=OwnEffect(D("0.5")))], {})
    assert of(figures, Level.ORGANISATION, "org").effect == F("7.5")
    assert [of(figures, Level.SITE, one).effect for one in "xy"] == [7, F("0.5")]
    assert not of(figures, Level.ORGANISATION, "org").is_at_least


def test_what_one_site_lacks_makes_the_sum_at_least() -> None:
    booked, gapped = OwnEffect(D(7)), OwnEffect(D(1), is_at_least=True)
    nothing = year_figures("org", [site("x", co2e=booked, water=booked), site("y", co2e=booked)], {})
    assert of(nothing, Level.ORGANISATION, "org", WATER).is_at_least
    assert not of(nothing, Level.ORGANISATION, "org").is_at_least
    gap = year_figures("org", [site("x", co2e=booked), site("y", co2e=gapped)], {})
    assert [of(gap, Level.SITE, one).is_at_least for one in "xy"] == [False, True]
    assert of(gap, Level.ORGANISATION, "org").is_at_least


def test_a_year_without_a_site_is_at_least_and_names_it() -> None:
    sites = [site("x", 2024, co2e=OwnEffect(D(7))), *(site(one, co2e=OwnEffect(D(7))) for one in "xy")]
    figures = year_figures("org", sites, {})
    by_year = {one.year: one.is_at_least for one in figures if one.subject.level is Level.ORGANISATION}
    assert by_year == {2024: True, 2025: False}
    assert without_calculation(sites) == {2024: ("y",)}


def test_a_product_is_summed_over_the_sites_that_make_it() -> None:
    first = SiteYear("x", 2025, {}, {"a": made("7", "100")})
    second = SiteYear("y", 2025, {}, {"a": made("3", "50"), "b": made("1")})
    figures = year_figures("org", [first, second], {2025: VALUE})
    assert of(figures, Level.PRODUCT, "a").effect == 10
    # 600 x 150 / 1 000; of b no revenue is known
    value = of(figures, Level.PRODUCT, "a").value_added
    assert value == ValueAdded(F(90), PriceBasis.CONSTANT, "own/CH/2020")
    assert of(figures, Level.PRODUCT, "b").value_added is None
    # in a year without y's calculation a is at least, and b has no figure
    alone = year_figures("org", [first, second, SiteYear("x", 2026, {}, {"a": made("7")})], {})
    assert [one.is_at_least for one in alone if one.year == 2026] == [True]


def test_value_added_is_told_apart_only_where_it_can_be() -> None:
    effect = OwnEffect(D(7))
    one = year_figures("org", [site("x", co2e=effect)], {2025: VALUE})
    assert (
        of(one, Level.ORGANISATION, "org").value_added == of(one, Level.SITE, "x").value_added == VALUE.value
    )
    two = year_figures("org", [site("x", co2e=effect), site("y", co2e=effect)], {2025: VALUE})
    assert of(two, Level.ORGANISATION, "org").value_added == VALUE.value
    assert of(two, Level.SITE, "x").value_added is None
    assert turnover_part(CompanyValue(VALUE.value), D(5), D(5)) is None
    assert turnover_part(CompanyValue(VALUE.value, D(0)), D(5), D(5)) is None
    # 600 + 500 of 1 000 turnover: the parts would be more than the whole
    assert turnover_part(CompanyValue(VALUE.value, D(1000)), D(600), D(1100)) is None


def test_what_makes_years_comparable() -> None:
    used = frozenset(
        {("co2e.electricity_grid", "life_cycle"), ("co2e_market.electricity_grid", "life_cycle")}
    )
    heating = frozenset({("ncv.wood", "combustion"), ("co2e.material.steel", "supply_chain")})
    effects = {one: OwnEffect(D(1)) for one in (CO2E, ENERGY, WATER)}
    site_year = SiteYear("x", 2025, effects, {"b": made("1"), "a": made("1")}, used | heating)
    figures = year_figures("org", [site_year], {})
    whole = {one: of(figures, Level.SITE, "x", one).panel for one in (CO2E, ENERGY, WATER)}
    own = "co2e.electricity_grid/life_cycle ncv.wood/combustion"
    assert whole[CO2E] == Panel("a b", "", "", own, LENGTH)
    assert whole[ENERGY] == Panel("a b", "", "", "ncv.wood/combustion", LENGTH)
    assert whole[WATER] == Panel("a b", "", "", "", LENGTH)
    assert of(figures, Level.PRODUCT, "a").panel == Panel("a", "", "allocated physical_mass", own, LENGTH)


def test_nothing_calculated_is_no_figure() -> None:
    assert year_figures("org", [], {2025: VALUE}) == ()
