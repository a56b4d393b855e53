"""Requests this organisation sent, and the one address at which both parties open a request."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.groups import Answer
from exchange.services import reading, requests
from exchange.services.context import Context
from exchange.services.request_views import Line, Request
from exchange.web import formats
from exchange.web.answering import show_received
from exchange.web.frame import render
from exchange.web.inbox import list_items
from exchange.web.language import current_reader
from exchange.web.lines import LineView, present_line
from exchange.web.reader import Reader
from exchange.web.session import signed_in
from exchange.web.words import PURPOSES, SENT_STATES, word


@dataclass(frozen=True)
class AnswerLink:
    """Where the answer to a line is read for one purpose."""

    link: str
    purpose: str


@dataclass(frozen=True)
class SentLine:
    """A line with its answers; `gone`: something was provided, but nothing may be read any more."""

    view: LineView
    links: tuple[AnswerLink, ...]
    gone: bool


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/requests", view_func=sent_requests)
    pages.add_url_rule("/requests/<request_id>", view_func=show_request)


def sent_requests() -> Response:
    """Requests sent, newest first."""
    ctx, reader = signed_in(), current_reader()
    page = requests.page_requests(ctx, "outbox", request.args.get("after"), 25)
    older = url_for("web.sent_requests", after=page.next_cursor) if page.next_cursor else ""
    return render("requests_sent.html", items=list_items(reader, page.items, "outbox"), older=older)


def show_request(request_id: str) -> Response:
    """A request as the side sees it that opens it: the supplier answers, the customer reads."""
    ctx = signed_in()
    found = requests.get_request(ctx, request_id)
    if found.supplier.id == ctx.who.organisation_id:
        return show_received(ctx, found)
    return _show_sent(ctx, found)


def _show_sent(ctx: Context, found: Request) -> Response:
    reader = current_reader()
    return render(
        "request_sent.html",
        supplier=found.supplier,
        sent=formats.moment(found.created_at, reader.language),
        due=formats.day(found.due, reader.language) if found.due else "",
        lines=tuple(_sent_line(ctx, reader, found.id, line) for line in found.lines),
    )


def _sent_line(ctx: Context, reader: Reader, request_id: str, line: Line) -> SentLine:
    purposes = dict.fromkeys(field.purpose for field in line.fields if field.answer is Answer.PROVIDE)
    links = []
    for purpose in purposes:
        asked = (ctx, line.subject_id, line.period, purpose)
        dataset_id = reading.find_dataset_for(*asked) or reading.find_revoked_for(*asked)
        if dataset_id is None:
            continue
        link = url_for("web.show_answer", dataset_id=dataset_id, purpose=purpose.value, request=request_id)
        links.append(AnswerLink(link, word(reader, PURPOSES, purpose.value)))
    return SentLine(present_line(reader, line, SENT_STATES), tuple(links), bool(purposes) and not links)
