"""A company's own five indicators over the years, by organisation, site and product (method section 6).

What `development` says of a chain is said here of one's own effect: the absolute figure, value added per
effect, indices against the base year and the year before, and the decoupling class. A panel's links are ""
here, for an own effect has none; its factor digest is of the factors' **basis** (combustion, supply chain,
life cycle; GWP set) and not of their yearly values, which are part of what developed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction

from exchange.domain.deflators import Deflator, to_constant
from exchange.domain.development import (
    Activity,
    Development,
    Panel,
    PriceBasis,
    Productivity,
    Standing,
    develop,
    productivity,
)
from exchange.domain.errors import InvalidError
from exchange.domain.indicators import Indicator

Exact = Decimal | Fraction
DIGITS = 50  # of a fraction without an end as a decimal number; equality is asked to nine digits


class Level(StrEnum):
    """What a figure is about, the whole first."""

    ORGANISATION = "organisation"
    SITE = "site"
    PRODUCT = "product"


@dataclass(frozen=True)
class Subject:
    """One organisation, site or product by its id."""

    level: Level
    id: str


@dataclass(frozen=True)
class ValueAdded:
    """Value added in DKK; where prices are constant, `series` says by whose deflators and of which year."""

    amount: Exact
    basis: PriceBasis = PriceBasis.CURRENT
    series: str = ""


def value_added(amount: Decimal, deflator: Deflator | None) -> ValueAdded:
    """A year's value added in current DKK, turned by that year's deflator; without one it stays as it is."""
    if deflator is None:
        return ValueAdded(amount)
    series = f"{deflator.origin}/{deflator.branch}/{deflator.base_year}"
    return ValueAdded(to_constant(amount, deflator), PriceBasis.CONSTANT, series)


@dataclass(frozen=True)
class YearFigure:
    """A subject's own effect in one indicator and year, in the indicator's unit, and its value added.

    `is_at_least`: something is missing, such as a month. `value_added` is None where it is not known.
    """

    subject: Subject
    indicator: Indicator
    year: int
    effect: Exact
    panel: Panel
    value_added: ValueAdded | None = None
    is_at_least: bool = False


@dataclass(frozen=True)
class Row:
    """One line of the comparatives. All but the first three are None in a year without a figure.

    `absolute` is exact, in the indicator's unit ("at least" so much where `is_at_least`); `productivity` is
    in DKK per that unit. In the base year the index is 100 and there is no class.
    """

    subject: Subject
    indicator: Indicator
    year: int
    absolute: Fraction | None = None
    is_at_least: bool = False
    productivity: Productivity | None = None
    against_base: Development | None = None
    against_previous: Development | None = None


def own_development(figures: Iterable[YearFigure], base_year: int) -> tuple[Row, ...]:
    """The rows of every subject and indicator, for every year from the first to the last of any figure.

    A year without a figure is a row without one, and neither filled nor compared with: the year before is the
    calendar year before. `InvalidError` `development.duplicate` where a year has two figures of one thing.
    """
    by_series = _by_series(figures)
    years = [year for series in by_series.values() for year in series]
    span = range(min(years, default=0), max(years, default=-1) + 1)
    levels, indicators = list(Level), list(Indicator)
    ordered = sorted(
        by_series, key=lambda key: (levels.index(key[0].level), key[0].id, indicators.index(key[1]))
    )
    return tuple(
        _row(subject, indicator, by_series[subject, indicator], year, base_year)
        for subject, indicator in ordered
        for year in span
    )


def _by_series(figures: Iterable[YearFigure]) -> dict[tuple[Subject, Indicator], dict[int, YearFigure]]:
    found: dict[tuple[Subject, Indicator], dict[int, YearFigure]] = {}
    for figure in figures:
        series = found.setdefault((figure.subject, figure.indicator), {})
        if figure.year in series:
            raise InvalidError(
                f"There are two figures for {figure.indicator.value} in {figure.year}.",
                code="development.duplicate",
                advice="Give one figure per year, or say which one replaces the other.",
            )
        series[figure.year] = figure
    return found


def _row(
    subject: Subject, indicator: Indicator, series: Mapping[int, YearFigure], year: int, base_year: int
) -> Row:
    figure = series.get(year)
    if figure is None:
        return Row(subject, indicator, year)
    now = standing(figure)
    against_base = develop(now, _standing_of(series, base_year))
    if year == base_year:
        against_base = replace(against_base, decoupling=None)
    return Row(
        subject,
        indicator,
        year,
        absolute=Fraction(figure.effect),
        is_at_least=figure.is_at_least,
        productivity=now.productivity,
        against_base=against_base,
        against_previous=develop(now, _standing_of(series, year - 1)),
    )


def _standing_of(series: Mapping[int, YearFigure], year: int) -> Standing | None:
    figure = series.get(year)
    return None if figure is None else standing(figure)


def standing(figure: YearFigure) -> Standing:
    """A year's figure as `develop` compares it.

    Value added is the subject's own, so it covers all of the effect or, where unknown, none of it. What
    must be equal for productivities to be compared is which products and which price series they are of.
    """
    effect, value = _decimal(figure.effect), figure.value_added
    amount, basis, series = (
        (None, None, "") if value is None else (_decimal(value.amount), value.basis, value.series)
    )
    result = productivity([Activity(Decimal(1), effect, amount, basis)], is_at_least=figure.is_at_least)
    covered = f"{figure.panel.products}|{series}"
    return Standing(effect, result, figure.panel, covered, is_at_least=figure.is_at_least)


def _decimal(amount: Exact) -> Decimal:
    """The amount as a decimal: as it is, or a fraction to DIGITS significant digits."""
    if isinstance(amount, Decimal):
        return amount
    with localcontext(prec=DIGITS):
        return Decimal(amount.numerator) / Decimal(amount.denominator)
