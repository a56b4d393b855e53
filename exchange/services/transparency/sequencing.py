"""The sequencer: what waits is appended, computed again, signed, guarded and stored, in that order and by one."""

from __future__ import annotations

from dataclasses import dataclass

from exchange.domain.errors import UnavailableError
from exchange.services.context import Context
from exchange.services.revocation.unsaid import ask_for_missing_issues, lists_to_issue
from exchange.services.transparency.appending import append_waiting
from exchange.services.transparency.epochs import ensure_epoch
from exchange.services.transparency.guarding import LogMovedError, guard_of, guarded_head
from exchange.services.transparency.signing import release, sign_head
from exchange.store import log as query
from exchange.store.tables.log import LogEpochRow

_RIVALS = 16  # the second head that others sign covers what was stored before the first: more is a fault


@dataclass(frozen=True, slots=True)
class SequencingResult:
    """How many entries an epoch's newest signed checkpoint covers, and how many of them this call appended."""

    epoch_id: str
    size: int
    appended: int


def sequence(ctx: Context) -> SequencingResult:
    """Log all that waits, and sign it; the worker's job. Opens the log where there is none.

    Whatever an earlier run left half done is completed first, so that at most one batch is ever unsigned. Any
    number may run at once. Raises ConflictError `log.*` (see `guarding` and `signing`) with nothing signed.
    """
    _have_lists_issued(ctx)
    epoch = ensure_epoch(ctx)
    appended = 0
    while True:
        signed = settle(ctx, epoch)
        size = append_waiting(ctx, epoch, signed)
        if size == signed:
            return SequencingResult(epoch.id, signed, appended)
        appended += size - signed


def _have_lists_issued(ctx: Context) -> None:
    """A revocation whose own job was given up gets its list at the next occasion."""
    with ctx.store.read() as session:
        if not lists_to_issue(session):
            return
    with ctx.store.write() as session:
        ask_for_missing_issues(ctx, session)


def settle(ctx: Context, epoch: LogEpochRow) -> int:
    """Have everything that is stored by now signed and every signed head stored; returns the size that is signed.

    What others store meanwhile is theirs to sign: whoever waited for all of it could lose every round to them.
    """
    wanted: int | None = None
    for _ in range(_RIVALS):
        with ctx.store.read() as session:
            try:
                guarded = guarded_head(ctx, session, epoch)
            except LogMovedError:
                continue
            newest = query.newest_checkpoint(session, epoch.id)
            wanted = query.head_of(session, epoch.id).size if wanted is None else wanted
        if guarded and (newest is None or newest.size < guarded.size):
            # whoever wrote it may have died before its name was on disk
            guard_of(ctx).swap(epoch.id, guarded, guarded)
            release(ctx, epoch, guarded)
        size = guarded.size if guarded else 0
        if size >= wanted:
            return size
        signed = sign_head(ctx, epoch, guarded)
        if signed is not None:
            release(ctx, epoch, signed)
            return signed.size
    raise UnavailableError("Other sequencers keep signing.", code="log.rivals")
