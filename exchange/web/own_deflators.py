"""Price indices, the exchange's and one's own: what makes value added comparable over the years."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Role
from exchange.domain.deflators import BRANCHES, Deflator
from exchange.domain.errors import InvalidError
from exchange.domain.factors import FactorOrigin
from exchange.domain.own_factors import OWN_LICENCE
from exchange.services import deflators
from exchange.web import formats
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.session import signed_in
from exchange.web.typed import Blank, Section, Typed, labels_of, marked, refused

AT = {
    "/branch": "branch", "/year": "year", "/base_year": "base_year", "/index": "index", "/source": "source",
    "/licence": "source", "/edition": "edition",
}  # fmt: skip


@dataclass(frozen=True)
class DeflatorItem:
    """A price index of the table."""

    branch: str
    year: int
    index: str
    base_year: int
    source: str
    whose: str


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule(
        "/price-indices", view_func=show_deflators, endpoint="deflators", methods=["GET", "POST"]
    )


def show_deflators() -> Response:
    """Every price index there is, and the form of one's own."""
    ctx, reader = signed_in(), current_reader()
    sections = _sections(reader)
    typed = Typed(reader, request.form, labels_of(sections))
    if request.method == "POST":
        new = _read(typed)
        if not typed.errors:
            try:
                deflators.add_own_deflator(ctx, new)
            except InvalidError as error:
                typed.errors += refused(reader, error, AT)
            else:
                return redirect(url_for("web.deflators", done="deflator"), 303)
    return render(
        "deflators.html",
        section="web.sites",
        status=422 if typed.errors else 200,
        errors=typed.errors,
        rows=[_item(reader, one) for one in deflators.list_deflators(ctx)],
        sections=marked(sections, typed.errors),
        may_edit=ctx.who.may(Role.EDITOR),
    )


def _item(reader: Reader, one: Deflator) -> DeflatorItem:
    whose = reader.say("your own") if one.origin is FactorOrigin.OWN else reader.say("the exchange's")
    source = f"{one.source} ({one.edition})"
    return DeflatorItem(
        one.branch, one.year, formats.number(one.index, reader.language), one.base_year, source, whose
    )


def _sections(reader: Reader) -> tuple[Section, ...]:
    blank = Blank(reader, request.form)
    inputs = (
        blank.choose("branch", _("Branch"), {one: one for one in BRANCHES}, _("By DB07: CH is metal products.")),
        blank.ask("year", _("Year"), widget="number"),
        blank.ask("index", _("Index"), _("Such as 108.4 where the base year is 100."), widget="number"),
        blank.ask("base_year", _("Base year"), widget="number"),
        blank.ask("source", _("Source"), _("The table, who publishes it and when you read it."), widget="area"),
        blank.ask("edition", _("Published in"), _("Year and month, such as 2026-06.")),
    )  # fmt: skip
    return (Section("", inputs),)


def _read(typed: Typed) -> Deflator:
    return Deflator(
        typed.code("branch", BRANCHES), typed.year("year"), typed.needed_number("index"), typed.year("base_year"),
        typed.needed("source"), OWN_LICENCE, typed.needed("edition"), origin=FactorOrigin.OWN,
    )  # fmt: skip
