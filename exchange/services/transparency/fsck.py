"""Everything that the log says of itself, made again from the entries' bytes and compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from sqlmodel import Session

from exchange.domain.errors import ExchangeError, Problem
from exchange.services.context import Context
from exchange.services.transparency.appending import DATASET_EVENTS
from exchange.services.transparency.guarding import require_guarded
from exchange.services.transparency.key_states import KEY_EVENTS, state_at
from exchange.services.transparency.signing import check_nodes, checked_leaves
from exchange.store import log as query
from exchange.store import logged
from exchange.store.tables.log import LogCheckpointRow, LogEpochRow
from exchange.trust.errors import TrustError
from exchange.trust.log.checkpoint import Checkpoint, read_checkpoint
from exchange.trust.log.merkle import Frontier
from exchange.trust.log.note import Note, read_note, read_vkey, signers
from exchange.trust.log.state import State, read_state

CHUNK = 1000
STATE_EVENTS = frozenset({*KEY_EVENTS, "schema", "status-list"})
_MOST_PROBLEMS = 100


@dataclass
class _Epoch:
    """One epoch under examination: roots by size, and the sizes at which the state may have changed."""

    row: LogEpochRow
    checkpoints: dict[int, LogCheckpointRow]
    problems: list[Problem]
    frontier: Frontier = field(default_factory=Frontier)
    nodes: int = 0
    changes: set[int] = field(default_factory=set)
    state: State | None = None

    def note(self, code: str, detail: str) -> None:
        """One thing wrong."""
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(Problem(code, detail, f"/{self.row.id}"))


@dataclass(frozen=True, slots=True)
class FsckReport:
    """What was looked at, and everything that is wrong with it; the log is sound when that is nothing."""

    epochs: int
    entries: int
    nodes: int
    checkpoints: int
    problems: tuple[Problem, ...]


def fsck(ctx: Context) -> FsckReport:
    """Recompute every leaf, node, root, checkpoint and state of every epoch, and re-read what entries are digests of.

    Signs and changes nothing. At most 100 problems per epoch are told.
    """
    with ctx.store.read() as session:
        rows = query.epochs(session)
        found = [_examine(session, row) for row in rows]
        refusal = _refused_by_guard(ctx)
        if refusal and found:
            found[-1].note(refusal.error_code, refusal.detail)
        return FsckReport(
            len(found),
            sum(one.frontier.size for one in found),
            sum(one.nodes for one in found),
            sum(len(one.checkpoints) for one in found),
            tuple(problem for one in found for problem in one.problems)
            + ((Problem(refusal.error_code, refusal.detail, "/"),) if refusal and not found else ()),
        )


def _examine(session: Session, row: LogEpochRow) -> _Epoch:
    epoch = _Epoch(row, {one.size: one for one in query.checkpoints(session, row.id)}, [])
    head = query.head_of(session, row.id)
    for end in _stops(head.size, epoch.checkpoints):
        try:
            _grow(session, epoch, end)
        except (ExchangeError, TrustError) as error:  # the tree beyond a damaged place has no meaning
            epoch.note("log.damaged", error.detail)
            return epoch
        if end in epoch.checkpoints:
            _check_checkpoint(session, epoch, epoch.checkpoints[end])
    _check_extent(session, epoch, head.size, head.root)
    return epoch


def _stops(size: int, checkpoints: dict[int, LogCheckpointRow]) -> Iterator[int]:
    """Where to look up from the leaves: at every checkpoint, every thousand leaves, and at the end."""
    yield from sorted({*checkpoints, *range(CHUNK, size, CHUNK), size} - {0})


def _grow(session: Session, epoch: _Epoch, end: int) -> None:
    start = epoch.frontier.size
    made = epoch.frontier.extend(checked_leaves(session, epoch.row.id, start, end))
    check_nodes(session, epoch.row.id, made)
    epoch.nodes += len(made)
    entries = query.entries(session, epoch.row.id, start, end)
    epoch.changes |= {seq for seq, entry in enumerate(entries, start) if entry[2] in STATE_EVENTS}
    _check_sources(session, epoch, {entry[3]: entry[2] for entry in entries})
    if start == 0 and epoch.row.opening and _digest(epoch.row.opening) != entries[0][3]:
        epoch.note("log.opening", "Entry 0 is not the digest of what this epoch says it follows.")


def _check_sources(session: Session, epoch: _Epoch, events: dict[str, str]) -> None:
    datasets = {digest for digest, event in events.items() if event in DATASET_EVENTS}
    stored = logged.dataset_tokens(session, datasets)
    for digest in sorted(datasets - stored.keys()):
        epoch.note("log.dataset_missing", f"The dataset {digest} is logged and not stored.")
    for digest, text in {**stored, **logged.document_texts(session, events.keys() - datasets)}.items():
        if _digest(text) != digest:
            epoch.note("log.source", f"What is stored under {digest} has another digest.")


def _check_checkpoint(session: Session, epoch: _Epoch, row: LogCheckpointRow) -> None:
    try:
        checkpoint = read_checkpoint(_signed_text(read_note(row.text), epoch.row.log_vkey))
        state = read_state(_signed_text(read_note(row.state), epoch.row.state_vkey))
    except TrustError as error:
        epoch.note("log.checkpoint", f"The checkpoint of {row.size} entries: {error.detail}")
        return
    if checkpoint != Checkpoint(epoch.row.origin, row.size, epoch.frontier.root()):
        epoch.note("log.checkpoint", f"The checkpoint of {row.size} entries is of another tree.")
    elif state != _expected(session, epoch, checkpoint, state):
        epoch.note("log.state", f"The state at {row.size} entries is not what the entries say.")
    epoch.state = state


def _signed_text(note: Note, vkey: str) -> str:
    if not signers(note, [read_vkey(vkey)]):
        raise TrustError("log.signature", "it is not signed by its key.")
    return note.text


def _expected(session: Session, epoch: _Epoch, checkpoint: Checkpoint, state: State) -> State:
    """The state by its own instant; made from the entries again only where one of them may have changed it."""
    before = epoch.state
    if before is None or any(seq in epoch.changes for seq in range(before.size, checkpoint.size)):
        return state_at(session, epoch.row, checkpoint, state.as_of)
    return State(
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root,
        as_of=state.as_of,
        keys_size=before.keys_size,
        keys_root=before.keys_root,
        schemas=before.schemas,
        status_lists=before.status_lists,
    )


def _check_extent(session: Session, epoch: _Epoch, size: int, root: bytes) -> None:
    if epoch.frontier.root() != root:
        epoch.note("log.damaged", "The head has another root than its entries.")
    if query.count_nodes(session, epoch.row.id) != (size, epoch.nodes):
        epoch.note("log.surplus", "There are entries or nodes that no tree of this size has.")
    if any(one > size for one in epoch.checkpoints):
        epoch.note("log.checkpoint", f"A checkpoint covers more than the {size} entries that are there.")


def _refused_by_guard(ctx: Context) -> ExchangeError | None:
    try:
        require_guarded(ctx)
    except ExchangeError as error:
        return error
    return None


def _digest(text: str) -> str:
    return f"sha256:{sha256(text.encode()).hexdigest()}"
