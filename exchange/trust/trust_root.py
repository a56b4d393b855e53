"""The trust root: whom a verifier believes, brought by the verifier and never taken from what is verified."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from exchange.trust import strict_json
from exchange.trust.did import split_kid
from exchange.trust.errors import KeyFormatError, TrustError, TrustRootError
from exchange.trust.log.note import COSIGNATURE, ED25519, NoteKey, read_vkey
from exchange.trust.strict_json import JsonObject, JsonValue

VERSION = "vcx-trust/1"
MAX_BYTES = 256 * 1024
MAX_ITEMS = 64
STATE_SUFFIX = "/state"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TrustedLog:
    """A log by its origin, with every key that ever signed its checkpoints and its key states."""

    origin: str
    log_keys: tuple[NoteKey, ...]
    state_keys: tuple[NoteKey, ...]


@dataclass(frozen=True, slots=True)
class TrustRoot:
    """Logs, witnesses of whom `quorum` must have cosigned, and the DIDs whose word on identities counts."""

    logs: tuple[TrustedLog, ...]
    witnesses: tuple[NoteKey, ...]
    quorum: int
    registrars: tuple[str, ...]

    def log(self, origin: str) -> TrustedLog | None:
        """The log called `origin`, if this root knows it."""
        return next((log for log in self.logs if log.origin == origin), None)

    def serialise(self) -> bytes:
        """The document that `read_trust_root` reads, in canonical form (RFC 8785)."""
        return strict_json.canonical(
            {
                "v": VERSION,
                "logs": [
                    {
                        "origin": log.origin,
                        "log_keys": [key.vkey for key in log.log_keys],
                        "state_keys": [key.vkey for key in log.state_keys],
                    }
                    for log in self.logs
                ],
                "witnesses": [key.vkey for key in self.witnesses],
                "quorum": self.quorum,
                "registrars": [*self.registrars],
            }
        )


def read_trust_root(data: bytes) -> TrustRoot:
    """The trust root in `data`: strict JSON in any layout, for people keep such files by hand.

    Raises JsonError or TrustRootError: `trust_root.version`, `.form`, `.key` (malformed, or of the wrong name
    or kind), `.doubled` (an origin, key or DID twice), `.witness` (a log would witness itself), `.quorum`,
    `.registrar`.
    """
    value = strict_json.loads(data, max_bytes=MAX_BYTES, max_depth=6)
    document = _members(value, {"v", "logs", "witnesses", "quorum", "registrars"}, "")
    if document["v"] != VERSION:
        _refuse("version", f"The trust root must be of the version {VERSION}.", "/v")
    logs = _each(document["logs"], "/logs", _log)
    witnesses = _each(document["witnesses"], "/witnesses", lambda v, p: _vkey(v, p, COSIGNATURE))
    root = TrustRoot(
        logs, witnesses, _quorum(document["quorum"]), _each(document["registrars"], "/registrars", _registrar)
    )
    _check_whole(root)
    return root


def _check_whole(root: TrustRoot) -> None:
    if not root.logs or not root.registrars:
        _refuse("form", "A trust root names at least one log and one registrar.")
    _refuse_doubled("/logs", [log.origin for log in root.logs])
    _refuse_doubled("/registrars", root.registrars)
    # One witness under two names would count twice towards the quorum.
    _refuse_doubled("/witnesses", [key.name for key in root.witnesses])
    _refuse_doubled("/witnesses", [key.public for key in root.witnesses])
    log_keys = {key.public for log in root.logs for key in log.log_keys}
    state_keys = {key.public for log in root.logs for key in log.state_keys}
    if log_keys & state_keys:
        _refuse("key", "A log signs checkpoints and key states with different keys.", "/logs")
    if (log_keys | state_keys) & {key.public for key in root.witnesses}:
        _refuse("witness", "A key of a log cannot be its witness.", "/witnesses")
    if root.quorum > len(root.witnesses):
        _refuse("quorum", "The quorum is larger than the number of witnesses.", "/quorum")


def _log(value: JsonValue, path: str) -> TrustedLog:
    document = _members(value, {"origin", "log_keys", "state_keys"}, path)
    origin = document["origin"]
    if not isinstance(origin, str):
        _refuse("form", "A log is named by its origin.", f"{path}/origin")
    log_keys = _each(document["log_keys"], f"{path}/log_keys", lambda v, p: _vkey(v, p, ED25519))
    state_keys = _each(document["state_keys"], f"{path}/state_keys", lambda v, p: _vkey(v, p, ED25519))
    if not log_keys or not state_keys:
        _refuse("form", "A log needs a key for checkpoints and one for key states.", path)
    names = {key.name for key in log_keys} | {key.name.removesuffix(STATE_SUFFIX) for key in state_keys}
    if names != {origin} or not all(key.name.endswith(STATE_SUFFIX) for key in state_keys):
        _refuse(
            "key", f"The keys of a log are named by its origin, those of its states {STATE_SUFFIX}.", path
        )
    _refuse_doubled(path, [key.public for key in log_keys + state_keys])
    return TrustedLog(origin, log_keys, state_keys)


def _vkey(value: JsonValue, path: str, algorithm: int) -> NoteKey:
    try:
        key = read_vkey(value) if isinstance(value, str) else None
    except TrustError:
        key = None
    if key is None or key.algorithm != algorithm:
        _refuse("key", "This is no verifier key (C2SP signed-note) of the kind that belongs here.", path)
    return key


def _registrar(value: JsonValue, path: str) -> str:
    try:
        split_kid(f"{value}#key")
    except KeyFormatError:
        _refuse("registrar", "A registrar is named by its DID.", path)
    return str(value)


def _quorum(value: JsonValue) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        _refuse("quorum", "The quorum is a whole number from 0.", "/quorum")
    return value


def _each(value: JsonValue, path: str, read: Callable[[JsonValue, str], T]) -> tuple[T, ...]:
    if not isinstance(value, list) or len(value) > MAX_ITEMS:
        _refuse("form", f"A list of at most {MAX_ITEMS} items belongs here.", path)
    return tuple(read(item, f"{path}/{index}") for index, item in enumerate(value))


def _members(value: JsonValue, names: set[str], path: str) -> JsonObject:
    if not isinstance(value, dict) or set(value) != names:
        _refuse("form", f"An object with exactly {', '.join(sorted(names))} belongs here.", path)
    return value


def _refuse_doubled(path: str, items: Sequence[object]) -> None:
    if len(set(items)) != len(items):
        _refuse("doubled", "Something stands here twice that may stand here once.", path)


def _refuse(code: str, detail: str, path: str = "") -> NoReturn:
    raise TrustRootError(f"trust_root.{code}", detail, path=path)
