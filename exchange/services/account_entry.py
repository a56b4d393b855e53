"""A filled-in template into a site's account: all of it in one transaction, or nothing and every reason why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.calculation.account_table import AccountTable, RowIssue
from exchange.domain.calculation.conversion import Converter
from exchange.services.context import Context, audit
from exchange.services.own_factors import load_book
from exchange.services.sites import own_site
from exchange.services.table_flows import FlowFinder
from exchange.services.table_issues import Issues
from exchange.services.table_products import Catalogue, all_outputs
from exchange.services.table_rows import RowReader
from exchange.store import accounts
from exchange.store import bills as query
from exchange.store.tables.sites import BillRow, CompanyYearRow, OutputRow, ReadingRow, SiteRow


@dataclass(frozen=True)
class EntryResult:
    """What was entered, by kind; with `issues` nothing was.

    `known` are the places of rows that say just what was entered before: they were left out.
    """

    bills: int = 0
    readings: int = 0
    outputs: int = 0
    shares: int = 0
    years: int = 0
    flows: int = 0
    products: int = 0
    known: tuple[str, ...] = ()
    issues: tuple[RowIssue, ...] = ()


class _Refused(Exception):
    """Takes the transaction back."""


@dataclass(frozen=True)
class _Rows:
    """The rows to store."""

    bills: list[dict[str, Any]]
    readings: list[dict[str, Any]]
    outputs: list[dict[str, Any]]
    years: list[CompanyYearRow]
    shares: int


def enter_table(ctx: Context, site_id: str, table: AccountTable, import_id: str | None = None) -> EntryResult:
    """Enter the rows of a table into a site's account, or refuse them all with every issue found.

    Products are found by their numbers, flows by what they are; those that are new are added. A row that was
    entered before is recognised and left out, so a corrected file may be handed in again; one that contradicts
    what is there is an issue. NotFoundError for another organisation's site.
    """
    ctx.who.require(Role.EDITOR)
    issues, known = Issues(list(table.issues)), list[str]()
    try:
        with ctx.store.write() as session:
            site = own_site(ctx, session, site_id, lock=True)
            accounts.lock_organisation(session, site.organisation_id)
            catalogue = Catalogue.of(ctx, session, site, table, issues)
            finder = FlowFinder.of(ctx, session, site, table, issues)
            with session.no_autoflush:  # nothing is written before all is known to be right
                converter = Converter(load_book(session, site.organisation_id))
                reader = RowReader(ctx, session, site, issues, finder, catalogue, converter, import_id, known)
                rows = _read(table, reader)
            if issues.found:
                raise _Refused
            _save(session, catalogue, finder, rows)
            result = _result(catalogue, finder, rows, [*known, *finder.known])
            _note(ctx, session, site, result, import_id)
            return result
    except _Refused:
        return EntryResult(issues=tuple(issues.found))


def count_rows(table: AccountTable) -> int:
    """How many rows of a table could be read."""
    kinds = (table.bills, table.readings, table.outputs, table.by_products, table.shares, table.years)
    return sum(map(len, kinds))


def _read(table: AccountTable, reader: RowReader) -> _Rows:
    catalogue, finder = reader.catalogue, reader.flows
    made = all_outputs(table)
    catalogue.register(made)
    outputs = reader.outputs(made)
    catalogue.relate(table.by_products)
    bills = reader.bills(table.bills)
    readings = reader.readings(table.readings)
    shares = finder.share(table.shares, catalogue)
    finder.settle_keys()
    return _Rows(bills, readings, outputs, reader.years(table.years), shares)


def _save(session: Session, catalogue: Catalogue, finder: FlowFinder, rows: _Rows) -> None:
    catalogue.save(session)
    finder.save(session)
    stored: Sequence[tuple[type[BillRow | ReadingRow | OutputRow], list[dict[str, Any]]]] = (
        (BillRow, rows.bills),
        (ReadingRow, rows.readings),
        (OutputRow, rows.outputs),
    )
    for kind, columns in stored:
        query.add_all(session, kind, columns)
    for year in rows.years:
        session.merge(year)


def _result(catalogue: Catalogue, finder: FlowFinder, rows: _Rows, known: Sequence[str]) -> EntryResult:
    return EntryResult(
        bills=len(rows.bills),
        readings=len(rows.readings),
        outputs=len(rows.outputs),
        shares=rows.shares,
        years=len(rows.years),
        flows=len(finder.added),
        products=len(catalogue.added),
        known=tuple(known),
    )


def _note(ctx: Context, session: Session, site: SiteRow, result: EntryResult, import_id: str | None) -> None:
    counts = {one.name: getattr(result, one.name) for one in fields(result) if one.type == "int"}
    told = {name: str(count) for name, count in counts.items() if count}
    audit(
        ctx,
        session,
        "account.enter",
        "site",
        site.id,
        **told,
        known=str(len(result.known)),
        file=import_id or "",
    )
