"""Signatures over bytes, outside any envelope: Ed25519 (RFC 8032) and ECDSA on P-256 with SHA-256 (FIPS 186-5)."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from exchange.trust.keys import PublicKey

# Ed25519 and P-256 alike: two numbers of 32 bytes (RFC 8032 section 5.1.6, RFC 7518 section 3.4).
SIGNATURE_BYTES = 64


def is_signed_by(key: PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether `signature` (64 bytes; on P-256 r ‖ s, big-endian) is that key's over `message`.

    On P-256 (r, n - s) is a second valid signature of the same message: this tells who signed, and is no
    identifier of a document.
    """
    if len(signature) != SIGNATURE_BYTES:
        return False
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, message)
        else:
            r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            key.verify(encode_dss_signature(r, s), message, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
