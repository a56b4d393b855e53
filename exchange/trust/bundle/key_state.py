"""The issuer's key as the log vouches for it: a record in the state that was signed beside the checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from exchange.trust.bundle.document import Bundle
from exchange.trust.bundle.logs import Evidence, LogKeys, OpenedLog
from exchange.trust.did import ResolvedKey
from exchange.trust.errors import BundleError
from exchange.trust.log.key_events import KeyRecord, read_key_record
from exchange.trust.log.merkle import verify_inclusion
from exchange.trust.log.note import read_note, signers
from exchange.trust.log.state import MAX_STATE_BYTES, State, read_state


@dataclass(frozen=True, slots=True)
class KeyState:
    """The state as of the newest checkpoint, and the record of the one key the bundle is about."""

    state: State
    record: KeyRecord

    def resolve(self, kid: str) -> ResolvedKey | None:
        """The recorded key with its times; None for any other key id. A resolver for `verify`."""
        return self.record.resolved() if kid == self.record.kid else None


def establish_key_state(
    bundle: Bundle, evidence: Evidence, keys: LogKeys, log: OpenedLog, latest: datetime
) -> KeyState:
    """The state signed for the checkpoint of `log`, and the key record it commits to.

    Raises BundleError `key_state.unsigned`, `key_state.other_checkpoint`, `key_state.future`,
    `key_state.not_logged`, `key_state.older`, LogError `note.*`, `state.*`, `key_record.*`, `proof.*`, KeyFormatError.
    """
    note = read_note(bundle.state, max_bytes=MAX_STATE_BYTES)
    if not signers(note, [keys.state]):
        raise BundleError("key_state.unsigned", f"The state key of the log {keys.origin} did not sign this.")
    state = read_state(note.text)
    if not state.is_of(log.checkpoint):
        raise BundleError("key_state.other_checkpoint", "The state speaks of another checkpoint.")
    if state.as_of > latest:
        raise BundleError("key_state.future", f"The state is of {state.as_of.isoformat()}, yet to come.")
    evidence.end_at(state.as_of)
    record = read_key_record(bundle.key.record)
    verify_inclusion(
        index=bundle.key.index,
        size=state.keys_size,
        leaf=record.leaf(),
        path=bundle.key.path,
        root=state.keys_root,
    )
    evidence.prove(("key-binding",), record.binding, "key_state", latest=latest)
    return KeyState(state, record)
