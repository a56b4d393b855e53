"""Identifiers of the field and their check digits: CVR, GTIN, LEI and `urn:uuid:`.

An `is_valid_…` answers for any text; a `parse_…` returns the typed identifier or raises `InvalidError`
with the code `id.<scheme>`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NewType

from exchange.domain.errors import InvalidError

Cvr = NewType("Cvr", str)
Gtin = NewType("Gtin", str)
SubjectId = NewType("SubjectId", str)

CVR_WEIGHTS = (2, 7, 6, 5, 4, 3, 2, 1)
GTIN_LENGTHS = (8, 12, 13, 14)
_LEI = re.compile(r"[0-9A-Z]{18}[0-9]{2}")
_URN_UUID = re.compile(r"urn:uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def is_valid_cvr(text: str) -> bool:
    """Whether the text is a Danish business number: 8 digits, no leading zero, weighted sum divisible by 11."""
    if len(text) != len(CVR_WEIGHTS) or not _is_digits(text) or text[0] == "0":
        return False
    return sum(weight * int(digit) for weight, digit in zip(CVR_WEIGHTS, text, strict=True)) % 11 == 0


def is_valid_gtin(text: str) -> bool:
    """Whether the text is a GTIN-8, -12, -13 or -14 (GS1 General Specifications section 7.9: weights 3 and 1)."""
    if len(text) not in GTIN_LENGTHS or not _is_digits(text) or not text.strip("0"):
        return False
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(text)))
    return weighted % 10 == 0


def is_valid_lei(text: str) -> bool:
    """Whether the text is a legal entity identifier (ISO 17442): 20 characters, ISO 7064 MOD 97-10."""
    if not _LEI.fullmatch(text):
        return False
    return int("".join(str(int(character, 36)) for character in text)) % 97 == 1


def is_valid_urn_uuid(text: str) -> bool:
    """Whether the text is `urn:uuid:` and a UUID in small letters (RFC 9562 section 4)."""
    return _URN_UUID.fullmatch(text) is not None


def _refuse_unless(valid: Callable[[str], bool], text: str, path: str, code: str, what: str) -> None:
    if not valid(text):
        raise InvalidError(f"This is not {what}.", code=code, path=path, advice="Look for a mistyped digit.")


def parse_cvr(text: str, path: str = "") -> Cvr:
    """The CVR number, or `InvalidError` `id.cvr`."""
    _refuse_unless(is_valid_cvr, text, path, "id.cvr", "a CVR number (8 digits, the last one a check digit)")
    return Cvr(text)


def parse_gtin(text: str, path: str = "") -> Gtin:
    """The GTIN, or `InvalidError` `id.gtin`."""
    what = "a GTIN (8, 12, 13 or 14 digits, the last one a check digit)"
    _refuse_unless(is_valid_gtin, text, path, "id.gtin", what)
    return Gtin(text)


def parse_subject_id(text: str, path: str = "") -> SubjectId:
    """The `urn:uuid:` id of a subject as the wire writes it, or `InvalidError` `id.urn_uuid`."""
    what = "an id of the form urn:uuid: followed by a UUID in small letters"
    _refuse_unless(is_valid_urn_uuid, text, path, "id.urn_uuid", what)
    return SubjectId(text)
