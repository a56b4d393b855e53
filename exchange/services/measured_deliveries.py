"""Deliveries a supplier metered themselves: their own figures, and the way from there to a `delivery` dataset.

One dataset is one product to one recipient over one calendar year, as `delivery_drafts` makes them. A delivery measured
itself never takes the place of deliveries that were not, nor of another one that was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.calculation.completeness import gaps_of
from exchange.domain.calculation.deliveries import delivery_groups, measured_delivery
from exchange.domain.calculation.explain import explain_line
from exchange.domain.calculation.figures import Calculation, calculate
from exchange.domain.errors import InvalidError, NotFoundError
from exchange.domain.factors import FactorBook
from exchange.domain.groups import DatasetKind, FieldGroup
from exchange.domain.periods import Period
from exchange.domain.periods import year as year_period
from exchange.domain.quantities import Quantity, UnitCode, in_unit
from exchange.services.calculation_views import KINDS, CalculationView, get_calculation
from exchange.services.context import Context
from exchange.services.dataset_gate import check_subject, refuse_problems
from exchange.services.delivery_drafts import new_subject_id, party_wire
from exchange.services.own_factors import factor_book
from exchange.services.products import Product, get_product
from exchange.services.publish import Publication, submit_for_custody
from exchange.services.site_accounts import load_account
from exchange.services.site_products import list_site_products
from exchange.services.stated_deliveries import (
    continued_subject,
    refuse_more_than_made,
    stated_deliveries,
)
from exchange.store import calculations, measured_deliveries, parties
from exchange.store.tables.accounts import OrganisationRow
from exchange.store.tables.calculations import CalculationLineRow
from exchange.trust import strict_json

Document: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class NewMeasuredDelivery:
    """What readings do not say of a delivery they name: to whom, how much in all, and when it was handed over."""

    delivery: str
    recipient_id: str
    quantity: Quantity
    window: Period


@dataclass(frozen=True)
class ReadFlow:
    """What readings give of a flow to a delivery, in the flow's `unit`.

    `is_spread_too`: a key gives the product more of the flow beside all its readings. The delivery takes none of that,
    so its readings have to hold all that it used.
    """

    name: str
    amount: Decimal
    unit: str
    is_spread_too: bool


@dataclass(frozen=True)
class NamedDelivery:
    """A delivery that readings of a product name, with the flows they were taken of."""

    delivery: str
    product_id: str
    product_name: str
    flows: tuple[ReadFlow, ...]


def list_deliveries(ctx: Context, calculation_id: str) -> tuple[NamedDelivery, ...]:
    """The deliveries that readings of a stored calculation name, by product and name; NotFoundError otherwise."""
    calculation = get_calculation(ctx, calculation_id)
    made = list_site_products(ctx, calculation.header.site_id)
    by_products = {one.product_id for one in made if one.by_product is not None}
    names = {one.id: one.name for one in calculation.products}
    found: dict[tuple[str, str, str], list[ReadFlow]] = {}
    with ctx.store.read() as session:
        for row in measured_deliveries.lines_with_deliveries(session, calculation_id):
            # A by-product's steps show the readings of its process; they are the main product's.
            if row.product_id in names and row.product_id not in by_products:
                for delivery, flow in _flows_of(row):
                    place = (names[row.product_id], row.product_id, delivery)
                    found.setdefault(place, []).append(flow)
    return tuple(
        NamedDelivery(delivery, product_id, name, _joined(flows))
        for (name, product_id, delivery), flows in sorted(found.items(), key=lambda one: one[0])
    )


def draft_delivery(ctx: Context, calculation_id: str, product_id: str, new: NewMeasuredDelivery) -> Document:
    """The content of the `delivery` dataset of a delivery that readings name; nothing is stored.

    Raises NotFoundError for a foreign calculation, or a product it says nothing of, and InvalidError: the codes of
    `measured_delivery` and `delivery_groups`; `calculation.outdated` where bills, readings, keys or factors say
    something else by now; `unit.dimension`, `delivery.window`, `window.two_years`, `recipient.unknown`,
    `recipient.self`; `delivery.above_produced` where measured deliveries are more than was made; and where a dataset
    for the same product, recipient and year is there: `delivery.unmeasured`, `delivery.other_measured`,
    `delivery.waiting`.
    """
    ctx.who.require(Role.EDITOR)
    calculation, product = get_calculation(ctx, calculation_id), get_product(ctx, product_id)
    if product_id not in {*calculation.without_output, *(one.id for one in calculation.products)}:
        raise NotFoundError
    worked, book = _worked_again(ctx, calculation, product_id)
    quantity, period = _quantity(new, product), _year_of(new.window, calculation.header.period)
    measured = measured_delivery(worked, product_id, new.delivery, quantity)
    groups = delivery_groups(measured, gaps_of(worked.account, book))
    with ctx.store.read() as session:
        sender, recipient = _parties(session, ctx.who.organisation_id, new.recipient_id)
        stated = tuple(stated_deliveries(session, sender.id, product_id, period))
    unit = UnitCode(product.unit)
    continued = continued_subject(stated, measured, unit, recipient.id, _reference(new))
    subject_id = continued or new_subject_id(sender.id, product_id, recipient.id)
    refuse_more_than_made(stated, worked, measured, unit, subject_id)
    content: Document = {
        "id": f"urn:uuid:{subject_id}",
        FieldGroup.IDENTITY.value: _identity(product, sender, recipient, period),
        **groups,
        FieldGroup.EVIDENCE.value: _evidence(calculation, groups),
        FieldGroup.COMMERCIAL.value: {"deliveries": [_handed_over(new)]},
    }
    refuse_problems(check_subject(DatasetKind.DELIVERY, content))
    return content


def publish_delivery(
    ctx: Context, calculation_id: str, product_id: str, new: NewMeasuredDelivery
) -> Publication:
    """Hand a measured delivery's dataset to the worker for its signature. Raises the codes of `draft_delivery`."""
    ctx.who.require(Role.SIGNER)
    content = draft_delivery(ctx, calculation_id, product_id, new)
    return submit_for_custody(ctx, DatasetKind.DELIVERY, content)


def _flows_of(row: CalculationLineRow) -> Iterator[tuple[str, ReadFlow]]:
    """What one step says of each delivery that its readings name."""
    steps, zero = row.steps, Decimal(0)
    got = sum((Decimal(one["amount"]) for one in steps["windows"]), zero)
    is_spread_too = got > sum((Decimal(one["metered"]) for one in steps["windows"]), zero)
    for one in steps.get("readings", ()):
        if "delivery" in one:
            counted = one["accounted"]
            amount, unit = Decimal(counted["amount"]), counted["unit"]
            yield one["delivery"], ReadFlow(steps["flow"], amount, unit, is_spread_too)


def _joined(flows: list[ReadFlow]) -> tuple[ReadFlow, ...]:
    """One entry per flow, whatever many readings there are."""
    joined: dict[tuple[str, str], ReadFlow] = {}
    for one in flows:
        before = joined.get((one.name, one.unit))
        if before is not None:
            is_spread_too = before.is_spread_too or one.is_spread_too
            one = ReadFlow(one.name, before.amount + one.amount, one.unit, is_spread_too)
        joined[one.name, one.unit] = one
    return tuple(joined.values())


def _worked_again(
    ctx: Context, calculation: CalculationView, product_id: str
) -> tuple[Calculation, FactorBook]:
    """The stored calculation with all its amounts, if the account still gives the same steps of the product."""
    header = calculation.header
    account, book = load_account(ctx, header.site_id, header.period), factor_book(ctx)
    worked = calculate(account, book)
    kinds = tuple(dict.fromkeys(kind for several in KINDS.values() for kind in several))
    with ctx.store.read() as session:
        stored = [row.steps for row in calculations.lines_of(session, header.id, product_id, kinds)]
    if product_id not in worked.shares or [explain_line(one) for one in worked.lines(product_id)] != stored:
        raise InvalidError(
            "Bills, readings, keys or factors of this product have changed since the calculation was made.",
            code="calculation.outdated",
            advice="Calculate the period again, publish the product, then its delivery.",
        )
    return worked, book


def _quantity(new: NewMeasuredDelivery, product: Product) -> Fraction:
    """How much was delivered, in the product's declared unit."""
    unit = UnitCode(product.unit)
    if new.quantity.dimension is not unit.dimension:
        raise InvalidError(
            f"{product.name} is counted in {unit.value}, and {new.quantity.unit.value} measures "
            f"{new.quantity.dimension.value}.",
            code="unit.dimension",
            path="/quantity/unit",
            advice=f"Give it in a unit of {unit.dimension.value}.",
        )
    return in_unit(new.quantity, unit)


def _year_of(window: Period, period: Period) -> Period:
    """The calendar year a delivery's dataset is about."""
    if not period.contains(window):
        raise InvalidError(
            f"The delivery was not handed over inside {period.start} to {period.end}, the calculation's period.",
            code="delivery.window",
            path="/window",
            advice="Correct the dates, or choose the calculation of their period.",
        )
    whole = year_period(window.start.year)
    if not whole.contains(window):
        raise InvalidError(
            "The time runs over the turn of the year.",
            code="window.two_years",
            path="/window",
            advice="Name the delivery's two parts apart in its readings, one for each year.",
        )
    return whole


def _parties(session: Session, own: str, recipient_id: str) -> tuple[OrganisationRow, OrganisationRow]:
    """Sender and recipient."""
    if recipient_id == own:
        raise InvalidError(
            "The recipient is your own organisation.",
            code="recipient.self",
            path="/recipient_id",
            advice="Name the customer the delivery went to.",
        )
    rows = parties.organisations_by_id(session, {own, recipient_id})
    if recipient_id not in rows:
        raise InvalidError(
            "The recipient is not an organisation here.",
            code="recipient.unknown",
            path="/recipient_id",
            advice="Look it up in the directory, or invite it.",
        )
    return rows[own], rows[recipient_id]


def _identity(
    product: Product, sender: OrganisationRow, recipient: OrganisationRow, period: Period
) -> Document:
    return {
        "kind": DatasetKind.DELIVERY.value,
        "organisation": party_wire(sender),
        "product": {
            "id": f"urn:uuid:{product.id}",
            "name": product.name,
            "supplier_product_id": product.supplier_product_id,
        },
        "recipient": party_wire(recipient),
        "period": period.to_wire(),
        "declared_unit": Quantity(Decimal(1), UnitCode(product.unit)).to_wire(),
    }


def _evidence(calculation: CalculationView, groups: Document) -> Document:
    """The calculation by its digest; the bills' documents stand in the product's dataset."""
    sheet = strict_json.dumps({"calculation": calculation.header.id, "content": groups})
    item = {
        "kind": "calculation",
        "sha256": hashlib.sha256(sheet).hexdigest(),
        "description": "Readings of this delivery; flows without one at the product's average. Factor set "
        f"{calculation.header.factor_set}.",
        "concerns": [f"indicators/{name}" for name in groups[FieldGroup.INDICATORS.value]],
    }
    return {"items": [item]}


def _handed_over(new: NewMeasuredDelivery) -> Document:
    return {
        "quantity": new.quantity.to_wire(),
        "window": new.window.to_wire(),
        "reference_sha256": _reference(new),
    }


def _reference(new: NewMeasuredDelivery) -> str:
    return hashlib.sha256(new.delivery.encode()).hexdigest()
