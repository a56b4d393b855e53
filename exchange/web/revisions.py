"""What a new version of a calculation would say: changed factors, old and new figures, and the button to make it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Role
from exchange.domain.factors import FactorChange
from exchange.domain.indicators import Indicator
from exchange.services import calculation_views, calculations, product_drafts, revisions, sites
from exchange.services.browser_signing import ways_to_sign
from exchange.services.calculation_views import CalculationView
from exchange.services.context import Context
from exchange.services.revisions import FigureChange
from exchange.web import formats
from exchange.web.figure_steps import say_unit
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.member_words import VALUES
from exchange.web.reader import Reader
from exchange.web.session import signed_in
from exchange.web.words import INDICATORS, word


@dataclass(frozen=True)
class ChangedFactor:
    """A factor as it was used and as it is now, with its source."""

    name: str
    basis: str
    period: str
    old: str
    new: str
    source: str


@dataclass(frozen=True)
class ChangedFigure:
    """One figure per declared unit: as it stands, and as it would come out."""

    product: str
    indicator: str
    old: str
    new: str
    is_published: bool


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    base = "/calculations/<calculation_id>/revision"
    pages.add_url_rule(base, view_func=show_revision)
    pages.add_url_rule(base, view_func=revise, methods=["POST"])


def show_revision(calculation_id: str) -> Response:
    """Old and new beside each other; nothing is stored by looking."""
    ctx, reader = signed_in(), current_reader()
    found = revisions.preview_revision(ctx, calculation_id)
    return render(
        "revision.html",
        section="web.sites",
        site=sites.get_site(ctx, found.site_id),
        period=formats.period(found.period.start, found.period.end, reader.language),
        back=url_for("web.show_calculation", calculation_id=calculation_id),
        is_current=found.is_current,
        factors=[_factor(reader, one) for one in found.factors],
        figures=_figures(reader, found.figures),
        is_any_published=bool(_published(calculation_views.get_calculation(ctx, calculation_id))),
        may_calculate=ctx.who.may(Role.EDITOR),
        may_publish=ctx.who.may(Role.SIGNER),
        ways=ways_to_sign(ctx),
    )


def revise(calculation_id: str) -> Response:
    """Calculate anew, and on request hand new versions of what was published to the worker for signing.

    Whoever signs oneself is led to the new figures, which name the products that have an older version in force.
    """
    ctx = signed_in()
    old = calculation_views.get_calculation(ctx, calculation_id)
    wants_published = request.form.get("do") == "publish"
    if wants_published:
        ctx.who.require(Role.SIGNER)
    new = calculations.calculate_site(ctx, old.header.site_id, old.header.period)
    if wants_published:
        _publish(ctx, new, _published(old))
    done = "revised" if wants_published else "calculated"
    return redirect(url_for("web.show_calculation", calculation_id=new.header.id, done=done), 303)


def _published(found: CalculationView) -> frozenset[str]:
    return frozenset(one.id for one in found.products if one.publication_id)


def _publish(ctx: Context, new: CalculationView, before: Iterable[str]) -> None:
    wanted = frozenset(before)
    for product in new.products:
        if product.id in wanted and not product.is_standing:
            product_drafts.publish_product(ctx, new.header.id, product.id)


def _factor(reader: Reader, change: FactorChange) -> ChangedFactor:
    used, new = change.used, change.new
    return ChangedFactor(
        name=change.key,
        basis=word(reader, VALUES, used.basis.value),
        period=formats.period(change.period.start, change.period.end, reader.language),
        old=_value(reader, used.value, f"{used.result.value}/{used.activity.value}"),
        new=_value(reader, new.value, f"{new.result.value}/{new.activity.value}")
        if new
        else reader.say("no factor any more"),
        source=f"{new.source}, {new.year}" if new else "",
    )


def _value(reader: Reader, value: Decimal, unit: str) -> str:
    return f"{formats.number(value, reader.language)}{formats.NO_BREAK}{say_unit(reader, unit)}"


def _figures(reader: Reader, changes: Iterable[FigureChange]) -> list[ChangedFigure]:
    def said(change: FigureChange, value: Decimal | None) -> str:
        if value is None:
            return reader.say("no figure any more")
        of_what = f"{formats.NO_BREAK}CO₂e" if change.indicator is Indicator.CO2E else ""
        return formats.quantity(value.normalize(), change.indicator.unit.value, reader.language) + of_what

    def shown(change: FigureChange) -> ChangedFigure:
        # The own figure where it changes, else the total, said to be one: two equal figures would explain nothing.
        is_own = change.old != change.new
        name = word(reader, INDICATORS, change.indicator)
        return ChangedFigure(
            product=change.name,
            indicator=name if is_own else f"{name}, {reader.say('total')}",
            old=said(change, change.old if is_own else change.old_total),
            new=said(change, change.new if is_own else change.new_total),
            is_published=change.is_published,
        )

    return [shown(one) for one in changes]
