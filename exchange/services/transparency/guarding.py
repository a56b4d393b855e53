"""The database against the head guard: a database that was taken back is recognised before anything is signed."""

from __future__ import annotations

from contextlib import suppress

from sqlmodel import Session

from exchange.adapters.head_guard import GuardedHead, HeadGuard
from exchange.domain.errors import ConflictError, UnavailableError
from exchange.services.context import Context
from exchange.services.transparency.strays import Heads, detours, known_epochs, strays_of
from exchange.services.transparency.tree import damaged, root_at
from exchange.store import log as query
from exchange.store.tables.log import LogCheckpointRow, LogEpochRow
from exchange.trust.log.checkpoint import read_checkpoint
from exchange.trust.log.note import read_note
from exchange.trust.log.spelling import encode_base64

NEW_EPOCH = (
    "Put the newest database back, or open a new log whose first entry says what was lost: vcx log new-epoch"
)
_LOOKS = 5  # of a guard that moves each time: then nobody took anything back
ADOPT = "Where this database is the newest there is, say so after a full check: vcx log adopt-head"


class LogMovedError(UnavailableError):
    """Others signed while guard and database were compared: nothing is wrong, and the next look may tell."""

    code = "log.rivals"


def guard_of(ctx: Context) -> HeadGuard:
    """The head guard of this exchange."""
    return HeadGuard(ctx.settings.head_guard_path)


def require_guarded(ctx: Context) -> None:
    """What a worker asks before it starts: raises as `guarded_head`; before the log is open as `require_no_stray`."""
    heads = guard_of(ctx).heads()  # before the snapshot: of what was signed by then, it holds the epoch
    with ctx.store.read() as session:
        epoch = query.newest_epoch(session)
        if epoch is None:
            require_no_stray(ctx, session, heads)
            return
        with suppress(LogMovedError):
            guarded_head(ctx, session, epoch)


def require_no_stray(ctx: Context, session: Session, heads: Heads) -> None:
    """Refuse (ConflictError `log.rolled_back`) a database that does not know what this exchange has signed.

    `heads` are the guard's from before the session's snapshot.
    """
    known = known_epochs(session)
    for head in strays_of(ctx, session, heads, known).values():
        what = f"{head.size} entries of {head.origin}" if head else "a log whose head is damaged"
        raise _rolled_back(f"it has signed {what}, of which the database knows nothing")
    for one in detours(session, heads, known).values():
        if one.head.successor:
            raise _rolled_back(f"it names another log as the one that follows {one.head.origin}")
        raise _rolled_back(
            f"it has signed {one.head.size} entries of {one.head.origin}, the database {one.signed}"
        )


def guarded_head(ctx: Context, session: Session, epoch: LogEpochRow) -> GuardedHead | None:
    """The head that was signed last, when the database holds the tree it speaks of; None before the first.

    It may be ahead of the newest stored checkpoint: then a process died before it could store it. Raises
    ConflictError `log.guard_missing`, `log.guard_behind`, `log.guard_damaged`, `log.rolled_back` (a backup was
    restored, or another database is under this guard), `log.epoch_unfinished` (a new epoch was begun and is not
    in the database), `log.damaged` and UnavailableError `log.guard_unusable`, LogMovedError.
    """
    guard = guard_of(ctx)
    guarded = guard.read(epoch.id)
    try:
        _check(ctx, session, epoch, guarded)
        require_no_stray(ctx, session, guard.heads(but=epoch.id))
    except ConflictError as error:
        _refuse_if_so(ctx, epoch)
        raise LogMovedError("The log was signed while it was looked at.", advice="Look again.") from error
    return guarded


def newest_head(ctx: Context, session: Session, epoch: LogEpochRow) -> GuardedHead | None:
    """The same for this epoch alone, whatever other logs this exchange has signed."""
    guarded = guard_of(ctx).read(epoch.id)
    _check(ctx, session, epoch, guarded)
    return guarded


def _refuse_if_so(ctx: Context, epoch: LogEpochRow) -> None:
    """Guard and snapshot are of two instants, and others may have signed in between: a refusal counts only where
    the guard is the same before and after a snapshot of its own.
    """
    guard = guard_of(ctx)
    for _ in range(_LOOKS):
        before, heads, refusal = guard.read(epoch.id), guard.heads(but=epoch.id), None
        with ctx.store.read() as session:
            try:
                _check(ctx, session, epoch, before)
                require_no_stray(ctx, session, heads)
            except ConflictError as error:
                refusal = error
        if guard.read(epoch.id) == before:
            if refusal is not None:
                raise refusal
            return


def _check(ctx: Context, session: Session, epoch: LogEpochRow, guarded: GuardedHead | None) -> None:
    if guarded is None:
        newest = query.newest_checkpoint(session, epoch.id)
        if newest is not None:
            raise _missing(guard_of(ctx), epoch, newest)
        return
    if guarded.successor and guarded.origin == epoch.origin and not is_followed(ctx, guarded):
        raise _unfinished(epoch)
    if guarded.successor or guarded.origin != epoch.origin:
        raise _rolled_back("it names a newer log than the database knows")
    require_held(session, epoch, guarded)


def is_followed(ctx: Context, guarded: GuardedHead) -> bool:
    """Whether anything may have been signed of the epoch that is to follow a closed one: its head is guarded then."""
    try:
        return bool(guarded.successor) and guard_of(ctx).read(guarded.successor) is not None
    except ConflictError:  # damaged: there was a head
        return True


def require_held(session: Session, epoch: LogEpochRow, guarded: GuardedHead) -> None:
    """Refuse, as `guarded_head` does, unless the database holds the guarded tree and none that is signed beyond."""
    newest = query.newest_checkpoint(session, epoch.id)
    if newest is not None and newest.size > guarded.size:
        raise ConflictError(
            f"The head guard has a tree of {guarded.size} entries, the database a signed one of {newest.size}: "
            "the guard was taken back.",
            code="log.guard_behind",
            advice=ADOPT,
        )
    _require_tree(session, epoch, guarded, newest)


def stored_head(session: Session, epoch: LogEpochRow) -> GuardedHead | None:
    """What the database itself says was signed last; None where nothing was."""
    newest = query.newest_checkpoint(session, epoch.id)
    if newest is None:
        return None
    root = read_checkpoint(read_note(newest.text).text).root
    return GuardedHead(
        epoch.origin, newest.size, encode_base64(root), newest.text, newest.state, log_kid=epoch.log_kid
    )


def _require_tree(
    session: Session, epoch: LogEpochRow, guarded: GuardedHead, newest: LogCheckpointRow | None
) -> None:
    stored = query.head_of(session, epoch.id).size
    if stored < guarded.size:
        raise _rolled_back(f"it has signed {guarded.size} entries, the database holds {stored}")
    is_stored = newest is not None and newest.size == guarded.size
    if is_stored and newest is not None and newest.text != guarded.checkpoint:
        raise _rolled_back(f"it has signed another tree of {guarded.size} entries")
    if encode_base64(root_at(session, epoch.id, guarded.size)) != guarded.root:
        if is_stored:
            raise damaged(f"the first {guarded.size} entries have another root than was signed.")
        raise _rolled_back(f"it has signed another tree of {guarded.size} entries")


def _rolled_back(why: str) -> ConflictError:
    return ConflictError(
        f"The database is not where the head guard says: {why}. A backup was restored, or this is another "
        "database. Signing on would be a second history of the same log, so nothing is signed.",
        code="log.rolled_back",
        advice=NEW_EPOCH,
    )


def _unfinished(epoch: LogEpochRow) -> ConflictError:
    return ConflictError(
        f"A new log was begun in the place of {epoch.origin}, and the database does not hold it: the command died "
        "before it was done, or a backup from just before it was restored. Nothing was ever signed there.",
        code="log.epoch_unfinished",
        advice="Say it again: vcx log new-epoch",
    )


def _missing(guard: HeadGuard, epoch: LogEpochRow, newest: LogCheckpointRow) -> ConflictError:
    return ConflictError(
        f"The database holds a signed log of {newest.size} entries ({epoch.origin}), and the head guard in "
        f"{guard.folder} does not know it: whether the database is the newest cannot be told.",
        code="log.guard_missing",
        advice=f"Set VCX_HEAD_GUARD to the folder used so far. {ADOPT}",
    )
