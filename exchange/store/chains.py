"""Queries on chains and their targets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, select

from exchange.domain.groups import Purpose
from exchange.store.tables.datasets import DatasetRow, ProductRow
from exchange.store.tables.requests import GrantRow
from exchange.store.tables.rollup import ChainRow, ChainTargetRow, ReleaseContributionRow, ReleaseRow


def find_chain(session: Session, chain_id: str) -> ChainRow | None:
    """The chain, or None."""
    return session.get(ChainRow, chain_id)


def find_related_chain(session: Session, organisation_id: str, chain_id: str) -> ChainRow | None:
    """The chain if the organisation has to do with it (see `related_chains`)."""
    return session.exec(select(ChainRow).where(ChainRow.id == chain_id, _is_related(organisation_id))).first()


def related_chains(session: Session, organisation_id: str) -> Sequence[ChainRow]:
    """Chains the organisation owns, has a target or figures in, or was ever granted figures of, by name."""
    return session.exec(
        select(ChainRow).where(_is_related(organisation_id)).order_by(col(ChainRow.name), col(ChainRow.id))
    ).all()


def _is_related(organisation_id: str) -> sa.ColumnElement[bool]:
    targeted = (
        select(ChainTargetRow.chain_id)
        .join(ProductRow, col(ProductRow.id) == col(ChainTargetRow.product_id))
        .where(ProductRow.organisation_id == organisation_id)
    )
    contributions = select(ReleaseRow.chain_id).join(
        ReleaseContributionRow, col(ReleaseContributionRow.release_id) == col(ReleaseRow.id)
    )
    contributing = contributions.where(ReleaseContributionRow.owner_id == organisation_id)
    granted = (
        contributions.join(DatasetRow, col(DatasetRow.id) == col(ReleaseContributionRow.dataset_id))
        .join(
            GrantRow,
            sa.and_(
                col(GrantRow.subject_id) == col(DatasetRow.subject_id),
                col(GrantRow.owner_id) == col(DatasetRow.organisation_id),
            ),
        )
        .where(GrantRow.grantee_id == organisation_id, GrantRow.purpose == Purpose.CHAIN_ROLLUP.value)
    )
    return sa.or_(
        col(ChainRow.owner_id) == organisation_id,
        col(ChainRow.id).in_(targeted),
        col(ChainRow.id).in_(contributing),
        col(ChainRow.id).in_(granted),
    )


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
