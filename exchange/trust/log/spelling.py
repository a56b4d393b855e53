"""The one spelling of bytes and sizes in the log's texts: standard base64 with padding, decimals without zeros.

RFC 4648 section 4; C2SP tlog-checkpoint ("ASCII decimal … with no leading zeroes").
"""

from __future__ import annotations

import binascii
import re

from exchange.trust.errors import LogError

HASH_BYTES = 32
# C2SP tlog-cosignature and the Go tools keep sizes and times in a signed 64-bit integer.
MAX_DECIMAL = 2**63 - 1

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def encode_base64(data: bytes) -> str:
    """The standard base64 text of `data`, with padding."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def decode_base64(text: str, *, path: str = "") -> bytes:
    """The bytes of `text`. Raises LogError `base64.invalid` unless `encode_base64` gives back exactly `text`."""
    try:
        spelled = text.encode("ascii")
        data = binascii.a2b_base64(spelled, strict_mode=True)
    except (UnicodeEncodeError, binascii.Error):
        raise LogError("base64.invalid", "This is not base64 with padding.", path=path) from None
    if binascii.b2a_base64(data, newline=False) != spelled:
        raise LogError("base64.invalid", "This is not the canonical base64 spelling of its bytes.", path=path)
    return data


def decode_hash(text: str, *, path: str = "") -> bytes:
    """The 32 bytes of a SHA-256 hash. Raises LogError `base64.invalid` or `proof.hash_length`."""
    data = decode_base64(text, path=path)
    if len(data) != HASH_BYTES:
        raise LogError("proof.hash_length", f"A hash has {HASH_BYTES} bytes, not {len(data)}.", path=path)
    return data


def read_decimal(text: str, code: str, *, path: str = "") -> int:
    """The number 0 to 2^63 - 1 that `text` spells in ASCII without leading zeros. Raises LogError `code`."""
    number = int(text) if _DECIMAL.fullmatch(text) else MAX_DECIMAL + 1
    if number > MAX_DECIMAL:
        detail = "This is not a whole number of 0 to 2^63 - 1 without leading zeros."
        raise LogError(code, detail, path=path)
    return number


def is_digest(text: object) -> bool:
    """Whether `text` is `sha256:` and 64 lower-case hexadecimal digits."""
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None
