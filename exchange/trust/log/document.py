"""Small JSON documents of the log in their canonical bytes (RFC 8785): exact members, each of its kind."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import cast

from exchange.trust import strict_json
from exchange.trust.errors import LogError
from exchange.trust.strict_json import JsonObject, JsonValue, pointer


def write_document(members: Mapping[str, object]) -> bytes:
    """The canonical bytes of a document of checked ASCII texts, booleans, null and objects of these.

    Unlike `strict_json.canonical` it does not look at the values again: a signed state takes one of every key.
    """
    return strict_json.canonical_text(cast(JsonObject, members)).encode("utf-8")


def read_document(data: bytes, kind: str, *, max_bytes: int) -> JsonObject:
    """The object whose canonical form (RFC 8785) is `data`.

    Raises JsonError (`json.*`, among them `json.not_canonical`) and LogError `<kind>.form` (no object).
    """
    value = strict_json.loads_canonical(data, max_bytes=max_bytes)
    if not isinstance(value, dict):
        raise LogError(f"{kind}.form", "The document is not a JSON object.")
    return value


def require_members(
    value: Mapping[str, JsonValue], names: Collection[str], kind: str, *, path: str = ""
) -> None:
    """Refuse a member too many or too few below `path`: LogError `<kind>.member`."""
    if value.keys() != names and (different := sorted(set(names).symmetric_difference(value))):
        detail = f"There must be exactly the members {', '.join(sorted(names))}."
        raise LogError(f"{kind}.member", detail, path=pointer(path, different[0]))


def object_of(value: JsonValue, code: str, *, path: str) -> JsonObject:
    """`value` when it is an object; raises LogError `code` otherwise."""
    if isinstance(value, dict):
        return value
    raise LogError(code, "This must be a JSON object.", path=path)


def text_of(value: JsonValue, code: str, *, path: str) -> str:
    """`value` when it is a text; raises LogError `code` otherwise."""
    if isinstance(value, str):
        return value
    raise LogError(code, "This must be a text.", path=path)


def whole_number_of(value: JsonValue, code: str, *, path: str) -> int:
    """`value` when it is a whole number of 0 or more; raises LogError `code` otherwise."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise LogError(code, "This must be a whole number of 0 or more.", path=path)
