"""Suppliers: who says that it delivers to the caller's organisation, and what the organisation says to it."""

from __future__ import annotations

from datetime import datetime

from exchange.api.operation import Resource
from exchange.api.wire import Id, Out, PageOut, PageQuery, PeriodField, page_of
from exchange.domain.actors import Assurance, Role
from exchange.services import suppliers
from exchange.services.context import Context
from exchange.services.suppliers import SupplierState

resource = Resource(
    "suppliers", "Who delivers to the caller's organisation; unconfirmed deliveries count nowhere."
)


class SupplierOut(Out):
    """An organisation that published deliveries to the caller's, and the decision on it (null while waiting)."""

    id: Id
    name: str
    cvr: str | None
    assurance: Assurance
    delivered: PeriodField
    state: SupplierState
    decided_at: datetime | None


class SuppliersQuery(PageQuery):
    """All, or those in one state."""

    state: SupplierState | None = None


@resource.operation("GET", "/suppliers")
def list_all(ctx: Context, query: SuppliersQuery) -> PageOut[SupplierOut]:
    """List organisations that published deliveries to the caller's, newest acquaintance first."""
    page = suppliers.page_suppliers(ctx, query.state, query.cursor, query.limit)
    return page_of(page, SupplierOut.of)


@resource.operation("POST", "/suppliers/{supplier_id}/confirmation", role=Role.EDITOR)
def confirm(ctx: Context, supplier_id: Id) -> SupplierOut:
    """Confirm a supplier: its deliveries to the caller's organisation take part in roll-ups."""
    return SupplierOut.of(suppliers.confirm_supplier(ctx, supplier_id))


@resource.operation("POST", "/suppliers/{supplier_id}/refusal", role=Role.EDITOR)
def refuse(ctx: Context, supplier_id: Id) -> SupplierOut:
    """Refuse a supplier: none of its deliveries to the caller's organisation takes part in roll-ups."""
    return SupplierOut.of(suppliers.refuse_supplier(ctx, supplier_id))
