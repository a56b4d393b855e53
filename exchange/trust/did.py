"""Decentralised identifiers: the syntax of a key id, and `did:key`, which resolves itself.

W3C DID Core 1.0 section 3; did:key method section 3 (multibase base58btc of a multicodec public key).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import base58
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from exchange.trust.errors import KeyFormatError
from exchange.trust.keys import PublicKey, ed25519_public_key, p256_public_key, raw_public_bytes

MAX_KID_LENGTH = 512
_KID = re.compile(
    r"(?P<did>did:[a-z0-9]+:(?:[A-Za-z0-9._:-]|%[0-9A-F]{2})*(?:[A-Za-z0-9._-]|%[0-9A-F]{2}))"
    r"#(?P<fragment>[A-Za-z0-9._~-]+)"
)
_DID_KEY = "did:key:"
_ED25519 = b"\xed\x01"
_P256 = b"\x80\x24"
# 35 bytes in base58 never need more; a longer text is not decoded (the decoder takes quadratic time).
_MAX_MULTIBASE = 64
# The keys of a value chain come again and again, and base58 is slow.
_CACHED = 1024


@dataclass(frozen=True, slots=True)
class ResolvedKey:
    """A verification method as the verifier knows it; the interval is half-open, in UTC.

    `valid_from` None: the key is its own identifier and was never bound later. `compromised_since`: nothing
    received from then on is accepted, what was received before stays valid.
    """

    public_key: PublicKey
    valid_from: datetime | None = None
    retired_at: datetime | None = None
    compromised_since: datetime | None = None


@lru_cache(maxsize=_CACHED)
def split_kid(kid: str) -> tuple[str, str]:
    """The DID and the fragment of a key id `did:…#…`. Raises KeyFormatError `kid.malformed`."""
    found = _KID.fullmatch(kid) if len(kid) <= MAX_KID_LENGTH else None
    if found is None:
        raise KeyFormatError("kid.malformed", "A key id is a DID with a fragment, like did:key:z6Mk…#z6Mk….")
    return found["did"], found["fragment"]


def did_key(key: PublicKey) -> str:
    """The did:key identifier of an Ed25519 or P-256 public key."""
    prefix = _ED25519 if isinstance(key, Ed25519PublicKey) else _P256
    return _did_key_of(prefix + raw_public_bytes(key))


@lru_cache(maxsize=_CACHED)
def _did_key_of(multicodec: bytes) -> str:
    return f"{_DID_KEY}z{base58.b58encode(multicodec).decode('ascii')}"


def did_key_kid(key: PublicKey) -> str:
    """The key id within the did:key document of `key`: the identifier with its multibase part as fragment."""
    did = did_key(key)
    return f"{did}#{did.removeprefix(_DID_KEY)}"


@lru_cache(maxsize=_CACHED)
def public_key_of_did_key(did: str) -> PublicKey:
    """The key that `did` spells. Raises KeyFormatError `kid.did_key` unless that is canonical."""
    multibase = did.removeprefix(_DID_KEY)
    if len(multibase) > _MAX_MULTIBASE:
        raise KeyFormatError("kid.did_key", "This did:key is longer than any key used here.")
    try:
        data = base58.b58decode(multibase[1:])
    except ValueError:
        raise KeyFormatError("kid.did_key", "This did:key is not base58.") from None
    key = _public_key_of_multicodec(data)
    if did_key(key) != did:
        raise KeyFormatError("kid.did_key", "This is not a did:key in canonical form.")
    return key


def resolve_did_key(kid: str) -> ResolvedKey | None:
    """The key of a `did:key` key id, valid at all times; None for other methods. A resolver for `verify`.

    Raises KeyFormatError (`kid.malformed`, `kid.did_key`, `kid.fragment`, `key.*`) for a broken did:key.
    """
    did, fragment = split_kid(kid)
    if not did.startswith(_DID_KEY):
        return None
    key = public_key_of_did_key(did)
    if fragment != did.removeprefix(_DID_KEY):
        raise KeyFormatError(
            "kid.fragment", "A did:key has one signing key, named like the identifier itself."
        )
    return ResolvedKey(key)


def _public_key_of_multicodec(data: bytes) -> PublicKey:
    if data.startswith(_ED25519):
        return ed25519_public_key(data[len(_ED25519) :])
    if data.startswith(_P256):
        return p256_public_key(data[len(_P256) :])
    raise KeyFormatError("kid.did_key", "This did:key holds neither an Ed25519 nor a P-256 key.")
