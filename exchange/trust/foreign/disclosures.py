"""Disclosures at any depth of somebody else's SD-JWT (RFC 9901 section 7.1), put where their digests stand.

Our own tokens disclose whole members of the subject only (`disclosure`); others may hide any member or array element,
and digests within what is disclosed.
"""

from __future__ import annotations

from collections.abc import Sequence

from exchange.trust import base64url, strict_json
from exchange.trust.disclosure import ALGORITHM, DIGESTS, MAX_DISCLOSURE_BYTES, MAX_DISCLOSURES, digest_of
from exchange.trust.errors import ForeignError
from exchange.trust.strict_json import MAX_DEPTH, JsonObject, JsonValue

_ELEMENT = "..."


def reveal_all(payload: JsonObject, disclosures: Sequence[str]) -> JsonObject:
    """`payload` with every disclosure in its place and all digests taken out.

    Raises EncodingError, JsonError or ForeignError `disclosure.*`: each disclosure is referenced by exactly one
    digest, no digest stands twice, nothing is overwritten, and the digests are SHA-256.
    """
    if payload.get(ALGORITHM, "sha-256") != "sha-256":
        raise ForeignError(
            "disclosure.algorithm", "The digest algorithm must be sha-256.", path=f"/{ALGORITHM}"
        )
    if len(disclosures) > MAX_DISCLOSURES:
        raise ForeignError("disclosure.count", f"A token carries at most {MAX_DISCLOSURES} disclosures.")
    revealing = _Revealing(disclosures)
    plain = revealing.members({name: value for name, value in payload.items() if name != ALGORITHM}, 0)
    if revealing.waiting:
        raise ForeignError("disclosure.unreferenced", "A disclosure is not referenced by the token.")
    return plain


class _Revealing:
    """One walk through a payload; `waiting` holds the disclosures by digest that were not met yet."""

    def __init__(self, disclosures: Sequence[str]) -> None:
        self.waiting = {digest_of(text): _parts(text) for text in disclosures}
        self._met: set[str] = set()
        if len(self.waiting) != len(disclosures):
            raise ForeignError("disclosure.doubled", "A disclosure stands twice in the token.")

    def members(self, given: JsonObject, depth: int) -> JsonObject:
        found = {name: self._value(value, depth) for name, value in given.items() if name != DIGESTS}
        if _ELEMENT in found or ALGORITHM in found:
            raise ForeignError("disclosure.reserved", "A reserved name stands where it means nothing.")
        for digest in _digests(given):
            parts = self._take(digest, 3)
            if parts is None:
                continue
            _, name, value = parts
            if not isinstance(name, str) or name in (DIGESTS, _ELEMENT, ALGORITHM) or name in found:
                raise ForeignError("disclosure.name", "A disclosure names no member that is free here.")
            found[name] = self._value(value, depth)
        return found

    def _value(self, value: JsonValue, depth: int) -> JsonValue:
        # Disclosures within disclosures may nest deeper than any one of their texts.
        if depth > MAX_DEPTH:
            raise ForeignError("disclosure.depth", f"The disclosures nest deeper than {MAX_DEPTH} levels.")
        if isinstance(value, dict):
            return self.members(value, depth + 1)
        if isinstance(value, list):
            return [shown for item in value for shown in self._element(item, depth + 1)]
        return value

    def _element(self, item: JsonValue, depth: int) -> list[JsonValue]:
        if not isinstance(item, dict) or set(item) != {_ELEMENT}:
            return [self._value(item, depth)]
        parts = self._take(item[_ELEMENT], 2)
        return [] if parts is None else [self._value(parts[1], depth)]

    def _take(self, digest: JsonValue, length: int) -> list[JsonValue] | None:
        if not isinstance(digest, str) or digest in self._met:
            raise ForeignError("disclosure.digests", "A digest is no text, or stands twice in the token.")
        self._met.add(digest)
        parts = self.waiting.pop(digest, None)
        if parts is not None and len(parts) != length:
            raise ForeignError(
                "disclosure.form", "A member is disclosed as an array element, or the reverse."
            )
        return parts


def _digests(given: JsonObject) -> list[JsonValue]:
    digests = given.get(DIGESTS, [])
    if not isinstance(digests, list):
        raise ForeignError("disclosure.digests", "The digests of an object must be a list.")
    return digests


def _parts(text: str) -> list[JsonValue]:
    parts = strict_json.loads(base64url.decode(text), max_bytes=MAX_DISCLOSURE_BYTES)
    if not isinstance(parts, list) or len(parts) not in (2, 3) or not isinstance(parts[0], str):
        raise ForeignError(
            "disclosure.form", "A disclosure is an array of salt, name where it has one, and value."
        )
    return parts
