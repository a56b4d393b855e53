"""Which language a page is written in, and the link that switches it."""

from __future__ import annotations

from flask import Blueprint, current_app, g, redirect, request
from werkzeug.wrappers import Response

from exchange.web.formats import Language
from exchange.web.reader import LANGUAGES, Reader, reader_of
from exchange.web.session import is_served_over_https, local_path

LANGUAGE_COOKIE = "vcx_language"
ONE_YEAR = 365 * 24 * 3600


def current_reader() -> Reader:
    """The reader of this request: the cookie's choice, else what the browser asks for, else Danish."""
    if "reader" not in g:
        g.reader = reader_of(_chosen() or _preferred())
    reader: Reader = g.reader
    return reader


def remember_language(response: Response, language: Language) -> None:
    """Keep the choice for a year, on this exchange only."""
    response.set_cookie(
        LANGUAGE_COOKIE, language, max_age=ONE_YEAR, httponly=True, samesite="Lax",
        secure=is_served_over_https(),
    )  # fmt: skip


def add_routes(pages: Blueprint) -> None:
    """Routes of the language switch."""
    pages.add_url_rule("/language/<language>", view_func=switch_language)


def switch_language(language: str) -> Response:
    """Write pages in another language from now on and go back to where the reader was."""
    known = as_language(language)
    if known is None:
        current_app.aborter(404)
    response = redirect(local_path(request.args.get("next")), 303)
    remember_language(response, known)
    return response


def as_language(text: str | None) -> Language | None:
    """The language of a code, None when pages are not written in it."""
    return next((language for language in LANGUAGES if language == text), None)


def _chosen() -> Language | None:
    return as_language(request.cookies.get(LANGUAGE_COOKIE))


def _preferred() -> Language:
    if not request.accept_languages:
        return "da"
    return as_language(request.accept_languages.best_match(LANGUAGES)) or "en"
