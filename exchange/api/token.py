"""The token endpoint: OAuth 2.0 client credentials (RFC 6749 sections 2.3.1, 4.4, 5), and where to find it."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

from flask import Blueprint, Response, jsonify, request

from exchange.api.running import anybody, running
from exchange.domain.errors import NotAuthenticatedError, NotPermittedError, RateLimitedError
from exchange.services.api_clients import issue_token

FORM = "application/x-www-form-urlencoded"


class TokenRequestError(Exception):
    """A refusal in the shape of RFC 6749 section 5.2."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status, self.error, self.description = status, error, description


def add_routes(blueprint: Blueprint) -> None:
    """Routes of this area."""
    blueprint.add_url_rule("/auth/token", view_func=token, methods=["POST"])
    blueprint.add_url_rule("/.well-known/openid-configuration", view_func=configuration)


def token() -> Response:
    """Answer a token request; every refusal in the RFC's own shape."""
    try:
        client_id, client_secret = _credentials()
        issued = issue_token(anybody(), client_id, client_secret, address=request.remote_addr or "unknown")
    except TokenRequestError as refusal:
        return _refuse(refusal.status, refusal.error, refusal.description)
    except NotAuthenticatedError as error:
        return _refuse(401, "invalid_client", error.detail)
    except NotPermittedError as error:
        return _refuse(400, "unauthorized_client", error.detail)
    except RateLimitedError as error:
        response = _refuse(429, "temporarily_unavailable", error.detail)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    return _answer(200, access_token=issued.token, token_type="Bearer", expires_in=issued.expires_in)  # noqa: S106


def configuration() -> Response:
    """OpenID discovery, as far as machine clients read it: issuer and token endpoint."""
    base = running().settings.public_url.rstrip("/")
    response = jsonify(
        issuer=base,
        token_endpoint=f"{base}/auth/token",
        grant_types_supported=["client_credentials"],
        token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post"],
        response_types_supported=["token"],
    )
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _credentials() -> tuple[str, str]:
    if request.mimetype != FORM or "Content-Encoding" in request.headers:
        raise TokenRequestError(400, "invalid_request", f"The body must be {FORM}.")
    form = request.form
    if any(len(values) > 1 for _, values in form.lists()):
        raise TokenRequestError(400, "invalid_request", "A parameter occurs twice.")
    if "grant_type" not in form:
        raise TokenRequestError(400, "invalid_request", "grant_type is missing.")
    if form["grant_type"] != "client_credentials":
        raise TokenRequestError(400, "unsupported_grant_type", "Only client_credentials is offered.")
    in_form = (form.get("client_id", ""), form.get("client_secret", ""))
    if "Authorization" not in request.headers:
        return in_form
    if in_form[1]:
        raise TokenRequestError(400, "invalid_request", "Authenticate by header or by form, not both.")
    return _basic_credentials()


def _basic_credentials() -> tuple[str, str]:
    basic = request.authorization
    if basic is None or basic.type != "basic" or basic.username is None or basic.password is None:
        raise TokenRequestError(401, "invalid_client", "The Authorization header is not HTTP Basic.")
    # Section 2.3.1: both parts are form-encoded before they go into the header.
    return unquote_plus(basic.username), unquote_plus(basic.password)


def _refuse(status: int, error: str, description: str) -> Response:
    response = _answer(status, error=error, error_description=description)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="value-chain exchange"'
    return response


def _answer(status: int, **members: Any) -> Response:
    response = jsonify(members)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
