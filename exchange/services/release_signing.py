"""Signing what was released: one statement of the whole of what is in force, made by the worker after each roll-up.

The statement is a `vc+sd-jwt` of the exchange's registrar key. Its figures are disclosures, so that the owner of an
input can be handed the signed commitment without figures that others have not opened to it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from exchange.services.context import Context
from exchange.services.credentials import CONTEXTS
from exchange.services.jobs import Queue, enqueue
from exchange.services.release_content import subject_of, wire_instant
from exchange.services.transparency import exchange_keys
from exchange.services.transparency.outbox import note
from exchange.store import release_statements as query
from exchange.store import rollups
from exchange.store.tables.rollup import (
    ReleaseInputRow,
    ReleaseRow,
    ReleaseStatementCellRow,
    ReleaseStatementRow,
    RunRow,
)
from exchange.trust import Token, sign
from exchange.trust.disclosure import SALT_BYTES as DISCLOSURE_SALT_BYTES
from exchange.trust.keys import PrivateKey
from exchange.trust.release.content import EVENT, STATEMENT_TYPE
from exchange.trust.release.inputs import SALT_BYTES, Commitment, SaltedInput, commit
from exchange.trust.strict_json import JsonObject

JOB_KIND = "sign_release"
BATCH = 500  # releases looked at in one go


@dataclass(frozen=True)
class _InForce:
    """What one statement states: of every indicator the release in force as of the `newest`, and what they rest on.

    `new`: ids of the rows that no statement states yet; `runs` by id; `digests` of the datasets inside any row.
    """

    rows: tuple[ReleaseRow, ...]
    new: frozenset[str]
    newest: ReleaseRow
    runs: Mapping[str, RunRow]
    digests: frozenset[str]


def ask_for_statements(ctx: Context, session: Session) -> str:
    """Have the worker state all releases without a statement, in the transaction that wrote them; the job's id."""
    return enqueue(ctx, session, JOB_KIND, Queue.ROLLUP, {}, dedupe_key=JOB_KIND)


def ask_for_missing_statements(ctx: Context, session: Session, resting: Container[str] = ()) -> None:
    """The same where a release has no statement: it is older than this version, or its job was given up.

    `resting` are the dedupe keys that are not to be asked for yet.
    """
    if JOB_KIND not in resting and query.uncovered_releases(session, 1):
        ask_for_statements(ctx, session)


def sign_releases(ctx: Context) -> int:
    """Sign statements until every release stands in one; returns how many were made.

    Each states the whole of its chain and period: what was newly released, and of the other indicators what was in
    force beside it. Signed outside any transaction; a statement, what it states, its inputs and its entry in the
    log's outbox are stored in one. Whatever a crash leaves is found by the next job. Raises UnavailableError
    (`custody.closed`) in a process without the key store, and CustodyError.
    """
    key, private = exchange_keys.load(ctx, "registrar")
    made = 0
    while released := _uncovered(ctx):
        signed = sum(_sign_one(ctx, one, (key.did, key.kid, private)) for one in released)
        made += signed
        if not signed:  # another worker is at the same ones
            break
    return made


def _uncovered(ctx: Context) -> list[_InForce]:
    with ctx.store.read() as session:
        rows = query.uncovered_releases(session, BATCH)
        groups = [list(several) for _, several in groupby(rows, _place)]
        if len(rows) == BATCH and len(groups) > 1:
            groups.pop()  # it may go on behind the batch
        return [_in_force(session, part) for several in groups for part in _by_roll_up(several)]


def _place(row: ReleaseRow) -> tuple[object, ...]:
    return row.chain_id, row.period_start, row.period_end


def _by_roll_up(rows: Iterable[ReleaseRow]) -> list[list[ReleaseRow]]:
    """One part per roll-up, where several came before the first was signed: each cell once in a part, of one run."""
    parts: list[list[ReleaseRow]] = []
    for row in rows:
        last = parts[-1] if parts else []
        if not last or row.run_id != last[-1].run_id or row.indicator in {one.indicator for one in last}:
            parts.append([])
        parts[-1].append(row)
    return parts


def _in_force(session: Session, new: Sequence[ReleaseRow]) -> _InForce:
    """The whole that was in force once the last of `new` was released."""
    rows = query.in_force_as_of(session, new[-1])
    inside = rollups.contributions_of(session, [row.id for row in rows])
    return _InForce(
        tuple(rows),
        frozenset(row.id for row in new),
        new[-1],
        {run_id: session.get_one(RunRow, run_id) for run_id in {row.run_id for row in rows}},
        frozenset(one.dataset.digest for one in inside),
    )


def _sign_one(ctx: Context, stated: _InForce, signer: tuple[str, str, PrivateKey]) -> bool:
    """True when this call stored the statement."""
    did, kid, private = signer
    statement_id, now = ctx.new_id(), ctx.now()
    inputs = commit(SaltedInput(one, ctx.entropy.take(SALT_BYTES)) for one in sorted(stated.digests))
    subject, groups = subject_of(stated.rows, stated.newest, stated.runs, inputs)
    credential: JsonObject = {
        "@context": list(CONTEXTS),
        "id": f"urn:uuid:{statement_id}",
        "type": ["VerifiableCredential", STATEMENT_TYPE],
        "issuer": did,
        "validFrom": wire_instant(now),
        "credentialSubject": subject,
    }
    salt = partial(ctx.entropy.take, DISCLOSURE_SALT_BYTES)
    token = sign(credential, groups=groups, key=private, kid=kid, salt=salt)
    try:
        _store(ctx, stated, inputs, _row(stated, statement_id, token, now))
    except IntegrityError:  # another worker covered one of the releases first
        return False
    return True


def _store(ctx: Context, stated: _InForce, inputs: Commitment, row: ReleaseStatementRow) -> None:
    with ctx.store.write() as session:
        session.add(row)
        session.flush()
        for one in stated.rows:
            is_new = one.id in stated.new
            session.add(ReleaseStatementCellRow(statement_id=row.id, release_id=one.id, is_new=is_new))
        for position, given in enumerate(inputs.inputs):
            session.add(
                ReleaseInputRow(
                    statement_id=row.id, position=position, dataset_digest=given.digest, salt=given.salt
                )
            )
        note(ctx, session, EVENT, row.digest, row.created_at)


def _row(stated: _InForce, statement_id: str, token: Token, now: datetime) -> ReleaseStatementRow:
    newest = stated.newest
    return ReleaseStatementRow(
        id=statement_id,
        chain_id=newest.chain_id,
        period_start=newest.period_start,
        period_end=newest.period_end,
        run_id=newest.run_id,
        jwt=token.serialise(),
        digest=token.digest,
        created_at=now,
    )
