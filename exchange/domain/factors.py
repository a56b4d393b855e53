"""Emission and energy factors: dated rows with source and basis, applied exactly (method sections 2 and 8).

A factor's `basis` says what it counts: `combustion` the burning itself, `supply_chain` what came before it,
`life_cycle` both and the plant. Whoever adds figures of different bases says so beside the sum. A `FactorBook` is
the exchange's own set with an organisation's own rows before it; `exchange.domain.own_factors` checks those rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache
from importlib import resources
from itertools import combinations, pairwise

from exchange.domain.errors import InvalidError
from exchange.domain.periods import Period
from exchange.domain.quantities import Quantity, UnitCode, exact_decimal, in_unit


class FactorBasis(StrEnum):
    """What a factor counts; sums over different bases are marked as such."""

    COMBUSTION = "combustion"
    SUPPLY_CHAIN = "supply_chain"
    LIFE_CYCLE = "life_cycle"


class FactorOrigin(StrEnum):
    """Whose row it is: of the exchange's reviewed set, or an organisation's own."""

    EXCHANGE = "exchange"
    OWN = "own"


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
    origin: FactorOrigin = FactorOrigin.EXCHANGE

    @property
    def reference(self) -> str:
        """The stable name by which a step of a calculation cites the row.

        Such as `factors/2026-12#co2e.electricity_grid/life_cycle/2025`; an own row is told by its first day.
        """
        if self.origin is FactorOrigin.OWN:
            return f"own#{self.key}/{self.basis.value}/{self.valid_from}"
        return f"{factor_set()}#{self.key}/{self.basis.value}/{self.year}"

    @property
    def ratio(self) -> Fraction:
        """The value in base units (kg, m3, MJ) of the result for one of the activity: what can be compared."""
        return Fraction(self.value) * self.result.factor / self.activity.factor

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


@dataclass(frozen=True)
class FactorBook:
    """The factors one organisation calculates with: its `own` rows go before the exchange's, day by day.

    Raises InvalidError `factor.twice` where two own rows of one key and basis hold on the same day.
    """

    own: tuple[Factor, ...] = ()

    def __post_init__(self) -> None:
        for one, other in combinations(self.own, 2):
            later = max(one.valid_from, other.valid_from)
            is_same = (one.key, one.basis) == (other.key, other.basis)
            if is_same and one.holds_on(later) and other.holds_on(later):
                raise InvalidError(
                    f"Two own factors {one.key} on the basis {one.basis.value} hold on {later}.",
                    code="factor.twice",
                    advice="End the earlier one on the day the later one begins.",
                )

    def pieces(self, key: str, basis: FactorBasis, period: Period) -> tuple[tuple[Period, Factor], ...]:
        """The period cut where its factor changes, each piece with the one that holds in it.

        A financial year from July to June has two pieces where the factor is one of calendar years. Raises
        InvalidError `factor.missing` naming the days without one: no factor is carried over to a year it was not
        made for.
        """
        spans = self._spans(key, basis, period)
        uncovered = [span for span, factor in spans if factor is None]
        if uncovered:
            days = " and ".join(_days(span) for span in uncovered)
            raise _missing(
                f"There is no factor {key} on the basis {basis.value} for {days}.",
                "Enter your own factor with its source, or choose a period within a factor's validity.",
            )
        return tuple((span, factor) for span, factor in spans if factor is not None)

    def find(self, key: str, basis: FactorBasis, period: Period) -> Factor:
        """The one factor of a key and basis in force through the whole period.

        Raises InvalidError `factor.missing` where there is none for some day, or another one from some day on.
        """
        pieces = self.pieces(key, basis, period)
        if len(pieces) > 1:
            raise _missing(
                f"The factor {key} on the basis {basis.value} changes on {pieces[1][0].start}, within "
                f"{_days(period)}.",
                "Split the period on that day.",
            )
        return pieces[0][1]

    def get_or_none(self, key: str, basis: FactorBasis, period: Period) -> Factor | None:
        """What `find` finds, None where it refuses."""
        spans = self._spans(key, basis, period)
        return spans[0][1] if len(spans) == 1 else None

    def boundaries(self, name: str) -> frozenset[date]:
        """Every day on which a factor of one carrier or material (a key's last part) begins, or no longer holds."""
        own = [factor for factor in self.own if _name(factor) == name]
        return _exchange_boundaries().get(name, frozenset()) | _boundaries(own)

    def _spans(self, key: str, basis: FactorBasis, period: Period) -> list[tuple[Period, Factor | None]]:
        own = [factor for factor in self.own if (factor.key, factor.basis) == (key, basis)]
        rows = (*own, *_by_key().get((key, basis), ()))
        cuts = {day for day in _boundaries(rows) if period.start < day < period.end}
        spans: list[tuple[Period, Factor | None]] = []
        for start, end in pairwise(sorted(cuts | {period.start, period.end})):
            factor = next((row for row in rows if row.holds_on(start)), None)
            joined = spans.pop()[0].start if spans and spans[-1][1] is factor else start
            spans.append((Period(joined, end), factor))
        return spans


@dataclass(frozen=True)
class UsedFactor:
    """A factor as a published figure cites it: which row, what it was worth, and for which days it was used."""

    reference: str
    key: str
    basis: FactorBasis
    value: Decimal
    result: UnitCode
    activity: UnitCode
    period: Period

    @classmethod
    def of(cls, period: Period, factor: Factor) -> UsedFactor:
        """What to keep beside a figure of a factor used for a period."""
        return cls(
            factor.reference, factor.key, factor.basis, factor.value, factor.result, factor.activity, period
        )

    @property
    def ratio(self) -> Fraction:
        """The value in base units, as `Factor.ratio`."""
        return Fraction(self.value) * self.result.factor / self.activity.factor


@dataclass(frozen=True)
class FactorChange:
    """On the days of `period` the book has `new` where the figure used `used`; None: nothing any more."""

    used: UsedFactor
    period: Period
    new: Factor | None

    @property
    def key(self) -> str:
        """The key of both."""
        return self.used.key


def changed_factors(used: Iterable[UsedFactor], book: FactorBook) -> tuple[FactorChange, ...]:
    """Which factors of a published figure have another value in a newer book, in the order used.

    A figure never changes by itself: this is what a new version of it would change. A row that only moved to
    another edition, source or unit with the same value is no change.
    """
    return tuple(
        FactorChange(one, span, factor)
        for one in used
        for span, factor in book._spans(one.key, one.basis, one.period)
        if factor is None or _worth(factor) != _worth(one)
    )


@cache
def factors() -> tuple[Factor, ...]:
    """Every factor of the exchange's own set, in the order of the file."""
    return tuple(_read(row) for row in _document()["factors"])


@cache
def factor_set() -> str:
    """The name of the set, as runs and datasets quote it."""
    return f"factors/{_document()['edition']}"


@cache
def _by_key() -> dict[tuple[str, FactorBasis], tuple[Factor, ...]]:
    found: dict[tuple[str, FactorBasis], tuple[Factor, ...]] = {}
    for factor in factors():
        key = (factor.key, factor.basis)
        found[key] = (*found.get(key, ()), factor)
    return found


@cache
def _exchange_boundaries() -> dict[str, frozenset[date]]:
    names = {_name(factor) for factor in factors()}
    return {name: _boundaries(one for one in factors() if _name(one) == name) for name in names}


def _name(factor: Factor) -> str:
    return factor.key.rpartition(".")[2]


def _boundaries(rows: Iterable[Factor]) -> frozenset[date]:
    return frozenset(day for row in rows for day in (row.valid_from, row.valid_to) if day is not None)


def _worth(row: Factor | UsedFactor) -> tuple[Fraction, object, object]:
    return row.ratio, row.result.dimension, row.activity.dimension


def _days(period: Period) -> str:
    return f"{period.start} to {period.end - timedelta(days=1)}"


def _missing(detail: str, advice: str) -> InvalidError:
    return InvalidError(detail, code="factor.missing", advice=advice)


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
