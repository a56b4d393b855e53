"""Initiatives of an organisation: what is done where, at what cost, why, and whose demand it answers (section 8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.calculation.bill_rules import out_of_range
from exchange.domain.errors import NotFoundError, Problem, refuse
from exchange.domain.initiatives import (
    ChangeKind,
    EffortIndicator,
    ExpectedChange,
    Initiative,
    Motive,
    Place,
)
from exchange.domain.quantities import Quantity, UnitCode, decimal_to_wire
from exchange.services.account_rules import check_name
from exchange.services.context import Context, audit
from exchange.services.sites import own_site
from exchange.services.withdrawals import withdraw
from exchange.store import plans as query
from exchange.store import requests, sites
from exchange.store.tables.plans import InitiativeRow
from exchange.store.withdrawals import find_own

LONGEST_DEMAND = 500


@dataclass(frozen=True)
class InitiativeView:
    """An initiative as stored; `request_id` is the received request it answers, None where words alone say so."""

    id: str
    initiative: Initiative
    request_id: str | None
    created_at: datetime
    withdrawn_at: datetime | None


def add_initiative(ctx: Context, new: Initiative, request_id: str | None = None) -> InitiativeView:
    """Record an initiative at one of the organisation's sites.

    It answers a customer's demand in words (`new.customer_demand`), or by the id of a request received. Raises
    NotFoundError for another organisation's site and for a request not received, InvalidError with every problem
    (`name.invalid`, `initiative.flow_unknown`, `initiative.product`, `initiative.demand`, `quantity.range`).
    """
    ctx.who.require(Role.EDITOR)
    title = check_name(new.title, "/title")
    with ctx.store.write() as session:
        site = own_site(ctx, session, new.place.site)
        _check_received(ctx, session, request_id)
        refuse([*_unknown(session, new), *_unstorable(new)])
        row = InitiativeRow(
            id=ctx.new_id(),
            organisation_id=ctx.who.organisation_id,
            site_id=site.id,
            product_id=new.place.product,
            title=title,
            effort_indicator=new.effort.value,
            in_force_from=new.in_force,
            changes=_stored_changes(new),
            investment=new.investment,
            yearly_saving=new.saving,
            motive=new.motive.value,
            demand_request_id=request_id,
            demand_text=new.customer_demand.strip(),
            created_at=ctx.now(),
        )
        session.add(row)
        audit(ctx, session, "initiative.add", "initiative", row.id)
        return _present(row)


def get_initiative(ctx: Context, initiative_id: str) -> InitiativeView:
    """One of the organisation's initiatives, withdrawn or not; NotFoundError otherwise."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        row = find_own(session, InitiativeRow, ctx.who.organisation_id, initiative_id)
        if row is None:
            raise NotFoundError
        return _present(row)


def list_initiatives(ctx: Context, site_id: str | None = None) -> tuple[InitiativeView, ...]:
    """The organisation's initiatives that stand, newest date first; of one site where it is named."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        rows = query.initiatives_of(session, ctx.who.organisation_id, site_id)
        return tuple(map(_present, rows))


def withdraw_initiative(ctx: Context, initiative_id: str) -> InitiativeView:
    """Take an initiative back; it is kept with the day of its end. NotFoundError, ConflictError `row.withdrawn`."""
    with ctx.store.write() as session:
        return _present(withdraw(ctx, session, InitiativeRow, initiative_id, "initiative"))


def _check_received(ctx: Context, session: Session, request_id: str | None) -> None:
    """NotFoundError unless the request is in the organisation's own inbox."""
    if request_id is None:
        return
    request = requests.find_request(session, ctx.who.organisation_id, request_id)
    if request is None or request.supplier_id != ctx.who.organisation_id:
        raise NotFoundError


def _unknown(session: Session, new: Initiative) -> Iterator[Problem]:
    """Flows and products the site does not have."""
    flows = {row.id for row in sites.flows_of(session, new.place.site)}
    named = [(f"/changes/{place}/flow", change.flow) for place, change in enumerate(new.changes)]
    named += [(f"/place/flows/{place}", flow) for place, flow in enumerate(new.place.flows)]
    for path, flow in named:
        if flow not in flows:
            yield Problem(
                "initiative.flow_unknown",
                "The site has no such flow.",
                path,
                "Choose one of the site's flows.",
            )
    made = {row.product_id for row, _ in sites.products_at(session, new.place.site)}
    if new.place.product is not None and new.place.product not in made:
        yield Problem(
            "initiative.product",
            "The product is not made at the site.",
            "/place/product",
            "Choose a product of the site, or leave it out.",
        )


def _unstorable(new: Initiative) -> Iterator[Problem]:
    """Texts too long, and numbers of more digits than are kept."""
    demand = new.customer_demand.strip()
    if len(demand) > LONGEST_DEMAND or not demand.isprintable():
        yield Problem(
            "initiative.demand",
            f"The customer's demand has at most {LONGEST_DEMAND} visible characters.",
            "/customer_demand",
            "Say in a sentence who asked for what.",
        )
    numbers = [(f"/changes/{place}/value", change.value) for place, change in enumerate(new.changes)]
    numbers += [("/investment", new.investment or Decimal(0)), ("/saving", new.saving or Decimal(0))]
    for path, number in numbers:
        for problem in out_of_range(Quantity(number, UnitCode.ONE)):
            yield replace(problem, path=path)


def _stored_changes(new: Initiative) -> list[dict[str, Any]]:
    """The changes by flow; a flow it applies to without a stated change stands there by itself."""
    stored: list[dict[str, Any]] = [
        {"flow": one.flow, "kind": one.kind.value, "value": decimal_to_wire(one.value)} for one in new.changes
    ]
    stated = {change.flow for change in new.changes}
    return stored + [{"flow": flow} for flow in new.place.flows if flow not in stated]


def _present(row: InitiativeRow) -> InitiativeView:
    initiative = Initiative(
        title=row.title,
        effort=EffortIndicator(row.effort_indicator),
        in_force=row.in_force_from,
        place=Place(row.site_id, _flows(row.changes), row.product_id),
        motive=Motive(row.motive),
        changes=tuple(
            ExpectedChange(one["flow"], ChangeKind(one["kind"]), Decimal(one["value"]))
            for one in row.changes
            if "kind" in one
        ),
        investment=row.investment,
        saving=row.yearly_saving,
        customer_demand=row.demand_text,
    )
    return InitiativeView(row.id, initiative, row.demand_request_id, row.created_at, row.withdrawn_at)


def _flows(stored: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """Where it applies: every flow named. Without a change none need be named, and it applies to all."""
    return tuple(one["flow"] for one in stored)
