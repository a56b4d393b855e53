"""Queries on signed statements of releases, on what they cover and what they count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from exchange.store.keyset import older_than
from exchange.store.tables.datasets import DatasetRow
from exchange.store.tables.rollup import (
    ReleaseInputRow,
    ReleaseRow,
    ReleaseStatementCellRow,
    ReleaseStatementRow,
)
from exchange.store.types import UtcDateTime


@dataclass(frozen=True)
class CountedInput:
    """An input of a statement together with the dataset it is."""

    row: ReleaseInputRow
    dataset_id: str


def uncovered_releases(session: Session, limit: int) -> Sequence[ReleaseRow]:
    """Releases that no statement stated anew yet, those of one chain and period together, oldest first within it."""
    stated = sa.and_(
        col(ReleaseStatementCellRow.release_id) == col(ReleaseRow.id),
        col(ReleaseStatementCellRow.is_new).is_(sa.true()),
    )
    return session.exec(
        select(ReleaseRow)
        .outerjoin(ReleaseStatementCellRow, stated)
        .where(col(ReleaseStatementCellRow.release_id).is_(None))
        .order_by(
            col(ReleaseRow.chain_id),
            col(ReleaseRow.period_start),
            col(ReleaseRow.period_end),
            col(ReleaseRow.created_at),
            col(ReleaseRow.id),
        )
        .limit(limit)
    ).all()


def in_force_as_of(session: Session, newest: ReleaseRow) -> list[ReleaseRow]:
    """Of every indicator of a release's chain and period the newest release up to and with it."""
    up_to = sa.tuple_(sa.literal(newest.created_at, type_=UtcDateTime()), sa.literal(newest.id))
    rows = session.exec(
        select(ReleaseRow)
        .where(
            ReleaseRow.chain_id == newest.chain_id,
            ReleaseRow.period_start == newest.period_start,
            ReleaseRow.period_end == newest.period_end,
            sa.tuple_(col(ReleaseRow.created_at), col(ReleaseRow.id)) <= up_to,
        )
        .order_by(col(ReleaseRow.created_at), col(ReleaseRow.id))
    ).all()
    return list({row.indicator: row for row in rows}.values())


def find_statement(session: Session, statement_id: str) -> ReleaseStatementRow | None:
    """The statement, whoever may read it."""
    return session.get(ReleaseStatementRow, statement_id)


def statements_of(
    session: Session, chain_id: str, limit: int, period: tuple[date, date] | None = None
) -> Sequence[ReleaseStatementRow]:
    """The newest statements on a chain, on exactly this period [start, end) where one is given."""
    statement = select(ReleaseStatementRow).where(ReleaseStatementRow.chain_id == chain_id)
    if period is not None:
        start, end = period
        statement = statement.where(
            ReleaseStatementRow.period_start == start, ReleaseStatementRow.period_end == end
        )
    ordered = older_than(statement, ReleaseStatementRow.created_at, ReleaseStatementRow.id, None)
    return session.exec(ordered.limit(limit)).all()


def releases_of(session: Session, statement_ids: Sequence[str]) -> dict[str, list[ReleaseRow]]:
    """The releases that each statement states, new or not."""
    found: dict[str, list[ReleaseRow]] = {one: [] for one in statement_ids}
    rows = session.exec(
        select(ReleaseStatementCellRow.statement_id, ReleaseRow)
        .join(ReleaseRow, col(ReleaseRow.id) == col(ReleaseStatementCellRow.release_id))
        .where(col(ReleaseStatementCellRow.statement_id).in_(statement_ids))
        .order_by(col(ReleaseRow.created_at), col(ReleaseRow.id))
    ).all()
    for statement_id, release in rows:
        found[statement_id].append(release)
    return found


def inputs_of(session: Session, statement_id: str) -> Sequence[ReleaseInputRow]:
    """The inputs of a statement in the order of their leaves."""
    return session.exec(
        select(ReleaseInputRow)
        .where(ReleaseInputRow.statement_id == statement_id)
        .order_by(col(ReleaseInputRow.position))
    ).all()


def owned_inputs(session: Session, organisation_id: str, statement_id: str) -> list[CountedInput]:
    """The inputs of a statement that are the organisation's own datasets."""
    rows = session.exec(
        select(ReleaseInputRow, DatasetRow.id)
        .join(DatasetRow, col(DatasetRow.digest) == col(ReleaseInputRow.dataset_digest))
        .where(
            ReleaseInputRow.statement_id == statement_id,
            DatasetRow.organisation_id == organisation_id,
        )
        .order_by(col(ReleaseInputRow.position))
    ).all()
    return [CountedInput(row, dataset_id) for row, dataset_id in rows]


def page_counting(
    session: Session, organisation_id: str, after: tuple[datetime, str] | None, limit: int
) -> Sequence[ReleaseStatementRow]:
    """Statements that count a dataset of the organisation's, newest first, one more than `limit`."""
    counting = (
        select(ReleaseInputRow.statement_id)
        .join(DatasetRow, col(DatasetRow.digest) == col(ReleaseInputRow.dataset_digest))
        .where(DatasetRow.organisation_id == organisation_id)
    )
    statement = select(ReleaseStatementRow).where(col(ReleaseStatementRow.id).in_(counting))
    ordered = older_than(statement, ReleaseStatementRow.created_at, ReleaseStatementRow.id, after)
    return session.exec(ordered.limit(limit + 1)).all()
