"""What a new epoch says of those before it: the last head that is known of each, and which entries are lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlmodel import Session

from exchange.adapters.head_guard import GuardedHead
from exchange.domain.errors import ConflictError
from exchange.services.context import Context
from exchange.services.transparency.guarding import (
    guard_of,
    guarded_head,
    is_followed,
    newest_head,
    require_held,
    stored_head,
)
from exchange.services.transparency.strays import Detour, detours, ends_chain, known_epochs, strays_of
from exchange.store import log as query
from exchange.store.tables.log import LogEpochRow
from exchange.trust import strict_json

OPENING = "vcx-epoch/1"
_UNREADABLE = "a log whose head is damaged"


@dataclass(frozen=True, slots=True)
class LostLog:
    """A log beside the one that is followed: `lost` is the first and last number, () for nothing, None for unknown."""

    origin: str
    checkpoint: str
    lost: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A new epoch, and what of the one before it is lost: first and last number, () for nothing.

    None where it cannot be told, because the head guard does not know what was signed last. `others` are logs
    beside it of which the database knows nothing, or less than the guard.
    """

    epoch_id: str
    origin: str
    previous_origin: str
    lost: tuple[int, ...] | None
    others: tuple[LostLog, ...] = ()


@dataclass(frozen=True, slots=True)
class LastSigned:
    """What was signed last of an epoch as far as is known; `guarded` is what the guard holds, None also if damaged.

    `is_last`: nothing was signed after it. `is_sound`: the database holds its tree.
    """

    head: GuardedHead | None
    guarded: GuardedHead | None
    is_last: bool
    is_sound: bool = False


@dataclass(frozen=True, slots=True)
class Before:
    """What a new epoch follows: the epoch that is added to, or None and the log of which the guard alone knows.

    `strays` are the heads that the database does not know (by epoch id; None for a damaged one), the followed
    one first where `epoch` is None; `detours` those of older epochs that are not of its history.
    """

    epoch: LogEpochRow | None
    last: LastSigned
    strays: Mapping[str, GuardedHead | None] = field(default_factory=dict)
    detours: Mapping[str, Detour] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """The log that is followed."""
        if self.epoch:
            return self.epoch.origin
        return self.last.head.origin if self.last.head else _UNREADABLE

    @property
    def others(self) -> tuple[LostLog, ...]:
        """The logs beside it of which entries are lost, or may be."""
        strays = list(self.strays.values())
        cut = [one for one in self.detours.values() if one.head.size > one.signed]
        return tuple(_lost_log(head) for head in (strays if self.epoch else strays[1:])) + tuple(
            _lost_log(one.head, one.signed) for one in cut
        )


def what_was_before(ctx: Context, session: Session, *, replace_sound: bool) -> Before:
    """What a new epoch would follow; ConflictError (`log.no_epoch`, `log.sound`) where none is called for."""
    old = query.newest_epoch(session)
    heads, known = guard_of(ctx).heads(), known_epochs(session)
    lost, led_elsewhere = strays_of(ctx, session, heads, known), detours(session, heads, known)
    if old is None:
        return _only_guarded(lost)
    try:
        guarded = guarded_head(ctx, session, old)
    except ConflictError:
        return Before(old, _last_known(ctx, session, old), lost, led_elsewhere)
    if not replace_sound:
        raise ConflictError(
            "The log is sound and can go on.",
            code="log.sound",
            advice="Say --replace to open a new one all the same, for instance when its key was stolen.",
        )
    return Before(old, LastSigned(guarded, guarded, is_last=True, is_sound=True))


def opening_document(before: Before, stored: int) -> tuple[str, tuple[int, ...] | None]:
    """The document (JCS) whose digest is entry 0, and what is lost of the followed log, of which the database has
    `stored` signed entries.
    """
    last = before.last
    signed = last.head.size if last.head else 0
    lost = _lost(last, stored, signed)
    document: dict[str, object] = {
        "v": OPENING,
        "previous": last.head.checkpoint if last.head else "",
        "restored_size": min(stored, signed),
        "lost": None if lost is None else list(lost),
    }
    if before.others:
        document["others"] = [
            {"previous": one.checkpoint, "lost": None if one.lost is None else list(one.lost)}
            for one in before.others
        ]
    return strict_json.canonical(document).decode(), lost


def close(ctx: Context, before: Before, successor: str) -> None:
    """Let the guard know which epoch follows: nothing more is signed of those before, and a database from before
    the new one is recognised. Refuses (`log.rivals`) when a sequencer has signed meanwhile.
    """
    guard = guard_of(ctx)
    closed = []
    if before.epoch and before.last.head is not None:
        last = replace(before.last.head, successor=successor, is_last=before.last.is_last)
        closed.append(_close_last(ctx, before.epoch.id, before.last.guarded, last))
    ends = {one: head for one, head in before.strays.items() if ends_chain(before.strays, one)}
    other = {epoch_id: one.head for epoch_id, one in before.detours.items()}
    for epoch_id, head in {**ends, **other}.items():
        if head is not None:  # a damaged file tells nothing that could be closed
            closed.append(guard.swap(epoch_id, head, replace(head, successor=successor)))
    if not all(closed):
        raise ConflictError("Another process has signed meanwhile.", code="log.rivals", advice="Try again.")


def _close_last(ctx: Context, epoch_id: str, guarded: GuardedHead | None, closed: GuardedHead) -> bool:
    guard = guard_of(ctx)
    try:
        return guard.swap(epoch_id, guarded, closed)
    except ConflictError:
        return guard.put_over_damaged(epoch_id, closed)


def _only_guarded(lost: Mapping[str, GuardedHead | None]) -> Before:
    """The way on for a database that is older than the log."""
    if not lost:
        raise ConflictError(
            "There is no log yet.", code="log.no_epoch", advice="The worker opens it when it starts."
        )
    head = next(iter(lost.values()))
    return Before(None, LastSigned(head, head, is_last=head is not None and head.is_last), lost)


def _last_known(ctx: Context, session: Session, old: LogEpochRow) -> LastSigned:
    """Of a log that cannot go on: the guard's word, the database's where that is missing, damaged or behind.

    A guard that names another log or another tree of the same size shows that more was signed than it tells.
    """
    try:
        guarded = newest_head(ctx, session, old)
    except ConflictError:
        return _last_known_of_broken(ctx, session, old)
    return LastSigned(guarded, guarded, is_last=True, is_sound=True)


def _last_known_of_broken(ctx: Context, session: Session, old: LogEpochRow) -> LastSigned:
    try:
        guarded = guard_of(ctx).read(old.id)
    except ConflictError:
        guarded = None
    newest = query.newest_checkpoint(session, old.id)
    if guarded is None or (newest is not None and newest.size > guarded.size):
        return LastSigned(stored_head(session, old), guarded, is_last=False)
    is_same_log = guarded.origin == old.origin and not is_followed(ctx, guarded)
    if guarded.successor and is_same_log and _is_held(session, old, guarded):
        return LastSigned(guarded, guarded, is_last=guarded.is_last, is_sound=True)
    is_ahead = newest is None or newest.size < guarded.size
    is_stored = newest is not None and newest.text == guarded.checkpoint
    is_last = guarded.is_last and is_same_log and (is_ahead or is_stored)
    return LastSigned(guarded, guarded, is_last=is_last)


def _is_held(session: Session, old: LogEpochRow, guarded: GuardedHead) -> bool:
    try:
        require_held(session, old, guarded)
    except ConflictError:
        return False
    return True


def _lost(last: LastSigned, stored: int, signed: int) -> tuple[int, ...] | None:
    if not last.is_last:
        return None
    return (stored, signed - 1) if signed > stored else ()


def _lost_log(head: GuardedHead | None, signed: int = 0) -> LostLog:
    if head is None:
        return LostLog(_UNREADABLE, "", None)
    return LostLog(head.origin, head.checkpoint, (signed, head.size - 1) if head.is_last else None)
