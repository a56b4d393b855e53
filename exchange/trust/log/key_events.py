"""Key events, the documents whose digests the log holds, and the record of each key they add up to.

A key is bound (with its public part), retired (nothing new is signed with it) and reported compromised (what was
received since is not accepted). Instants are whole seconds: binding is floored, an end is ceiled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import TypeAlias

from exchange.trust.did import ResolvedKey, did_key_kid, split_kid
from exchange.trust.errors import LogError
from exchange.trust.keys import Jwk, public_jwk, public_key_from_jwk
from exchange.trust.log.document import object_of, read_document, require_members, text_of, write_document
from exchange.trust.log.merkle import leaf_hash
from exchange.trust.log.seconds import ceil_second, floor_second, format_second, parse_second
from exchange.trust.strict_json import JsonObject, JsonValue

VERSION = "vcx-key-event/1"
BINDING = "key-binding"
RETIREMENT = "key-retirement"
COMPROMISE = "key-compromise"
MAX_BYTES = 2048
_CACHED = 1024

_MEMBERS = {
    BINDING: {"v", "event", "kid", "public_jwk", "custody", "at"},
    RETIREMENT: {"v", "event", "kid", "at"},
    COMPROMISE: {"v", "event", "kid", "at", "since"},
}
_RECORD = {"kid", "public_jwk", "custody", "bound", "retired", "compromised_since", "binding"}


@dataclass(frozen=True, slots=True)
class KeyBinding:
    """`kid` names the public key `public_jwk` from `at` on; `custody`: the exchange keeps its private half."""

    kid: str
    public_jwk: Jwk
    custody: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class KeyRetirement:
    """Nothing received from `at` on is signed with `kid`."""

    kid: str
    at: datetime


@dataclass(frozen=True, slots=True)
class KeyCompromise:
    """Reported at `at`, which retires the key: others may have held it from `since` on."""

    kid: str
    at: datetime
    since: datetime


KeyEvent: TypeAlias = KeyBinding | KeyRetirement | KeyCompromise


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What the log says of one key as of a checkpoint; a leaf of the tree of keys in its signed state.

    `binding` is the digest of the key-binding document, which the other members give again: what comes from
    `fold_key_events` or `read_key_record` has been held against them.
    """

    kid: str
    public_jwk: Jwk
    custody: bool
    bound: datetime
    binding: str
    retired: datetime | None = None
    compromised_since: datetime | None = None

    def value(self) -> JsonObject:
        """The record as JSON, the way it stands in a bundle."""
        return {
            "kid": self.kid,
            "public_jwk": {**self.public_jwk},
            "custody": self.custody,
            "bound": format_second(self.bound),
            "retired": _optional_text(self.retired),
            "compromised_since": _optional_text(self.compromised_since),
            "binding": self.binding,
        }

    def document(self) -> bytes:
        """The record's canonical bytes (RFC 8785)."""
        return write_document(self.value())

    def leaf(self) -> bytes:
        """The RFC 6962 leaf hash of the document."""
        return leaf_hash(self.document())

    def resolved(self) -> ResolvedKey:
        """The key with its times, as the verification of a token asks for it."""
        key = public_key_from_jwk(self.public_jwk)
        return ResolvedKey(key, self.bound, self.retired, self.compromised_since)


def key_binding(*, kid: str, public_jwk: Mapping[str, str], custody: bool, at: datetime) -> str:
    """The text of a key-binding; `at` is floored to the second.

    Raises TokenError `instant.naive` and KeyFormatError `kid.malformed`, as the other builders do.
    """
    return _text(BINDING, kid, floor_second(at), {"public_jwk": dict(public_jwk), "custody": custody})


def key_retirement(*, kid: str, at: datetime) -> str:
    """The text of a key-retirement; `at` is ceiled to the second. Raises as `key_binding`."""
    return _text(RETIREMENT, kid, ceil_second(at), {})


def key_compromise(*, kid: str, at: datetime, since: datetime) -> str:
    """The text of a key-compromise; both instants are ceiled. Raises as `key_binding`."""
    return _text(COMPROMISE, kid, ceil_second(at), {"since": format_second(ceil_second(since))})


def digest_of(text: str) -> str:
    """`sha256:<hex>` of the UTF-8 bytes of a logged document."""
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def read_key_event(text: str) -> KeyEvent:
    """The event that a logged document tells; the builder of its kind gives the same text back.

    Raises JsonError (`json.*`), KeyFormatError (`kid.*`, `key.*`) and LogError `key_event.form`,
    `key_event.version`, `key_event.event`, `key_event.member`, `key_event.at`, `key_event.since`,
    `key_event.custody`, `key_event.public_jwk` or `key_event.kid`.
    """
    value = read_document(text.encode("utf-8", "surrogatepass"), "key_event", max_bytes=MAX_BYTES)
    if value.get("v") != VERSION:
        raise LogError("key_event.version", f"This key event is not of version {VERSION}.", path="/v")
    members = _MEMBERS.get(text_of(value.get("event"), "key_event.event", path="/event"))
    if members is None:
        raise LogError("key_event.event", "No such key event is logged.", path="/event")
    require_members(value, members, "key_event")
    kid = _kid(value["kid"], "key_event")
    at = parse_second(value["at"], "key_event.at", path="/at")
    if value["event"] == RETIREMENT:
        return KeyRetirement(kid, at)
    if value["event"] == COMPROMISE:
        return KeyCompromise(kid, at, parse_second(value["since"], "key_event.since", path="/since"))
    return KeyBinding(kid, _jwk(value["public_jwk"], kid, "key_event"), _custody(value, "key_event"), at)


def read_key_record(value: JsonValue) -> KeyRecord:
    """The record that this JSON value is; `read_key_record(v).value() == v`.

    Raises KeyFormatError (`kid.*`, `key.*`) and LogError `key_record.form`, `key_record.member`,
    `key_record.bound`, `key_record.retired`, `key_record.compromised_since`, `key_record.custody`,
    `key_record.public_jwk`, `key_record.kid` or `key_record.binding`.
    """
    members = object_of(value, "key_record.form", path="")
    require_members(members, _RECORD, "key_record")
    kid = _kid(members["kid"], "key_record")
    binding = KeyBinding(
        kid,
        _jwk(members["public_jwk"], kid, "key_record"),
        _custody(members, "key_record"),
        parse_second(members["bound"], "key_record.bound", path="/bound"),
    )
    retired, since = (_optional_second(members, name) for name in ("retired", "compromised_since"))
    record = replace(_bound(binding), retired=retired, compromised_since=since)
    if members["binding"] != record.binding:
        detail = "The digest is not that of the key-binding this record describes."
        raise LogError("key_record.binding", detail, path="/binding")
    return record


def fold_key_events(events: Iterable[KeyEvent]) -> tuple[KeyRecord, ...]:
    """The record of every key in order of binding, from all events in the order of the log.

    The first retirement stands, a compromise retires too, and its `since` only moves back; the same binding
    again changes nothing. Raises LogError `key_event.unbound` (an end without a binding) or `key_event.rebound`
    (a key id bound to something else).
    """
    records: dict[str, KeyRecord] = {}
    for event in events:
        present = records.get(event.kid)
        if isinstance(event, KeyBinding):
            records.setdefault(event.kid, bound := _bound(event))
            if records[event.kid].binding != bound.binding:
                raise LogError("key_event.rebound", "A key id is bound a second time, and differently.")
        elif present is None:
            raise LogError("key_event.unbound", "A key that was never bound is retired or reported.")
        else:
            records[event.kid] = _ended(present, event)
    return tuple(records.values())


def _bound(event: KeyBinding) -> KeyRecord:
    digest = _binding_digest(event.kid, tuple(event.public_jwk.items()), event.custody, event.at)
    return KeyRecord(event.kid, event.public_jwk, event.custody, event.at, digest)


# The issuers of a value chain come again and again, and so do their records.
@lru_cache(maxsize=_CACHED)
def _binding_digest(kid: str, members: tuple[tuple[str, str], ...], custody: bool, at: datetime) -> str:
    return digest_of(key_binding(kid=kid, public_jwk=dict(members), custody=custody, at=at))


def _ended(record: KeyRecord, event: KeyRetirement | KeyCompromise) -> KeyRecord:
    retired = record.retired or event.at
    if isinstance(event, KeyRetirement):
        return replace(record, retired=retired)
    since = min(event.since, record.compromised_since or event.since)
    return replace(record, retired=retired, compromised_since=since)


def _text(event: str, kid: str, at: datetime, more: Mapping[str, object]) -> str:
    split_kid(kid)
    members = {"v": VERSION, "event": event, "kid": kid, "at": format_second(at), **more}
    return write_document(members).decode("ascii")


def _kid(value: JsonValue, kind: str) -> str:
    kid = text_of(value, f"{kind}.kid", path="/kid")
    split_kid(kid)
    return kid


def _jwk(value: JsonValue, kid: str, kind: str) -> Jwk:
    jwk = object_of(value, f"{kind}.public_jwk", path="/public_jwk")
    key = public_key_from_jwk(jwk)
    exact = public_jwk(key)
    if exact != jwk:
        detail = "A public key is given with its required members only (RFC 7638 section 3.2)."
        raise LogError(f"{kind}.public_jwk", detail, path="/public_jwk")
    if kid.startswith("did:key:") and kid != did_key_kid(key):
        raise LogError(f"{kind}.kid", "This did:key names another key.", path="/kid")
    return exact


def _custody(value: JsonObject, kind: str) -> bool:
    custody = value["custody"]
    if isinstance(custody, bool):
        return custody
    raise LogError(f"{kind}.custody", "This must be true or false.", path="/custody")


def _optional_second(value: JsonObject, name: str) -> datetime | None:
    if value[name] is None:
        return None
    return parse_second(value[name], f"key_record.{name}", path=f"/{name}")


def _optional_text(instant: datetime | None) -> str | None:
    return None if instant is None else format_second(instant)
