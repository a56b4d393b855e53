"""Readings of sub-meters and counts: what of a flow went to one product, and to one delivery where it is named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.calculation.account import Flow, HeatingValue, Reading
from exchange.domain.calculation.conversion import Converter
from exchange.domain.calculation.record_rules import KnownReadings
from exchange.domain.errors import InvalidError, NotFoundError, Problem, refuse
from exchange.domain.periods import Period
from exchange.domain.quantities import Quantity, UnitCode
from exchange.services.context import Context, audit
from exchange.services.flows import domain_flow, flow_at
from exchange.services.own_factors import load_book
from exchange.services.site_products import join_site
from exchange.services.sites import own_site
from exchange.services.withdrawals import withdraw
from exchange.store import bills as query
from exchange.store import products
from exchange.store.tables.datasets import ProductRow
from exchange.store.tables.sites import ReadingRow, SiteRow


@dataclass(frozen=True)
class NewReading:
    """What a meter or count gave to a product over a period: the difference of two readings, not the dial."""

    flow_id: str
    product_id: str
    period: Period
    amount: Quantity
    heating_value: HeatingValue | None = None
    delivery: str = ""


@dataclass(frozen=True)
class ReadingView:
    """A reading as stored."""

    id: str
    site_id: str
    flow_id: str
    product_id: str
    period: Period
    amount: Quantity
    heating_value: HeatingValue | None
    delivery: str
    place: str
    import_id: str | None
    created_at: datetime
    withdrawn_at: datetime | None


def enter_reading(ctx: Context, site_id: str, new: NewReading) -> ReadingView:
    """Enter a reading into a site's account; its product is made there from now on.

    Raises NotFoundError and InvalidError with every problem: `meter.backwards`, `reading.overlap`,
    `reading.text`, `quantity.range`, `period.range`, `unit.dimension`, `bill.heating_value`, `factor.missing`.
    """
    ctx.who.require(Role.EDITOR)
    with ctx.store.write() as session:
        site = own_site(ctx, session, site_id, lock=True)
        flow_row = flow_at(ctx, session, site, new.flow_id)
        product = own_product(ctx, session, new.product_id)
        reading = Reading(
            ctx.new_id(),
            flow_row.id,
            product.id,
            new.period,
            new.amount,
            new.heating_value,
            new.delivery.strip(),
        )
        there = query.overlapping_of_flows(session, ReadingRow, [flow_row], new.period.start, new.period.end)
        converter = Converter(load_book(session, site.organisation_id))
        known = KnownReadings()
        for row in there:
            known.take(domain_reading(row))
        refuse(reading_problems(reading, domain_flow(flow_row), known, converter))
        join_site(session, site.id, product)
        entered = ReadingRow(**reading_fields(ctx, site, reading))
        session.add(entered)
        audit(ctx, session, "reading.enter", "reading", entered.id)
        return present_reading(entered)


def list_readings(ctx: Context, site_id: str, period: Period) -> tuple[ReadingView, ...]:
    """A site's readings that share a day with the period, oldest first."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        site = own_site(ctx, session, site_id)
        rows = query.overlapping(session, ReadingRow, site.id, period.start, period.end)
        return tuple(map(present_reading, rows))


def withdraw_reading(ctx: Context, reading_id: str) -> ReadingView:
    """Take a reading out of the account. Raises NotFoundError, ConflictError (`row.withdrawn`)."""
    with ctx.store.write() as session:
        return present_reading(withdraw(ctx, session, ReadingRow, reading_id, "reading"))


def own_product(ctx: Context, session: Session, product_id: str) -> ProductRow:
    """The row of a product of the actor's organisation; NotFoundError otherwise."""
    row = products.find_own_product(session, ctx.who.organisation_id, product_id)
    if row is None:
        raise NotFoundError
    return row


def reading_problems(
    reading: Reading, flow: Flow, known: KnownReadings, converter: Converter
) -> list[Problem]:
    """Everything that keeps a reading out, its conversion tried."""
    found = list(known.problems(reading))
    if found:
        return found
    try:
        converter.convert(flow, reading.amount, reading.period, reading.heating_value)
    except InvalidError as error:
        return [Problem(error.error_code, error.detail, "/amount", error.advice)]
    return []


def reading_fields(
    ctx: Context, site: SiteRow, reading: Reading, import_id: str | None = None
) -> dict[str, Any]:
    """The columns of a reading to store."""
    return {
        "id": reading.id,
        "organisation_id": site.organisation_id,
        "site_id": site.id,
        "flow_id": reading.flow,
        "product_id": reading.product,
        "period_start": reading.period.start,
        "period_end": reading.period.end,
        "amount": reading.amount.amount,
        "unit": reading.amount.unit.value,
        "heating_value": reading.heating_value.value if reading.heating_value else "",
        "delivery": reading.delivery,
        "place": reading.place,
        "import_id": import_id,
        "created_at": ctx.now(),
    }


def domain_reading(row: ReadingRow) -> Reading:
    """The reading as the calculation reads it."""
    return Reading(
        row.id,
        row.flow_id,
        row.product_id,
        Period(row.period_start, row.period_end),
        Quantity(row.amount, UnitCode(row.unit)),
        HeatingValue(row.heating_value) if row.heating_value else None,
        row.delivery,
        row.place,
    )


def present_reading(row: ReadingRow) -> ReadingView:
    """The outward form of a reading's row."""
    reading = domain_reading(row)
    return ReadingView(
        row.id,
        row.site_id,
        row.flow_id,
        row.product_id,
        reading.period,
        reading.amount,
        reading.heating_value,
        row.delivery,
        row.place,
        row.import_id,
        row.created_at,
        row.withdrawn_at,
    )
