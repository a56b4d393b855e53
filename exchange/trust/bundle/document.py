"""The proof bundle as a file: one canonical JSON document (RFC 8785) with everything a verifier needs offline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from exchange.trust import strict_json
from exchange.trust.bundle.packing import pack, unpack
from exchange.trust.proof import form
from exchange.trust.proof.form import BundledEntry
from exchange.trust.strict_json import JsonObject, JsonValue

VERSION = "vcx-bundle/1"
# More logs than this would be a log that restarts every month.
MAX_LOGS = 64
MAX_ENTRIES = 16
MAX_DOCUMENTS = 16
_NAMES = {"v", "token", "organisation", "key", "state", "status_lists", "schemas", "logs"}


@dataclass(frozen=True, slots=True)
class BundledLog:
    """A checkpoint (signed note with cosignatures), the keys it claims to be signed with, and entries of it."""

    checkpoint: str
    log_key: str
    state_key: str
    entries: tuple[BundledEntry, ...]


@dataclass(frozen=True, slots=True)
class BundledKey:
    """The issuer's key record and its path in the tree of key records that the state commits to."""

    record: JsonObject
    index: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A proof bundle as read or as about to be written; says nothing of its truth.

    `token` with the disclosures its holder was granted, `organisation` a `vc+jwt`, `state` a signed note;
    `status_lists` by address, `schemas` (the files' text, which the file holds packed) by id; `logs` oldest first,
    the last is the one that `state` speaks of.
    """

    token: str
    organisation: str
    key: BundledKey
    state: str
    status_lists: Mapping[str, str]
    schemas: Mapping[str, str]
    logs: tuple[BundledLog, ...]

    def serialise(self) -> bytes:
        """The file that `read_bundle` reads. Raises JsonError for what is not JSON, BundleError `bundle.schema`."""
        return strict_json.canonical(
            {
                "v": VERSION,
                "token": self.token,
                "organisation": self.organisation,
                "key": {
                    "record": self.key.record,
                    "index": self.key.index,
                    "path": form.hash_texts(self.key.path),
                },
                "state": self.state,
                "status_lists": dict(self.status_lists),
                "schemas": {name: pack(text) for name, text in self.schemas.items()},
                "logs": [
                    {
                        "checkpoint": log.checkpoint,
                        "keys": {"log": log.log_key, "state": log.state_key},
                        "entries": [entry.document() for entry in log.entries],
                    }
                    for log in self.logs
                ],
            }
        )


def looks_like_bundle(data: bytes) -> bool:
    """Whether `data` is meant as a bundle of some version, well formed or not."""
    return data.lstrip()[:1] == b"{" and b'"vcx-bundle/' in data


def read_bundle(data: bytes) -> Bundle:
    """The parts of the bundle in `data`, their form checked and nothing else.

    Raises BundleError `bundle.size`, `bundle.json` (no canonical JSON), `bundle.version`, `bundle.form`,
    `bundle.schema` (one that does not unpack); LogError `base64.invalid` or `proof.hash_length` for a path.
    """
    members = form.read_document(data, VERSION, _NAMES)
    logs = form.each(members["logs"], "/logs", MAX_LOGS, _log)
    if not logs:
        form.refuse("form", "A bundle proves something of at least one log.", "/logs")
    packed = _documents(members["schemas"], "/schemas")
    return Bundle(
        token=form.text(members["token"], "/token"),
        organisation=form.text(members["organisation"], "/organisation"),
        key=_key(members["key"]),
        state=form.text(members["state"], "/state"),
        status_lists=_documents(members["status_lists"], "/status_lists"),
        schemas={name: unpack(text) for name, text in packed.items()},
        logs=logs,
    )


def _log(value: JsonValue, path: str) -> BundledLog:
    members = form.members(value, {"checkpoint", "keys", "entries"}, path)
    keys = form.members(members["keys"], {"log", "state"}, f"{path}/keys")
    return BundledLog(
        checkpoint=form.text(members["checkpoint"], f"{path}/checkpoint"),
        log_key=form.text(keys["log"], f"{path}/keys/log"),
        state_key=form.text(keys["state"], f"{path}/keys/state"),
        entries=form.each(members["entries"], f"{path}/entries", MAX_ENTRIES, form.entry),
    )


def _key(value: JsonValue) -> BundledKey:
    members = form.members(value, {"record", "index", "path"}, "/key")
    record = members["record"]
    if not isinstance(record, dict):
        form.refuse("form", "The record of a key is an object.", "/key/record")
    return BundledKey(record, *form.place(members, "/key"))


def _documents(value: JsonValue, path: str) -> dict[str, str]:
    if not isinstance(value, dict) or len(value) > MAX_DOCUMENTS:
        form.refuse("form", f"An object of at most {MAX_DOCUMENTS} texts belongs here.", path)
    return {name: form.text(text, strict_json.pointer(path, name)) for name, text in value.items()}
