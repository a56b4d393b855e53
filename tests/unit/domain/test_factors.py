"""Factors: the file is well formed, every row is dated and sourced, and application is exact."""

import itertools
import json
from datetime import date
from decimal import Decimal
from importlib import resources

import jsonschema
import pytest

from exchange.domain.errors import InvalidError
from exchange.domain.factors import FactorBasis, factor_set, factors, find_factor
from exchange.domain.periods import Period, year
from exchange.domain.quantities import Quantity, UnitCode, exact_decimal, in_unit

DATA = resources.files("exchange.domain").joinpath("data")


def _json(name: str) -> dict[str, object]:
    document: dict[str, object] = json.loads(DATA.joinpath(name).read_text("utf-8"))
    return document


def test_factor_file_satisfies_its_schema_and_the_schema_can_refuse() -> None:
    schema, document = _json("factors.schema.json"), _json("factors.json")
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    assert list(validator.iter_errors(document)) == []
    row = dict(document["factors"][0], value="1e3")  # type: ignore[index]
    assert list(validator.iter_errors({**document, "factors": [row]}))


def test_at_most_one_factor_of_a_key_and_basis_holds_on_any_day() -> None:
    for one, other in itertools.combinations(factors(), 2):
        if (one.key, one.basis, one.geography) == (other.key, other.basis, other.geography):
            later = max(one.valid_from, other.valid_from)
            assert not (one.holds_on(later) and other.holds_on(later)), one.key


def test_natural_gas_burnt_gives_0_20196_kg_co2_per_kwh() -> None:
    gas = find_factor("co2.natural_gas", FactorBasis.COMBUSTION, year(2025))
    # 1 000 kWh = 3.6 GJ; 3.6 GJ x 56.1 kg/GJ = 201.96 kg
    assert gas.apply(Quantity(Decimal(1000), UnitCode.KILOWATT_HOUR)) == Quantity(
        Decimal("201.96"), UnitCode.KILOGRAM
    )
    assert gas.gwp_set is None


def test_diesel_per_litre_follows_from_heating_value_density_and_factor() -> None:
    per_energy = find_factor("co2.gas_diesel_oil", FactorBasis.COMBUSTION, year(2025))
    per_mass = find_factor("ncv.gas_diesel_oil", FactorBasis.COMBUSTION, year(2025))
    litre = Quantity(Decimal("0.84"), UnitCode.KILOGRAM)  # density 0.84 kg/L
    energy = per_mass.apply(litre)
    assert energy == Quantity(Decimal("0.03612"), UnitCode.GIGAJOULE)  # 0.84/1000 x 43
    assert exact_decimal(in_unit(energy, UnitCode.MEGAJOULE)) == Decimal("36.12")
    assert per_energy.apply(energy).amount == Decimal("2.676492")  # 0.03612 x 74.1


@pytest.mark.parametrize("carrier", ["electricity_grid", "district_heat", "natural_gas"])
def test_years_between_are_interpolated_as_the_building_regulation_prescribes(carrier: str) -> None:
    value = {
        factor.year: factor.value
        for factor in factors()
        if factor.key == f"co2e.{carrier}" and factor.basis is FactorBasis.LIFE_CYCLE
    }
    assert value[2024] == (value[2023] + value[2025]) / 2
    assert value[2026] == value[2025] + (value[2030] - value[2025]) / 5


def test_combustion_and_life_cycle_of_one_carrier_are_different_keys_and_bases() -> None:
    burnt = find_factor("co2.natural_gas", FactorBasis.COMBUSTION, year(2023))
    whole = find_factor("co2e.natural_gas", FactorBasis.LIFE_CYCLE, year(2023))
    assert (burnt.basis, whole.basis) == (FactorBasis.COMBUSTION, FactorBasis.LIFE_CYCLE)
    with pytest.raises(InvalidError) as refused:
        find_factor("co2.natural_gas", FactorBasis.LIFE_CYCLE, year(2023))
    assert refused.value.error_code == "factor.missing"


def test_factor_is_not_carried_over_to_a_year_without_one() -> None:
    for period in (year(2027), Period(date(2023, 7, 1), date(2024, 7, 1))):
        with pytest.raises(InvalidError) as refused:
            find_factor("co2e.electricity_grid", FactorBasis.LIFE_CYCLE, period)
        assert refused.value.error_code == "factor.missing"


def test_activity_of_another_dimension_is_refused() -> None:
    electricity = find_factor("co2e.electricity_grid", FactorBasis.LIFE_CYCLE, year(2024))
    with pytest.raises(InvalidError) as refused:
        electricity.apply(Quantity(Decimal(1), UnitCode.KILOGRAM))
    assert refused.value.error_code == "unit.dimension"


def test_every_building_regulation_factor_says_that_it_is_a_projection() -> None:
    projected = [factor for factor in factors() if factor.basis is FactorBasis.LIFE_CYCLE]
    assert projected
    assert all("Projected life-cycle factor" in factor.note for factor in projected)


def test_factor_set_names_its_edition() -> None:
    assert factor_set() == "factors/2026-11"


def test_methane_and_nitrous_oxide_of_wood_follow_from_their_warming_potentials() -> None:
    wood = find_factor("biogenic_non_co2.wood", FactorBasis.COMBUSTION, year(2025))
    assert wood.value * 1000 == 30 * 28 + 4 * 265  # kg CO2e per TJ
    assert wood.gwp_set == "AR5"
