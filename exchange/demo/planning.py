"""The supplier's price index, target and initiative, entered as from its pages."""

from __future__ import annotations

from decimal import Decimal

from exchange.demo.cast import Cast
from exchange.demo.story.model import YEARS
from exchange.demo.story.organisations import SUPPLIER
from exchange.demo.story.products import DEFLATOR, DEFLATOR_BASE_YEAR, DEFLATOR_NAME
from exchange.demo.story.supplier_plans import INITIATIVE, TARGET
from exchange.domain.deflators import Deflator
from exchange.domain.initiatives import ChangeKind, ExpectedChange, Initiative, Place
from exchange.domain.own_development import Level, Subject
from exchange.domain.requests import LineState
from exchange.domain.targets import Measure, Target
from exchange.services.context import Context
from exchange.services.deflators import add_own_deflator
from exchange.services.flows import list_flows
from exchange.services.initiatives import add_initiative
from exchange.services.requests import page_requests
from exchange.services.sites import list_sites
from exchange.services.targets import add_target


def plan(cast: Cast) -> None:
    """Enter what the supplier plans; its calculations and the customer's requests are there by now."""
    supplier = cast.members[SUPPLIER]
    _enter_deflators(supplier.ctx, supplier.story.branch or "")
    company = Subject(Level.ORGANISATION, supplier.id)
    add_target(
        supplier.ctx,
        Target(
            TARGET.indicator,
            Measure.ABSOLUTE,
            TARGET.base_year,
            TARGET.target_year,
            Decimal(TARGET.reduction),
            company,
        ),
    )
    _enter_initiative(supplier.ctx)


def _enter_deflators(ctx: Context, branch: str) -> None:
    for year in YEARS:
        index, licence = DEFLATOR[year], "Fictional, of the demonstration"
        add_own_deflator(
            ctx, Deflator(branch, year, index, DEFLATOR_BASE_YEAR, DEFLATOR_NAME, licence, "2026-06")
        )


def _enter_initiative(ctx: Context) -> None:
    [site] = list_sites(ctx)
    flow = next(one.id for one in list_flows(ctx, site.id) if one.name == INITIATIVE.flow)
    asked = next(one for one in page_requests(ctx, "inbox").items if one.state is LineState.REQUESTED)
    change = ExpectedChange(flow, ChangeKind.RELATIVE, Decimal(INITIATIVE.change))
    add_initiative(
        ctx,
        Initiative(
            title=INITIATIVE.title,
            effort=INITIATIVE.effort,
            in_force=INITIATIVE.in_force,
            place=Place(site.id),
            motive=INITIATIVE.motive,
            changes=(change,),
            investment=Decimal(INITIATIVE.investment),
            saving=Decimal(INITIATIVE.saving),
        ),
        request_id=asked.id,
    )
