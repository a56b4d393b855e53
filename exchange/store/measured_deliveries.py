"""Queries on deliveries that readings name: the steps that hold them, and datasets still waiting for a signature."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from exchange.store.tables.calculations import CalculationLineRow
from exchange.store.tables.datasets import PublicationRow
from exchange.store.tables.jobs import JobRow


def lines_with_deliveries(session: Session, calculation_id: str) -> Sequence[CalculationLineRow]:
    """The steps of a calculation in which the word occurs that a reading of a delivery bears."""
    return session.exec(
        select(CalculationLineRow)
        .where(
            CalculationLineRow.calculation_id == calculation_id,
            sa.cast(col(CalculationLineRow.steps), sa.Text).like('%"delivery"%'),
        )
        .order_by(
            col(CalculationLineRow.product_id), col(CalculationLineRow.kind), col(CalculationLineRow.number)
        )
    ).all()


def waiting_deliveries(session: Session, organisation_id: str) -> Sequence[str]:
    """The contents, as JSON, of an organisation's delivery datasets whose job may still have them signed."""
    return session.exec(
        select(PublicationRow.subject)
        .join(JobRow, col(JobRow.id) == col(PublicationRow.job_id))
        .where(
            PublicationRow.organisation_id == organisation_id,
            PublicationRow.kind == "delivery",
            PublicationRow.state == "waiting",
            col(JobRow.state).not_in(("dead", "cancelled")),
        )
    ).all()
