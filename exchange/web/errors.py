"""Refusals as pages in the same design; the sign-in page for whoever is not signed in."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

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
from exchange.services.denials import record_denial
from exchange.web.forms import Message, say_problem
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import mark as _
from exchange.web.session import visitor

STATUSES: tuple[tuple[type[ExchangeError], int], ...] = (
    (InvalidError, 422),
    (NotFoundError, 404),
    (NotPermittedError, 403),
    (ConflictError, 409),
    (RateLimitedError, 429),
    (UnavailableError, 503),
)

HEADINGS: dict[int, str] = {
    400: _("The request could not be understood"),
    403: _("This is not for you to see or do"),
    404: _("There is nothing here"),
    405: _("This does not work that way"),
    409: _("Not possible right now"),
    413: _("This is too large"),
    422: _("Something is not right"),
    429: _("Too many tries"),
    500: _("Something went wrong on our side"),
    503: _("Not available right now"),
}

NO_PAGE = _("No page has this address. Check the address, or start from the overview.")


def add_handlers(pages: Blueprint) -> None:
    """Error handlers of all pages; `show_error` also serves addresses that are no page at all."""
    pages.register_error_handler(NotAuthenticatedError, to_sign_in)
    pages.register_error_handler(ExchangeError, show_refusal)


def to_sign_in(error: NotAuthenticatedError) -> Response:
    """Ask the visitor to sign in, and lead back to the page afterwards where it was only looked at."""
    wanted = request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else None
    return redirect(url_for("web.sign_in", next=None if wanted == "/" else wanted), 303)


def show_refusal(error: ExchangeError) -> Response:
    """The page of a domain error: what, why, the way out, and the code to quote."""
    if isinstance(error, NotFoundError):
        error = _recorded(error)
    status = next((code for kind, code in STATUSES if isinstance(error, kind)), 500)
    problem = Problem(error.error_code, error.detail, error.path, error.advice)
    response = _page(status, say_problem(current_reader(), problem), error.error_code)
    if isinstance(error, RateLimitedError):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _recorded(error: NotFoundError) -> ExchangeError:
    """The refusal, now that the look at what is unknown or foreign is recorded as it is through the API."""
    ctx, asked = visitor(), "/".join(str(value) for value in (request.view_args or {}).values())
    if asked.isprintable() and asked and ctx.actor is not None and not error.is_recorded:
        page = (request.endpoint or "").removeprefix("web.")
        try:
            record_denial(ctx, f"page.{page}"[:30], "page", asked)
        except RateLimitedError as too_many:
            return too_many
    return error


def show_error(error: HTTPException | Exception) -> Response:
    """The page of an HTTP error (RFC 9110) or of a failure nobody foresaw, which says nothing about itself."""
    if not isinstance(error, HTTPException):
        return _page(500, None, "internal")
    message = Message(current_reader().say(NO_PAGE)) if error.code == 404 else None
    response = _page(error.code or 500, message, f"http.{error.code}")
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def _page(status: int, message: Message | None, code: str) -> Response:
    heading = current_reader().say(HEADINGS.get(status, HEADINGS[500]))
    return render(
        "error.html", status=status, is_bare=status >= 500, heading=heading, message=message, code=code
    )
