"""What goes into a network: what datasets say of products, and what was delivered to whom.

Amounts are exact: fractions in the indicator's own unit (kg, m3, kg CO2e, MJ, kg; value added in DKK) per
declared unit of the product; amounts of goods carry the unit they were stated in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction

from exchange.domain.indicators import Indicator
from exchange.domain.linking.errors import LinkingError
from exchange.domain.periods import Period
from exchange.domain.quantities import UnitCode

HEADLINE: tuple[str, ...] = tuple(indicator.value for indicator in Indicator)
CO2E = Indicator.CO2E.value
SCOPE2_MARKET, BIOGENIC_CO2, VALUE_ADDED = "scope2_market", "biogenic_co2", "value_added"
CREDITS, CO2E_LOW, CO2E_HIGH = "credits", "co2e_low", "co2e_high"
COLUMNS: tuple[str, ...] = (
    *HEADLINE,
    SCOPE2_MARKET,
    BIOGENIC_CO2,
    VALUE_ADDED,
    CREDITS,
    CO2E_LOW,
    CO2E_HIGH,
)
SIGNED_COLUMNS = frozenset({BIOGENIC_CO2, VALUE_ADDED})


class Prefer(StrEnum):
    """Which reading of a product counts where it both declares a footprint and shows its recipe."""

    LINKED = "linked"
    DECLARED = "declared"


@dataclass(frozen=True)
class Shares:
    """How much of a figure is measured, allocated, secondary and unknown; they sum to 1 (method section 5)."""

    measured: Fraction = Fraction(0)
    allocated: Fraction = Fraction(0)
    secondary: Fraction = Fraction(0)
    unknown: Fraction = Fraction(0)

    def spread(self) -> Shares:
        """The same figure after it was divided by a key: what was measured is now allocated."""
        return Shares(Fraction(0), self.measured + self.allocated, self.secondary, self.unknown)


UNSTATED = Shares(unknown=Fraction(1))
SECONDARY = Shares(secondary=Fraction(1))


@dataclass(frozen=True)
class Effect:
    """An effect per declared unit, in the column's unit, with its quality."""

    amount: Fraction
    shares: Shares = UNSTATED


@dataclass(frozen=True)
class RecipeLine:
    """One input of a product: how much of a product or of an input class goes into one unit.

    `explains` says which part of the maker's own quantities (per unit of the product) this input is, `mass`
    its mass in kg per unit of the product, `measured_share` how much of the amount was measured for the product.
    """

    line: str
    name: str
    amount: Fraction
    unit: UnitCode
    product: str | None = None
    category: str | None = None
    measured_share: Fraction = Fraction(0)
    mass: Fraction | None = None
    explains: Mapping[str, Fraction] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str | None, str | None]:
        """What the line asks for: a product or a class."""
        return (self.product, self.category)

    @property
    def alike(self) -> tuple[object, ...]:
        """What decides where a line comes from: lines alike in it take the same shares of the same products."""
        weight = None if self.mass is None else self.amount / self.mass if self.mass else Fraction(-1)
        return (self.product, self.category, self.name, self.unit, weight)

    def scaled(self, factor: Fraction, *, spread: bool = False) -> RecipeLine:
        """The line with everything times `factor`; `spread` when the factor is a key, not a measurement."""
        return replace(
            self,
            amount=self.amount * factor,
            mass=None if self.mass is None else self.mass * factor,
            explains={column: part * factor for column, part in self.explains.items()},
            measured_share=Fraction(0) if spread else self.measured_share,
        )


@dataclass(frozen=True)
class CoProduct:
    """A by-product that bears `share` of the process by the giver's `rule`: subdivision, physical or economic.

    `is_divided`: the giver's own figures leave the share out already.
    """

    product: str
    share: Fraction
    rule: str
    is_divided: bool = False


@dataclass(frozen=True)
class Uncut:
    """What datasets say of all their days, where some lie outside the period: made and drawn from stock on them."""

    days: tuple[Period, ...]
    available: Fraction


@dataclass(frozen=True)
class ProductDataset:
    """What one published dataset says of a product in its period.

    `own`: gate-to-gate effects before netting. `declared`: cradle-to-gate footprints as the maker states
    them. `recipe`: None when no recipe was stated, empty when the maker states that nothing goes in.
    `produced` and `stock_drawn` in declared units; `mass` in kg per declared unit. `price_basis`: what value
    added is counted in. `burden_free`: kg of its own resources that are secondary post-consumer material, cut
    off from what made it (EN 15804 6.3.5.2). `incomplete`: columns whose own figure the maker states as "at least".
    `covered`: the days of the period its datasets are about; `uncut`: None where they are about no other day.
    `datasets`: ids of the datasets this comes from.
    """

    product: str
    name: str
    organisation: str
    category: str
    unit: UnitCode
    period: Period
    own: Mapping[str, Effect]
    declared: Mapping[str, Effect] = field(default_factory=dict)
    recipe: tuple[RecipeLine, ...] | None = None
    co_products: tuple[CoProduct, ...] = ()
    produced: Fraction | None = None
    stock_drawn: Fraction = Fraction(0)
    mass: Fraction | None = None
    gtin: str | None = None
    price_basis: str | None = None
    burden_free: Fraction = Fraction(0)
    incomplete: frozenset[str] = frozenset()
    covered: tuple[Period, ...] = ()
    uncut: Uncut | None = None
    datasets: tuple[str, ...] = ()


@dataclass(frozen=True)
class KnownProduct:
    """A product of the exchange, whether or not a dataset of it takes part."""

    product: str
    name: str
    organisation: str
    category: str
    unit: UnitCode
    gtin: str | None = None
    consents: bool = True


@dataclass(frozen=True)
class Delivery:
    """An amount of a product handed to an organisation within a window; `returned` when it went back.

    `source` is the id of the delivery dataset. `own` and `recipe` only where the delivery was measured itself.
    """

    source: str
    product: str
    recipient: str
    amount: Fraction
    unit: UnitCode
    window: Period
    returned: bool = False
    own: Mapping[str, Effect] = field(default_factory=dict)
    recipe: tuple[RecipeLine, ...] | None = None

    @property
    def is_measured(self) -> bool:
        """Whether the delivery carries figures of its own."""
        return bool(self.own) or self.recipe is not None


@dataclass(frozen=True)
class CategoryDefault:
    """A cradle-to-gate factor for an input class, from a named `source`, valid in a period."""

    category: str
    unit: UnitCode
    effects: Mapping[str, Fraction]
    source: str
    valid: Period


@dataclass(frozen=True)
class LinkingInput:
    """Everything the network of `period` is built from; only datasets whose owner consented are in `products`.

    `refused`: what could not be read of a product, each with the product it is about.
    """

    period: Period
    products: tuple[ProductDataset, ...]
    known: Mapping[str, KnownProduct]
    deliveries: tuple[Delivery, ...] = ()
    defaults: tuple[CategoryDefault, ...] = ()
    prefer: Prefer = Prefer.LINKED
    refused: tuple[LinkingError, ...] = ()
