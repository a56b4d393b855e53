"""Signing a dataset in the browser: the page with the bytes to be signed, and where the signed token goes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.errors import (
    ConflictError,
    ExchangeError,
    InvalidError,
    NotPermittedError,
    RateLimitedError,
)
from exchange.domain.groups import DatasetKind
from exchange.services.browser_scripts import script_digests
from exchange.services.browser_signing import ways_to_sign
from exchange.services.context import Context
from exchange.services.publish import publish_token
from exchange.trust.token import Unsigned
from exchange.web.forms import errors_of
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.session import signed_in


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/publications/signed", view_func=publish_signed, methods=["POST"])


def signing_page(
    ctx: Context, unsigned: Unsigned, kid: str, kind: DatasetKind, *, back: str, section: str, file: str = ""
) -> Response:
    """The page whose script shows and signs what was prepared for the key `kid`, whatever it was prepared from.

    What it has to be about the script takes from the address, so each address that shows this page ends in
    `products/<product id>/publish/sign`, or is the organisation's own. `file` is where the unsigned document is.
    """
    return render(
        "browser_signing.html",
        section=section,
        unsigned=unsigned,
        disclosures="".join(f"{one}~" for one in unsigned.disclosures.values()),
        kid=kid,
        kind=kind.value,
        file=file,
        organisation=ctx.who.organisation_id,
        audience=ctx.settings.public_url,
        has_custody=ways_to_sign(ctx).has_custody,
        back=back,
        scripts=script_digests(),
    )


def publish_signed() -> Response:
    """Publish the token in the body, and tell the script where the dataset is now, or why there is none."""
    ctx, reader = signed_in(), current_reader()
    try:
        published = publish_token(ctx, request.get_data())
    except (InvalidError, ConflictError, NotPermittedError, RateLimitedError) as error:
        said = [one.message for one in errors_of(reader, error, {})]
        problems = [{"text": one.text, "language": one.language or reader.language} for one in said]
        return _answer({"problems": problems}, _status(error))
    return _answer({"location": url_for("web.show_answer", dataset_id=published.dataset_id)}, 201)


def _status(error: ExchangeError) -> int:
    return 429 if isinstance(error, RateLimitedError) else 422


def _answer(body: dict[str, Any], status: int) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
