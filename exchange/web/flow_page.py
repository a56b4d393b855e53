"""One flow of a site: its bills one by one, with their documents, to attach, withdraw and link."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Role
from exchange.domain.calculation.account import Material
from exchange.domain.calculation.completeness import missing_days
from exchange.domain.errors import ConflictError, InvalidError, NotFoundError
from exchange.domain.periods import Period
from exchange.services import bills, evidence, flows, site_accounts, sites
from exchange.services.bills import BillView, Evidence
from exchange.services.context import Context
from exchange.services.flows import FlowView
from exchange.web.account_steps import chosen_period, query_of, way
from exchange.web.account_words import PARTS
from exchange.web.bill_fields import described, part_of
from exchange.web.forms import Field, FieldError, with_errors
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.session import exchange, signed_in
from exchange.web.site_account import BillItem, present_bill, say_missing, skipped_rows
from exchange.web.typed import Blank, Section, marked, refused

SHOWN = 100
FILE_HINT = _(
    "A scan or photo. Only its fingerprint (SHA-256), name and size are kept; keep the file yourselves."
)


@dataclass(frozen=True)
class BillEntry:
    """A bill with its documents and what can be done with it."""

    item: BillItem
    documents: tuple[Evidence, ...]
    file: Field
    is_open: bool
    evidence_link: str
    withdraw_link: str


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    base = "/sites/<site_id>/flows/<flow_id>"
    pages.add_url_rule(base, view_func=show_flow)
    pages.add_url_rule(f"{base}/input", view_func=link_flow, methods=["POST"])
    pages.add_url_rule(f"{base}/bills/<bill_id>/withdraw", view_func=withdraw_bill, methods=["POST"])
    pages.add_url_rule(f"{base}/bills/<bill_id>/evidence", view_func=attach_evidence, methods=["POST"])


def show_flow(site_id: str, flow_id: str) -> Response:
    """A flow's bills that share a day with the chosen period."""
    return _page(signed_in(), site_id, flow_id)


def withdraw_bill(site_id: str, flow_id: str, bill_id: str) -> Response:
    """Take a bill out of the account."""
    ctx = signed_in()
    _find(ctx, site_id, flow_id)
    bills.withdraw_bill(ctx, bill_id)
    return _done(ctx, site_id, flow_id, "withdrawn")


def attach_evidence(site_id: str, flow_id: str, bill_id: str) -> Response:
    """Note a document's digest beside a bill; the file is not kept."""
    request.max_content_length = 2 * exchange().settings.max_import_bytes
    ctx, reader = signed_in(), current_reader()
    _find(ctx, site_id, flow_id)
    sent = request.files.get(f"evidence-{bill_id}")
    try:
        content = sent.stream.read() if sent is not None else b""
        evidence.attach_evidence(ctx, bill_id, (sent.filename if sent else "") or "", content)
    except (InvalidError, ConflictError) as error:
        return _page(ctx, site_id, flow_id, refused(reader, error, {"": f"evidence-{bill_id}"}))
    return _done(ctx, site_id, flow_id, "evidence")


def link_flow(site_id: str, flow_id: str) -> Response:
    """Say which input class a flow is."""
    ctx, reader = signed_in(), current_reader()
    flow = _find(ctx, site_id, flow_id)
    try:
        flows.set_flow_input(ctx, flow_id, request.form.get("category", "").strip(), flow.product)
    except InvalidError as error:
        return _page(ctx, site_id, flow_id, refused(reader, error, {"/category": "category"}))
    return _done(ctx, site_id, flow_id, "linked")


def _find(ctx: Context, site_id: str, flow_id: str) -> FlowView:
    """A flow of the site; NotFoundError otherwise."""
    for flow in flows.list_flows(ctx, site_id):
        if flow.id == flow_id:
            return flow
    raise NotFoundError


def _done(ctx: Context, site_id: str, flow_id: str, done: str) -> Response:
    query = query_of(chosen_period(ctx))
    return redirect(url_for("web.show_flow", site_id=site_id, flow_id=flow_id, done=done, **query), 303)


def _page(ctx: Context, site_id: str, flow_id: str, errors: list[FieldError] | None = None) -> Response:
    reader, period, site = current_reader(), chosen_period(ctx), sites.get_site(ctx, site_id)
    flow = _find(ctx, site_id, flow_id)
    found = bills.list_bills(ctx, site_id, period, flow_id)
    query = query_of(period) | {"site_id": site_id}
    part, skipped = part_of(flow.detail), skipped_rows(len(found))
    return render(
        "flow.html",
        section="web.sites",
        status=422 if errors else 200,
        errors=errors or [],
        site=site,
        way=way(ctx, site_id, period, 1),
        flow=flow,
        part_name=reader.say(PARTS[part]),
        about=described(reader, flow.detail, flow.name),
        missing=_missing(ctx, reader, site_id, flow_id, period),
        bills=[
            _entry(reader, site_id, period, one, errors or []) for one in found[skipped : skipped + SHOWN]
        ],
        later_link=url_for("web.show_flow", flow_id=flow_id, skip=skipped + SHOWN, **query)
        if len(found) > skipped + SHOWN
        else "",
        sections=marked(_sections(reader, flow), errors or []),
        may_edit=ctx.who.may(Role.EDITOR),
        enter_link=url_for("web.enter_bill", part=part, flow=flow_id, **query),
        input_link=url_for("web.link_flow", flow_id=flow_id, **query),
        back=url_for("web.show_site", _anchor=part, **query),
    )


def _missing(ctx: Context, reader: Reader, site_id: str, flow_id: str, period: Period) -> str:
    account = site_accounts.load_account(ctx, site_id, period)
    flow = next(one for one in account.flows if one.id == flow_id)
    return say_missing(reader, missing_days(flow, account))


def _sections(reader: Reader, flow: FlowView) -> tuple[Section, ...]:
    if not isinstance(flow.detail, Material):
        return ()
    hint = _("In small letters, such as steel-sheet. By it suppliers' datasets and factors are found.")
    category = Blank(reader, request.form).ask(
        "category", _("Category"), hint, optional=True, given=flow.category
    )
    return (Section("", (category,)),)


def _entry(
    reader: Reader, site_id: str, period: Period, bill: BillView, errors: list[FieldError]
) -> BillEntry:
    name = f"evidence-{bill.id}"
    field = Field(name, reader.say("The bill as a file"), hint=reader.say(FILE_HINT))
    named = with_errors([field], errors)[name]
    query = query_of(period) | {"site_id": site_id, "flow_id": bill.flow_id, "bill_id": bill.id}
    return BillEntry(
        present_bill(reader, bill),
        bill.evidence,
        named,
        bool(named.errors),
        url_for("web.attach_evidence", **query),
        url_for("web.withdraw_bill", **query),
    )
