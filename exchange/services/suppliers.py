"""Who says that it delivers to the actor's organisation, and whether the organisation says so too.

A delivery takes part in a roll-up only when its recipient confirmed the supplier (method section 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from exchange.domain.actors import Assurance, Role
from exchange.domain.errors import NotFoundError
from exchange.domain.periods import Period
from exchange.services.context import Context, audit
from exchange.services.organisations import directory_view
from exchange.services.paging import Keyset, Page, check_limit, make_page, read_cursor
from exchange.services.rollup.staleness import mark_stale
from exchange.store import parties
from exchange.store import relations as query
from exchange.store.tables.relations import SupplierRelationRow


class SupplierState(StrEnum):
    """What the customer has decided about an organisation that delivers to it."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True)
class Supplier:
    """An organisation that published deliveries to the actor's; `delivered` spans from the first to the last.

    `cvr` only where approved. `decided_at` is None while nothing is decided.
    """

    id: str
    name: str
    cvr: str | None
    assurance: Assurance
    delivered: Period
    state: SupplierState
    decided_at: datetime | None


def page_suppliers(
    ctx: Context, state: SupplierState | None = None, cursor: str | None = None, limit: int = 50
) -> Page[Supplier]:
    """Organisations that published deliveries to the actor's organisation, the newest acquaintance first."""
    ctx.who.require(Role.VIEWER)
    check_limit(limit)
    wanted = state.value if state else None
    with ctx.store.read() as session:
        rows = query.page_suppliers(session, ctx.who.organisation_id, wanted, read_cursor(cursor), limit)
        return make_page(rows, limit, lambda row: Keyset(row.since, row.organisation.id), _supplier)


def confirm_supplier(ctx: Context, supplier_id: str) -> Supplier:
    """Say that the organisation does deliver here: its deliveries take part in roll-ups from now on.

    Raises NotFoundError where it never published a delivery to the actor's organisation.
    """
    return _decide(ctx, supplier_id, SupplierState.CONFIRMED)


def refuse_supplier(ctx: Context, supplier_id: str) -> Supplier:
    """Say that the organisation's deliveries are not known here: none takes part, also where confirmed before.

    Raises NotFoundError where it never published a delivery to the actor's organisation.
    """
    return _decide(ctx, supplier_id, SupplierState.REFUSED)


def _decide(ctx: Context, supplier_id: str, state: SupplierState) -> Supplier:
    who = ctx.who
    who.require(Role.EDITOR)
    with ctx.store.write() as session:
        parties.lock_organisation(
            session, who.organisation_id
        )  # two who decide at once come one after the other
        found = query.find_supplier(session, who.organisation_id, supplier_id)
        if found is None:
            raise NotFoundError
        if _state(found) is state:
            return _supplier(found)
        row = found.relation or SupplierRelationRow(
            customer_id=who.organisation_id, supplier_id=supplier_id, state="", decided_at=ctx.now()
        )
        row.state, row.decided_by, row.decided_at = state.value, who.user_id or who.client_id, ctx.now()
        session.add(row)
        mark_stale(ctx, session, found.start, found.end)
        audit(ctx, session, f"supplier.{state.value}", "organisation", supplier_id)
        return _supplier(query.StoredSupplier(found.organisation, found.start, found.end, found.since, row))


def _state(found: query.StoredSupplier) -> SupplierState:
    return SupplierState(found.relation.state) if found.relation else SupplierState.WAITING


def _supplier(found: query.StoredSupplier) -> Supplier:
    seen = directory_view(found.organisation)
    return Supplier(
        seen.id,
        seen.name,
        seen.cvr,
        seen.assurance,
        Period(found.start, found.end),
        _state(found),
        found.relation.decided_at if found.relation else None,
    )
