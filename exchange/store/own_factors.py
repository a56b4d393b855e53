"""Queries on an organisation's own factors and deflators."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from exchange.store.tables.calculations import OwnDeflatorRow, OwnFactorRow


def factors_of(session: Session, organisation_id: str) -> Sequence[OwnFactorRow]:
    """The organisation's factors that are not withdrawn, by key and first day."""
    return session.exec(
        select(OwnFactorRow)
        .where(OwnFactorRow.organisation_id == organisation_id, col(OwnFactorRow.withdrawn_at).is_(None))
        .order_by(col(OwnFactorRow.key), col(OwnFactorRow.basis), col(OwnFactorRow.valid_from))
    ).all()


def find_own_factor(session: Session, organisation_id: str, factor_id: str) -> OwnFactorRow | None:
    """The factor, withdrawn or not, if it is the organisation's; locked until the transaction ends."""
    return session.exec(
        select(OwnFactorRow)
        .where(OwnFactorRow.id == factor_id, OwnFactorRow.organisation_id == organisation_id)
        .with_for_update()
    ).first()


def deflators_of(session: Session, organisation_id: str) -> Sequence[OwnDeflatorRow]:
    """The organisation's deflators, by branch, base year and year."""
    return session.exec(
        select(OwnDeflatorRow)
        .where(OwnDeflatorRow.organisation_id == organisation_id)
        .order_by(col(OwnDeflatorRow.branch), col(OwnDeflatorRow.base_year), col(OwnDeflatorRow.year))
    ).all()
