"""Whether a backup put in the database's place would take the log back; asked before anything is dropped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from exchange.domain.errors import ConflictError
from exchange.services.context import Context
from exchange.services.transparency.guarding import guard_of
from exchange.services.transparency.strays import strays
from exchange.store.dumped_log import LogExtent, extents_dumped, extents_here
from exchange.trust.log.checkpoint import read_checkpoint
from exchange.trust.log.note import read_note

_UNREADABLE = (
    "Whether it is the newest cannot be told: the database that is there cannot be read, and the head guard does "
    "not name its log as the one that is added to."
)


@dataclass(frozen=True, slots=True)
class _Signed:
    """What is known to have been signed of an epoch, by the guard or by the database that is there."""

    epoch_id: str
    origin: str
    size: int
    root: bytes


def refuse_taking_back(ctx: Context, source: Path) -> None:
    """Raise ConflictError (`restore.rolls_back`) when more was signed than the dump holds; changes nothing.

    The head guard is asked, also about logs that the dump does not know, and the database that is still there.
    Where that cannot be read, the guard itself must say that the dump is the newest.
    """
    held = extents_dumped(ctx.store, source)
    here = extents_here(ctx.store)
    try:
        known = [
            *_guarded(ctx, held, here or ()),
            *map(_signed, filter(lambda one: one.checkpoint, here or ())),
        ]
        losses = list(dict.fromkeys(_losses(held, known)))
        if here is None and not _is_newest(ctx, held):
            losses.append(_UNREADABLE)
    except ConflictError as error:
        losses = [f"Whether it is the newest cannot be told: {error.detail}"]
    if losses:
        raise ConflictError(
            f"Restoring {source} would take the log back. {' '.join(losses)} Nothing was changed.",
            code="restore.rolls_back",
            advice="Restore a newer backup, or go on with the database that is there. Where there is no other way: "
            "--rolls-back. The worker then does not start until vcx log new-epoch has opened a new log whose first "
            "entry says what is lost; what is there now is kept in the data folder's backups/.",
        )


def _is_newest(ctx: Context, held: Sequence[LogExtent]) -> bool:
    """Whether the guard names the dump's last epoch as one that is still added to; its size is compared apart."""
    head = guard_of(ctx).read(held[-1].epoch_id) if held else None
    return head is not None and not head.successor


def _guarded(ctx: Context, held: Sequence[LogExtent], here: Sequence[LogExtent]) -> Iterator[_Signed]:
    """The guard's word on the epochs of dump and database, on all that followed them, and on what neither knows.

    Not on one that an epoch of the dump followed: that epoch's opening has named what is lost of it.
    """
    guard, seen = guard_of(ctx), set[str]()
    known = {one.epoch_id for one in held}
    unknown = strays(ctx, guard.heads(), known)
    waiting = [*unknown, *(one.epoch_id for one in (*held, *here))]
    while waiting:
        epoch_id = waiting.pop()
        head = guard.read(epoch_id) if epoch_id not in seen else None
        seen.add(epoch_id)
        if head is not None and head.successor not in known:
            yield _Signed(epoch_id, head.origin, head.size, _root(head.checkpoint))
            waiting += [head.successor] if head.successor else []


def _signed(extent: LogExtent) -> _Signed:
    return _Signed(extent.epoch_id, extent.origin, extent.signed, _root(extent.checkpoint))


def _losses(held: Sequence[LogExtent], known: Sequence[_Signed]) -> Iterator[str]:
    by_id = {one.epoch_id: one for one in held}
    most = {one.epoch_id: one for one in sorted(known, key=lambda one: one.size)}
    for signed in most.values():
        extent = by_id.get(signed.epoch_id)
        if extent is None:
            yield f"It knows nothing of the log {signed.origin} with {signed.size} signed entries."
        elif signed.size > extent.signed and (extent.stored, extent.root) != (signed.size, signed.root):
            yield (
                f"Entries {extent.signed} to {signed.size - 1} of {signed.origin} are signed and would be lost."
            )
    for signed in known:  # of two that are as long, each counts
        extent = by_id.get(signed.epoch_id)
        if extent and signed.size == extent.signed and _root(extent.checkpoint) != signed.root:
            yield f"It holds another tree of {signed.size} entries of {signed.origin} than was signed."


def _root(checkpoint: str) -> bytes:
    return read_checkpoint(read_note(checkpoint).text).root
