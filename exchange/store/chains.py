"""Queries on chains and their targets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, select

from exchange.store.tables.datasets import ProductRow
from exchange.store.tables.rollup import ChainRow, ChainTargetRow, ReleaseContributionRow, ReleaseRow


def find_chain(session: Session, chain_id: str) -> ChainRow | None:
    """The chain, or None."""
    return session.get(ChainRow, chain_id)


def chains_touching(session: Session, organisation_id: str) -> Sequence[ChainRow]:
    """Chains the organisation owns, has a target in, or has figures in, by name."""
    targeted = (
        select(ChainTargetRow.chain_id)
        .join(ProductRow, col(ProductRow.id) == col(ChainTargetRow.product_id))
        .where(ProductRow.organisation_id == organisation_id)
    )
    contributing = (
        select(ReleaseRow.chain_id)
        .join(ReleaseContributionRow, col(ReleaseContributionRow.release_id) == col(ReleaseRow.id))
        .where(ReleaseContributionRow.owner_id == organisation_id)
    )
    return session.exec(
        select(ChainRow)
        .where(
            sa.or_(
                col(ChainRow.owner_id) == organisation_id,
                col(ChainRow.id).in_(targeted),
                col(ChainRow.id).in_(contributing),
            )
        )
        .order_by(col(ChainRow.name), col(ChainRow.id))
    ).all()


def chains_of_period(session: Session, start: date, end: date, prefer: str) -> Sequence[ChainRow]:
    """Chains with a target in exactly this period, under one policy."""
    targeted = select(ChainTargetRow.chain_id).where(
        ChainTargetRow.period_start == start, ChainTargetRow.period_end == end
    )
    return session.exec(
        select(ChainRow)
        .where(col(ChainRow.id).in_(targeted), ChainRow.prefer == prefer)
        .order_by(col(ChainRow.id))
    ).all()


def targets_of(session: Session, chain_ids: Sequence[str]) -> Sequence[ChainTargetRow]:
    """All targets of the chains, by chain, period and product."""
    return session.exec(
        select(ChainTargetRow)
        .where(col(ChainTargetRow.chain_id).in_(chain_ids))
        .order_by(
            col(ChainTargetRow.chain_id), col(ChainTargetRow.period_start), col(ChainTargetRow.product_id)
        )
    ).all()


def products_by_id(session: Session, product_ids: Sequence[str]) -> dict[str, ProductRow]:
    """Products by id; ids that do not exist are left out."""
    rows = session.exec(select(ProductRow).where(col(ProductRow.id).in_(product_ids))).all()
    return {row.id: row for row in rows}
