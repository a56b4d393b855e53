"""Readings of sub-meters and counts: what of a flow went to one product, and so counts as measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Role
from exchange.domain.calculation.account import HeatingValue
from exchange.domain.errors import ConflictError, InvalidError
from exchange.domain.periods import Period, year
from exchange.domain.quantities import Quantity, UnitCode
from exchange.services import flows, readings, site_products, sites
from exchange.services.context import Context
from exchange.services.flows import FlowView
from exchange.services.readings import NewReading, ReadingView
from exchange.services.site_products import SiteProduct
from exchange.services.sites import Site
from exchange.web import formats
from exchange.web.account_steps import chosen_period, query_of, say_days, way
from exchange.web.account_words import HEATING_VALUES
from exchange.web.bill_fields import FORMS
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.production import choices_of
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.session import signed_in
from exchange.web.site_account import skipped_rows
from exchange.web.typed import Blank, Section, Typed, labels_of, marked, refused

SHOWN = 100
UNITS = tuple(dict.fromkeys(unit for form in FORMS.values() for unit in form.units))
AT = {
    "meter.backwards": "end", "reading.overlap": "first", "reading.text": "delivery", "quantity.range": "amount",
    "period.range": "first", "unit.dimension": "unit", "bill.heating_value": "heating", "factor.missing": "unit",
}  # fmt: skip


@dataclass(frozen=True)
class ReadingItem:
    """A reading of the table."""

    flow: str
    product: str
    days: str
    amount: str
    delivery: str
    withdraw_link: str


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    base = "/sites/<site_id>/readings"
    pages.add_url_rule(base, view_func=show_readings, methods=["GET", "POST"])
    pages.add_url_rule(f"{base}/<reading_id>/withdraw", view_func=withdraw_reading, methods=["POST"])


def show_readings(site_id: str) -> Response:
    """The readings of a site in the chosen period, and the form of a new one."""
    ctx, reader = signed_in(), current_reader()
    site, known = sites.get_site(ctx, site_id), flows.list_flows(ctx, site_id)
    made = site_products.list_site_products(ctx, site_id)
    sections = _sections(reader, known, made) if known and made and ctx.who.may(Role.EDITOR) else ()
    typed = Typed(reader, request.form, labels_of(sections))
    if request.method == "POST":
        new = _read(typed, known, made)
        if new is not None and not typed.errors:
            try:
                readings.enter_reading(ctx, site_id, new)
            except (InvalidError, ConflictError) as error:
                typed.errors += refused(reader, error, AT)
            else:
                return _done(ctx, site_id, "reading", new.period)
    return _page(ctx, site, known, made, marked(sections, typed.errors), typed)


def withdraw_reading(site_id: str, reading_id: str) -> Response:
    """Take a reading out of the account."""
    ctx = signed_in()
    sites.get_site(ctx, site_id)
    readings.withdraw_reading(ctx, reading_id)
    return _done(ctx, site_id, "withdrawn", chosen_period(ctx))


def _done(ctx: Context, site_id: str, done: str, period: Period) -> Response:
    chosen = chosen_period(ctx)
    seen = chosen if chosen.overlap_days(period) else year(period.start.year)
    return redirect(url_for("web.show_readings", site_id=site_id, done=done, **query_of(seen)), 303)


def _sections(reader: Reader, known: Sequence[FlowView], made: Sequence[SiteProduct]) -> tuple[Section, ...]:
    blank = Blank(reader, request.form)
    inputs = (
        blank.choose("flow", _("What the meter counts"), {one.id: one.name for one in known}),
        blank.choose("product", _("Product"), choices_of(made)),
        blank.ask("start", _("Meter at start"), _("The dial at the beginning of the first day."), widget="number",
                  optional=True),
        blank.ask("end", _("Meter at end"), _("The dial at the end of the last day."), widget="number", optional=True),
        blank.ask("amount", _("Or the amount itself"), _("For a count, or where the meter was replaced."),
                  widget="number", optional=True),
        blank.choose("unit", _("Unit"), {one: formats.unit(one, reader.language) for one in UNITS}),
        blank.choose("heating", _("Heating value"), HEATING_VALUES, empty=_("Not stated, or no gas")),
        blank.ask("first", _("First day"), widget="day"),
        blank.ask("last", _("Last day"), _("The last day is included."), widget="day"),
        blank.ask("delivery", _("Delivery"), _("Only where the reading is of one order alone."), optional=True),
    )  # fmt: skip
    return (Section("", inputs),)


def _read(typed: Typed, known: Sequence[FlowView], made: Sequence[SiteProduct]) -> NewReading | None:
    flow = typed.code("flow", [one.id for one in known])
    product = typed.code("product", [one.product_id for one in made])
    start, end, amount = typed.number("start"), typed.number("end"), typed.number("amount")
    if (start is None) != (end is None):
        typed.needed("end" if end is None else "start")
    elif start is None and amount is None:
        typed.needed("amount")
    elif start is not None and end is not None and amount is not None and end - start != amount:
        typed.refuse(
            "amount", typed.reader.say("The two readings say another amount. Leave one of them out.")
        )
    unit, period, heating = typed.code("unit", UNITS), typed.period(), typed.text("heating")
    if start is not None and end is not None:
        amount = end - start
    if typed.errors or period is None or amount is None:
        return None
    return NewReading(
        flow, product, period, Quantity(amount, UnitCode(unit)),
        HeatingValue(heating) if heating in HEATING_VALUES else None, typed.text("delivery"),
    )  # fmt: skip


def _page(
    ctx: Context,
    site: Site,
    known: Sequence[FlowView],
    made: Sequence[SiteProduct],
    sections: tuple[Section, ...],
    typed: Typed,
) -> Response:
    reader, period = current_reader(), chosen_period(ctx)
    found = readings.list_readings(ctx, site.id, period)
    query = query_of(period) | {"site_id": site.id}
    names = {one.id: one.name for one in known} | {one.product_id: one.name for one in made}
    skipped = skipped_rows(len(found))
    left = len(found) - skipped - SHOWN
    return render(
        "readings.html",
        section="web.sites",
        status=422 if typed.errors else 200,
        errors=typed.errors,
        site=site,
        way=way(ctx, site.id, period, 1),
        readings=[_item(reader, one, names, query) for one in found[skipped : skipped + SHOWN]],
        more_link=url_for("web.show_readings", skip=skipped + SHOWN, **query) if left > 0 else "",
        sections=sections,
        may_edit=ctx.who.may(Role.EDITOR),
        back=url_for("web.show_site", **query),
    )


def _item(reader: Reader, one: ReadingView, names: dict[str, str], query: dict[str, Any]) -> ReadingItem:
    return ReadingItem(
        names[one.flow_id],
        names[one.product_id],
        say_days(one.period, reader.language),
        formats.quantity(one.amount.amount, one.amount.unit.value, reader.language),
        one.delivery or "–",
        url_for("web.withdraw_reading", reading_id=one.id, **query),
    )
