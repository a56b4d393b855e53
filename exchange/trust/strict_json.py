"""The one JSON reader: what it accepts, every other reader understands the same way.

The rules are those of I-JSON (RFC 7493) made mandatory, with the characters of `repertoire`. Sizes are
checked on the raw bytes before the (recursive) decoder sees them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import TypeAlias

import rfc8785

from exchange.trust.errors import JsonError
from exchange.trust.repertoire import (
    check_identifier,
    check_text,
    is_assignable,
    is_plain_document,
    is_plain_name,
)

JsonValue: TypeAlias = "bool | int | Decimal | str | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = "dict[str, JsonValue]"
_Canonical: TypeAlias = "bool | int | float | str | Sequence[_Canonical] | Mapping[str, _Canonical] | None"

MAX_DEPTH = 64
MAX_NODES = 100_000
MAX_INTEGER = 2**53 - 1
MAX_DIGITS = 15
# No number of 15 significant digits that a double can hold needs a longer spelling than this.
_MAX_NUMBER_TEXT = 400
_SMALLEST_NORMAL = 2.2250738585072014e-308

# An unfinished string counts as one to its end: otherwise each quote in it would start a new scan (O(n^2)).
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_LEVEL = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Stands in the tree where a hook refused something, so that the walk can tell its path."""

    code: str
    detail: str
    member: str | None = None


class _Hooks:
    """What the decoder calls for numbers and objects; remembers whether anything was refused."""

    def __init__(self) -> None:
        self.refused = False

    def _refuse(self, code: str, detail: str, member: str | None = None) -> _Refusal:
        self.refused = True
        return _Refusal(code, detail, member)

    def integer(self, text: str) -> int | _Refusal:
        # The length first: Python refuses to convert thousands of digits with a ValueError.
        if len(text) > MAX_DIGITS + 2 or abs(int(text)) > MAX_INTEGER:
            return self._refuse("json.number_range", "A whole number lies outside ±(2^53 - 1).")
        return int(text)

    def fraction(self, text: str) -> Decimal | _Refusal:
        mantissa = text.lower().partition("e")[0].lstrip("-").replace(".", "").lstrip("0")
        if len(mantissa) > MAX_DIGITS or len(text) > _MAX_NUMBER_TEXT:
            return self._refuse(
                "json.number_precision", f"A number has more than {MAX_DIGITS} significant digits."
            )
        size = abs(float(text))
        if size == float("inf") or (mantissa and size < _SMALLEST_NORMAL):
            return self._refuse("json.number_range", "A number is too large or too small for a double.")
        return Decimal(text) if mantissa else Decimal(0)

    def constant(self, text: str) -> _Refusal:
        return self._refuse("json.number_constant", f"{text} is not a JSON number.")

    def members(self, pairs: list[tuple[str, object]]) -> dict[str, object] | _Refusal:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        name = Counter(name for name, _ in pairs).most_common(1)[0][0]
        return self._refuse("json.duplicate_key", f"The member {ascii(name)[:80]} occurs twice.", name)


def loads(
    data: bytes, *, max_bytes: int, max_depth: int = MAX_DEPTH, max_nodes: int = MAX_NODES
) -> JsonValue:
    """The value of the UTF-8 JSON text `data`; fractions become Decimal. Raises JsonError, nothing else.

    Limits: `max_bytes` of input, `max_depth` of nesting, `max_nodes` values in all. Codes: json.size,
    json.encoding, json.bom, json.depth, json.nodes, json.syntax, json.duplicate_key, json.number_range,
    json.number_precision, json.number_constant, json.surrogate, json.character, json.not_nfc (member names).
    """
    text = _decoded(data, max_bytes)
    _check_shape(data, max_depth, max_nodes)
    hooks = _Hooks()
    decoder = json.JSONDecoder(
        object_pairs_hook=hooks.members,
        parse_int=hooks.integer,
        parse_float=hooks.fraction,
        parse_constant=hooks.constant,
    )
    try:
        value: JsonValue = decoder.decode(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise JsonError("json.syntax", f"This is not JSON: {error.msg} at {where}.") from None
    except RecursionError:
        raise JsonError("json.depth", "The nesting is deeper than this machine can read.") from None
    if (hooks.refused or not is_plain_document(text)) and not _is_clean(value):
        _check_tree(value, "")
    return value


def dumps(value: object) -> bytes:
    """`value` as compact UTF-8 JSON, in its own member order, that `loads` reads back to an equal value.

    Raises JsonError for all that would not come back equal (floats, tuples, non-string member names, NaN, …),
    so that what a signer meant and what a verifier reads cannot differ.
    """
    try:
        _refuse_floats(value)
        text = json.dumps(
            value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_number_of
        )
        data = text.encode("utf-8")
    except UnicodeEncodeError:
        raise JsonError("json.surrogate", "A string holds half of a surrogate pair.") from None
    except (TypeError, ValueError, RecursionError, OverflowError) as error:
        raise JsonError("json.type", f"This cannot be written as JSON: {error}.") from None
    if loads(data, max_bytes=len(data)) != value:
        raise JsonError(
            "json.type",
            "The value is not plain JSON (it would be read back as something else).",
            advice="Use objects with text names, lists, text, whole numbers, Decimal, true, false and null.",
        )
    return data


def sha256(value: object) -> str:
    """`sha256:<hex>` of the canonical form (RFC 8785) of `value`. Raises JsonError for what `dumps` refuses."""
    plain = loads(written := dumps(value), max_bytes=len(written))
    return "sha256:" + hashlib.sha256(rfc8785.dumps(_with_floats(plain))).hexdigest()


def pointer(parent: str, member: str | int) -> str:
    """The JSON pointer (RFC 6901) of `member` (a name or an index) below `parent`."""
    name = str(member).encode("utf-8", "replace").decode("utf-8")
    return f"{parent}/{name.replace('~', '~0').replace('/', '~1')}"


def copy_of(value: JsonValue) -> JsonValue:
    """A copy that shares no list or object with `value`."""
    if isinstance(value, dict):
        return {name: copy_of(member) for name, member in value.items()}
    return [copy_of(item) for item in value] if isinstance(value, list) else value


def _decoded(data: bytes, max_bytes: int) -> str:
    if len(data) > max_bytes:
        raise JsonError("json.size", f"The document has {len(data)} bytes; {max_bytes} are allowed.")
    if data.startswith(b"\xef\xbb\xbf"):
        raise JsonError("json.bom", "The document starts with a byte order mark (RFC 8259 section 8.1).")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonError("json.encoding", f"The document is not UTF-8 at byte {error.start}.") from None


def _check_shape(data: bytes, max_depth: int, max_nodes: int) -> None:
    outside = _STRING.sub(b"", data)
    levels = accumulate(map(_LEVEL.__getitem__, outside.translate(None, _NOT_BRACKETS)))
    if max(levels, default=0) > max_depth:
        raise JsonError("json.depth", f"The document is nested deeper than {max_depth} levels.")
    # Each value but the first follows a comma or an opening bracket.
    if 1 + outside.count(b",") + outside.count(b"[") + outside.count(b"{") > max_nodes:
        raise JsonError("json.nodes", f"The document holds more than {max_nodes} values.")


def _is_clean(value: object) -> bool:
    # Only the answer, without the paths that make the search below slow.
    if isinstance(value, str):
        return is_assignable(value)
    if isinstance(value, dict):
        return all(map(is_plain_name, value)) and all(map(_is_clean, value.values()))
    if isinstance(value, list):
        return all(map(_is_clean, value))
    return not isinstance(value, _Refusal)


def _check_tree(value: object, path: str) -> None:
    if isinstance(value, _Refusal):
        where = path if value.member is None else pointer(path, value.member)
        raise JsonError(value.code, value.detail, path=where)
    if isinstance(value, str):
        check_text(value, path)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check_tree(item, pointer(path, index))
    elif isinstance(value, dict):
        for name, item in value.items():
            check_identifier(name, pointer(path, name))
            _check_tree(item, pointer(path, name))


def _refuse_floats(value: object) -> None:
    # Some floats (0.5) would come back equal and others (0.1) not: the rule must not depend on the figure.
    if isinstance(value, float):
        raise TypeError("float is not exact, use a decimal string or Decimal")
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            _refuse_floats(item)


def _with_floats(value: JsonValue) -> _Canonical:
    # Exact: the reader admits no number that a double does not give back (RFC 8785 section 3.2.2.3).
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: _with_floats(member) for name, member in value.items()}
    return [_with_floats(item) for item in value] if isinstance(value, list) else value


def _number_of(value: object) -> float:
    # A Decimal of at most 15 digits survives the way through a double and its shortest spelling.
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} is not a JSON type")
