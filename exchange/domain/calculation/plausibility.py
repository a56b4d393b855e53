"""Amounts that look like another unit: MWh typed as kWh, tonnes as kilograms. They are asked about, never refused.

A bill is held against the other bills of its flow; the first one of a metered supply against what a place of
production can use at all.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from exchange.domain.calculation.account import Bill, Energy, Flow, FlowDetail, Water
from exchange.domain.calculation.bill_rules import headed
from exchange.domain.calculation.flow_rules import is_metered
from exchange.domain.periods import Period
from exchange.domain.quantities import UnitCode

# Two powers of ten: seasons and slack months stay well within, a slip of unit (1 000, or 3.6 and more) does not.
SUSPICIOUS = 100
DIGITS = 3
# Per day, at the least and at the most. 5 kWh is what one person's flat uses, less than any workshop; 1 GWh is 42 MW
# day and night, more than all but a steelworks or a refinery. 5 l of water are a wash and a kettle; 50 000 m3 are
# what a city of 400 000 drinks. Fuels and heat may rest in summer, so their least is a fifth of electricity's.
BOUNDS: dict[str, tuple[Fraction, Fraction]] = {
    "electricity": (Fraction(5), Fraction(1_000_000)),
    "energy": (Fraction(1), Fraction(1_000_000)),
    "water": (Fraction(5, 1000), Fraction(50_000)),
}
SYMBOLS = {
    UnitCode.KILOWATT_HOUR: "kWh", UnitCode.MEGAWATT_HOUR: "MWh", UnitCode.GIGAWATT_HOUR: "GWh",
    UnitCode.MEGAJOULE: "MJ", UnitCode.GIGAJOULE: "GJ", UnitCode.TERAJOULE: "TJ",
    UnitCode.GRAM: "g", UnitCode.KILOGRAM: "kg", UnitCode.TONNE: "t",
    UnitCode.LITRE: "l", UnitCode.CUBIC_METRE: "m3",
}  # fmt: skip
_LADDERS = (
    (UnitCode.KILOWATT_HOUR, UnitCode.MEGAWATT_HOUR, UnitCode.GIGAWATT_HOUR),
    (UnitCode.MEGAJOULE, UnitCode.GIGAJOULE, UnitCode.TERAJOULE),
    (UnitCode.GRAM, UnitCode.KILOGRAM, UnitCode.TONNE),
    (UnitCode.LITRE, UnitCode.CUBIC_METRE),
)


@dataclass
class Usual:
    """What a flow's bills usually come to, as `compared` makes them comparable; zeros tell nothing."""

    _sorted: list[Fraction] = field(default_factory=list)

    def add_all(self, amounts: Iterable[Fraction]) -> None:
        """Take more in."""
        self._sorted = sorted([*self._sorted, *(amount for amount in amounts if amount > 0)])

    def without(self, amount: Fraction) -> Fraction | None:
        """The median of the others: of all, where this amount is one of them without it; None without any."""
        place = bisect_left(self._sorted, amount)
        is_in = place < len(self._sorted) and self._sorted[place] == amount
        count = len(self._sorted) - is_in
        if not count:
            return None
        skip = place if is_in else len(self._sorted)
        low, high = (self._sorted[one + (one >= skip)] for one in ((count - 1) // 2, count // 2))
        return (low + high) / 2


def compared(flow: Flow, accounted: Fraction, period: Period) -> Fraction:
    """What of a bill can be held against others: the amount for a day of a metered supply, else for a bill.

    Purchases are dated by the day or summed up by the month as it comes, so their days say nothing.
    """
    return accounted / period.days if is_metered(flow.detail) else accounted


def question(bill: Bill, flow: Flow, amount: Fraction, usual: Fraction | None) -> str | None:
    """The question to ask about a bill, None where nothing is odd; both amounts as `compared` has them.

    A factor of 100 or more beside the median of the flow's other bills, or, for a metered supply's first bill,
    outside what a place of production can use.
    """
    if amount <= 0:
        return None
    if usual is not None:
        return _against_others(bill, flow, amount, usual)
    bounds = _bounds(flow.detail)
    if bounds is None or bounds[0] <= amount <= bounds[1]:
        return None
    much = "more than" if amount > bounds[1] else "less than"
    return f"{_said(bill)}, {much} a place of production uses: {_guess(bill.amount.unit, amount > bounds[1])}"


def _against_others(bill: Bill, flow: Flow, amount: Fraction, usual: Fraction) -> str | None:
    ratio = amount / usual
    if 1 / Fraction(SUSPICIOUS) < ratio < SUSPICIOUS:
        return None
    days = bill.period.days
    expected = _scaled(bill, usual / amount)
    span = f" for {days} days" if is_metered(flow.detail) else ""
    others = f"going by this flow's other bills it would be about {expected}{span}"
    return f"{_said(bill)}; {others}: {_guess(bill.amount.unit, ratio > 1)}"


def _scaled(bill: Bill, ratio: Fraction) -> str:
    """What the others would make of this bill, in its own unit, to three digits."""
    amount = Fraction(bill.amount.amount) * ratio
    rough = Decimal(amount.numerator) / Decimal(amount.denominator)
    rounded = round(rough, DIGITS - 1 - rough.adjusted())
    return f"{rounded:f} {_symbol(bill.amount.unit)}"


def _said(bill: Bill) -> str:
    return f"{headed(bill)} says {bill.amount.amount:f} {_symbol(bill.amount.unit)}"


def _guess(unit: UnitCode, is_much: bool) -> str:
    """Which unit may have been meant: the next larger one for too little, the next smaller one for too much."""
    for ladder in _LADDERS:
        if unit in ladder:
            place = ladder.index(unit) + (-1 if is_much else 1)
            if 0 <= place < len(ladder):
                return f"was it {SYMBOLS[ladder[place]]}?"
    return "are amount and unit right?"


def _symbol(unit: UnitCode) -> str:
    return SYMBOLS.get(unit, unit.value)


def _bounds(detail: FlowDetail) -> tuple[Fraction, Fraction] | None:
    if not is_metered(detail):
        return None
    match detail:
        case Energy():
            return BOUNDS["electricity" if detail.carrier == "electricity_grid" else "energy"]
        case Water():
            return BOUNDS["water"]
        case _:
            return None
