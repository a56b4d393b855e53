"""The decoding behind `strict_json`: numbers that every reader understands alike, no member twice, limited shape.

A quick pass takes what is ordinary; whatever it is unsure of goes through the pass that can say what is wrong.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import TypeAlias

from exchange.trust.errors import JsonError

Scan: TypeAlias = Callable[[str, int], tuple[object, int]]
NESTED = (dict, list)
_LONG = 8 * 1024
MAX_INTEGER = 2**53 - 1
MAX_DIGITS = 15
# No number of 15 significant digits that a double can hold needs a longer spelling than this.
_MAX_NUMBER_TEXT = 400
_SMALLEST_NORMAL = 2.2250738585072014e-308
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_MANY_SPACES = 100_000
_STRUCTURE = frozenset({b"[", b"]", b"{", b"}", b",", b":", b"", b" "})
_LEVEL = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Stands in the tree where a hook refused something, so that the walk can tell its path."""

    code: str
    detail: str
    member: str | None = None


class _Hooks:
    """What the decoder calls for numbers and objects; remembers whether anything was refused."""

    def __init__(self) -> None:
        self.refused = False

    def _refuse(self, code: str, detail: str, member: str | None = None) -> Refusal:
        self.refused = True
        return Refusal(code, detail, member)

    def integer(self, text: str) -> int | Refusal:
        # The length first: Python refuses to convert thousands of digits with a ValueError.
        if len(text) > MAX_DIGITS + 2 or abs(int(text)) > MAX_INTEGER:
            return self._refuse("json.number_range", "A whole number lies outside ±(2^53 - 1).")
        return int(text)

    def fraction(self, text: str) -> Decimal | Refusal:
        mantissa = text.lower().partition("e")[0].lstrip("-").replace(".", "").lstrip("0")
        if len(mantissa) > MAX_DIGITS or len(text) > _MAX_NUMBER_TEXT:
            return self._refuse(
                "json.number_precision", f"A number has more than {MAX_DIGITS} significant digits."
            )
        size = abs(float(text))
        if size == float("inf") or (mantissa and size < _SMALLEST_NORMAL):
            return self._refuse("json.number_range", "A number is too large or too small for a double.")
        return Decimal(text) if mantissa else Decimal(0)

    def constant(self, text: str) -> Refusal:
        return self._refuse("json.number_constant", f"{text} is not a JSON number.")

    def members(self, pairs: list[tuple[str, object]]) -> dict[str, object] | Refusal:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        name = Counter(name for name, _ in pairs).most_common(1)[0][0]
        return self._refuse("json.duplicate_key", f"The member {ascii(name)[:80]} occurs twice.", name)


class Unsure(Exception):
    """The quick pass met something that must be looked at."""


def quick(text: str) -> object:
    """The value of a JSON text that begins and ends without space and holds small whole numbers at most.

    Raises Unsure for every other text, be it JSON or not.
    """
    return _scanned(_SCAN, text)


def quick_ordered(text: str) -> tuple[object, str]:
    """As `quick`, and the members of each object stand in the order of their names' code points.

    With the value come the names of all objects, strung together.
    """
    names: list[str] = []

    def members(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = _members(pairs)
        own = list(found)
        if own != sorted(own):
            raise Unsure
        names.extend(own)
        return found

    return _scanned(_scanner(members), text), "".join(names)


def _scanned(scan: Scan, text: str) -> object:
    try:
        value, end = scan(text, 0)
    except (ValueError, StopIteration, RecursionError):
        raise Unsure from None
    if end != len(text):
        raise Unsure
    return value


def thorough(text: str) -> tuple[object, bool]:
    """The value of a JSON text with a Refusal in each place where something is wrong, and whether there is one.

    Raises JsonError `json.syntax` or `json.depth`.
    """
    hooks = _Hooks()
    decoder = json.JSONDecoder(
        object_pairs_hook=hooks.members,
        parse_int=hooks.integer,
        parse_float=hooks.fraction,
        parse_constant=hooks.constant,
    )
    try:
        return decoder.decode(text), hooks.refused
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise JsonError("json.syntax", f"This is not JSON: {error.msg} at {where}.") from None
    except RecursionError:
        raise JsonError("json.depth", "The nesting is deeper than this machine can read.") from None


def check_shape(data: bytes, max_depth: int, max_nodes: int) -> bool:
    """Refuse on the raw bytes what has too many values or, as far as they tell, is nested too deep.

    Whether the depth is settled; otherwise `check_depth` must see the value. JsonError `json.depth`, `json.nodes`.
    """
    # Each value takes a byte; a long document within the limit is quicker to look at once it is read.
    if _LONG <= len(data) <= max_nodes:
        return False
    # What stands inside strings can only make these counts too high, so mostly they settle it.
    brackets = data.count(b"[") + data.count(b"{")
    if len(data) <= max_nodes or 1 + brackets + data.count(b",") <= max_nodes:
        return brackets <= max_depth
    # Without escapes every second piece between quotes lies outside strings; an unfinished string counts as one
    # to its end. A backslash outside strings ends the decoder's reading, so what follows it does not matter.
    quoted = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    # At most two strings for each value: its name and itself. Taken apart, more would fill the memory.
    if quoted.count(b'"') > 4 * max_nodes:
        raise _too_many(max_nodes)
    pieces = quoted.split(b'"')
    outside = b"".join(pieces[::2])
    levels = accumulate(map(_LEVEL.__getitem__, outside.translate(None, _NOT_BRACKETS)))
    if max(levels, default=0) > max_depth:
        raise _too_deep(max_depth)
    # Each value but the first follows a comma or an opening bracket.
    if 1 + outside.count(b",") + outside.count(b"[") + outside.count(b"{") > max_nodes:
        raise _too_many(max_nodes)
    return True


def are_spaces_inside(data: bytes) -> bool:
    """Whether all spaces of a JSON text stand in strings; False also where this does not tell.

    Beside one that stands outside is a bracket, a comma, a colon or the text's end (RFC 8259 section 2).
    """
    if data.count(b" ") > _MANY_SPACES:  # as many pieces would fill the memory
        return False
    pieces = data.split(b" ")
    beside = {piece[-1:] for piece in pieces[:-1]} | {piece[:1] for piece in pieces[1:]}
    return beside.isdisjoint(_STRUCTURE)


def check_depth(value: object, max_depth: int) -> None:
    """Refuse a value nested deeper than `max_depth`, which this follows no further. JsonError `json.depth`."""
    if isinstance(value, NESTED) and _is_deeper(value, max_depth):
        raise _too_deep(max_depth)


def _is_deeper(value: dict[object, object] | list[object], levels: int) -> bool:
    if not levels:
        return True
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, NESTED) and _is_deeper(item, levels - 1):
            return True
    return False


def _too_deep(max_depth: int) -> JsonError:
    return JsonError("json.depth", f"The document is nested deeper than {max_depth} levels.")


def _too_many(max_nodes: int) -> JsonError:
    return JsonError("json.nodes", f"The document holds more than {max_nodes} values.")


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unsure
    return found


def _number(text: str) -> int:
    if len(text) > MAX_DIGITS or not text.isdecimal():
        raise Unsure
    return int(text)


def _scanner(members: Callable[[list[tuple[str, object]]], dict[str, object]]) -> Scan:
    # What `raw_decode` itself calls, without its wrapping; the standard library documents only the latter.
    decoder = json.JSONDecoder(
        object_pairs_hook=members, parse_int=_number, parse_float=_number, parse_constant=_number
    )
    return decoder.scan_once  # type: ignore[attr-defined, no-any-return]


_SCAN = _scanner(_members)
