"""The forms of production: what was made of a product, new or known, and of a by-product with its rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.calculation.account import SharingRule
from exchange.domain.calculation.account_table import AccountTable, ByProductEntry, OutputEntry, RowIssue
from exchange.domain.errors import InvalidError, NotFoundError, Problem
from exchange.domain.periods import Period, year
from exchange.domain.quantities import Quantity, UnitCode
from exchange.services import account_entry, site_products, sites
from exchange.services.context import Context
from exchange.services.site_products import ByProductOf, SiteProduct
from exchange.web import formats
from exchange.web.account_steps import chosen_period, query_of, way
from exchange.web.account_words import RULES, TERMS
from exchange.web.forms import FieldError
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.product_form import USUAL_UNITS
from exchange.web.production import choices_of
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.session import signed_in
from exchange.web.typed import (
    Blank,
    Input,
    Section,
    Typed,
    labels_of,
    marked,
    refused,
    say_entry_problem,
    show_number,
)

AT = {
    "product.number": "number", "product.category": "category", "product.mass": "mass", "product.unknown": "name",
    "product.contradicts": "mass", "name.invalid": "name", "unit.dimension": "unit", "output.negative": "amount",
    "output.overlap": "first", "output.machine_hours": "hours", "output.revenue": "revenue", "period.range": "first",
    "quantity.range": "amount", "coproduct.process": "process", "coproduct.share": "share",
    "coproduct.terms": "terms", "waste.code": "code",
}  # fmt: skip


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    base = "/sites/<site_id>"
    both = ["GET", "POST"]
    pages.add_url_rule(f"{base}/enter-production", view_func=enter_output, methods=both)
    pages.add_url_rule(f"{base}/enter-by-product", view_func=enter_by_product, methods=both)
    pages.add_url_rule(f"{base}/products/<product_id>", view_func=site_product, methods=both)


def enter_output(site_id: str) -> Response:
    """Enter what was made of a product; a new one is registered with it."""
    return _enter(site_id, is_by_product=False)


def enter_by_product(site_id: str) -> Response:
    """Enter what came out beside a product and was sold or given away."""
    return _enter(site_id, is_by_product=True)


def site_product(site_id: str, product_id: str) -> Response:
    """Say of a product what one unit weighs, and what it comes out of where it is a by-product."""
    ctx, reader = signed_in(), current_reader()
    sites.get_site(ctx, site_id)
    made = site_products.list_site_products(ctx, site_id)
    product = next((one for one in made if one.product_id == product_id), None)
    if product is None:
        raise NotFoundError
    sections = _of_product(reader, product, made)
    typed = Typed(reader, request.form, labels_of(sections))
    if request.method == "POST":
        mass, relation = typed.number("mass"), _relation(typed, typed.text("process"))
        if not typed.errors:
            try:
                site_products.set_site_product(ctx, site_id, product_id, mass, relation)
            except InvalidError as error:
                typed.errors += refused(reader, error, AT | {"/mass": "mass"})
            else:
                link = url_for("web.show_production", site_id=site_id, done="site_product", **_query(ctx))
                return redirect(link, 303)
    return render(
        "entry_form.html",
        section="web.sites",
        status=422 if typed.errors else 200,
        errors=typed.errors,
        title=product.name,
        lead="",
        sections=marked(sections, typed.errors),
        submit=reader.say("Save"),
        way=way(ctx, site_id, chosen_period(ctx), 2),
        back=url_for("web.show_production", site_id=site_id, **_query(ctx)),
        back_text=reader.say("Production"),
    )


def _enter(site_id: str, *, is_by_product: bool) -> Response:
    ctx, reader = signed_in(), current_reader()
    site = sites.get_site(ctx, site_id)
    made = site_products.list_site_products(ctx, site_id)
    sections = _sections(Blank(reader, request.form), reader, made, is_by_product)
    typed = Typed(reader, request.form, labels_of(sections))
    if request.method == "POST":
        period, table = _read(typed, made, is_by_product)
        if not typed.errors and table is not None and period is not None:
            found = account_entry.enter_table(ctx, site_id, table)
            if not (found.issues or found.known):
                return _entered(ctx, site_id, period)
            typed.errors += [_issue(reader, one) for one in found.issues]
            if found.known:
                typed.refuse("first", reader.say("This very amount is entered for these days already."))
    return render(
        "entry_form.html",
        section="web.sites",
        status=422 if typed.errors else 200,
        errors=typed.errors,
        title=reader.say("Enter a by-product") if is_by_product else reader.say("Enter production"),
        lead=reader.say(
            "What comes out beside a product and is sold or given away. What is discarded is waste."
        )
        if is_by_product
        else reader.say(
            "What was made of one product, in its own unit. One line for a month or for the year."
        ),
        sections=marked(sections, typed.errors),
        submit=reader.say("Enter"),
        way=way(ctx, site_id, chosen_period(ctx), 2),
        back=url_for("web.show_production", site_id=site_id, **_query(ctx)),
        back_text=site.name,
    )


def _query(ctx: Context) -> dict[str, Any]:
    return query_of(chosen_period(ctx))


def _entered(ctx: Context, site_id: str, period: Period) -> Response:
    chosen = chosen_period(ctx)
    seen = chosen if chosen.overlap_days(period) else year(period.start.year)
    return redirect(url_for("web.show_production", site_id=site_id, done="output", **query_of(seen)), 303)


def _issue(reader: Reader, issue: RowIssue) -> FieldError:
    problem = Problem(issue.code, issue.detail)
    return FieldError(AT.get(issue.code, ""), say_entry_problem(reader, problem))


def _sections(
    blank: Blank, reader: Reader, made: Sequence[SiteProduct], is_by_product: bool
) -> tuple[Section, ...]:
    units = {one: formats.unit(one, reader.language) for one in USUAL_UNITS}
    known = choices_of(made)
    which = (
        (blank.choose("product", _("Product"), known, empty=_("A new one, described below")),)
        if known
        else ()
    )
    new = (
        blank.ask("number", _("Product number"), _("The number your customers order it by."), optional=True),
        blank.ask("name", _("Name of the product"), optional=True),
        blank.ask("category", _("Category"), _("In small letters, such as steel-bracket; else made from the name."),
                  optional=True),
        blank.ask("mass", _("Kilograms for one unit"), _("Leave it empty where the unit is a weight."),
                  widget="number", optional=True),
    )  # fmt: skip
    amounts = (
        blank.ask("amount", _("Amount made"), _("Good output; 0 where nothing was made."), widget="number"),
        blank.choose("unit", _("Unit"), units, _("All figures are given for one of it.")),
        blank.ask("first", _("First day"), widget="day"),
        blank.ask("last", _("Last day"), _("The last day is included."), widget="day"),
        blank.ask("hours", _("Machine hours"), _("Needed only to spread by machine hours."),
                  widget="number", optional=True),
        blank.ask("revenue", _("Revenue (DKK)"), _("Needed only to spread by revenue."),
                  widget="number", optional=True),
    )  # fmt: skip
    beside = (Section(reader.say("As a by-product"), _rule(blank, known)),) if is_by_product else ()
    note = reader.say("Leave these empty for a product chosen above.") if known else ""
    return (
        *((Section("", which),) if which else ()),
        Section(reader.say("A new product"), new, note),
        Section(reader.say("What was made"), amounts),
        *beside,
    )


def _rule(blank: Blank, known: dict[str, str], relation: ByProductOf | None = None) -> tuple[Input, ...]:
    given = relation or ByProductOf("", SharingRule.PHYSICAL)
    return (
        blank.choose("process", _("Comes out of the making of"), known, given=given.process_id,
                     empty=_("Nothing: it is a main product")),
        blank.choose("rule", _("What it bears of that is shared"), RULES, given=given.rule.value),
        blank.ask("share", _("Share (%)"), _("Only for a share you state."), widget="number", optional=True,
                  given=show_number(given.share * 100 if given.share is not None else None, blank.reader)),
        blank.choose("terms", _("What happens to it"), TERMS, given=given.terms),
        blank.ask("code", _("EAK code"), _("Where it was waste before it became a by-product."), optional=True,
                  given=given.waste_code),
        blank.tick("processed", _("It is worked on before it is sold"), given=given.processed_before_sale),
    )  # fmt: skip


def _of_product(reader: Reader, product: SiteProduct, made: Sequence[SiteProduct]) -> tuple[Section, ...]:
    blank = Blank(reader, request.form)
    others = choices_of([one for one in made if one.product_id != product.product_id])
    mass = blank.ask(
        "mass", _("Kilograms for one unit"), _("Leave it empty where the unit is a weight."),
        widget="number", optional=True, given=show_number(product.mass, reader),
    )  # fmt: skip
    note = reader.say(
        "For what comes out beside a main product and is sold or given away. Else leave it as it is."
    )
    return (
        Section("", (mass,)),
        Section(reader.say("As a by-product"), _rule(blank, others, product.by_product), note),
    )


def _relation(typed: Typed, process_id: str) -> ByProductOf | None:
    """What a form says of a by-product; None for a main product."""
    if not process_id:
        return None
    rule = typed.code("rule", RULES)
    return ByProductOf(
        process_id,
        SharingRule(rule) if rule in RULES else SharingRule.PHYSICAL,
        typed.share("share"),
        "".join(typed.text("code").removesuffix("*").split()),
        typed.code("terms", TERMS),
        typed.is_ticked("processed"),
    )


def _read(
    typed: Typed, made: Sequence[SiteProduct], is_by_product: bool
) -> tuple[Period | None, AccountTable | None]:
    chosen = next((one for one in made if one.product_id == typed.text("product")), None)
    amount, unit, period = typed.needed_number("amount"), typed.code("unit", USUAL_UNITS), typed.period()
    number = chosen.number if chosen else typed.needed("number")
    name = chosen.name if chosen else typed.needed("name")
    process = next((one for one in made if one.product_id == typed.text("process")), None)
    if is_by_product and process is None:
        typed.needed("process")
    relation = _relation(typed, process.product_id) if process else None
    if period is None or unit not in USUAL_UNITS or typed.errors:
        return period, None
    entry = OutputEntry("", number, period, Quantity(amount, UnitCode(unit)), name)
    entry = replace(
        entry,
        category=typed.text("category"),
        mass=None if chosen else typed.number("mass"),
        machine_hours=typed.number("hours"),
        revenue=typed.number("revenue"),
    )
    if relation is None or process is None:
        return period, AccountTable(outputs=(entry,))
    stated = ByProductEntry(
        entry, process.number, relation.rule, relation.share, relation.waste_code, relation.terms,
        relation.processed_before_sale,
    )  # fmt: skip
    return period, AccountTable(by_products=(stated,))
