"""The way from bills to published figures as a list of steps, and the period it is gone for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import request, url_for

from exchange.domain.calculation.bill_rules import bad_period
from exchange.domain.errors import InvalidError
from exchange.domain.periods import Period, day_after, local_date, parse_date, year
from exchange.services.calculation_views import list_calculations
from exchange.services.company_years import YEARS
from exchange.services.context import Context
from exchange.web import formats
from exchange.web.language import current_reader
from exchange.web.reader import mark as _

YEARS_OFFERED = 4
SEARCHED = 100
OWN = 3  # steps with a page of their own before anything is worked out
_YEAR = re.compile(r"[0-9]{4}")
STEPS: tuple[tuple[str, str], ...] = (
    ("web.show_site", _("Bills")),
    ("web.show_production", _("Production")),
    ("web.show_keys", _("Spread")),
    ("web.show_calculation", _("Figures")),
    ("web.show_calculation", _("Publish")),
)


@dataclass(frozen=True)
class Step:
    """A step of the way; `link` is empty for what comes after the figures have been worked out."""

    number: int
    text: str
    link: str
    is_current: bool


@dataclass(frozen=True)
class Way:
    """Where somebody is on the way: the steps, the period in words and as form values, and other years."""

    steps: tuple[Step, ...]
    period: str
    first: str
    last: str
    years: tuple[Step, ...]
    calculate_link: str


def chosen_period(ctx: Context) -> Period:
    """The period of the address: `year`, or `from` and `to` (the last day, included); last year where it says none.

    Raises InvalidError (`date.invalid`, `period.order`, `period.range`, `year.range`).
    """
    first, last, chosen = (request.args.get(name, "") for name in ("from", "to", "year"))
    if first or last:
        end = parse_date(last, "/to")
        period = Period(parse_date(first, "/from"), end if end == date.max else day_after(end))
        for problem in bad_period(period):
            raise InvalidError(problem.detail, code=problem.code, path="/from", advice=problem.advice)
        return period
    if not chosen:
        return year(local_date(ctx.now()).year - 1)
    if not (_YEAR.fullmatch(chosen) and int(chosen) in YEARS):
        raise InvalidError("This is not a year.", code="year.range", path="/year")
    return year(int(chosen))


def query_of(period: Period) -> dict[str, Any]:
    """What names the period in an address."""
    if period == year(period.start.year):
        return {"year": str(period.start.year)}
    return {"from": period.start.isoformat(), "to": last_day(period).isoformat()}


def last_day(period: Period) -> date:
    """The last day that belongs to the period."""
    return period.end - timedelta(days=1)


def say_days(period: Period, language: formats.Language) -> str:
    """A whole month by its name, other days as a period."""
    start, end = period.start, period.end
    months = (end.year - start.year) * 12 + end.month - start.month
    if start.day == end.day == 1 and months == 1:
        return f"{formats.MONTHS[language][start.month - 1]} {start.year}"
    return formats.period(start, end, language)


def way(ctx: Context, site_id: str, period: Period, current: int) -> Way:
    """The steps for a site and period; `current` is the number of the one this page is."""
    reader = current_reader()
    links = [
        *(url_for(endpoint, site_id=site_id, **query_of(period)) for endpoint, _text in STEPS[:OWN]),
        *[_calculated(ctx, site_id, period)] * (len(STEPS) - OWN),
    ]
    return Way(
        tuple(
            Step(number, reader.say(text), links[number - 1], number == current)
            for number, (_endpoint, text) in enumerate(STEPS, start=1)
        ),
        say_days(period, reader.language),
        period.start.isoformat(),
        last_day(period).isoformat(),
        _years(ctx, site_id, period, STEPS[current - 1 if current <= OWN else 0][0]),
        url_for("web.calculate", site_id=site_id),
    )


def _calculated(ctx: Context, site_id: str, period: Period) -> str:
    """The newest calculation of the site and period, "" where there is none yet."""
    for one in list_calculations(ctx, limit=SEARCHED, site_id=site_id).items:
        if one.period == period:
            return url_for("web.show_calculation", calculation_id=one.id)
    return ""


def _years(ctx: Context, site_id: str, period: Period, endpoint: str) -> tuple[Step, ...]:
    this_year = local_date(ctx.now()).year
    return tuple(
        Step(number, str(number), url_for(endpoint, site_id=site_id, year=number), year(number) == period)
        for number in range(this_year, this_year - YEARS_OFFERED, -1)
    )
