"""The logs of a bundle: whose they are, who signed and cosigned their checkpoints, and what they contain."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from exchange.trust.bundle.document import Bundle, BundledLog
from exchange.trust.errors import BundleError, LogError
from exchange.trust.log.checkpoint import Checkpoint
from exchange.trust.log.entry import LogEntry, read_entry
from exchange.trust.log.note import Note, NoteKey, read_vkey
from exchange.trust.log.seconds import format_second
from exchange.trust.log.state import state_key_name
from exchange.trust.proof.checkpoints import require_included, signed_checkpoint, trusted_log
from exchange.trust.proof.form import BundledEntry
from exchange.trust.trust_root import TrustRoot


@dataclass(frozen=True, slots=True)
class LogKeys:
    """The keys a bundle names for one of its logs; whether to believe them is for `check_trust`."""

    log: NoteKey
    state: NoteKey

    @property
    def origin(self) -> str:
        """The log's origin, which its key is named by."""
        return self.log.name


@dataclass(frozen=True, slots=True)
class OpenedLog:
    """A log whose checkpoint its key signed."""

    bundled: BundledLog
    note: Note
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """An entry that the log `origin` contains under number `index` (from 0)."""

    entry: LogEntry
    origin: str
    index: int


def read_keys(log: BundledLog) -> LogKeys:
    """The keys named for a log. Raises BundleError `bundle.keys` unless they can be that log's two keys."""
    try:
        keys = LogKeys(read_vkey(log.log_key), read_vkey(log.state_key))
    except LogError as error:
        raise BundleError("bundle.keys", f"A key of a log cannot be read: {error.detail}") from None
    if keys.state.name != state_key_name(keys.origin) or keys.state.public == keys.log.public:
        raise BundleError("bundle.keys", "The keys of a log are two, named by its origin.", path="/logs")
    return keys


def check_trust(logs: Sequence[LogKeys], trust: TrustRoot) -> None:
    """Every log is one of the trust root's, under keys the root names, and they stand in the root's order.

    Raises BundleError `trust.origin`, `trust.keys`, `trust.order`: the last log is the one whose state is believed, so
    an older one in its place would vouch for what only the newer one knows.
    """
    for keys in logs:
        known = trusted_log(keys.origin, trust)
        if keys.log not in known.log_keys or keys.state not in known.state_keys:
            raise BundleError("trust.keys", f"Your trust root knows the log {keys.origin} by other keys.")
    order = [log.origin for log in trust.logs]
    places = [order.index(keys.origin) for keys in logs]
    if places != sorted(places):
        raise BundleError(
            "trust.order", "The logs of the bundle stand in another order than in your trust root."
        )


def open_checkpoint(log: BundledLog, keys: LogKeys) -> OpenedLog:
    """The checkpoint of a log, signed by its key.

    Raises LogError `note.*`, `checkpoint.*`, BundleError `checkpoint.other_log`, `checkpoint.unsigned`.
    """
    return OpenedLog(log, *signed_checkpoint(log.checkpoint, [keys.log]))


class Evidence:
    """The entries that came with a bundle; each is proven when it is asked for, and it is known which were."""

    def __init__(self, bundle: Bundle) -> None:
        """Raises LogError `entry.*`, BundleError `bundle.unused` for the same entry twice."""
        self._places: dict[tuple[str, str], tuple[int, BundledEntry, LogEntry]] = {}
        self._unused: set[tuple[str, str]] = set()
        for number, log in enumerate(bundle.logs):
            for bundled in log.entries:
                entry = read_entry(bundled.body.encode())
                place = (entry.event, entry.digest)
                if place in self._places:
                    raise BundleError("bundle.unused", "The same entry is proven twice.", path="/logs")
                self._places[place] = (number, bundled, entry)
        self._unused.update(self._places)
        self._opened: Sequence[OpenedLog] = ()
        self._as_of: datetime | None = None

    def rest_on(self, opened: Sequence[OpenedLog]) -> None:
        """Prove entries from now on against these logs, in the bundle's order."""
        self._opened = opened

    def end_at(self, as_of: datetime) -> None:
        """Refuse from now on what the log received after `as_of`, of which the state says nothing."""
        self._as_of = as_of

    def prove(self, events: Collection[str], digest: str, missing: str, *, latest: datetime) -> ProvenEntry:
        """The entry of `digest` under one of `events`, contained in its log and received by `latest`.

        Raises BundleError `<missing>.not_logged`, `<missing>.future`, `key_state.older`, LogError `proof.*`.
        """
        place = next((place for event in events if (place := (event, digest)) in self._places), None)
        if place is None:
            raise BundleError(f"{missing}.not_logged", "The bundle holds no log entry of this document.")
        number, bundled, entry = self._places[place]
        checkpoint = self._opened[number].checkpoint
        require_included(bundled.body.encode(), bundled.index, bundled.path, checkpoint)
        if entry.received > latest:
            detail = f"The log received this at {entry.received.isoformat()}, which is yet to come."
            raise BundleError(f"{missing}.future", detail)
        if self._as_of is not None and entry.received > self._as_of:  # whole seconds, both the second below
            detail = (
                f"The log received this at {format_second(entry.received)}, after the state in the bundle."
            )
            raise BundleError("key_state.older", detail, advice="Download the bundle again.")
        self._unused.discard(place)
        return ProvenEntry(entry, checkpoint.origin, bundled.index)

    def check_used(self) -> None:
        """Nothing may travel along that nobody asked for (`bundle.unused`)."""
        needless = [log for log in self._opened[:-1] if not log.bundled.entries]
        if self._unused or needless:
            raise BundleError(
                "bundle.unused", "The bundle holds log entries or logs that prove nothing of it."
            )
