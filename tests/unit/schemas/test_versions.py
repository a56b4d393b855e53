"""A newer version of a schema only adds: whatever was valid stays so, and nothing that was named is gone."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import schemas
from schemas.catalogue import SchemaId

EXAMPLES = Path(schemas.__file__).parent / "examples"
FIRST, SECOND, THIRD = (SchemaId("product", version) for version in ("0.1.0", "0.2.0", "0.3.0"))
ADDED_TO_COMMON = {
    "/appliedFactor",
    "/calculation",
    "/calculationBill",
    "/calculationEffect",
    "/calculationLine",
    "/calculationReading",
    "/calculationWindow",
    "/co2eBreakdown/properties/basis",
    "/conversion",
    "/conversions",
    "/factorBasis",
    "/onlyTrue",
    "/qualityShares/properties/is_at_least",
    "/qualityShares/properties/missing",
    "/recipeLine/properties/bio_based_fraction",
    "/recipeLine/properties/explains_scope2_market",
    "/recipeLine/properties/material",
    "/recipeLine/properties/origin",
    "/recipeLine/properties/recycled_fraction",
    "/resourcesBreakdown/properties/extracted",
    "/unitRatio",
}


def differences(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """What was added to, taken from or changed in a schema, and where."""
    if isinstance(old, dict) and isinstance(new, dict):
        yield from (("gone", f"{path}/{name}") for name in old.keys() - new.keys())
        yield from (("added", f"{path}/{name}") for name in new.keys() - old.keys())
        for name in old.keys() & new.keys():
            yield from differences(old[name], new[name], f"{path}/{name}")
    elif old != new:
        yield "changed", path


def test_newest_versions_of_the_kinds() -> None:
    newest = {kind: schemas.latest(kind).version for kind in schemas.KINDS}
    assert newest.pop("product") == "0.3.0"
    assert set(newest.values()) == {"0.1.0"}


def test_the_second_version_adds_what_the_calculator_says_and_changes_nothing() -> None:
    old, new = (schemas.load(SchemaId("common", version))["$defs"] for version in ("0.1.0", "0.2.0"))
    assert set(differences(old, new)) == {("added", path) for path in ADDED_TO_COMMON}
    text = schemas.schema_bytes(FIRST).decode().replace("0.1.0.json", "0.2.0.json")
    assert set(differences(json.loads(text), schemas.load(SECOND))) == {
        ("added", "/properties/breakdown/properties/calculation"),
        ("added", "/properties/process/properties/co_products/items/properties/divided"),
    }


def test_the_third_version_adds_bounds_and_credits_of_co2e_and_changes_nothing() -> None:
    old, new = (schemas.load(SchemaId("common", version))["$defs"] for version in ("0.2.0", "0.3.0"))
    assert set(differences(old, new)) == {
        ("added", "/atLeastOne"),
        ("added", "/bounds"),
        ("added", "/co2eBreakdown/properties/bounds"),
        ("added", "/co2eBreakdown/properties/credits"),
    }
    text = schemas.schema_bytes(SECOND).decode().replace("0.2.0.json", "0.3.0.json")
    assert json.loads(text) == schemas.load(THIRD)
    assert schemas.field_paths(THIRD) - schemas.field_paths(SECOND) == {
        "breakdown/co2e/credits",
        *(f"breakdown/co2e/bounds{member}" for member in ("", "/low", "/high", "/source")),
    }


def test_every_field_of_the_first_version_can_still_be_asked_for() -> None:
    assert schemas.field_paths(FIRST) < schemas.field_paths(SECOND)
    assert {
        "breakdown/calculation/lines/effects/factor/basis",
        "quality/co2e/missing/name",
        "process/inputs/explains_scope2_market",
    } <= schemas.field_paths(SECOND)


@pytest.mark.parametrize("name", ["every-group", "low-entry", "declared-co2e-below-zero"])
def test_what_the_first_version_takes_the_others_take(name: str) -> None:
    document = json.loads((EXAMPLES / "product/valid" / f"{name}.json").read_text("utf-8"))
    assert all(schemas.problems(document, version) == [] for version in (FIRST, SECOND, THIRD))


@pytest.mark.parametrize("name", ["at-least", "calculated"])
def test_what_the_second_version_takes_the_third_takes(name: str) -> None:
    document = json.loads((EXAMPLES / "product/valid" / f"{name}.json").read_text("utf-8"))
    assert schemas.problems(document, SECOND) == schemas.problems(document, THIRD) == []


def test_a_new_field_is_unknown_to_the_first_version() -> None:
    document = json.loads((EXAMPLES / "product/valid/low-entry.json").read_text("utf-8"))
    added = copy.deepcopy(document)
    added["breakdown"] = {"resources": {"extracted": {"amount": "1", "unit": "TNE"}}}
    assert schemas.problems(added, SECOND) == []
    (problem,) = schemas.problems(added, FIRST)
    assert (problem.code, problem.path) == ("schema.unknown_field", "/breakdown/resources/extracted")


def test_a_calculation_is_bounded_in_every_direction() -> None:
    found = schemas.load(SchemaId("common", "0.2.0"))["$defs"]
    line = found["calculationLine"]["properties"]
    assert found["calculation"]["properties"]["lines"]["maxItems"] == 500
    assert {name: line[name]["maxItems"] for name in ("bills", "readings", "windows", "effects")} == {
        "bills": 1000,
        "readings": 1000,
        "windows": 400,
        "effects": 9,
    }
