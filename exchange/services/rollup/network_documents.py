"""Published product and delivery documents as the exact records a network is linked from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from exchange.domain.errors import InvalidError
from exchange.domain.indicators import Indicator
from exchange.domain.linking import (
    CoProduct,
    Delivery,
    Effect,
    KnownProduct,
    LinkingError,
    ProductDataset,
    RecipeLine,
    Shares,
)
from exchange.domain.linking.records import (
    BIOGENIC_CO2,
    CO2E,
    CO2E_HIGH,
    CO2E_LOW,
    CREDITS,
    SCOPE2_MARKET,
    UNSTATED,
    VALUE_ADDED,
)
from exchange.domain.periods import parse_period
from exchange.domain.quantities import UnitCode, in_unit, parse_quantity

Document: TypeAlias = Mapping[str, Any]
URN = "urn:uuid:"
CO2E_COLUMNS = {"scope2_market": SCOPE2_MARKET, "biogenic_co2": BIOGENIC_CO2}
BASES = {
    "measured": Shares(measured=Fraction(1)),
    "allocated": Shares(allocated=Fraction(1)),
    "proxy": UNSTATED,
}


def read_product(dataset_id: str, document: Document) -> ProductDataset:
    """The record of a schema-valid product document; every figure per one declared unit."""
    identity, commercial = document["identity"], document.get("commercial", {})
    declared_unit = parse_quantity(identity["declared_unit"])
    per, unit = Fraction(declared_unit.amount), declared_unit.unit
    process, value_added = document.get("process", {}), commercial.get("value_added")
    return ProductDataset(
        product=document["id"].removeprefix(URN),
        name=identity["product"]["name"],
        organisation=identity["organisation"]["id"].removeprefix(URN),
        category=identity["product"]["category"],
        unit=unit,
        period=parse_period(identity["period"]),
        own=_own(document, per),
        declared=_declared(document, per),
        recipe=_recipe(process["inputs"], per) if "inputs" in process else None,
        co_products=tuple(
            CoProduct(
                one["product"].removeprefix(URN),
                Fraction(one["share"]),
                one["rule"],
                one.get("divided", False),
            )
            for one in process.get("co_products", ())
        ),
        produced=_amount(commercial["produced"], unit) if "produced" in commercial else None,
        stock_drawn=_amount(commercial["stock_drawn"], unit) if "stock_drawn" in commercial else Fraction(0),
        mass=_amount(identity["mass"], UnitCode.KILOGRAM) / per if "mass" in identity else None,
        gtin=identity["product"].get("gtin"),
        price_basis=value_added["price_basis"] if value_added else None,
        burden_free=_burden_free(document, per),
        incomplete=_incomplete(document),
        datasets=(dataset_id,),
    )


def unreadable(document: Document, error: InvalidError) -> LinkingError:
    """The refusal of a product whose document breaks a rule of quantities after all."""
    identity = document["identity"]["product"]
    return LinkingError(
        "unreadable",
        document["id"].removeprefix(URN),
        f"The dataset of {identity['name']} cannot be read: {error.detail}",
        error.advice,
    )


def delivered_product(document: Document) -> str:
    """Id of the product a delivery document is about."""
    return str(document["identity"]["product"]["id"]).removeprefix(URN)


def delivery_refusal(document: Document, product: KnownProduct) -> LinkingError | None:
    """Why the figures of a delivery cannot be used: it is declared per a unit of another kind than its product."""
    declared = parse_quantity(document["identity"]["declared_unit"])
    if declared.dimension is product.unit.dimension:
        return None
    return LinkingError(
        "unit",
        product.product,
        f"A delivery of {product.name} is declared per {declared.unit.value}, the product per "
        f"{product.unit.value}.",
        "Declare the delivery per a unit of the product's own kind.",
    )


def read_deliveries(dataset_id: str, document: Document, product: KnownProduct) -> Iterable[Delivery]:
    """One record per delivery of a schema-valid delivery document; own figures per unit of the product.

    Only the amounts are read of a product whose maker withholds its consent, and of a delivery with a refusal.
    """
    identity = document["identity"]
    takes_part = product.consents and delivery_refusal(document, product) is None
    own, recipe = _measured(document, product) if takes_part else ({}, None)
    for one in document.get("commercial", {}).get("deliveries", ()):
        quantity = parse_quantity(one["quantity"])
        yield Delivery(
            source=dataset_id,
            product=product.product,
            recipient=identity["recipient"]["id"].removeprefix(URN),
            amount=Fraction(quantity.amount),
            unit=quantity.unit,
            window=parse_period(one["window"]),
            returned=one.get("returned", False),
            own=own,
            recipe=recipe,
        )


def _measured(
    document: Document, product: KnownProduct
) -> tuple[dict[str, Effect], tuple[RecipeLine, ...] | None]:
    """What a delivery states of itself, per unit of the product."""
    per = in_unit(parse_quantity(document["identity"]["declared_unit"]), product.unit)
    process = document.get("process", {})
    return _own(document, per), _recipe(process["inputs"], per) if "inputs" in process else None


def _incomplete(document: Document) -> frozenset[str]:
    """Columns the maker says are "at least"; what CO2e lacks may be lacking beside it too."""
    stated = {column for column, one in document.get("quality", {}).items() if one.get("is_at_least")}
    beside = {SCOPE2_MARKET, BIOGENIC_CO2} if Indicator.CO2E.value in stated else set()
    return frozenset(stated | beside)


def _burden_free(document: Document, per: Fraction) -> Fraction:
    stated = document.get("breakdown", {}).get("resources", {}).get("secondary_post_consumer")
    return Fraction(0) if stated is None else _amount(stated, UnitCode.KILOGRAM) / per


def _own(document: Document, per: Fraction) -> dict[str, Effect]:
    own = {
        column: Effect(_amount(slices["own"], Indicator(column).unit) / per, _shares(document, column))
        for column, slices in document.get("indicators", {}).items()
        if "own" in slices
    }
    beside = document.get("breakdown", {}).get("co2e", {})
    for member, column in CO2E_COLUMNS.items():
        if member in beside:
            own[column] = Effect(_amount(beside[member], UnitCode.KILOGRAM) / per)
    own |= _beside_co2e(document, own, per, "gate_to_gate")
    value_added = document.get("commercial", {}).get("value_added")
    if value_added:
        own[VALUE_ADDED] = Effect(Fraction(Decimal(value_added["amount"])) / per, BASES[value_added["basis"]])
    return own


def _declared(document: Document, per: Fraction) -> dict[str, Effect]:
    """Cradle-to-gate footprints: `total`, or own and upstream where both are stated."""
    declared = {}
    for column, slices in document.get("indicators", {}).items():
        unit = Indicator(column).unit
        if "total" in slices:
            amount = _amount(slices["total"], unit)
        elif {"own", "upstream"} <= set(slices):
            amount = _amount(slices["own"], unit) + _amount(slices["upstream"], unit)
        else:
            continue
        declared[column] = Effect(amount / per, _shares(document, column))
    return declared | _beside_co2e(document, declared, per, "cradle_to_gate")


def _beside_co2e(
    document: Document, effects: Mapping[str, Effect], per: Fraction, boundary: str
) -> dict[str, Effect]:
    """Bounds of a CO2e figure, and credits of the boundary the dataset is about (EN 15804, module D)."""
    beside, figure = document.get("breakdown", {}).get("co2e", {}), effects.get(CO2E)
    if figure is None:
        return {}
    found = {}
    if bounds := beside.get("bounds"):
        ends = sorted(figure.amount * Fraction(bounds[end]) for end in ("low", "high"))
        found = {CO2E_LOW: Effect(ends[0], figure.shares), CO2E_HIGH: Effect(ends[1], figure.shares)}
    if "credits" in beside and document["identity"].get("boundary") == boundary:
        found[CREDITS] = Effect(_amount(beside["credits"], UnitCode.KILOGRAM) / per, figure.shares)
    return found


def _shares(document: Document, column: str) -> Shares:
    stated = document.get("quality", {}).get(column)
    if not stated or "measured" not in stated:
        return UNSTATED
    return Shares(*(Fraction(stated[kind]) for kind in ("measured", "allocated", "secondary", "unknown")))


def _recipe(lines: Iterable[Document], per: Fraction) -> tuple[RecipeLine, ...]:
    return tuple(_line(line, per) for line in lines)


def _line(line: Document, per: Fraction) -> RecipeLine:
    amount = parse_quantity(line["amount"])
    return RecipeLine(
        line=line["line"],
        name=line["name"],
        amount=Fraction(amount.amount) / per,
        unit=amount.unit,
        product=line["product"].removeprefix(URN) if "product" in line else None,
        category=line.get("category"),
        measured_share=Fraction(line["measured_share"]),
        mass=_amount(line["mass"], UnitCode.KILOGRAM) / per if "mass" in line else None,
        explains=_explained(line, per),
    )


def _explained(line: Document, per: Fraction) -> dict[str, Fraction]:
    """What a line explains of its maker's own figures, by column; market-based Scope 2 stands beside the indicators."""
    explained = {
        column: _amount(stated, Indicator(column).unit) / per
        for column, stated in line.get("explains", {}).items()
    }
    market = line.get("explains_scope2_market")
    return (
        explained if market is None else explained | {SCOPE2_MARKET: _amount(market, UnitCode.KILOGRAM) / per}
    )


def _amount(stated: Document, unit: UnitCode) -> Fraction:
    return in_unit(parse_quantity(stated, signed=True), unit)
