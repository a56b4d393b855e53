"""Unit checks: a figure in a unit of something else is found where it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import schemas
from exchange.domain.checks.units import datapoint_dimension

Document = dict[str, Any]
Codes = Callable[..., list[tuple[str, str]]]
LITRE = {"amount": "1", "unit": "LTR"}


def test_the_full_example_is_clean(
    product: Document, delivery: Document, organisation: Document, codes: Codes
) -> None:
    assert codes("product", product) == []
    assert codes("delivery", delivery) == []
    assert codes("organisation", organisation) == []


@pytest.mark.parametrize("indicator", ["resources", "co2e", "energy", "waste"])
def test_indicator_in_litres_is_a_wrong_dimension(indicator: str, low_entry: Document, codes: Codes) -> None:
    low_entry["indicators"] = {indicator: {"own": LITRE}}
    low_entry["quality"] = {indicator: low_entry["quality"]["co2e"]}
    assert codes("product", low_entry) == [("indicator.unit", f"/indicators/{indicator}/own/unit")]


def test_water_may_be_in_litres_but_not_in_kilograms(low_entry: Document, codes: Codes) -> None:
    low_entry["quality"] = {"water": low_entry["quality"]["co2e"]}
    low_entry["indicators"] = {"water": {"own": LITRE}}
    assert codes("product", low_entry) == []
    low_entry["indicators"] = {"water": {"own": {"amount": "1", "unit": "KGM"}}}
    assert codes("product", low_entry) == [("indicator.unit", "/indicators/water/own/unit")]


def test_parts_of_a_breakdown_have_the_indicators_dimension(product: Document, codes: Codes) -> None:
    product["breakdown"]["energy"][0]["amount"] = {"amount": "1.1", "unit": "KGM"}
    product["breakdown"]["resources"]["virgin"] = LITRE
    assert codes("product", product) == [
        ("breakdown.unit", "/breakdown/resources/virgin/unit"),
        ("breakdown.unit", "/breakdown/energy/0/amount/unit"),
    ]


def test_recipe_explains_energy_in_energy_and_mass_in_mass(product: Document, codes: Codes) -> None:
    product["process"]["inputs"][0]["mass"] = LITRE
    product["process"]["inputs"][1]["explains"]["energy"] = {"amount": "1", "unit": "H87"}
    assert codes("product", product) == [
        ("recipe.unit", "/process/inputs/0/mass/unit"),
        ("recipe.unit", "/process/inputs/1/explains/energy/unit"),
    ]


def test_recipe_explains_market_based_scope_2_in_mass(at_least: Document, codes: Codes) -> None:
    at_least["process"]["inputs"][0]["explains_scope2_market"] = LITRE
    assert codes("product", at_least) == [("recipe.unit", "/process/inputs/0/explains_scope2_market/unit")]


def test_what_is_extracted_is_a_mass(at_least: Document, codes: Codes) -> None:
    at_least["breakdown"]["resources"]["extracted"] = LITRE
    assert codes("product", at_least) == [("breakdown.unit", "/breakdown/resources/extracted/unit")]


def test_a_calculation_counts_what_was_made_like_the_declared_unit(
    calculated: Document, codes: Codes
) -> None:
    calculated["breakdown"]["calculation"]["produced"]["unit"] = "KGM"
    assert codes("product", calculated) == [("amount.unit", "/breakdown/calculation/produced/unit")]


def test_transport_work_is_in_tonne_kilometres(delivery: Document, codes: Codes) -> None:
    delivery["process"]["transport"][0]["transport_work"] = {"amount": "180", "unit": "KMT"}
    assert codes("delivery", delivery) == [("transport.unit", "/process/transport/0/transport_work/unit")]


def test_mass_and_packaging_mass_are_masses(product: Document, codes: Codes) -> None:
    product["identity"]["mass"] = LITRE
    product["packaging"]["items"][0]["mass"] = LITRE
    assert codes("product", product) == [
        ("mass.unit", "/identity/mass/unit"),
        ("mass.unit", "/packaging/items/0/mass/unit"),
    ]


def test_a_tonne_declared_weighs_a_thousand_kilograms(low_entry: Document, codes: Codes) -> None:
    low_entry["identity"]["declared_unit"] = {"amount": "1", "unit": "TNE"}
    low_entry["identity"]["mass"] = {"amount": "1000", "unit": "KGM"}
    assert codes("product", low_entry) == []
    low_entry["identity"]["mass"] = {"amount": "2.4", "unit": "KGM"}
    assert codes("product", low_entry) == [("mass.disagrees", "/identity/mass")]


def test_produced_and_delivered_are_measured_like_the_declared_unit(
    product: Document, delivery: Document, codes: Codes
) -> None:
    product["commercial"]["produced"] = {"amount": "30", "unit": "TNE"}
    delivery["commercial"]["deliveries"][1]["quantity"] = {"amount": "30", "unit": "KGM"}
    assert codes("product", product) == [("amount.unit", "/commercial/produced/unit")]
    assert codes("delivery", delivery) == [("amount.unit", "/commercial/deliveries/1/quantity/unit")]


def test_heat_is_offered_in_a_unit_of_energy(stream: Document, codes: Codes) -> None:
    assert codes("stream", stream) == []
    stream["byproducts"]["quantity"] = {"amount": "900", "unit": "TNE"}
    assert codes("stream", stream) == [("stream.unit", "/byproducts/quantity/unit")]


def test_capacity_may_be_offered_in_any_unit(stream: Document, codes: Codes) -> None:
    stream["identity"]["category"] = "capacity"
    stream["byproducts"]["quantity"] = {"amount": "200", "unit": "MTK"}
    assert codes("stream", stream) == []


def test_datapoints_are_in_units_of_what_they_measure(organisation: Document, codes: Codes) -> None:
    organisation["indicators"]["TotalEnergyConsumption"] = {"amount": "2150", "unit": "TNE"}
    organisation["breakdown"]["EnergyConsumptionFromElectricity"]["Total"] = LITRE
    assert codes("organisation", organisation) == [
        ("datapoint.unit", "/indicators/TotalEnergyConsumption/unit"),
        ("datapoint.unit", "/breakdown/EnergyConsumptionFromElectricity/Total/unit"),
    ]


def test_every_quantity_of_the_organisation_schema_tells_what_it_measures() -> None:
    def quantities(node: object, path: tuple[str, ...]) -> list[tuple[str, ...]]:
        if not isinstance(node, dict):
            return []
        if str(node.get("$ref", "")).endswith("/quantity"):
            return [path]
        inner = {**node.get("properties", {}), **({"": node["items"]} if "items" in node else {})}
        return [found for name, part in inner.items() for found in quantities(part, (*path, name))]

    found = quantities(schemas.load(schemas.latest("organisation")), ())
    assert len(found) > 50
    assert [path for path in found if datapoint_dimension(path) is None] == []
