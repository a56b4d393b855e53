"""Initiatives: the list, and the form that records what is done, what it is expected to change, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Role
from exchange.domain.errors import InvalidError
from exchange.domain.initiatives import (
    ChangeKind,
    EffortIndicator,
    ExpectedChange,
    Initiative,
    Motive,
    Place,
)
from exchange.services import flows, initiatives, requests, site_products, sites
from exchange.services.context import Context
from exchange.services.initiatives import InitiativeView
from exchange.web import formats
from exchange.web.forms import Choice
from exchange.web.frame import render
from exchange.web.initiative_words import CHANGE_KINDS, EFFORTS, MOTIVES
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.session import signed_in
from exchange.web.typed import HUNDRED, Blank, Section, Typed, labels_of, marked, refused
from exchange.web.words import word

ROWS = (1, 2, 3)  # flows that one initiative may change; more of them are initiatives of their own
MOST_REQUESTS = 100
AT = {
    "name.invalid": "title", "/title": "title", "/place/site": "title", "/place/product": "product",
    "/investment": "investment", "/saving": "saving", "/customer_demand": "demand",
}  # fmt: skip


@dataclass(frozen=True)
class InitiativeItem:
    """An initiative of the list."""

    title: str
    link: str
    about: str


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/initiatives", view_func=show_initiatives, endpoint="initiatives")
    pages.add_url_rule("/initiatives/new/<site_id>", view_func=new_initiative, methods=["GET", "POST"])
    pages.add_url_rule(
        "/initiatives/<initiative_id>/withdraw", view_func=withdraw_initiative, methods=["POST"]
    )


def show_initiatives() -> Response:
    """The initiatives that stand, and at which sites another can be recorded."""
    ctx, reader = signed_in(), current_reader()
    known = {site.id: site.name for site in sites.list_sites(ctx)}
    return render(
        "initiatives.html",
        section="web.development",
        items=[_item(reader, known, one) for one in initiatives.list_initiatives(ctx)],
        sites=[
            Choice(url_for("web.new_initiative", site_id=site_id), name) for site_id, name in known.items()
        ],
        may_edit=ctx.who.may(Role.EDITOR),
    )


def new_initiative(site_id: str) -> Response:
    """The form of one site, whose flows it offers; sent, it records the initiative."""
    ctx, reader = signed_in(), current_reader()
    site = sites.get_site(ctx, site_id)
    sections = _sections(ctx, reader, site_id)
    typed = Typed(reader, request.form, labels_of(sections))
    if request.method == "POST":
        added = _add(ctx, typed, site_id)
        if added is not None:
            return redirect(url_for("web.show_initiative", initiative_id=added.id, done="initiative"), 303)
    return render(
        "entry_form.html",
        section="web.development",
        status=422 if typed.errors else 200,
        errors=typed.errors,
        title=reader.say("Record an initiative at %(site)s", site=site.name),
        lead=reader.say("What you do, and what you expect of it. The expected effect is worked out at once."),
        back=url_for("web.initiatives"),
        back_text=reader.say("Initiatives"),
        way=None,
        sections=marked(sections, typed.errors),
        submit=reader.say("Record the initiative"),
    )


def withdraw_initiative(initiative_id: str) -> Response:
    """Take an initiative back."""
    initiatives.withdraw_initiative(signed_in(), initiative_id)
    return redirect(url_for("web.initiatives", done="initiative_withdrawn"), 303)


def _item(reader: Reader, known: Mapping[str, str], view: InitiativeView) -> InitiativeItem:
    one = view.initiative
    parts = (
        known.get(one.place.site, ""),
        reader.say("from %(day)s", day=formats.day(one.in_force, reader.language)),
        word(reader, EFFORTS, one.effort),
    )
    link = url_for("web.show_initiative", initiative_id=view.id)
    return InitiativeItem(one.title, link, " · ".join(part for part in parts if part))


def _sections(ctx: Context, reader: Reader, site_id: str) -> tuple[Section, ...]:
    blank = Blank(reader, request.form)
    what = (
        blank.ask("title", _("What is done"), _("In a few words, such as: heat pump in hall 2.")),
        blank.choose("effort", _("Kind of effort"), EFFORTS),
        blank.ask("in_force", _("In force from"), widget="day"),
        blank.choose("product", _("Applies to"), _products(ctx, site_id), empty=_("The whole site")),
    )
    money = (
        blank.ask("investment", _("Investment, DKK"), widget="number", optional=True),
        blank.ask("saving", _("Saving a year, DKK"), _("Below zero where it costs."), widget="number",
                  optional=True),
    )  # fmt: skip
    why = (
        blank.choose("motive", _("Why"), MOTIVES),
        blank.choose("request", _("Answers a customer's request"), _requests(ctx), empty=_("No request")),
        blank.ask("demand", _("Or the customer's demand in words"), optional=True),
    )
    named = _flows(ctx, reader, site_id)
    note = reader.say("Less is below zero: 12 per cent less is -12. Leave it empty where you cannot say.")
    changes = (
        Section(
            reader.say("Expected change") if row == 1 else reader.say("Another flow, if it changes too"),
            (
                blank.choose(f"flow_{row}", _("Flow"), named, empty=_("No flow")),
                blank.ask(f"value_{row}", _("By how much"), widget="number", optional=True),
                blank.choose(f"kind_{row}", _("Counted as"), CHANGE_KINDS),
            ),
            note if row == 1 else "",
        )
        for row in ROWS
    )
    return (
        Section("", what),
        *changes,
        Section(reader.say("Money"), money),
        Section(reader.say("Reason"), why),
    )


def _products(ctx: Context, site_id: str) -> dict[str, str]:
    return {one.product_id: one.name for one in site_products.list_site_products(ctx, site_id)}


def _flows(ctx: Context, reader: Reader, site_id: str) -> dict[str, str]:
    return {
        one.id: f"{one.name} ({formats.unit(one.unit.value, reader.language)})"
        for one in flows.list_flows(ctx, site_id)
    }


def _requests(ctx: Context) -> dict[str, str]:
    """Requests received, by who asks for which product."""
    found = requests.page_requests(ctx, "inbox", None, MOST_REQUESTS).items
    return {
        one.id: f"{one.requester.name}: {', '.join(dict.fromkeys(line.subject_name for line in one.lines))}"
        for one in found
    }


def _add(ctx: Context, typed: Typed, site_id: str) -> InitiativeView | None:
    """The initiative as recorded; None where a field was refused."""
    rows = [row for row in ROWS if typed.text(f"flow_{row}") or typed.text(f"value_{row}")]
    at = AT | {
        f"/changes/{place}/{member}": f"{member}_{row}"
        for place, row in enumerate(rows)
        for member in ("flow", "value")
    }
    answered = typed.text("request")
    try:
        new = _read(typed, site_id, _changes(typed, rows))
        return None if new is None else initiatives.add_initiative(ctx, new, answered or None)
    except InvalidError as error:
        typed.errors += refused(typed.reader, error, at)
        return None


def _changes(typed: Typed, rows: Iterable[int]) -> tuple[ExpectedChange, ...]:
    found = []
    for row in rows:
        flow = typed.needed(f"flow_{row}")
        kind = typed.code(f"kind_{row}", ChangeKind)
        value = typed.needed_number(f"value_{row}")
        if kind in set(ChangeKind):
            stated = value / HUNDRED if kind == ChangeKind.RELATIVE else value
            found.append(ExpectedChange(flow, ChangeKind(kind), stated))
    return tuple(found)


def _read(typed: Typed, site_id: str, changes: Sequence[ExpectedChange]) -> Initiative | None:
    title, in_force = typed.needed("title"), typed.day("in_force")
    effort, motive = typed.code("effort", EffortIndicator), typed.code("motive", Motive)
    investment: Decimal | None = typed.number("investment")
    saving: Decimal | None = typed.number("saving")
    if typed.errors or in_force is None:
        return None
    return Initiative(
        title=title,
        effort=EffortIndicator(effort),
        in_force=in_force,
        place=Place(site_id, product=typed.text("product") or None),
        motive=Motive(motive),
        changes=tuple(changes),
        investment=investment,
        saving=saving,
        customer_demand=typed.text("demand"),
    )
