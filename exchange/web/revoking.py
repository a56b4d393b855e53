"""An owner takes a published dataset back: the button on the dataset's page, its confirmation, and the mark."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Role
from exchange.domain.errors import InvalidError
from exchange.domain.revocation import RevocationReason
from exchange.services.context import Context
from exchange.services.reading import DatasetView
from exchange.services.revocation.revoking import revoke_dataset
from exchange.trust.jws import payload_of
from exchange.web import formats
from exchange.web.forms import Choice, Field
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.session import signed_in
from exchange.web.words import word

REASONS: dict[str, str] = {
    "wrong_figures": _("The figures are wrong"),
    "wrong_subject": _("It is about another product, company or period"),
    "signed_in_error": _("It was not meant to be published"),
    "key_compromised": _("Others may have held the signing key"),
    "other": _("Another reason"),
}


@dataclass(frozen=True)
class RevokeForm:
    """Where the confirmation is sent, and the reasons to choose from.

    `is_listed`: the dataset names a status list, where whoever holds the signed file can look it up.
    """

    link: str
    reason: Field
    is_listed: bool


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/answers/<dataset_id>/revoke", view_func=revoke, methods=["POST"])


def revoke(dataset_id: str) -> Response:
    """Revoke one's own dataset for the chosen reason; its page then says so."""
    try:
        reason = RevocationReason(request.form.get("reason", ""))
    except ValueError:
        raise InvalidError("Choose a reason.", code="revocation.reason", path="/reason") from None
    revoke_dataset(signed_in(), dataset_id, reason)
    return redirect(url_for("web.show_answer", dataset_id=dataset_id, done="dataset_revoked"), 303)


def revoke_form(ctx: Context, reader: Reader, dataset: DatasetView, token: str) -> RevokeForm | None:
    """The form for those who may use it, None for everybody else and once it was used."""
    is_own = dataset.organisation_id == ctx.who.organisation_id
    if not is_own or not ctx.who.may(Role.SIGNER) or dataset.revoked_at is not None:
        return None
    choices = tuple(Choice(one.value, word(reader, REASONS, one.value)) for one in RevocationReason)
    return RevokeForm(
        url_for("web.revoke", dataset_id=dataset.id),
        Field("reason", reader.say("Reason"), choices=choices),
        is_listed="credentialStatus" in payload_of(token.partition("~")[0]),
    )


def say_revoked(reader: Reader, dataset: DatasetView) -> str:
    """When and why it was revoked, "" for a dataset that was not."""
    if dataset.revoked_at is None:
        return ""
    when = formats.moment(dataset.revoked_at, reader.language)
    reason = word(reader, REASONS, dataset.revocation_reason or RevocationReason.OTHER.value)
    return reader.say("Revoked %(when)s. Reason: %(reason)s.", when=when, reason=reason)
