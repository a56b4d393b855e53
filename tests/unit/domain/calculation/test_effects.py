"""What a unit of a flow adds to which column, and by which factor."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exchange.domain.calculation.account import Energy, FlowDetail, Material, Waste, Water
from exchange.domain.calculation.effects import HEADLINE, Column, Effect, effects_of, mass_per_unit
from exchange.domain.factors import FactorBasis, FactorBook
from exchange.domain.indicators import Indicator
from exchange.domain.quantities import UnitCode
from tests.unit.domain.calculation.cases import BOOK, GJ, KG, KWH, M3, PIECE, YEAR, flow, months, own_factor

LIFE_CYCLE, COMBUSTION, SUPPLY_CHAIN = (
    FactorBasis.LIFE_CYCLE,
    FactorBasis.COMBUSTION,
    FactorBasis.SUPPLY_CHAIN,
)


def columns(
    detail: FlowDetail, unit: UnitCode = KWH, book: FactorBook = BOOK
) -> dict[Column, Decimal | None]:
    """The values by column."""
    return {one.column: one.value for one in effects_of(flow(detail, unit), book, YEAR)}


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        (
            Energy("electricity_grid"),
            {Column.ENERGY: "3.6", Column.SCOPE2_LOCATION: "0.135", Column.SCOPE2_MARKET: None},
        ),
        # 56.1 kg for a GJ of 277.78 kWh: x 0.0036 = 0.20196 for a kWh
        (Energy("natural_gas"), {Column.ENERGY: "3.6", Column.SCOPE1: "0.20196"}),
        # the smoke's methane and nitrous oxide are CO2e, its CO2 a column of its own: 1.9 and 112 x 0.0036
        (
            Energy("wood"),
            {Column.ENERGY: "3.6", Column.SCOPE1: "0.00684", Column.BIOGENIC_CO2: "0.4032"},
        ),
        (Energy("electricity_self", "renewable"), {Column.ENERGY: "3.6"}),
        (Energy("waste_fuel"), {Column.ENERGY: "3.6", Column.SCOPE1: None}),
        (Energy("steam"), {Column.ENERGY: "3.6", Column.SCOPE2_LOCATION: None, Column.SCOPE2_MARKET: None}),
    ],
)  # fmt: skip
def test_energy(detail: Energy, expected: dict[Column, str | None]) -> None:
    assert columns(detail) == {
        column: Decimal(value) if value else None for column, value in expected.items()
    }


def test_water_waste_and_material() -> None:
    assert columns(Water(), M3) == {Column.WATER: 1}
    assert columns(Waste("120101", "recycling"), KG) == {Column.WASTE: 1}
    assert columns(Waste("130110", "recycling"), KG) == {Column.WASTE: 1, Column.HAZARDOUS_WASTE: 1}
    assert columns(Material(), UnitCode.TONNE) == {Column.RESOURCES: 1000}
    assert columns(Material(Decimal("0.25")), PIECE) == {Column.RESOURCES: Decimal("0.25")}


def test_a_mass_nobody_said_is_unknown_and_not_zero() -> None:
    assert columns(Material(), PIECE) == {Column.RESOURCES: None}
    assert mass_per_unit(flow(Water(), M3)) is None


def test_an_own_factor_goes_first_whatever_burning_it_counts() -> None:
    """0.05 kg for a kWh, or 12 kg for a GJ: 12 x 0.0036 = 0.0432."""
    for factor, expected in (
        (own_factor("co2e.district_heat", "0.05"), "0.05"),
        (own_factor("co2e.district_heat", "12", activity=GJ, basis=COMBUSTION), "0.0432"),
        (own_factor("co2e.district_heat", "50", UnitCode.GRAM), "0.05"),
    ):
        found = columns(Energy("district_heat"), book=FactorBook((factor,)))
        assert found[Column.SCOPE2_LOCATION] == Decimal(expected)


def test_an_own_factor_of_the_supply_chain_is_no_scope_2() -> None:
    """0.02 kg for what came before the power station must not stand in for the 0.135 of the power itself."""
    own = FactorBook((own_factor("co2e.electricity_grid", "0.02", basis=SUPPLY_CHAIN),))
    assert columns(Energy("electricity_grid"), book=own)[Column.SCOPE2_LOCATION] == Decimal("0.135")


def test_a_contract_fills_the_market_column_and_leaves_the_location_alone() -> None:
    book = FactorBook((own_factor("co2e_market.electricity_grid", "0"),))
    found = columns(Energy("electricity_grid"), book=book)
    assert (found[Column.SCOPE2_MARKET], found[Column.SCOPE2_LOCATION]) == (0, Decimal("0.135"))


def test_no_factor_is_carried_over_to_a_year_it_was_not_made_for() -> None:
    found = effects_of(flow(), BOOK, months(1, of=2027))
    assert [one.value for one in found if one.column is Column.SCOPE2_LOCATION] == [None]


def test_each_column_has_its_unit_and_the_headline_leaves_look_alikes_out() -> None:
    assert (Column.WATER.unit, Column.ENERGY.unit, Column.SCOPE1.unit) == (M3, UnitCode.MEGAJOULE, KG)
    assert HEADLINE[Indicator.CO2E] == (Column.SCOPE1, Column.SCOPE2_LOCATION)
    assert {Column.SCOPE2_MARKET, Column.BIOGENIC_CO2, Column.HAZARDOUS_WASTE}.isdisjoint(
        column for summed in HEADLINE.values() for column in summed
    )
    assert Effect(Column.ENERGY, Decimal("3.60")).places == 2
