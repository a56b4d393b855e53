"""Queries on status lists, their entries and issues, and on revoked datasets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from exchange.store.tables.datasets import DatasetRow
from exchange.store.tables.revocation import (
    RevocationRow,
    StatusEntryRow,
    StatusListAddressRow,
    StatusListRow,
)

_ABOUT = ("organisation_id", "subject_id", "period_start", "period_end")


def newest_list(session: Session) -> StatusListAddressRow | None:
    """The list opened last, whose positions are handed out."""
    return session.exec(
        select(StatusListAddressRow).order_by(col(StatusListAddressRow.list_number).desc()).limit(1)
    ).first()


def lists(session: Session) -> Sequence[StatusListAddressRow]:
    """Every list, the one opened first first."""
    return session.exec(select(StatusListAddressRow).order_by(col(StatusListAddressRow.list_number))).all()


def find_list(session: Session, number: int) -> StatusListAddressRow | None:
    """The list of this number."""
    return session.get(StatusListAddressRow, number)


def lists_at(session: Session, urls: Collection[str]) -> dict[str, int]:
    """The numbers of the lists at exactly these addresses, by address."""
    wanted = select(StatusListAddressRow.url, StatusListAddressRow.list_number)
    return dict(session.exec(wanted.where(col(StatusListAddressRow.url).in_(urls))).all())


def count_entries(session: Session, number: int) -> int:
    """How many positions of a list are handed out."""
    return session.exec(
        select(sa.func.count()).select_from(StatusEntryRow).where(StatusEntryRow.list_number == number)
    ).one()


def count_unused(session: Session, organisation_id: str, number: int) -> int:
    """How many positions of a list an organisation holds that no credential names yet."""
    return session.exec(
        select(sa.func.count()).select_from(StatusEntryRow).where(_is_unused(organisation_id, number))
    ).one()


def oldest_unused(session: Session, organisation_id: str, number: int) -> StatusEntryRow | None:
    """Of these the one reserved longest ago, locked until the transaction ends."""
    return session.exec(
        select(StatusEntryRow)
        .where(_is_unused(organisation_id, number))
        .order_by(col(StatusEntryRow.reserved_at), col(StatusEntryRow.position))
        .limit(1)
        .with_for_update()
    ).first()


def _is_unused(organisation_id: str, number: int) -> sa.ColumnElement[bool]:
    return sa.and_(
        col(StatusEntryRow.organisation_id) == organisation_id,
        col(StatusEntryRow.list_number) == number,
        col(StatusEntryRow.credential_digest).is_(None),
    )


def is_taken(session: Session, number: int, position: int) -> bool:
    """Whether a position is handed out already."""
    return session.get(StatusEntryRow, (number, position)) is not None


def lock_entries(
    session: Session, organisation_id: str, places: Collection[tuple[int, int]]
) -> dict[tuple[int, int], StatusEntryRow]:
    """What the organisation reserved of these places (list, position), as it is now.

    Nobody changes it before the transaction ends.
    """
    place = (col(StatusEntryRow.list_number), col(StatusEntryRow.position))
    rows = session.exec(
        select(StatusEntryRow)
        .where(StatusEntryRow.organisation_id == organisation_id, sa.tuple_(*place).in_(places))
        .order_by(*place)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {(row.list_number, row.position): row for row in rows}


def lock_entry_of(session: Session, credential_digest: str) -> StatusEntryRow | None:
    """The entry a credential names, locked likewise; None for one that names none."""
    return session.exec(
        select(StatusEntryRow)
        .where(StatusEntryRow.credential_digest == credential_digest)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def find_entry_of(session: Session, credential_digest: str) -> StatusEntryRow | None:
    """The entry a credential names."""
    return session.exec(
        select(StatusEntryRow).where(StatusEntryRow.credential_digest == credential_digest)
    ).first()


def revoked_positions(session: Session, number: int) -> Sequence[int]:
    """The positions of a list whose bit is to be set, ascending."""
    return session.exec(
        select(StatusEntryRow.position)
        .where(StatusEntryRow.list_number == number, col(StatusEntryRow.revoked_at).is_not(None))
        .order_by(col(StatusEntryRow.position))
    ).all()


def revoked_entries(session: Session, number: int) -> Sequence[tuple[int, datetime]]:
    """Position and instant of every revocation in a list."""
    rows = session.exec(
        select(StatusEntryRow.position, StatusEntryRow.revoked_at).where(
            StatusEntryRow.list_number == number, col(StatusEntryRow.revoked_at).is_not(None)
        )
    ).all()
    return [(position, at) for position, at in rows if at is not None]


def newest_issue(session: Session, number: int) -> StatusListRow | None:
    """The issue of a list that is in force."""
    return session.exec(
        select(StatusListRow)
        .where(StatusListRow.list_number == number)
        .order_by(col(StatusListRow.issue).desc())
        .limit(1)
    ).first()


def issue_at(session: Session, number: int, at: datetime) -> StatusListRow | None:
    """The issue of a list that was in force at an instant, None before the first."""
    return session.exec(
        select(StatusListRow)
        .where(StatusListRow.list_number == number, col(StatusListRow.issued_at) <= at)
        .order_by(col(StatusListRow.issue).desc())
        .limit(1)
    ).first()


def revocations_of(session: Session, dataset_ids: Collection[str]) -> dict[str, RevocationRow]:
    """Those of the datasets that were revoked, by id."""
    rows = session.exec(select(RevocationRow).where(col(RevocationRow.dataset_id).in_(dataset_ids))).all()
    return {row.dataset_id: row for row in rows}


def lock_dataset(session: Session, organisation_id: str, dataset_id: str) -> DatasetRow | None:
    """The dataset, if it is the organisation's, as it is now; nobody changes it before the transaction ends."""
    return session.exec(
        select(DatasetRow)
        .where(DatasetRow.id == dataset_id, DatasetRow.organisation_id == organisation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def revoked_unreplaced(
    session: Session, subject_ids: Collection[str]
) -> Sequence[tuple[DatasetRow, datetime]]:
    """Revoked datasets of the subjects that no newer version follows, and when they were revoked, the last first.

    Only where their organisation has nothing in force about the same subject and period.
    """
    other = aliased(DatasetRow)
    same = [col(getattr(other, name)) == col(getattr(DatasetRow, name)) for name in _ABOUT]
    is_newer = sa.and_(col(other.kind) == col(DatasetRow.kind), col(other.version) > col(DatasetRow.version))
    replaced = sa.exists().where(*same, sa.or_(col(other.status) == "active", is_newer))
    rows = session.exec(
        select(DatasetRow, RevocationRow.revoked_at)
        .where(
            col(RevocationRow.dataset_id) == col(DatasetRow.id),
            col(DatasetRow.subject_id).in_(subject_ids),
            DatasetRow.status == "withdrawn",
            ~replaced,
        )
        .order_by(col(RevocationRow.revoked_at).desc(), col(DatasetRow.id))
    ).all()
    return [(row, at) for row, at in rows]
