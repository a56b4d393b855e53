"""Quantities: an exact decimal amount with a unit code of UN/CEFACT Recommendation 20.

On the wire a quantity is `{"amount": "12.5", "unit": "KGM"}`: the amount is a decimal string of at most
15 digits before and 12 after the point, without exponent or leading plus. Nothing here rounds unless asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache

from exchange.domain.errors import InvalidError

FRACTION_DIGITS = 12
INTEGER_DIGITS = 15
_WIRE_AMOUNT = re.compile(rf"-?(0|[1-9][0-9]{{0,{INTEGER_DIGITS - 1}}})(\.[0-9]{{1,{FRACTION_DIGITS}}})?")


class Dimension(StrEnum):
    """What a unit measures; only units of one dimension can be converted or added."""

    MASS = "mass"
    VOLUME = "volume"
    ENERGY = "energy"
    COUNT = "count"
    LENGTH = "length"
    AREA = "area"
    TIME = "time"
    TRANSPORT = "transport"


class UnitCode(StrEnum):
    """Unit codes of UN/CEFACT Recommendation 20 the exchange takes; `GV` is gigajoule (`GJ` is not)."""

    KILOGRAM = "KGM"
    TONNE = "TNE"
    GRAM = "GRM"
    MILLIGRAM = "MGM"
    CUBIC_METRE = "MTQ"
    LITRE = "LTR"
    HECTOLITRE = "HLT"
    MILLILITRE = "MLT"
    MEGAJOULE = "3B"
    GIGAJOULE = "GV"
    TERAJOULE = "D30"
    KILOJOULE = "KJO"
    JOULE = "JOU"
    KILOWATT_HOUR = "KWH"
    MEGAWATT_HOUR = "MWH"
    GIGAWATT_HOUR = "GWH"
    PIECE = "H87"
    ONE = "C62"
    PAIR = "PR"
    SET = "SET"
    METRE = "MTR"
    KILOMETRE = "KMT"
    CENTIMETRE = "CMT"
    MILLIMETRE = "MMT"
    SQUARE_METRE = "MTK"
    SQUARE_KILOMETRE = "KMK"
    HECTARE = "HAR"
    HOUR = "HUR"
    MINUTE = "MIN"
    SECOND = "SEC"
    DAY = "DAY"
    TONNE_KILOMETRE = "TKM"

    @property
    def dimension(self) -> Dimension:
        """What the unit measures."""
        return _UNITS[self][0]

    @property
    def factor(self) -> Fraction:
        """How many base units one of this unit is, exactly (base: kg, m3, MJ, piece, m, m2, s, t km)."""
        return _UNITS[self][1]


_UNITS: dict[UnitCode, tuple[Dimension, Fraction]] = {
    UnitCode.KILOGRAM: (Dimension.MASS, Fraction(1)),
    UnitCode.TONNE: (Dimension.MASS, Fraction(1000)),
    UnitCode.GRAM: (Dimension.MASS, Fraction(1, 1000)),
    UnitCode.MILLIGRAM: (Dimension.MASS, Fraction(1, 1_000_000)),
    UnitCode.CUBIC_METRE: (Dimension.VOLUME, Fraction(1)),
    UnitCode.LITRE: (Dimension.VOLUME, Fraction(1, 1000)),
    UnitCode.HECTOLITRE: (Dimension.VOLUME, Fraction(1, 10)),
    UnitCode.MILLILITRE: (Dimension.VOLUME, Fraction(1, 1_000_000)),
    UnitCode.MEGAJOULE: (Dimension.ENERGY, Fraction(1)),
    UnitCode.GIGAJOULE: (Dimension.ENERGY, Fraction(1000)),
    UnitCode.TERAJOULE: (Dimension.ENERGY, Fraction(1_000_000)),
    UnitCode.KILOJOULE: (Dimension.ENERGY, Fraction(1, 1000)),
    UnitCode.JOULE: (Dimension.ENERGY, Fraction(1, 1_000_000)),
    UnitCode.KILOWATT_HOUR: (Dimension.ENERGY, Fraction(18, 5)),
    UnitCode.MEGAWATT_HOUR: (Dimension.ENERGY, Fraction(3600)),
    UnitCode.GIGAWATT_HOUR: (Dimension.ENERGY, Fraction(3_600_000)),
    UnitCode.PIECE: (Dimension.COUNT, Fraction(1)),
    UnitCode.ONE: (Dimension.COUNT, Fraction(1)),
    UnitCode.PAIR: (Dimension.COUNT, Fraction(2)),
    UnitCode.SET: (Dimension.COUNT, Fraction(1)),
    UnitCode.METRE: (Dimension.LENGTH, Fraction(1)),
    UnitCode.KILOMETRE: (Dimension.LENGTH, Fraction(1000)),
    UnitCode.CENTIMETRE: (Dimension.LENGTH, Fraction(1, 100)),
    UnitCode.MILLIMETRE: (Dimension.LENGTH, Fraction(1, 1000)),
    UnitCode.SQUARE_METRE: (Dimension.AREA, Fraction(1)),
    UnitCode.SQUARE_KILOMETRE: (Dimension.AREA, Fraction(1_000_000)),
    UnitCode.HECTARE: (Dimension.AREA, Fraction(10_000)),
    UnitCode.HOUR: (Dimension.TIME, Fraction(3600)),
    UnitCode.MINUTE: (Dimension.TIME, Fraction(60)),
    UnitCode.SECOND: (Dimension.TIME, Fraction(1)),
    UnitCode.DAY: (Dimension.TIME, Fraction(86_400)),
    UnitCode.TONNE_KILOMETRE: (Dimension.TRANSPORT, Fraction(1)),
}


@dataclass(frozen=True)
class Quantity:
    """An exact amount of a unit."""

    amount: Decimal
    unit: UnitCode

    @property
    def dimension(self) -> Dimension:
        """What the quantity measures."""
        return self.unit.dimension

    def to_wire(self) -> dict[str, str]:
        """The wire form `{"amount", "unit"}`."""
        return {"amount": decimal_to_wire(self.amount), "unit": self.unit.value}


def parse_decimal(text: object, path: str = "", *, signed: bool = False) -> Decimal:
    """The exact decimal of a wire string; `InvalidError` `quantity.amount` or `quantity.negative`."""
    if not isinstance(text, str) or not _WIRE_AMOUNT.fullmatch(text):
        raise InvalidError(
            "An amount is a decimal number written as text, without exponent and without a leading plus.",
            code="quantity.amount",
            path=path,
            advice='Write it like "12.5", with at most 15 digits before and 12 after the point.',
        )
    amount = Decimal(text)
    if amount < 0 and not signed:
        raise InvalidError(
            "An amount cannot be below zero here.",
            code="quantity.negative",
            path=path,
            advice="Give zero or more.",
        )
    return abs(amount) if amount == 0 else amount


def parse_unit(text: object, path: str = "") -> UnitCode:
    """The unit of a code; `InvalidError` `unit.unknown`."""
    try:
        return UnitCode(str(text))
    except ValueError:
        raise InvalidError(
            "This is not a unit code the exchange knows.",
            code="unit.unknown",
            path=path,
            advice="Use a code of UN/CEFACT Recommendation 20, such as KGM, MTQ, KWH or GV (gigajoule).",
        ) from None


def parse_quantity(value: object, path: str = "", *, signed: bool = False) -> Quantity:
    """The quantity of a wire value; `InvalidError` `quantity.shape` or a code of the amount or unit."""
    if not isinstance(value, dict) or set(value) != {"amount", "unit"}:
        raise InvalidError(
            "A quantity has exactly an amount and a unit.",
            code="quantity.shape",
            path=path,
            advice='Write it like {"amount": "12.5", "unit": "KGM"}.',
        )
    amount = parse_decimal(value["amount"], f"{path}/amount", signed=signed)
    return Quantity(amount, parse_unit(value["unit"], f"{path}/unit"))


def in_unit(quantity: Quantity, unit: UnitCode) -> Fraction:
    """The amount expressed in another unit of the same dimension, exactly; `InvalidError` `unit.dimension`."""
    if quantity.dimension is not unit.dimension:
        raise InvalidError(
            f"{quantity.unit.value} measures {quantity.dimension.value}, and {unit.value} measures "
            f"{unit.dimension.value}: the one cannot become the other.",
            code="unit.dimension",
            advice=f"Give the quantity in a unit of {unit.dimension.value}.",
        )
    numerator, denominator = quantity.amount.as_integer_ratio()
    ratio = _ratio(quantity.unit, unit)
    return Fraction(numerator * ratio.numerator, denominator * ratio.denominator)


@cache
def _ratio(of: UnitCode, to: UnitCode) -> Fraction:
    return of.factor / to.factor


def convert(quantity: Quantity, unit: UnitCode, *, places: int | None = None) -> Quantity:
    """The same quantity in another unit of its dimension.

    Exact; where the exact amount has no finite decimal form (1 MJ in kWh) `places` digits after the point
    are asked for, rounded half to even, or `InvalidError` `unit.inexact` is raised. Another dimension raises
    `unit.dimension`.
    """
    amount = in_unit(quantity, unit)
    if places is not None:
        return Quantity(_scaled(round(amount * 10**places), places), unit)
    return Quantity(exact_decimal(amount), unit)


def exact_decimal(amount: Fraction) -> Decimal:
    """The finite decimal equal to a fraction; `InvalidError` `unit.inexact` where there is none."""
    twos = (amount.denominator & -amount.denominator).bit_length() - 1
    rest, fives = amount.denominator >> twos, 0
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        raise InvalidError(
            "The converted amount has no end as a decimal number.",
            code="unit.inexact",
            advice="Keep the unit, or say how many digits to round to.",
        )
    places = max(twos, fives)
    return _scaled(amount.numerator * 10**places // amount.denominator, places)


def _scaled(digits: int, places: int) -> Decimal:
    """digits x 10^-places, free of the rounding a decimal context would do."""
    return Decimal(f"{digits}E{-places}")


def decimal_to_wire(amount: Decimal) -> str:
    """The canonical wire string: no exponent, no trailing zeros, no minus zero; `InvalidError` `quantity.range`."""
    text = format(amount, "f") if amount.is_finite() else ""
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    text = "0" if text == "-0" else text
    if not _WIRE_AMOUNT.fullmatch(text):
        raise InvalidError(
            f"The amount needs more than {INTEGER_DIGITS} digits before or {FRACTION_DIGITS} after the point.",
            code="quantity.range",
            advice="Round the amount, or use a larger or smaller unit.",
        )
    return text
