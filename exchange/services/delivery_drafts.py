"""Rows of a delivery table to drafts of delivery datasets: one per product, recipient and calendar year."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from typing import Any, TypeAlias

from sqlmodel import Session

from exchange.domain.delivery_table import DeliveryRecord, Recipient, RecipientKind, TableIssue
from exchange.domain.errors import InvalidError
from exchange.domain.groups import DatasetKind, FieldGroup
from exchange.domain.periods import Period
from exchange.domain.periods import year as year_period
from exchange.domain.quantities import Quantity, UnitCode, parse_decimal
from exchange.services.context import Context
from exchange.services.dataset_gate import check_subject
from exchange.store import accounts, parties, products
from exchange.store import imports as query
from exchange.store.tables.accounts import OrganisationRow
from exchange.store.tables.datasets import ProductRow
from exchange.trust.disclosure import read_disclosure

MAX_DRAFTS = 500
_NAMESPACE = uuid.UUID("6f1f7a0e-2f0b-5c55-9d0c-52f4c5b7f8a1")


@dataclass(frozen=True)
class Draft:
    """A delivery dataset's content; `subject_id` is that of the dataset in force it continues, or a new one."""

    subject_id: str
    period: Period
    subject: Mapping[str, Any]


@dataclass(frozen=True)
class _Resolved:
    """A row with the product and the organisation it names."""

    record: DeliveryRecord
    product: ProductRow
    recipient: OrganisationRow
    period: Period


@dataclass(frozen=True)
class _InForce:
    """A dataset that a new one for the same deliveries continues."""

    dataset_id: str
    subject_id: str


_Pair: TypeAlias = tuple[str, str]  # ids of product and recipient


class _RowError(Exception):
    """A row that cannot be taken."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def draft_deliveries(ctx: Context, records: Iterable[DeliveryRecord]) -> tuple[list[Draft], list[TableIssue]]:
    """Drafts that publishing would take, and what is wrong with the rest; the actor's organisation delivers."""
    with ctx.store.read() as session:
        resolved, issues = _resolve(session, ctx.who.organisation_id, records)
        in_force = cache(partial(_in_force, session, ctx.who.organisation_id))
        drafts = []
        for group in _grouped(resolved):
            try:
                drafts.append(_draft(session, ctx.who.organisation_id, group, in_force(group[0].period)))
            except _RowError as error:
                issues.append(TableIssue(error.code, error.detail, group[0].record.row))
    if len(drafts) > MAX_DRAFTS:
        detail = f"The table makes {len(drafts)} datasets, {MAX_DRAFTS} are taken: send it in parts."
        issues.append(TableIssue("import.too_many", detail))
    return drafts, issues


def new_subject_id(own: str, product_id: str, recipient_id: str) -> str:
    """The id of what an organisation delivers of a product to a recipient, the same every year."""
    return str(uuid.uuid5(_NAMESPACE, f"{own} {product_id} {recipient_id}"))


def _resolve(
    session: Session, own: str, records: Iterable[DeliveryRecord]
) -> tuple[list[_Resolved], list[TableIssue]]:
    @cache
    def product(number: str) -> ProductRow | None:
        return products.find_by_supplier_id(session, own, number)

    @cache
    def recipient(named: Recipient) -> list[OrganisationRow]:
        return _organisations(session, named)

    found, issues = [], []
    for record in records:
        try:
            goods = _require_product(product(record.supplier_product_id), record)
            to = _require_recipient(recipient(record.recipient), record, own)
            _check_quantity(record, goods)
            found.append(_Resolved(record, goods, to, _period(record.window)))
        except _RowError as error:
            issues.append(TableIssue(error.code, error.detail, record.row))
    return found, issues


def _organisations(session: Session, named: Recipient) -> list[OrganisationRow]:
    if named.kind is RecipientKind.NAME:
        return list(query.organisations_named(session, named.text))
    if named.kind is RecipientKind.CVR:
        approved = accounts.find_approved_cvr(session, named.text)
        return [approved] if approved else []
    return list(parties.organisations_by_id(session, {named.text}).values())


def _require_product(product: ProductRow | None, record: DeliveryRecord) -> ProductRow:
    if product is None:
        raise _RowError(
            "product.unknown",
            f"You have no product with the number {record.supplier_product_id!r}: register it.",
        )
    return product


def _require_recipient(found: list[OrganisationRow], record: DeliveryRecord, own: str) -> OrganisationRow:
    named = record.recipient.text
    if not found:
        raise _RowError("recipient.unknown", f"Nobody here is known as {named!r}: look in the directory.")
    if len(found) > 1:
        raise _RowError("recipient.ambiguous", f"Several are called {named!r}: give the CVR number.")
    if found[0].id == own:
        raise _RowError("recipient.self", "The recipient is your own organisation.")
    return found[0]


def _check_quantity(record: DeliveryRecord, product: ProductRow) -> None:
    if record.unit.dimension is not UnitCode(product.unit).dimension:
        detail = f"{record.unit.value} does not measure what {product.unit}, the product's unit, measures."
        raise _RowError("unit.dimension", detail)
    try:
        parse_decimal(format(record.amount, "f"))
    except InvalidError as error:
        raise _RowError(error.error_code, error.detail) from error


def _period(window: Period) -> Period:
    whole = year_period(window.start.year)
    if not whole.contains(window):
        detail = "The time runs over the turn of the year: split the row there."
        raise _RowError("window.two_years", detail)
    return whole


def _grouped(resolved: Iterable[_Resolved]) -> list[list[_Resolved]]:
    groups: dict[tuple[str, str, Period], list[_Resolved]] = {}
    for one in resolved:
        groups.setdefault((one.product.id, one.recipient.id, one.period), []).append(one)
    return list(groups.values())


def _draft(session: Session, own: str, group: list[_Resolved], in_force: Mapping[_Pair, _InForce]) -> Draft:
    first = group[0]
    sender = accounts.get_organisation(session, own)
    present = in_force.get((first.product.id, first.recipient.id))
    if present is not None and query.has_group(session, present.dataset_id, FieldGroup.INDICATORS.value):
        detail = "These deliveries were measured themselves: publish them again with their figures."
        raise _RowError("delivery.measured", detail)
    new_id = new_subject_id(own, first.product.id, first.recipient.id)
    subject_id = present.subject_id if present else new_id
    subject: dict[str, Any] = {
        "id": f"urn:uuid:{subject_id}",
        FieldGroup.IDENTITY.value: {
            "kind": DatasetKind.DELIVERY.value,
            "organisation": party_wire(sender),
            "product": {
                "id": f"urn:uuid:{first.product.id}",
                "name": first.product.name,
                "supplier_product_id": first.product.supplier_product_id,
            },
            "recipient": party_wire(first.recipient),
            "period": first.period.to_wire(),
            "declared_unit": Quantity(Decimal(1), UnitCode(first.product.unit)).to_wire(),
        },
        FieldGroup.COMMERCIAL.value: {"deliveries": [_delivery(one.record) for one in group]},
    }
    for problem in check_subject(DatasetKind.DELIVERY, subject):
        raise _RowError(problem.code, f"{problem.detail} ({problem.path})")
    return Draft(subject_id, first.period, subject)


def _in_force(session: Session, own: str, period: Period) -> dict[_Pair, _InForce]:
    """The organisation's delivery datasets of exactly this period, by product and recipient."""
    found = {}
    for dataset_id, subject_id, disclosed in query.deliveries_in_force(
        session, own, period.start, period.end
    ):
        identity: Any = read_disclosure(disclosed).value
        product, recipient = (
            identity[one]["id"].removeprefix("urn:uuid:") for one in ("product", "recipient")
        )
        found[product, recipient] = _InForce(dataset_id, subject_id)
    return found


def party_wire(row: OrganisationRow) -> dict[str, str]:
    """How datasets name an organisation; a CVR number only when it was approved."""
    named = {"id": f"urn:uuid:{row.id}", "name": row.name}
    return {**named, "cvr": row.cvr} if row.cvr and row.cvr_status == "approved" else named


def _delivery(record: DeliveryRecord) -> dict[str, Any]:
    wire: dict[str, Any] = {
        "quantity": Quantity(record.amount, record.unit).to_wire(),
        "window": record.window.to_wire(),
    }
    return {**wire, "returned": True} if record.returned else wire
