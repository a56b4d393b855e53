"""Productivity, index and decoupling: what a chain's figures say over time (method section 6).

Pure arithmetic on exact decimals. An index or a class is given only on a matched panel (same products,
links, method and factor basis) and, where value added is in it, only in constant prices.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

ENOUGH_COVERAGE = Decimal("0.8")
HUNDRED = Decimal(100)


class PriceBasis(StrEnum):
    """What value added is counted in."""

    CURRENT = "current"
    CONSTANT = "constant"


class Decoupling(StrEnum):
    """How effect moved against value added."""

    ABSOLUTE = "absolute"
    RELATIVE = "relative"
    NONE = "none"
    RECESSIVE_DECOUPLING = "recessive_decoupling"
    RECESSIVE_COUPLING = "recessive_coupling"
    NEGATIVE = "negative"
    NOT_DETERMINABLE = "not_determinable"


class Hindrance(StrEnum):
    """Why there is no figure, index or class."""

    COVERAGE_BELOW_80 = "coverage_below_80"
    NO_EFFECT = "no_effect"
    CURRENT_PRICES = "current_prices"
    MIXED_PRICES = "mixed_prices"
    AT_LEAST = "at_least"
    PANEL_CHANGED = "panel_changed"
    NO_REFERENCE = "no_reference"


@dataclass(frozen=True)
class Activity:
    """One product's part in a chain: `activity` units, own effect and value added per unit (None: unknown)."""

    activity: Decimal
    effect: Decimal | None
    value_added: Decimal | None
    price_basis: PriceBasis | None = None


@dataclass(frozen=True)
class Productivity:
    """Value added per effect over the products that have both, and the share of the effect they cover.

    `value` is None under 80 % coverage or without effect, and `hindrance` says which.
    """

    value: Decimal | None
    coverage: Decimal | None
    value_added: Decimal
    effect: Decimal
    price_basis: PriceBasis | None
    hindrance: Hindrance | None = None


def productivity(activities: Iterable[Activity]) -> Productivity:
    """Σ y·v / Σ y·d over the same products: those with value added and own effect."""
    known = [one for one in activities if one.effect is not None]
    both = [one for one in known if one.value_added is not None]
    total = sum((one.activity * (one.effect or 0) for one in known), Decimal(0))
    effect = sum((one.activity * (one.effect or 0) for one in both), Decimal(0))
    value_added = sum((one.activity * (one.value_added or 0) for one in both), Decimal(0))
    bases = {one.price_basis for one in both}
    basis = bases.pop() if len(bases) == 1 else None
    if total <= 0:
        return Productivity(None, None, value_added, effect, basis, Hindrance.NO_EFFECT)
    coverage = effect / total
    if coverage < ENOUGH_COVERAGE:
        return Productivity(None, coverage, value_added, effect, basis, Hindrance.COVERAGE_BELOW_80)
    if basis is None:
        return Productivity(None, coverage, value_added, effect, None, Hindrance.MIXED_PRICES)
    return Productivity(value_added / effect, coverage, value_added, effect, basis)


@dataclass(frozen=True)
class Panel:
    """What must be the same for two periods to be compared: products, links between them, method, factors.

    Each is held as a digest: only equality is asked.
    """

    products: str
    links: str
    method: str
    factors: str

    def changes(self, other: Panel) -> tuple[str, ...]:
        """Which parts differ, in fixed order: membership, linking, method, factors."""
        pairs = (
            ("membership", self.products, other.products),
            ("linking", self.links, other.links),
            ("method", self.method, other.method),
            ("factors", self.factors, other.factors),
        )
        return tuple(name for name, one, two in pairs if one != two)


@dataclass(frozen=True)
class Standing:
    """A chain's figures in one period and indicator.

    `bound` is the relative error the effect may have, `covered` a digest of the products inside the productivity.
    """

    total: Decimal
    productivity: Productivity
    panel: Panel
    covered: str
    is_at_least: bool = False
    bound: Decimal = Decimal(0)


@dataclass(frozen=True)
class Development:
    """A period against a reference: indices (reference = 100), class, and why any of them is missing.

    `changes` names what of the panel changed; those changes are told on lines of their own.
    """

    effect_index: Decimal | None = None
    productivity_index: Decimal | None = None
    decoupling: Decoupling | None = None
    hindrance: Hindrance | None = None
    changes: tuple[str, ...] = ()


def develop(now: Standing, reference: Standing | None) -> Development:
    """How a chain stands against its base year or previous period.

    The effect's index needs a matched panel and totals without gaps; the productivity's index and the class
    need constant prices and the same covered products as well.
    """
    if reference is None:
        return Development(hindrance=Hindrance.NO_REFERENCE)
    if now.is_at_least or reference.is_at_least:
        return Development(hindrance=Hindrance.AT_LEAST)
    changes = now.panel.changes(reference.panel)
    if changes:
        return Development(hindrance=Hindrance.PANEL_CHANGED, changes=changes)
    if reference.total <= 0:
        return Development(hindrance=Hindrance.NO_EFFECT)
    index = now.total / reference.total * HUNDRED
    hindrance = _hindered(now, reference)
    if hindrance is not None:
        return Development(effect_index=index, hindrance=hindrance)
    new, old = now.productivity, reference.productivity
    ratio = None if not old.value else (new.value or Decimal(0)) / old.value * HUNDRED
    bound = now.bound + reference.bound
    return Development(index, ratio, decoupling(old, new, bound))


def decoupling(old: Productivity, new: Productivity, bound: Decimal = Decimal(0)) -> Decoupling:
    """The class by change of value added and of effect over the same products.

    `bound` is the relative uncertainty of the effect's change; where it could alter the class, and where
    value added did not change or is not positive, the class is not determinable.
    """
    if old.value_added <= 0 or new.value_added <= 0 or old.effect <= 0:
        return Decoupling.NOT_DETERMINABLE
    value = new.value_added / old.value_added - 1
    ratio = new.effect / old.effect
    found = {_class(value, ratio * (1 + sign * bound) - 1) for sign in (-1, 0, 1)}
    return found.pop() if len(found) == 1 else Decoupling.NOT_DETERMINABLE


def _class(value: Decimal, effect: Decimal) -> Decoupling:
    if value == 0:
        return Decoupling.NOT_DETERMINABLE
    if value > 0:
        if effect <= 0:
            return Decoupling.ABSOLUTE
        return Decoupling.RELATIVE if effect < value else Decoupling.NONE
    if effect > 0:
        return Decoupling.NEGATIVE
    return Decoupling.RECESSIVE_DECOUPLING if effect < value else Decoupling.RECESSIVE_COUPLING


def _hindered(now: Standing, reference: Standing) -> Hindrance | None:
    """Why productivity has no index and no class."""
    for standing in (now, reference):
        if standing.productivity.value is None:
            return standing.productivity.hindrance
    if now.covered != reference.covered:
        return Hindrance.PANEL_CHANGED
    if {now.productivity.price_basis, reference.productivity.price_basis} != {PriceBasis.CONSTANT}:
        return Hindrance.CURRENT_PRICES
    return None
