"""How an own figure came about: its measured, allocated, secondary and unknown shares, and what is missing from it.

Method section 5, for a figure inside the gate: a line counts as measured as far as its amount was metered or counted
for the product, as secondary as far as no bill stands behind it; the rest was spread by a key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from exchange.domain.calculation.account import Key, KeyMethod, SharingRule
from exchange.domain.calculation.effects import Column
from exchange.domain.calculation.figures import Line
from exchange.domain.quantities import exact_decimal

SHARE_PLACES = 4
ALLOCATION_METHODS = {
    KeyMethod.MASS: "physical_mass",
    KeyMethod.PIECES: "pieces",
    KeyMethod.MACHINE_HOURS: "machine_hours",
    KeyMethod.ECONOMIC: "economic",
}
# What a key that is called by its method alone is said to be in a dataset.
DESCRIPTIONS = {
    KeyMethod.MASS: "Mass made of each product",
    KeyMethod.PIECES: "Pieces made of each product",
    KeyMethod.MACHINE_HOURS: "Machine hours of each product",
    KeyMethod.ECONOMIC: "Revenue of each product",
}
DIVIDED_BY = {
    SharingRule.ECONOMIC: {
        "method": "economic", "key": "Sales value of product and by-products", "scope": "process",
    },
    SharingRule.PHYSICAL: {
        "method": "physical_mass", "key": "Mass of product and by-products", "scope": "process",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Shares:
    """Four shares of a figure that are together exactly 1, each with four decimals."""

    measured: Decimal
    allocated: Decimal
    secondary: Decimal
    unknown: Decimal

    @property
    def measurement_basis(self) -> str:
        """The schema's word for how the figure was come by."""
        if self.measured == 1:
            return "measured_direct"
        if self.unknown == 1:
            return "estimated"
        return "measured_submetered_activity" if self.measured else "allocated"


UNKNOWN = Shares(Decimal(0), Decimal(0), Decimal(0), Decimal(1))


def shares_of(lines: Iterable[Line], columns: Collection[Column]) -> Shares:
    """The shares of the sum of some columns over a product's lines. A figure of nothing has no known quality."""
    total = measured = secondary = Fraction(0)
    for line in lines:
        amount = sum((Fraction(line.effect(column) or 0) for column in columns), Fraction(0))
        total += amount
        measured += amount * line.measured
        secondary += amount * line.secondary
    if not total:
        return UNKNOWN
    secondary_share = _rounded(secondary / total)
    measured_share = min(
        _rounded(measured / total), 1 - secondary_share
    )  # the two may pass 1 by a last digit
    return Shares(measured_share, 1 - measured_share - secondary_share, secondary_share, Decimal(0))


def allocating_key(lines: Iterable[Line], columns: Collection[Column]) -> Key | None:
    """The key that spread the largest part of a figure; of equal ones the first by name. None where none did."""
    spread: dict[str, tuple[Fraction, Key]] = {}
    for line in lines:
        amount = sum((Fraction(line.effect(column) or 0) for column in columns), Fraction(0))
        part = amount * (1 - line.measured - line.secondary)
        weights = line.entry.spreading.weights
        key = weights.key
        if part and not weights.is_sole:  # a key of one product divides nothing: days did
            spread[key.id] = (spread.get(key.id, (Fraction(0), key))[0] + part, key)
    largest = sorted(spread.values(), key=lambda one: (-one[0], one[1].name))
    return largest[0][1] if largest else None


def allocation_of(lines: Sequence[Line], columns: Collection[Column]) -> dict[str, str]:
    """How a figure that is allocated in part was spread, as the schema's `allocation` says it.

    A process divided from its by-products by revenue or mass is told by that rule, else by the key of the largest
    part; bills cut by days alone were spread over time.
    """
    divided = next((line.share.rule for line in lines if not line.share.keeps_measured), None)
    if divided is not None:
        return DIVIDED_BY[divided]
    key = allocating_key(lines, columns)
    if key is None or key.method is KeyMethod.METERED:
        return {"method": "subdivision", "key": "Days of the bills inside the period", "scope": "site"}
    method = key.basis if key.method is KeyMethod.SHARES else ALLOCATION_METHODS[key.method]
    name = DESCRIPTIONS.get(key.method, key.name) if key.name == key.method.value else key.name
    return {"method": method, "key": name, "scope": "site"}


def _rounded(share: Fraction) -> Decimal:
    return exact_decimal(Fraction(round(share * 10**SHARE_PLACES), 10**SHARE_PLACES))
