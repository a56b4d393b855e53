"""Rules every schema keeps: closed objects, bounded sizes, text for numbers, words for every pattern."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import schemas
from exchange.domain.calculation.account import KeyMethod
from exchange.domain.calculation.conversion import ConversionKind
from exchange.domain.calculation.effects import Column
from exchange.domain.factors import FactorBasis
from exchange.domain.groups import DatasetKind, FieldGroup, Purpose, SubjectType
from exchange.domain.indicators import Indicator
from exchange.domain.quantities import UnitCode
from schemas.catalogue import SchemaId

COMMON = [one for one in schemas.released() if one.kind == "common"]
DATASETS = [kind.value for kind in DatasetKind]


def nodes(node: object) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for member in node.values():
            yield from nodes(member)
    elif isinstance(node, list):
        for member in node:
            yield from nodes(member)


def all_nodes() -> list[dict[str, Any]]:
    return [node for schema in schemas.released() for node in nodes(schemas.load(schema))]


def definition(name: str, common: SchemaId) -> dict[str, Any]:
    found: dict[str, Any] = schemas.load(common)["$defs"][name]
    return found


@pytest.mark.parametrize("schema", schemas.released(), ids=str)
def test_schema_is_valid_draft_2020_12(schema: SchemaId) -> None:
    assert schemas.load(schema)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schemas.load(schema))


def test_every_object_is_closed() -> None:
    objects = [node for node in all_nodes() if node.get("type") == "object"]
    assert len(objects) > 100
    assert all(node["additionalProperties"] is False for node in objects)


def test_every_text_and_list_is_bounded() -> None:
    assert all("maxLength" in node for node in all_nodes() if node.get("type") == "string")
    assert all("maxItems" in node for node in all_nodes() if node.get("type") == "array")


def test_numbers_are_written_as_text() -> None:
    types = {node["type"] for node in all_nodes() if isinstance(node.get("type"), str)}
    assert types == {"object", "array", "string", "boolean"}


def test_every_pattern_is_anchored_and_has_words() -> None:
    patterned = [node for node in all_nodes() if isinstance(node.get("pattern"), str) and "type" in node]
    assert len(patterned) > 25
    for node in patterned:
        assert node["pattern"].startswith("^")
        assert node["pattern"].endswith("$")
        assert node["title"]


@pytest.mark.parametrize(
    "text", ["1" * 100_000, "a-" * 50_000, "a/" * 50_000 + "!", "0." + "0" * 100_000, "A" * 99_999 + "\n"]
)
def test_no_pattern_runs_away_on_100_kilobytes(text: str) -> None:
    patterns = {str(node["pattern"]) for node in all_nodes() if isinstance(node.get("pattern"), str)}
    began = time.perf_counter()
    for pattern in patterns:
        re.search(pattern, text)
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize("kind", DATASETS)
def test_every_member_of_a_subject_is_a_field_group_in_the_fixed_order(kind: str) -> None:
    members = list(schemas.load(schemas.latest(kind))["properties"])
    assert members[:2] == ["id", "identity"]
    assert members[1:] == [group.value for group in FieldGroup if group.value in members]


@pytest.mark.parametrize("kind", DATASETS)
def test_every_field_has_one_group(kind: str) -> None:
    paths = schemas.field_paths(schemas.latest(kind))
    assert len(paths) > 50
    assert {path.split("/")[0] for path in paths} <= {group.value for group in FieldGroup}


@pytest.mark.parametrize("kind", DATASETS)
def test_a_reader_needs_the_identity_alone(kind: str) -> None:
    schema = schemas.load(schemas.latest(kind))
    assert schema["required"] == ["id", "identity"]
    assert schema["properties"]["identity"]["properties"]["kind"] == {"const": kind}


@pytest.mark.parametrize("common", COMMON, ids=str)
def test_units_and_indicators_are_those_of_the_domain(common: SchemaId) -> None:
    assert definition("unit", common)["enum"] == [unit.value for unit in UnitCode]
    for name in ("indicators", "ownIndicators", "quantities", "quality"):
        assert list(definition(name, common)["properties"]) == [indicator.value for indicator in Indicator]


def test_words_of_a_calculation_are_those_of_the_calculator() -> None:
    def choices(name: str, member: str) -> list[str]:
        found: list[str] = definition(name, COMMON[-1])["properties"][member]["enum"]
        return found

    assert choices("calculationEffect", "column") == [column.value for column in Column]
    assert choices("conversion", "kind") == [kind.value for kind in ConversionKind]
    assert definition("factorBasis", COMMON[-1])["enum"] == [basis.value for basis in FactorBasis]
    key = definition("calculationLine", COMMON[-1])["properties"]["key"]["properties"]
    assert key["method"]["enum"] == [method.value for method in KeyMethod]


def test_a_request_asks_in_the_words_of_the_domain() -> None:
    line = schemas.load(schemas.latest("request"))["properties"]["lines"]["items"]["properties"]
    field = line["fields"]["items"]["properties"]
    assert field["group"]["enum"] == [group.value for group in FieldGroup]
    assert field["purpose"]["enum"] == [purpose.value for purpose in Purpose]
    assert line["subject"]["properties"]["type"]["enum"] == [
        SubjectType.PRODUCT,
        SubjectType.ORGANISATION,
        SubjectType.DELIVERY,
    ]


def test_a_stream_asks_at_most_eight_fields_of_its_owner() -> None:
    groups = schemas.load(schemas.latest("stream"))["properties"]
    asked = set(groups["identity"]["required"]) - {"kind", "organisation"}
    asked |= set(groups["byproducts"]["required"])
    assert asked == {
        "direction",
        "name",
        "category",
        "period",
        "place",
        "permission",
        "quantity",
        "continuity",
    }


CREDIT_NOTES = {("calculationBill", "accounted")}


@pytest.mark.parametrize(
    ("common", "more"), list(zip(COMMON, [set(), CREDIT_NOTES, CREDIT_NOTES], strict=True)), ids=str
)
def test_only_declared_co2e_land_use_value_added_and_credit_notes_may_be_below_zero(
    common: SchemaId, more: set[tuple[str, str]]
) -> None:
    signed = {
        (name, member)
        for name, part in schemas.load(common)["$defs"].items()
        for member, value in part.get("properties", {}).items()
        if str(value.get("$ref", "")).startswith("#/$defs/signed")
    }
    assert signed == {
        ("signedQuantity", "amount"),
        ("valueAdded", "amount"),
        ("slices", "upstream"),
        ("slices", "total"),
        ("co2eBreakdown", "land_use_change"),
        *more,
    }
    indicators = definition("indicators", common)["properties"]
    assert [name for name, part in indicators.items() if part["$ref"] == "#/$defs/slices"] == ["co2e"]
