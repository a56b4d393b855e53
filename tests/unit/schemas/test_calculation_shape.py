"""The steps a calculation writes are the shape the schema of a product takes, in every branch of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import schemas
from exchange.domain.calculation.account import SiteAccount
from exchange.domain.checks.calculation import CHECKS
from exchange.domain.quantities import Quantity, UnitCode
from tests.unit.schemas.accounts import (
    BRACKET,
    HOOK,
    KILOGRAM,
    OFFCUT,
    PIECE,
    amount,
    awkward_shop,
    calculation_of,
    press_shop,
)

EXAMPLES = Path(schemas.__file__).parent / "examples"
Document = dict[str, Any]


def example(name: str) -> Document:
    document: Document = json.loads((EXAMPLES / "product/valid" / f"{name}.json").read_text("utf-8"))
    return document


def test_the_example_is_the_calculation_of_its_bills() -> None:
    """By hand: 60 000 kWh x 0.6 / 12 000 = 3 kWh, x 0.135 = 0.405 kg and x 3.6 = 10.8 MJ. Gas: 4 500 m3 x 12.1 x 0.9
    = 49 005 kWh, x 0.6 / 12 000 = 2.45025 kWh, x 0.0036 GJ x 56.1 = 0.49485249 kg. Water: (63 + 35 x 0.6) m3 / 12 000
    = 7 litres. Waste: 6 200 kg x 0.6 / 12 000 = 0.31 kg. The example's figures are these.
    """
    stated = example("calculated")
    calculated = calculation_of(press_shop(), BRACKET, amount("12000", PIECE))
    assert stated["breakdown"]["calculation"] == calculated
    assert {name: part["own"]["amount"] for name, part in stated["indicators"].items()} == {
        "resources": "2.9",
        "water": "7",
        "co2e": "0.89985249",
        "energy": "19.6209",
        "waste": "0.31",
    }


@pytest.mark.parametrize(
    ("account", "product", "produced"),
    [
        (press_shop(), HOOK, amount("8000", PIECE)),
        (awkward_shop(), BRACKET, amount("11", PIECE)),
        (awkward_shop(), HOOK, amount("90", KILOGRAM)),
        (awkward_shop(), OFFCUT, amount("0.7", KILOGRAM)),
    ],
    ids=["hook", "awkward bracket", "awkward hook", "awkward offcuts"],
)
def test_what_a_calculation_writes_is_valid_and_adds_up(
    account: SiteAccount, product: str, produced: Quantity
) -> None:
    document = example("low-entry")
    document["identity"]["declared_unit"] = {"amount": "1", "unit": produced.unit.value}
    document["breakdown"] = {"calculation": calculation_of(account, product, produced)}
    assert schemas.problems(document, schemas.latest("product")) == []
    figureless = {name: document[name] for name in ("id", "identity", "breakdown")}
    assert [one for check in CHECKS for one in check.find(figureless)] == []


def test_the_awkward_account_reaches_every_member_of_the_shape() -> None:
    calculations = [
        calculation_of(press_shop(), BRACKET, amount("12000", PIECE)),
        *(
            calculation_of(awkward_shop(), product, amount("1", UnitCode.PIECE))
            for product in (BRACKET, HOOK, OFFCUT)
        ),
    ]
    fields = {path for path in schemas.field_paths(schemas.latest("product")) if "/calculation/" in path}
    written = {path for one in calculations for path in paths(one, "breakdown/calculation")}
    assert fields - written == set()


def paths(value: object, path: str) -> set[str]:
    if isinstance(value, list):
        return {found for item in value for found in paths(item, path)}
    if not isinstance(value, dict) or set(value) in ({"amount", "unit"}, {"start", "end"}):
        return {path}
    return {path, *(found for name, member in value.items() for found in paths(member, f"{path}/{name}"))}
