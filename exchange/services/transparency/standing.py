"""How the log stands, for its operator; and the operator's word that a database is the newest there is."""

from __future__ import annotations

from dataclasses import dataclass

from exchange.domain.errors import ConflictError, ExchangeError
from exchange.services.context import Context
from exchange.services.transparency.fsck import fsck
from exchange.services.transparency.guarding import guard_of, require_guarded, stored_head
from exchange.store import log as query

ADOPTABLE = frozenset({"log.guard_missing", "log.guard_behind"})


@dataclass(frozen=True, slots=True)
class LogStanding:
    """Sizes of the epoch that is added to; `origin` is "" and the sizes 0 before the log is open.

    `waiting` entries are in the outbox, the oldest for `lag` seconds. `refusal` is why nothing would be signed
    now (codes as of `guarding.guarded_head`), None when all is well.
    """

    origin: str
    vkey: str
    signed: int
    stored: int
    waiting: int
    lag: float
    refusal: ExchangeError | None


def standing(ctx: Context) -> LogStanding:
    """Where the log stands; changes nothing."""
    with ctx.store.read() as session:
        waiting, oldest = query.backlog(session)
        lag = max((ctx.now() - oldest).total_seconds(), 0.0) if oldest else 0.0
        epoch = query.newest_epoch(session)
        refusal = _refusal(ctx)
        if epoch is None:
            return LogStanding("", "", 0, 0, waiting, lag, refusal)
        newest = query.newest_checkpoint(session, epoch.id)
        stored = query.head_of(session, epoch.id).size
        signed = newest.size if newest else 0
        return LogStanding(epoch.origin, epoch.log_vkey, signed, stored, waiting, lag, refusal)


def _refusal(ctx: Context) -> ExchangeError | None:
    try:
        require_guarded(ctx)
    except ExchangeError as error:
        return error
    return None


def adopt_head(ctx: Context) -> int:
    """Give the head guard the database's newest signed head, after a full check; returns its size.

    Only for a guard that is missing or behind: one that is ahead knows of entries this database lacks. Raises
    ConflictError `log.sound` (nothing to adopt), `log.rolled_back`, `log.damaged` or what else was found.
    """
    problems = fsck(ctx).problems
    others = [problem for problem in problems if problem.code not in ADOPTABLE]
    if others:
        raise ConflictError(
            others[0].detail,
            code=others[0].code,
            advice="Only a sound database can be adopted: vcx log fsck tells everything that is wrong.",
            problems=tuple(others),
        )
    with ctx.store.read() as session:
        epoch = query.newest_epoch(session)
        head = stored_head(session, epoch) if epoch else None
    if not problems or epoch is None or head is None:
        raise ConflictError(
            "The head guard and the database agree.", code="log.sound", advice="Nothing is to be done."
        )
    guard = guard_of(ctx)
    if not guard.swap(epoch.id, guard.read(epoch.id), head):
        raise ConflictError("Another process has signed meanwhile.", code="log.rivals", advice="Look again.")
    return head.size
