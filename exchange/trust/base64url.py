"""Base64url without padding, in its one canonical spelling (RFC 7515 section 2, RFC 4648 section 5)."""

from __future__ import annotations

import base64
import binascii

from exchange.trust.errors import EncodingError


def encode(data: bytes) -> str:
    """The base64url text of `data`, without `=`."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """The bytes of `text`. Raises EncodingError unless `encode` gives back exactly `text`.

    Python's decoder skips foreign characters and ignores unused bits; two texts with the same bytes would
    be two digests for one token, so the spelling is compared.
    """
    try:
        data = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (UnicodeEncodeError, binascii.Error):
        raise EncodingError("base64url.invalid", "This is not base64url without padding.") from None
    if encode(data) != text:
        raise EncodingError("base64url.invalid", "This is not the canonical base64url spelling of its bytes.")
    return data
