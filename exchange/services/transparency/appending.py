"""Phase A: what waits becomes entries, nodes and a new head in one transaction; nothing is signed here."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from sqlmodel import Session

from exchange.services.context import Context
from exchange.services.transparency.tree import damaged, frontier_at
from exchange.store import log as query
from exchange.store.log import WaitingEntry
from exchange.store.tables.log import LogEpochRow
from exchange.trust.log.entry import LogEntry
from exchange.trust.log.merkle import leaf_hash

BATCH = 1000
DATASET_EVENTS = frozenset({"publish", "supersede"})


def append_waiting(ctx: Context, epoch: LogEpochRow, size: int) -> int:
    """Move up to 1000 waiting rows into the tree, where its head stands at `size`; returns the new size.

    The size stays as it is when nothing waits or a newer epoch is open. Where another sequencer was quicker
    nothing is moved, and the size is the one it came to. Raises ConflictError
    (`log.damaged`) when a dataset's or document's stored bytes have another digest than is to be logged, or
    when the stored tree has another root than its head.
    """
    with ctx.store.read() as session:
        if not query.is_waiting(session):
            return size
    with ctx.store.write() as session:
        query.lock_log(session)
        head = query.head_of(session, epoch.id)
        if head.size != size:
            return head.size
        newest = query.newest_epoch(session)
        if newest is None or newest.id != epoch.id:
            return size
        rows = query.waiting(session, BATCH)
        if not rows:
            return size
        _check_bytes(rows)
        append(
            session, epoch.id, [LogEntry(event, digest, received) for _, event, digest, received, *_ in rows]
        )
        query.forget_waiting(session, [row[0] for row in rows])
        return size + len(rows)


def append(session: Session, epoch_id: str, entries: Sequence[LogEntry]) -> None:
    """Add entries to an epoch's tree in a transaction that holds the log's lock."""
    head = query.head_of(session, epoch_id)
    size = head.size
    frontier = frontier_at(session, epoch_id, size)
    if frontier.root() != head.root:
        raise damaged(f"the tree of {size} entries has another root than its head.")
    bodies = [entry.body() for entry in entries]
    hashes = [leaf_hash(body) for body in bodies]
    rows = [
        (epoch_id, seq, entry.event, entry.digest, entry.received, body.decode(), leaf)
        for seq, (entry, body, leaf) in enumerate(zip(entries, bodies, hashes, strict=True), size)
    ]
    query.add_entries(session, rows)
    query.add_nodes(session, epoch_id, frontier.extend(hashes))
    if not query.move_head(session, epoch_id, size, frontier.size, frontier.root()):
        raise damaged("the head moved while it was locked.")


def _check_bytes(rows: Sequence[WaitingEntry]) -> None:
    """Re-read what the digests are of: a log must not promise bytes that nobody can show."""
    for _, event, digest, _, token, document in rows:
        if event in DATASET_EVENTS and token is None:
            raise damaged(f"the dataset {digest} is not there.")
        text = document if token is None else token
        if text is not None and f"sha256:{sha256(text.encode()).hexdigest()}" != digest:
            raise damaged(f"what is stored under {digest} has another digest.")
