"""An organisation's own factors: what the calculator takes, and what it refuses with which code."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.domain.errors import InvalidError
from exchange.domain.factors import Factor, FactorBasis, FactorBook, FactorOrigin
from exchange.domain.own_factors import CARRIERS, FAMILIES, OWN_LICENCE, OwnRow, key_family, own_factor
from exchange.domain.periods import year
from exchange.domain.quantities import UnitCode, decimal_to_wire

CONTRACT = OwnRow(
    key="co2e_market.electricity_grid",
    value=Decimal("0.012"),
    result=UnitCode.KILOGRAM,
    activity=UnitCode.KILOWATT_HOUR,
    source="Supplier's declaration 2025, dated 3 March 2026",
    year=2025,
    geography="DK",
    basis=FactorBasis.LIFE_CYCLE,
    gwp_set="AR5",
    valid_from=date(2025, 1, 1),
    valid_to=date(2026, 1, 1),
)
STEEL = CONTRACT._replace(
    key="co2e.material.steel_sheet", activity=UnitCode.TONNE, basis=FactorBasis.SUPPLY_CHAIN
)
DENSITY = CONTRACT._replace(
    key="density.bio_oil",
    value=Decimal("0.92"),
    activity=UnitCode.LITRE,
    basis=FactorBasis.COMBUSTION,
    gwp_set=None,
)


def codes(row: OwnRow) -> list[str]:
    """The codes of what is wrong with a row."""
    with pytest.raises(InvalidError) as refused:
        own_factor(row)
    assert refused.value.error_code == refused.value.problems[0].code
    return [problem.code for problem in refused.value.problems]


def test_a_contract_becomes_a_factor_that_goes_before_the_exchanges() -> None:
    factor = own_factor(CONTRACT)
    assert (factor.origin, factor.licence, factor.note) == (FactorOrigin.OWN, OWN_LICENCE, "")
    assert factor.reference == "own#co2e_market.electricity_grid/life_cycle/2025-01-01"
    book = FactorBook((factor,))
    assert book.find("co2e_market.electricity_grid", FactorBasis.LIFE_CYCLE, year(2025)) is factor


def test_a_row_asks_for_every_field_of_a_factor_but_whose_it_is() -> None:
    assert {field.name for field in fields(Factor)} - set(OwnRow._fields) == {"origin"}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (CONTRACT._replace(key="co2e.moonlight"), "factor.key"),
        (CONTRACT._replace(key="co2.electricity_grid"), "factor.key"),  # nothing is burnt here
        (CONTRACT._replace(key="co2e_market.natural_gas"), "factor.key"),
        (STEEL._replace(key="co2e.material.Steel sheet"), "factor.key"),
        (STEEL._replace(key="co2e.material."), "factor.key"),
        (STEEL._replace(activity=UnitCode.PIECE), "factor.unit"),
        (DENSITY._replace(activity=UnitCode.TONNE), "factor.unit"),
        (CONTRACT._replace(value=Decimal("-0.1"), note="A green contract."), "factor.value"),
        (CONTRACT._replace(value=Decimal("NaN")), "factor.value"),
        (CONTRACT._replace(value=Decimal("1e15")), "factor.value"),
        (CONTRACT._replace(value=Decimal("1e-13")), "factor.value"),
        (STEEL._replace(value=Decimal("-1"), note=" "), "factor.value"),
        (DENSITY._replace(value=Decimal(0)), "factor.value"),
        (CONTRACT._replace(source="  my bill  "), "factor.source"),
        (STEEL._replace(basis=FactorBasis.LIFE_CYCLE), "factor.basis"),
        (DENSITY._replace(basis=FactorBasis.SUPPLY_CHAIN), "factor.basis"),
        (CONTRACT._replace(gwp_set="AR3"), "factor.gwp_set"),
        (CONTRACT._replace(gwp_set=None), "factor.gwp_set"),
        (DENSITY._replace(gwp_set="AR5"), "factor.gwp_set"),
        (CONTRACT._replace(year=25), "factor.year"),
        (CONTRACT._replace(geography="Danmark"), "factor.geography"),
        (CONTRACT._replace(licence=" "), "factor.licence"),
        (CONTRACT._replace(valid_to=date(2025, 1, 1)), "factor.validity"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused(row: OwnRow, code: str) -> None:
    assert codes(row) == [code]


def test_everything_wrong_is_told_at_once() -> None:
    wrong = CONTRACT._replace(value=Decimal(-1), source="bill", year=3, activity=UnitCode.KILOGRAM)
    assert codes(wrong) == ["factor.unit", "factor.value", "factor.source", "factor.year"]


def test_a_material_may_take_up_carbon_if_the_row_says_so() -> None:
    timber = own_factor(STEEL._replace(value=Decimal("-0.6"), note="Carbon in wood, EN 15804 A1-A3."))
    assert timber.value == Decimal("-0.6")


def test_warming_potentials_may_be_unknown_if_the_note_says_so() -> None:
    assert own_factor(CONTRACT._replace(gwp_set=None, note="The source does not say.")).gwp_set is None


def test_the_lower_heating_value_is_never_above_the_upper_in_any_unit() -> None:
    ratio = DENSITY._replace(
        key="ncv_per_gcv.lpg",
        result=UnitCode.MEGAJOULE,
        activity=UnitCode.KILOWATT_HOUR,
        value=Decimal("3.6"),
    )
    assert own_factor(ratio).ratio == 1  # 3.6 MJ per kWh
    assert codes(ratio._replace(value=Decimal("3.61"))) == ["factor.value"]


def test_every_carrier_has_a_key_and_the_four_other_indicators_have_one_per_material() -> None:
    for carrier in CARRIERS:
        assert key_family(f"co2e.{carrier}") is not None
    for indicator in ("resources", "water", "co2e", "energy", "waste"):
        assert key_family(f"{indicator}.material.steel_sheet_2mm") is not None
    assert len({family.prefix for family in FAMILIES}) == len(FAMILIES)


@settings(max_examples=80)
@given(st.decimals(min_value=0, allow_nan=False, allow_infinity=False))
def test_a_value_is_taken_exactly_where_it_has_a_wire_form(value: Decimal) -> None:
    try:
        decimal_to_wire(value)
    except InvalidError:
        assert codes(CONTRACT._replace(value=value)) == ["factor.value"]
    else:
        assert own_factor(CONTRACT._replace(value=value)).value == value


@settings(max_examples=60)
@given(st.text(max_size=40))
def test_any_text_is_a_key_or_not_without_another_error(text: str) -> None:
    family = key_family(text)
    assert family is None or text.startswith(family.prefix)


def test_a_value_that_has_no_end_per_kilowatt_hour_is_refused() -> None:
    """0.037037037037 kg/MJ x 3.6 = 0.1333333333332 has thirteen places; 0.03703703703 has twelve: 0.133333333308."""
    per_megajoule = CONTRACT._replace(activity=UnitCode.MEGAJOULE)
    assert codes(per_megajoule._replace(value=Decimal("0.037037037037"))) == ["factor.value"]
    assert own_factor(per_megajoule._replace(value=Decimal("0.03703703703")))
    assert codes(STEEL._replace(value=Decimal("0.0000000001"))) == ["factor.value"]  # per kg thirteen places


def test_co2e_of_a_fuel_is_what_came_before_the_gate() -> None:
    oil = CONTRACT._replace(key="co2e.gas_diesel_oil")
    assert own_factor(oil._replace(basis=FactorBasis.SUPPLY_CHAIN))
    for basis in (FactorBasis.COMBUSTION, FactorBasis.LIFE_CYCLE):
        with pytest.raises(InvalidError) as refused:
            own_factor(oil._replace(basis=basis))
        (problem,) = refused.value.problems
        assert problem.code == "factor.basis" and "co2.gas_diesel_oil" in problem.advice
