"""Ending a key: it is no longer used, or somebody else may have it. Who ends it says who they are again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Role
from exchange.domain.errors import InvalidError, NotFoundError
from exchange.domain.periods import COPENHAGEN
from exchange.services import key_rotation, keys
from exchange.services.context import Context
from exchange.services.keys import SigningKey
from exchange.web.forms import FieldError, Message, errors_of
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import mark as _
from exchange.web.session import signed_in
from exchange.web.typed import Blank, Section, marked

REASONS: dict[str, str] = {
    "unused": _("It is no longer used"),
    "exposed": _("Somebody else may have it"),
}
PATHS = {"/since": "since", "/password": "password", "": "password"}


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/keys/end", view_func=end_key, methods=["GET", "POST"])


def end_key() -> Response:
    """Say why a key ends, and since when others may have had it."""
    ctx, reader = signed_in(), current_reader()
    ctx.who.require(Role.SIGNER)
    key = _own_key(ctx, request.values.get("kid", ""))
    if request.method == "GET":
        return _page(key, {}, [])
    reason = request.form.get("reason", "")
    if reason not in REASONS:
        return _page(key, request.form, [FieldError("reason", Message(reader.say("Choose one.")))])
    is_exposed = reason == "exposed"
    try:
        since = read_since(request.form.get("since", "")) if is_exposed else None
        key_rotation.end_key(ctx, key.kid, request.form.get("password", ""), exposed_since=since)
    except InvalidError as error:
        return _page(key, request.form, errors_of(reader, error, PATHS))
    return redirect(url_for("web.signing_keys", done="key_reported" if is_exposed else "key_ended"), 303)


def _own_key(ctx: Context, kid: str) -> SigningKey:
    """A key of the organisation's that can still be ended or reported; raises NotFoundError."""
    for key in keys.list_keys(ctx):
        if key.kid == kid and key.compromised_since is None:
            return key
    raise NotFoundError


def read_since(typed: str) -> datetime:
    """A day and time on Copenhagen clocks, in UTC. Raises InvalidError `date.invalid`."""
    try:
        local = datetime.strptime(typed, "%Y-%m-%dT%H:%M").replace(tzinfo=COPENHAGEN)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidError("This is not a date and time.", code="date.invalid", path="/since") from None


def _page(key: SigningKey, form: Mapping[str, str], errors: list[FieldError]) -> Response:
    reader = current_reader()
    blank = Blank(reader, form)
    since = _("Danish time. Only where somebody else may have it: nothing that came in since is accepted.")
    fields = (
        blank.choose("reason", _("Why does it end?"), REASONS, given="unused"),
        blank.ask("since", _("Since when"), since, widget="moment", optional=True),
        blank.ask(
            "password",
            _("Your password"),
            _("Asked again, so that an open browser alone is not enough."),
            widget="password",
        ),
    )
    return render(
        "key_end.html",
        status=422 if errors else 200,
        section="web.signing_keys",
        errors=errors,
        kid=key.kid,
        sections=marked((Section("", fields),), errors),
    )
