"""Grants: who may read what, for which purpose, until when."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from exchange.api.operation import Resource
from exchange.api.wire import (
    Id,
    In,
    Instant,
    OptionalPeriodField,
    Out,
    PageOut,
    PageQuery,
    PeriodIn,
    page_of,
)
from exchange.domain.actors import Role
from exchange.domain.groups import DatasetKind, FieldGroup, Purpose
from exchange.services import grants
from exchange.services.context import Context

resource = Resource("grants", "Leave to read field groups of one subject's datasets for one purpose.")


class GrantOut(Out):
    """A grant as its two parties see it."""

    id: Id
    owner_id: Id
    owner_name: str
    grantee_id: Id
    grantee_name: str
    grantee_assurance: str
    kind: DatasetKind
    subject_id: Id
    subject_name: str
    period: OptionalPeriodField
    field_groups: list[FieldGroup]
    purpose: Purpose
    resolution: str
    valid_from: datetime
    valid_until: datetime
    state: Literal["active", "revoked", "expired", "waiting"]
    revoke_reason: str
    created_at: datetime


class GrantIn(In):
    """What to grant; without a period, every period."""

    grantee_id: Id
    kind: DatasetKind
    subject_id: Id
    field_groups: Annotated[list[FieldGroup], Field(min_length=1, max_length=len(FieldGroup))]
    purpose: Purpose
    valid_until: Instant
    period: PeriodIn | None = None
    resolution: Literal["exact", "aggregate_only"] = "exact"


class RevocationIn(In):
    """A reason the receiver sees."""

    reason: Annotated[str, Field(max_length=500)] = ""


class GrantsQuery(PageQuery):
    """Grants given or received, of one subject if named."""

    side: Literal["given", "received"] = "given"
    subject_id: Id | None = None


@resource.operation("GET", "/grants")
def list_side(ctx: Context, query: GrantsQuery) -> PageOut[GrantOut]:
    """List grants given or received, newest first."""
    page = grants.page_grants(ctx, query.side, query.cursor, query.limit, query.subject_id)
    return page_of(page, GrantOut.of)


@resource.operation("POST", "/grants", role=Role.SIGNER, status=201)
def give(ctx: Context, body: GrantIn) -> GrantOut:
    """Give a grant on one of the caller's own subjects."""
    new = grants.NewGrant(
        body.grantee_id,
        body.kind,
        body.subject_id,
        frozenset(body.field_groups),
        body.purpose,
        body.valid_until,
        body.period.to_period() if body.period else None,
        body.resolution,
    )
    return GrantOut.of(grants.give_grant(ctx, new))


@resource.operation("POST", "/grants/{grant_id}/revocation", role=Role.SIGNER)
def revoke(ctx: Context, grant_id: Id, body: RevocationIn) -> GrantOut:
    """Revoke a grant; the next read is denied."""
    return GrantOut.of(grants.revoke_grant(ctx, grant_id, body.reason))
