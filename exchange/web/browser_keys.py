"""A key made in the browser, and one that takes the place of a key that is gone: a script fills in the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.errors import ConflictError, InvalidError, NotFoundError
from exchange.services import keys
from exchange.services.browser_scripts import script_digests
from exchange.services.browser_signing import keys_to_sign_with
from exchange.services.context import Context
from exchange.services.key_rotation import replace_key
from exchange.trust import TrustError
from exchange.trust.strict_json import loads
from exchange.web.forms import Field, FieldError, Message, choose, errors_of, with_errors
from exchange.web.frame import render
from exchange.web.key_end import read_since
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.session import signed_in

MAX_JWK_BYTES = 1000
LOSSES = {
    "lost": _("It is lost. Nobody else can have it."),
    "exposed": _("Somebody else may have it."),
}
PATHS = {"/password": "password", "/since": "since", "": "password"}


@dataclass(frozen=True)
class BrowserKeys:
    """What the script and the part of the page around it need to know.

    `now` is the exchange's time in seconds; `registered` and `ended` are key ids separated by spaces; `lost`
    says by key id where one of its own keys in force is replaced.
    """

    organisation: str
    audience: str
    now: int
    registered: str
    ended: str
    lost: Mapping[str, str]
    scripts: Mapping[str, str]


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/keys/lost", view_func=replace_lost_key, methods=["GET", "POST"])


def browser_keys(ctx: Context) -> BrowserKeys:
    """For the organisation that acts."""
    known = keys.list_keys(ctx)
    ended = [key.kid for key in known if key.retired_at or key.compromised_since]
    return BrowserKeys(
        organisation=ctx.who.organisation_id,
        audience=ctx.settings.public_url,
        now=int(ctx.now().timestamp()),
        registered=" ".join(key.kid for key in known),
        ended=" ".join(ended),
        lost={key.kid: url_for("web.replace_lost_key", kid=key.kid) for key in keys_to_sign_with(ctx)},
        scripts=script_digests(),
    )


def replace_lost_key() -> Response:
    """A key nobody has any more: the person says who they are again, and a new key takes its place."""
    ctx, reader = signed_in(), current_reader()
    kid = request.values.get("kid", "")
    if kid not in {key.kid for key in keys_to_sign_with(ctx)}:
        raise NotFoundError
    if request.method == "GET":
        return _lost_page(ctx, reader, kid, {"loss": "lost"}, [])
    form = request.form
    if form.get("loss") not in LOSSES:
        return _lost_page(ctx, reader, kid, form, [FieldError("loss", Message(reader.say("Choose one.")))])
    try:
        password, jwk, proof = form.get("password", ""), read_jwk(form), form.get("proof", "")
        replace_key(ctx, kid, password, jwk, proof, exposed_since=_since(form))
    except (InvalidError, ConflictError) as error:
        return _lost_page(ctx, reader, kid, form, errors_of(reader, error, PATHS))
    return redirect(url_for("web.signing_keys", done="key_replaced"), 303)


def _since(form: Mapping[str, str]) -> datetime | None:
    """Since when others may have had the key, on Copenhagen clocks; None where nobody can have it."""
    if form.get("loss") != "exposed":
        return None
    return read_since(form.get("since", ""))


def read_jwk(form: Mapping[str, str]) -> Mapping[str, object]:
    """The public key the script filled in. Raises InvalidError `key.browser`."""
    try:
        value = loads(form.get("public_jwk", "").encode(), max_bytes=MAX_JWK_BYTES)
    except TrustError as error:
        raise _no_key() from error
    if not isinstance(value, dict):
        raise _no_key()
    return cast(Mapping[str, object], value)


def _no_key() -> InvalidError:
    return InvalidError(
        "The browser sent no key.",
        code="key.browser",
        advice="Allow the page's script, or make a key with vcx keys new.",
    )


def _lost_page(
    ctx: Context, reader: Reader, kid: str, form: Mapping[str, str], errors: list[FieldError]
) -> Response:
    fields = [
        Field("loss", reader.say("What happened to the key?"),
              choices=choose(LOSSES, [form.get("loss", "")], reader)),
        Field("since", reader.say("Since when?"), form.get("since", ""), optional=True,
              hint=reader.say("Only where somebody else may have it. Nothing signed later is accepted.")),
        Field("password", reader.say("Your password"),
              hint=reader.say("Asked again, so that an open browser alone is not enough.")),
    ]  # fmt: skip
    return render(
        "lost_key.html",
        status=422 if errors else 200,
        section="web.signing_keys",
        errors=errors,
        kid=kid,
        browser=browser_keys(ctx),
        fields=with_errors(fields, errors),
    )
