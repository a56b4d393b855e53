"""Grants: who may read which field groups of what, for which purpose, until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, InvalidError, NotFoundError
from exchange.domain.groups import DatasetKind, FieldGroup, Purpose, SubjectType
from exchange.domain.periods import Period
from exchange.domain.policy import is_valid
from exchange.services.context import Context, audit
from exchange.services.paging import Keyset, Page, check_limit, make_page, read_cursor
from exchange.store import datasets, parties, products
from exchange.store import grants as query
from exchange.store.tables.requests import GrantRow

LONGEST = timedelta(days=731)  # 24 months, then the owner confirms again


@dataclass(frozen=True)
class NewGrant:
    """What to grant. `period` None opens every period; `resolution` is exact or aggregate_only."""

    grantee_id: str
    kind: DatasetKind
    subject_id: str
    field_groups: frozenset[FieldGroup]
    purpose: Purpose
    valid_until: datetime
    period: Period | None = None
    resolution: str = "exact"


@dataclass(frozen=True)
class GrantView:
    """A grant as its two parties see it; `state` is active, revoked, expired or waiting."""

    id: str
    owner_id: str
    owner_name: str
    grantee_id: str
    grantee_name: str
    grantee_assurance: str
    kind: str
    subject_id: str
    subject_name: str
    period: Period | None
    field_groups: tuple[FieldGroup, ...]
    purpose: Purpose
    resolution: str
    valid_from: datetime
    valid_until: datetime
    state: str
    revoke_reason: str
    created_at: datetime


def give_grant(ctx: Context, new: NewGrant) -> GrantView:
    """Open field groups of one of the actor's own subjects to another organisation.

    Raises InvalidError (`grant.until`, `grant.to_oneself`, `grant.resolution`, `grant.subject`) and
    NotFoundError for an organisation that does not exist.
    """
    ctx.who.require(Role.SIGNER)
    with ctx.store.write() as session:
        row = add_grant(ctx, session, new)
        return present_grants(ctx, session, [row])[0]


def add_grant(ctx: Context, session: Session, new: NewGrant, line_id: str | None = None) -> GrantRow:
    """Check and store a grant in the caller's transaction."""
    owner_id = ctx.who.organisation_id
    now = ctx.now()
    _check(ctx, session, new, owner_id, now)
    row = GrantRow(
        id=ctx.new_id(),
        owner_id=owner_id,
        grantee_id=new.grantee_id,
        kind=new.kind.value,
        subject_id=new.subject_id,
        period_start=new.period.start if new.period else None,
        period_end=new.period.end if new.period else None,
        field_groups=[g.value for g in FieldGroup if g in new.field_groups or g is FieldGroup.IDENTITY],
        purpose=new.purpose.value,
        resolution=new.resolution,
        valid_from=now,
        valid_until=new.valid_until,
        line_id=line_id,
        created_by=ctx.who.user_id or ctx.who.client_id,
        created_at=now,
    )
    session.add(row)
    audit(
        ctx,
        session,
        "grant.give",
        "grant",
        row.id,
        grantee=new.grantee_id,
        purpose=new.purpose.value,
        groups=" ".join(row.field_groups),
    )
    return row


def revoke_grant(ctx: Context, grant_id: str, reason: str = "") -> GrantView:
    """Take a grant back: the next read is denied. What was read stays read; the record says so."""
    ctx.who.require(Role.SIGNER)
    with ctx.store.write() as session:
        row = query.lock_grant(session, ctx.who.organisation_id, grant_id)
        if row is None:
            raise NotFoundError
        if row.revoked_at is not None:
            raise ConflictError(
                "This grant was revoked before.",
                code="grant.revoked",
                advice="Nothing to do: reads under it are denied already.",
            )
        row.revoked_at, row.revoke_reason = ctx.now(), reason[:500]
        session.add(row)
        audit(ctx, session, "grant.revoke", "grant", row.id, grantee=row.grantee_id)
        return present_grants(ctx, session, [row])[0]


def page_grants(
    ctx: Context,
    side: Literal["given", "received"],
    cursor: str | None = None,
    limit: int = 50,
    subject_id: str | None = None,
) -> Page[GrantView]:
    """Grants the actor's organisation gave or received, newest first."""
    ctx.who.require(Role.VIEWER)
    check_limit(limit)
    after = read_cursor(cursor)
    with ctx.store.read() as session:
        rows = query.page_grants(session, ctx.who.organisation_id, side, after, limit, subject_id)
        views = {view.id: view for view in present_grants(ctx, session, list(rows))}
        return make_page(rows, limit, lambda row: Keyset(row.created_at, row.id), lambda row: views[row.id])


def present_grants(ctx: Context, session: Session, rows: list[GrantRow]) -> list[GrantView]:
    """The outward form of grant rows, names looked up in two queries."""
    named = parties.organisations_by_id(session, {r.owner_id for r in rows} | {r.grantee_id for r in rows})
    names = products.names_of(session, [row.subject_id for row in rows])
    now = ctx.now()
    return [
        GrantView(
            row.id,
            row.owner_id,
            named[row.owner_id].name,
            row.grantee_id,
            named[row.grantee_id].name,
            named[row.grantee_id].assurance,
            row.kind,
            row.subject_id,
            names.get(row.subject_id, ""),
            query.to_grant(row).period,
            tuple(FieldGroup(group) for group in row.field_groups),
            Purpose(row.purpose),
            row.resolution,
            row.valid_from,
            row.valid_until,
            _state(row, now),
            row.revoke_reason,
            row.created_at,
        )
        for row in rows
    ]


def _state(row: GrantRow, now: datetime) -> str:
    if row.revoked_at is not None:
        return "revoked"
    if is_valid(query.to_grant(row), now):
        return "active"
    return "waiting" if now < row.valid_from else "expired"


def _check(ctx: Context, session: Session, new: NewGrant, owner_id: str, now: datetime) -> None:
    if new.grantee_id == owner_id:
        raise InvalidError(
            "Your own organisation needs no grant.", code="grant.to_oneself", path="/grantee_id"
        )
    if not parties.organisations_by_id(session, {new.grantee_id}):
        raise NotFoundError
    if new.resolution not in {"exact", "aggregate_only"}:
        raise InvalidError("A grant is exact or aggregate_only.", code="grant.resolution", path="/resolution")
    if not now < new.valid_until <= now + LONGEST:
        raise InvalidError(
            "A grant ends in the future, at most 24 months from now.",
            code="grant.until",
            path="/valid_until",
            advice="Choose a nearer date; the grant can be renewed.",
        )
    if not _owns_subject(session, owner_id, new):
        raise InvalidError(
            "That subject is not one of yours.",
            code="grant.subject",
            path="/subject_id",
            advice="Name one of your products, your organisation, or a delivery you have published.",
        )


def _owns_subject(session: Session, owner_id: str, new: NewGrant) -> bool:
    match new.kind.subject_type:
        case SubjectType.PRODUCT:
            return products.find_own_product(session, owner_id, new.subject_id) is not None
        case SubjectType.ORGANISATION:
            return new.subject_id == owner_id
        case _:
            published = datasets.active_of_subjects(session, owner_id, [new.subject_id])
            return any(row.kind == new.kind.value for row in published)
