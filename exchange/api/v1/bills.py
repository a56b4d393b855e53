"""Bills of a site's account, and the documents behind them by their digests."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from exchange.api.operation import Resource
from exchange.api.wire import (
    AmountText,
    File,
    Id,
    In,
    OptionalDecimalText,
    Out,
    PeriodField,
    PeriodIn,
    PeriodQuery,
    QuantityIn,
    QuantityOut,
    Query,
    decimal_of,
)
from exchange.domain.actors import Role
from exchange.domain.calculation.account import HeatingValue
from exchange.services import bills, evidence
from exchange.services.context import Context

resource = Resource(
    "bills", "Amounts of a flow over a period, as billed; never changed, withdrawn where they were wrong."
)


class EvidenceOut(Out):
    """A document by its SHA-256 digest, its file's name and size in bytes; the file stays with the supplier."""

    digest: str
    filename: str
    size: int


class BillOut(Out):
    """A bill as stored; `place` is where in a table it was entered, "" otherwise."""

    id: Id
    site_id: Id
    flow_id: Id
    period: PeriodField
    amount: QuantityOut
    heating_value: HeatingValue | None
    calorific_value: OptionalDecimalText
    is_credit: bool
    is_estimate: bool
    is_confirmed: bool
    number: str
    meter: str
    place: str
    evidence: list[EvidenceOut]
    import_id: Id | None
    created_at: datetime
    withdrawn_at: datetime | None


class BillsOut(Out):
    """Bills, oldest first."""

    items: list[BillOut]


class BillIn(In):
    """A bill as printed. `calorific_value` is kWh for one billed unit of fuel.

    `is_confirmed`: meant so, however odd; it answers the question `bill.implausible`. A credit note (`is_credit`) may
    be given with or without its minus.
    """

    flow_id: Id
    period: PeriodIn
    amount: QuantityIn
    heating_value: HeatingValue | None = None
    calorific_value: AmountText | None = None
    is_credit: bool = False
    is_estimate: bool = False
    is_confirmed: bool = False
    number: Annotated[str, Field(max_length=100)] = ""
    meter: Annotated[str, Field(max_length=100)] = ""

    def to_bill(self) -> bills.NewBill:
        """What the service takes; raises InvalidError (`period.order`, the codes of an amount)."""
        return bills.NewBill(
            flow_id=self.flow_id,
            period=self.period.to_period(),
            amount=self.amount.to_quantity("/amount"),
            heating_value=self.heating_value,
            calorific_value=decimal_of(self.calorific_value, "/calorific_value"),
            is_credit=self.is_credit,
            is_estimate=self.is_estimate,
            is_confirmed=self.is_confirmed,
            number=self.number,
            meter=self.meter,
        )


class BillsQuery(PeriodQuery):
    """Bills that share a day with the period, of one flow if named."""

    flow_id: Id | None = None


class FileQuery(Query):
    """The file's name."""

    filename: Annotated[str, Field(max_length=200)] = "document"


class DigestOut(Out):
    """The SHA-256 digest (64 hexadecimal digits) by which the document is cited."""

    digest: str


@resource.operation("GET", "/sites/{site_id}/bills")
def list_of(ctx: Context, site_id: Id, query: BillsQuery) -> BillsOut:
    """List a site's bills of a period, without those withdrawn."""
    found = bills.list_bills(ctx, site_id, query.to_period(), query.flow_id)
    return BillsOut(items=[BillOut.of(bill) for bill in found])


@resource.operation("POST", "/sites/{site_id}/bills", role=Role.EDITOR, status=201)
def enter(ctx: Context, site_id: Id, body: BillIn) -> BillOut:
    """Enter a bill into a site's account."""
    return BillOut.of(bills.enter_bill(ctx, site_id, body.to_bill()))


@resource.operation("DELETE", "/bills/{bill_id}", role=Role.EDITOR)
def withdraw(ctx: Context, bill_id: Id) -> BillOut:
    """Take a bill out of the account; stored calculations keep it."""
    return BillOut.of(bills.withdraw_bill(ctx, bill_id))


@resource.operation("POST", "/bills/{bill_id}/evidence", role=Role.EDITOR)
def attach_evidence(ctx: Context, bill_id: Id, query: FileQuery, body: File) -> DigestOut:
    """Note a document's digest beside a bill; the file itself is not kept."""
    return DigestOut(digest=evidence.attach_evidence(ctx, bill_id, query.filename, body.data))


@resource.operation("POST", "/evidence-checks")
def check_evidence(ctx: Context, body: File) -> BillsOut:
    """List the organisation's bills, withdrawn ones too, that cite just this document."""
    return BillsOut(items=[BillOut.of(bill) for bill in evidence.check_evidence(ctx, body.data)])
