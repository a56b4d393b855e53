"""Refusals as problem documents (RFC 9457): one place maps every error class to a status, one shape for all."""

from __future__ import annotations

import json

from flask import Response, g
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from exchange.domain.errors import (
    ConflictError,
    ExchangeError,
    InvalidError,
    NotAuthenticatedError,
    NotFoundError,
    NotPermittedError,
    Problem,
    RateLimitedError,
    UnavailableError,
)
from exchange.domain.pointers import pointer
from exchange.trust.errors import JsonError, TrustError

MEDIA_TYPE = "application/problem+json"
TYPE_BASE = "https://vcx.example/problems/"

STATUS: dict[type[ExchangeError], int] = {
    NotAuthenticatedError: 401,
    NotPermittedError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    InvalidError: 422,
    RateLimitedError: 429,
    UnavailableError: 503,
}
# What a client got wrong about HTTP itself, by status (RFC 9110 section 15.5).
HTTP_CODES = {
    400: "request.malformed",
    404: "route.unknown",
    405: "method.not_allowed",
    406: "accept.unsupported",
    413: "body.too_large",
    415: "body.media_type",
}
FIELD_CODES = {"missing": "field.missing", "extra_forbidden": "field.unknown"}
MAX_PROBLEMS = 50


class WireError(InvalidError):
    """A request that is wrong before its content matters, with a status of its own."""

    title = "The request cannot be read"

    def __init__(self, status: int, code: str, detail: str, *, path: str = "", advice: str = "") -> None:
        super().__init__(detail, code=code, path=path, advice=advice)
        self.status = status


def from_exchange_error(error: ExchangeError) -> Response:
    """The problem document of a domain error."""
    first = Problem(error.error_code, error.detail, error.path, error.advice)
    response = _problem(status_of(error), error.title, first, error.problems)
    if isinstance(error, RateLimitedError):
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, NotAuthenticatedError):
        response.headers["WWW-Authenticate"] = _challenge(error.error_code)
    return response


def from_trust_error(error: TrustError) -> Response:
    """The problem document of what the strict JSON reader or the token reader refused."""
    status = 422
    if isinstance(error, JsonError):
        status = 413 if error.code == "json.size" else 400
    return _problem(status, InvalidError.title, Problem(error.code, error.detail, error.path, error.advice))


def from_http_error(error: HTTPException) -> Response:
    """The problem document of an HTTP error, its headers (Allow, Retry-After, …) kept."""
    status = error.code or 500
    code = HTTP_CODES.get(status, f"http.{status}")
    response = _problem(status, error.name, Problem(code, error.description or error.name))
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def from_unforeseen() -> Response:
    """What is said when the exchange itself failed: nothing but where to look it up."""
    detail = "The exchange failed. Nothing was stored; the operator finds the cause by the request id."
    return _problem(500, "The exchange failed", Problem("internal", detail))


def status_of(error: ExchangeError) -> int:
    """The HTTP status of a domain error."""
    if isinstance(error, WireError):
        return error.status
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 400)


def refuse_fields(error: ValidationError, where: str = "") -> InvalidError:
    """Pydantic's findings as one refusal carrying all of them, with JSON pointers and stable codes."""
    found = tuple(
        Problem(
            FIELD_CODES.get(one["type"], "field.type" if one["type"].endswith("_type") else "field.value"),
            one["msg"],
            where + pointer(one["loc"]),
        )
        for one in error.errors(include_url=False, include_context=False, include_input=False)[:MAX_PROBLEMS]
    )
    first = found[0]
    return InvalidError(
        first.detail if len(found) == 1 else f"{len(found)} members are wrong; nothing was stored.",
        code=first.code if len(found) == 1 else "input.invalid",
        path=first.path,
        advice="Compare with the description at /openapi.json.",
        problems=found,
    )


def _challenge(code: str) -> str:
    # RFC 6750 section 3: no error code when no token came along.
    if code.startswith("token."):
        return f'Bearer realm="value-chain exchange", error="invalid_token", error_description="{code}"'
    return 'Bearer realm="value-chain exchange"'


def _problem(status: int, title: str, first: Problem, more: tuple[Problem, ...] = ()) -> Response:
    document = {
        "type": f"{TYPE_BASE}{first.code}",
        "title": title,
        "status": status,
        "detail": first.detail,
        "code": first.code,
        "path": first.path,
        "advice": first.advice,
        "problems": [
            {"code": one.code, "detail": one.detail, "path": one.path, "advice": one.advice} for one in more
        ],
        "request_id": getattr(g, "request_id", ""),
    }
    response = Response(json.dumps(document), status, content_type=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response
