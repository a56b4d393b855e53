"""The operator's page: organisations that claim a CVR number, and whether the claim holds."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Assurance
from exchange.domain.errors import InvalidError
from exchange.services import organisations
from exchange.services.organisations import Organisation, RejectReason
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.session import signed_in
from exchange.web.words import ASSURANCES, word

REJECT_REASONS: dict[str, str] = {
    "not_found": _("No such number in the business register"),
    "name_differs": _("The register has another name"),
    "not_authorised": _("The person may not act for the firm"),
    "already_here": _("The firm is registered here already"),
}


@dataclass(frozen=True)
class Claim:
    """An organisation whose CVR number waits for approval."""

    name: str
    cvr: str
    country: str
    domain: str
    assurance: str
    approve_link: str
    reject_link: str


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/operator/identities", view_func=identities)
    base = "/operator/identities/<organisation_id>"
    pages.add_url_rule(f"{base}/approve", view_func=approve_identity, methods=["POST"])
    pages.add_url_rule(f"{base}/reject", view_func=reject_identity, methods=["POST"])


def identities() -> Response:
    """Claims that wait, oldest first."""
    ctx, reader = signed_in(), current_reader()
    claims = [_claim(reader, one) for one in organisations.list_claims(ctx)]
    reasons = [(code, reader.say(text)) for code, text in REJECT_REASONS.items()]
    return render("identities.html", claims=claims, reasons=reasons)


def approve_identity(organisation_id: str) -> Response:
    """The register confirms the claim."""
    organisations.approve_identity(
        signed_in(),
        organisation_id,
        Assurance.OPERATOR_CHECKED,
        _checked_cvr(),
        request.form.get("domain") or None,
    )
    return redirect(url_for("web.identities", done="approved"), 303)


def reject_identity(organisation_id: str) -> Response:
    """The claim does not hold, for a reason the organisation sees."""
    reason = request.form.get("reason", "")
    if reason not in REJECT_REASONS:
        raise InvalidError("Choose a reason from the list.", code="reject.reason", path="/reason")
    organisations.reject_identity(signed_in(), organisation_id, RejectReason(reason), _checked_cvr())
    return redirect(url_for("web.identities", done="rejected"), 303)


def _checked_cvr() -> str | None:
    """The number the operator had before them, which may no longer be the one claimed."""
    return request.form.get("cvr") or None


def _claim(reader: Reader, one: Organisation) -> Claim:
    return Claim(
        name=one.name,
        cvr=one.cvr or "",
        country=one.country,
        domain=one.domain or "",
        assurance=word(reader, ASSURANCES, one.assurance),
        approve_link=url_for("web.approve_identity", organisation_id=one.id),
        reject_link=url_for("web.reject_identity", organisation_id=one.id),
    )
