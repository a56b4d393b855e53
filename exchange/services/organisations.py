"""Organisations: registration, the directory, and whether they are who they say they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from exchange.domain.actors import Assurance, Role
from exchange.domain.errors import ConflictError, InvalidError
from exchange.domain.identifiers import parse_cvr
from exchange.services.account_rules import (
    check_branch,
    check_country,
    check_domain,
    check_employees,
    check_name,
)
from exchange.services.context import Context, audit
from exchange.services.identities.organisation_credentials import ask_for_credentials, revoke_credentials
from exchange.services.paging import Keyset, Page, check_limit, make_page, read_cursor
from exchange.services.rollup.staleness import mark_stale
from exchange.store import accounts as query
from exchange.store.tables.accounts import OrganisationRow


class CvrStatus(StrEnum):
    """How far the claim to a CVR number (the Danish business register) has come."""

    NONE = "none"
    CLAIMED = "claimed"
    APPROVED = "approved"
    REJECTED = "rejected"


class RejectReason(StrEnum):
    """Why an operator did not approve a claimed identity."""

    NOT_FOUND = "not_found"
    NAME_DIFFERS = "name_differs"
    NOT_AUTHORISED = "not_authorised"
    ALREADY_HERE = "already_here"


@dataclass(frozen=True)
class NewOrganisation:
    """An organisation to be registered; `branch` is a production branch CA..CM."""

    name: str
    country: str = "DK"
    branch: str | None = None
    employees: int | None = None
    cvr: str | None = None
    domain: str | None = None


@dataclass(frozen=True)
class Organisation:
    """An organisation as its own people (all fields) or others (the directory's fields) see it.

    To others `cvr` and `domain` appear only once checked, and `employees` and `rollup_consent` are None.
    """

    id: str
    name: str
    country: str
    cvr: str | None
    cvr_status: CvrStatus
    assurance: Assurance
    branch: str | None
    employees: int | None
    domain: str | None
    rollup_consent: bool | None


def add_organisation(
    ctx: Context, session: Session, organisation: NewOrganisation, *, is_demo: bool
) -> OrganisationRow:
    """The checked row of a new organisation in the caller's transaction: self-declared, its CVR a claim."""
    cvr = parse_cvr(organisation.cvr, "/organisation/cvr") if organisation.cvr else None
    row = OrganisationRow(
        id=ctx.new_id(),
        name=check_name(organisation.name, "/organisation/name"),
        country=check_country(organisation.country),
        cvr=cvr,
        cvr_status=CvrStatus.CLAIMED.value if cvr else CvrStatus.NONE.value,
        domain=check_domain(organisation.domain),
        assurance=Assurance.SELF_DECLARED.value,
        branch=check_branch(organisation.branch),
        employees=check_employees(organisation.employees),
        is_demo=is_demo,
        created_at=ctx.now(),
    )
    session.add(row)
    session.flush()
    return row


def get_organisation(ctx: Context, organisation_id: str) -> Organisation:
    """An organisation from the directory; all fields for its own people and operators."""
    with ctx.store.read() as session:
        return _seen_by(ctx, query.get_organisation(session, organisation_id))


def find_organisations(
    ctx: Context, text: str = "", cursor: str | None = None, limit: int = 50
) -> Page[Organisation]:
    """The directory: organisations whose name holds `text`, or whose approved CVR number it is."""
    ctx.who.require(Role.VIEWER)
    after = read_cursor(cursor)
    with ctx.store.read() as session:
        rows = query.page_organisations(
            session, text.strip(), (after.at, after.id) if after else None, check_limit(limit) + 1
        )
        return make_page(
            rows, limit, lambda row: Keyset(row.created_at, row.id), lambda row: _seen_by(ctx, row)
        )


def list_claims(ctx: Context) -> tuple[Organisation, ...]:
    """Organisations whose CVR claim waits for an operator, oldest first."""
    ctx.who.require_operator()
    with ctx.store.read() as session:
        return tuple(own_view(row) for row in query.waiting_claims(session))


def approve_identity(
    ctx: Context, organisation_id: str, assurance: Assurance, cvr: str | None, domain: str | None
) -> Organisation:
    """An operator has checked who the organisation is; a claimed CVR number becomes its own.

    `cvr` and `domain` are what was seen, None where none was claimed or declared. Raises ConflictError
    `cvr.changed` and `domain.changed` when the organisation says something else by now, `cvr.taken` when the
    number belongs to another organisation here, InvalidError `assurance.not_checkable` for a level that no check
    gives, `assurance.no_domain` where none is declared.
    """
    ctx.who.require_operator()
    try:
        with ctx.store.write() as session:
            row = query.lock_organisation(session, organisation_id)
            _check_seen(row, cvr)
            _check_domain_seen(row, domain)
            _check_assurance(row, assurance)
            if row.cvr is not None:
                _check_cvr_free(session, row.id, row.cvr)
                row.cvr_status = CvrStatus.APPROVED.value
            row.assurance = assurance.value
            session.add(row)
            ask_for_credentials(ctx, session, row.id)
            audit(ctx, session, "identity.approve", "organisation", row.id, assurance=assurance.value)
            return own_view(row)
    except IntegrityError as error:  # two operators approved the same number at the same instant
        raise _cvr_taken() from error


def reject_identity(
    ctx: Context, organisation_id: str, reason: RejectReason, cvr: str | None
) -> Organisation:
    """An operator could not confirm who the organisation is: the claim is turned down, the trust taken back.

    What the registrar signed of it is revoked at once; while a claim stands rejected nothing new is signed.
    `cvr` is the number that was checked; raises ConflictError `cvr.changed` as `approve_identity` does.
    """
    ctx.who.require_operator()
    with ctx.store.write() as session:
        row = query.lock_organisation(session, organisation_id)
        _check_seen(row, cvr)
        row.cvr_status = CvrStatus.REJECTED.value if row.cvr else CvrStatus.NONE.value
        row.assurance = Assurance.SELF_DECLARED.value
        session.add(row)
        revoke_credentials(ctx, session, row.id)
        ask_for_credentials(ctx, session, row.id)
        audit(ctx, session, "identity.reject", "organisation", row.id, reason=reason.value)
        return own_view(row)


def claim_cvr(ctx: Context, cvr: str) -> Organisation:
    """Claim a CVR number for the actor's organisation, anew after a rejection too. An operator decides."""
    ctx.who.require(Role.ADMIN)
    number = parse_cvr(cvr, "/cvr")
    with ctx.store.write() as session:
        row = query.lock_organisation(session, ctx.who.organisation_id)
        if row.cvr_status == CvrStatus.APPROVED:
            raise ConflictError("The organisation's CVR number is already approved.", code="cvr.approved")
        row.cvr, row.cvr_status = number, CvrStatus.CLAIMED.value
        session.add(row)
        ask_for_credentials(ctx, session, row.id)
        audit(ctx, session, "cvr.claim", "organisation", row.id)
        return own_view(row)


def declare_domain(ctx: Context, domain: str) -> Organisation:
    """Say which domain is the actor's organisation's own; keys may be bound to it through did:web.

    A domain an operator has checked is left with its check: what stays is what the CVR number was found to
    prove. Raises InvalidError `domain.invalid`.
    """
    ctx.who.require(Role.ADMIN)
    checked = check_domain(domain)
    with ctx.store.write() as session:
        row = query.lock_organisation(session, ctx.who.organisation_id)
        if row.domain == checked:
            return own_view(row)
        if row.assurance == Assurance.OWN_DOMAIN:
            has_number = row.cvr_status == CvrStatus.APPROVED
            row.assurance = (Assurance.OPERATOR_CHECKED if has_number else Assurance.SELF_DECLARED).value
            revoke_credentials(ctx, session, row.id)
            ask_for_credentials(ctx, session, row.id)
        row.domain = checked
        session.add(row)
        audit(ctx, session, "domain.declare", "organisation", row.id)
        return own_view(row)


def set_rollup_consent(ctx: Context, consent: bool) -> Organisation:
    """Say whether the organisation's figures may enter chain totals; published totals stay as they are."""
    ctx.who.require(Role.ADMIN)
    with ctx.store.write() as session:
        row = query.get_organisation(session, ctx.who.organisation_id)
        if row.rollup_consent is not consent:
            mark_stale(ctx, session, date.min, date.max)
        row.rollup_consent = consent
        session.add(row)
        audit(ctx, session, "rollup_consent.set", "organisation", row.id, consent=str(consent).lower())
        return own_view(row)


def own_view(row: OrganisationRow) -> Organisation:
    """Everything, for the organisation's own people."""
    return Organisation(
        row.id,
        row.name,
        row.country,
        row.cvr,
        CvrStatus(row.cvr_status),
        Assurance(row.assurance),
        row.branch,
        row.employees,
        row.domain,
        row.rollup_consent,
    )


def directory_view(row: OrganisationRow) -> Organisation:
    """What any signed-in actor may see: checked identifiers only."""
    view = replace(own_view(row), employees=None, rollup_consent=None)
    if view.cvr_status is not CvrStatus.APPROVED:
        view = replace(view, cvr=None, cvr_status=CvrStatus.NONE)
    return view if view.assurance is Assurance.OWN_DOMAIN else replace(view, domain=None)


def _seen_by(ctx: Context, row: OrganisationRow) -> Organisation:
    is_own = ctx.who.organisation_id == row.id
    return own_view(row) if is_own or ctx.who.is_operator else directory_view(row)


def _check_seen(row: OrganisationRow, cvr: str | None) -> None:
    """What was looked up must be what is decided on: the claim may have changed in between."""
    if row.cvr != cvr:
        detail = "The organisation claims another CVR number than the one checked."
        advice = "Read the claim again and look that number up."
        raise ConflictError(detail, code="cvr.changed", path="/cvr", advice=advice)


def _check_domain_seen(row: OrganisationRow, domain: str | None) -> None:
    if row.domain != domain:
        detail, advice = (
            "The organisation declares another domain than the one checked.",
            "Read the claim again.",
        )
        raise ConflictError(detail, code="domain.changed", path="/domain", advice=advice)


def _check_assurance(row: OrganisationRow, assurance: Assurance) -> None:
    if assurance not in {Assurance.OPERATOR_CHECKED, Assurance.OWN_DOMAIN}:
        raise InvalidError(
            "A check ends in operator_checked or own_domain.",
            code="assurance.not_checkable",
            path="/assurance",
        )
    if assurance is Assurance.OWN_DOMAIN and row.domain is None:
        raise InvalidError(
            "The organisation has declared no domain.", code="assurance.no_domain", path="/assurance"
        )


def _check_cvr_free(session: Session, organisation_id: str, cvr: str) -> None:
    holder = query.find_approved_cvr(session, cvr)
    if holder is not None and holder.id != organisation_id:
        raise _cvr_taken()


def _cvr_taken() -> ConflictError:
    detail, advice = "Another organisation here holds this CVR number.", "Its administrator can invite you."
    return ConflictError(detail, code="cvr.taken", path="/cvr", advice=advice)
