"""Queries on publications."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from exchange.store.tables.datasets import PublicationRow


def find_publication(session: Session, publication_id: str) -> PublicationRow | None:
    """The publication, or None."""
    return session.get(PublicationRow, publication_id)


def states_of(session: Session, publication_ids: Sequence[str]) -> dict[str, str]:
    """State by publication id."""
    found = session.exec(
        select(PublicationRow.id, PublicationRow.state).where(col(PublicationRow.id).in_(publication_ids))
    ).all()
    return dict(found)


def lock_publication(session: Session, publication_id: str) -> PublicationRow | None:
    """The publication, locked until the transaction ends."""
    return session.get(PublicationRow, publication_id, with_for_update=True)
