"""The story's deliveries as credentialSubjects of the kind `delivery`."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal

from exchange.demo.registry import Document, Registry, quantity
from exchange.demo.site_table import flow_detail, flow_name, flow_unit, heating_value_of
from exchange.demo.story.model import Bill, Delivery
from exchange.demo.story.model import Product as StoryProduct
from exchange.domain.calculation.account import Bill as Booked
from exchange.domain.calculation.account import Flow, Key, KeyMethod, Output, Product, SiteAccount
from exchange.domain.calculation.effects import HEADLINE
from exchange.domain.calculation.explain import explain_line
from exchange.domain.calculation.figures import Calculation, calculate
from exchange.domain.calculation.quality import shares_of
from exchange.domain.factors import FactorBook, factor_set
from exchange.domain.indicators import Indicator
from exchange.domain.periods import Period
from exchange.domain.periods import year as year_period
from exchange.domain.quantities import Quantity, UnitCode, decimal_to_wire
from exchange.trust import strict_json

BASIS_TEXT = (
    "Invented meter readings and weighings of a demonstration, of these deliveries alone. Electricity by BR18 annex 2 "
    "table 8 (life-cycle basis, projected), fuels by Regulation (EU) 2018/2066 annex VI (combustion basis). Factor "
    "set {factors}."
)


def delivery_subject(
    registry: Registry, product: StoryProduct, delivery: Delivery, year: int, subject_id: str
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
        subject |= _measured(registry, product, delivery, year)
    subject["commercial"] = {
        "deliveries": [
            {"quantity": quantity(amount, product.unit), "window": window.to_wire()}
            for amount, window in _quarters(delivered, year)
        ]
    }
    return subject


def delivery_calculation(
    registry: Registry, product: StoryProduct, delivery: Delivery, year: int
) -> Calculation:
    """What was metered of these deliveries alone, as an account of its own: nothing is shared with any other."""
    period, unit = year_period(year), UnitCode(product.unit)
    account = SiteAccount(
        period=period,
        flows=tuple(
            Flow(
                str(number), flow_name(one), flow_detail(registry, one), flow_unit(one), KeyMethod.MASS.value
            )
            for number, one in enumerate(delivery.measured)
        ),
        bills=tuple(
            Booked(
                str(number),
                str(number),
                period,
                Quantity(one.total[year], flow_unit(one)),
                heating_value_of(one),
            )
            for number, one in enumerate(delivery.measured)
        ),
        products=(Product(product.key, product.name, unit),),
        outputs=(Output("delivered", product.key, period, Quantity(delivery.quantity[year], unit)),),
        keys=(Key(KeyMethod.MASS.value, "Delivered", KeyMethod.MASS),),
    )
    return calculate(account, FactorBook())


def _measured(registry: Registry, product: StoryProduct, delivery: Delivery, year: int) -> Document:
    calculation = delivery_calculation(registry, product, delivery, year)
    lines = calculation.lines(product.key)
    own = {one: calculation.own(product.key, HEADLINE[one]) for one in Indicator}
    known = {one: amount for one, amount in own.items() if amount}
    return {
        "indicators": {one.value: {"own": quantity(amount, one.unit.value)} for one, amount in known.items()},
        "quality": {one.value: _shares(calculation, product.key, one) for one in known},
        "process": {"activities": [_activity(bill, year) for bill in delivery.measured]},
        "evidence": {
            "items": [
                {
                    "kind": "calculation",
                    "sha256": hashlib.sha256(
                        strict_json.dumps([explain_line(line) for line in lines])
                    ).hexdigest(),
                    "description": BASIS_TEXT.format(factors=factor_set()),
                    "concerns": [f"indicators/{one.value}" for one in known],
                }
            ]
        },
    }


def _shares(calculation: Calculation, product: str, indicator: Indicator) -> Document:
    shares = shares_of(calculation.lines(product), HEADLINE[indicator])
    return {
        "measured": decimal_to_wire(shares.measured),
        "allocated": decimal_to_wire(shares.allocated),
        "secondary": decimal_to_wire(shares.secondary),
        "unknown": decimal_to_wire(shares.unknown),
        "measurement_basis": shares.measurement_basis,
    }


def _activity(bill: Bill, year: int) -> Document:
    return {
        "activity": flow_name(bill),
        "window": year_period(year).to_wire(),
        "amount": quantity(bill.total[year], flow_unit(bill).value),
        "share_to_delivery": "1",
    }


def _quarters(delivered: Decimal, year: int) -> list[tuple[Decimal, Period]]:
    """The year's quantity in four windows: equal whole parts, the rest in the last."""
    starts = [date(year, month, 1) for month in (1, 4, 7, 10)]
    ends = [*starts[1:], date(year + 1, 1, 1)]
    part = delivered // 4
    amounts = [part, part, part, delivered - 3 * part]
    return [(amount, Period(start, end)) for amount, start, end in zip(amounts, starts, ends, strict=True)]
