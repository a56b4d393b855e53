"""Proofs and tiles from the stored tree: what a signed checkpoint covers, shown to whoever asks.

Every function reads what is stored and signs nothing. Its caller makes sure that a signed checkpoint covers
`size`: what is stored beyond that is not yet anybody's to see.
"""

from __future__ import annotations

from sqlmodel import Session

from exchange.services.transparency.tree import damaged, folded
from exchange.store import log as query
from exchange.store.tables.log import LogEntryRow
from exchange.trust.log.merkle import consistency_plan, inclusion_plan
from exchange.trust.log.tiles import HEIGHT, Tile, encode_entries
from exchange.trust.log.tlog_proof import TlogProof


def inclusion(session: Session, epoch_id: str, index: int, size: int) -> tuple[bytes, ...]:
    """The inclusion path (RFC 6962 section 2.1.1) of leaf `index` in the tree of `size` leaves, by one query.

    Raises LogError `proof.index` and ConflictError `log.damaged`.
    """
    return folded(session, epoch_id, inclusion_plan(index, size))


def consistency(session: Session, epoch_id: str, old_size: int, new_size: int) -> tuple[bytes, ...]:
    """The consistency proof (RFC 6962 section 2.1.2) between two sizes of the tree, by one query.

    Raises LogError `proof.size` and ConflictError `log.damaged`.
    """
    return folded(session, epoch_id, consistency_plan(old_size, new_size))


def receipt(session: Session, entry: LogEntryRow, size: int, checkpoint_note: str) -> TlogProof:
    """The receipt of an entry under the checkpoint of `size` leaves, by one query; raises as `inclusion`."""
    path = inclusion(session, entry.epoch_id, entry.seq, size)
    return TlogProof(entry.seq, path, checkpoint_note, entry.body.encode())


def tile(session: Session, epoch_id: str, level: int, index: int, width: int) -> bytes:
    """The first `width` hashes of a tile (C2SP tlog-tiles), one after the other.

    Raises LogError `tile.*` and ConflictError `log.damaged`.
    """
    start = Tile(level, index, width).start
    hashes = query.level_hashes(session, epoch_id, HEIGHT * level, start, start + width)
    if len(hashes) != width:
        raise damaged(f"tile {index} of level {level} lacks hashes.")
    return b"".join(hashes)


def entries_tile(session: Session, epoch_id: str, index: int, width: int) -> bytes:
    """The first `width` entries of an entry tile, each behind its length in 16 bits; raises as `tile`."""
    start = Tile(None, index, width).start
    leaves = query.leaves(session, epoch_id, start, start + width)
    if len(leaves) != width:
        raise damaged(f"tile {index} of entries lacks entries.")
    return encode_entries(body.encode() for body, _ in leaves)
