"""Constant prices: a branch's price index of gross value added turns a year's DKK into those of a base year.

Method section 6: without a dated deflator a figure stays in current prices, and gets no index and no class. The
exchange's own rows are reviewed data with a source; an organisation may enter its own in the same shape.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib import resources

from exchange.domain.errors import InvalidError, Problem, refuse
from exchange.domain.factors import FactorOrigin
from exchange.domain.own_factors import MIN_SOURCE_LENGTH, OWN_LICENCE

# Production branches of Danmarks Statistik's standard 36 grouping of DB07: divisions 10 to 33.
BRANCHES = tuple(f"C{letter}" for letter in "ABCDEFGHIJKLM")
HUNDRED = Decimal(100)
YEARS = range(1966, 2101)  # the annual national accounts begin in 1966
_EDITION = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Deflator:
    """Prices of gross value added in `branch` and `year`, as an index that is 100 in `base_year`.

    `edition` is the year and month in which the source was published: national accounts are revised.
    """

    branch: str
    year: int
    index: Decimal
    base_year: int
    source: str
    licence: str
    edition: str
    origin: FactorOrigin = FactorOrigin.EXCHANGE

    @property
    def reference(self) -> str:
        """The stable name by which a figure cites the row, such as `deflators/2026-12#CH/2025/2020`."""
        holder = "own" if self.origin is FactorOrigin.OWN else deflator_set()
        return f"{holder}#{self.branch}/{self.year}/{self.base_year}/{self.edition}"


@dataclass(frozen=True)
class DeflatorBook:
    """The deflators one organisation counts with: its `own` rows go before the exchange's.

    Raises InvalidError `deflator.twice` where two own rows are of one branch, year and base year.
    """

    own: tuple[Deflator, ...] = ()

    def __post_init__(self) -> None:
        seen: set[tuple[str, int, int]] = set()
        for row in self.own:
            key = (row.branch, row.year, row.base_year)
            if key in seen:
                raise InvalidError(
                    f"Two own deflators are of {row.branch} in {row.year} with base year {row.base_year}.",
                    code="deflator.twice",
                    advice="Keep the one of the newest edition.",
                )
            seen.add(key)

    def find(self, branch: str, year: int, base_year: int) -> Deflator | None:
        """The deflator of a branch and year with this base year; None: the figure stays in current prices.

        Own and exchange rows are different series and are never mixed: where the organisation has a row of the
        branch and base year, the exchange's are not looked at. The base year itself is 100 by definition, and
        needs no row of its own.
        """
        for rows in (self.own, deflators()):
            series = [row for row in rows if (row.branch, row.base_year) == (branch, base_year)]
            if series:
                return _of_year(series, year)
        return None

    def base_year(self, branch: str) -> int | None:
        """The newest base year there are rows of a branch for, own rows first; None: current prices only."""
        for rows in (self.own, deflators()):
            years = [row.base_year for row in rows if row.branch == branch]
            if years:
                return max(years)
        return None


def to_constant(amount: Decimal, deflator: Deflator) -> Fraction:
    """DKK of the deflator's year in prices of its base year, exactly: amount x 100 / index."""
    return Fraction(amount) * 100 / Fraction(deflator.index)


def own_deflator(row: Deflator) -> Deflator:
    """An organisation's own row, checked and marked as its own.

    Raises InvalidError with every `Problem` found: `deflator.branch`, `deflator.year`, `deflator.index` (not above
    zero, or not 100 in the base year), `deflator.source` (under 10 characters), `deflator.licence`,
    `deflator.edition`.
    """
    refuse(_problems(row))
    return replace(row, source=row.source.strip(), origin=FactorOrigin.OWN)


@cache
def deflators() -> tuple[Deflator, ...]:
    """Every deflator of the exchange's own set, in the order of the file."""
    return tuple(
        Deflator(
            branch=row["branch"],
            year=int(row["year"]),
            index=Decimal(row["index"]),
            base_year=int(row["base_year"]),
            source=row["source"],
            licence=row["licence"],
            edition=row["edition"],
        )
        for row in _document()["deflators"]
    )


@cache
def deflator_set() -> str:
    """The name of the set, as figures quote it."""
    return f"deflators/{_document()['edition']}"


def _of_year(series: list[Deflator], year: int) -> Deflator | None:
    found = next((row for row in series if row.year == year), None)
    if found is None and year == series[0].base_year:
        return replace(series[0], year=year, index=HUNDRED)
    return found


def _problems(row: Deflator) -> Iterator[Problem]:
    if row.branch not in BRANCHES:
        detail = f"{row.branch} is not a production branch."
        yield Problem("deflator.branch", detail, "/branch", "Choose one from CA to CM.")
    for name, year in (("year", row.year), ("base_year", row.base_year)):
        if year not in YEARS:
            detail = f"{year} is not a year from {YEARS[0]} to {YEARS[-1]}."
            yield Problem("deflator.year", detail, f"/{name}", "Give the year with four digits.")
    if not row.index.is_finite() or row.index <= 0:
        detail = "The price index is not above zero."
        yield Problem(
            "deflator.index", detail, "/index", "Give the index, such as 108.4 where the base year is 100."
        )
    elif row.year == row.base_year and row.index != HUNDRED:
        detail = "In its base year a price index is 100."
        yield Problem("deflator.index", detail, "/index", "Check the base year of the source.")
    if len(row.source.strip()) < MIN_SOURCE_LENGTH:
        detail = f"A source has at least {MIN_SOURCE_LENGTH} characters."
        yield Problem(
            "deflator.source", detail, "/source", "Name the table, who publishes it and when you read it."
        )
    if not row.licence.strip():
        detail = "The row does not say who may use it."
        yield Problem("deflator.licence", detail, "/licence", f"Write “{OWN_LICENCE}” where it is your own.")
    if _EDITION.fullmatch(row.edition) is None:
        detail = "The edition is not a year and month."
        yield Problem("deflator.edition", detail, "/edition", "Write it like 2026-06.")


@cache
def _document() -> dict[str, list[dict[str, str]]]:
    text = resources.files("exchange.domain").joinpath("data/deflators.json").read_text("utf-8")
    document: dict[str, list[dict[str, str]]] = json.loads(text)
    return document
