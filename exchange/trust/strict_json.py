"""The one JSON reader: what it accepts, every other reader understands the same way.

The rules are those of I-JSON (RFC 7493) made mandatory, with the characters of `repertoire`. Sizes are
checked on the raw bytes before the (recursive) decoder sees them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

import rfc8785

from exchange.trust.errors import JsonError
from exchange.trust.json_decoding import (
    NESTED,
    Refusal,
    Unsure,
    are_spaces_inside,
    check_depth,
    check_shape,
    quick,
    quick_ordered,
    thorough,
)
from exchange.trust.repertoire import (
    check_identifier,
    check_text,
    is_assignable,
    is_plain_document,
    is_plain_name,
    is_tame_document,
)

JsonValue: TypeAlias = "bool | int | Decimal | str | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = "dict[str, JsonValue]"
_Canonical: TypeAlias = "bool | int | float | str | Sequence[_Canonical] | Mapping[str, _Canonical] | None"

MAX_DEPTH = 64
MAX_NODES = 100_000

_BOM = b"\xef\xbb\xbf"
_CANONICAL = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def loads(
    data: bytes, *, max_bytes: int, max_depth: int = MAX_DEPTH, max_nodes: int = MAX_NODES
) -> JsonValue:
    """The value of the UTF-8 JSON text `data`; fractions become Decimal. Raises JsonError, nothing else.

    Limits: `max_bytes` of input, `max_depth` of nesting, `max_nodes` values in all. Codes: json.size,
    json.encoding, json.bom, json.depth, json.nodes, json.syntax, json.duplicate_key, json.number_range,
    json.number_precision, json.number_constant, json.surrogate, json.character, json.not_nfc (member names).
    """
    text = _decoded(data, max_bytes)
    settled = check_shape(data, max_depth, max_nodes)
    return _value_of(text, is_plain_document(data), None if settled else max_depth)


def loads_each(documents: Sequence[bytes], *, max_bytes: int) -> list[JsonValue]:
    """As `loads` of each of some small documents, quicker: what holds for all joined holds for each. JsonError."""
    joined = b" ".join(documents)
    # None is nested deeper than it has brackets.
    brackets = max([one.count(b"[") + one.count(b"{") for one in documents], default=0)
    few = brackets <= MAX_DEPTH and len(joined) <= MAX_NODES
    if not few or len(joined) > max_bytes or joined.startswith(_BOM):
        return [loads(document, max_bytes=max_bytes) for document in documents]
    # Refuses what is not UTF-8: with spaces between, it is so, or not, as without them.
    _decoded(joined, max_bytes)
    is_plain = is_plain_document(joined)
    if is_plain:  # and so without a byte order mark
        try:
            return [quick(document.decode("utf-8")) for document in documents]  # type: ignore[misc]
        except Unsure:
            pass
    return [_value_of(_decoded(document, max_bytes), is_plain, None) for document in documents]


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
    return "sha256:" + hashlib.sha256(canonical(value)).hexdigest()


def canonical(value: object) -> bytes:
    """The canonical form (JCS, RFC 8785) of `value`, UTF-8. Raises JsonError for what `dumps` refuses."""
    return canonical_text(loads(written := dumps(value), max_bytes=len(written))).encode("utf-8")


def loads_canonical(data: bytes, *, max_bytes: int) -> JsonValue:
    """As `loads`, and `data` must be the canonical form of its value: one document, one spelling, one digest.

    Raises JsonError, besides the codes of `loads` with `json.not_canonical`.
    """
    text = _decoded(data, max_bytes)
    settled = check_shape(data, MAX_DEPTH, MAX_NODES)
    try:
        return _quick_canonical(data, text, None if settled else MAX_DEPTH)
    except Unsure:
        value = _value_of(text, is_plain_document(data), None if settled else MAX_DEPTH)
    if canonical_text(value) != text:
        raise JsonError("json.not_canonical", "The document is not in its canonical form (RFC 8785).")
    return value


def _quick_canonical(data: bytes, text: str, max_depth: int | None) -> JsonValue:
    """The value of an ordinary text in canonical form; raises Unsure for every other text, JsonError `json.depth`.

    Whole numbers and escapes have one spelling each where both callees let them pass. So the form is canonical when
    the names are in order, none twice, and no space stands outside strings (RFC 8785 sections 3.2.1 and 3.2.3).
    """
    if not is_tame_document(data):
        raise Unsure
    value, names = quick_ordered(text)
    # In normal form C only if each name is: substrings of what is normal are so (Unicode annex 15).
    if not is_plain_name(names):
        raise Unsure
    if max_depth is not None:
        check_depth(value, max_depth)
    if not are_spaces_inside(data) and names.count(" ") + _spaces_in(value) != data.count(b" "):
        raise Unsure
    return value  # type: ignore[return-value]


def _spaces_in(value: object) -> int:
    """The spaces in all texts of `value` but the names."""
    if isinstance(value, str):
        return value.count(" ")
    if not isinstance(value, NESTED):
        return 0
    return sum([_spaces_in(item) for item in (value.values() if isinstance(value, dict) else value)])


def pointer(parent: str, member: str | int) -> str:
    """The JSON pointer (RFC 6901) of `member` (a name or an index) below `parent`."""
    name = str(member).encode("utf-8", "replace").decode("utf-8")
    return f"{parent}/{name.replace('~', '~0').replace('/', '~1')}"


def copy_of(value: JsonValue) -> JsonValue:
    """A copy that shares no list or object with `value`."""
    if isinstance(value, dict):
        return {
            name: copy_of(member) if isinstance(member, NESTED) else member for name, member in value.items()
        }
    if isinstance(value, list):
        return [copy_of(item) if isinstance(item, NESTED) else item for item in value]
    return value


def _value_of(text: str, is_plain: bool, max_depth: int | None) -> JsonValue:
    """The value of a text of known shape; `max_depth` where its depth is still to be looked at."""
    value, refused = _decode(text)
    # Before anything that follows the nesting all the way down.
    if max_depth is not None:
        check_depth(value, max_depth)
    if (refused or not is_plain) and not _is_clean(value):
        _check_tree(value, "")
    return value  # type: ignore[return-value]


def _decode(text: str) -> tuple[object, bool]:
    try:
        return quick(text), False
    except Unsure:
        return thorough(text)


def _decoded(data: bytes, max_bytes: int) -> str:
    if len(data) > max_bytes:
        raise JsonError("json.size", f"The document has {len(data)} bytes; {max_bytes} are allowed.")
    if data.startswith(_BOM):
        raise JsonError("json.bom", "The document starts with a byte order mark (RFC 8259 section 8.1).")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonError("json.encoding", f"The document is not UTF-8 at byte {error.start}.") from None


def _is_clean(value: object) -> bool:
    # Only the answer, without the paths that make the search below slow.
    if isinstance(value, str):
        return is_assignable(value)
    if isinstance(value, dict):
        return all(map(is_plain_name, value)) and all(map(_is_clean, value.values()))
    if isinstance(value, list):
        return all(map(_is_clean, value))
    return not isinstance(value, Refusal)


def _check_tree(value: object, path: str) -> None:
    if isinstance(value, Refusal):
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


def canonical_text(value: JsonValue) -> str:
    """The canonical form of a value as `loads` gives it: unlike `canonical`, this takes it for what it is."""
    # The fast encoder writes text and whole numbers as RFC 8785 section 3.2.2 does; it knows no Decimal, and it
    # sorts names by code point, which is the order of UTF-16 (section 3.2.3) as long as none lies above the surrogates.
    if _is_quickly_sorted(value):
        try:
            return _CANONICAL.encode(value)
        except TypeError:
            pass
    return rfc8785.dumps(_with_floats(value)).decode("utf-8")


def _is_quickly_sorted(value: JsonValue) -> bool:
    if isinstance(value, dict):
        names = "".join(value)
        if not names.isascii() and max(names) >= "\ud800":
            return False
        return all([_is_quickly_sorted(item) for item in value.values() if isinstance(item, NESTED)])
    if isinstance(value, list):
        return all([_is_quickly_sorted(item) for item in value if isinstance(item, NESTED)])
    return True


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
