"""The five indicators of a dataset: own, upstream and total per declared unit, and how each came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from exchange.domain.indicators import Indicator
from exchange.domain.quantities import UnitCode
from exchange.web import formats
from exchange.web.charts.quality_bar import QUALITIES, quality_bar
from exchange.web.reader import Reader
from exchange.web.words import INDICATORS, SLICES, word
from exchange.web.words import QUALITIES as QUALITY_WORDS


@dataclass(frozen=True)
class Amount:
    """A figure at a glance, and as it was declared where that says more ("" where it does not)."""

    shown: str
    exact: str


@dataclass(frozen=True)
class FigureRow:
    """One indicator: the amounts of its slices (None where none is given) and its quality.

    `is_at_least`: the maker says that something is missing from its own figure.
    """

    name: str
    own: Amount | None
    upstream: Amount | None
    total: Amount | None
    quality: str
    bar: Markup
    is_at_least: bool = False


def figure_rows(reader: Reader, subject: Mapping[str, Any]) -> tuple[FigureRow, ...]:
    """The indicators a reader may see of a dataset's subject, in their fixed order."""
    indicators = subject.get("indicators", {})
    qualities = subject.get("quality", {})
    return tuple(
        _row(reader, indicator, indicators[indicator], qualities.get(indicator, {}))
        for indicator in Indicator
        if indicator in indicators
    )


def declared_unit(reader: Reader, subject: Mapping[str, Any]) -> str:
    """What the figures are given per: `1 stk.`; "" for a dataset without a declared unit."""
    unit = subject.get("identity", {}).get("declared_unit")
    return formats.quantity(Decimal(unit["amount"]), unit["unit"], reader.language) if unit else ""


def _row(
    reader: Reader, indicator: Indicator, slices: Mapping[str, Any], quality: Mapping[str, Any]
) -> FigureRow:
    own, upstream, total = (_amount(reader, indicator, slices.get(name)) for name in SLICES)
    shares = {name: Decimal(quality[name]) for name in QUALITIES if name in quality}
    said = say_shares(reader, shares)
    bar = quality_bar(shares, said) if shares else Markup("")
    return FigureRow(
        word(reader, INDICATORS, indicator),
        own,
        upstream,
        total,
        said,
        bar,
        quality.get("is_at_least", False),
    )


def _amount(reader: Reader, indicator: Indicator, quantity: Mapping[str, str] | None) -> Amount | None:
    if quantity is None:
        return None
    value, unit, language = Decimal(quantity["amount"]), quantity["unit"], reader.language
    of_what = f"{formats.NO_BREAK}CO₂e" if indicator is Indicator.CO2E else ""
    declared = formats.quantity(value, unit, language) + of_what
    if indicator is Indicator.ENERGY and unit == UnitCode.MEGAJOULE:
        return Amount(formats.choose_scale(indicator, [value]).show(value, language), declared)
    short = formats.short_quantity(value, unit, language) + of_what
    return Amount(short, "" if short == declared else declared)


def say_shares(reader: Reader, shares: Mapping[str, Decimal]) -> str:
    """`60 % measured, 40 % allocated`: the shares that are there, largest words first to last in order."""
    return ", ".join(
        reader.say(
            "%(share)s %(quality)s",
            share=formats.share(shares[name], reader.language),
            quality=word(reader, QUALITY_WORDS, name),
        )
        for name in QUALITIES
        if shares.get(name)
    )
