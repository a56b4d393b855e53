"""Bills of a site: entered one by one, never changed, withdrawn where they were wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.calculation.account import Bill, Flow, HeatingValue
from exchange.domain.calculation.account_table import BillEntry
from exchange.domain.calculation.bill_judge import BillJudge
from exchange.domain.calculation.bill_rules import as_booked, bad_period
from exchange.domain.calculation.conversion import Converter
from exchange.domain.calculation.flow_rules import supply_of
from exchange.domain.errors import refuse
from exchange.domain.periods import Period
from exchange.domain.quantities import Quantity, UnitCode
from exchange.services.context import Context, audit
from exchange.services.flows import domain_flow, flow_at
from exchange.services.own_factors import load_book
from exchange.services.sites import own_site
from exchange.services.withdrawals import withdraw
from exchange.store import bills as query
from exchange.store import sites
from exchange.store.tables.sites import BillRow, FlowRow, SiteRow

NEARBY = timedelta(days=366)  # how far around a bill others say what is usual


@dataclass(frozen=True)
class NewBill:
    """A bill as printed. Fields as in `domain.calculation.account.Bill`; `is_confirmed`: meant so, however odd.

    A credit note may be given with or without the minus it is printed with.
    """

    flow_id: str
    period: Period
    amount: Quantity
    heating_value: HeatingValue | None = None
    calorific_value: Decimal | None = None
    is_credit: bool = False
    is_estimate: bool = False
    is_confirmed: bool = False
    number: str = ""
    meter: str = ""


@dataclass(frozen=True)
class Evidence:
    """A document by its SHA-256 digest (64 hexadecimal digits), its file's name and its size in bytes."""

    digest: str
    filename: str
    size: int


@dataclass(frozen=True)
class BillView:
    """A bill as stored; `place` is where it was entered from a table, "" from a form."""

    id: str
    site_id: str
    flow_id: str
    period: Period
    amount: Quantity
    heating_value: HeatingValue | None
    calorific_value: Decimal | None
    is_credit: bool
    is_estimate: bool
    is_confirmed: bool
    number: str
    meter: str
    place: str
    evidence: tuple[Evidence, ...]
    import_id: str | None
    created_at: datetime
    withdrawn_at: datetime | None


def enter_bill(ctx: Context, site_id: str, new: NewBill) -> BillView:
    """Enter a bill into a site's account.

    Raises NotFoundError and InvalidError with every problem: `bill.negative`, `bill.twice`, `bill.overlap`,
    `bill.text`, `bill.calorific_value`, `bill.heating_value`, `unit.dimension`, `quantity.range`,
    `period.range`, `factor.missing`; `bill.implausible` asks a question, and is not raised again for a confirmed bill.
    """
    ctx.who.require(Role.EDITOR)
    refuse(bad_period(new.period))
    with ctx.store.write() as session:
        site = own_site(ctx, session, site_id, lock=True)
        return present_bill(book_bill(ctx, session, site, flow_at(ctx, session, site, new.flow_id), new))


def book_bill(ctx: Context, session: Session, site: SiteRow, flow_row: FlowRow, new: NewBill) -> BillRow:
    """Book a bill to a flow of a locked site. Raises what `enter_bill` does."""
    flow, bill = domain_flow(flow_row), bill_of(ctx, flow_row.id, new)
    judge = BillJudge(Converter(load_book(session, site.organisation_id)))
    judge.take_all(_nearby(session, site, flow, bill.period))
    refuse(judge.problems(bill, flow, is_confirmed=new.is_confirmed))
    row = BillRow(**bill_fields(ctx, site, bill, is_confirmed=new.is_confirmed))
    session.add(row)
    audit(ctx, session, "bill.enter", "bill", row.id)
    return row


def list_bills(
    ctx: Context, site_id: str, period: Period, flow_id: str | None = None
) -> tuple[BillView, ...]:
    """A site's bills that share a day with the period, of one flow if it is named, oldest first."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        site = own_site(ctx, session, site_id)
        if flow_id is None:
            rows = query.overlapping(session, BillRow, site.id, period.start, period.end)
        else:
            flow = flow_at(ctx, session, site, flow_id)
            rows = query.overlapping_of_flows(session, BillRow, [flow], period.start, period.end)
        return tuple(map(present_bill, rows))


def withdraw_bill(ctx: Context, bill_id: str) -> BillView:
    """Take a bill out of the account. Raises NotFoundError, ConflictError (`row.withdrawn`)."""
    with ctx.store.write() as session:
        return present_bill(withdraw(ctx, session, BillRow, bill_id, "bill"))


def around(period: Period) -> tuple[date, date]:
    """The days around a bill in which others say what is usual."""
    return period.start - NEARBY, period.end + NEARBY


def bill_fields(
    ctx: Context, site: SiteRow, bill: Bill, *, is_confirmed: bool = False, import_id: str | None = None
) -> dict[str, Any]:
    """The columns of a bill to store."""
    return {
        "id": bill.id,
        "organisation_id": site.organisation_id,
        "site_id": site.id,
        "flow_id": bill.flow,
        "period_start": bill.period.start,
        "period_end": bill.period.end,
        "amount": bill.amount.amount,
        "unit": bill.amount.unit.value,
        "heating_value": bill.heating_value.value if bill.heating_value else "",
        "calorific_value": bill.calorific_value,
        "is_credit": bill.is_credit,
        "is_estimate": bill.is_estimate,
        "is_confirmed": is_confirmed,
        "number": bill.number,
        "meter": bill.meter,
        "place": bill.place,
        "evidence": [],
        "import_id": import_id,
        "created_by": ctx.who.user_id or ctx.who.client_id,
        "created_at": ctx.now(),
    }


def domain_bill(row: BillRow) -> Bill:
    """The bill as the calculation reads it."""
    return Bill(
        id=row.id,
        flow=row.flow_id,
        period=Period(row.period_start, row.period_end),
        amount=Quantity(row.amount, UnitCode(row.unit)),
        heating_value=HeatingValue(row.heating_value) if row.heating_value else None,
        calorific_value=row.calorific_value,
        is_credit=row.is_credit,
        is_estimate=row.is_estimate,
        number=row.number,
        meter=row.meter,
        place=row.place,
        evidence=tuple(one["digest"] for one in row.evidence),
    )


def present_bill(row: BillRow) -> BillView:
    """The outward form of a bill's row."""
    bill = domain_bill(row)
    return BillView(
        id=row.id,
        site_id=row.site_id,
        flow_id=row.flow_id,
        period=bill.period,
        amount=bill.amount,
        heating_value=bill.heating_value,
        calorific_value=bill.calorific_value,
        is_credit=row.is_credit,
        is_estimate=row.is_estimate,
        is_confirmed=row.is_confirmed,
        number=row.number,
        meter=row.meter,
        place=row.place,
        evidence=tuple(map(_evidence, row.evidence)),
        import_id=row.import_id,
        created_at=row.created_at,
        withdrawn_at=row.withdrawn_at,
    )


def _nearby(session: Session, site: SiteRow, flow: Flow, period: Period) -> list[tuple[Bill, Flow]]:
    """The bills a further one is held against: of the same supply, around its time."""
    rows = [row for row in sites.flows_of(session, site.id) if supply_of(domain_flow(row)) == supply_of(flow)]
    flows = {row.id: domain_flow(row) for row in rows}
    bills = query.overlapping_of_flows(session, BillRow, rows, *around(period))
    return [(domain_bill(row), flows[row.flow_id]) for row in bills]


def _evidence(stored: Mapping[str, str]) -> Evidence:
    return Evidence(stored["digest"], stored["filename"], int(stored["size"]))


def bill_of(ctx: Context, flow_id: str, said: NewBill | BillEntry, place: str = "") -> Bill:
    """A new bill of a flow, as a form or a row says it; `place` is where the row stands."""
    return Bill(
        id=ctx.new_id(),
        flow=flow_id,
        period=said.period,
        amount=as_booked(said.amount, is_credit=said.is_credit),
        heating_value=said.heating_value,
        calorific_value=said.calorific_value,
        is_credit=said.is_credit,
        is_estimate=said.is_estimate,
        number=said.number.strip(),
        meter=said.meter.strip(),
        place=place,
    )
