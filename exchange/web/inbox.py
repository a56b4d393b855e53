"""The supplier's inbox: who asks for what, how sure the exchange is of who they are, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from exchange.services import requests
from exchange.services.request_views import Line, Request
from exchange.web import formats
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.lines import OPEN_STATES, badge_of, in_order
from exchange.web.reader import Reader
from exchange.web.session import signed_in
from exchange.web.words import (
    ASSURANCES,
    RECEIVED_STATES,
    REVOKED,
    REVOKED_ADVICE,
    SENT_STATES,
    thing_asked,
    word,
)


@dataclass(frozen=True)
class RequestItem:
    """One request of a list; `other` is the party at the other end, `revoked` what to do about a revoked answer."""

    link: str
    other: str
    assurance: str
    cvr: str
    asks: tuple[str, ...]
    due: str
    sent: str
    state: str
    badge: str
    revoked: str
    is_open: bool


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/inbox", view_func=inbox)


def inbox() -> Response:
    """Requests received, newest first."""
    ctx, reader = signed_in(), current_reader()
    page = requests.page_requests(ctx, "inbox", request.args.get("after"), 25)
    older = url_for("web.inbox", after=page.next_cursor) if page.next_cursor else ""
    items = list_items(reader, page.items, "inbox")
    return render("inbox.html", items=items, older=older)


def list_items(reader: Reader, found: Iterable[Request], box: str) -> tuple[RequestItem, ...]:
    """Requests as items of an inbox or of the list of sent requests."""
    return tuple(_item(reader, one, box) for one in found)


def _item(reader: Reader, one: Request, box: str) -> RequestItem:
    other = one.requester if box == "inbox" else one.supplier
    states = RECEIVED_STATES if box == "inbox" else SENT_STATES
    side, is_revoked = ("supplier" if box == "inbox" else "customer"), one.revoked != "none"
    is_open = any(line.state in OPEN_STATES for line in one.lines)
    return RequestItem(
        link=url_for("web.show_request", request_id=one.id),
        other=other.name,
        assurance=word(reader, ASSURANCES, other.assurance),
        cvr=other.cvr or "",
        asks=tuple(_asked(reader, line) for line in one.lines),
        due=formats.day(one.due, reader.language) if one.due else "",
        sent=formats.moment(one.created_at, reader.language),
        state=word(reader, REVOKED, one.revoked) if is_revoked else word(reader, states, one.state.value),
        badge="error" if is_revoked else badge_of(one.state),
        revoked=_revoked(reader, one, REVOKED_ADVICE[side]) if is_revoked else "",
        is_open=is_open,
    )


def _revoked(reader: Reader, one: Request, advice: str) -> str:
    """What to do, and what it is about where only some of the answers were revoked."""
    if one.revoked == "all":
        return reader.say(advice)
    taken_back = list(dict.fromkeys(_subject(reader, line) for line in one.lines if line.revoked_at))
    named = reader.say("Revoked: %(what)s.", what=reader.list_of(taken_back))
    return f"{named} {reader.say(advice)}"


def _subject(reader: Reader, line: Line) -> str:
    period = formats.period(line.period.start, line.period.end, reader.language)
    return f"{line.subject_name or line.subject_type.value} ({period})"


def _asked(reader: Reader, line: Line) -> str:
    names = list(dict.fromkeys(thing_asked(reader, field.field) for field in in_order(line.fields)))
    period = formats.period(line.period.start, line.period.end, reader.language)
    return reader.say(
        "%(subject)s, %(period)s: %(fields)s",
        fields=reader.list_of(names), subject=line.subject_name or line.subject_type.value, period=period,
    )  # fmt: skip
