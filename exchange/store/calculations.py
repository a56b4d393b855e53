"""Queries on stored calculations: headers, figures, and the steps of one figure alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from exchange.domain.periods import Period
from exchange.store.keyset import older_than
from exchange.store.tables.calculations import (
    CalculationFigureRow,
    CalculationLineRow,
    CalculationProductRow,
    CalculationRow,
)


def find_own_calculation(
    session: Session, organisation_id: str, calculation_id: str
) -> CalculationRow | None:
    """The calculation if it is the organisation's."""
    return session.exec(
        select(CalculationRow).where(
            CalculationRow.id == calculation_id, CalculationRow.organisation_id == organisation_id
        )
    ).first()


def find_by_identity(session: Session, site_id: str, identity: str) -> CalculationRow | None:
    """The site's calculation of exactly these inputs."""
    return session.exec(
        select(CalculationRow).where(CalculationRow.site_id == site_id, CalculationRow.identity == identity)
    ).first()


def page_calculations(
    session: Session,
    organisation_id: str,
    after: tuple[datetime, str] | None,
    limit: int,
    site_id: str | None,
) -> Sequence[CalculationRow]:
    """Up to `limit + 1` calculations of an organisation, newest first."""
    statement = select(CalculationRow).where(CalculationRow.organisation_id == organisation_id)
    if site_id is not None:
        statement = statement.where(CalculationRow.site_id == site_id)
    older = older_than(statement, CalculationRow.created_at, CalculationRow.id, after)
    return session.exec(older.limit(limit + 1)).all()


def newest_by_period(session: Session, organisation_id: str) -> Sequence[CalculationRow]:
    """What each site and period of an organisation came to when it was last worked out."""
    rows = session.exec(
        select(CalculationRow)
        .where(CalculationRow.organisation_id == organisation_id)
        .order_by(col(CalculationRow.asked_at), col(CalculationRow.id))
    ).all()
    newest: dict[tuple[str, date, date], CalculationRow] = {}
    for row in rows:
        newest[row.site_id, row.period_start, row.period_end] = row
    return list(newest.values())


def figures_of(
    session: Session, calculation_id: str, product_id: str | None = None
) -> Sequence[CalculationFigureRow]:
    """The figures of a calculation, of one product where it is named."""
    statement = select(CalculationFigureRow).where(CalculationFigureRow.calculation_id == calculation_id)
    if product_id is not None:
        statement = statement.where(CalculationFigureRow.product_id == product_id)
    return session.exec(statement).all()


def find_figure(
    session: Session, calculation_id: str, product_id: str, indicator: str
) -> CalculationFigureRow | None:
    """One figure."""
    return session.get(CalculationFigureRow, (calculation_id, product_id, indicator))


def lines_of(
    session: Session, calculation_id: str, product_id: str, kinds: Sequence[str]
) -> Sequence[CalculationLineRow]:
    """The steps of one product (or "site") that come from flows of some kinds, in their order."""
    return session.exec(
        select(CalculationLineRow)
        .where(
            CalculationLineRow.calculation_id == calculation_id,
            CalculationLineRow.product_id == product_id,
            col(CalculationLineRow.kind).in_(kinds),
        )
        .order_by(col(CalculationLineRow.number))
    ).all()


def products_of(session: Session, calculation_id: str) -> Sequence[CalculationProductRow]:
    """What a calculation says of its products beside figures."""
    return session.exec(
        select(CalculationProductRow).where(CalculationProductRow.calculation_id == calculation_id)
    ).all()


def products_of_period(
    session: Session, organisation_id: str, product_id: str, period: Period
) -> Sequence[CalculationProductRow]:
    """What each of an organisation's calculations of exactly this period says of a product.

    First the one that its account came to last.
    """
    return session.exec(
        select(CalculationProductRow)
        .join(CalculationRow, col(CalculationRow.id) == col(CalculationProductRow.calculation_id))
        .where(
            CalculationRow.organisation_id == organisation_id,
            CalculationRow.period_start == period.start,
            CalculationRow.period_end == period.end,
            CalculationProductRow.product_id == product_id,
        )
        .order_by(col(CalculationRow.asked_at).desc(), col(CalculationRow.id).desc())
    ).all()


def find_product(
    session: Session, calculation_id: str, product_id: str, *, lock: bool = False
) -> CalculationProductRow | None:
    """One product of a calculation, on request locked until the transaction ends."""
    statement = select(CalculationProductRow).where(
        CalculationProductRow.calculation_id == calculation_id,
        CalculationProductRow.product_id == product_id,
    )
    return session.exec(statement.with_for_update() if lock else statement).first()


def insert_all(session: Session, kind: type, rows: Sequence[dict[str, object]]) -> None:
    """Many rows of one table in one statement."""
    if rows:
        session.execute(sa.insert(kind), list(rows))
