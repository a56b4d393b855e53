"""Builders around a site's account: sites, flows, bills, production, through the services."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

import sqlalchemy as sa

from exchange.domain.calculation.account import Energy, FlowDetail
from exchange.domain.periods import Period, year
from exchange.domain.quantities import Quantity, UnitCode
from exchange.services import bills, flows, sites
from exchange.services.bills import BillView, NewBill
from exchange.services.flows import FlowView, NewFlow
from exchange.services.sites import NewSite, Site
from tests.factories import Party

KWH, MWH, KG, M3 = UnitCode.KILOWATT_HOUR, UnitCode.MEGAWATT_HOUR, UnitCode.KILOGRAM, UnitCode.CUBIC_METRE
PIECE = UnitCode.PIECE
GRID = Energy("electricity_grid")
YEAR = year(2025)
_numbers = count(1)


def month(number: int, of: int = 2025) -> Period:
    """The month as a period."""
    start = date(of, number, 1)
    return Period(start, date(of + number // 12, number % 12 + 1, 1))


def amount(text: str, unit: UnitCode = KWH) -> Quantity:
    """A quantity of exactly these digits."""
    return Quantity(Decimal(text), unit)


def site(party: Party, name: str = "") -> Site:
    """A site of the party."""
    return sites.create_site(party.ctx, NewSite(name or f"Works {next(_numbers)}"))


def flow(
    party: Party, at: Site, detail: FlowDetail = GRID, name: str = "Electricity", unit: UnitCode = KWH
) -> FlowView:
    """A flow of the site."""
    return flows.add_flow(party.ctx, at.id, NewFlow(name, detail, unit))


def bill(
    party: Party, of: FlowView, period: Period, text: str = "12000", unit: UnitCode = KWH, **more: Any
) -> BillView:
    """A bill entered into the account of the flow's site."""
    return bills.enter_bill(party.ctx, of.site_id, NewBill(of.id, period, amount(text, unit), **more))


@contextmanager
def statements(engine: sa.Engine) -> Iterator[list[str]]:
    """The SQL that runs meanwhile, one entry per question or chunk of rows, without beginnings and ends."""
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        if statement.split(maxsplit=1)[0] in {"SELECT", "INSERT", "UPDATE"}:
            seen.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
