"""Queries on answers kept for repeated writes."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from exchange.store.tables.jobs import IdempotencyRow


def find(session: Session, organisation_id: str, key: str) -> IdempotencyRow | None:
    """What is known of a key of an organisation."""
    return session.get(IdempotencyRow, (organisation_id, key))


def delete_older_than(session: Session, organisation_id: str, instant: datetime) -> None:
    """Drop an organisation's answers from before an instant."""
    session.execute(
        sa.delete(IdempotencyRow).where(
            col(IdempotencyRow.organisation_id) == organisation_id, col(IdempotencyRow.created_at) < instant
        )
    )
