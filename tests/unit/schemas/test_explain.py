"""Each refusal is a stable code, the place, and a sentence a supplier understands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import schemas
from exchange.domain.errors import Problem

EXAMPLES = Path(schemas.__file__).parent / "examples"
PRODUCT = schemas.latest("product")


def low_entry() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((EXAMPLES / "product/valid/low-entry.json").read_text("utf-8"))
    return document


def explain_invalid(kind: str, name: str) -> Problem:
    document = json.loads((EXAMPLES / kind / "invalid" / f"{name}.json").read_text("utf-8"))
    (problem,) = schemas.problems(document, schemas.latest(kind))
    return problem


@pytest.mark.parametrize(
    ("name", "code", "path"),
    [
        ("unit-unknown", "unit.unknown", "/indicators/co2e/own/unit"),
        ("amount-below-zero", "quantity.negative", "/indicators/co2e/own/amount"),
        ("amount-as-number", "quantity.amount", "/indicators/co2e/own/amount"),
        ("amount-with-exponent", "quantity.amount", "/indicators/co2e/own/amount"),
        ("amount-with-line-feed", "quantity.amount", "/indicators/co2e/own/amount"),
        ("declared-unit-zero", "quantity.amount", "/identity/declared_unit/amount"),
        ("unknown-field", "schema.unknown_field", "/indicators/co2e/netto"),
        ("unknown-group", "schema.unknown_field", "/marketing"),
        ("date-not-in-calendar", "date.invalid", "/identity/period/end"),
        ("share-above-one", "share.range", "/quality/co2e/allocated"),
        ("share-missing", "schema.required", "/quality/co2e/unknown"),
        ("name-empty", "schema.empty", "/identity/product/name"),
        ("name-of-501-characters", "schema.too_long", "/identity/product/name"),
        ("kind-of-another", "schema.choice", "/identity/kind"),
        ("cvr-of-seven-digits", "id.cvr", "/identity/organisation/cvr"),
        ("waste-flag-as-text", "schema.type", "/breakdown/waste/0/hazardous"),
        ("materials-empty", "schema.empty", "/composition/materials"),
        ("recipe-line-names-nothing", "schema.required", "/process/inputs/0"),
    ],
)
def test_refused_product_has_a_stable_code_and_place(name: str, code: str, path: str) -> None:
    problem = explain_invalid("product", name)
    assert (problem.code, problem.path) == (code, path)
    assert problem.detail.endswith(".")
    assert problem.advice.endswith((".", "?"))
    assert "^" not in problem.detail + problem.advice


def test_sentences_name_the_field_and_the_way_out() -> None:
    negative = explain_invalid("product", "amount-below-zero")
    assert negative.detail == 'The field "co2e › own › amount" cannot be below zero.'
    assert negative.advice == "Give zero or more."
    line = explain_invalid("product", "recipe-line-names-nothing")
    assert line.detail == 'The field "process › inputs › entry 1" needs at least one of: product, category.'
    missing = explain_invalid("request", "basis-missing")
    assert missing.detail == 'The field "basis_reference" is missing in "entry 1 › fields › entry 1".'


def test_misspelt_field_gets_the_near_name() -> None:
    problem = explain_invalid("organisation", "datapoint-misspelt")
    assert problem.advice == 'Did you mean "TotalEnergyConsumption"?'


def test_100_kilobytes_of_text_are_refused_in_a_short_sentence() -> None:
    document = low_entry()
    document["identity"]["product"]["name"] = "x" * 100_000
    (problem,) = schemas.problems(document, PRODUCT)
    assert (problem.code, problem.path) == ("schema.too_long", "/identity/product/name")
    assert (
        problem.detail
        == 'The field "identity › product › name" has 100000 characters; at most 200 are taken.'
    )


def test_long_values_and_names_are_not_echoed_whole() -> None:
    document = low_entry()
    document["y" * 100_000] = 1
    document["identity"]["product"]["category"] = "Æ" * 60
    problems = schemas.problems(document, PRODUCT)
    assert len(problems) == 2
    assert all(len(problem.detail) < 300 and len(problem.path) < 300 for problem in problems)


def test_all_problems_are_told_at_once_one_per_place() -> None:
    document = low_entry()
    document["indicators"]["co2e"]["own"] = {"amount": "-1", "unit": "GJ"}
    del document["identity"]["boundary"]
    document["identity"]["period"]["start"] = "x"
    assert sorted(problem.path for problem in schemas.problems(document, PRODUCT)) == [
        "/identity/boundary",
        "/identity/period/start",
        "/indicators/co2e/own/amount",
        "/indicators/co2e/own/unit",
    ]


def test_a_flood_of_problems_is_cut_at_fifty() -> None:
    document = low_entry() | {f"unheard_{number}": 1 for number in range(500)}
    assert len(schemas.problems(document, PRODUCT)) == 50


@pytest.mark.parametrize("document", [None, [], "x", 1, True])
def test_what_is_no_object_is_refused_as_a_whole(document: object) -> None:
    (problem,) = schemas.problems(document, PRODUCT)
    assert (problem.code, problem.path) == ("schema.type", "")
    assert problem.detail == "The document must be an object with named fields."
