"""Queries on publications."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from exchange.store.tables.datasets import DatasetRow, PublicationRow


def find_publication(session: Session, publication_id: str) -> PublicationRow | None:
    """The publication, or None."""
    return session.get(PublicationRow, publication_id)


def states_of(session: Session, publication_ids: Sequence[str]) -> dict[str, str]:
    """State by publication id; of one whose dataset is no longer in force, that dataset's (superseded, withdrawn)."""
    found = session.exec(
        select(PublicationRow.id, PublicationRow.state, DatasetRow.status)
        .join(DatasetRow, col(DatasetRow.id) == col(PublicationRow.dataset_id), isouter=True)
        .where(col(PublicationRow.id).in_(publication_ids))
    ).all()
    return {one: state if status in {None, "active"} else status for one, state, status in found}


def lock_publication(session: Session, publication_id: str) -> PublicationRow | None:
    """The publication, locked until the transaction ends."""
    return session.get(PublicationRow, publication_id, with_for_update=True)
