"""Schemas whose references lead nowhere, in a circle or to too much: refused before a validator walks them."""

from __future__ import annotations

import json
from typing import Any

import pytest

import schemas
from exchange.trust.bundle.references import MAX_DEPTH, MAX_WEIGHT, Weighing
from exchange.trust.bundle.schema import DIALECT, SchemaFiles, compiled
from exchange.trust.errors import BundleError
from tests.unit.trust.bundles import SCHEMA_ID, Case, judge

NAME = "https://vcx.example/schemas/x/0.1.0.json"


def doubling(levels: int) -> dict[str, Any]:
    """A schema of a few lines that unfolds to 8 to the power of `levels` parts."""
    chain = {f"d{i}": {"allOf": [{"$ref": f"#/$defs/d{i + 1}"}] * 8} for i in range(levels)}
    return {"$defs": {**chain, f"d{levels}": {"type": "object"}}, "$ref": "#/$defs/d0"}


def chain(levels: int) -> dict[str, Any]:
    """A schema of references that lead from one to the next."""
    links = {f"d{i}": {"$ref": f"#/$defs/d{i + 1}"} for i in range(levels)}
    return {"$defs": {**links, f"d{levels}": {}}, "$ref": "#/$defs/d0"}


@pytest.mark.parametrize(
    "extra",
    [
        {"$ref": "http://["},
        {"$ref": "http://ex\u2100mple/"},
        {"$ref": "#nowhere"},
        {"$ref": "#/$defs/nowhere"},
        {"allOf": [True], "$ref": "#/allOf/1"},
        {"$ref": "#"},
        {"properties": {"x": {"allOf": [{"$ref": "#"}, {"$ref": "#"}]}}},
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/%24defs/a"}}, "$ref": "#/$defs/a"},
        {"$defs": {"a": {"$anchor": "a"}}},
        {"properties": {"x": {"$dynamicRef": "#"}}},
        {"$defs": {"a": {"$id": "other.json"}}},
        chain(MAX_DEPTH),
        doubling(12),
    ],
    ids=lambda extra: json.dumps(extra)[:40],
)
def test_such_a_schema_is_refused_and_the_bundle_answered(extra: dict[str, Any]) -> None:
    text = json.dumps({"$schema": DIALECT, "$id": SCHEMA_ID, **extra})
    assert judge(Case(schemas={SCHEMA_ID: text})).step("schema").code == "schema.file"


def test_weight_is_counted_with_each_reference_unfolded() -> None:
    # The file, $ref, $defs, a, its allOf, two items with "x" each; b and "x"; every "x" is a text.
    document: dict[str, Any] = {"$defs": {"a": {"allOf": [{"$ref": "#/$defs/b"}] * 2}, "b": {"type": "x"}}}
    # b 2; an item 1 + its text 1 + b 2 = 4; a 1 + list 1 + 8 = 10; $defs 1 + 10 + 2 = 13; the file 14.
    assert Weighing({NAME: document}).weigh(NAME) == 14


def test_released_schemas_are_far_from_the_limit() -> None:
    texts = {one.url: schemas.schema_bytes(one).decode() for one in schemas.released()}
    for name in texts:
        reached = compiled(name, SchemaFiles.of(texts)).reached
        documents = {each: json.loads(texts[each]) for each in reached}
        assert Weighing(documents).weigh(name) < MAX_WEIGHT / 4


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"$ref": "#"}, "A reference in it leads back to itself."),
        ({"$ref": "#nowhere"}, "A reference in it leads to an anchor; only JSON pointers are followed."),
        ({"$ref": "http://["}, "A reference in it is no URI."),
        ({"$ref": "#/$defs/a"}, "A reference in it leads nowhere."),
        (
            {"$defs": {"a": {"$anchor": "a"}}},
            "Only a $ref may lead somewhere in it, and only the whole file has an $id.",
        ),
        (
            {"$defs": {"a": {"$id": "b"}}},
            "Only a $ref may lead somewhere in it, and only the whole file has an $id.",
        ),
        (doubling(12), "Its references unfold to more parts than a schema may have."),
        (chain(MAX_DEPTH), "Its references lead too deep."),
    ],
    ids=lambda value: json.dumps(value)[:40],
)
def test_the_refusal_says_what_is_wrong(document: dict[str, Any], reason: str) -> None:
    with pytest.raises(BundleError) as refused:
        Weighing({NAME: document}).weigh(NAME)
    assert refused.value.detail == f"A schema cannot be used: {reason}"
