"""Small accounts around one thing each: a site of two products in the first half of 2025, months as 1 to 6."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from exchange.domain.calculation.account import (
    Bill,
    CoProduct,
    Energy,
    Flow,
    FlowDetail,
    HeatingValue,
    Key,
    KeyMethod,
    Output,
    Product,
    Reading,
    SiteAccount,
)
from exchange.domain.calculation.figures import Calculation, calculate
from exchange.domain.factors import Factor, FactorBasis, FactorBook, FactorOrigin
from exchange.domain.periods import Period, year
from exchange.domain.quantities import Quantity, UnitCode

KG, KWH, MWH, GJ = UnitCode.KILOGRAM, UnitCode.KILOWATT_HOUR, UnitCode.MEGAWATT_HOUR, UnitCode.GIGAJOULE
M3, PIECE = UnitCode.CUBIC_METRE, UnitCode.PIECE
BOOK = FactorBook()
YEAR = year(2025)
ELECTRICITY = Energy("electricity_grid")


def months(first: int, last: int | None = None, of: int = 2025) -> Period:
    """One month, or from one to another, both of them in it; 13 is January of the year after."""
    end = last or first
    return Period(
        date(of + (first - 1) // 12, (first - 1) % 12 + 1, 1), date(of + end // 12, end % 12 + 1, 1)
    )


def key(method: KeyMethod = KeyMethod.MASS, products: tuple[str, ...] = (), **shares: str) -> Key:
    """A key named by its method; shares by product."""
    stated = {product: Decimal(share) for product, share in shares.items()}
    return Key("key", method.value, method, products, stated)


def flow(detail: FlowDetail = ELECTRICITY, unit: UnitCode = KWH, **named: str) -> Flow:
    """The one flow, `f`, spread by the one key."""
    return Flow(named.pop("id", "f"), named.pop("name", "Flow"), detail, unit, "key", **named)


def bill(
    amount: str,
    period: Period = YEAR,
    unit: UnitCode = KWH,
    *,
    id: str = "b",
    of: str = "f",
    heating_value: HeatingValue | None = None,
    calorific_value: str | None = None,
    is_credit: bool = False,
    is_estimate: bool = False,
) -> Bill:
    """A bill of the flow, entered in "row <id>"."""
    return Bill(
        id,
        of,
        period,
        Quantity(Decimal(amount), unit),
        heating_value,
        Decimal(calorific_value) if calorific_value else None,
        is_credit,
        is_estimate,
        place=f"row {id}",
    )


def reading(
    product: str, amount: str, period: Period = YEAR, unit: UnitCode = KWH, *, id: str = "r"
) -> Reading:
    """A reading of the flow for a product, entered in "row <id>"."""
    return Reading(id, "f", product, period, Quantity(Decimal(amount), unit), place=f"row {id}")


def output(
    product: str,
    amount: str,
    period: Period = YEAR,
    unit: UnitCode = KG,
    *,
    hours: str | None = None,
    revenue: str | None = None,
) -> Output:
    """What was made of a product."""
    return Output(
        f"{product} {period.start}",
        product,
        period,
        Quantity(Decimal(amount), unit),
        Decimal(hours) if hours else None,
        Decimal(revenue) if revenue else None,
        f"output {product}",
    )


def product(id: str, unit: UnitCode = KG, mass: str | None = None) -> Product:
    """A product called by its id in capitals."""
    return Product(id, id.upper(), unit, Decimal(mass) if mass else None)


def account(
    bills: Iterable[Bill] = (),
    outputs: Iterable[Output] = (),
    *,
    period: Period = YEAR,
    flows: tuple[Flow, ...] | None = None,
    keys: tuple[Key, ...] | None = None,
    products: tuple[Product, ...] | None = None,
    readings: Iterable[Reading] = (),
    co_products: tuple[CoProduct, ...] = (),
) -> SiteAccount:
    """A site with the flow `f` of grid electricity spread by mass over `a` and `b`, unless it says otherwise."""
    return SiteAccount(
        period,
        flows if flows is not None else (flow(),),
        tuple(bills),
        products or (product("a"), product("b")),
        tuple(outputs) or (output("a", "300", period), output("b", "100", period)),
        keys or (key(),),
        tuple(readings),
        co_products,
    )


def worked(site: SiteAccount, book: FactorBook = BOOK) -> Calculation:
    """The account worked out."""
    return calculate(site, book)


def own_factor(
    name: str,
    value: str,
    result: UnitCode = KG,
    activity: UnitCode = KWH,
    basis: FactorBasis = FactorBasis.LIFE_CYCLE,
    span: Period = YEAR,
) -> Factor:
    """An organisation's own factor."""
    return Factor(
        name, Decimal(value), result, activity, "Statement of the supplier, 2025", 2025, "DK", basis, None,
        "the supplier's own", span.start, span.end, "", FactorOrigin.OWN,
    )  # fmt: skip
