"""The state the log signs beside each checkpoint: which keys, schemas and status lists hold as of that size.

A signed note by the state key (named `<origin>/state`, it signs nothing else) with the text
`vcx-state/1`, newline, canonical JSON, newline.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from exchange.trust import strict_json
from exchange.trust.errors import LogError
from exchange.trust.json_decoding import MAX_INTEGER
from exchange.trust.log.checkpoint import Checkpoint
from exchange.trust.log.document import (
    object_of,
    read_document,
    require_members,
    text_of,
    whole_number_of,
)
from exchange.trust.log.merkle import EMPTY_ROOT
from exchange.trust.log.seconds import floor_second, format_second, parse_second
from exchange.trust.log.spelling import HASH_BYTES, decode_hash, encode_base64, is_digest
from exchange.trust.strict_json import JsonObject, JsonValue, pointer

VERSION = "vcx-state/1"
MAX_STATE_BYTES = 1024 * 1024
MAX_LISTED = 4096

_MEMBERS = {"v", "origin", "size", "root", "as_of", "keys", "schemas", "status_lists"}
# The last character carries four bits only: any other spelling would be a second one of the same digest.
_SRI = re.compile(r"sha256-[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=")


@dataclass(frozen=True, slots=True)
class State:
    """What holds as of the checkpoint (`origin`, `size`, `root`).

    `keys_size` and `keys_root` are of the Merkle tree over all KeyRecords in order of binding; `schemas` maps a
    schema's id to its digestSRI (W3C SRI, sha256), `status_lists` a list's URL to the `sha256:` digest of its
    newest issue; `as_of` is kept to the second below. Raises LogError `state.*`, TokenError `instant.naive`.
    """

    origin: str
    size: int
    root: bytes
    as_of: datetime
    keys_size: int
    keys_root: bytes
    schemas: Mapping[str, str]
    status_lists: Mapping[str, str]

    def __post_init__(self) -> None:
        if self.size > MAX_INTEGER:
            raise LogError("state.size", "A state speaks of at most 2^53 - 1 entries.", path="/size")
        _require_checkpoint(self)
        _require_keys(self.keys_size, self.keys_root)
        _require_map(self.schemas, "schemas", _SRI)
        _require_map(self.status_lists, "status_lists", None)
        object.__setattr__(self, "as_of", floor_second(self.as_of))

    def text(self) -> str:
        """The text to sign; `read_state` gives the same state back."""
        value: JsonObject = {
            "v": VERSION,
            "origin": self.origin,
            "size": self.size,
            "root": encode_base64(self.root),
            "as_of": format_second(self.as_of),
            "keys": {"size": self.keys_size, "root": encode_base64(self.keys_root)},
            "schemas": {**self.schemas},
            "status_lists": {**self.status_lists},
        }
        return f"{VERSION}\n{strict_json.canonical(value).decode('utf-8')}\n"

    def is_of(self, checkpoint: Checkpoint) -> bool:
        """Whether this state speaks of exactly that checkpoint."""
        named = (checkpoint.origin, checkpoint.size, checkpoint.root)
        return named == (self.origin, self.size, self.root)


def state_key_name(origin: str) -> str:
    """The name of the key that signs the states of the log `origin`."""
    return f"{origin}/state"


def read_state(text: str) -> State:
    """The state of a note's text; `read_state(text).text() == text`.

    Raises JsonError (`json.*`) and LogError `state.form`, `state.version`, `state.member`, `state.origin`,
    `state.size`, `state.root`, `state.as_of`, `state.keys`, `state.schemas` or `state.status_lists`.
    """
    lines = text.split("\n")
    if len(lines) != 3 or lines[2]:
        raise LogError("state.form", "A state is a version line and a line of JSON.")
    if lines[0] != VERSION:
        raise LogError("state.version", f"This state is not of version {VERSION}.")
    value = read_document(lines[1].encode("utf-8", "surrogatepass"), "state", max_bytes=MAX_STATE_BYTES)
    require_members(value, _MEMBERS, "state")
    if value["v"] != VERSION:
        raise LogError("state.version", f"This state is not of version {VERSION}.", path="/v")
    keys = object_of(value["keys"], "state.keys", path="/keys")
    require_members(keys, {"size", "root"}, "state", path="/keys")
    return State(
        origin=text_of(value["origin"], "state.origin", path="/origin"),
        size=whole_number_of(value["size"], "state.size", path="/size"),
        root=_hash(value["root"], "state.root", "/root"),
        as_of=parse_second(value["as_of"], "state.as_of", path="/as_of"),
        keys_size=whole_number_of(keys["size"], "state.keys", path="/keys/size"),
        keys_root=_hash(keys["root"], "state.keys", "/keys/root"),
        schemas=_texts(value, "schemas"),
        status_lists=_texts(value, "status_lists"),
    )


def _hash(value: JsonValue, code: str, path: str) -> bytes:
    try:
        return decode_hash(text_of(value, code, path=path))
    except LogError as error:
        raise LogError(code, error.detail, path=path) from None


def _texts(value: JsonObject, name: str) -> dict[str, str]:
    path = f"/{name}"
    found: dict[str, str] = {}
    for key, item in object_of(value[name], f"state.{name}", path=path).items():
        if not isinstance(item, str):
            raise LogError(f"state.{name}", "This must be a text.", path=pointer(path, key))
        found[key] = item
    return found


def _require_checkpoint(state: State) -> None:
    try:
        Checkpoint(state.origin, state.size, state.root)
    except LogError as error:
        name = error.code.removeprefix("checkpoint.")
        raise LogError(f"state.{name}", error.detail, path=f"/{name}") from None


def _require_keys(size: int, root: bytes) -> None:
    if len(root) != HASH_BYTES or not 0 <= size <= MAX_INTEGER or (size == 0) != (root == EMPTY_ROOT):
        raise LogError("state.keys", "This cannot be the root of a tree of so many keys.", path="/keys")


def _require_map(found: Mapping[str, str], name: str, pattern: re.Pattern[str] | None) -> None:
    if len(found) > MAX_LISTED:
        raise LogError(f"state.{name}", f"A state lists at most {MAX_LISTED} of these.", path=f"/{name}")
    for key, digest in found.items():
        good = pattern.fullmatch(digest) is not None if pattern else is_digest(digest)
        if not key or not good:
            raise LogError(f"state.{name}", "This is not a digest.", path=pointer(f"/{name}", key))
