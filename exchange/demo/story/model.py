"""What the story is told in: organisations, products, and a site's yearly bills and output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, TypeAlias

from exchange.domain.calculation.account import Energy, KeyMethod, Waste, Water
from exchange.domain.own_factors import OwnRow

YEARS = (2023, 2024, 2025)

Yearly: TypeAlias = Mapping[int, Decimal]
PerProduct: TypeAlias = Mapping[str, Yearly]


def yearly(*amounts: str) -> Yearly:
    """One exact amount for each of the story's years."""
    return MappingProxyType({year: Decimal(amount) for year, amount in zip(YEARS, amounts, strict=True)})


@dataclass(frozen=True)
class Organisation:
    """A fictional company. `branch` is None outside manufacturing; `own_key`: it signs with a key of its own."""

    key: str
    name: str
    cvr: str
    domain: str
    branch: str | None = None
    employees: int | None = None
    own_key: bool = False


@dataclass(frozen=True)
class Material:
    """One material a product consists of, as shares of its mass."""

    name: str
    mass_fraction: str
    recycled_fraction: str = "0"
    bio_based_fraction: str = "0"


@dataclass(frozen=True)
class Product:
    """A product of a maker. `mass` in kg per declared unit is None where it has none (heat).

    `value_added` is DKK per declared unit in current prices, by year.
    """

    key: str
    maker: str
    number: str
    name: str
    category: str
    unit: str
    mass: str | None
    value_added: Yearly | None = None
    value_added_basis: Literal["measured", "allocated"] = "allocated"
    composition: tuple[Material, ...] = ()
    geography: str = "DK"


@dataclass(frozen=True)
class Input:
    """Purchased material in its own unit; `kind` is the column of the resources breakdown.

    `mass` is kg per unit bought.
    """

    name: str
    kind: Literal["virgin", "secondary_post_consumer", "bio_based", "by_product"]
    unit: str = "KGM"
    mass: str = "1"


@dataclass(frozen=True)
class Bill:
    """What a site used or threw out in each year, and how much of it was metered for single products.

    What no meter or count gives to a product is spread over `key`, one of the site's keys. `category` or
    `product` names the input class or product a recipe line asks for; None: bought outside the exchange.
    `estimated`: no bill behind it, a default per employee. Energy is in kWh, water in m3, waste in kg.
    """

    what: Energy | Water | Waste | Input
    total: Yearly
    metered: PerProduct = field(default_factory=dict)
    key: str = "mass"
    category: str | None = None
    product: str | None = None
    estimated: bool = False


@dataclass(frozen=True)
class Key:
    """How the unmetered rest of a bill is spread, and what the site calls that.

    `weights` are the machine hours of a key by machine hours, and what the stated shares of each year are made of;
    mass, pieces and revenue follow from the production. `products` () means every product but by-products.
    """

    method: KeyMethod
    name: str
    weights: PerProduct = field(default_factory=dict)
    products: tuple[str, ...] = ()


@dataclass(frozen=True)
class ByProduct:
    """An output that `process` gives beside its main product; by revenue it bears part of its effect."""

    product: str
    process: str
    amount: Yearly
    waste_code: str


@dataclass(frozen=True)
class Address:
    """Where a site lies."""

    street: str
    postal_code: str
    city: str


@dataclass(frozen=True)
class Site:
    """One maker's site: output per product and year, bills, keys, by-products.

    `prices` are DKK for one declared unit, where a rule or the turnover needs the revenue. `factors`: its own,
    beside the exchange's.
    """

    maker: str
    produced: PerProduct
    bills: tuple[Bill, ...]
    keys: Mapping[str, Key]
    by_products: tuple[ByProduct, ...] = ()
    prices: Mapping[str, str] = field(default_factory=dict)
    factors: tuple[OwnRow, ...] = ()
    address: Address | None = None

    def made(self, product: str) -> Yearly:
        """What was made of a product or by-product, by year."""
        given = {one.product: one.amount for one in self.by_products}
        return given[product] if product in given else self.produced[product]

    @property
    def products(self) -> tuple[str, ...]:
        """Everything made here, by-products last."""
        return (*self.produced, *(one.product for one in self.by_products))


@dataclass(frozen=True)
class Declared:
    """A cradle-to-gate value a maker declares, per declared unit."""

    product: str
    indicator: str
    total: Yearly
    secondary_share: str = "0"


@dataclass(frozen=True)
class Delivery:
    """What one organisation sent another of a product, by year, in the product's unit.

    `measured`: meter readings and weighings of these deliveries alone, where there are any.
    """

    product: str
    recipient: str
    quantity: Yearly
    measured: tuple[Bill, ...] = ()
