"""Schema files as a bundle carries them: packed with zlib (RFC 1950), behind the digest of what was packed.

One text can be packed in many ways: a repetition points to any of its earlier places, and the bits that fill the
last byte mean nothing. How a release of zlib packs is not fixed either, so packing again decides nothing. The digest
in front makes every byte count; that these are the schema's own bytes, the digest in the log's state shows.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from hashlib import sha256
from typing import NoReturn

from exchange.trust.errors import BundleError, LogError
from exchange.trust.log.spelling import HASH_BYTES, decode_base64, encode_base64

# Several times the longest that was released.
MAX_SCHEMA_BYTES = 256 * 1024
# What cannot be packed grows by a few bytes in every 16 KiB (RFC 1951 section 3.2.4).
_MAX_PACKED = MAX_SCHEMA_BYTES + 1024
_MAX_TEXT = (HASH_BYTES + _MAX_PACKED + 2) // 3 * 4
_LEVEL = 9
# A value chain's datasets follow the same few schemas; strangers' cannot fill more than 16 times 1.3 MiB.
_CACHED = 16


def pack(text: str) -> str:
    """Base64 of SHA-256(packed) ‖ packed, for `unpack`. Raises BundleError `bundle.schema` (longer than the cap)."""
    data = text.encode()
    if len(data) > MAX_SCHEMA_BYTES:
        _refuse(f"A schema has at most {MAX_SCHEMA_BYTES} bytes.")
    packed = zlib.compress(data, _LEVEL)
    return encode_base64(sha256(packed).digest() + packed)


@lru_cache(maxsize=_CACHED)
def unpack(packed_text: str) -> str:
    """The text that was packed, unpacked no further than the cap; the same object for the same schema again.

    Raises BundleError `bundle.schema`: not canonical base64, not under its digest, not exactly one whole zlib
    stream, longer than the cap, or not UTF-8.
    """
    if len(packed_text) > _MAX_TEXT:
        _refuse(f"A packed schema has at most {_MAX_TEXT} characters.")
    try:
        data = decode_base64(packed_text)
    except LogError as error:
        _refuse(error.detail)
    digest, packed = data[:HASH_BYTES], data[HASH_BYTES:]
    if sha256(packed).digest() != digest:
        _refuse("A packed schema is not the one that its digest names.")
    return _inflated(packed)


def _inflated(packed: bytes) -> str:
    unpacking = zlib.decompressobj()
    try:
        data = unpacking.decompress(packed, MAX_SCHEMA_BYTES + 1)
        if len(data) > MAX_SCHEMA_BYTES:
            _refuse(f"A schema unpacks to more than {MAX_SCHEMA_BYTES} bytes.")
        text = data.decode()
    except (zlib.error, UnicodeDecodeError):
        _refuse("A packed schema does not unpack to text.")
    if not unpacking.eof or unpacking.unused_data or unpacking.unconsumed_tail:
        _refuse("A packed schema is not exactly one whole zlib stream.")
    return text


def _refuse(detail: str) -> NoReturn:
    raise BundleError("bundle.schema", detail, path="/schemas")
