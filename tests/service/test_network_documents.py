"""Published documents become exact records: bounds, credits, transport and what cannot be read."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import schemas
from exchange.domain.errors import InvalidError
from exchange.domain.linking import KnownProduct
from exchange.domain.quantities import UnitCode
from exchange.services.rollup import network_documents as documents

EXAMPLES = Path(schemas.__file__).parent / "examples"


def example(name: str, **groups: object) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))
    return document | copy.deepcopy(groups)


def test_bounds_are_multiples_of_the_figure_and_credits_stand_beside_it() -> None:
    # 0.35 kg per piece, 0.9 to 1.15 times: 0.315 to 0.4025; credits 0.06
    read = documents.read_product("d", example("product/valid/co2e-with-bounds-and-credits"))
    found = {column: effect.amount for column, effect in read.own.items()}
    assert found == {
        "co2e": Fraction("0.35"),
        "co2e_low": Fraction("0.315"),
        "co2e_high": Fraction("0.4025"),
        "credits": Fraction("0.06"),
    }
    assert (read.declared, read.own["co2e_low"].shares) == ({}, read.own["co2e"].shares)


def test_of_a_declared_total_below_zero_the_low_is_the_further_end() -> None:
    # -120.5 kg per tonne between -120.5 x 1.15 and -120.5 x 0.9; the credits are those of the whole, 100 kg
    stated = {
        "bounds": {"low": "0.9", "high": "1.15", "source": "The declaration"},
        "credits": {"amount": "0.1", "unit": "TNE"},
    }
    document = example("product/valid/declared-co2e-below-zero", breakdown={"co2e": stated})
    assert schemas.problems(document, schemas.latest("product")) == []
    read = documents.read_product("d", document)
    assert {column: effect.amount for column, effect in read.declared.items()} == {
        "co2e": Fraction("-120.5"),
        "co2e_low": Fraction("-138.575"),
        "co2e_high": Fraction("-108.45"),
        "credits": 100,
    }
    assert read.own == {}


def test_transport_legs_of_a_delivery_are_in_no_figure() -> None:
    # METHOD: to the maker's gate. With and without the leg of 200 tkm and 20 kg CO2e the delivery reads the same
    document = example("delivery/valid/deliveries-of-a-year")
    legs = {
        "mode": "road",
        "transport_work": {"amount": "200", "unit": "TKM"},
        "co2e": {"amount": "20", "unit": "KGM"},
    }
    carried = document | {"process": {"transport": [legs]}}
    assert schemas.problems(carried, schemas.latest("delivery")) == []
    product = KnownProduct(
        "p", "Sheet", "o", "steel", UnitCode(document["identity"]["declared_unit"]["unit"])
    )
    read = list(documents.read_deliveries("d", carried, product))
    assert read == list(documents.read_deliveries("d", document, product)) != []
    assert {(one.is_measured, len(one.own)) for one in read} == {(False, 0)}


def test_a_document_with_a_quantity_of_another_kind_is_a_refusal_of_its_product() -> None:
    document = example("product/valid/low-entry", commercial={"produced": {"amount": "1", "unit": "KGM"}})
    with pytest.raises(InvalidError) as found:
        documents.read_product("d", document)
    refusal = documents.unreadable(document, found.value)
    assert (refusal.error_code, refusal.product) == ("linking.unreadable", document["id"][9:])
    assert refusal.detail.startswith("The dataset of Bracket B12 cannot be read: KGM measures mass")
    assert refusal.advice == "Give the quantity in a unit of count."
