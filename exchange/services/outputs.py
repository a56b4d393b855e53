"""Production records: what was made of a product at a site, with the hours and the revenue a key may need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from exchange.domain.actors import Role
from exchange.domain.calculation.account import Output
from exchange.domain.calculation.record_rules import KnownOutputs
from exchange.domain.errors import refuse
from exchange.domain.periods import Period
from exchange.domain.quantities import Quantity, UnitCode
from exchange.services.context import Context, audit
from exchange.services.readings import own_product
from exchange.services.site_products import domain_product, join_site
from exchange.services.sites import own_site
from exchange.services.withdrawals import withdraw
from exchange.store import bills as query
from exchange.store.tables.sites import OutputRow, SiteRow


@dataclass(frozen=True)
class NewOutput:
    """What was made of a product over a period; `revenue` is in DKK."""

    product_id: str
    period: Period
    amount: Quantity
    machine_hours: Decimal | None = None
    revenue: Decimal | None = None


@dataclass(frozen=True)
class OutputView:
    """A production record as stored."""

    id: str
    site_id: str
    product_id: str
    period: Period
    amount: Quantity
    machine_hours: Decimal | None
    revenue: Decimal | None
    place: str
    import_id: str | None
    created_at: datetime
    withdrawn_at: datetime | None


def enter_output(ctx: Context, site_id: str, new: NewOutput) -> OutputView:
    """Enter a production record; its product is made at the site from now on. Zero is a record too.

    Raises NotFoundError and InvalidError with every problem: `output.negative`, `output.overlap`,
    `output.machine_hours`, `output.revenue`, `unit.dimension`, `quantity.range`, `period.range`.
    """
    ctx.who.require(Role.EDITOR)
    with ctx.store.write() as session:
        site = own_site(ctx, session, site_id, lock=True)
        product = own_product(ctx, session, new.product_id)
        output = Output(ctx.new_id(), product.id, new.period, new.amount, new.machine_hours, new.revenue)
        known = KnownOutputs()
        for there in query.overlapping(session, OutputRow, site.id, new.period.start, new.period.end):
            known.take(domain_output(there))
        made = join_site(session, site.id, product)
        refuse(known.problems(output, domain_product(product, made)))
        row = OutputRow(**output_fields(ctx, site, output))
        session.add(row)
        audit(ctx, session, "output.enter", "output", row.id)
        return present_output(row)


def list_outputs(ctx: Context, site_id: str, period: Period) -> tuple[OutputView, ...]:
    """A site's production records that share a day with the period, oldest first."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        site = own_site(ctx, session, site_id)
        rows = query.overlapping(session, OutputRow, site.id, period.start, period.end)
        return tuple(map(present_output, rows))


def withdraw_output(ctx: Context, output_id: str) -> OutputView:
    """Take a production record out of the account. Raises NotFoundError, ConflictError (`row.withdrawn`)."""
    with ctx.store.write() as session:
        return present_output(withdraw(ctx, session, OutputRow, output_id, "output"))


def output_fields(
    ctx: Context, site: SiteRow, output: Output, import_id: str | None = None
) -> dict[str, Any]:
    """The columns of a production record to store."""
    return {
        "id": output.id,
        "organisation_id": site.organisation_id,
        "site_id": site.id,
        "product_id": output.product,
        "period_start": output.period.start,
        "period_end": output.period.end,
        "amount": output.amount.amount,
        "unit": output.amount.unit.value,
        "machine_hours": output.machine_hours,
        "revenue": output.revenue,
        "place": output.place,
        "import_id": import_id,
        "created_at": ctx.now(),
    }


def domain_output(row: OutputRow) -> Output:
    """The record as the calculation reads it."""
    return Output(
        row.id,
        row.product_id,
        Period(row.period_start, row.period_end),
        Quantity(row.amount, UnitCode(row.unit)),
        row.machine_hours,
        row.revenue,
        row.place,
    )


def present_output(row: OutputRow) -> OutputView:
    """The outward form of a record's row."""
    output = domain_output(row)
    return OutputView(
        row.id,
        row.site_id,
        row.product_id,
        output.period,
        output.amount,
        output.machine_hours,
        output.revenue,
        row.place,
        row.import_id,
        row.created_at,
        row.withdrawn_at,
    )
