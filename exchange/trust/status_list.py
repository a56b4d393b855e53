"""Revocation by position in a signed bit string (W3C Bitstring Status List 1.0).

Narrower than the standard where two readers could differ: one entry per credential, one bit per entry, the
purpose `revocation` alone, and no member that is not listed here.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import NoReturn

from exchange.trust import base64url
from exchange.trust.credential import BASE_TYPE, CONTEXT
from exchange.trust.dataset import VerifiedDataset
from exchange.trust.errors import EncodingError, StatusError
from exchange.trust.strict_json import JsonObject, JsonValue

ENTRY_TYPE = "BitstringStatusListEntry"
LIST_TYPE = "BitstringStatusList"
CREDENTIAL_TYPE = "BitstringStatusListCredential"
REVOCATION = "revocation"
# Section 6.1: fewer entries would tell which credential is being looked up.
MIN_LENGTH = 131_072
# A megabyte unpacked; a list of ours has 16 KiB.
MAX_LENGTH = 8 * 1024 * 1024
_MAX_ENCODED = 2 * 1024 * 1024
_MULTIBASE = "u"  # base64url without padding
# One list serves many datasets; eight of the largest are 24 MiB with their texts.
_CACHED = 8
_GZIP = 31  # zlib's window bits for a gzip wrapper (RFC 1952) and nothing else
_ENTRY_MEMBERS = frozenset({"id", "type", "statusPurpose", "statusListIndex", "statusListCredential"})
_LIST_MEMBERS = frozenset({"id", "type", "statusPurpose", "encodedList"})
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
_URL = re.compile(r"https?://[!-~]+")


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """Where a credential's state stands: position `index` (from 0) of the list credential at `list_url`."""

    list_url: str
    index: int
    purpose: str = REVOCATION

    def document(self) -> JsonObject:
        """The `credentialStatus` object (section 2.1)."""
        return {
            "id": f"{self.list_url}#{self.index}",
            "type": ENTRY_TYPE,
            "statusPurpose": self.purpose,
            "statusListIndex": str(self.index),
            "statusListCredential": self.list_url,
        }


@dataclass(frozen=True, slots=True)
class StatusList:
    """One issue of a list: its address, its signer's DID, the instant it speaks of, and its bits."""

    url: str
    issuer: str
    issued: datetime
    bits: bytes


def read_status_entry(value: JsonValue, path: str = "/credentialStatus") -> StatusEntry:
    """The entry of a `credentialStatus` member at `path`. StatusError `status.form`, `.purpose`, `.index`.

    The index is text (section 2.1); a whole number, which some issuers write, is understood too.
    """
    if not isinstance(value, dict) or set(value) - _ENTRY_MEMBERS or value.get("type") != ENTRY_TYPE:
        _refuse("form", f"The status must be one {ENTRY_TYPE} with only its own members.", path)
    list_url, entry_id = value.get("statusListCredential"), value.get("id")
    if not isinstance(list_url, str) or not _URL.fullmatch(list_url) or entry_id == list_url:
        _refuse(
            "form", "The status names no list credential, or bears its id.", f"{path}/statusListCredential"
        )
    if entry_id is not None and not isinstance(entry_id, str):
        _refuse("form", "The id of a status is text.", f"{path}/id")
    if value.get("statusPurpose") != REVOCATION:
        _refuse("purpose", f"Only the purpose {REVOCATION} is used here.", f"{path}/statusPurpose")
    return StatusEntry(list_url, _index(value.get("statusListIndex"), f"{path}/statusListIndex"))


def encode_list(revoked: Iterable[int], length: int = MIN_LENGTH) -> str:
    """The `encodedList` of `length` entries, those at `revoked` set; the same for the same positions.

    `u` + base64url(gzip), index 0 the left-most bit of byte 0 (section 3.3). Raises StatusError
    `status.length` and `status.index`.
    """
    if not MIN_LENGTH <= length <= MAX_LENGTH or length % 8:
        _refuse("length", f"A list has {MIN_LENGTH} to {MAX_LENGTH} entries, a multiple of 8.")
    bits = bytearray(length // 8)
    for index in revoked:
        if not 0 <= index < length:
            _refuse("index", f"The list has no position {index}.")
        bits[index // 8] |= 0x80 >> index % 8
    return _MULTIBASE + base64url.encode(gzip.compress(bytes(bits), mtime=0))


@lru_cache(maxsize=_CACHED)
def decode_list(text: str) -> bytes:
    """The bits of an `encodedList`, unpacked no further than the cap (section 3.4).

    Raises StatusError `status.encoding` (not one whole gzip member in canonical base64url), `status.size`
    (unpacks to more than the cap) and `status.length` (fewer entries than the standard demands).
    """
    if not text.startswith(_MULTIBASE) or len(text) > _MAX_ENCODED:
        _refuse("encoding", "A status list starts with u and has at most two million characters.")
    try:
        packed = base64url.decode(text[1:])
        unpacking = zlib.decompressobj(_GZIP)
        bits = unpacking.decompress(packed, MAX_LENGTH // 8 + 1)
    except (EncodingError, zlib.error):
        _refuse("encoding", "The status list is not gzip in canonical base64url.")
    if len(bits) > MAX_LENGTH // 8:
        _refuse("size", f"The status list unpacks to more than {MAX_LENGTH} entries.")
    if not unpacking.eof or unpacking.unused_data:
        _refuse("encoding", "The status list is not exactly one whole gzip member.")
    if len(bits) * 8 < MIN_LENGTH:
        _refuse("length", f"A status list has at least {MIN_LENGTH} entries.")
    return bits


def is_revoked(bits: bytes, index: int) -> bool:
    """Whether the bit at `index` is set. Raises StatusError `status.index` beyond the end of the list."""
    if not 0 <= index < len(bits) * 8:
        _refuse("index", f"The status list has no position {index}.")
    return bool(bits[index // 8] & 0x80 >> index % 8)


def status_list_credential(list_url: str, *, issuer: str, issued: datetime, encoded: str) -> JsonObject:
    """The unsigned list credential (section 2.2) at `list_url`, `issued` a whole second in UTC."""
    return {
        "@context": [CONTEXT],
        "id": list_url,
        "type": [BASE_TYPE, CREDENTIAL_TYPE],
        "issuer": issuer,
        "validFrom": issued.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "credentialSubject": {
            "id": f"{list_url}#list",
            "type": LIST_TYPE,
            "statusPurpose": REVOCATION,
            "encodedList": encoded,
        },
    }


def read_status_list(dataset: VerifiedDataset) -> StatusList:
    """The list in a verified list credential. Raises StatusError (`status.list_form` and as decode_list)."""
    claims, subject = dataset.claims, dataset.subject()
    if set(claims.types) != {BASE_TYPE, CREDENTIAL_TYPE}:
        _refuse("list_form", f"This is no {CREDENTIAL_TYPE}.", "/type")
    purpose, encoded = subject.get("statusPurpose"), subject.get("encodedList")
    if set(subject) != _LIST_MEMBERS or subject["type"] != LIST_TYPE or purpose != REVOCATION:
        _refuse("list_form", "The subject is no revocation list of the one known form.", "/credentialSubject")
    if claims.subject_id != f"{claims.id}#list" or not isinstance(encoded, str):
        _refuse("list_form", "The list's id is not that of its credential.", "/credentialSubject/id")
    return StatusList(claims.id, dataset.issuer, claims.valid_from, decode_list(encoded))


def _index(value: JsonValue, path: str) -> int:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _INDEX.fullmatch(text):
        _refuse("index", "The position in the list must be a whole number from 0.", path)
    return int(text)


def _refuse(code: str, detail: str, path: str = "") -> NoReturn:
    raise StatusError(f"status.{code}", detail, path=path)
