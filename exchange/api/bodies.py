"""From a request's bytes to a handler's arguments: path, query and body, each strictly read."""

from __future__ import annotations

from typing import Any

from flask import request
from pydantic import ValidationError

from exchange.api.operation import Operation, media_types_of
from exchange.api.problems import WireError, refuse_fields
from exchange.api.running import running
from exchange.api.wire import Document, File, In, Lines, Query, SignedToken, Table
from exchange.domain.errors import InvalidError, NotFoundError
from exchange.trust import strict_json


def read_arguments(operation: Operation, path_values: dict[str, str]) -> dict[str, Any]:
    """The keyword arguments of the handler; raises InvalidError, TrustError, NotFoundError or an HTTP error."""
    arguments: dict[str, Any] = _read_path(operation, path_values)
    if operation.query is not None:
        arguments["query"] = _read_query(operation.query)
    if operation.bodies:
        arguments["body"] = _read_body(operation)
    if operation.takes_media_type:
        arguments["media_type"] = request.accept_mimetypes.best_match(
            operation.produces, operation.produces[0]
        )
    return arguments


def _read_path(operation: Operation, values: dict[str, str]) -> dict[str, Any]:
    try:
        return {name: kind.validate_python(values[name]) for name, kind in operation.path_types.items()}
    except ValidationError:
        raise NotFoundError from None  # what cannot be an id names nothing


def _read_query(model: type[Query]) -> Query:
    for name, values in request.args.lists():
        if len(values) > 1 or not all(value.isprintable() for value in (name, *values)):
            raise InvalidError(
                "A parameter occurs twice or holds control characters.",
                code="query.malformed",
                path=f"/{name}",
            )
    try:
        return model.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise refuse_fields(error) from None


def _read_body(operation: Operation) -> Any:
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise WireError(
            415,
            "body.encoding",
            "Compressed bodies are not accepted.",
            advice="Send it without Content-Encoding.",
        )
    kind = _kind_of_body(operation)
    if kind in {File, Lines, Table}:
        request.max_content_length = running().settings.max_import_bytes
    data = request.get_data(cache=False)
    if issubclass(kind, In):
        return _read_model(kind, data)
    if issubclass(kind, Document):
        return Document(_read_object(data))
    return kind(data)


def _kind_of_body(operation: Operation) -> type[In | Document | File | Lines | SignedToken | Table]:
    for kind in operation.bodies:
        if request.mimetype in media_types_of(kind):
            return kind
    wanted = ", ".join(name for kind in operation.bodies for name in media_types_of(kind))
    raise WireError(
        415, "body.media_type", "The body has another content type than this takes.", advice=f"Send {wanted}."
    )


def _read_model(model: type[In], data: bytes) -> In:
    value = _read_object(data)
    try:
        read = model.model_validate_json(data)
    except ValidationError as error:
        raise refuse_fields(error) from None
    # Pydantic has turned fractions inside free documents into floats; the strict reader kept them exact.
    return read.model_copy(update={name: value[name] for name in model.documents if name in value})


def _read_object(data: bytes) -> dict[str, Any]:
    value = strict_json.loads(data, max_bytes=request.max_content_length or len(data))
    if not isinstance(value, dict):
        raise InvalidError("The body is not a JSON object.", code="body.not_object")
    return value
