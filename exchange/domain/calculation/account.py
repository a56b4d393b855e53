"""A site's account of a period: what its bills, meters and production records say, before anything is computed.

Method section 2. A *flow* is one thing that goes into or out of the site (grid electricity, steel sheet, mixed
waste); *bills* book amounts to it, *readings* say what of it a meter or count gave to one product, *outputs* say
what was made, and each flow's *key* says how the rest is spread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from exchange.domain.periods import Period
from exchange.domain.quantities import Quantity, UnitCode

ONE = Decimal(1)


class HeatingValue(StrEnum):
    """Which heating value an amount of fuel energy is stated on; the account is kept on the lower one."""

    LOWER = "lower"
    UPPER = "upper"


@dataclass(frozen=True)
class Energy:
    """Final energy of one carrier; `origin` is renewable, non_renewable, nuclear or mixed."""

    carrier: str
    origin: str = "mixed"


@dataclass(frozen=True)
class Water:
    """Water withdrawn, by source (public_supply, groundwater, surface, rainwater, sea, recycled_external)."""

    source: str = "public_supply"


@dataclass(frozen=True)
class Material:
    """Purchased material or packaging. The shares are of its mass; what none of them claims is virgin.

    `mass` is kg for one unit of the flow (None where the unit is itself a mass). `level` is that of packaging
    (sales, grouped, transport), "" for what becomes part of a product. `is_by_product`: bought as somebody's
    by-product.
    """

    mass: Decimal | None = None
    pre_consumer: Decimal = Decimal(0)
    post_consumer: Decimal = Decimal(0)
    bio_based: Decimal = Decimal(0)
    is_by_product: bool = False
    level: str = ""
    country: str = ""
    supplier: str = ""


@dataclass(frozen=True)
class Waste:
    """Waste handed over, by code of the European List of Waste and treatment."""

    code: str
    treatment: str
    operation: str = ""


FlowDetail: TypeAlias = Energy | Water | Material | Waste


@dataclass(frozen=True)
class Flow:
    """One thing that goes into or out of the site, counted in `unit`.

    `key` is the id of the key that spreads it. `category` or `product` name the input class or the supplier's
    product that a recipe line asks for; "" for what is not part of the recipe.
    """

    id: str
    name: str
    detail: FlowDetail
    unit: UnitCode
    key: str
    category: str = ""
    product: str = ""


@dataclass(frozen=True)
class Bill:
    """An amount of a flow over a period, as billed: a credit note (`is_credit`) takes it away again.

    `heating_value` says which one fuel energy is stated on; `calorific_value` is kWh for one billed unit, as
    printed on a bill in m3 or kg. `is_estimate`: no bill stands behind it. `place` is where it was entered
    ("Energy, row 7"), `evidence` are SHA-256 digests of documents.
    """

    id: str
    flow: str
    period: Period
    amount: Quantity
    heating_value: HeatingValue | None = None
    calorific_value: Decimal | None = None
    is_credit: bool = False
    is_estimate: bool = False
    number: str = ""
    meter: str = ""
    place: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What a sub-meter or a count gave of a flow to one product over a period; `delivery` names a delivery."""

    id: str
    flow: str
    product: str
    period: Period
    amount: Quantity
    heating_value: HeatingValue | None = None
    delivery: str = ""
    place: str = ""


@dataclass(frozen=True)
class Product:
    """A product made at the site; `mass` is kg for one declared unit, None where it has none or it is a mass."""

    id: str
    name: str
    unit: UnitCode
    mass: Decimal | None = None


@dataclass(frozen=True)
class Output:
    """What was made of a product over a period. `revenue` is in DKK."""

    id: str
    product: str
    period: Period
    amount: Quantity
    machine_hours: Decimal | None = None
    revenue: Decimal | None = None
    place: str = ""


class KeyMethod(StrEnum):
    """What a flow is spread by. `metered`: by readings alone; `shares`: by stated shares of the whole."""

    METERED = "metered"
    MASS = "mass"
    PIECES = "pieces"
    MACHINE_HOURS = "machine_hours"
    ECONOMIC = "economic"
    SHARES = "shares"


@dataclass(frozen=True)
class Key:
    """How what no reading gives to a product is spread. `products` () means every product made.

    `shares` are parts of 1 by product, for `shares` alone; together less than 1 leaves a visible rest. `basis` is
    then what they stand on, a method of the schema's `allocation` (subdivision, physical_energy …).
    """

    id: str
    name: str
    method: KeyMethod
    products: tuple[str, ...] = ()
    shares: Mapping[str, Decimal] = field(default_factory=dict)
    basis: str = "subdivision"


class SharingRule(StrEnum):
    """The giver's stated rule for what a by-product bears (method section 3)."""

    SUBDIVISION = "subdivision"
    PHYSICAL = "physical"
    ECONOMIC = "economic"


@dataclass(frozen=True)
class CoProduct:
    """A by-product that is sold or given: `product` comes out of the making of `process`.

    It bears `share` of what the process used where the rule is a subdivision; by mass where it is physical, by
    revenue where it is economic.
    """

    product: str
    process: str
    rule: SharingRule
    share: Decimal | None = None
    waste_code: str = ""
    terms: str = "sells"
    processed_before_sale: bool = False


@dataclass(frozen=True)
class SiteAccount:
    """Everything a calculation of one site and period starts from; the order of rows means nothing."""

    period: Period
    flows: tuple[Flow, ...]
    bills: tuple[Bill, ...]
    products: tuple[Product, ...]
    outputs: tuple[Output, ...]
    keys: tuple[Key, ...]
    readings: tuple[Reading, ...] = ()
    co_products: tuple[CoProduct, ...] = ()
