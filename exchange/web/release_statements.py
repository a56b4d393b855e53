"""Signed statements of a chain's released figures: links for its page, the files, and which count one's own data."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.periods import Period
from exchange.services import release_statements
from exchange.services.context import Context
from exchange.services.release_bundles import make_release_bundle
from exchange.services.release_statements import Statement
from exchange.web import formats
from exchange.web.file_names import as_download
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.session import signed_in

SHOWN = 5  # a period that was released anew many times; the interface lists them all
LISTED = 50


@dataclass(frozen=True)
class StatementLink:
    """A statement to download, with its proof (`bundle_link`) or alone."""

    link: str
    bundle_link: str
    text: str


@dataclass(frozen=True)
class CountingStatement:
    """A statement that counts a dataset of the reader's own."""

    period: str
    signed: str
    chain: str
    bundle_link: str


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/releases", view_func=list_counting, endpoint="counting_statements")
    pages.add_url_rule("/releases/<statement_id>", view_func=download_statement)
    pages.add_url_rule("/releases/<statement_id>/bundle", view_func=download_release_bundle)


def list_counting() -> Response:
    """The statements that count datasets of one's own, newest first, each with the file that proves it."""
    ctx, reader = signed_in(), current_reader()
    page = release_statements.list_counting(ctx, request.args.get("after"), LISTED)
    older = url_for("web.counting_statements", after=page.next_cursor) if page.next_cursor else ""
    items = [_counting(reader, one) for one in page.items]
    return render("counting_statements.html", items=items, older=older, section="web.chains")


def download_statement(statement_id: str) -> Response:
    """The signed statement as a file; a read like any other, and recorded so."""
    found = release_statements.read_statement(signed_in(), statement_id)
    return as_download(found.token, "application/vc+sd-jwt", f"{found.statement.id}.sd-jwt")


def download_release_bundle(statement_id: str) -> Response:
    """The statement as far as the reader may have it, with its proof and those of the reader's own inputs."""
    made = make_release_bundle(signed_in(), statement_id)
    return as_download(made.data, "application/json", made.name)


def statement_links(
    ctx: Context, reader: Reader, chain_id: str, period: Period | None
) -> list[StatementLink]:
    """The newest statements on a period that the reader may have with their figures."""
    found = release_statements.list_statements(ctx, chain_id, period) if period else ()
    return [
        StatementLink(
            url_for("web.download_statement", statement_id=one.id),
            url_for("web.download_release_bundle", statement_id=one.id),
            reader.say("Statement of %(day)s", day=formats.moment(one.created_at, reader.language)),
        )
        for one in found[:SHOWN]
    ]


def _counting(reader: Reader, one: Statement) -> CountingStatement:
    return CountingStatement(
        formats.period(one.period.start, one.period.end, reader.language),
        formats.moment(one.created_at, reader.language),
        one.chain_id,
        url_for("web.download_release_bundle", statement_id=one.id),
    )
