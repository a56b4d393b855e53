"""What the log says of keys, schemas and status lists as of a checkpoint: folded from logged events alone."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from sqlmodel import Session

from exchange.services.transparency.tree import damaged
from exchange.store import logged
from exchange.store.tables.log import LogEpochRow
from exchange.trust.errors import LogError
from exchange.trust.log.checkpoint import Checkpoint
from exchange.trust.log.key_events import (
    BINDING,
    COMPROMISE,
    RETIREMENT,
    KeyBinding,
    KeyEvent,
    KeyRecord,
    fold_key_events,
    read_key_event,
)
from exchange.trust.log.merkle import Frontier, path_of
from exchange.trust.log.state import State

KEY_EVENTS = (BINDING, RETIREMENT, COMPROMISE)
_EVENTS_CACHED = 16_384
_FOLDS_CACHED = 4  # of the newest checkpoints, which bundles and monitors ask for


@dataclass(frozen=True, slots=True)
class KeyTree:
    """The records of all keys in order of binding, and the leaf hash of each."""

    records: tuple[KeyRecord, ...]
    leaves: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """A key's record as of a checkpoint, and the path that shows it in the tree of keys of the signed state."""

    record: KeyRecord
    index: int
    path: tuple[bytes, ...]


def key_tree(session: Session, epoch: LogEpochRow, size: int) -> KeyTree:
    """Every key's record as the log told it at `size` of the epoch, earlier epochs included.

    What was computed once is found again by the logged texts themselves, so that damage to them is never hidden.
    Raises ConflictError (`log.damaged`).
    """
    return _tree_of(tuple(text for _, text in logged.logged_documents(session, KEY_EVENTS, epoch, size)))


def fold_texts(texts: Sequence[str]) -> tuple[KeyRecord, ...]:
    """The record of every key from key events in the order of the log.

    A key that was bound before there was a log is noted when the log opens, its end perhaps before it: so
    bindings are folded first, which changes nothing else since a key is bound once. An end whose binding is not
    there yet says nothing. Raises ConflictError (`log.damaged`).
    """
    events = [_event_of(text) for text in texts]
    bindings = [event for event in events if isinstance(event, KeyBinding)]
    bound = {event.kid for event in bindings}
    ends = [event for event in events if not isinstance(event, KeyBinding) and event.kid in bound]
    try:
        return fold_key_events([*bindings, *ends])
    except LogError as error:
        raise damaged(error.detail) from error


def key_place(session: Session, epoch: LogEpochRow, size: int, kid: str) -> KeyPlace | None:
    """The record of one key with its path in the tree of keys; None when the log did not know it then."""
    tree = key_tree(session, epoch, size)
    for index, record in enumerate(tree.records):
        if record.kid == kid:
            return KeyPlace(record, index, path_of(index, tree.leaves))
    return None


def state_at(session: Session, epoch: LogEpochRow, checkpoint: Checkpoint, as_of: datetime) -> State:
    """The state to sign beside a checkpoint; the same log gives the same state."""
    keys = Frontier()
    keys.extend(key_tree(session, epoch, checkpoint.size).leaves)
    return State(
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root,
        as_of=as_of,
        keys_size=keys.size,
        keys_root=keys.root(),
        schemas=_schemas(session, epoch, checkpoint.size),
        status_lists=logged.newest_status_lists(session, epoch, checkpoint.size),
    )


@lru_cache(maxsize=_FOLDS_CACHED)
def _tree_of(texts: tuple[str, ...]) -> KeyTree:
    records = fold_texts(texts)
    return KeyTree(records, tuple(record.leaf() for record in records))


@lru_cache(maxsize=_EVENTS_CACHED)
def _event_of(text: str) -> KeyEvent:
    return read_key_event(text)


def _schemas(session: Session, epoch: LogEpochRow, size: int) -> dict[str, str]:
    """The digestSRI (W3C Subresource Integrity) of every schema the log held then, by its `$id`."""
    texts = [text for _, text in logged.logged_documents(session, ("schema",), epoch, size)]
    return {json.loads(text)["$id"]: _digest_sri(text) for text in texts}


def _digest_sri(text: str) -> str:
    return f"sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}"
