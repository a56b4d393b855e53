"""Tables people hand in: kept as they came, read by the worker, taken whole or refused whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exchange.domain.actors import Actor, Role
from exchange.domain.calculation.account_table import AccountTable, RowIssue
from exchange.domain.delivery_table import DeliveryTable, TableIssue
from exchange.domain.errors import (
    ExchangeError,
    InvalidError,
    NotFoundError,
    RateLimitedError,
    UnavailableError,
)
from exchange.domain.groups import DatasetKind
from exchange.services.account_entry import count_rows, enter_table
from exchange.services.context import Context, audit
from exchange.services.delivery_drafts import Draft, draft_deliveries
from exchange.services.evidence import plain_name
from exchange.services.jobs import Queue, enqueue
from exchange.services.publish import submit_for_custody
from exchange.services.rate_limits import limit
from exchange.services.sites import own_site
from exchange.store import imports as query
from exchange.store.tables.imports import ImportFileRow, ImportPublicationRow

# What each kind of table asks of its sender and of the worker: a table of deliveries is published, an account entered.
SOURCES: Mapping[str, tuple[Role, str]] = {
    "deliveries": (Role.SIGNER, "import"),
    "account": (Role.EDITOR, "import_account"),
}
MAX_PROBLEMS = 200

ReadTable = Callable[[bytes], DeliveryTable]
ReadAccount = Callable[[bytes], AccountTable]


@dataclass(frozen=True)
class ImportProblem:
    """What is wrong with a row (`row` None: with the whole file, or with `place`); `code` is stable.

    `place` is where a row of an account stands as its sender sees it, such as "Energy, row 7".
    """

    row: int | None
    column: str
    code: str
    detail: str
    place: str = ""


@dataclass(frozen=True)
class ImportStatus:
    """How far an import has come: `state` is waiting, published (handed to the signer), entered or refused.

    `row_count` are the rows that were read, `known_count` those of an account that were there already,
    `publication_ids` the datasets on their way.
    """

    id: str
    source: str
    filename: str
    state: str
    job_id: str
    row_count: int
    problems: tuple[ImportProblem, ...]
    ignored_columns: tuple[str, ...]
    publication_ids: tuple[str, ...]
    created_at: datetime
    finished_at: datetime | None
    site_id: str | None = None
    known_count: int = 0


def submit_import(
    ctx: Context, source: str, filename: str, content: bytes, site_id: str | None = None
) -> ImportStatus:
    """Take a file in and ask the worker to read it.

    Deliveries are published under the custody key, which takes a signer; an account is entered for the site it
    names, which takes an editor. Raises InvalidError (`import.source`, `import.site`, `import.empty`,
    `import.too_large`) and NotFoundError for another organisation's site.
    """
    role, job_kind = _kind_of(source)
    ctx.who.require(role)
    limit(ctx, "import", ctx.who.organisation_id)
    _check(ctx, source, content, site_id)
    with ctx.store.write() as session:
        if site_id is not None:
            own_site(ctx, session, site_id)
        import_id = ctx.new_id()
        job_id = enqueue(
            ctx,
            session,
            job_kind,
            Queue.IMPORT,
            {"import_id": import_id},
            organisation_id=ctx.who.organisation_id,
        )
        row = ImportFileRow(
            id=import_id,
            organisation_id=ctx.who.organisation_id,
            created_by_user=ctx.who.user_id,
            created_by_client=ctx.who.client_id,
            source=source,
            site_id=site_id,
            filename=plain_name(filename),
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
            job_id=job_id,
            created_at=ctx.now(),
        )
        session.add(row)
        audit(ctx, session, "import.submit", "import", row.id, sha256=row.sha256)
        return _present(row, ())


def get_import(ctx: Context, import_id: str) -> ImportStatus:
    """One of the actor's organisation's imports; NotFoundError otherwise."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        row = query.find_own_import(session, ctx.who.organisation_id, import_id)
        if row is None:
            raise NotFoundError
        return _present(row, query.publications_of(session, row.id))


def run_import(ctx: Context, import_id: str, read: ReadTable) -> None:
    """The worker's part with deliveries: read the file, refuse it with every fault, or submit one dataset per product,
    recipient and year. Running it again after a break asks for nothing twice.
    """
    row = _waiting(ctx, import_id)
    if row is None:
        return
    ctx = ctx.acting_as(_sender(row))
    table = read(row.content)
    drafts, issues = draft_deliveries(ctx, table.records)
    found = [*table.issues, *issues]
    if not found:
        found = _submit_all(ctx, import_id, drafts)
    outcome = _Outcome("published", len(table.records), table.ignored_columns, list(map(_problem, found)))
    _finish(ctx, import_id, outcome)


def run_account_import(ctx: Context, import_id: str, read: ReadAccount) -> None:
    """The worker's part with an account: read the file, enter it whole or refuse it with every fault.

    Running it again after a break enters nothing twice: rows that are there are recognised.
    """
    row = _waiting(ctx, import_id)
    if row is None or row.site_id is None:
        return
    ctx = ctx.acting_as(_sender(row))
    table = read(row.content)
    entered = enter_table(ctx, row.site_id, table, import_id)
    problems = list(map(_problem_at, entered.issues))
    outcome = _Outcome("entered", count_rows(table), table.ignored_columns, problems, len(entered.known))
    _finish(ctx, import_id, outcome)


@dataclass(frozen=True)
class _Outcome:
    """How an import ended: `state` unless there are problems."""

    state: str
    row_count: int
    ignored_columns: tuple[str, ...]
    problems: list[dict[str, str]]
    known_count: int = 0


def _waiting(ctx: Context, import_id: str) -> ImportFileRow | None:
    """The import to be read; None when that was done before."""
    with ctx.store.read() as session:
        row = session.get(ImportFileRow, import_id)
    if row is None:
        raise NotFoundError
    return row if row.state == "waiting" else None


def _kind_of(source: str) -> tuple[Role, str]:
    if source not in SOURCES:
        raise InvalidError(
            "There is no such kind of import.",
            code="import.source",
            path="/source",
            advice=f"Known: {', '.join(SOURCES)}.",
        )
    return SOURCES[source]


def _check(ctx: Context, source: str, content: bytes, site_id: str | None) -> None:
    if (site_id is not None) is not (source == "account"):
        raise InvalidError(
            "An account is entered for a site; deliveries are not.",
            code="import.site",
            path="/site_id",
            advice="Name the site of an account, and none with deliveries.",
        )
    if not content:
        raise InvalidError("The file is empty.", code="import.empty")
    if len(content) > ctx.settings.max_import_bytes:
        raise InvalidError(
            f"The file has {len(content)} bytes, {ctx.settings.max_import_bytes} are taken.",
            code="import.too_large",
            advice="Send it in parts.",
        )


def _submit_all(ctx: Context, import_id: str, drafts: Iterable[Draft]) -> list[TableIssue]:
    """Ask for every dataset. What was checked is refused only if things changed meanwhile: that is then told.

    Raises UnavailableError (`import.busy`) where the organisation's rate is used up: to be gone on with later.
    """
    for draft in drafts:
        try:
            _submit(ctx, import_id, draft)
        except RateLimitedError as error:
            raise UnavailableError("Too much at once: the rest follows.", code="import.busy") from error
        except ExchangeError as error:
            return [TableIssue(error.error_code, error.detail)]
    return []


def _submit(ctx: Context, import_id: str, draft: Draft) -> None:
    key = (import_id, draft.subject_id, draft.period.start.isoformat())
    with ctx.store.read() as session:
        if session.get(ImportPublicationRow, key) is not None:
            return
    publication = submit_for_custody(ctx, DatasetKind.DELIVERY, draft.subject)
    with ctx.store.write() as session:
        session.add(
            ImportPublicationRow(
                import_id=import_id,
                subject_id=draft.subject_id,
                period_start=key[2],
                publication_id=publication.id,
            )
        )


def _finish(ctx: Context, import_id: str, outcome: _Outcome) -> None:
    with ctx.store.write() as session:
        row = session.get_one(ImportFileRow, import_id)
        row.state = "refused" if outcome.problems else outcome.state
        row.row_count, row.known_count = outcome.row_count, outcome.known_count
        row.problems = outcome.problems[:MAX_PROBLEMS]
        row.ignored_columns = [name[:100] for name in outcome.ignored_columns][:50]
        row.finished_at = ctx.now()
        session.add(row)
        audit(ctx, session, f"import.{row.state}", "import", row.id)


def _problem(issue: TableIssue) -> dict[str, str]:
    row = "" if issue.row is None else str(issue.row)
    return {"row": row, "column": issue.column[:100], "code": issue.code, "detail": issue.detail[:500]}


def _problem_at(issue: RowIssue) -> dict[str, str]:
    stored = _problem(TableIssue(issue.code, issue.detail, None, issue.column))
    return {**stored, "place": issue.place[:100]}


def _sender(row: ImportFileRow) -> Actor:
    return Actor(
        organisation_id=row.organisation_id,
        roles=frozenset({SOURCES[row.source][0]}),
        user_id=row.created_by_user,
        client_id=row.created_by_client,
    )


def _present(row: ImportFileRow, publications: Iterable[ImportPublicationRow]) -> ImportStatus:
    return ImportStatus(
        row.id,
        row.source,
        row.filename,
        row.state,
        row.job_id,
        row.row_count,
        tuple(map(_present_problem, row.problems)),
        tuple(row.ignored_columns),
        tuple(one.publication_id for one in publications),
        row.created_at,
        row.finished_at,
        row.site_id,
        row.known_count,
    )


def _present_problem(stored: Mapping[str, Any]) -> ImportProblem:
    row = int(stored["row"]) if stored["row"] else None
    return ImportProblem(row, stored["column"], stored["code"], stored["detail"], stored.get("place", ""))
