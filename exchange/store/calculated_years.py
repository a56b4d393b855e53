"""Queries over several calculations at once: what is summed over sites and compared over years."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from exchange.store.tables.calculations import (
    CalculationFigureRow,
    CalculationLineRow,
    CalculationProductRow,
)
from exchange.store.tables.datasets import ProductRow


def figures_of_all(session: Session, calculation_ids: Sequence[str]) -> Sequence[CalculationFigureRow]:
    """All figures of some calculations."""
    return session.exec(
        select(CalculationFigureRow).where(col(CalculationFigureRow.calculation_id).in_(calculation_ids))
    ).all()


def products_of_all(session: Session, calculation_ids: Sequence[str]) -> Sequence[CalculationProductRow]:
    """What some calculations say of their products beside figures."""
    return session.exec(
        select(CalculationProductRow).where(col(CalculationProductRow.calculation_id).in_(calculation_ids))
    ).all()


def lines_of_all(
    session: Session, calculation_ids: Sequence[str], product_id: str
) -> Sequence[CalculationLineRow]:
    """The steps of one product (or "site") in some calculations, in their order."""
    return session.exec(
        select(CalculationLineRow)
        .where(
            col(CalculationLineRow.calculation_id).in_(calculation_ids),
            CalculationLineRow.product_id == product_id,
        )
        .order_by(col(CalculationLineRow.calculation_id), col(CalculationLineRow.number))
    ).all()


def product_names(session: Session, organisation_id: str) -> dict[str, str]:
    """The names of the organisation's products by id."""
    rows = session.exec(
        select(ProductRow.id, ProductRow.name).where(ProductRow.organisation_id == organisation_id)
    ).all()
    return dict(rows)
