"""An organisation's own factors: which keys the calculator asks for, and what a row must say (method section 8)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from exchange.domain.errors import Problem, refuse
from exchange.domain.factors import Factor, FactorBasis, FactorOrigin
from exchange.domain.quantities import FRACTION_DIGITS, INTEGER_DIGITS, Dimension, UnitCode

OWN_LICENCE = "the supplier's own"
MIN_SOURCE_LENGTH = 10
YEARS = range(1990, 2101)
GWP_SETS = frozenset({"AR5", "AR6"})
BOUGHT = frozenset({"electricity_grid", "district_heat", "district_cooling", "steam"})
FUELS = frozenset({
    "natural_gas", "biogas", "lpg", "gas_diesel_oil", "petrol", "fuel_oil", "coal", "coke", "wood", "straw",
    "bio_oil", "hydrogen", "waste_fuel", "other",
})  # fmt: skip
CARRIERS = BOUGHT | FUELS | {"electricity_self"}

_SLUG = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
_GEOGRAPHY = re.compile(r"GLO|EU|[A-Z]{2}")
_BURNT = frozenset({FactorBasis.COMBUSTION})
_UPSTREAM = frozenset({FactorBasis.SUPPLY_CHAIN})
_ANY = frozenset(FactorBasis)


@dataclass(frozen=True)
class KeyFamily:
    """Keys of one kind, `<prefix>.<carrier or material>`: what their factors turn into what, and on which bases.

    `carriers` None: any material, named in small letters. `is_co2e`: the result counts several greenhouse gases.
    `is_property`: a heating value, density or ratio of the fuel itself, so above zero.
    """

    prefix: str
    result: Dimension
    activity: Dimension
    bases: frozenset[FactorBasis]
    carriers: frozenset[str] | None = None
    is_co2e: bool = False
    is_property: bool = False


FAMILIES = (
    KeyFamily("co2", Dimension.MASS, Dimension.ENERGY, _BURNT, FUELS),
    KeyFamily("biogenic_co2", Dimension.MASS, Dimension.ENERGY, _BURNT, FUELS),
    KeyFamily("biogenic_non_co2", Dimension.MASS, Dimension.ENERGY, _BURNT, FUELS, is_co2e=True),
    KeyFamily("co2e", Dimension.MASS, Dimension.ENERGY, _ANY, CARRIERS, is_co2e=True),
    KeyFamily("co2e_market", Dimension.MASS, Dimension.ENERGY, _ANY, BOUGHT, is_co2e=True),
    KeyFamily("ncv", Dimension.ENERGY, Dimension.MASS, _BURNT, FUELS, is_property=True),
    KeyFamily("ncv_volume", Dimension.ENERGY, Dimension.VOLUME, _BURNT, FUELS, is_property=True),
    KeyFamily("ncv_per_gcv", Dimension.ENERGY, Dimension.ENERGY, _BURNT, FUELS, is_property=True),
    KeyFamily("density", Dimension.MASS, Dimension.VOLUME, _BURNT, FUELS, is_property=True),
    KeyFamily("resources.material", Dimension.MASS, Dimension.MASS, _UPSTREAM),
    KeyFamily("water.material", Dimension.VOLUME, Dimension.MASS, _UPSTREAM),
    KeyFamily("co2e.material", Dimension.MASS, Dimension.MASS, _UPSTREAM, is_co2e=True),
    KeyFamily("energy.material", Dimension.ENERGY, Dimension.MASS, _UPSTREAM),
    KeyFamily("waste.material", Dimension.MASS, Dimension.MASS, _UPSTREAM),
)
MAY_BE_NEGATIVE = "co2e.material"  # biogenic carbon or land-use removals an EPD declares (method section 1)
_BY_PREFIX = {family.prefix: family for family in FAMILIES}


def key_family(key: str) -> KeyFamily | None:
    """The family of a key the calculator asks for; None for any other text."""
    prefix, _, name = key.rpartition(".")
    family = _BY_PREFIX.get(prefix)
    if family is None:
        return None
    is_known = name in family.carriers if family.carriers is not None else _SLUG.fullmatch(name) is not None
    return family if is_known else None


class OwnRow(NamedTuple):
    """What an organisation enters; `licence`, `note` and `valid_to` may be left as they are."""

    key: str
    value: Decimal
    result: UnitCode
    activity: UnitCode
    source: str
    year: int
    geography: str
    basis: FactorBasis
    gwp_set: str | None
    valid_from: date
    valid_to: date | None = None
    licence: str = OWN_LICENCE
    note: str = ""


def own_factor(row: OwnRow) -> Factor:
    """The factor of an organisation's own row.

    Raises InvalidError with every `Problem` found: `factor.key` (not one the calculator asks for), `factor.unit`,
    `factor.value` (below zero, zero where the thing itself is meant, or too many digits per kWh or kg),
    `factor.source` (under 10 characters), `factor.basis`, `factor.gwp_set`, `factor.year`, `factor.geography`,
    `factor.licence`, `factor.validity`.
    """
    refuse((*_problems_of_key(row), *_problems_of_row(row)))
    fields = {**row._asdict(), "source": row.source.strip(), "note": row.note.strip()}
    return Factor(**fields, origin=FactorOrigin.OWN)


def _problems_of_key(row: OwnRow) -> Iterator[Problem]:
    """What depends on which quantity the key stands for."""
    family = key_family(row.key)
    if family is None:
        yield Problem(
            "factor.key",
            f"The calculator asks for no factor named {row.key}.",
            "/key",
            "Choose one from the list, such as co2e_market.electricity_grid or co2e.material.steel_sheet.",
        )
        return
    if (row.result.dimension, row.activity.dimension) != (family.result, family.activity):
        yield Problem(
            "factor.unit",
            f"{row.key} is {family.result.value} per {family.activity.value}, and {row.result.value} per "
            f"{row.activity.value} is not.",
            "/unit",
            f"Give it in a unit of {family.result.value} per unit of {family.activity.value}.",
        )
    bases = _UPSTREAM if _is_of_fuel(row.key) else family.bases
    if row.basis not in bases:
        allowed = " or ".join(sorted(basis.value for basis in bases))
        yield Problem(
            "factor.basis",
            f"{row.key} counts {allowed}, not {row.basis.value}.",
            "/basis",
            _advice_on_basis(row.key),
        )
    yield from _problems_of_value(row, family)
    yield from _problems_of_gwp(row, family)


def _is_of_fuel(key: str) -> bool:
    """Whether it is a fuel's CO2e: the calculator asks for that before the gate alone, and for its burning as co2."""
    prefix, _, name = key.rpartition(".")
    return prefix == "co2e" and name in FUELS


def _advice_on_basis(key: str) -> str:
    if _is_of_fuel(key):
        name = key.rpartition(".")[2]
        return f"For burning enter co2.{name}; for a biogenic fuel biogenic_non_co2.{name} and biogenic_co2.{name}."
    return "A figure that also counts other stages does not belong in this column."


def _problems_of_value(row: OwnRow, family: KeyFamily) -> Iterator[Problem]:
    if not is_writable(row.value):
        detail = (
            f"The value has more than {INTEGER_DIGITS} digits before or {FRACTION_DIGITS} after the point."
        )
        yield Problem("factor.value", detail, "/value", "Choose a larger or smaller unit.")
    elif (per := _multiplied_per(row, family)) is not None and not _is_writable_per(row, per):
        detail = (
            f"Per {per.value} the value has more than {INTEGER_DIGITS} digits before or {FRACTION_DIGITS} "
            "after the point."
        )
        advice = f"The calculator multiplies exactly: round the value, or give it per {per.value}."
        yield Problem("factor.value", detail, "/value", advice)
    elif row.value < 0 and family.prefix != MAY_BE_NEGATIVE:
        yield Problem("factor.value", "The factor is below zero.", "/value", "Give zero or more.")
    elif row.value < 0 and not row.note.strip():
        yield Problem(
            "factor.value",
            "A factor below zero needs a note that says what is taken up.",
            "/note",
            "Write which removals the source counts, such as carbon in wood.",
        )
    elif family.is_property and row.value == 0:
        yield Problem("factor.value", f"{row.key} cannot be zero.", "/value", "Give the value of the source.")
    elif family.prefix == "ncv_per_gcv" and Fraction(row.value) * row.result.factor > row.activity.factor:
        yield Problem(
            "factor.value",
            "The lower heating value is never above the upper one.",
            "/value",
            "Give the lower divided by the upper heating value, about 0.9 for gas.",
        )


def _multiplied_per(row: OwnRow, family: KeyFamily) -> UnitCode | None:
    """What the calculator multiplies the value per: kWh of energy, kg of material.

    None for heating values and densities, which it takes as they are, and where the units are refused anyway.
    """
    is_right = (row.result.dimension, row.activity.dimension) == (family.result, family.activity)
    if not is_right or family.is_property:
        return None
    return UnitCode.KILOWATT_HOUR if family.activity is Dimension.ENERGY else UnitCode.KILOGRAM


def _is_writable_per(row: OwnRow, per: UnitCode) -> bool:
    """Whether the value in base units (kg, m3, MJ) per `per` fits the wire form of a decimal."""
    amount = Fraction(row.value) * row.result.factor * per.factor / row.activity.factor
    is_whole = (amount * 10**FRACTION_DIGITS).denominator == 1
    return is_whole and abs(amount) < Fraction(10**INTEGER_DIGITS)


def is_writable(value: Decimal) -> bool:
    """Whether the value fits the wire form of a decimal."""
    if not value.is_finite():
        return False
    _, digits, exponent = value.normalize().as_tuple()
    return (
        isinstance(exponent, int)
        and -exponent <= FRACTION_DIGITS
        and len(digits) + exponent <= INTEGER_DIGITS
    )


def _problems_of_gwp(row: OwnRow, family: KeyFamily) -> Iterator[Problem]:
    if not family.is_co2e:
        if row.gwp_set is not None:
            detail = (
                f"{row.key} counts no greenhouse gas but CO2, so no set of warming potentials belongs to it."
            )
            yield Problem("factor.gwp_set", detail, "/gwp_set", "Leave it empty.")
    elif row.gwp_set is None and not row.note.strip():
        yield Problem(
            "factor.gwp_set",
            "The row does not say with which warming potentials the gases were added.",
            "/gwp_set",
            "Choose AR5 or AR6; where the source does not say, leave it empty and write so in the note.",
        )
    elif row.gwp_set is not None and row.gwp_set not in GWP_SETS:
        detail = f"{row.gwp_set} is not a set of warming potentials the exchange knows."
        yield Problem("factor.gwp_set", detail, "/gwp_set", "Choose AR5 or AR6.")


def _problems_of_row(row: OwnRow) -> Iterator[Problem]:
    """What every row must say, whatever its key."""
    if len(row.source.strip()) < MIN_SOURCE_LENGTH:
        detail = f"A source has at least {MIN_SOURCE_LENGTH} characters."
        yield Problem("factor.source", detail, "/source", "Name the document, who made it and its date.")
    if row.year not in YEARS:
        detail = f"{row.year} is not a year from {YEARS[0]} to {YEARS[-1]}."
        yield Problem("factor.year", detail, "/year", "Give the year the value stands for.")
    if _GEOGRAPHY.fullmatch(row.geography) is None:
        detail = "The geography is a country code, EU or GLO."
        yield Problem("factor.geography", detail, "/geography", "Write DK for Denmark.")
    if not row.licence.strip():
        detail = "The row does not say who may use it."
        yield Problem("factor.licence", detail, "/licence", f"Write “{OWN_LICENCE}” where it is your own.")
    if row.valid_to is not None and row.valid_to <= row.valid_from:
        detail = "The factor ends before it begins, or on the same day."
        yield Problem("factor.validity", detail, "/valid_to", "Give the day after its last day.")
