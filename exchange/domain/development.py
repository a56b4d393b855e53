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
FINEST = Decimal("1e-8")  # one unit in the last of nine significant digits, at most


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
    NEGATIVE_EFFECT = "negative_effect"
    CURRENT_PRICES = "current_prices"
    MIXED_PRICES = "mixed_prices"
    AT_LEAST = "at_least"
    PANEL_CHANGED = "panel_changed"
    NO_REFERENCE = "no_reference"
    DIRECTIONS_DIFFER = "directions_differ"


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

    `value` is None under 80 % coverage, where part of the effect is not known, and without a positive effect;
    `hindrance` says which. `coverage` is None where its whole is unknown or zero.
    """

    value: Decimal | None
    coverage: Decimal | None
    value_added: Decimal
    effect: Decimal
    price_basis: PriceBasis | None
    hindrance: Hindrance | None = None


def productivity(activities: Iterable[Activity], *, is_at_least: bool = False) -> Productivity:
    """Σ y·v / Σ y·d over the same products: those with value added and own effect.

    Covered is Σ |y·d| over them of Σ |y·d| over all, so that negative effects cannot cover more than there is.
    `is_at_least`: the chain has a gap. Then, as where a product's effect is unknown, so is what is covered.
    """
    several = list(activities)
    known = [one for one in several if one.effect is not None]
    both = [one for one in known if one.value_added is not None]
    value_added = sum((one.activity * (one.value_added or 0) for one in both), Decimal(0))
    effect, total = _effect(both), _effect(known)
    bases = {one.price_basis for one in both}
    basis = bases.pop() if len(bases) == 1 else None
    covered = None if is_at_least or len(known) < len(several) else _covered(both, known)
    hindrance = _without_figure(is_at_least or len(known) < len(several), covered, effect, total, basis)
    value = None if hindrance else value_added / effect
    return Productivity(value, covered, value_added, effect, basis, hindrance)


def _effect(activities: Iterable[Activity]) -> Decimal:
    return sum((one.activity * (one.effect or 0) for one in activities), Decimal(0))


def _covered(both: Iterable[Activity], known: Iterable[Activity]) -> Decimal | None:
    part, whole = (
        sum((abs(one.activity * (one.effect or 0)) for one in several), Decimal(0))
        for several in (both, known)
    )
    return part / whole if whole else None


def _without_figure(
    is_at_least: bool, covered: Decimal | None, effect: Decimal, total: Decimal, basis: PriceBasis | None
) -> Hindrance | None:
    """Why value added cannot be divided by this effect."""
    if is_at_least:
        return Hindrance.AT_LEAST
    if effect < 0 or total < 0:
        return Hindrance.NEGATIVE_EFFECT
    if covered is None:
        return Hindrance.NO_EFFECT
    if covered < ENOUGH_COVERAGE:
        return Hindrance.COVERAGE_BELOW_80
    if effect == 0:
        return Hindrance.NO_EFFECT
    return Hindrance.MIXED_PRICES if basis is None else None


@dataclass(frozen=True)
class Panel:
    """What must be the same for two periods to be compared: products, links between them, method, factors.

    Each is held as a digest, for only equality is asked; `length` is how long the period is.
    """

    products: str
    links: str
    method: str
    factors: str
    length: str = ""

    def changes(self, other: Panel) -> tuple[str, ...]:
        """Which parts differ, in fixed order: membership, linking, method, factors, period."""
        pairs = (
            ("membership", self.products, other.products),
            ("linking", self.links, other.links),
            ("method", self.method, other.method),
            ("factors", self.factors, other.factors),
            ("period", self.length, other.length),
        )
        return tuple(name for name, one, two in pairs if one != two)


@dataclass(frozen=True)
class Standing:
    """A chain's figures in one period and indicator.

    `covered` is a digest of the products inside the productivity. `bound` is the relative uncertainty of the
    effect where its data state bounds with a source, else 0; `rounding` the relative size of the last digit
    released, below which two figures are equal. How exactly the network was solved is no bound of the data.
    """

    total: Decimal
    productivity: Productivity
    panel: Panel
    covered: str
    is_at_least: bool = False
    bound: Decimal = Decimal(0)
    rounding: Decimal = FINEST


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
    return _compared(now, reference, index)


def _compared(now: Standing, reference: Standing, index: Decimal) -> Development:
    """Productivity's index and the class; none where the covered part and the total go different ways."""
    new, old = now.productivity, reference.productivity
    ratio = None if not old.value else (new.value or Decimal(0)) / old.value * HUNDRED
    rounding = max(now.rounding, reference.rounding)
    if _direction(now.total / reference.total, rounding) != _direction(new.effect / old.effect, rounding):
        return Development(index, ratio, Decoupling.NOT_DETERMINABLE, Hindrance.DIRECTIONS_DIFFER)
    return Development(index, ratio, decoupling(old, new, now.bound + reference.bound, rounding))


def decoupling(
    old: Productivity, new: Productivity, bound: Decimal = Decimal(0), rounding: Decimal = FINEST
) -> Decoupling:
    """The class by change of value added and of effect over the same products.

    `bound` is the relative uncertainty of the effect's change; where it could alter the class, and where
    value added did not change or is not positive, the class is not determinable. Ratios that differ by
    `rounding` at most are equal.
    """
    if old.value_added <= 0 or new.value_added <= 0 or old.effect <= 0:
        return Decoupling.NOT_DETERMINABLE
    value, effect = new.value_added / old.value_added, new.effect / old.effect
    found = {_class(value, effect * (1 + sign * bound), rounding) for sign in (-1, 0, 1)}
    return found.pop() if len(found) == 1 else Decoupling.NOT_DETERMINABLE


def _direction(ratio: Decimal, rounding: Decimal) -> int:
    """Whether a ratio says up (1), down (-1), or the same within rounding (0)."""
    if abs(ratio - 1) <= rounding:
        return 0
    return 1 if ratio > 1 else -1


def _class(value: Decimal, effect: Decimal, rounding: Decimal) -> Decoupling:
    """By the ratios new : old; an effect that moved just as value added did is not decoupled from it."""
    is_slower = effect < value - rounding
    direction = _direction(effect, rounding)
    if _direction(value, rounding) > 0:
        if direction <= 0:
            return Decoupling.ABSOLUTE
        return Decoupling.RELATIVE if is_slower else Decoupling.NONE
    if _direction(value, rounding) == 0:
        return Decoupling.NOT_DETERMINABLE
    if direction > 0:
        return Decoupling.NEGATIVE
    return Decoupling.RECESSIVE_DECOUPLING if is_slower else Decoupling.RECESSIVE_COUPLING


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
