"""A company's own development from stored calculations, by hand (the plant's figures are in `tests.service.plant`)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from exchange.bootstrap import Exchange
from exchange.domain.deflators import Deflator
from exchange.domain.development import Decoupling, Hindrance
from exchange.domain.errors import NotFoundError
from exchange.domain.indicators import Indicator
from exchange.domain.own_development import Level, Row, Subject
from exchange.domain.periods import Period, year
from exchange.services.calculations import calculate_site
from exchange.services.company_years import CompanyYear, set_company_year
from exchange.services.context import Context
from exchange.services.deflators import add_own_deflator
from exchange.services.own_development import DevelopmentView, own_development
from exchange.services.sites import NewSite, create_site
from tests.accounts import statements
from tests.factories import party
from tests.service.plant import GRID, Plant, plant, two_years

D, F = Decimal, Fraction
CO2E, ENERGY = Indicator.CO2E, Indicator.ENERGY


@pytest.fixture
def firm(ctx: Context) -> Plant:
    return two_years(ctx)


def row(view: DevelopmentView, level: Level, subject: str, indicator: Indicator, number: int) -> Row:
    wanted = Subject(level, subject), indicator, number
    return next(one for one in view.rows if (one.subject, one.indicator, one.year) == wanted)


def branch_index(ctx: Context, number: int, index: str) -> None:
    source = "An invented national account"
    add_own_deflator(ctx, Deflator("CH", number, D(index), 2024, source, "own", "2026-06"))


def test_absolute_figures_and_indices_of_organisation_site_and_product(firm: Plant) -> None:
    view = own_development(firm.ctx)
    assert (view.base_year, view.without, view.proxies, view.in_current_prices) == (2024, {}, (), ())
    for level, subject in ((Level.ORGANISATION, firm.party.id), (Level.SITE, firm.site_id)):
        first, second = (row(view, level, subject, CO2E, number) for number in (2024, 2025))
        assert (first.absolute, second.absolute) == (F("5649.2"), F("4244.4"))
        assert second.against_base is not None
        assert second.against_base.effect_index == D("4244.4") / D("5649.2") * 100
        # energy: 30 000 x 3.6 = 108 000 MJ, then 24 000 x 3.6 = 86 400 MJ, index 80
        energy = row(view, level, subject, ENERGY, 2025)
        assert energy.absolute == 86_400
        assert energy.against_previous is not None
        assert energy.against_previous.effect_index == 80
        assert energy.against_previous.hindrance is Hindrance.COVERAGE_BELOW_80  # no value added is entered
    # an arm takes 9 000 / 200 = 45 kWh and 15 000 / 200 = 75 kWh gas: 120 x 3.6 x 100 pieces
    assert row(view, Level.PRODUCT, firm.arm, ENERGY, 2025).absolute == 43_200
    assert view.names[Subject(Level.PRODUCT, firm.arm)] == "Arm"
    assert {one.indicator for one in view.rows} == {CO2E, ENERGY}  # nothing else is booked


def test_constant_prices_give_productivity_index_and_class(firm: Plant) -> None:
    set_company_year(firm.ctx, CompanyYear(2024, D(540_000), turnover=D(1_000_000)))
    set_company_year(firm.ctx, CompanyYear(2025, D(594_000), turnover=D(1_000_000)))
    branch_index(firm.ctx, 2025, "110")  # of 2024 = 100: 594 000 / 1.1 = 540 000, no growth
    view = own_development(firm.ctx)
    for level, subject in ((Level.ORGANISATION, firm.party.id), (Level.SITE, firm.site_id)):
        second = row(view, level, subject, ENERGY, 2025)
        assert second.productivity is not None
        assert second.productivity.value == D(
            "6.25"
        )  # 540 000 / 86 400; 540 000 / 108 000 = 5 the year before
        assert second.against_base is not None
        assert second.against_base.productivity_index == 125
        assert second.against_base.decoupling is Decoupling.NOT_DETERMINABLE  # value added did not change
    # the arm's part by turnover: 540 000 x 600 000 / 1 000 000 = 324 000 DKK over 43 200 MJ
    of_arm = row(view, Level.PRODUCT, firm.arm, ENERGY, 2025)
    assert of_arm.productivity is not None
    assert of_arm.productivity.value == D("7.5")
    assert view.in_current_prices == ()


def test_value_added_up_and_energy_down_is_absolute_decoupling(firm: Plant) -> None:
    set_company_year(firm.ctx, CompanyYear(2024, D(540_000)))
    set_company_year(firm.ctx, CompanyYear(2025, D(660_000)))
    branch_index(firm.ctx, 2025, "110")  # 600 000 in prices of 2024, up a ninth
    view = own_development(firm.ctx)
    second = row(view, Level.ORGANISATION, firm.party.id, ENERGY, 2025).against_previous
    assert second is not None
    assert second.decoupling is Decoupling.ABSOLUTE
    # without turnover nobody knows the arm's part
    of_arm = row(view, Level.PRODUCT, firm.arm, ENERGY, 2025).productivity
    assert of_arm is not None
    assert of_arm.value is None


def test_without_a_price_index_there_is_no_class_and_gross_profit_is_told(firm: Plant) -> None:
    set_company_year(firm.ctx, CompanyYear(2024, D(540_000)))
    set_company_year(firm.ctx, CompanyYear(2025, D(660_000), is_proxy=True))
    view = own_development(firm.ctx)
    second = row(view, Level.ORGANISATION, firm.party.id, ENERGY, 2025).against_base
    assert second is not None
    assert (second.effect_index, second.productivity_index, second.decoupling) == (80, None, None)
    assert (view.proxies, view.in_current_prices) == ((2025,), (2024, 2025))


def test_gross_profit_is_never_compared_with_value_added(firm: Plant) -> None:
    set_company_year(firm.ctx, CompanyYear(2024, D(540_000)))
    set_company_year(firm.ctx, CompanyYear(2025, D(660_000), is_proxy=True))
    branch_index(firm.ctx, 2025, "110")
    found = row(own_development(firm.ctx), Level.ORGANISATION, firm.party.id, ENERGY, 2025).against_base
    assert found is not None
    assert (found.effect_index, found.decoupling) == (80, None)
    assert found.hindrance is Hindrance.PANEL_CHANGED


def test_a_year_one_site_lacks_is_at_least(firm: Plant) -> None:
    other = create_site(firm.ctx, NewSite("Yard")).id
    assert own_development(firm.ctx).without == {}  # a site nobody has calculated counts in no year
    firm.bill("Yard power", GRID, "1000", "KWH", year(2025), site_id=other)
    firm.calculate(2025, other)
    view = own_development(firm.ctx)
    assert view.without == {2024: ("Yard",)}
    first, second = (row(view, Level.ORGANISATION, firm.party.id, ENERGY, number) for number in (2024, 2025))
    # 25 000 kWh x 3.6
    assert (first.absolute, first.is_at_least, second.absolute, second.is_at_least) == (
        108_000,
        True,
        90_000,
        False,
    )
    assert second.against_base is not None
    assert second.against_base.hindrance is Hindrance.AT_LEAST
    alone = row(view, Level.SITE, firm.site_id, ENERGY, 2025).against_base
    assert alone is not None
    assert alone.effect_index == 80
    assert row(view, Level.SITE, firm.site_id, ENERGY, 2025).productivity is not None


def test_a_missing_month_is_at_least_and_other_periods_are_no_years(ctx: Context) -> None:
    firm = plant(ctx)
    half = Period(year(2025).start, year(2025).start.replace(month=7))
    firm.bill("Electricity", GRID, "5000", "KWH", half)
    firm.calculate(2025)
    calculate_site(firm.ctx, firm.site_id, half)  # whole in itself, and newer
    view = own_development(firm.ctx)
    found = row(view, Level.ORGANISATION, firm.party.id, ENERGY, 2025)
    assert (found.absolute, found.is_at_least) == (18_000, True)
    assert {one.year for one in view.rows} == {2025}


def test_another_product_is_another_panel(firm: Plant) -> None:
    firm.make(firm.arm, "10", year(2026))
    firm.energy_of(2026, "900", "1500")
    firm.calculate(2026)
    view = own_development(firm.ctx)
    found = row(view, Level.SITE, firm.site_id, ENERGY, 2026).against_previous
    assert found is not None
    assert (found.hindrance, found.changes) == (Hindrance.PANEL_CHANGED, ("membership",))
    of_frame = row(view, Level.PRODUCT, firm.frame, ENERGY, 2026)
    assert of_frame.absolute is None


def test_one_subject_alone_and_another_base_year(firm: Plant) -> None:
    view = own_development(firm.ctx, product_id=firm.arm, base_year=2025)
    assert {one.subject for one in view.rows} == {Subject(Level.PRODUCT, firm.arm)}
    assert view.base_year == 2025
    both = own_development(firm.ctx, firm.site_id, firm.arm)
    assert {one.subject.level for one in both.rows} == {Level.SITE, Level.PRODUCT}


def test_nothing_calculated_is_no_row(ctx: Context) -> None:
    view = own_development(plant(ctx).ctx)
    assert (view.base_year, view.rows) == (None, ())


def test_another_organisation_sees_nothing_of_it(ctx: Context, firm: Plant) -> None:
    stranger = party(ctx).ctx
    assert own_development(stranger).rows == ()
    for ids in ({"site_id": firm.site_id}, {"product_id": firm.arm}):
        with pytest.raises(NotFoundError):
            own_development(stranger, **ids)


def test_more_years_and_sites_take_no_more_questions(exchange: Exchange, firm: Plant) -> None:
    with statements(exchange.store.reader) as few:
        own_development(firm.ctx)
    yard = create_site(firm.ctx, NewSite("Yard")).id
    for number in (2024, 2025):
        firm.bill("Yard power", GRID, "1000", "KWH", year(number), site_id=yard)
        firm.calculate(number, yard)
    with statements(exchange.store.reader) as many:
        own_development(firm.ctx)
    assert len(many) == len(few) == 7
