"""The story's deliveries as credentialSubjects of the kind `delivery`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from exchange.demo import figures
from exchange.demo.figures import Use
from exchange.demo.quality import evidence, own_shares
from exchange.demo.registry import Document, Registry, quantity
from exchange.demo.story.model import Bill, Delivery, Input, Product, Waste, Water
from exchange.domain.indicators import Indicator
from exchange.domain.periods import Period
from exchange.domain.periods import year as year_period


def delivery_subject(
    registry: Registry, product: Product, delivery: Delivery, year: int, subject_id: str
) -> Document:
    """The `delivery` dataset of one product, recipient and year; with own figures where it was metered."""
    delivered = delivery.quantity[year]
    subject: Document = {
        "id": f"urn:uuid:{subject_id}",
        "identity": {
            "kind": "delivery",
            "organisation": registry.organisation(product.maker),
            "product": {
                "id": f"urn:uuid:{registry.products[product.key]}",
                "name": product.name,
                "supplier_product_id": product.number,
            },
            "recipient": registry.organisation(delivery.recipient),
            "period": year_period(year).to_wire(),
            "declared_unit": quantity(Decimal(1), product.unit),
        },
    }
    if delivery.measured:
        uses = [
            Use(bill, Fraction(bill.total[year]), Fraction(1), Fraction(0), None).per_unit(delivered)
            for bill in delivery.measured
        ]
        measured = [one for one in Indicator if figures.own(uses, one, year)]
        subject["indicators"] = {
            one.value: {"own": quantity(figures.own(uses, one, year), one.unit.value)} for one in measured
        }
        subject["quality"] = {one.value: own_shares(uses, one, year) for one in measured}
        subject["process"] = {"activities": [_activity(bill, year) for bill in delivery.measured]}
        subject["evidence"] = evidence(uses, year)
    subject["commercial"] = {
        "deliveries": [
            {"quantity": quantity(amount, product.unit), "window": window.to_wire()}
            for amount, window in _quarters(delivered, year)
        ]
    }
    return subject


def _activity(bill: Bill, year: int) -> Document:
    what = bill.what
    if isinstance(what, Water):
        name, unit = "water", "MTQ"
    elif isinstance(what, Waste):
        name, unit = f"waste {what.code}", "KGM"
    elif isinstance(what, Input):
        name, unit = what.name, what.unit
    else:
        name, unit = what.carrier, "KWH"
    return {
        "activity": name,
        "window": year_period(year).to_wire(),
        "amount": quantity(bill.total[year], unit),
        "share_to_delivery": "1",
    }


def _quarters(delivered: Decimal, year: int) -> list[tuple[Decimal, Period]]:
    """The year's quantity in four windows: equal whole parts, the rest in the last."""
    starts = [date(year, month, 1) for month in (1, 4, 7, 10)]
    ends = [*starts[1:], date(year + 1, 1, 1)]
    part = delivered // 4
    amounts = [part, part, part, delivered - 3 * part]
    return [(amount, Period(start, end)) for amount, start, end in zip(amounts, starts, ends, strict=True)]
