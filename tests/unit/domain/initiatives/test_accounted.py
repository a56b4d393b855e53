"""A worked-out account as flow effects and period models, by hand; and that nothing of the site's figure is lost."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.domain.calculation.account import (
    CoProduct,
    Energy,
    KeyMethod,
    Material,
    SharingRule,
    SiteAccount,
)
from exchange.domain.calculation.completeness import gaps_of
from exchange.domain.calculation.effects import HEADLINE
from exchange.domain.factors import FactorBook
from exchange.domain.indicators import Indicator
from exchange.domain.initiatives import REST, Cause, PeriodModel, Place, Use
from exchange.domain.initiatives.accounted import common_volumes, flow_effects, period_model
from exchange.domain.initiatives.decomposition import decompose
from exchange.domain.periods import Period, year
from exchange.domain.quantities import UnitCode
from tests.unit.domain.calculation.cases import (
    BOOK,
    PIECE,
    account,
    bill,
    flow,
    key,
    months,
    output,
    own_factor,
    product,
    reading,
    worked,
)

F = Fraction
CO2E, ENERGY, WATER, RESOURCES = Indicator.CO2E, Indicator.ENERGY, Indicator.WATER, Indicator.RESOURCES


def model(site: SiteAccount, indicator: Indicator = ENERGY, book: FactorBook = BOOK) -> PeriodModel:
    """The site's model in its own volumes."""
    volumes = common_volumes([site])
    assert volumes is not None
    return period_model(worked(site, book), indicator, gaps_of(site, book), volumes[0])


def test_a_flows_amount_effect_and_products() -> None:
    # 1 000 kWh over a 300 kg and b 100 kg: 750 and 250; 3.6 MJ and 0.135 kg a kWh in 2025
    found = flow_effects(worked(account([bill("1000")])))
    assert found["f"].amount == 1000
    assert found["f"].per_unit == {CO2E: F("0.135"), ENERGY: F("3.6")}
    assert found["f"].by_product == {"a": 750, "b": 250}


def test_over_a_change_of_factor_the_effect_per_unit_is_the_mean_by_amount() -> None:
    # 300 kWh at 2 kg until July, 100 kWh at 6 kg from then on: (600 + 600) / 400 = 3
    book = FactorBook(
        (
            own_factor("co2e.electricity_grid", "2", span=months(1, 6)),
            own_factor("co2e.electricity_grid", "6", span=months(7, 12)),
        )
    )
    site = account([bill("300", months(1, 6), id="b1"), bill("100", months(7, 12), id="b2")])
    assert flow_effects(worked(site, book))["f"].per_unit[CO2E] == 3
    assert model(site, CO2E, book).total == 1200


def test_a_flow_without_a_bill_is_not_used_and_one_without_a_factor_is_unknown() -> None:
    assert flow_effects(worked(account())) == {}
    site = account([bill("5")], flows=(flow(Energy("steam")),))
    assert flow_effects(worked(site))["f"].per_unit[CO2E] is None
    of_co2e = model(site, CO2E)
    assert (of_co2e.uses, of_co2e.not_covered) == ((), {("f", "")})
    assert model(site).total == 18  # its energy is known all the same: 5 x 3.6


def test_what_was_metered_stands_apart_from_what_the_key_gave() -> None:
    # 400 of 1 000 kWh are metered for a; the other 600 by mass: 450 to a, 150 to b
    found = model(account([bill("1000")], readings=[reading("a", "400")]))
    assert found.uses == (
        Use("a", "f", F(400), is_measured=True),
        Use("a", "f", F(450)),
        Use("b", "f", F(150)),
    )
    assert (found.volumes, found.site_metered) == ({"a": 300, "b": 100}, {"f"})


def test_what_no_product_gets_is_the_rest() -> None:
    shares = key(KeyMethod.SHARES, a="0.7")
    found = model(account([bill("1000")], keys=(shares,)))
    assert found.uses == (Use("a", "f", F(700)), Use(REST, "f", F(300)))


def test_a_product_of_which_nothing_was_made_keeps_what_was_metered_for_it() -> None:
    site = account([bill("1000")], [output("b", "100")], readings=[reading("a", "400")])
    found = model(site)
    assert found.uses == (Use("a", "f", F(400), is_measured=True), Use("b", "f", F(600)))
    assert found.total == 3600


def test_a_by_product_bears_its_share_and_is_not_measured_where_a_key_divides_it() -> None:
    # c bears a quarter by mass of what a's process used (300 + 100 kg): 250 of 1 000 kWh, all metered for the process
    site = account(
        [bill("1000")],
        [output("a", "300"), output("c", "100")],
        products=(product("a"), product("c")),
        readings=[reading("a", "1000")],
        co_products=(CoProduct("c", "a", SharingRule.PHYSICAL),),
    )
    assert model(site).uses == (Use("a", "f", F(750)), Use("c", "f", F(250)))


def test_a_subdivided_by_product_keeps_its_share_of_what_was_measured() -> None:
    # c bears a fifth of a's process: of 1 000 kWh, 600 metered for the process and 400 by the key, 200 with 120 metered
    site = account(
        [bill("1000")],
        [output("a", "300"), output("c", "100")],
        products=(product("a"), product("c")),
        keys=(key(KeyMethod.SHARES, a="1"),),
        readings=[reading("a", "600")],
        co_products=(CoProduct("c", "a", SharingRule.SUBDIVISION, Decimal("0.2")),),
    )
    assert model(site).uses == (
        Use("a", "f", F(480), is_measured=True),
        Use("a", "f", F(320)),
        Use("c", "f", F(120), is_measured=True),
        Use("c", "f", F(80)),
    )


def test_an_estimate_or_a_cut_bill_is_no_meter() -> None:
    estimated = account([bill("1000", is_estimate=True)])
    cut = account([bill("1000", Period(year(2024).start, year(2025).end))])
    for site in (estimated, cut):
        assert model(site).site_metered == frozenset()


def test_a_missing_month_is_not_covered() -> None:
    assert model(account([bill("1000", months(1, 11))])).not_covered == {("f", "")}


def test_flows_of_a_class_are_one_input_for_each_unit() -> None:
    steel = (
        flow(Material(), UnitCode.KILOGRAM, id="f", category="steel-sheet"),
        flow(Material(), UnitCode.KILOGRAM, id="g", category="steel-sheet"),
        flow(Material(mass=Decimal(2)), PIECE, id="h", category="steel-sheet"),
        flow(Material(), UnitCode.KILOGRAM, id="i"),
    )
    site = account([bill("1", unit=UnitCode.KILOGRAM)], flows=steel)
    assert model(site, RESOURCES).inputs == {
        "f": "steel-sheet KGM",
        "g": "steel-sheet KGM",
        "h": "steel-sheet H87",
    }


def test_volumes_are_in_kilograms_where_every_product_has_a_mass() -> None:
    made = (product("a", UnitCode.TONNE), product("b", PIECE, "20"), product("c", PIECE))
    outputs = [output("a", "2", unit=UnitCode.TONNE), output("b", "30", unit=PIECE)]
    assert common_volumes([account((), outputs, products=made)]) == [{"a": 2000, "b": 600}]  # c is not made


def test_volumes_of_both_periods_are_in_one_unit_or_none() -> None:
    made = (product("a"), product("b", PIECE))
    first, second = (
        account((), outputs, products=made)
        for outputs in ([output("a", "2")], [output("b", "30", unit=PIECE)])
    )
    assert common_volumes([first]) == [{"a": 2}]
    assert common_volumes([first, second]) is None  # kilograms and pieces without a mass
    assert common_volumes([second, second]) == [{"b": 30}, {"b": 30}]


counts = st.integers(0, 500).map(str)


@given(st.lists(st.tuples(counts, counts, counts), min_size=2, max_size=2), st.booleans())
@settings(max_examples=30, deadline=None)
def test_causes_make_the_change_of_the_sites_own_figure(rows: list[tuple[str, str, str]], is_a: bool) -> None:
    sites = []
    for number, (used, of_a, of_b) in enumerate(rows):
        span = year(2024 + number)
        made = [output("a", of_a, span), output("b", of_b, span)]
        readings = [reading("a", str(int(used) // 3), span)]
        sites.append(account([bill(used, span)], made, period=span, readings=readings))
    volumes = common_volumes(sites)
    assert volumes is not None
    for indicator in (CO2E, ENERGY, WATER):
        before, after = (
            period_model(worked(site), indicator, gaps_of(site, BOOK), made)
            for site, made in zip(sites, volumes, strict=True)
        )
        figures = [worked(site).site(HEADLINE[indicator]) for site in sites]
        assert [before.total, after.total] == figures
        parts = decompose(before, after, Place("site", ("f",), "a" if is_a else None))
        assert sum(parts.values()) == after.total - before.total
        assert list(parts) == list(Cause)
