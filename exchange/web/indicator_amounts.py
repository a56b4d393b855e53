"""Amounts of an indicator and of value added for it: services give them exactly, people read them at a glance."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, localcontext
from fractions import Fraction

from exchange.domain.indicators import Indicator
from exchange.web import formats
from exchange.web.chain_view import PER_SHOWN, PER_SYMBOL
from exchange.web.formats import Scale
from exchange.web.reader import Reader

DIGITS = 50  # of a fraction without an end; what is shown has three


def as_decimal(value: Fraction | Decimal) -> Decimal:
    """The value as a decimal that formats can show."""
    if isinstance(value, Decimal):
        return value
    with localcontext(prec=DIGITS):
        return Decimal(value.numerator) / Decimal(value.denominator)


def scale_of(indicator: Indicator, values: Iterable[Fraction | Decimal | None]) -> Scale:
    """One scale for amounts that stand beside each other."""
    return formats.choose_scale(indicator, [as_decimal(one) for one in values if one is not None])


def say_amount(reader: Reader, indicator: Indicator, value: Fraction | Decimal) -> str:
    """An amount in a scale of its own: `12.3 MWh`."""
    return scale_of(indicator, [value]).show(as_decimal(value), reader.language)


def say_productivity(reader: Reader, indicator: Indicator, value: Fraction | Decimal) -> str:
    """Value added for one unit of the effect: `1,240 DKK/MWh`."""
    factor, symbol = PER_SHOWN.get(indicator) or (Decimal(1), PER_SYMBOL[indicator])
    return f"{say_money(reader, as_decimal(value) * factor)}/{symbol}"


def say_money(reader: Reader, amount: Decimal) -> str:
    """An amount of money at a glance, in DKK."""
    money = "kr." if reader.language == "da" else "DKK"
    return f"{formats.figure(amount, reader.language)}{formats.NO_BREAK}{money}"
