"""Who calls: a bearer token (RFC 6750) or, from the exchange's own pages, the session cookie."""

from __future__ import annotations

from flask import Request, request

from exchange.domain.actors import Actor
from exchange.domain.errors import NotAuthenticatedError
from exchange.services import sessions
from exchange.services.api_clients import actor_of_token
from exchange.services.context import Context


def authenticate(ctx: Context) -> Actor:
    """The caller; raises NotAuthenticatedError (`not_authenticated`, `token.invalid`, `token.expired`).

    A bearer token wins over a cookie: a caller who sends one means it.
    """
    if "Authorization" in request.headers:
        return actor_of_token(ctx, _bearer_token(request))
    secret = request.cookies.get(sessions.SESSION_COOKIE)
    actor = sessions.resume_session(ctx, secret) if secret else None
    if actor is None:
        raise NotAuthenticatedError(
            "This needs a signed-in caller.",
            advice="Send Authorization: Bearer with a token from /auth/token.",
        )
    return actor


def _bearer_token(request: Request) -> str:
    credentials = request.authorization
    if credentials is None or credentials.type != "bearer" or not credentials.token:
        raise NotAuthenticatedError(
            "The Authorization header holds no bearer token.",
            code="token.invalid",
            advice="Send Authorization: Bearer with a token from /auth/token.",
        )
    return credentials.token
