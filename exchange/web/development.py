"""One's own development: the five indicators over the years, absolute and as productivity, with class and trend."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask import Blueprint, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from exchange.domain.development import Development, Hindrance
from exchange.domain.errors import InvalidError
from exchange.domain.indicators import Indicator
from exchange.domain.own_development import Row
from exchange.services import own_development
from exchange.services.company_years import YEARS
from exchange.services.own_development import DevelopmentView
from exchange.web import formats
from exchange.web.charts.trend import trend
from exchange.web.forms import Choice
from exchange.web.frame import render
from exchange.web.indicator_amounts import as_decimal, say_productivity, scale_of
from exchange.web.language import current_reader
from exchange.web.own_subjects import subject_choices, subject_of
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.session import signed_in
from exchange.web.words import CHANGES, CLASS_MEANINGS, CLASSES, HINDRANCES, INDICATORS, in_sentence, word

_YEAR = re.compile(r"[0-9]{4}")
# One's own effect has all of its value added or none: what a chain calls covered too little is unknown here.
OWN_HINDRANCES = HINDRANCES | {"coverage_below_80": _("value added is not known")}


@dataclass(frozen=True)
class Comparison:
    """A year against another: indices of effect and productivity, class with its meaning, or why there is none."""

    effect_index: str
    productivity_index: str
    decoupling: str
    meaning: str
    why_none: str


@dataclass(frozen=True)
class YearLine:
    """One year of one indicator; `amount` "" is a year without a figure."""

    year: int
    amount: str
    is_at_least: bool
    productivity: str
    against_base: Comparison | None
    against_previous: Comparison | None


@dataclass(frozen=True)
class IndicatorYears:
    """One indicator over all years."""

    key: str
    name: str
    chart: Markup
    lines: tuple[YearLine, ...]


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/development", view_func=show_development, endpoint="development")


def show_development() -> Response:
    """The company, or the site or product chosen, against the base year chosen or the first there is."""
    ctx, reader = signed_in(), current_reader()
    found = own_development.own_development(ctx, base_year=_base_year())
    subject = subject_of(request.args.get("of", ""), found.names)
    rows = [row for row in found.rows if row.subject == subject]
    years = sorted({row.year for row in found.rows})
    return render(
        "development.html",
        name=found.names[subject],
        subjects=subject_choices(reader, found.names, subject),
        years=[Choice(str(one), str(one), one == found.base_year) for one in years],
        base_year=found.base_year,
        indicators=_indicators(reader, rows, found.base_year),
        notes=_notes(reader, found),
    )


def _base_year() -> int | None:
    given = request.args.get("base", "")
    if not given:
        return None
    if not _YEAR.fullmatch(given) or int(given) not in YEARS:
        raise InvalidError("This is not a year.", code="year.range", path="/base")
    return int(given)


def _indicators(reader: Reader, rows: Sequence[Row], base_year: int | None) -> list[IndicatorYears]:
    return [
        _indicator(reader, indicator, [row for row in rows if row.indicator is indicator], base_year)
        for indicator in Indicator
        if any(row.indicator is indicator and row.absolute is not None for row in rows)
    ]


def _indicator(
    reader: Reader, indicator: Indicator, rows: Sequence[Row], base_year: int | None
) -> IndicatorYears:
    scale = scale_of(indicator, [row.absolute for row in rows])
    values = [None if row.absolute is None else as_decimal(row.absolute) for row in rows]
    shown = ["" if value is None else scale.show(value, reader.language) for value in values]
    said = ", ".join(
        f"{row.year}: {text or reader.say('no figure')}" for row, text in zip(rows, shown, strict=True)
    )
    return IndicatorYears(
        indicator.value,
        word(reader, INDICATORS, indicator),
        trend(values, said),
        tuple(
            _line(reader, row, text, is_base=row.year == base_year)
            for row, text in zip(rows, shown, strict=True)
        ),
    )


def _line(reader: Reader, row: Row, amount: str, *, is_base: bool) -> YearLine:
    return YearLine(
        row.year,
        amount,
        row.is_at_least,
        _productivity(reader, row),
        None if is_base else _comparison(reader, row.against_base),
        _comparison(reader, row.against_previous),
    )


def _productivity(reader: Reader, row: Row) -> str:
    """Value added for the effect, or in words why there is none."""
    found = row.productivity
    if found is None:
        return ""
    if found.value is not None:
        return say_productivity(reader, row.indicator, found.value)
    return word(reader, OWN_HINDRANCES, found.hindrance) if found.hindrance else ""


def _comparison(reader: Reader, one: Development | None) -> Comparison | None:
    if one is None or one.hindrance is Hindrance.NO_REFERENCE:
        return None
    decoupling = word(reader, CLASSES, one.decoupling) if one.decoupling else ""
    return Comparison(
        _index(reader, one.effect_index),
        _index(reader, one.productivity_index),
        decoupling,
        word(reader, CLASS_MEANINGS, one.decoupling) if one.decoupling else "",
        "" if decoupling else _why_none(reader, one),
    )


def _index(reader: Reader, value: Decimal | None) -> str:
    return "" if value is None else formats.number(value, reader.language, 1)


def _why_none(reader: Reader, one: Development) -> str:
    if one.hindrance is None:
        return ""
    reasons = [
        word(reader, OWN_HINDRANCES, one.hindrance),
        *(word(reader, CHANGES, each) for each in one.changes),
    ]
    return reader.say("No class: %(reason)s.", reason=in_sentence(", ".join(reasons)))


def _notes(reader: Reader, found: DevelopmentView) -> list[str]:
    """What a reader must know of single years: sites without a calculation, proxies, current prices."""
    notes = [
        reader.say("%(year)s: no calculation of %(sites)s.", year=year, sites=reader.list_of(sites))
        for year, sites in sorted(found.without.items())
    ]
    if found.proxies:
        years = reader.list_of([str(year) for year in found.proxies])
        notes.append(reader.say("Gross profit stands for value added in %(years)s.", years=years))
    if found.in_current_prices:
        years = reader.list_of([str(year) for year in found.in_current_prices])
        notes.append(
            reader.say(
                "Value added of %(years)s is in current prices, so it has no index and no class. "
                "Give your company's branch, or a price index of your own.",
                years=years,
            )
        )
    return notes
