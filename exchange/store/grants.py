"""Queries on grants."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from exchange.domain.groups import FieldGroup, Purpose
from exchange.domain.periods import period_of
from exchange.domain.policy import Grant
from exchange.store.keyset import older_than
from exchange.store.tables.requests import GrantRow


def grants_for(session: Session, grantee_id: str, subject_id: str, purpose: Purpose | None) -> list[Grant]:
    """What the grantee was ever granted on a subject for a purpose, in force or not."""
    rows = session.exec(
        select(GrantRow).where(
            GrantRow.grantee_id == grantee_id,
            GrantRow.subject_id == subject_id,
            GrantRow.purpose == (purpose.value if purpose else ""),
        )
    ).all()
    return [to_grant(row) for row in rows]


def grants_to(session: Session, grantee_id: str, purpose: str, subject_ids: Sequence[str]) -> list[Grant]:
    """What the grantee was ever granted on any of the subjects for a purpose."""
    rows = session.exec(
        select(GrantRow).where(
            GrantRow.grantee_id == grantee_id,
            GrantRow.purpose == purpose,
            col(GrantRow.subject_id).in_(subject_ids),
        )
    ).all()
    return [to_grant(row) for row in rows]


def grants_from(session: Session, grantee_id: str, purpose: str, owner_ids: Collection[str]) -> list[Grant]:
    """What the grantee was ever granted by any of the owners for a purpose."""
    rows = session.exec(
        select(GrantRow).where(
            GrantRow.grantee_id == grantee_id,
            GrantRow.purpose == purpose,
            col(GrantRow.owner_id).in_(owner_ids),
        )
    ).all()
    return [to_grant(row) for row in rows]


def grants_to_any(
    session: Session, grantee_ids: Collection[str], subject_ids: Collection[str]
) -> list[Grant]:
    """What any of the grantees was ever granted on any of the subjects, in force or not."""
    rows = session.exec(
        select(GrantRow).where(
            col(GrantRow.grantee_id).in_(grantee_ids), col(GrantRow.subject_id).in_(subject_ids)
        )
    ).all()
    return [to_grant(row) for row in rows]


def lock_grant(session: Session, owner_id: str, grant_id: str) -> GrantRow | None:
    """A grant the organisation gave, locked until the transaction ends."""
    return session.exec(
        select(GrantRow).where(GrantRow.id == grant_id, GrantRow.owner_id == owner_id).with_for_update()
    ).first()


def page_grants(
    session: Session,
    organisation_id: str,
    side: str,
    after: tuple[datetime, str] | None,
    limit: int,
    subject_id: str | None = None,
) -> Sequence[GrantRow]:
    """Up to `limit + 1` grants given or received, newest first."""
    party = GrantRow.owner_id if side == "given" else GrantRow.grantee_id
    statement = select(GrantRow).where(party == organisation_id)
    if subject_id is not None:
        statement = statement.where(GrantRow.subject_id == subject_id)
    return session.exec(older_than(statement, GrantRow.created_at, GrantRow.id, after).limit(limit + 1)).all()


def in_force_for(grantee_id: str, now: datetime) -> sa.ColumnElement[bool]:
    """Condition: a grant that shows values to the grantee at this instant."""
    return sa.and_(
        col(GrantRow.grantee_id) == grantee_id,
        col(GrantRow.revoked_at).is_(None),
        col(GrantRow.valid_from) <= now,
        col(GrantRow.valid_until) > now,
        col(GrantRow.resolution) == "exact",
    )


def to_grant(row: GrantRow) -> Grant:
    """The policy's view of a grant row."""
    period = period_of(row.period_start, row.period_end)
    return Grant(
        row.id,
        row.owner_id,
        row.grantee_id,
        row.kind,
        row.subject_id,
        period,
        frozenset(FieldGroup(group) for group in row.field_groups),
        Purpose(row.purpose),
        row.resolution,
        row.valid_from,
        row.valid_until,
        row.revoked_at,
    )
