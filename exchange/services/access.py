"""The record of every read, allowed or denied, written before data leaves: no record, no data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.periods import Period
from exchange.services.context import Context
from exchange.services.paging import Keyset, Page, check_limit, make_page, read_cursor
from exchange.store import access as query
from exchange.store.tables.requests import AccessRecordRow


@dataclass(frozen=True)
class Access:
    """One read to be recorded: whose data, what was asked for, and how it was decided."""

    action: str  # dataset.read | chain.read | …
    target_type: str
    target_id: str  # as asked for, also when nothing is there
    decision: Literal["allowed", "denied"]
    reason: str
    owner_id: str | None = None
    dataset_digest: str | None = None
    purpose: str | None = None
    grant_id: str | None = None
    field_groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class AccessRecord:
    """A recorded read as the data's owner (or the reader itself) sees it."""

    id: str
    at: datetime
    actor_organisation_id: str
    actor_name: str
    action: str
    target_type: str
    target_id: str
    target_name: str
    dataset_digest: str | None
    purpose: str | None
    grant_id: str | None
    mandate_id: str | None
    field_groups: tuple[str, ...]
    decision: str
    reason: str  # a code of the policy; empty for the reader of a denied read
    request_id: str
    period: Period | None = None  # of the dataset read
    version: int | None = None


def record_access(ctx: Context, session: Session, accesses: Iterable[Access]) -> None:
    """Write the records in the caller's transaction; the caller answers only after it committed."""
    who = ctx.who
    for access in accesses:
        session.add(
            AccessRecordRow(
                id=ctx.new_id(),
                at=ctx.now(),
                owner_id=access.owner_id,
                actor_user_id=who.user_id,
                actor_client_id=who.client_id,
                actor_organisation_id=who.organisation_id,
                mandate_id=who.mandate_id,
                action=access.action,
                target_type=access.target_type,
                target_id=access.target_id[:80],
                dataset_digest=access.dataset_digest,
                purpose=access.purpose,
                grant_id=access.grant_id,
                field_groups=list(access.field_groups),
                decision=access.decision,
                reason=access.reason,
                request_id=ctx.request_id[:64],
            )
        )


def page_access_records(
    ctx: Context,
    cursor: str | None = None,
    limit: int = 50,
    as_: Literal["owner", "actor"] = "owner",
    *,
    others_only: bool = False,
    subject_id: str | None = None,
) -> Page[AccessRecord]:
    """Reads of one's own data (`owner`) or one's own reads (`actor`), newest first.

    `others_only` leaves out reads by one's own organisation; `subject_id` keeps reads of one product's datasets.
    Of a denied read its reader learns only that it was denied, not whether anything is there.
    """
    ctx.who.require(Role.VIEWER)
    check_limit(limit)
    after = read_cursor(cursor)
    with ctx.store.read() as session:
        rows = query.page_access_records(
            session,
            ctx.who.organisation_id,
            as_,
            after,
            limit,
            others_only=others_only,
            subject_id=subject_id,
        )
        return make_page(
            rows,
            limit,
            lambda row: Keyset(row.record.at, row.record.id),
            lambda row: _present(row, is_blind=as_ == "actor" and row.record.decision == "denied"),
        )


def _present(row: query.NamedRecord, *, is_blind: bool) -> AccessRecord:
    record = row.record
    return AccessRecord(
        record.id,
        record.at,
        record.actor_organisation_id,
        row.actor_name,
        record.action,
        record.target_type,
        record.target_id,
        "" if is_blind else row.target_name,
        None if is_blind else record.dataset_digest,
        record.purpose,
        record.grant_id,
        record.mandate_id,
        tuple(record.field_groups),
        record.decision,
        "" if is_blind else record.reason,
        record.request_id,
        None if is_blind or row.period is None else Period(*row.period),
        None if is_blind else row.version,
    )
