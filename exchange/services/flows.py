"""Flows: the things that go into or out of a site, each once however often it is entered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.calculation.account import Flow, FlowDetail, KeyMethod
from exchange.domain.calculation.flow_rules import accounted_unit, flow_problems, settled
from exchange.domain.errors import NotFoundError, Problem, refuse
from exchange.domain.quantities import UnitCode
from exchange.services.account_rules import check_name
from exchange.services.context import Context, audit
from exchange.services.flow_details import detail_of, identity_of, kind_of_detail, stored_detail
from exchange.services.sites import own_site
from exchange.services.spreading_keys import own_key
from exchange.store import sites as query
from exchange.store.tables.sites import FlowRow, SiteRow

_CATEGORY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MAX_CATEGORY = 80  # of the datasets' recipe lines


@dataclass(frozen=True)
class NewFlow:
    """A flow to add. `unit` is any of its kind: energy is accounted in kWh, water in m3, waste and mass in kg.

    `category` or `product` (a product's id) say what a recipe line asks for; both "" for what is no part of the
    recipe. `key_id` None: the site's key by mass.
    """

    name: str
    detail: FlowDetail
    unit: UnitCode
    category: str = ""
    product: str = ""
    key_id: str | None = None


@dataclass(frozen=True)
class FlowView:
    """A flow as stored; `kind` is energy, water, material or waste."""

    id: str
    site_id: str
    kind: str
    name: str
    detail: FlowDetail
    unit: UnitCode
    category: str
    product: str
    key_id: str
    created_at: datetime


def add_flow(ctx: Context, site_id: str, new: NewFlow) -> FlowView:
    """Add a flow to a site; the same name and description give the flow that is there.

    Raises NotFoundError, InvalidError (`name.invalid`, the codes of `flow_rules.flow_problems`,
    `flow.category`, `flow.product`, `flow.contradicts`).
    """
    ctx.who.require(Role.EDITOR)
    with ctx.store.write() as session:
        site = own_site(ctx, session, site_id, lock=True)
        return present_flow(flow_of_site(ctx, session, site, new))


def flow_of_site(ctx: Context, session: Session, site: SiteRow, new: NewFlow) -> FlowRow:
    """The row of a flow of a locked site, added where it is new. Raises what `add_flow` does."""
    row = flow_row(ctx, site, new)
    refuse(_problems(ctx, session, new))
    known = query.find_flow(session, site.id, row.identity)
    if known is not None:
        refuse(contradictions(known, new))
        adopt(known, new)
        session.add(known)
        return known
    row.key_id = _key_id(ctx, session, site, new)
    session.add(row)
    audit(ctx, session, "flow.add", "flow", row.id)
    return row


def list_flows(ctx: Context, site_id: str) -> tuple[FlowView, ...]:
    """The flows of a site, by kind and name."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        site = own_site(ctx, session, site_id)
        return tuple(map(present_flow, query.flows_of(session, site.id)))


def set_flow_key(ctx: Context, flow_id: str, key_id: str) -> FlowView:
    """Spread a flow by another key of its site from the next calculation on; NotFoundError otherwise."""
    ctx.who.require(Role.EDITOR)
    with ctx.store.write() as session:
        row = own_flow(ctx, session, flow_id)
        key = own_key(ctx, session, key_id)
        if key.site_id != row.site_id:
            raise NotFoundError
        row.key_id = key.id
        session.add(row)
        audit(ctx, session, "flow.key", "flow", row.id, key=key.id)
        return present_flow(row)


def set_flow_input(ctx: Context, flow_id: str, category: str = "", product: str = "") -> FlowView:
    """Say which recipe line a flow fills: an input class, a supplier's product, both or none.

    Raises NotFoundError, InvalidError (`flow.category`, `flow.product`).
    """
    ctx.who.require(Role.EDITOR)
    with ctx.store.write() as session:
        row = own_flow(ctx, session, flow_id)
        refuse(input_problems(category))
        refuse(_product_problems(ctx, session, product))
        row.category, row.supplier_product_id = category, product or None
        session.add(row)
        audit(ctx, session, "flow.input", "flow", row.id)
        return present_flow(row)


def own_flow(ctx: Context, session: Session, flow_id: str) -> FlowRow:
    """The row of a flow of the actor's organisation; NotFoundError otherwise."""
    row = query.find_own_flow(session, ctx.who.organisation_id, flow_id)
    if row is None:
        raise NotFoundError
    return row


def flow_at(ctx: Context, session: Session, site: SiteRow, flow_id: str) -> FlowRow:
    """The row of one of the site's flows; NotFoundError otherwise."""
    row = own_flow(ctx, session, flow_id)
    if row.site_id != site.id:
        raise NotFoundError
    return row


def flow_row(ctx: Context, site: SiteRow, new: NewFlow) -> FlowRow:
    """The row of a new flow, still without a key. Raises InvalidError (`name.invalid`, `flow_problems`' codes)."""
    refuse(flow_problems(new.detail))
    unit = accounted_unit(new.detail, new.unit)
    detail = settled(new.detail, unit)
    name = check_name(new.name, "/name")
    return FlowRow(
        id=ctx.new_id(),
        organisation_id=site.organisation_id,
        site_id=site.id,
        kind=kind_of_detail(detail),
        name=name,
        unit=unit.value,
        detail=stored_detail(detail),
        identity=identity_of(name, detail, unit),
        category=new.category,
        supplier_product_id=new.product or None,
        key_id="",
        created_at=ctx.now(),
    )


def contradictions(row: FlowRow, new: NewFlow) -> list[Problem]:
    """`flow.contradicts`, where a flow that is there is known under another category or product."""
    said = (("category", row.category, new.category), ("product", row.supplier_product_id or "", new.product))
    return [
        Problem(
            "flow.contradicts",
            f"{row.name} has the {what} {known}, and now {given}.",
            f"/{what}",
            "Change it at the flow itself, or give the other thing a name of its own.",
        )
        for what, known, given in said
        if known and given and known != given
    ]


def adopt(row: FlowRow, new: NewFlow) -> None:
    """Fill in what was not said of the flow before."""
    row.category = row.category or new.category
    row.supplier_product_id = row.supplier_product_id or new.product or None


def input_problems(category: str) -> list[Problem]:
    """`flow.category`, unless it is empty or a code."""
    if not category or (len(category) <= MAX_CATEGORY and _CATEGORY.fullmatch(category)):
        return []
    detail = "A category is a code of small letters, digits and single hyphens."
    return [Problem("flow.category", detail, "/category", "Write it like steel-sheet, or leave it empty.")]


def unknown_product(product: str) -> Problem:
    """`flow.product`: a supplier's product nobody here may name."""
    detail = f"No product {product} is listed here."
    return Problem("flow.product", detail, "/product", "Take its id from the supplier's listed products.")


def domain_flow(row: FlowRow) -> Flow:
    """The flow as the calculation reads it."""
    view = present_flow(row)
    return Flow(view.id, view.name, view.detail, view.unit, view.key_id, view.category, view.product)


def present_flow(row: FlowRow) -> FlowView:
    """The outward form of a flow's row."""
    return FlowView(
        row.id,
        row.site_id,
        row.kind,
        row.name,
        detail_of(row.kind, row.detail),
        UnitCode(row.unit),
        row.category,
        row.supplier_product_id or "",
        row.key_id,
        row.created_at,
    )


def first_key(session: Session, site_id: str, method: KeyMethod) -> str:
    """The id of the key the site started with for a method, or of another of that method if it was renamed."""
    found = [key for key in query.keys_of(session, site_id) if key.method == method.value]
    return next((key.id for key in found if key.name == method.value), found[0].id)


def _key_id(ctx: Context, session: Session, site: SiteRow, new: NewFlow) -> str:
    if new.key_id is None:
        return first_key(session, site.id, KeyMethod.MASS)
    key = own_key(ctx, session, new.key_id)
    if key.site_id != site.id:
        raise NotFoundError
    return key.id


def _problems(ctx: Context, session: Session, new: NewFlow) -> Sequence[Problem]:
    return [*input_problems(new.category), *_product_problems(ctx, session, new.product)]


def _product_problems(ctx: Context, session: Session, product: str) -> Sequence[Problem]:
    if not product or query.reachable_products(session, ctx.who.organisation_id, [product]):
        return []
    return [unknown_product(product)]
