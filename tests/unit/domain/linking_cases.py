"""Short ways to say what a test network is made of."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from exchange.domain.linking import (
    COLUMNS,
    Delivery,
    Effect,
    KnownProduct,
    LinkedNetwork,
    LinkingInput,
    Node,
    ProductDataset,
    RecipeLine,
    Shares,
    link,
)
from exchange.domain.linking.beside_co2e import BESIDE
from exchange.domain.periods import Period, year
from exchange.domain.quantities import UnitCode
from exchange.engine.gap_reach import at_least
from exchange.services.rollup.solving import arrays_of

Y2025 = year(2025)
KG, PIECE, TONNE, KWH, MWH = (
    UnitCode.KILOGRAM,
    UnitCode.PIECE,
    UnitCode.TONNE,
    UnitCode.KILOWATT_HOUR,
    UnitCode.MEGAWATT_HOUR,
)
CO2E_AND_BESIDE = {"co2e", *BESIDE}
MEASURED = Shares(measured=Fraction(1))


def f(text: str | int) -> Fraction:
    return Fraction(text)


def effects(**amounts: str | int) -> dict[str, Effect]:
    return {column: Effect(Fraction(amount), MEASURED) for column, amount in amounts.items()}


def everything(**amounts: str | int) -> dict[str, Effect]:
    """Effects in every column: those named, zero elsewhere; what stands beside CO2e only where it is named."""
    return effects(**{**dict.fromkeys((one for one in COLUMNS if one not in BESIDE), 0), **amounts})


def product(name: str, maker: str, **facts: Any) -> ProductDataset:
    """A product whose id, name and class are alike; it states that nothing goes in unless told otherwise."""
    base: dict[str, Any] = {
        "product": name,
        "name": name.title(),
        "organisation": maker,
        "category": name,
        "unit": KG,
        "period": Y2025,
        "own": everything(co2e=1),
        "recipe": (),
        "produced": Fraction(1000),
    }
    return ProductDataset(**(base | facts))


def line(of: str, amount: str | int, unit: UnitCode = KG, *, named: bool = False, **facts: Any) -> RecipeLine:
    """A recipe line by class, or by product when `named`."""
    wanted = {"product": of} if named else {"category": of}
    return RecipeLine("1", of, Fraction(amount), unit, **wanted, **facts)


def delivery(of: str, to: str, amount: str | int, unit: UnitCode = KG, **facts: Any) -> Delivery:
    base: dict[str, Any] = {"source": f"{of}-{to}", "window": Y2025}
    return Delivery(product=of, recipient=to, amount=Fraction(amount), unit=unit, **(base | facts))


def network(
    *products: ProductDataset,
    deliveries: tuple[Delivery, ...] = (),
    known: Mapping[str, KnownProduct] | None = None,
    period: Period = Y2025,
    **more: Any,
) -> LinkedNetwork:
    catalogue = {
        one.product: KnownProduct(one.product, one.name, one.organisation, one.category, one.unit, one.gtin)
        for one in products
    }
    return link(LinkingInput(period, products, {**catalogue, **(known or {})}, deliveries, **more))


def node(linked: LinkedNetwork, key: str) -> Node:
    (found,) = [one for one in linked.nodes if one.key == key]
    return found


def amounts(linked: LinkedNetwork) -> dict[tuple[str, str], Fraction]:
    """Amount per unit by supplier and customer key, parallel links added."""
    result: dict[tuple[str, str], Fraction] = {}
    for one in linked.links:
        key = (linked.nodes[one.supplier].key, linked.nodes[one.customer].key)
        result[key] = result.get(key, Fraction(0)) + one.per_unit
    return result


def reasons(linked: LinkedNetwork, key: str) -> set[str]:
    return {gap.reason for gap in linked.gaps if linked.nodes[gap.node].key == key}


def is_at_least(linked: LinkedNetwork, key: str, column: str) -> bool:
    (place,) = [place for place, one in enumerate(linked.nodes) if one.key == key]
    return bool(at_least(arrays_of(linked))[place, COLUMNS.index(column)])
