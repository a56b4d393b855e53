"""Queries on datasets and the disclosures that open them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from exchange.domain.periods import Period
from exchange.store.bulk import among, insert_rows
from exchange.store.grants import in_force_for
from exchange.store.keyset import older_than
from exchange.store.tables.datasets import DatasetRow, DisclosureRow, FigureRow
from exchange.store.tables.requests import GrantRow

Rows = Sequence[Mapping[str, object]]


class About(NamedTuple):
    """What versions are versions of: subject and period of one organisation's datasets of a kind."""

    kind: str
    subject_id: str
    period_start: date | None
    period_end: date | None


class StoredVersion(NamedTuple):
    """The header of a stored dataset, as far as its successor and who publishes it again need it."""

    id: str
    organisation_id: str
    version: int
    status: str
    supersedes_id: str | None
    custody: bool


_VERSION = [getattr(DatasetRow, name) for name in StoredVersion._fields]


def find_dataset(session: Session, dataset_id: str) -> DatasetRow | None:
    """The dataset, or None."""
    return session.get(DatasetRow, dataset_id)


def find_by_digest(session: Session, digest: str) -> DatasetRow | None:
    """The dataset with exactly these signed bytes."""
    return session.exec(select(DatasetRow).where(DatasetRow.digest == digest)).first()


def stored_by_digest(session: Session, digests: Collection[str]) -> dict[str, StoredVersion]:
    """Those of the digests under which a dataset is stored."""
    wanted = sa.select(*_VERSION, col(DatasetRow.digest)).where(among(session, DatasetRow.digest, digests))
    return {row.digest: StoredVersion(*row[:-1]) for row in session.connection().execute(wanted)}


def used_credentials(
    session: Session, issuer_dids: Collection[str], credential_ids: Collection[str]
) -> set[tuple[str, str]]:
    """Pairs of issuer and credential id among these that a dataset has."""
    wanted = sa.select(col(DatasetRow.issuer_did), col(DatasetRow.credential_id)).where(
        among(session, DatasetRow.issuer_did, issuer_dids),
        among(session, DatasetRow.credential_id, credential_ids),
    )
    return {(issuer, credential_id) for issuer, credential_id in session.connection().execute(wanted)}


def newest_versions(
    session: Session, organisation_id: str, subject_ids: Collection[str]
) -> dict[About, StoredVersion]:
    """The newest version, in force or revoked, of each kind and period of an organisation's subjects."""
    newest_first = sa.func.row_number().over(
        partition_by=[getattr(DatasetRow, name) for name in About._fields],
        order_by=col(DatasetRow.version).desc(),
    )
    ranked = (
        sa.select(
            *_VERSION, *(getattr(DatasetRow, name) for name in About._fields), newest_first.label("rank")
        )
        .where(
            col(DatasetRow.organisation_id) == organisation_id,
            among(session, DatasetRow.subject_id, subject_ids),
        )
        .subquery()
    )
    rows = session.connection().execute(sa.select(ranked).where(ranked.c.rank == 1))
    width = len(_VERSION)
    return {About(*row[width:-1]): StoredVersion(*row[:width]) for row in rows}


def supersede(session: Session, dataset_ids: Collection[str]) -> None:
    """Put versions out of force."""
    session.connection().execute(
        sa.update(DatasetRow).where(col(DatasetRow.id).in_(dataset_ids)).values(status="superseded")
    )


def insert_datasets(session: Session, datasets: Rows, disclosures: Rows, figures: Rows) -> None:
    """Store datasets with what belongs to them: members by column name, all columns, first versions first."""
    insert_rows(session, DatasetRow, datasets)
    insert_rows(session, DisclosureRow, disclosures)
    insert_rows(session, FigureRow, figures)


def find_newest(
    session: Session, organisation_id: str, kind: str, subject_id: str, start: date | None, end: date | None
) -> DatasetRow | None:
    """The newest version of one subject and period: in force, or revoked."""
    return session.exec(
        select(DatasetRow)
        .where(
            DatasetRow.organisation_id == organisation_id,
            DatasetRow.kind == kind,
            DatasetRow.subject_id == subject_id,
            col(DatasetRow.period_start).is_not_distinct_from(start),
            col(DatasetRow.period_end).is_not_distinct_from(end),
        )
        .order_by(col(DatasetRow.version).desc())
        .limit(1)
    ).first()


def active_of_subjects(
    session: Session, organisation_id: str, subject_ids: Sequence[str]
) -> Sequence[DatasetRow]:
    """Versions in force of the subjects, newest period first."""
    return session.exec(
        select(DatasetRow)
        .where(
            DatasetRow.organisation_id == organisation_id,
            col(DatasetRow.subject_id).in_(subject_ids),
            DatasetRow.status == "active",
        )
        .order_by(col(DatasetRow.period_start).desc(), col(DatasetRow.id))
    ).all()


def subjects_in_force(
    session: Session, organisation_id: str, subject_ids: Sequence[str], period: Period
) -> set[str]:
    """Which of the subjects an organisation has a version in force of, for exactly this period."""
    return set(
        session.exec(
            select(DatasetRow.subject_id).where(
                DatasetRow.organisation_id == organisation_id,
                col(DatasetRow.subject_id).in_(subject_ids),
                DatasetRow.period_start == period.start,
                DatasetRow.period_end == period.end,
                DatasetRow.status == "active",
            )
        ).all()
    )


def active_for(session: Session, subject_id: str, period: Period) -> Sequence[DatasetRow]:
    """Versions in force of exactly this subject and period, whoever published them."""
    return session.exec(
        select(DatasetRow)
        .where(
            DatasetRow.subject_id == subject_id,
            DatasetRow.period_start == period.start,
            DatasetRow.period_end == period.end,
            DatasetRow.status == "active",
        )
        .order_by(col(DatasetRow.id))
    ).all()


def disclosures_of(session: Session, dataset_id: str) -> dict[str, str]:
    """The stored disclosures by field group."""
    rows = session.exec(select(DisclosureRow).where(DisclosureRow.dataset_id == dataset_id)).all()
    return {row.field_group: row.disclosure for row in rows}


def groups_of(session: Session, dataset_ids: Sequence[str]) -> dict[str, set[str]]:
    """The field groups each dataset carries."""
    rows = session.exec(
        select(DisclosureRow.dataset_id, DisclosureRow.field_group).where(
            col(DisclosureRow.dataset_id).in_(dataset_ids)
        )
    ).all()
    groups: dict[str, set[str]] = {dataset_id: set() for dataset_id in dataset_ids}
    for dataset_id, group in rows:
        groups[dataset_id].add(group)
    return groups


def page_datasets(
    session: Session,
    organisation_id: str,
    after: tuple[datetime, str] | None,
    limit: int,
    subject_id: str | None = None,
) -> Sequence[DatasetRow]:
    """Up to `limit + 1` datasets an organisation published, newest first."""
    statement = select(DatasetRow).where(DatasetRow.organisation_id == organisation_id)
    if subject_id is not None:
        statement = statement.where(DatasetRow.subject_id == subject_id)
    return session.exec(
        older_than(statement, DatasetRow.received_at, DatasetRow.id, after).limit(limit + 1)
    ).all()


def page_granted(
    session: Session, grantee_id: str, now: datetime, after: tuple[datetime, str] | None, limit: int
) -> Sequence[DatasetRow]:
    """Up to `limit + 1` active or revoked datasets some grant in force opens to the grantee, newest first."""
    opened = sa.exists().where(
        in_force_for(grantee_id, now),
        col(GrantRow.owner_id) == col(DatasetRow.organisation_id),
        col(GrantRow.subject_id) == col(DatasetRow.subject_id),
        col(GrantRow.kind) == col(DatasetRow.kind),
        sa.or_(
            col(GrantRow.period_start).is_(None),
            sa.and_(
                col(GrantRow.period_start) <= col(DatasetRow.period_start),
                col(GrantRow.period_end) >= col(DatasetRow.period_end),
            ),
        ),
    )
    statement = select(DatasetRow).where(col(DatasetRow.status).in_(("active", "withdrawn")), opened)
    return session.exec(
        older_than(statement, DatasetRow.received_at, DatasetRow.id, after).limit(limit + 1)
    ).all()
