"""How figures are cut to the digits that are shown: no more than their certified error bound promises."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

MOST_DIGITS = 9
NO_DIGIT = 0.5
SHARE_UNITS = 10**6


def promised_digits(error_bound: float) -> int:
    """How many significant digits a relative error bound promises: within half of the last one, 1 to 9.

    0 where it promises none: a figure that may be half of what it says, or a bound that is no number.
    """
    if not error_bound < NO_DIGIT:
        return 0
    if error_bound <= 0:
        return MOST_DIGITS
    return max(1, min(MOST_DIGITS, math.floor(-math.log10(2 * error_bound))))


def rounded(value: float, digits: int = MOST_DIGITS) -> Decimal:
    """A float as the decimal that is released, with this many significant digits."""
    return Decimal(f"{value:.{digits}g}")


def difference(whole: Decimal, part: Decimal, digits: int) -> Decimal:
    """`whole - part`, cut where the digits of `whole` end; 0 where nothing of it lies above that."""
    left = whole - part
    kept = digits - (whole.adjusted() - left.adjusted())
    return rounded(float(left), kept) if left and kept > 0 else Decimal(0)


def shares_of_one(parts: Sequence[float]) -> tuple[Decimal, ...] | None:
    """Parts as shares with six decimals by largest remainder: each in [0, 1], together exactly 1.

    None where the parts are no numbers or nothing at all.
    """
    if any(math.isnan(part) for part in parts):
        return None
    positive = [max(0.0, part) for part in parts]
    whole = sum(positive)
    if whole <= 0:
        return None
    exact = [part / whole * SHARE_UNITS for part in positive]
    units = [math.floor(part) for part in exact]
    neediest = sorted(range(len(exact)), key=lambda index: units[index] - exact[index])
    for index in neediest[: SHARE_UNITS - sum(units)]:
        units[index] += 1
    return tuple(Decimal(unit).scaleb(-6) for unit in units)


def last_digit(value: Decimal, digits: int = MOST_DIGITS) -> Decimal:
    """What one unit in the last of a value's significant digits is worth; of zero, the finest there is."""
    return Decimal(1).scaleb((value.adjusted() if value else 0) - digits + 1)


def apportioned(parts: Sequence[float], total: Decimal, unit: Decimal) -> tuple[Decimal, ...]:
    """Parts of a released total in whole `unit`s and together exactly it, by largest remainder.

    `total` is a multiple of `unit`; each part is within one unit of what it was.
    """
    exact = [Decimal(repr(part)) / unit for part in parts]
    units = [math.floor(part) for part in exact]
    each, left = divmod(int(total / unit) - sum(units), len(units) or 1)
    neediest = sorted(range(len(exact)), key=lambda index: units[index] - exact[index])
    more = set(neediest[:left])
    return tuple(_plain((count + each + (index in more)) * unit) for index, count in enumerate(units))


def _plain(value: Decimal) -> Decimal:
    """The number without zeros at its end or an exponent, as `rounded` gives it."""
    return Decimal(format(value.normalize(), "f")) if value else Decimal(0)
