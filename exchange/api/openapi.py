"""The OpenAPI 3.1 description, made from the very types the handlers are annotated with."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from exchange.api.operation import Operation, Resource, media_types_of
from exchange.api.problems import MEDIA_TYPE as PROBLEM
from exchange.api.wire import JSON, Document, In

PREFIX = "/api/v1"
API_VERSION = "0.1.0"
_REF = "#/components/schemas/{model}"

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "A refusal (RFC 9457): branch on `code`, show `detail` and `advice`.",
    "required": ["type", "title", "status", "detail", "code", "path", "advice", "problems", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "path": {"type": "string", "description": "JSON pointer into the input, or empty."},
        "advice": {"type": "string"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "detail", "path", "advice"],
                "properties": {name: {"type": "string"} for name in ("code", "detail", "path", "advice")},
            },
        },
        "request_id": {"type": "string"},
    },
}

REFUSALS = {
    400: "Not readable as JSON",
    401: "No valid session or token",
    403: "The role does not allow it",
    404: "Nothing here the caller may know of",
    409: "Not possible in the present state",
    413: "Body too large",
    415: "Another media type or encoding than this takes",
    422: "The input breaks a rule",
    429: "Too many tries",
    503: "A needed part does not answer",
}


def describe(resources: Iterable[Resource]) -> dict[str, Any]:
    """The whole document."""
    listed = list(resources)
    operations = [operation for resource in listed for operation in resource.operations]
    refs, definitions = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(PREFIX + operation.path, {})[operation.method.lower()] = _describe(operation, refs)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Value-chain exchange",
            "version": API_VERSION,
            "description": "Publish signed sustainability datasets, request and grant field groups of them, "
            "read chain indicators. Quantities are decimal strings with a UN/CEFACT Rec 20 unit code.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": resource.tag, "description": resource.description} for resource in listed],
        "paths": paths,
        "components": {
            "schemas": {**definitions, "Problem": PROBLEM_SCHEMA},
            "securitySchemes": {
                "client": {
                    "type": "oauth2",
                    "flows": {"clientCredentials": {"tokenUrl": "/auth/token", "scopes": {}}},
                },
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _schemas(operations: Iterable[Operation]) -> tuple[dict[type, dict[str, Any]], dict[str, Any]]:
    """How each model is referred to, and the definitions all of them need."""
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {}
    for operation in operations:
        for body in operation.bodies:
            if issubclass(body, In):
                wanted[body, "validation"] = None
        for content in operation.returns.values():
            if _is_model(content):
                wanted[content, "serialization"] = None
    refs, document = models_json_schema(list(wanted), ref_template=_REF, schema_generator=GenerateJsonSchema)
    return {model: dict(ref) for (model, _), ref in refs.items()}, document.get("$defs", {})


def _describe(operation: Operation, refs: dict[type, dict[str, Any]]) -> dict[str, Any]:
    role = f" Role: {operation.role.value}." if operation.role else " Open to anybody."
    described: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": (inspect.getdoc(operation.handler) or "").split("\n")[0],
        "description": (inspect.getdoc(operation.handler) or "") + role,
        "security": [{"bearer": []}, {"client": []}] if operation.role else [],
        "parameters": _parameters(operation),
        "responses": _responses(operation, refs),
    }
    if operation.bodies:
        described["requestBody"] = {"required": True, "content": _body_content(operation, refs)}
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": kind.json_schema()}
        for name, kind in operation.path_types.items()
    ]
    if operation.query is not None:
        schema = operation.query.model_json_schema(ref_template=_REF)
        definitions = schema.get("$defs", {})
        for name, member in schema["properties"].items():
            found.append(
                {
                    "name": name,
                    "in": "query",
                    "required": name in schema.get("required", ()),
                    "schema": _inlined(member, definitions),
                }
            )
    if operation.method == "POST" and operation.role is not None and not operation.has_secret:
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "A repeat with the same key and body gets the first answer.",
                "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,100}$"},
            }
        )
    return found


def _inlined(member: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A query parameter's schema without references; null means the parameter is left out."""
    options = [one for one in member.get("anyOf", [member]) if one.get("type") != "null"]
    schema = dict(options[0])
    if "$ref" in schema:
        schema = dict(definitions[schema["$ref"].rsplit("/", 1)[-1]])
    return {**schema, **({"default": member["default"]} if member.get("default") is not None else {})}


def _body_content(operation: Operation, refs: dict[type, dict[str, Any]]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for body in operation.bodies:
        for media_type in media_types_of(body):
            content[media_type] = {"schema": _body_schema(body, refs)}
    return content


def _body_schema(body: type, refs: dict[type, dict[str, Any]]) -> dict[str, Any]:
    if issubclass(body, In):
        return refs[body]
    if body is Document:
        return {"type": "object", "description": "Governed by a schema listed under /api/v1/schemas."}
    return {"type": "string", "format": "binary"}


def _responses(operation: Operation, refs: dict[type, dict[str, Any]]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, content in operation.returns.items():
        responses[str(status)] = {"description": "Done", "headers": _headers(operation)}
        if content is not type(None):
            responses[str(status)]["content"] = _content(operation, content, refs)
    if operation.method == "GET":
        responses["304"] = {"description": "Not changed since the ETag in If-None-Match"}
    for status in _possible_refusals(operation):
        responses[str(status)] = {
            "description": REFUSALS[status],
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return responses


def _content(operation: Operation, content: Any, refs: dict[type, dict[str, Any]]) -> dict[str, Any]:
    schema = refs[content] if _is_model(content) else {}
    as_text = {"type": "string"} if _is_model(content) else {}
    return {
        media_type: {"schema": schema if media_type == JSON else as_text} for media_type in operation.produces
    }


def _headers(operation: Operation) -> dict[str, Any]:
    named = {"X-Request-Id": {"schema": {"type": "string"}}}
    return {**named, "ETag": {"schema": {"type": "string"}}} if operation.method == "GET" else named


def _possible_refusals(operation: Operation) -> list[int]:
    possible = {422, 429, 503}
    if operation.role is not None:
        possible |= {401, 403}
    if operation.path_types or operation.is_write or _asks_by_id(operation):
        possible |= {404}
    if operation.is_write:
        possible |= {409, 403}
    if operation.bodies:
        possible |= {400, 413, 415}
    return sorted(possible)


def _asks_by_id(operation: Operation) -> bool:
    """Whether the query string may name something that is not the caller's."""
    return operation.query is not None and any(name.endswith("_id") for name in operation.query.model_fields)


def _is_model(content: Any) -> bool:
    return isinstance(content, type) and issubclass(content, BaseModel)
