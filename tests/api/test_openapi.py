"""The description says what the handlers do: valid OpenAPI 3.1, made from their types, complete."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient

from exchange import api
from exchange.api.operation import Resource
from exchange.api.wire import In, Out
from exchange.services.context import Context


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document as made, without a server."""
    return api.describe(api.RESOURCES)


def test_the_served_document_is_openapi_31_with_valid_schemas(
    client: FlaskClient, document: dict[str, Any]
) -> None:
    assert client.get("/openapi.json").json == document
    assert document["openapi"] == "3.1.0"
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    defined = document["components"]["schemas"]
    references = list(_references(document))
    assert references
    for reference in references:
        assert reference.removeprefix("#/components/schemas/") in defined, reference


def test_every_route_of_the_api_is_described_and_no_other(app: Flask, document: dict[str, Any]) -> None:
    served = {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(path, method) for path, item in document["paths"].items() for method in item}
    assert described == served


def test_operation_ids_are_unique_and_every_operation_says_who_may_call(document: dict[str, Any]) -> None:
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for operation in operations:
        assert operation["summary"]
        assert operation["description"].endswith(".")
        assert ("401" in operation["responses"]) == bool(operation["security"])


def test_bodies_forbid_unknown_members(document: dict[str, Any]) -> None:
    assert document["components"]["schemas"]["ProductIn"]["additionalProperties"] is False


def test_the_two_ways_to_publish_are_both_described(document: dict[str, Any]) -> None:
    publish = document["paths"]["/api/v1/datasets"]["post"]
    assert set(publish["requestBody"]["content"]) == {
        "application/json",
        "application/vc+sd-jwt",
        "application/vc+jwt",
    }
    assert {"201", "202"} <= set(publish["responses"])


def test_a_handler_that_does_not_take_what_its_path_gives_is_a_mistake() -> None:
    resource = Resource("t", "t")

    def handler(ctx: Context) -> Out:
        """Nothing."""
        return Out()

    with pytest.raises(TypeError):
        resource.operation("GET", "/t/{t_id}")(handler)


def test_no_input_model_accepts_what_it_does_not_know() -> None:
    for resource in api.RESOURCES:
        for operation in resource.operations:
            for body in operation.bodies:
                if issubclass(body, In):
                    assert body.model_config.get("extra") == "forbid", body
                    assert body.model_config.get("strict") is True, body


def _references(node: Any) -> Any:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
