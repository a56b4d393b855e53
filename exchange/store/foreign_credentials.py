"""Queries on other people's signed documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import defer
from sqlmodel import Session, select

from exchange.store.keyset import older_than
from exchange.store.tables.foreign import ForeignCredentialRow


def find_foreign_credential(
    session: Session, credential_id: str, *, lock: bool = False
) -> ForeignCredentialRow | None:
    """The document whoever's it is; `lock` keeps others from changing it until the transaction ends."""
    statement = select(ForeignCredentialRow).where(ForeignCredentialRow.id == credential_id)
    return session.exec(statement.with_for_update() if lock else statement).first()


def find_own(session: Session, organisation_id: str, credential_id: str) -> ForeignCredentialRow | None:
    """The document if the organisation handed it in."""
    return session.exec(
        select(ForeignCredentialRow).where(
            ForeignCredentialRow.id == credential_id, ForeignCredentialRow.organisation_id == organisation_id
        )
    ).first()


def find_by_digest(session: Session, organisation_id: str, digest: str) -> ForeignCredentialRow | None:
    """The organisation's document with exactly these bytes, locked until the transaction ends."""
    return session.exec(
        select(ForeignCredentialRow)
        .where(ForeignCredentialRow.organisation_id == organisation_id, ForeignCredentialRow.digest == digest)
        .with_for_update()
    ).first()


def page_of(
    session: Session, organisation_id: str, after: tuple[datetime, str] | None, limit: int
) -> Sequence[ForeignCredentialRow]:
    """The organisation's documents without their bytes, newest first, one more than `limit` where there are more."""
    statement = (
        select(ForeignCredentialRow)
        .where(ForeignCredentialRow.organisation_id == organisation_id)
        .options(defer(ForeignCredentialRow.content))  # type: ignore[arg-type]  # as in access.py
    )
    ordered = older_than(statement, ForeignCredentialRow.created_at, ForeignCredentialRow.id, after)
    return session.exec(ordered.limit(limit + 1)).all()
