"""Gaps: what nobody booked, days without a bill, flows without a factor or a mass."""

from __future__ import annotations

from datetime import date

from exchange.domain.calculation.account import Energy, Flow, FlowDetail, Material, SiteAccount, Waste, Water
from exchange.domain.calculation.completeness import Gap, GapKind, gaps_of, missing_days
from exchange.domain.calculation.effects import Column
from exchange.domain.factors import FactorBook
from exchange.domain.indicators import Indicator
from exchange.domain.periods import Period
from exchange.domain.quantities import UnitCode
from tests.unit.domain.calculation.cases import (
    BOOK,
    KG,
    M3,
    PIECE,
    YEAR,
    account,
    bill,
    flow,
    months,
    output,
    own_factor,
    worked,
)

RESOURCES, WATER, CO2E, ENERGY, WASTE = Indicator


def kinds(site: SiteAccount, kind: GapKind, book: FactorBook = BOOK) -> list[tuple[Indicator, Period | None]]:
    """Indicator and days of the gaps of a kind."""
    return [(gap.indicator, gap.period) for gap in gaps_of(site, book) if gap.kind is kind]


def free(detail: FlowDetail, *billed: Period, period: Period = YEAR) -> list[Period]:
    """The days without a bill."""
    supply = Flow("f", "Supply", detail, M3, "key")
    bills = tuple(bill("1", one, id=str(number)) for number, one in enumerate(billed))
    return list(missing_days(supply, account(bills, (output("a", "1", period),), period=period)))


def test_what_nobody_booked_is_named_in_the_fixed_order() -> None:
    assert gaps_of(account((bill("1"),)), BOOK) == tuple(
        Gap(GapKind.NOTHING_BOOKED, indicator) for indicator in (RESOURCES, WATER, WASTE)
    )
    assert [indicator for indicator, _ in kinds(account(), GapKind.NOTHING_BOOKED)] == list(Indicator)


def test_a_supply_the_site_has_is_missed_all_year_where_nothing_is_booked_for_it() -> None:
    gas = Flow("gas", "Gas", Energy("natural_gas"), UnitCode.KILOWATT_HOUR, "key")
    power = Flow("el", "Power", Energy("electricity_grid"), UnitCode.KILOWATT_HOUR, "key")
    site = SiteAccount(YEAR, (gas, power), (bill("900", of="el"),), (), (), ())
    assert kinds(site, GapKind.DAYS_MISSING) == [(CO2E, YEAR), (ENERGY, YEAR)]


def test_a_flow_booked_with_zero_is_told_and_no_gap() -> None:
    water = flow(Water(), M3)
    site = account((bill("0", unit=M3),), flows=(water,))
    assert WATER not in [gap.indicator for gap in gaps_of(site, BOOK)]


def test_days_without_a_bill_of_a_metered_supply() -> None:
    assert free(Energy("electricity_grid"), months(1, 10), months(12)) == [months(11)]
    assert free(Water(), months(3, 4), months(6, 11)) == [months(1, 2), months(5), months(12)]
    assert free(Energy("natural_gas"), months(1, 12)) == []
    assert free(Energy("electricity_self"), months(4, 12)) == [months(1, 3)]
    over = Period(date(2024, 12, 15), date(2025, 3, 1))
    assert free(Energy("district_heat"), over, months(3, 12)) == []


def test_what_is_bought_as_needed_has_no_missing_days() -> None:
    for detail in (Energy("gas_diesel_oil"), Material(), Waste("120101", "recycling"), Water("groundwater")):
        assert free(detail, months(5)) == []


def test_missing_days_make_every_indicator_of_the_flow_at_least() -> None:
    site = account((bill("1", months(1, 11)),))
    assert kinds(site, GapKind.DAYS_MISSING) == [(CO2E, months(12)), (ENERGY, months(12))]


def test_a_carrier_without_a_factor_is_a_gap_and_its_energy_is_not() -> None:
    steam = flow(Energy("steam"), name="Steam")
    site = account((bill("100"),), flows=(steam,))
    assert kinds(site, GapKind.FACTOR_MISSING) == [(CO2E, YEAR)]
    assert (CO2E, None) not in kinds(site, GapKind.NOTHING_BOOKED)
    own = FactorBook((own_factor("co2e.steam", "0.2"),))
    assert kinds(site, GapKind.FACTOR_MISSING, own) == []


def test_a_factor_for_some_days_leaves_a_gap_on_the_others() -> None:
    steam = flow(Energy("steam"))
    own = FactorBook((own_factor("co2e.steam", "0.2", span=months(1, 6)),))
    site = account((bill("100"),), flows=(steam,))
    assert kinds(site, GapKind.FACTOR_MISSING, own) == [(CO2E, months(7, 12))]
    # 100 kWh cut by days at 1 July: 184 of 365 of them have no factor, and the sum is unknown rather than half
    assert worked(site, own).own("a", [Column.SCOPE2_LOCATION]) is None


def test_a_contract_that_is_missing_is_no_gap_of_the_headline() -> None:
    assert kinds(account((bill("1"),)), GapKind.FACTOR_MISSING) == []


def test_a_mass_nobody_said() -> None:
    parts = flow(Material(), PIECE, name="Motors")
    site = account((bill("3", unit=PIECE),), flows=(parts,))
    assert [gap for gap in gaps_of(site, BOOK) if gap.indicator is RESOURCES] == [
        Gap(GapKind.MASS_MISSING, RESOURCES, "Motors", "f")
    ]


def test_power_made_on_the_roof_tells_nothing_of_co2e() -> None:
    """Energy is told; whether any was bought or burnt is not."""
    roof = flow(Energy("electricity_self", "renewable"))
    assert kinds(account((bill("1"),), flows=(roof,)), GapKind.NOTHING_BOOKED)[2] == (CO2E, None)


def test_gaps_are_ordered_whatever_the_order_of_flows() -> None:
    flows = (flow(Energy("steam"), id="f"), flow(Energy("hydrogen"), id="g"), flow(Material(), KG, id="h"))
    bills = (bill("1"), bill("1", id="2", of="g"), bill("1", unit=KG, id="3", of="h"))
    assert gaps_of(account(bills, flows=flows), BOOK) == gaps_of(
        account(reversed(bills), flows=flows[::-1]), BOOK
    )


def test_a_credit_note_is_no_bill_for_the_days_it_is_about() -> None:
    """Half a year billed, and a correction for the whole one: July to December are still missing."""
    site = account((bill("100", months(1, 6), id="1"), bill("5", id="2", is_credit=True)))
    assert kinds(site, GapKind.DAYS_MISSING) == [(CO2E, months(7, 12)), (ENERGY, months(7, 12))]


def test_a_bill_of_other_days_books_nothing_for_these() -> None:
    site = account((bill("100", months(1, 6, of=2024)),))
    assert [indicator for indicator, _ in kinds(site, GapKind.NOTHING_BOOKED)] == list(Indicator)


def test_energy_bills_without_electricity_are_not_the_whole_energy() -> None:
    gas = Flow("gas", "Gas", Energy("natural_gas"), UnitCode.KILOWATT_HOUR, "key")
    power = Flow("el", "Power", Energy("electricity_grid"), UnitCode.KILOWATT_HOUR, "key")
    bought = bill("900", of="gas")
    without = SiteAccount(YEAR, (gas, power), (bought,), (), (), ())
    assert kinds(without, GapKind.NO_ELECTRICITY) == [(CO2E, None), (ENERGY, None)]
    none_used = bill("0", of="el", id="2")
    booked = SiteAccount(YEAR, (gas, power), (bought, none_used), (), (), ())
    assert kinds(booked, GapKind.NO_ELECTRICITY) == []
