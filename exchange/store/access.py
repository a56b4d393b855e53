"""Queries on access records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from exchange.store.tables.accounts import OrganisationRow
from exchange.store.tables.datasets import DatasetRow, ProductRow
from exchange.store.tables.requests import AccessRecordRow
from exchange.store.tables.rollup import ChainRow
from exchange.store.types import UtcDateTime


@dataclass(frozen=True)
class NamedRecord:
    """An access record with the names a reader needs."""

    record: AccessRecordRow
    actor_name: str
    target_name: str
    period: tuple[date, date] | None  # of the dataset read, if it has one
    version: int | None


def page_access_records(
    session: Session,
    organisation_id: str,
    side: str,
    after: tuple[datetime, str] | None,
    limit: int,
    *,
    others_only: bool = False,
    subject_id: str | None = None,
) -> Sequence[NamedRecord]:
    """Up to `limit + 1` records of an owner's data or an actor's reads, newest first.

    `others_only` leaves out the organisation's own reads, `subject_id` all but reads of that product's datasets.
    """
    column = AccessRecordRow.owner_id if side == "owner" else AccessRecordRow.actor_organisation_id
    target = sa.func.coalesce(col(ProductRow.name), col(ChainRow.name), "")
    statement = (
        select(AccessRecordRow, OrganisationRow.name, target, DatasetRow)
        .join(OrganisationRow, col(OrganisationRow.id) == col(AccessRecordRow.actor_organisation_id))
        .join(DatasetRow, col(DatasetRow.id) == col(AccessRecordRow.target_id), isouter=True)
        .join(ProductRow, col(ProductRow.id) == col(DatasetRow.subject_id), isouter=True)
        .join(ChainRow, col(ChainRow.id) == col(AccessRecordRow.target_id), isouter=True)
        .options(defer(DatasetRow.jwt))  # type: ignore[arg-type]  # an attribute of the table, typed as its value
        .where(column == organisation_id)
        .order_by(col(AccessRecordRow.at).desc(), col(AccessRecordRow.id).desc())
        .limit(limit + 1)
    )
    if others_only:
        statement = statement.where(col(AccessRecordRow.actor_organisation_id) != organisation_id)
    if subject_id is not None:
        statement = statement.where(col(DatasetRow.subject_id) == subject_id)
    if after is not None:
        statement = statement.where(
            sa.tuple_(col(AccessRecordRow.at), col(AccessRecordRow.id))
            < sa.tuple_(sa.literal(after[0], type_=UtcDateTime()), sa.literal(after[1]))
        )
    return [
        NamedRecord(record, actor, name, _period(dataset), dataset.version if dataset else None)
        for record, actor, name, dataset in session.exec(statement).all()
    ]


def _period(dataset: DatasetRow | None) -> tuple[date, date] | None:
    if dataset is None or dataset.period_start is None or dataset.period_end is None:
        return None
    return dataset.period_start, dataset.period_end
