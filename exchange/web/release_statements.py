"""Signed statements of a chain's released figures: links for its page, the files, and which count one's own data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.periods import Period
from exchange.services import chains, release_statements
from exchange.services.chain_views import ChainView
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
    is_newest: bool
    chain: str
    owner: str
    bundle_link: str


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/releases", view_func=list_counting, endpoint="counting_statements")
    pages.add_url_rule("/releases/<statement_id>", view_func=download_statement)
    pages.add_url_rule("/releases/<statement_id>/bundle", view_func=download_release_bundle)


def list_counting() -> Response:
    """The statements that count datasets of one's own, newest first, each with the file that proves it."""
    ctx, reader = signed_in(), current_reader()
    after = request.args.get("after")
    page = release_statements.list_counting(ctx, after, LISTED)
    older = url_for("web.counting_statements", after=page.next_cursor) if page.next_cursor else ""
    related = {one.id: one for one in chains.list_chains(ctx)} if page.items else {}
    newest = set() if after else _newest(page.items)
    items = [_counting(reader, one, related.get(one.chain_id), one.id in newest) for one in page.items]
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
            _said(reader, one, is_newest=number == 0),
        )
        for number, one in enumerate(found[:SHOWN])
    ]


def _said(reader: Reader, one: Statement, *, is_newest: bool) -> str:
    text = reader.say("Statement of %(day)s", day=_signed(reader, one))
    return f"{text} ({reader.say('newest')})" if is_newest else text


def _signed(reader: Reader, one: Statement) -> str:
    """To the second: a chain is released anew within a minute."""
    return formats.moment(one.created_at, reader.language, with_seconds=True)


def _newest(listed: Iterable[Statement]) -> set[str]:
    """The first of each chain and period, of statements that begin with the newest of all."""
    first: dict[tuple[str, Period], str] = {}
    for one in listed:
        first.setdefault((one.chain_id, one.period), one.id)
    return set(first.values())


def _counting(reader: Reader, one: Statement, chain: ChainView | None, is_newest: bool) -> CountingStatement:
    """`chain` is None where the organisation has nothing to do with it any more: its name is not told then."""
    return CountingStatement(
        formats.period(one.period.start, one.period.end, reader.language),
        _signed(reader, one),
        is_newest,
        chain.name if chain else one.chain_id,
        chain.owner_name if chain else "",
        url_for("web.download_release_bundle", statement_id=one.id),
    )
