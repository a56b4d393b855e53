"""Queries on sites, what is made there, their flows and keys, and the company's years."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from exchange.store.tables.accounts import OrganisationRow
from exchange.store.tables.datasets import ProductRow
from exchange.store.tables.sites import (
    CompanyYearRow,
    FlowRow,
    SiteProductRow,
    SiteRow,
    SpreadingKeyRow,
)

CHUNK = 5000  # names in one question


def find_own_site(
    session: Session, organisation_id: str, site_id: str, *, lock: bool = False
) -> SiteRow | None:
    """The site if it is the organisation's, on request locked until the transaction ends."""
    statement = select(SiteRow).where(SiteRow.id == site_id, SiteRow.organisation_id == organisation_id)
    return session.exec(statement.with_for_update() if lock else statement).first()


def sites_of(session: Session, organisation_id: str) -> Sequence[SiteRow]:
    """The organisation's sites by name."""
    return session.exec(
        select(SiteRow)
        .where(SiteRow.organisation_id == organisation_id)
        .order_by(col(SiteRow.name), col(SiteRow.id))
    ).all()


def products_at(session: Session, site_id: str) -> Sequence[tuple[SiteProductRow, ProductRow]]:
    """What is made at a site, by the maker's numbers."""
    return session.exec(
        select(SiteProductRow, ProductRow)
        .join(ProductRow, col(ProductRow.id) == col(SiteProductRow.product_id))
        .where(SiteProductRow.site_id == site_id)
        .order_by(col(ProductRow.supplier_product_id))
    ).all()


def products_numbered(
    session: Session, organisation_id: str, numbers: Sequence[str]
) -> dict[str, ProductRow]:
    """The organisation's products of these numbers, by number."""
    found: dict[str, ProductRow] = {}
    for start in range(0, len(numbers), CHUNK):
        rows = session.exec(
            select(ProductRow).where(
                ProductRow.organisation_id == organisation_id,
                col(ProductRow.supplier_product_id).in_(numbers[start : start + CHUNK]),
            )
        ).all()
        found.update((row.supplier_product_id, row) for row in rows)
    return found


def reachable_products(session: Session, organisation_id: str, product_ids: Sequence[str]) -> set[str]:
    """Which of the products are the organisation's own or listed by another."""
    found: set[str] = set()
    for start in range(0, len(product_ids), CHUNK):
        found |= set(
            session.exec(
                select(ProductRow.id).where(
                    col(ProductRow.id).in_(product_ids[start : start + CHUNK]),
                    (col(ProductRow.organisation_id) == organisation_id) | col(ProductRow.listed),
                )
            )
        )
    return found


def listed_products(session: Session, numbers: Sequence[str]) -> list[tuple[str, str, str]]:
    """Id, number and maker's name of every listed product of these numbers."""
    found: list[tuple[str, str, str]] = []
    for start in range(0, len(numbers), CHUNK):
        found += session.exec(
            select(ProductRow.id, ProductRow.supplier_product_id, OrganisationRow.name)
            .join(OrganisationRow, col(OrganisationRow.id) == col(ProductRow.organisation_id))
            .where(
                col(ProductRow.supplier_product_id).in_(numbers[start : start + CHUNK]),
                col(ProductRow.listed),
            )
        ).all()
    return found


def flows_of(session: Session, site_id: str) -> Sequence[FlowRow]:
    """The site's flows, by kind and name."""
    return session.exec(
        select(FlowRow)
        .where(FlowRow.site_id == site_id)
        .order_by(col(FlowRow.kind), col(FlowRow.name), col(FlowRow.id))
    ).all()


def find_own_flow(session: Session, organisation_id: str, flow_id: str) -> FlowRow | None:
    """The flow if it is the organisation's."""
    return session.exec(
        select(FlowRow).where(FlowRow.id == flow_id, FlowRow.organisation_id == organisation_id)
    ).first()


def find_flow(session: Session, site_id: str, identity: str) -> FlowRow | None:
    """The site's flow of this identity."""
    return session.exec(
        select(FlowRow).where(FlowRow.site_id == site_id, FlowRow.identity == identity)
    ).first()


def keys_of(session: Session, site_id: str) -> Sequence[SpreadingKeyRow]:
    """The site's keys by name."""
    return session.exec(
        select(SpreadingKeyRow)
        .where(SpreadingKeyRow.site_id == site_id)
        .order_by(col(SpreadingKeyRow.name), col(SpreadingKeyRow.id))
    ).all()


def find_own_key(session: Session, organisation_id: str, key_id: str) -> SpreadingKeyRow | None:
    """The key if it is the organisation's."""
    return session.exec(
        select(SpreadingKeyRow).where(
            SpreadingKeyRow.id == key_id, SpreadingKeyRow.organisation_id == organisation_id
        )
    ).first()


def company_years_of(session: Session, organisation_id: str) -> Sequence[CompanyYearRow]:
    """The organisation's financial years, oldest first."""
    return session.exec(
        select(CompanyYearRow)
        .where(CompanyYearRow.organisation_id == organisation_id)
        .order_by(col(CompanyYearRow.year))
    ).all()
