"""A site's calculation: its five indicators, what is missing, its products' figures, and what no product explains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Role
from exchange.domain.errors import InvalidError, Problem
from exchange.domain.indicators import Indicator
from exchange.domain.periods import Period, day_after, parse_date
from exchange.domain.quantities import decimal_to_wire
from exchange.services import calculation_views, calculations, site_products, sites
from exchange.services.calculation_views import CalculationHeader, CalculationView, FigureView, ProductView
from exchange.services.context import Context
from exchange.services.sites import Site
from exchange.web import formats
from exchange.web.account_steps import query_of, way
from exchange.web.figures import figure_rows
from exchange.web.forms import FieldError, Message, say_problem
from exchange.web.frame import render
from exchange.web.gaps import say_missing
from exchange.web.indicator_amounts import say_amount
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.revision_offer import say_offer
from exchange.web.session import signed_in
from exchange.web.words import INDICATORS, PUBLICATION_STATES, word

FIGURES_STEP, PUBLISH_STEP = 4, 5  # of the way from bills to published figures


@dataclass(frozen=True)
class Tile:
    """One of the site's indicators: at a glance and exactly; all "" where nothing is booked."""

    name: str
    shown: str
    exact: str
    is_at_least: bool
    link: str


@dataclass(frozen=True)
class CalculationItem:
    """A kept calculation of the list."""

    period: str
    link: str
    made: str
    factor_set: str


@dataclass(frozen=True)
class Cell:
    """A product's own figure per declared unit."""

    shown: str
    is_at_least: bool


@dataclass(frozen=True)
class ProductLine:
    """A product of the table with its own figures, None for an indicator without one."""

    name: str
    link: str
    produced: str
    unit: str
    cells: tuple[Cell | None, ...]
    publication_link: str
    publication_state: str
    has_version: bool


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/sites/<site_id>/calculate", view_func=calculate, methods=["POST"])
    pages.add_url_rule("/sites/<site_id>/calculations", view_func=show_calculations)
    pages.add_url_rule("/calculations/<calculation_id>", view_func=show_calculation)


def calculate(site_id: str) -> Response:
    """Work the site out for the days from `from` to `to`, both included, and show it."""
    ctx, reader = signed_in(), current_reader()
    site, period = sites.get_site(ctx, site_id), _sent_period()
    try:
        found = calculations.calculate_site(ctx, site.id, period)
    except InvalidError as error:
        return _refused(reader, site, period, error)
    return redirect(url_for("web.show_calculation", calculation_id=found.header.id, done="calculated"), 303)


def _sent_period() -> Period:
    """The days of the form. InvalidError (`date.invalid`, `period.order`): no day is taken for granted."""
    first, last = parse_date(request.form.get("from"), "/from"), parse_date(request.form.get("to"), "/to")
    return Period(first, last if last == date.max else day_after(last))


def _refused(reader: Reader, site: Site, period: Period, error: InvalidError) -> Response:
    """What stands in the way; the check's own message names the rows."""
    problems = error.problems or (Problem(error.error_code, error.detail, error.path, error.advice),)
    return render(
        "calculation_refused.html",
        section="web.sites",
        status=422,
        errors=[FieldError("", say_problem(reader, one)) for one in problems],
        details=[Message(one.detail, "en") for one in problems],
        period=formats.period(period.start, period.end, reader.language),
        site=site,
        back=url_for("web.show_site", site_id=site.id, **query_of(period)),
    )


def show_calculations(site_id: str) -> Response:
    """The calculations of a site that were kept, newest first."""
    ctx, reader = signed_in(), current_reader()
    site = sites.get_site(ctx, site_id)
    page = calculation_views.list_calculations(ctx, request.args.get("after"), 50, site.id)
    return render(
        "calculations.html",
        section="web.sites",
        site=site,
        back=url_for("web.show_site", site_id=site.id),
        items=[_header(reader, one) for one in page.items],
        older=url_for("web.show_calculations", site_id=site.id, after=page.next_cursor)
        if page.next_cursor
        else "",
    )


def _header(reader: Reader, header: CalculationHeader) -> CalculationItem:
    return CalculationItem(
        formats.period(header.period.start, header.period.end, reader.language),
        url_for("web.show_calculation", calculation_id=header.id),
        formats.moment(header.created_at, reader.language),
        header.factor_set,
    )


def show_calculation(calculation_id: str) -> Response:
    """One stored calculation of the organisation."""
    ctx, reader = signed_in(), current_reader()
    found = calculation_views.get_calculation(ctx, calculation_id)
    header, language = found.header, reader.language
    return render(
        "calculation.html",
        section="web.sites",
        site=sites.get_site(ctx, header.site_id),
        back=url_for("web.show_site", site_id=header.site_id, **query_of(header.period)),
        way=way(ctx, header.site_id, header.period, FIGURES_STEP),
        period=formats.period(header.period.start, header.period.end, language),
        made=formats.moment(header.created_at, language),
        factor_set=header.factor_set,
        offer=say_offer(ctx, reader, found),
        tiles=_tiles(reader, found),
        missing=say_missing(reader, found),
        indicators_as_columns=[(word(reader, INDICATORS, one), "vcx-number") for one in Indicator],
        products=[_product(reader, found, one) for one in found.products],
        older=reader.list_of([one.name for one in found.products if one.has_version and not one.is_standing]),
        without_output=_without_output(ctx, found),
        rests=_rests(reader, found.rests),
        may_publish=ctx.who.may(Role.SIGNER),
    )


def wire_figures(figures: Iterable[FigureView], *, with_upstream: bool) -> dict[str, object]:
    """Figures in the form a dataset has them, which is what the pages show; an upstream nobody knows is left out."""
    indicators: dict[str, object] = {}
    for one in figures:
        amounts = {"own": one.own}
        if with_upstream:
            is_known = not one.upstream or any(part.source for part in one.upstream)
            amounts |= {"upstream": one.upstream_amount} if is_known else {}
            amounts["total"] = one.total
        indicators[one.indicator.value] = {
            name: {"amount": decimal_to_wire(value), "unit": one.unit} for name, value in amounts.items()
        }
    quality = {one.indicator.value: dict(one.shares) for one in figures}
    return {"indicators": indicators, "quality": quality}


def publication_link(product: ProductView) -> str:
    """Where the signing of these figures stands; "" where they have yet to be published, be it again."""
    if product.publication_id is None or not (product.is_standing or product.publication_state == "refused"):
        return ""
    return url_for("web.show_publication", publication_id=product.publication_id)


def _tiles(reader: Reader, found: CalculationView) -> list[Tile]:
    booked = {one.indicator: one for one in found.site}
    return [_tile(reader, found.header.id, one, booked.get(one)) for one in Indicator]


def _tile(reader: Reader, calculation_id: str, indicator: Indicator, figure: FigureView | None) -> Tile:
    name = word(reader, INDICATORS, indicator)
    if figure is None:
        return Tile(name, "", "", False, "")
    shown = say_amount(reader, indicator, figure.own)
    of_what = f"{formats.NO_BREAK}CO₂e" if indicator is Indicator.CO2E else ""
    exact = formats.quantity(figure.own.normalize(), figure.unit, reader.language) + of_what
    link = url_for("web.show_figure", calculation_id=calculation_id, indicator=indicator.value)
    return Tile(name, shown, exact, bool(figure.gaps), link)


def _product(reader: Reader, found: CalculationView, product: ProductView) -> ProductLine:
    rows = figure_rows(reader, wire_figures(product.figures, with_upstream=False))
    cells = {
        figure.indicator: Cell(row.own.shown if row.own else "", bool(figure.gaps))
        for figure, row in zip(product.figures, rows, strict=True)
    }
    language = reader.language
    return ProductLine(
        name=product.name,
        link=url_for("web.show_product_figures", calculation_id=found.header.id, product_id=product.id),
        produced=formats.quantity(product.produced.normalize(), product.unit, language),
        unit=formats.unit_of_one(product.unit, language),
        cells=tuple(cells.get(one) for one in Indicator),
        publication_link=publication_link(product),
        publication_state=word(reader, PUBLICATION_STATES, product.publication_state)
        if product.publication_state
        else "",
        has_version=product.has_version,
    )


def _without_output(ctx: Context, found: CalculationView) -> list[str]:
    """Products that used something and of which nothing was made, by name."""
    if not found.without_output:
        return []
    names = {one.product_id: one.name for one in site_products.list_site_products(ctx, found.header.site_id)}
    return [names.get(one, one) for one in found.without_output]


def _rests(reader: Reader, rests: Iterable[Mapping[str, str]]) -> list[str]:
    return [
        reader.say(
            "%(flow)s: %(rest)s of %(all)s is not explained by any product.",
            flow=one["flow"],
            rest=formats.quantity(Decimal(one["amount"]), one["unit"], reader.language),
            all=formats.quantity(Decimal(one["of"]), one["unit"], reader.language),
        )
        for one in rests
    ]
