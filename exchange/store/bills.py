"""Queries on what is booked: bills, readings and production records, withdrawn ones left out unless said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from exchange.domain.periods import Period
from exchange.store.tables.sites import BillRow, FlowRow, OutputRow, ReadingRow, SiteRow

CHUNK = 5000

Booked = TypeVar("Booked", BillRow, ReadingRow, OutputRow)
OfFlow = TypeVar("OfFlow", BillRow, ReadingRow)


def overlapping(
    session: Session, table: type[Booked], site_id: str, start: date, end: date
) -> Sequence[Booked]:
    """A site's rows that share a day with [start, end), oldest first."""
    return session.exec(
        select(table)
        .where(
            table.site_id == site_id,
            col(table.period_start) < end,
            col(table.period_end) > start,
            col(table.withdrawn_at).is_(None),
        )
        .order_by(col(table.period_start), col(table.id))
    ).all()


def overlapping_of_flows(
    session: Session, table: type[OfFlow], flows: Sequence[FlowRow], start: date, end: date
) -> Sequence[OfFlow]:
    """The rows of some of one site's flows that share a day with [start, end), oldest first."""
    return session.exec(
        select(table)
        .where(
            table.site_id == flows[0].site_id,
            col(table.flow_id).in_([flow.id for flow in flows]),
            col(table.period_start) < end,
            col(table.period_end) > start,
            col(table.withdrawn_at).is_(None),
        )
        .order_by(col(table.period_start), col(table.id))
    ).all()


def digests_of(session: Session, site_id: str, period: Period) -> list[str]:
    """The digests of the documents attached to a site's bills that share a day with a period, in order."""
    attached = session.exec(
        select(BillRow.evidence).where(
            BillRow.site_id == site_id,
            col(BillRow.period_start) < period.end,
            col(BillRow.period_end) > period.start,
            col(BillRow.withdrawn_at).is_(None),
        )
    ).all()
    return sorted({document["digest"] for documents in attached for document in documents})


def other_sites_making(
    session: Session, organisation_id: str, product_id: str, site_id: str, period: Period
) -> Sequence[str]:
    """The names of the organisation's other sites that made something of a product in a period."""
    return session.exec(
        select(SiteRow.name)
        .join(OutputRow, col(OutputRow.site_id) == SiteRow.id)
        .where(
            SiteRow.organisation_id == organisation_id,
            SiteRow.id != site_id,
            OutputRow.product_id == product_id,
            col(OutputRow.period_start) < period.end,
            col(OutputRow.period_end) > period.start,
            col(OutputRow.withdrawn_at).is_(None),
        )
        .distinct()
        .order_by(col(SiteRow.name))
    ).all()


def citing(session: Session, organisation_id: str, digest: str) -> Sequence[BillRow]:
    """The organisation's bills, withdrawn ones too, whose evidence names a digest."""
    return session.exec(
        select(BillRow)
        .where(
            BillRow.organisation_id == organisation_id,
            sa.cast(col(BillRow.evidence), sa.Text).contains(digest, autoescape=True),
        )
        .order_by(col(BillRow.period_start), col(BillRow.id))
    ).all()


def add_all(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows, a chunk at a time."""
    for start in range(0, len(rows), CHUNK):
        session.execute(sa.insert(table), rows[start : start + CHUNK])
