"""Queries on products."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from exchange.store.bulk import among
from exchange.store.keyset import older_than
from exchange.store.tables.datasets import ProductRow


def find_own_product(session: Session, organisation_id: str, product_id: str) -> ProductRow | None:
    """The product if the organisation owns it."""
    return session.exec(
        select(ProductRow).where(ProductRow.id == product_id, ProductRow.organisation_id == organisation_id)
    ).first()


class RegisteredProduct(NamedTuple):
    """What a dataset about a product is held against."""

    id: str
    name: str
    supplier_product_id: str
    category: str
    gtin: str | None
    unit: str


def own_products(
    session: Session, organisation_id: str, product_ids: Collection[str]
) -> dict[str, RegisteredProduct]:
    """Those of the products that the organisation owns, by id."""
    wanted = sa.select(*(getattr(ProductRow, name) for name in RegisteredProduct._fields)).where(
        among(session, ProductRow.id, product_ids), col(ProductRow.organisation_id) == organisation_id
    )
    return {row.id: RegisteredProduct(*row) for row in session.connection().execute(wanted)}


def find_by_supplier_id(
    session: Session, organisation_id: str, supplier_product_id: str
) -> ProductRow | None:
    """The product its owner calls by this number."""
    return session.exec(
        select(ProductRow).where(
            ProductRow.organisation_id == organisation_id,
            ProductRow.supplier_product_id == supplier_product_id,
        )
    ).first()


def page_products(
    session: Session,
    organisation_id: str,
    after: tuple[datetime, str] | None,
    limit: int,
    *,
    listed_only: bool = False,
) -> Sequence[ProductRow]:
    """Up to `limit + 1` products of an organisation, newest first."""
    statement = select(ProductRow).where(ProductRow.organisation_id == organisation_id)
    if listed_only:
        statement = statement.where(col(ProductRow.listed).is_(sa.true()))
    return session.exec(
        older_than(statement, ProductRow.created_at, ProductRow.id, after).limit(limit + 1)
    ).all()


def names_of(session: Session, product_ids: Sequence[str]) -> dict[str, str]:
    """Names by product id."""
    rows = session.exec(
        select(ProductRow.id, ProductRow.name).where(col(ProductRow.id).in_(product_ids))
    ).all()
    return dict(rows)


def units_and_names(session: Session, product_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Name and declared unit by product id."""
    rows = session.exec(
        select(ProductRow.id, ProductRow.name, ProductRow.unit).where(col(ProductRow.id).in_(product_ids))
    ).all()
    return {product_id: (name, unit) for product_id, name, unit in rows}
