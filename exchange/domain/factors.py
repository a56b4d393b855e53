"""Emission and energy factors: dated rows with source and basis, applied exactly (method section 2).

A factor's `basis` says what it counts: `combustion` the burning itself, `supply_chain` what came before it,
`life_cycle` both and the plant. Whoever adds figures of different bases says so beside the sum.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache
from importlib import resources

from exchange.domain.errors import InvalidError
from exchange.domain.periods import Period
from exchange.domain.quantities import Quantity, UnitCode, exact_decimal, in_unit


class FactorBasis(StrEnum):
    """What a factor counts; sums over different bases are marked as such."""

    COMBUSTION = "combustion"
    SUPPLY_CHAIN = "supply_chain"
    LIFE_CYCLE = "life_cycle"


@dataclass(frozen=True)
class Factor:
    """`value` units of `result` for each unit of `activity`, in force on [valid_from, valid_to).

    `gwp_set` None: CO2 alone is counted, no greenhouse gas at all, or the source does not say.
    `valid_to` None: until replaced.
    """

    key: str
    value: Decimal
    result: UnitCode
    activity: UnitCode
    source: str
    year: int
    geography: str
    basis: FactorBasis
    gwp_set: str | None
    licence: str
    valid_from: date
    valid_to: date | None
    note: str

    def holds_on(self, day: date) -> bool:
        """Whether the factor is in force on the day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def apply(self, activity: Quantity) -> Quantity:
        """The exact result of an activity, such as kg CO2 of kWh burnt.

        Raises InvalidError `unit.dimension` for an activity of another dimension, `unit.inexact` where the
        product has no finite decimal form.
        """
        amount = in_unit(activity, self.activity) * Fraction(self.value)
        return Quantity(exact_decimal(amount), self.result)


@cache
def factors() -> tuple[Factor, ...]:
    """Every factor of the exchange's own set, in the order of the file."""
    return tuple(_read(row) for row in _document()["factors"])


@cache
def factor_set() -> str:
    """The name of the set, as runs and datasets quote it."""
    return f"factors/{_document()['edition']}"


def find_factor(key: str, basis: FactorBasis, period: Period) -> Factor:
    """The one factor of a key and basis in force through the whole period.

    Raises InvalidError `factor.missing`: factors are never carried over to a year they were not made for.
    """
    last_day = date.fromordinal(period.end.toordinal() - 1)
    for factor in factors():
        if (
            (factor.key, factor.basis) == (key, basis)
            and factor.holds_on(period.start)
            and factor.holds_on(last_day)
        ):
            return factor
    raise InvalidError(
        f"There is no factor {key} on the basis {basis.value} for {period.start} to {last_day}.",
        code="factor.missing",
        advice="Choose a period within one factor's validity, or give the result itself with its source.",
    )


@cache
def _document() -> dict[str, list[dict[str, str]]]:
    text = resources.files("exchange.domain").joinpath("data/factors.json").read_text("utf-8")
    document: dict[str, list[dict[str, str]]] = json.loads(text)
    return document


def _read(row: dict[str, str]) -> Factor:
    result, _, activity = row["unit"].partition("/")
    return Factor(
        key=row["key"],
        value=Decimal(row["value"]),
        result=UnitCode(result),
        activity=UnitCode(activity),
        source=row["source"],
        year=int(row["year"]),
        geography=row["geography"],
        basis=FactorBasis(row["basis"]),
        gwp_set=row["gwp_set"],
        licence=row["licence"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        note=row["note"],
    )
