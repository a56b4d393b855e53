"""The page of one opened figure, of a product or of the site, and the same sums as a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from exchange.domain.errors import NotFoundError
from exchange.domain.indicators import Indicator
from exchange.services import calculation_views, products, sites
from exchange.services.calculation_views import FigureView, OpenedFigure, UpstreamPart
from exchange.services.context import Context
from exchange.web import formats
from exchange.web.calculations import wire_figures
from exchange.web.figure_steps import FlowPart, OpenedSums, SumLine, open_sums
from exchange.web.figures import figure_rows
from exchange.web.frame import render
from exchange.web.gaps import say_gap
from exchange.web.language import current_reader
from exchange.web.product_figures import holds_others, product_of
from exchange.web.reader import Reader
from exchange.web.session import signed_in
from exchange.web.words import INDICATORS, word

if TYPE_CHECKING:
    from connectors.figure_sheet import FigureSheet, SheetRow

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class UpstreamRow:
    """What one input brings with it: `netted` is the part of the own figure that comes through the link instead."""

    flow: str
    amount: str
    brought: str
    netted: str
    source: str
    is_linked: bool


def add_routes(pages: Blueprint) -> None:
    """Routes of this area: the site's figures, and those of each product."""
    base = "/calculations/<calculation_id>"
    pages.add_url_rule(f"{base}/figures/<indicator>", view_func=show_figure)
    pages.add_url_rule(f"{base}/products/<product_id>/figures/<indicator>", view_func=show_figure)
    pages.add_url_rule(f"{base}/figures/<indicator>/workbook", view_func=download_figure)
    pages.add_url_rule(
        f"{base}/products/<product_id>/figures/<indicator>/workbook", view_func=download_figure
    )
    pages.add_url_rule(f"{base}/products/<product_id>/workbook", view_func=download_product)


def show_figure(calculation_id: str, indicator: str, product_id: str | None = None) -> Response:
    """One figure with every step that leads to it."""
    ctx, reader = signed_in(), current_reader()
    opened = _open(ctx, calculation_id, product_id, indicator)
    name, unit = _subject(ctx, reader, opened)
    header, figure = opened.header, opened.figure
    row = figure_rows(reader, wire_figures([figure], with_upstream=product_id is not None))[0]
    return render(
        "figure.html",
        section="web.sites",
        indicator=word(reader, INDICATORS, figure.indicator),
        name=name,
        unit=unit,
        period=formats.period(header.period.start, header.period.end, reader.language),
        back=_back(calculation_id, product_id),
        row=row,
        is_at_least=bool(figure.gaps),
        is_total_at_least=figure.is_total_at_least,
        holds_others=holds_others(figure),
        gaps=[say_gap(reader, figure.indicator, one) for one in figure.gaps],
        sums=open_sums(reader, opened, unit),
        upstream=[_upstream(reader, figure, one) for one in figure.upstream],
        workbook_link=url_for(
            "web.download_figure", calculation_id=header.id, product_id=product_id, indicator=indicator
        ),
    )


def download_figure(calculation_id: str, indicator: str, product_id: str | None = None) -> Response:
    """One figure's sums as a workbook."""
    ctx = signed_in()
    opened = _open(ctx, calculation_id, product_id, indicator)
    return _workbook(ctx, [opened], indicator)


def download_product(calculation_id: str, product_id: str) -> Response:
    """All of a product's figures as a workbook, a sheet for each."""
    ctx = signed_in()
    product = product_of(calculation_views.get_calculation(ctx, calculation_id), product_id)
    opened = [
        calculation_views.open_figure(ctx, calculation_id, product_id, one.indicator)
        for one in product.figures
    ]
    if not opened:
        raise NotFoundError
    return _workbook(ctx, opened, "figures")


def _open(ctx: Context, calculation_id: str, product_id: str | None, indicator: str) -> OpenedFigure:
    if indicator not in set(Indicator):
        raise NotFoundError
    return calculation_views.open_figure(ctx, calculation_id, product_id, Indicator(indicator))


def _subject(ctx: Context, reader: Reader, opened: OpenedFigure) -> tuple[str, str]:
    """Whose figure it is, and the unit one of it is counted in ("" for a site)."""
    if opened.product_id is None:
        return sites.get_site(ctx, opened.header.site_id).name, ""
    product = products.get_product(ctx, opened.product_id)
    return product.name, formats.unit_of_one(product.unit, reader.language)


def _back(calculation_id: str, product_id: str | None) -> str:
    if product_id is None:
        return url_for("web.show_calculation", calculation_id=calculation_id)
    return url_for("web.show_product_figures", calculation_id=calculation_id, product_id=product_id)


def _upstream(reader: Reader, figure: FigureView, part: UpstreamPart) -> UpstreamRow:
    language = reader.language
    of_what = f"{formats.NO_BREAK}CO₂e" if figure.indicator is Indicator.CO2E else ""
    return UpstreamRow(
        flow=part.flow,
        amount=formats.quantity(Decimal(part.amount), part.unit, language),
        brought=formats.quantity(part.brought.normalize(), figure.unit, language) + of_what
        if part.source
        else "–",
        netted=formats.quantity(part.netted.normalize(), figure.unit, language) + of_what
        if part.netted
        else "–",
        source=part.source or reader.say("missing"),
        is_linked=part.is_linked,
    )


def _workbook(ctx: Context, opened: Sequence[OpenedFigure], name: str) -> Response:
    from connectors.figure_sheet import write_figures  # with openpyxl, which the other pages do without

    reader = current_reader()
    content = write_figures([_sheet(ctx, reader, one) for one in opened], reader.language)
    response = Response(content, mimetype=XLSX)
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.xlsx")
    response.headers["Cache-Control"] = "no-store"
    return response


def _sheet(ctx: Context, reader: Reader, opened: OpenedFigure) -> FigureSheet:
    from connectors.figure_sheet import FigureSheet

    name, unit = _subject(ctx, reader, opened)
    indicator, header = word(reader, INDICATORS, opened.figure.indicator), opened.header
    sums = open_sums(reader, opened, unit)
    least = reader.say("at least") + " " if opened.figure.gaps else ""
    about = (
        formats.period(header.period.start, header.period.end, reader.language),
        f"{least}{sums.figure.result}" + (f" {reader.say('per %(unit)s', unit=unit)}" if unit else ""),
        reader.say("Calculated with %(factors)s", factors=header.factor_set),
        *(say_gap(reader, opened.figure.indicator, one) for one in opened.figure.gaps),
    )
    return FigureSheet(indicator, f"{name}: {indicator}", about, tuple(_rows(sums)))


def _rows(sums: OpenedSums) -> Iterable[SheetRow]:
    from connectors.figure_sheet import SheetRow

    for part in sums.parts:
        yield SheetRow(_heading(part))
        yield from map(_row, part.lines)
    yield _row(sums.figure)
    if sums.total is not None:
        yield _row(sums.total)


def _heading(part: FlowPart) -> str:
    return f"{part.name}, {part.period}"


def _row(line: SumLine) -> SheetRow:
    from connectors.figure_sheet import SheetRow

    return SheetRow(line.step, line.sum.terms, line.text, line.sum.result, line.unit, line.source)
