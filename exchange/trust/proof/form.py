"""Reading the form of a proof file: canonical JSON (RFC 8785) of known members, and nothing beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from exchange.trust import strict_json
from exchange.trust.errors import BundleError, JsonError, LogError
from exchange.trust.log.spelling import decode_hash, encode_base64
from exchange.trust.strict_json import JsonObject, JsonValue

MAX_BYTES = 16 * 1024 * 1024
# A path in a tree of 2^63 leaves.
MAX_PATH = 63

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BundledEntry:
    """A log entry (its canonical text), its number, and its inclusion path up to the log's checkpoint."""

    body: str
    index: int
    path: tuple[bytes, ...]

    def document(self) -> JsonObject:
        """The entry as it stands in a file."""
        return {"body": self.body, "index": self.index, "path": hash_texts(self.path)}


def read_document(data: bytes, version: str, names: set[str]) -> JsonObject:
    """The members of the canonical document in `data`: exactly `names`, of this version (member `v`).

    Raises BundleError `bundle.size`, `bundle.json` (no canonical JSON), `bundle.version`, `bundle.form`.
    """
    if len(data) > MAX_BYTES:
        raise BundleError("bundle.size", f"A bundle has at most {MAX_BYTES} bytes.")
    try:
        value = strict_json.loads_canonical(data, max_bytes=MAX_BYTES)
    except JsonError as error:
        raise BundleError(
            "bundle.json", f"The bundle cannot be read: {error.detail}", path=error.path
        ) from None
    if isinstance(value, dict) and value.get("v") != version:
        refuse("version", f"The bundle must be of the version {version}.", "/v")
    return members(value, names, "")


def entry(value: JsonValue, path: str) -> BundledEntry:
    """A log entry with its place."""
    found = members(value, {"body", "index", "path"}, path)
    return BundledEntry(text(found["body"], f"{path}/body"), *place(found, path))


def place(found: JsonObject, path: str) -> tuple[int, tuple[bytes, ...]]:
    """The members `index` and `path`. Raises LogError `base64.invalid` or `proof.hash_length` for a hash."""
    index = found["index"]
    if not isinstance(index, int) or isinstance(index, bool) or index < 0:
        refuse("form", "An index is a whole number from 0.", f"{path}/index")
    return index, _hashes(found["path"], f"{path}/path")


def each(value: JsonValue, path: str, most: int, read: Callable[[JsonValue, str], T]) -> tuple[T, ...]:
    """Every item of a list of at most `most`."""
    if not isinstance(value, list) or len(value) > most:
        refuse("form", f"A list of at most {most} items belongs here.", path)
    return tuple(read(item, f"{path}/{index}") for index, item in enumerate(value))


def members(value: JsonValue, names: set[str], path: str) -> JsonObject:
    """An object with exactly these members."""
    if not isinstance(value, dict) or value.keys() != names:
        refuse("form", f"An object with exactly {', '.join(sorted(names))} belongs here.", path)
    return value


def text(value: JsonValue, path: str) -> str:
    """A text."""
    if not isinstance(value, str):
        refuse("form", "Text belongs here.", path)
    return value


def hash_texts(path: tuple[bytes, ...]) -> list[JsonValue]:
    """An inclusion path as it stands in a file: base64."""
    return [encode_base64(sibling) for sibling in path]


def refuse(code: str, detail: str, path: str) -> NoReturn:
    """Raise BundleError `bundle.<code>`."""
    raise BundleError(f"bundle.{code}", detail, path=path)


def _hashes(value: JsonValue, path: str) -> tuple[bytes, ...]:
    if isinstance(value, list) and len(value) <= MAX_PATH:
        try:
            return tuple([decode_hash(item) for item in value])  # type: ignore[arg-type]
        except (LogError, AttributeError):
            pass  # told below with its place, whose spelling costs as much as the reading
    return each(value, path, MAX_PATH, _hash)


def _hash(value: JsonValue, path: str) -> bytes:
    return decode_hash(text(value, path), path=path)
