"""From a request to a Context: the session cookie names the person, the Context says who acts."""

from __future__ import annotations

from typing import cast

from flask import current_app, g, request
from werkzeug.wrappers import Response

from exchange.domain.errors import NotAuthenticatedError
from exchange.services import sessions
from exchange.services.context import Context, Running
from exchange.services.sessions import SESSION_COOKIE


def exchange() -> Running:
    """The exchange this app serves."""
    return cast(Running, current_app.extensions["vcx"])


def visitor() -> Context:
    """The Context of this request, with an actor when a valid session came along."""
    if "visitor" not in g:
        ctx = exchange().context(request_id=getattr(g, "request_id", None))
        secret = request.cookies.get(SESSION_COOKIE)
        actor = sessions.resume_session(ctx, secret) if secret else None
        g.visitor = ctx.acting_as(actor)
    ctx_of_request: Context = g.visitor
    return ctx_of_request


def signed_in() -> Context:
    """The Context of somebody signed in; raises NotAuthenticatedError, which leads to the sign-in page."""
    ctx = visitor()
    if ctx.actor is None:
        raise NotAuthenticatedError("Nobody is signed in.", advice="Sign in.")
    return ctx


def is_served_over_https() -> bool:
    """True when the public address is https, so cookies may be kept off plain connections."""
    return exchange().settings.public_url.startswith("https:")


def keep_session(response: Response, secret: str) -> None:
    """Hand the browser its session; scripts cannot read it and other sites cannot send it along."""
    response.set_cookie(
        SESSION_COOKIE, secret, max_age=exchange().settings.session_hours * 3600, httponly=True,
        samesite="Lax", secure=is_served_over_https(),
    )  # fmt: skip


def forget_session(response: Response) -> None:
    """Take the session out of the browser."""
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="Lax", secure=is_served_over_https())


def local_path(wanted: str | None) -> str:
    """A path of this exchange to go on to; the front page for anything that could lead elsewhere."""
    if not wanted or not wanted.startswith("/") or wanted.startswith("//"):
        return "/"
    return "/" if any(sign in wanted for sign in "\\\r\n\t") else wanted
