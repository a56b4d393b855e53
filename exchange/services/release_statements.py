"""Reading signed statements of releases: with figures for who may see them, the commitment for an input's owner."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.errors import NotFoundError
from exchange.domain.periods import Period
from exchange.services.access import Access, record_access
from exchange.services.chain_access import chain_access, chain_accesses
from exchange.services.chain_viewing import BEHIND, Shown, Sight
from exchange.services.context import Context
from exchange.services.paging import Keyset, Page, check_limit, make_page, read_cursor
from exchange.services.rate_limits import limit as limit_rate
from exchange.store import chains as chain_query
from exchange.store import release_statements as query
from exchange.store.tables.rollup import ReleaseRow, ReleaseStatementRow
from exchange.trust import Token
from exchange.trust.release.content import CELLS, PRODUCTIVITY, RUN
from exchange.trust.release.inputs import InputProof, SaltedInput, prove

MOST_LISTED = 200


@dataclass(frozen=True)
class Statement:
    """A signed statement of what was released of a chain and period; `digest` is over its JWT, as in the log."""

    id: str
    chain_id: str
    period: Period
    digest: str
    created_at: datetime


@dataclass(frozen=True)
class SignedStatement:
    """A statement with its token: `vc+sd-jwt` with the disclosures this reader may have."""

    statement: Statement
    token: str


@dataclass(frozen=True)
class OwnInput:
    """A dataset of the reader's own, and the proof that the statement counts it."""

    dataset_id: str
    proof: InputProof


@dataclass(frozen=True)
class OwnInputs:
    """The reader's own inputs of a statement; `token` is the signed commitment, with the figures open to the reader."""

    statement: Statement
    token: str
    inputs: tuple[OwnInput, ...]


def read_statement(ctx: Context, statement_id: str) -> SignedStatement:
    """The token of a statement with its figures, for a viewer to whom every cell it states is open.

    Productivity is disclosed where `commercial` is open in all of them too. The access records are committed before
    this returns. Raises NotFoundError for everybody else and for what is not there; RateLimitedError.
    """
    ctx.who.require(Role.VIEWER)
    with ctx.store.write() as session:
        seen = _look(ctx, session, statement_id)
        record_access(ctx, session, seen.accesses)
        if seen.row is not None and seen.opened:
            return _shown(seen.row, seen.opened)
    limit_rate(ctx, "denied", ctx.who.organisation_id)
    raise NotFoundError(is_recorded=True)


def read_with_own_inputs(ctx: Context, statement_id: str) -> OwnInputs:
    """A statement as far as the actor may have it: its figures as `read_statement` gives them, its own inputs' proofs.

    Whoever owns an input and may not see every figure gets the commitment without any, and leaves no record: nothing
    of anybody else's is in it. Raises NotFoundError for who has neither, RateLimitedError.
    """
    ctx.who.require(Role.VIEWER)
    with ctx.store.write() as session:
        seen = _look(ctx, session, statement_id)
        found = _own_inputs(ctx, session, statement_id, seen.opened)
        if seen.opened or found is None:
            record_access(ctx, session, seen.accesses)
        if found is not None:
            return found
        if seen.row is not None and seen.opened:
            shown = _shown(seen.row, seen.opened)
            return OwnInputs(shown.statement, shown.token, ())
    limit_rate(ctx, "denied", ctx.who.organisation_id)
    raise NotFoundError(is_recorded=True)


def list_statements(ctx: Context, chain_id: str, period: Period | None = None) -> tuple[Statement, ...]:
    """Of the newest MOST_LISTED statements on a chain (and period) those the actor could read with their figures.

    It only says what could be read, so it leaves no access record: the read that follows does. Raises NotFoundError
    for a chain the actor has nothing to do with.
    """
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        if chain_query.find_related_chain(session, ctx.who.organisation_id, chain_id) is None:
            raise NotFoundError
        days = (period.start, period.end) if period else None
        rows = query.statements_of(session, chain_id, MOST_LISTED, days)
        covered = query.releases_of(session, [row.id for row in rows])
        shown = Shown.of(ctx, session, [one for several in covered.values() for one in several])
        return tuple(_present(row) for row in rows if _opened(covered[row.id], shown))


def list_counting(ctx: Context, cursor: str | None = None, limit: int = 50) -> Page[Statement]:
    """Statements that count a dataset of the actor's organisation, newest first."""
    ctx.who.require(Role.VIEWER)
    check_limit(limit)
    after = read_cursor(cursor)
    with ctx.store.read() as session:
        rows = query.page_counting(session, ctx.who.organisation_id, after, limit)
        return make_page(rows, limit, lambda row: Keyset(row.created_at, row.id), _present)


def own_inputs(ctx: Context, statement_id: str) -> OwnInputs:
    """The proofs of the actor's own inputs of a statement, with the signed commitment they lead to.

    Nothing of anybody else's is in it but how many inputs there are. Raises NotFoundError where none is its own.
    """
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        found = _own_inputs(ctx, session, statement_id, frozenset())
    if found is None:
        raise NotFoundError
    return found


def _own_inputs(
    ctx: Context, session: Session, statement_id: str, opened: frozenset[Sight]
) -> OwnInputs | None:
    """The proofs of the actor's own inputs, beside the token with what is `opened`; None where none is its own."""
    row = query.find_statement(session, statement_id)
    owned = query.owned_inputs(session, ctx.who.organisation_id, statement_id)
    if row is None or not owned:
        return None
    counted = [SaltedInput(one.dataset_digest, one.salt) for one in query.inputs_of(session, row.id)]
    proofs = prove(counted, [one.row.position for one in owned])
    return OwnInputs(
        _present(row),
        _shown(row, opened).token,
        tuple(OwnInput(one.dataset_id, proof) for one, proof in zip(owned, proofs, strict=True)),
    )


@dataclass(frozen=True)
class _Look:
    """A statement as its reader sees it: the row, what of every cell is open, the records the read leaves.

    `row` is None for what is not there and for a chain the reader has nothing to do with.
    """

    row: ReleaseStatementRow | None
    opened: frozenset[Sight]
    accesses: tuple[Access, ...]


def _look(ctx: Context, session: Session, statement_id: str) -> _Look:
    row = query.find_statement(session, statement_id)
    related = row and chain_query.find_related_chain(session, ctx.who.organisation_id, row.chain_id)
    if row is None or related is None:
        return _Look(None, frozenset(), (chain_access(statement_id, "denied", "unknown"),))
    stated = query.releases_of(session, [row.id])[row.id]
    shown = Shown.of(ctx, session, stated)
    opened = _opened(stated, shown)
    return _Look(row, opened, tuple(_accesses(row.chain_id, shown, opened)))


def _shown(row: ReleaseStatementRow, opened: frozenset[Sight]) -> SignedStatement:
    """The token with the disclosures that are open."""
    groups = {CELLS, RUN} if Sight.FIGURES in opened else set()
    if Sight.VALUE_ADDED in opened:
        groups.add(PRODUCTIVITY)
    return SignedStatement(_present(row), Token.parse(row.jwt).present(groups).serialise())


def _opened(stated: Sequence[ReleaseRow], shown: Shown) -> frozenset[Sight]:
    """What is open in every cell, as in the view of a chain; that one has no data hides nothing but from strangers.

    What stands beside a total is not in a statement.
    """
    stated_of = (Sight.FIGURES, Sight.VALUE_ADDED)
    opened = frozenset(one for one in stated_of if all((row.id, one) in shown.open for row in stated))
    return opened if Sight.FIGURES in opened else frozenset()


def _accesses(chain_id: str, shown: Shown, opened: frozenset[Sight]) -> Iterable[Access]:
    """One record per dataset inside the statement, as the view of a chain leaves them."""
    inside: dict[str, set[str]] = {}
    for several in shown.contributions.values():
        for one in several:
            sight, group = BEHIND[one.field_group]
            if sight in opened:
                inside.setdefault(one.dataset.id, set()).add(group.value)
    return chain_accesses(chain_id, shown, inside)


def _present(row: ReleaseStatementRow) -> Statement:
    return Statement(
        row.id, row.chain_id, Period(row.period_start, row.period_end), row.digest, row.created_at
    )
