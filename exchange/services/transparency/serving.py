"""The log as anybody may see it: nothing that the newest signed checkpoint does not cover."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from exchange.domain.errors import InvalidError, NotFoundError
from exchange.services.context import Context
from exchange.services.transparency import proofs
from exchange.services.transparency.pending import NotLoggedYetError
from exchange.store import log, log_serving
from exchange.store.tables.log import LogCheckpointRow
from exchange.trust import TrustError
from exchange.trust.log.spelling import encode_base64
from exchange.trust.log.tiles import Tile, read_tile_path, width_of


def checkpoint(ctx: Context, epoch_id: str | None = None) -> str:
    """The newest signed checkpoint of an epoch (None: the one that is added to) with its cosignatures.

    Raises NotFoundError for an unknown epoch, NotLoggedYetError (`log.pending`) before anything is signed.
    """
    with _signed(ctx, epoch_id) as (session, newest):
        return with_cosignatures(session, newest)


def with_cosignatures(session: Session, row: LogCheckpointRow) -> str:
    """The checkpoint's note (C2SP signed-note): the log's own line, then each witness's."""
    cosignatures = log_serving.cosignatures_of(session, row.epoch_id, row.size)
    return row.text + "".join(one.line for one in cosignatures)


def tile(ctx: Context, epoch_id: str | None, path: str) -> bytes:
    """The tile of hashes or entries at a path such as `tile/0/x001/067.p/112` (C2SP tlog-tiles).

    Any width that is covered is served, so that nobody loses a race with the next checkpoint. Raises
    NotFoundError for another spelling and for what no signed checkpoint covers, errors as `checkpoint`.
    """
    try:
        asked = read_tile_path(path)
    except TrustError:
        raise NotFoundError from None  # what cannot be a tile names nothing
    with _signed(ctx, epoch_id) as (session, newest):
        if asked.width > width_of(asked.level, asked.index, newest.size):
            raise _not_covered(newest)
        return _tile(session, newest.epoch_id, asked)


def inclusion(ctx: Context, epoch_id: str | None, index: int, size: int) -> str:
    """The path of entry `index` in the tree of `size` leaves, a base64 hash per line, the leaf's sibling first.

    Raises InvalidError (`proof.index`), NotFoundError for a size no signed checkpoint covers, errors as
    `checkpoint`.
    """
    with _signed(ctx, epoch_id) as (session, newest):
        if size > newest.size:
            raise _not_covered(newest)
        if index >= size:
            raise InvalidError(
                f"A tree of {size} leaves has none of the index {index}.", code="proof.index", path="/index"
            )
        return _lines(proofs.inclusion(session, newest.epoch_id, index, size))


def consistency(ctx: Context, epoch_id: str | None, old: int, new: int) -> str:
    """The proof that the tree of `new` leaves begins with that of `old`, a base64 hash per line.

    Raises InvalidError (`proof.size`), NotFoundError for a size no signed checkpoint covers, errors as
    `checkpoint`.
    """
    with _signed(ctx, epoch_id) as (session, newest):
        if new > newest.size:
            raise _not_covered(newest)
        if not 0 < old <= new:
            raise InvalidError(
                f"Nothing can be proven from {old} to {new} leaves.", code="proof.size", path="/old"
            )
        return _lines(proofs.consistency(session, newest.epoch_id, old, new))


@contextmanager
def _signed(ctx: Context, epoch_id: str | None) -> Iterator[tuple[Session, LogCheckpointRow]]:
    """A snapshot of the store and the newest signed checkpoint in it."""
    with ctx.store.read() as session:
        epoch = log.newest_epoch(session) if epoch_id is None else log_serving.find_epoch(session, epoch_id)
        if epoch is None and epoch_id is not None:
            raise NotFoundError
        newest = log.newest_checkpoint(session, epoch.id) if epoch else None
        if newest is None:
            raise NotLoggedYetError("Nothing is signed yet.", code="log.pending")
        yield session, newest


def _tile(session: Session, epoch_id: str, asked: Tile) -> bytes:
    if asked.level is None:
        return proofs.entries_tile(session, epoch_id, asked.index, asked.width)
    return proofs.tile(session, epoch_id, asked.level, asked.index, asked.width)


def _not_covered(newest: LogCheckpointRow) -> NotLoggedYetError:
    return NotLoggedYetError(f"The newest checkpoint covers {newest.size} entries.", code="log.not_covered")


def _lines(hashes: tuple[bytes, ...]) -> str:
    return "".join(f"{encode_base64(one)}\n" for one in hashes)
