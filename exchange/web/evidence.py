"""Whether a file is just the one that bills cite: an auditor's question, answered without keeping the file."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.errors import InvalidError
from exchange.services import evidence
from exchange.services.bills import BillView
from exchange.web import formats
from exchange.web.account_steps import query_of, say_days
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.session import exchange, signed_in
from exchange.web.typed import Blank, Section, Typed, labels_of, marked, refused


@dataclass(frozen=True)
class CitingBill:
    """A bill that cites the file."""

    text: str
    link: str
    is_withdrawn: bool


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/evidence", view_func=check_document, endpoint="evidence", methods=["GET", "POST"])


def check_document() -> Response:
    """Which bills cite a file, byte by byte."""
    request.max_content_length = 2 * exchange().settings.max_import_bytes
    ctx, reader = signed_in(), current_reader()
    sections = (Section("", (Blank(reader, {}).ask("file", _("File"), widget="file"),)),)
    typed = Typed(reader, request.form, labels_of(sections))
    cited: tuple[BillView, ...] = ()
    sent = request.files.get("file")
    if request.method == "POST":
        try:
            cited = evidence.check_evidence(ctx, sent.stream.read() if sent is not None else b"")
        except InvalidError as error:
            typed.errors += refused(reader, error, {"": "file"})
    return render(
        "evidence.html",
        section="web.sites",
        status=422 if typed.errors else 200,
        errors=typed.errors,
        sections=marked(sections, typed.errors),
        is_checked=request.method == "POST" and not typed.errors,
        filename=evidence.plain_name((sent.filename if sent else "") or ""),
        cited=[_cited(reader, one) for one in cited],
    )


def _cited(reader: Reader, bill: BillView) -> CitingBill:
    amount = formats.quantity(bill.amount.amount, bill.amount.unit.value, reader.language)
    text = ", ".join(part for part in (bill.number, say_days(bill.period, reader.language), amount) if part)
    link = url_for("web.show_flow", site_id=bill.site_id, flow_id=bill.flow_id, **query_of(bill.period))
    return CitingBill(text, link, bill.withdrawn_at is not None)
