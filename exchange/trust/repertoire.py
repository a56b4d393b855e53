"""Which characters text may hold: "Unicode Assignables" (RFC 9839 section 4.3), identifiers in normal form C.

No surrogates, no noncharacters, and of the control characters only tab, line feed and carriage return.
"""

from __future__ import annotations

import re
import unicodedata

from exchange.trust.errors import JsonError

_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    chr(p * 0x10000 + low) for p in range(17) for low in (0xFFFE, 0xFFFF)
)
_SURROGATES = "\ud800-\udfff"
_UNASSIGNABLE = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_SURROGATES}{_NONCHARACTERS}]")
# The bytes of C0 controls, and those that in UTF-8 begin a C1 control or a noncharacter (and much else).
_SUSPICIOUS = bytes({*range(0x20), 0x7F, 0xC2, 0xEF, *range(0xF0, 0xF5)} - {0x09, 0x0A, 0x0D})
# Layout, and those that begin characters above U+007E which are controls, beyond the surrogates, or much else.
_UNUSUAL = (0x09, 0x0A, 0x0D, 0x7F, 0xC2, *range(0xEE, 0xF5))
# All bytes but those of printable ASCII without the backslash and of U+00C0 to U+00FF, which are letters in normal
# form C (and two signs): most documents hold nothing else, and this takes a third of the time of looking each up.
_NOT_WESTERN = bytes({*range(256)} - {*range(0x20, 0x7F), 0xC3, *range(0x80, 0xC0)} | {ord("\\")})
# Anything else after a backslash; another one would make the next escape hard to tell.
_WILD_ESCAPE = re.compile(rb'\\[^nrt"]')
_LAYOUT = re.compile("[\t\n\r]")


def is_assignable(text: str) -> bool:
    """Whether text may hold all characters of `text`."""
    # Printable (by Python's rule) is narrower and much faster to test.
    return text.isprintable() or _is_unsuspicious(text) or not _UNASSIGNABLE.search(text)


def is_plain_name(text: str) -> bool:
    """Whether `text` is printable and in normal form C: enough, not necessary, for an identifier."""
    return text.isprintable() and (text.isascii() or _is_normal(text))


def _is_unsuspicious(text: str) -> bool:
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return len(data.translate(None, _SUSPICIOUS)) == len(data)


def _is_normal(text: str) -> bool:
    try:
        text.encode("latin-1")  # all of whose characters are in normal form C: quicker than looking each up
    except UnicodeEncodeError:
        return unicodedata.is_normalized("NFC", text)
    return True


def is_plain_document(data: bytes) -> bool:
    """Whether a JSON text, UTF-8, has no escapes and no unprintable or denormalised characters.

    Then no string in it can break a rule of this module; otherwise each string must be looked at.
    """
    if len(data.translate(None, _NOT_WESTERN)) == len(data):
        return True
    text = data.decode("utf-8")
    return "\\" not in text and (is_plain_name(text) or is_plain_name(_on_one_line(text)))


def is_tame_document(data: bytes) -> bool:
    """Whether a JSON text, UTF-8, holds ordinary characters and the escapes of layout and quotes alone.

    Then, if the decoder takes it, each string is assignable (names must still be looked at) and has one spelling (RFC
    8785 section 3.2.2.2), no layout but spaces stands between values, and names sort by code point as in UTF-16.
    """
    # The decoder refuses the other controls (RFC 8259 section 7). To look for each byte takes a third of the time of
    # a translation without them all.
    return not any([byte in data for byte in _UNUSUAL]) and not _WILD_ESCAPE.search(data)


def _on_one_line(text: str) -> str:
    return text.replace("\n", " ").replace("\r", " ").replace("\t", " ")


def check_text(text: str, path: str) -> None:
    """Refuse a character outside the repertoire: JsonError `json.surrogate` or `json.character` at `path`."""
    found = _UNASSIGNABLE.search(text)
    if found is None:
        return
    point = ord(found[0])
    if 0xD800 <= point <= 0xDFFF:
        raise JsonError("json.surrogate", "A string holds half of a surrogate pair.", path=path)
    detail = f"A string holds the control or noncharacter U+{point:04X} (RFC 9839 section 4.3)."
    raise JsonError("json.character", detail, path=path)


def check_identifier(text: str, path: str) -> None:
    """Refuse an identifier that two systems could compare differently: not NFC, or with layout characters.

    Raises JsonError (json.not_nfc, json.character). It is not normalised silently: the signature covers the
    bytes as they are (RFC 8785 section 3.1 does not normalise either).
    """
    if is_plain_name(text):
        return
    check_text(text, path)
    if _LAYOUT.search(text):
        raise JsonError("json.character", "A name or identifier holds a tab or line break.", path=path)
    if not unicodedata.is_normalized("NFC", text):
        raise JsonError("json.not_nfc", "A name or identifier is not in Unicode normal form C.", path=path)
