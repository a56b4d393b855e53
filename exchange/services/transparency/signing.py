"""Phases B and C: a stored tree is computed again, signed, guarded, and only then stored as a checkpoint."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from exchange.adapters.head_guard import GuardedHead
from exchange.services.context import Context
from exchange.services.revocation.unsaid import oldest_unsaid
from exchange.services.transparency.cosigning import ask_for_cosignatures
from exchange.services.transparency.deeds import settled_now
from exchange.services.transparency.exchange_keys import load_by_kid
from exchange.services.transparency.guarding import guard_of
from exchange.services.transparency.key_states import state_at
from exchange.services.transparency.proofs import consistency
from exchange.services.transparency.tree import damaged, frontier_at
from exchange.store import log as query
from exchange.store import logged
from exchange.store.tables.log import LogCheckpointRow, LogEpochRow
from exchange.trust.errors import LogError
from exchange.trust.log.checkpoint import Checkpoint
from exchange.trust.log.entry import LogEntry
from exchange.trust.log.merkle import leaf_hash, verify_consistency
from exchange.trust.log.note import sign_note, signed_note
from exchange.trust.log.spelling import decode_hash, encode_base64
from exchange.trust.log.state import state_key_name


def sign_head(ctx: Context, epoch: LogEpochRow, guarded: GuardedHead | None) -> GuardedHead | None:
    """Sign the stored head with its state and put it into the guard in the place of `guarded`, on disk.

    None when another sequencer was quicker: what was signed here is then shown to nobody. Raises ConflictError
    (`log.damaged`) before signing when what is stored does not add up, CustodyError and UnavailableError.
    """
    now = settled_now(ctx)  # before the snapshot, which then holds every deed from before it
    with ctx.store.read() as session:
        checkpoint = recomputed(session, epoch, guarded)
        as_of = _known_until(session, epoch, checkpoint.size, now)
        state = state_at(session, epoch, checkpoint, as_of)
    head = GuardedHead(
        origin=epoch.origin,
        size=checkpoint.size,
        root=encode_base64(checkpoint.root),
        checkpoint=_signed(ctx, epoch.log_kid, epoch.origin, checkpoint.text()),
        state=_signed(ctx, epoch.state_kid, state_key_name(epoch.origin), state.text()),
        log_kid=epoch.log_kid,
    )
    return head if guard_of(ctx).swap(epoch.id, guarded, head) else None


def release(ctx: Context, epoch: LogEpochRow, head: GuardedHead) -> None:
    """Store a guarded head as a checkpoint, from when on it is served, and have witnesses shown it.

    Nothing happens when it is stored already, or when a newer epoch is open: its first entry has said how far
    this one came.
    """
    with ctx.store.write() as session:
        query.lock_log(session)
        newest = query.newest_epoch(session)
        if newest is not None and newest.id == epoch.id:
            release_in(ctx, session, epoch, head)


def release_in(ctx: Context, session: Session, epoch: LogEpochRow, head: GuardedHead) -> None:
    """The same in a transaction that holds the log's lock, for the epoch that is added to."""
    if session.get(LogCheckpointRow, (epoch.id, head.size)) is None:
        session.add(
            LogCheckpointRow(
                epoch_id=epoch.id,
                size=head.size,
                text=head.checkpoint,
                state=head.state,
                signed_at=ctx.now(),
            )
        )
        session.flush()
        ask_for_cosignatures(ctx, session)


def recomputed(session: Session, epoch: LogEpochRow, guarded: GuardedHead | None) -> Checkpoint:
    """The checkpoint of the stored head, computed again from the bytes that were added since `guarded`.

    Raises ConflictError (`log.damaged`) when a leaf, a node or the head is not what those bytes give, or when
    the tree is not proven to contain the guarded one.
    """
    old = guarded.size if guarded else 0
    head = query.head_of(session, epoch.id)
    frontier = frontier_at(session, epoch.id, old)
    if guarded and frontier.root() != decode_hash(guarded.root):
        raise damaged(f"the first {old} entries have another root than was signed.")
    new_nodes = frontier.extend(checked_leaves(session, epoch.id, old, head.size))
    check_nodes(session, epoch.id, new_nodes)
    if (frontier.size, frontier.root()) != (head.size, head.root):
        raise damaged(f"the {head.size} stored entries have another root than their head.")
    if guarded:
        _require_growth(session, epoch, decode_hash(guarded.root), old, head.root, head.size)
    return Checkpoint(epoch.origin, head.size, head.root)


def checked_leaves(session: Session, epoch_id: str, start: int, end: int) -> list[bytes]:
    """The leaf hashes of [start, end) from the entries' bytes; refuses (`log.damaged`) where stored ones differ."""
    rows = query.entries(session, epoch_id, start, end)
    if len(rows) != end - start:
        raise damaged(f"of the entries {start} to {end - 1} only {len(rows)} are there.")
    leaves = []
    for seq, (body, stored, event, digest, received) in enumerate(rows, start):
        data = body.encode()
        leaf = leaf_hash(data)
        if leaf != stored or data != _body(event, digest, received):
            raise damaged(f"entry {seq} is not what its leaf hash and columns say.")
        leaves.append(leaf)
    return leaves


def check_nodes(session: Session, epoch_id: str, nodes: list[tuple[int, int, bytes]]) -> None:
    """Refuse (`log.damaged`) when one of these perfect subtrees is not stored with exactly this hash."""
    ranges: dict[int, tuple[int, int]] = {}
    for level, index, _ in nodes:
        first, last = ranges.get(level, (index, index))
        ranges[level] = (min(first, index), max(last, index))
    stored = query.nodes_between(session, epoch_id, ranges)
    for level, index, value in nodes:
        if stored.get((level, index)) != value:
            raise damaged(f"the node at level {level}, index {index} is not the hash of its children.")


def _known_until(session: Session, epoch: LogEpochRow, size: int, now: datetime) -> datetime:
    """The instant up to which the state says all: not beyond what waits, and before any revocation it lacks."""
    _, waiting = query.backlog(session)
    unsaid = oldest_unsaid(session, logged.newest_status_lists(session, epoch, size))
    before = unsaid - timedelta(seconds=1) if unsaid else now  # a state is kept to the second below
    return min(now, waiting or now, before)


def _body(event: str, digest: str, received: datetime) -> bytes:
    try:
        return LogEntry(event, digest, received).body()
    except LogError as error:
        raise damaged(error.detail) from error


def _require_growth(
    session: Session, epoch: LogEpochRow, old_root: bytes, old: int, new_root: bytes, new: int
) -> None:
    """The log's own check of what any monitor may ask for: a consistency proof from the signed head to the new one."""
    path = consistency(session, epoch.id, old, new)
    try:
        verify_consistency(old_size=old, new_size=new, old_root=old_root, new_root=new_root, path=path)
    except LogError as error:
        raise damaged(f"the tree of {new} entries does not contain the signed one of {old}.") from error


def _signed(ctx: Context, kid: str, name: str, text: str) -> str:
    return signed_note(text, (sign_note(text, name, load_by_kid(ctx, kid)),))
