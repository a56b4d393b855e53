"""Queries on publications."""

from __future__ import annotations

from sqlmodel import Session

from exchange.store.tables.datasets import PublicationRow


def find_publication(session: Session, publication_id: str) -> PublicationRow | None:
    """The publication, or None."""
    return session.get(PublicationRow, publication_id)


def lock_publication(session: Session, publication_id: str) -> PublicationRow | None:
    """The publication, locked until the transaction ends."""
    return session.get(PublicationRow, publication_id, with_for_update=True)
