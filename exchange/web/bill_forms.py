"""The form of a bill: units as billed, what the bill itself says, and a question where it looks odd."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.calculation.account import HeatingValue
from exchange.domain.errors import ConflictError, ExchangeError, InvalidError, NotFoundError
from exchange.domain.periods import Period, year
from exchange.domain.quantities import Quantity, UnitCode
from exchange.services import bills, evidence, first_bills, flows, sites
from exchange.services.bills import BillView, NewBill
from exchange.services.context import Context
from exchange.services.flows import FlowView, NewFlow
from exchange.services.sites import Site
from exchange.web import formats
from exchange.web.account_steps import chosen_period, query_of, way
from exchange.web.account_words import HEATING_VALUES, PARTS
from exchange.web.bill_fields import (
    FIELDS_AT,
    FORMS,
    described,
    description,
    named_as_known,
    part_of,
    read_flow,
)
from exchange.web.forms import FieldError
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import mark as _
from exchange.web.session import exchange, signed_in
from exchange.web.typed import Blank, Input, Section, Typed, labels_of, marked, refused

AT = FIELDS_AT | {
    "bill.implausible": "amount", "bill.heating_value": "heating", "bill.calorific_value": "calorific",
    "bill.twice": "number", "bill.overlap": "first", "bill.negative": "amount", "quantity.range": "amount",
    "unit.dimension": "unit", "factor.missing": "unit", "period.range": "first", "/number": "number",
    "/meter": "meter", "evidence.empty": "evidence", "evidence.too_large": "evidence",
}  # fmt: skip
MAY_BE_MEANT = frozenset({"bill.implausible", "bill.twice"})  # what `is_confirmed` answers
METERED = frozenset({"electricity", "heat", "gas", "water"})
FUELS = frozenset({"gas", "fuel"})


@dataclass(frozen=True)
class _Asked:
    """What a form is for: a part of a site's account, and the flow if it is there already; `known` are the others."""

    site: Site
    part: str
    flow: FlowView | None
    known: tuple[FlowView, ...]


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/sites/<site_id>/enter", view_func=choose_bill)
    pages.add_url_rule("/sites/<site_id>/enter/<part>", view_func=enter_bill, methods=["GET", "POST"])


def choose_bill(site_id: str) -> Response:
    """What kind of bill is to be entered."""
    ctx, reader = signed_in(), current_reader()
    site, period = sites.get_site(ctx, site_id), chosen_period(ctx)
    kinds = [
        (
            reader.say(text),
            url_for("web.enter_bill", site_id=site_id, part=part, **query_of(period)),
            reader.say(FORMS[part].lead),
        )
        for part, text in PARTS.items()
    ]
    return render(
        "enter_choice.html", section="web.sites", site=site, kinds=kinds, way=way(ctx, site_id, period, 1),
        back=url_for("web.show_site", site_id=site_id, **query_of(period)),
    )  # fmt: skip


def enter_bill(site_id: str, part: str) -> Response:
    """Enter one bill: of a flow that is there (`flow` in the address), or of one the form describes."""
    request.max_content_length = 2 * exchange().settings.max_import_bytes
    ctx, reader = signed_in(), current_reader()
    asked = _asked(ctx, site_id, part)
    blank = Blank(reader, request.form if request.method == "POST" else request.args)
    sections = _sections(blank, part, asked.flow)
    if request.method == "GET":
        return _page(ctx, asked, sections)
    typed = Typed(reader, request.form, labels_of(sections))
    described_flow, new = _read(typed, asked)
    asks_back = typed.is_ticked("confirmed")
    if not typed.errors and new is not None:
        try:
            return _entered(ctx, asked, _store(ctx, site_id, described_flow, new))
        except (InvalidError, ConflictError) as error:
            typed.errors += refused(reader, error, AT)
            asks_back = asks_back or _asks_back(error)
    if asks_back:
        sections = (*sections, _question(blank))
    return _page(ctx, asked, marked(sections, typed.errors), typed.errors)


def _asked(ctx: Context, site_id: str, part: str) -> _Asked:
    """What the address names; NotFoundError for a part there is not, or a flow that is none of the site's."""
    if part not in FORMS:
        raise NotFoundError
    site, wanted = sites.get_site(ctx, site_id), request.args.get("flow", "")
    known = tuple(one for one in flows.list_flows(ctx, site_id) if part_of(one.detail) == part)
    flow = next((one for one in known if one.id == wanted), None)
    if wanted and flow is None:
        raise NotFoundError
    return _Asked(site, part, flow, known)


def _sections(blank: Blank, part: str, flow: FlowView | None) -> tuple[Section, ...]:
    reader = blank.reader
    about = () if flow else (Section(reader.say("What the bill is for"), description(blank, part)),)
    return (
        *about,
        Section(reader.say("What the bill says"), (*_amounts(blank, part, flow), *_days(blank))),
        Section(reader.say("About the bill"), _particulars(blank, part)),
    )


def _amounts(blank: Blank, part: str, flow: FlowView | None) -> tuple[Input, ...]:
    language = blank.reader.language
    units = FORMS[part].units
    if flow is not None and part in {"material", "packaging"}:
        units = tuple(one for one in units if UnitCode(one).dimension is flow.unit.dimension)
    inputs = [
        blank.ask("amount", _("Amount"), _("As billed, such as 1250 or 12.5."), widget="number"),
        blank.choose("unit", _("Unit"), {one: formats.unit(one, language) for one in units}, given=units[0]),
    ]
    if part in FUELS:
        inputs += [
            blank.choose("heating", _("Heating value"), HEATING_VALUES,
                         _("On a bill in kWh, MWh or GJ, or with a calorific value, look for “øvre” or “nedre "
                           "brændværdi”."),
                         empty=_("Not stated, or no energy and no calorific value on the bill")),
            blank.ask("calorific", _("Calorific value on the bill (kWh per unit)"),
                      _("On a gas bill in m3, such as 11.9. Leave it empty where the bill has none."),
                      widget="number", optional=True),
        ]  # fmt: skip
    return tuple(inputs)


def _days(blank: Blank) -> tuple[Input, ...]:
    hint = _("The last day is included: a bill for January ends on 31 January.")
    return (
        blank.ask("first", _("First day"), widget="day"),
        blank.ask("last", _("Last day"), hint, widget="day"),
    )


def _particulars(blank: Blank, part: str) -> tuple[Input, ...]:
    meter = _("Needed only where two meters of the same supply are billed.")
    return (
        blank.ask("number", _("Bill number"), optional=True),
        *((blank.ask("meter", _("Meter number"), meter, optional=True),) if part in METERED else ()),
        blank.tick("credit", _("This is a credit note"), _("It takes back what was billed before.")),
        blank.tick("estimate", _("This is an estimate"), _("No bill stands behind the amount.")),
        blank.ask("evidence", _("The bill as a file"),
                  _("A scan or photo. Only its fingerprint (SHA-256), name and size are kept, so that anyone can later "
                    "check that it is the same file. Keep the file yourselves."),
                  widget="file", optional=True),
    )  # fmt: skip


def _question(blank: Blank) -> Section:
    tick = blank.tick("confirmed", _("Yes, it is right as it stands"))
    return Section(blank.reader.say("Is it right?"), (tick,))


def _read(typed: Typed, asked: _Asked) -> tuple[NewFlow | None, NewBill | None]:
    part, flow = asked.part, asked.flow
    chosen = typed.code("unit", FORMS[part].units)
    unit = UnitCode(
        chosen if chosen in FORMS[part].units else FORMS[part].units[0]
    )  # else it is refused already
    amount, period, heating = typed.needed_number("amount"), typed.period(), typed.text("heating")
    described_flow = (
        named_as_known(typed, read_flow(typed, part, unit), asked.known) if flow is None else None
    )
    if period is None:
        return described_flow, None
    return described_flow, NewBill(
        flow.id if flow else "",
        period,
        Quantity(amount, unit),
        HeatingValue(heating) if heating in HEATING_VALUES else None,
        typed.number("calorific"),
        typed.is_ticked("credit"),
        typed.is_ticked("estimate"),
        typed.is_ticked("confirmed"),
        typed.text("number"),
        typed.text("meter"),
    )


def _store(ctx: Context, site_id: str, flow: NewFlow | None, new: NewBill) -> BillView:
    """Enter the bill, with its flow where that is new, and note its file's digest."""
    sent = request.files.get("evidence")
    content = sent.stream.read() if sent is not None and sent.filename else None
    if content is not None:
        evidence.check_evidence(ctx, content)  # refuses an empty or too large file before anything is entered
    entered = (
        first_bills.enter_first_bill(ctx, site_id, flow, new) if flow else bills.enter_bill(ctx, site_id, new)
    )
    if sent is not None and content is not None:
        evidence.attach_evidence(ctx, entered.id, sent.filename or "", content)
    return entered


def _entered(ctx: Context, asked: _Asked, bill: BillView) -> Response:
    """Back to the account of a period that the bill is seen in."""
    period = chosen_period(ctx)
    seen: Period = period if period.overlap_days(bill.period) else year(bill.period.start.year)
    link = url_for("web.show_site", site_id=asked.site.id, done="bill", _anchor=asked.part, **query_of(seen))
    return redirect(link, 303)


def _asks_back(error: ExchangeError) -> bool:
    codes = {one.code for one in error.problems} or {error.error_code}
    return bool(codes & MAY_BE_MEANT)


def _page(
    ctx: Context, asked: _Asked, sections: Sequence[Section], errors: Sequence[FieldError] = ()
) -> Response:
    reader, period, part, flow = current_reader(), chosen_period(ctx), asked.part, asked.flow
    base = query_of(period) | {"site_id": asked.site.id}
    return render(
        "bill_form.html",
        section="web.sites",
        status=422 if errors else 200,
        errors=errors,
        site=asked.site,
        title=reader.say(FORMS[part].title),
        lead=reader.say(FORMS[part].lead),
        flow=flow,
        about=described(reader, flow.detail, flow.name) if flow else "",
        others=[
            (one.name, url_for("web.enter_bill", part=part, flow=one.id, **base))
            for one in asked.known
            if one != flow
        ],
        new_link=url_for("web.enter_bill", part=part, **base) if flow else "",
        sections=sections,
        way=way(ctx, asked.site.id, period, 1),
        back=url_for("web.show_site", **base),
    )
