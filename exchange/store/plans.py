"""Queries on targets and initiatives, and on the periods a site has been calculated for."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from exchange.domain.periods import Period
from exchange.store.tables.calculations import CalculationRow
from exchange.store.tables.plans import InitiativeRow, TargetRow


def targets_of(session: Session, organisation_id: str) -> Sequence[TargetRow]:
    """The organisation's targets that stand, oldest first."""
    return session.exec(
        select(TargetRow)
        .where(TargetRow.organisation_id == organisation_id, col(TargetRow.withdrawn_at).is_(None))
        .order_by(col(TargetRow.created_at), col(TargetRow.id))
    ).all()


def initiatives_of(
    session: Session, organisation_id: str, site_id: str | None = None
) -> Sequence[InitiativeRow]:
    """The organisation's initiatives that stand, newest date first; of one site where it is named."""
    statement = select(InitiativeRow).where(
        InitiativeRow.organisation_id == organisation_id, col(InitiativeRow.withdrawn_at).is_(None)
    )
    if site_id is not None:
        statement = statement.where(InitiativeRow.site_id == site_id)
    return session.exec(
        statement.order_by(col(InitiativeRow.in_force_from).desc(), col(InitiativeRow.id))
    ).all()


def calculated_periods(session: Session, site_id: str) -> list[Period]:
    """The periods a site has a calculation of, each once."""
    pairs = session.exec(
        select(col(CalculationRow.period_start), col(CalculationRow.period_end))
        .where(CalculationRow.site_id == site_id)
        .distinct()
    ).all()
    return [Period(start, end) for start, end in pairs]
