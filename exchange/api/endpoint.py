"""Serves an operation: authenticate, parse, call its handler once, present, remember for repeats."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Response, request
from pydantic import BaseModel

from exchange.api.auth import authenticate
from exchange.api.bodies import read_arguments
from exchange.api.operation import Operation
from exchange.api.problems import WireError
from exchange.api.running import anybody
from exchange.api.wire import Reply
from exchange.domain.errors import NotFoundError
from exchange.services import idempotency
from exchange.services.context import Context
from exchange.services.denials import record_denial

KEPT_HEADERS = ("Content-Type", "Location")


def serve(operation: Operation, path_values: dict[str, str]) -> Response:
    """The whole way of one request; every refusal leaves as an exception for `problems`."""
    ctx = _context(operation)
    try:
        arguments = read_arguments(operation, path_values)
        key = request.headers.get("Idempotency-Key") if operation.method == "POST" else None
        if key is None:
            return _answer(operation, operation.handler(ctx, **arguments))
        return _answer_once(ctx, operation, arguments, key)
    except NotFoundError as error:
        asked = _asked(path_values)
        if asked and ctx.actor is not None and not error.is_recorded:
            _record(ctx, operation, asked)
        raise


def _asked(path_values: dict[str, str]) -> list[str]:
    """What the request names: the path's values, and the ids of its query string."""
    queried = (value for name, value in request.args.items() if name.endswith("_id"))
    return [*path_values.values(), *queried]


def _context(operation: Operation) -> Context:
    ctx = anybody()
    if operation.role is None:
        return ctx
    actor = authenticate(ctx)
    actor.require(operation.role)
    return ctx.acting_as(actor)


def _record(ctx: Context, operation: Operation, asked: list[str]) -> None:
    doing = "write" if operation.is_write else "read"
    target = "/".join(asked)
    if target.isprintable():  # anything else cannot be an id, and not every database stores it
        record_denial(ctx, f"{operation.tag}.{doing}", operation.tag, target)


def _answer(operation: Operation, result: Any) -> Response:
    reply = result if isinstance(result, Reply) else Reply(result)
    content = reply.content
    body = content.model_dump_json() if isinstance(content, BaseModel) else content or ""
    response = Response(body, reply.status or operation.status, reply.headers, content_type=reply.media_type)
    if content is None:
        del response.headers["Content-Type"]
    response.headers["Cache-Control"] = "private, no-cache" if operation.method == "GET" else "no-store"
    if operation.method == "GET":
        # The body says it all: which version, which field groups, which media type.
        response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
        response.vary.update({"Accept", "Authorization", "Cookie"})
        response.make_conditional(request)
    return response


def _answer_once(ctx: Context, operation: Operation, arguments: dict[str, Any], key: str) -> Response:
    if ctx.actor is None or operation.has_secret:
        raise WireError(
            422,
            "idempotency.not_here",
            "This takes no Idempotency-Key: its answer is never kept.",
            advice="Leave the header out.",
        )
    stored = idempotency.begin(ctx, key, _digest(ctx, arguments))
    if stored is not None:
        return Response(stored.body, stored.status, {**stored.headers, "Idempotent-Replayed": "true"})
    try:
        response = _answer(operation, operation.handler(ctx, **arguments))
    except BaseException:
        idempotency.abandon(ctx, key)
        raise
    kept = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    idempotency.finish(
        ctx, key, idempotency.StoredAnswer(response.status_code, kept, response.get_data(as_text=True))
    )
    return response


def _digest(ctx: Context, arguments: dict[str, Any]) -> str:
    """Who asks for what: another person, path or body is another request."""
    parts = (ctx.who.user_id, ctx.who.client_id, request.full_path, request.mimetype, repr(arguments))
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()
