"""Base64url without padding, in its one canonical spelling (RFC 7515 section 2, RFC 4648 section 5)."""

from __future__ import annotations

import binascii

from exchange.trust.errors import EncodingError

# The other alphabet's two characters, and padding, become one that strict decoding refuses.
_TO_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")
_FROM_STANDARD = bytes.maketrans(b"+/", b"-_")
# The last characters of 8 or 16 bits, whose 4 or 2 spare bits are zero.
_ENDS_ONE_BYTE = "AQgw"
_ENDS_TWO_BYTES = "AEIMQUYcgkosw048"


def encode(data: bytes) -> str:
    """The base64url text of `data`, without `=`."""
    return binascii.b2a_base64(data, newline=False).translate(_FROM_STANDARD).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """The bytes of `text`. Raises EncodingError unless `encode` gives back exactly `text`.

    Two texts with the same bytes would be two digests for one token.
    """
    try:
        standard = text.encode("ascii").translate(_TO_STANDARD) + b"=" * (-len(text) % 4)
        data = binascii.a2b_base64(standard, strict_mode=True)
    except (UnicodeEncodeError, binascii.Error):
        raise EncodingError("base64url.invalid", "This is not base64url without padding.") from None
    # Strict mode leaves one freedom: the spare bits of the last character.
    loose = len(data) % 3
    if loose and text[-1] not in (_ENDS_ONE_BYTE if loose == 1 else _ENDS_TWO_BYTES):
        raise EncodingError("base64url.invalid", "This is not the canonical base64url spelling of its bytes.")
    return data
