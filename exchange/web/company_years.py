"""The company's financial years: value added, turnover and employees, as the annual report has them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Role
from exchange.domain.errors import InvalidError
from exchange.services import company_years
from exchange.services.company_years import CompanyYear
from exchange.web import formats
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.session import signed_in
from exchange.web.typed import Blank, Section, Typed, labels_of, marked, refused, show_number

AT = {
    "/year": "year", "/turnover": "turnover", "/employees": "employees", "/value_added": "value_added",
}  # fmt: skip


@dataclass(frozen=True)
class YearItem:
    """A year of the table."""

    year: int
    value_added: str
    is_proxy: bool
    turnover: str
    employees: str
    link: str


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule(
        "/company-years", view_func=show_years, endpoint="company_years", methods=["GET", "POST"]
    )


def show_years() -> Response:
    """The years entered so far, and the form of one; `change` in the address fills it with a year's own."""
    ctx, reader = signed_in(), current_reader()
    found = company_years.list_company_years(ctx)
    chosen = next((one for one in found if str(one.year) == request.args.get("change")), None)
    sections = _sections(reader, chosen)
    typed = Typed(reader, request.form, labels_of(sections))
    if request.method == "POST":
        new = _read(typed)
        if not typed.errors:
            try:
                company_years.set_company_year(ctx, new)
            except InvalidError as error:
                typed.errors += refused(reader, error, AT)
            else:
                return redirect(url_for("web.company_years", done="company_year"), 303)
    return render(
        "company_years.html",
        section="web.sites",
        status=422 if typed.errors else 200,
        errors=typed.errors,
        years=[_item(reader, one) for one in found],
        sections=marked(sections, typed.errors),
        may_edit=ctx.who.may(Role.EDITOR),
    )


def _sections(reader: Reader, chosen: CompanyYear | None) -> tuple[Section, ...]:
    blank, one = Blank(reader, request.form), chosen or CompanyYear(0)
    inputs = (
        blank.ask("year", _("Year"), given=str(one.year or ""), widget="number"),
        blank.ask("value_added", _("Value added (DKK)"),
                  _("Turnover less what was bought from others. The accountant knows it; it may be below zero."),
                  widget="number", optional=True, given=show_number(one.value_added, reader)),
        blank.tick("is_proxy", _("It is the gross profit (bruttofortjeneste)"),
                   _("Many annual reports have that alone. It then stands for value added, and is marked so."),
                   given=one.is_proxy),
        blank.ask("turnover", _("Turnover (DKK)"), widget="number", optional=True,
                  given=show_number(one.turnover, reader)),
        blank.ask("employees", _("Employees"), _("As full-time equivalents."), widget="number", optional=True,
                  given=show_number(one.employees, reader)),
    )  # fmt: skip
    return (Section("", inputs),)


def _read(typed: Typed) -> CompanyYear:
    return CompanyYear(
        typed.year("year"), typed.number("value_added"), typed.is_ticked("is_proxy"), typed.number("turnover"),
        typed.number("employees"),
    )  # fmt: skip


def _item(reader: Reader, one: CompanyYear) -> YearItem:
    def shown(value: Decimal | None) -> str:
        return "–" if value is None else formats.number(value, reader.language)

    return YearItem(
        one.year,
        shown(one.value_added),
        one.is_proxy,
        shown(one.turnover),
        shown(one.employees),
        url_for("web.company_years", change=one.year),
    )
