"""Queries that find what somebody names when setting up a chain: organisations and products, as people call them."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from exchange.domain.groups import Purpose
from exchange.store.tables.accounts import OrganisationRow
from exchange.store.tables.datasets import ProductRow
from exchange.store.tables.requests import GrantRow
from exchange.store.tables.rollup import ChainMemberRow, ChainRow

ENOUGH = 2  # to know that a name is not one organisation's or product's alone


def organisations_called(session: Session, text: str) -> Sequence[OrganisationRow]:
    """Up to two organisations with this approved CVR number or this name."""
    has_cvr = sa.and_(col(OrganisationRow.cvr) == text, col(OrganisationRow.cvr_status) == "approved")
    return session.exec(
        select(OrganisationRow)
        .where(sa.or_(has_cvr, _is_called(OrganisationRow.name, text)))
        .order_by(col(OrganisationRow.id))
        .limit(ENOUGH)
    ).all()


def products_called(
    session: Session, organisation_id: str, text: str, *, listed_only: bool
) -> Sequence[ProductRow]:
    """Up to two products of an organisation with this number or name."""
    statement = select(ProductRow).where(
        ProductRow.organisation_id == organisation_id,
        sa.or_(col(ProductRow.supplier_product_id) == text, _is_called(ProductRow.name, text)),
    )
    if listed_only:
        statement = statement.where(col(ProductRow.listed).is_(sa.true()))
    return session.exec(statement.order_by(col(ProductRow.id)).limit(ENOUGH)).all()


def acquaintances(session: Session, organisation_id: str, limit: int) -> Sequence[OrganisationRow]:
    """Itself, whoever granted it figures for chain totals, and the members of its chains, by name."""
    granting = select(GrantRow.owner_id).where(
        GrantRow.grantee_id == organisation_id, GrantRow.purpose == Purpose.CHAIN_ROLLUP.value
    )
    joined = (
        select(ChainMemberRow.organisation_id)
        .join(ChainRow, col(ChainRow.id) == col(ChainMemberRow.chain_id))
        .where(ChainRow.owner_id == organisation_id)
    )
    known = sa.or_(
        col(OrganisationRow.id) == organisation_id,
        col(OrganisationRow.id).in_(granting),
        col(OrganisationRow.id).in_(joined),
    )
    return session.exec(
        select(OrganisationRow).where(known).order_by(col(OrganisationRow.name)).limit(limit)
    ).all()


def _is_called(column: str, text: str) -> sa.ColumnElement[bool]:
    """Large and small letters do not matter, as far as the database knows them."""
    return sa.or_(col(column) == text, sa.func.lower(col(column)) == text.lower())
