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
_LAYOUT = re.compile("[\t\n\r]")


def is_assignable(text: str) -> bool:
    """Whether text may hold all characters of `text`."""
    # Printable (by Python's rule) is narrower and much faster to test.
    return text.isprintable() or not _UNASSIGNABLE.search(text)


def is_plain_name(text: str) -> bool:
    """Whether `text` is printable and in normal form C: enough, not necessary, for an identifier."""
    return text.isprintable() and unicodedata.is_normalized("NFC", text)


def is_plain_document(text: str) -> bool:
    """Whether a JSON text has no escapes and no unprintable or denormalised characters.

    Then no string in it can break a rule of this module; otherwise each string must be looked at.
    """
    one_line = text.replace("\n", " ").replace("\r", " ").replace("\t", " ")
    return "\\" not in text and is_plain_name(one_line)


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
    check_text(text, path)
    if _LAYOUT.search(text):
        raise JsonError("json.character", "A name or identifier holds a tab or line break.", path=path)
    if not unicodedata.is_normalized("NFC", text):
        raise JsonError("json.not_nfc", "A name or identifier is not in Unicode normal form C.", path=path)
