"""Queries on suppliers: who says that it delivered to whom, and what the customer decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from exchange.store.tables.accounts import OrganisationRow
from exchange.store.tables.datasets import DatasetRow
from exchange.store.tables.relations import SupplierRelationRow
from exchange.store.types import UtcDateTime


@dataclass(frozen=True)
class StoredSupplier:
    """An organisation that published deliveries to a customer: [start, end) of them all, since when, decided how."""

    organisation: OrganisationRow
    start: date
    end: date
    since: datetime
    relation: SupplierRelationRow | None


def page_suppliers(
    session: Session, customer_id: str, state: str | None, after: tuple[datetime, str] | None, limit: int
) -> list[StoredSupplier]:
    """Up to `limit + 1` suppliers, those that delivered here first last; `state` "waiting" has no row."""
    since, supplier = _since(), col(OrganisationRow.id)
    statement = _suppliers(customer_id).order_by(since.desc(), supplier.desc())
    if state is not None:
        decided = sa.func.coalesce(col(SupplierRelationRow.state), "waiting")
        statement = statement.where(decided == state)
    if after is not None:
        behind = sa.tuple_(sa.literal(after[0], type_=UtcDateTime()), sa.literal(after[1]))
        statement = statement.having(sa.tuple_(since, supplier) < behind)
    return [StoredSupplier(*row) for row in session.execute(statement.limit(limit + 1)).all()]


def find_supplier(session: Session, customer_id: str, supplier_id: str) -> StoredSupplier | None:
    """The supplier, or None where the organisation never published a delivery to the customer."""
    statement = _suppliers(customer_id).where(col(OrganisationRow.id) == supplier_id)
    row = session.execute(statement).first()
    return None if row is None else StoredSupplier(*row)


def relations_in_force(session: Session) -> dict[tuple[str, str], bool]:
    """Every decision by (customer, supplier): True where confirmed, False where refused."""
    rows: Sequence[SupplierRelationRow] = session.exec(select(SupplierRelationRow)).all()
    return {(row.customer_id, row.supplier_id): row.state == "confirmed" for row in rows}


def _since() -> sa.ColumnElement[datetime]:
    return sa.func.min(col(DatasetRow.received_at))


def _suppliers(customer_id: str) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            OrganisationRow,
            sa.func.min(col(DatasetRow.period_start)),
            sa.func.max(col(DatasetRow.period_end)),
            _since(),
            SupplierRelationRow,
        )
        .join(DatasetRow, col(DatasetRow.organisation_id) == col(OrganisationRow.id))
        .outerjoin(
            SupplierRelationRow,
            sa.and_(
                col(SupplierRelationRow.supplier_id) == col(OrganisationRow.id),
                col(SupplierRelationRow.customer_id) == customer_id,
            ),
        )
        .where(col(DatasetRow.recipient_id) == customer_id)
        .group_by(
            col(OrganisationRow.id),
            col(SupplierRelationRow.customer_id),
            col(SupplierRelationRow.supplier_id),
        )
    )
