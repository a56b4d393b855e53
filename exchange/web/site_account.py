"""A site's account of a period: what is booked, bill by bill, what is missing, and whom to ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Role
from exchange.domain.calculation.account import Bill, Flow, SiteAccount
from exchange.domain.calculation.completeness import missing_days
from exchange.domain.calculation.flow_rules import is_metered
from exchange.domain.periods import Period
from exchange.services import site_accounts, sites
from exchange.services.bills import BillView
from exchange.web import formats
from exchange.web.account_steps import chosen_period, last_day, query_of, say_days, way
from exchange.web.account_words import NOTHING_ENTERED, PARTS
from exchange.web.bill_fields import described, part_of
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.session import signed_in

SHOWN_BILLS = 24
SHOWN_FLOWS = 40


@dataclass(frozen=True)
class BillItem:
    """A bill of the table, as billed."""

    days: str
    amount: str
    number: str
    marks: str


@dataclass(frozen=True)
class FlowItem:
    """A flow with its bills; `missing` says which days of a metered supply no bill covers."""

    name: str
    about: str
    link: str
    bills: tuple[BillItem, ...]
    more: str
    missing: str
    missing_link: str


@dataclass(frozen=True)
class Part:
    """A part of the account; `nothing` says whom to ask where it is empty."""

    key: str
    name: str
    enter_link: str
    flows: tuple[FlowItem, ...]
    nothing: str
    more: str
    more_link: str


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/sites/<site_id>", view_func=show_site)


def show_site(site_id: str) -> Response:
    """The account of a site for the period the address names, last year where it names none."""
    ctx, reader = signed_in(), current_reader()
    period, site = chosen_period(ctx), sites.get_site(ctx, site_id)
    account = site_accounts.load_account(ctx, site_id, period)
    parts = [_part(reader, site_id, account, key) for key in PARTS]
    query = query_of(period) | {"site_id": site_id}
    return render(
        "site_account.html",
        section="web.sites",
        site=site,
        way=way(ctx, site_id, period, 1),
        parts=parts,
        missing=[f"{flow.name}: {flow.missing}" for part in parts for flow in part.flows if flow.missing],
        readings=reader.say_many(
            "%(count)s reading is entered.", "%(count)s readings are entered.", len(account.readings)
        ),
        enter_link=url_for("web.choose_bill", **query),
        upload_link=url_for("web.upload_account", **query),
        readings_link=url_for("web.show_readings", **query),
        next_link=url_for("web.show_production", **query),
        may_edit=ctx.who.may(Role.EDITOR),
    )


def present_bill(reader: Reader, bill: Bill | BillView) -> BillItem:
    """A bill in the reader's words."""
    marks = [
        reader.say("credit note") if bill.is_credit else "",
        reader.say("estimate") if bill.is_estimate else "",
        reader.say("with a document") if bill.evidence else "",
        bill.place,
    ]
    amount = formats.quantity(bill.amount.amount, bill.amount.unit.value, reader.language)
    number = ", ".join(part for part in (bill.number, bill.meter) if part)
    return BillItem(
        say_days(bill.period, reader.language),
        formats.MINUS + amount if bill.is_credit else amount,
        number,
        ", ".join(filter(None, marks)),
    )


def say_missing(reader: Reader, missing: Sequence[Period]) -> str:
    """`Missing: February 2025`; nothing is filled in for what no bill covers."""
    if not missing:
        return ""
    return reader.say(
        "Missing: %(days)s.", days=reader.list_of([say_days(one, reader.language) for one in missing])
    )


def skipped_rows(count: int) -> int:
    """How many rows the page before has shown: `skip` in the address, never more than there are."""
    text = request.args.get("skip", "")
    return min(int(text), count) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _part(reader: Reader, site_id: str, account: SiteAccount, key: str) -> Part:
    query = query_of(account.period) | {"site_id": site_id}
    billed: dict[str, list[Bill]] = {}
    for bill in account.bills:
        billed.setdefault(bill.flow, []).append(bill)
    flows = [
        flow
        for flow in account.flows
        if part_of(flow.detail) == key and (flow.id in billed or is_metered(flow.detail))
    ]
    skipped = skipped_rows(len(flows)) if request.args.get("part") == key else 0
    shown = flows[skipped : skipped + SHOWN_FLOWS]
    left = len(flows) - skipped - len(shown)
    return Part(
        key,
        reader.say(PARTS[key]),
        url_for("web.enter_bill", part=key, **query),
        tuple(_flow(reader, site_id, account, flow, billed.get(flow.id, [])) for flow in shown),
        reader.say(NOTHING_ENTERED[key]),
        reader.say_many("%(count)s more", "%(count)s more", left) if left > 0 else "",
        url_for("web.show_site", part=key, skip=skipped + SHOWN_FLOWS, _anchor=key, **query) if left > 0 else "",
    )  # fmt: skip


def _flow(reader: Reader, site_id: str, account: SiteAccount, flow: Flow, booked: Sequence[Bill]) -> FlowItem:
    missing = missing_days(flow, account) if booked else (account.period,)
    query = query_of(account.period) | {"site_id": site_id}
    left = len(booked) - SHOWN_BILLS
    days = query | _days(missing[0]) if missing else query
    return FlowItem(
        flow.name,
        described(reader, flow.detail, flow.name),
        url_for("web.show_flow", flow_id=flow.id, **query),
        tuple(present_bill(reader, bill) for bill in booked[:SHOWN_BILLS]),
        reader.say_many("%(count)s more bill", "%(count)s more bills", left) if left > 0 else "",
        say_missing(reader, missing),
        url_for("web.enter_bill", part=part_of(flow.detail), flow=flow.id, **days),
    )


def _days(period: Period) -> dict[str, str]:
    return {"first": period.start.isoformat(), "last": last_day(period).isoformat()}
