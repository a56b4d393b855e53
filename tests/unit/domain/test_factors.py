"""Factors: the file is well formed, every row is dated and sourced, and application is exact."""

from __future__ import annotations

import itertools
import json
from datetime import date
from decimal import Decimal
from importlib import resources

import jsonschema
import pytest

from exchange.domain.errors import InvalidError
from exchange.domain.factors import FactorBasis, FactorBook, factor_set, factors
from exchange.domain.own_factors import key_family
from exchange.domain.periods import year
from exchange.domain.quantities import Quantity, UnitCode, exact_decimal, in_unit

DATA = resources.files("exchange.domain").joinpath("data")
GRID = "co2e.electricity_grid"
LIFE_CYCLE, COMBUSTION, SUPPLY_CHAIN = (
    FactorBasis.LIFE_CYCLE,
    FactorBasis.COMBUSTION,
    FactorBasis.SUPPLY_CHAIN,
)
BOOK = FactorBook()


def _json(name: str) -> dict[str, object]:
    document: dict[str, object] = json.loads(DATA.joinpath(name).read_text("utf-8"))
    return document


def test_factor_file_satisfies_its_schema_and_the_schema_can_refuse() -> None:
    schema, document = _json("factors.schema.json"), _json("factors.json")
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    assert list(validator.iter_errors(document)) == []
    row = document["factors"][0]  # type: ignore[index]
    for wrong in ({"value": "1e3"}, {"source": "a book"}, {"key": "co2.two.words"}, {"valid_from": "2025"}):
        assert list(validator.iter_errors({**document, "factors": [{**row, **wrong}]})), wrong


def test_at_most_one_factor_of_a_key_and_basis_holds_on_any_day() -> None:
    for one, other in itertools.combinations(factors(), 2):
        if (one.key, one.basis) == (other.key, other.basis):
            later = max(one.valid_from, other.valid_from)
            assert not (one.holds_on(later) and other.holds_on(later)), one.key


def test_every_row_is_of_a_family_the_calculator_knows_in_its_dimensions_and_bases() -> None:
    for factor in factors():
        family = key_family(factor.key)
        assert family is not None, factor.key
        assert (factor.result.dimension, factor.activity.dimension) == (family.result, family.activity)
        assert factor.basis in family.bases, factor.key
        assert factor.value > 0


def test_references_tell_rows_apart_and_name_the_edition() -> None:
    references = [factor.reference for factor in factors()]
    assert len(set(references)) == len(references)
    assert BOOK.find(GRID, LIFE_CYCLE, year(2025)).reference == f"{factor_set()}#{GRID}/life_cycle/2025"


def test_natural_gas_burnt_gives_0_20196_kg_co2_per_kwh() -> None:
    gas = BOOK.find("co2.natural_gas", COMBUSTION, year(2025))
    # 1 000 kWh = 3.6 GJ; 3.6 GJ x 56.1 kg/GJ = 201.96 kg
    assert gas.apply(Quantity(Decimal(1000), UnitCode.KILOWATT_HOUR)) == Quantity(
        Decimal("201.96"), UnitCode.KILOGRAM
    )
    assert gas.gwp_set is None


def test_diesel_per_litre_follows_from_density_heating_value_and_factor() -> None:
    density, per_mass, per_energy = (
        BOOK.find(f"{name}.gas_diesel_oil", COMBUSTION, year(2025)) for name in ("density", "ncv", "co2")
    )
    mass = density.apply(Quantity(Decimal(1), UnitCode.LITRE))
    assert mass == Quantity(Decimal("0.84"), UnitCode.KILOGRAM)
    energy = per_mass.apply(mass)
    assert energy == Quantity(Decimal("0.03612"), UnitCode.GIGAJOULE)  # 0.84/1000 x 43
    assert exact_decimal(in_unit(energy, UnitCode.MEGAJOULE)) == Decimal("36.12")
    assert per_energy.apply(energy).amount == Decimal("2.676492")  # 0.03612 x 74.1


@pytest.mark.parametrize(
    ("carrier", "kg_co2_per_litre"),
    [
        ("petrol", "2.27179260"),  # 0.74 x 44.3 x 69.3 / 1000 = 2.2717926
        ("lpg", "1.61170020"),  # 0.54 x 47.3 x 63.1 / 1000 = 1.6117002
        ("fuel_oil", "2.93934240"),  # 0.94 x 40.4 x 77.4 / 1000 = 2.9393424
    ],
)
def test_other_litres_follow_in_the_same_way(carrier: str, kg_co2_per_litre: str) -> None:
    amount = Quantity(Decimal(1), UnitCode.LITRE)
    for name in ("density", "ncv", "co2"):
        amount = BOOK.find(f"{name}.{carrier}", COMBUSTION, year(2025)).apply(amount)
    assert amount == Quantity(Decimal(kg_co2_per_litre), UnitCode.KILOGRAM)


def test_gas_by_volume_and_on_the_upper_heating_value() -> None:
    volume = BOOK.find("ncv_volume.natural_gas", COMBUSTION, year(2025))
    assert volume.apply(Quantity(Decimal(100), UnitCode.CUBIC_METRE)).amount == 1100  # 100 x 11.0 kWh
    lower = BOOK.find("ncv_per_gcv.natural_gas", COMBUSTION, year(2025))
    assert lower.apply(Quantity(Decimal(1100), UnitCode.KILOWATT_HOUR)).amount == 990  # 1 100 x 0.90
    oil = BOOK.find("ncv_per_gcv.gas_diesel_oil", COMBUSTION, year(2025))
    assert oil.apply(Quantity(Decimal(1000), UnitCode.KILOWATT_HOUR)).amount == 950  # 1 000 x 0.95


@pytest.mark.parametrize("carrier", ["electricity_grid", "district_heat", "natural_gas"])
def test_years_between_are_interpolated_as_the_building_regulation_prescribes(carrier: str) -> None:
    value = {
        factor.year: factor.value
        for factor in factors()
        if factor.key == f"co2e.{carrier}" and factor.basis is LIFE_CYCLE
    }
    assert value[2024] == (value[2023] + value[2025]) / 2
    assert value[2026] == value[2025] + (value[2030] - value[2025]) / 5


def test_combustion_and_life_cycle_of_one_carrier_are_different_keys_and_bases() -> None:
    burnt = BOOK.find("co2.natural_gas", COMBUSTION, year(2023))
    whole = BOOK.find("co2e.natural_gas", LIFE_CYCLE, year(2023))
    assert (burnt.basis, whole.basis) == (COMBUSTION, LIFE_CYCLE)
    with pytest.raises(InvalidError) as refused:
        BOOK.find("co2.natural_gas", LIFE_CYCLE, year(2023))
    assert refused.value.error_code == "factor.missing"


def test_activity_of_another_dimension_is_refused() -> None:
    electricity = BOOK.find(GRID, LIFE_CYCLE, year(2024))
    with pytest.raises(InvalidError) as refused:
        electricity.apply(Quantity(Decimal(1), UnitCode.KILOGRAM))
    assert refused.value.error_code == "unit.dimension"


def test_every_building_regulation_factor_says_that_it_is_a_projection() -> None:
    projected = [factor for factor in factors() if factor.basis is LIFE_CYCLE]
    assert projected
    assert all("Projected life-cycle factor" in factor.note for factor in projected)


def test_factor_set_names_its_edition() -> None:
    assert factor_set() == "factors/2026-12"


@pytest.mark.parametrize(
    ("carrier", "methane", "nitrous_oxide", "biogenic"),
    [("wood", "30", "4", "112"), ("straw", "30", "4", "100"), ("biogas", "1", "0.1", "54.6"),
     ("bio_oil", "3", "0.6", "79.6")],
)  # fmt: skip
def test_other_gases_of_biogenic_fuels_follow_from_their_warming_potentials(
    carrier: str, methane: str, nitrous_oxide: str, biogenic: str
) -> None:
    others = BOOK.find(f"biogenic_non_co2.{carrier}", COMBUSTION, year(2025))
    # kg CO2e per TJ, GWP100 of AR5
    assert others.value * 1000 == Decimal(methane) * 28 + Decimal(nitrous_oxide) * 265
    assert others.gwp_set == "AR5"
    memo = BOOK.find(f"biogenic_co2.{carrier}", COMBUSTION, year(2025))
    assert (memo.value, memo.gwp_set) == (Decimal(biogenic), None)
    assert "memo item" in memo.note


def test_what_is_not_certain_is_asked_for_instead() -> None:
    keys = {factor.key for factor in factors()}
    unknown = {
        "ncv.straw", "ncv.biogas", "ncv.bio_oil", "ncv_per_gcv.lpg", "ncv_per_gcv.coke", "co2.hydrogen",
        "co2.waste_fuel", "co2.other", "co2e.steam", "co2e.district_cooling",
        "co2e.material.plastics_abs_primary",
    }  # fmt: skip
    assert not keys & unknown


def test_materials_are_dated_cradle_to_gate_values_with_attribution() -> None:
    materials = [factor for factor in factors() if ".material." in factor.key]
    assert materials
    for factor in materials:
        assert (factor.geography, factor.basis, factor.gwp_set) == ("GB", SUPPLY_CHAIN, None)
        assert (factor.result, factor.activity) == (UnitCode.KILOGRAM, UnitCode.KILOGRAM)
        assert f"Company Reporting {factor.year}, Material use" in factor.source
        assert (factor.valid_from, factor.valid_to) == (date(factor.year, 1, 1), date(factor.year + 1, 1, 1))
        assert "Open Government Licence v3.0" in factor.licence
        per_tonne = Decimal(factor.note.partition(" ")[0])  # as published, kg CO2e per tonne
        assert factor.value * 1000 == per_tonne, factor.key


def test_a_tonne_of_recycled_pet_in_2025() -> None:
    recycled = BOOK.find("co2e.material.plastics_pet_recycled", SUPPLY_CHAIN, year(2025))
    assert recycled.apply(Quantity(Decimal(1), UnitCode.TONNE)).amount == Decimal("2213.90131")
    primary = BOOK.find("co2e.material.plastics_pet_primary", SUPPLY_CHAIN, year(2025))
    assert primary.value - recycled.value == Decimal("1.65")
