"""The front page: what waits for the organisation, and where to begin when nothing does yet."""

from __future__ import annotations

from typing import Literal

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from exchange.services import access, products, requests
from exchange.services.context import Context
from exchange.web.access import present_reads
from exchange.web.frame import render
from exchange.web.inbox import RequestItem, list_items
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.session import signed_in
from exchange.web.suppliers import is_waiting

SHOWN = 5


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/", view_func=home)


def home() -> Response:
    """Requests to answer first, then answers received and who has been reading."""
    ctx, reader = signed_in(), current_reader()
    waiting = [item for item in _newest(ctx, reader, "inbox") if item.is_open]
    sent = _newest(ctx, reader, "outbox")
    reads = access.page_access_records(ctx, limit=200, others_only=True).items
    return render(
        "home.html",
        waiting=waiting[:SHOWN],
        count=reader.say_many(
            "%(count)s request waits for your answer", "%(count)s requests wait for your answer", len(waiting)
        ),
        sent=sent[:SHOWN],
        reads=present_reads(reader, reads)[:SHOWN],
        suppliers_wait=is_waiting(ctx),
        has_products=bool(products.list_products(ctx, limit=1).items),
        inbox_link=url_for("web.inbox"),
        chains_link=url_for("web.chains"),
    )


def _newest(ctx: Context, reader: Reader, box: Literal["inbox", "outbox"]) -> tuple[RequestItem, ...]:
    return list_items(reader, requests.page_requests(ctx, box, limit=50).items, box)
