"""Signing keys: Ed25519 (made and used here) and P-256 (verified only), as JWK and thumbprint."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from exchange.trust import base64url, strict_json
from exchange.trust.errors import KeyFormatError, TrustError

PublicKey: TypeAlias = Ed25519PublicKey | EllipticCurvePublicKey
PrivateKey: TypeAlias = Ed25519PrivateKey
Jwk: TypeAlias = dict[str, str]

# Decoding a point costs a third of a signature check, and the same few keys come again and again.
_CACHED = 1024
_FIELD_PRIME = 2**255 - 19
# y coordinates of the points of order 1, 2, 4 and 8: under such a "key" one signature fits many messages.
_SMALL_ORDER_Y = frozenset(
    {
        0,
        1,
        _FIELD_PRIME - 1,
        0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
        0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
    }
)


def new_private_key() -> PrivateKey:
    """A fresh Ed25519 key from the operating system's random source."""
    return Ed25519PrivateKey.generate()


def raw_public_bytes(key: PublicKey) -> bytes:
    """The key's 32 bytes (Ed25519, RFC 8032) or 33 bytes (P-256 compressed point, SEC 1 section 2.3.3)."""
    if isinstance(key, Ed25519PublicKey):
        return key.public_bytes_raw()
    return require_supported(key).public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def require_supported(key: object) -> PublicKey:
    """`key` if it is an Ed25519 or P-256 public key; raises KeyFormatError `key.type` for any other."""
    if isinstance(key, Ed25519PublicKey):
        return key
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key
    raise KeyFormatError("key.type", "Only Ed25519 and P-256 public keys are used.")


@lru_cache(maxsize=_CACHED)
def ed25519_public_key(raw: bytes) -> Ed25519PublicKey:
    """The key of 32 bytes (RFC 8032 section 5.1.2). KeyFormatError `key.malformed` or `key.small_order`."""
    if len(raw) != 32:
        raise KeyFormatError("key.malformed", "An Ed25519 public key has 32 bytes.")
    if (int.from_bytes(raw, "little") & (2**255 - 1)) % _FIELD_PRIME in _SMALL_ORDER_Y:
        raise KeyFormatError("key.small_order", "This point has small order and signs nothing in particular.")
    return Ed25519PublicKey.from_public_bytes(raw)


def p256_public_key(point: bytes) -> EllipticCurvePublicKey:
    """The key of a SEC 1 encoded point. Raises KeyFormatError `key.malformed` when it is not on P-256."""
    try:
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    except (ValueError, UnsupportedAlgorithm):
        raise KeyFormatError("key.malformed", "This is not a point of the curve P-256.") from None


def public_jwk(key: PublicKey) -> Jwk:
    """The JWK with exactly the required members (RFC 8037 section 2, RFC 7518 section 6.2.1)."""
    if isinstance(key, Ed25519PublicKey):
        return {"crv": "Ed25519", "kty": "OKP", "x": base64url.encode(key.public_bytes_raw())}
    numbers = require_p256(key).public_numbers()
    x, y = (base64url.encode(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"crv": "P-256", "kty": "EC", "x": x, "y": y}


def require_p256(key: object) -> EllipticCurvePublicKey:
    """`key` if it is a P-256 public key; raises KeyFormatError `key.type` for any other."""
    supported = require_supported(key)
    if isinstance(supported, EllipticCurvePublicKey):
        return supported
    raise KeyFormatError("key.type", "This is not a P-256 public key.")


def public_key_from_jwk(jwk: Mapping[str, object]) -> PublicKey:
    """The public key of `jwk`. Raises KeyFormatError: key.private, key.type, key.malformed, key.small_order.

    A JWK with its private part is refused, not trimmed: whoever sends one must learn that the key is spent.
    """
    if "d" in jwk:
        raise KeyFormatError(
            "key.private",
            "This JWK contains the private key.",
            path="/d",
            advice="Treat the key as exposed: make a new one and send only its public part.",
        )
    kind = (jwk.get("kty"), jwk.get("crv"))
    if kind == ("OKP", "Ed25519"):
        return ed25519_public_key(_coordinate(jwk, "x"))
    if kind == ("EC", "P-256"):
        return _p256_from_coordinates(_coordinate(jwk, "x"), _coordinate(jwk, "y"))
    raise KeyFormatError("key.type", "Only OKP Ed25519 and EC P-256 keys are used.", path="/kty")


def private_jwk(key: PrivateKey) -> Jwk:
    """The JWK of an Ed25519 key with its private part `d` (RFC 8037 section 2). Secret."""
    return {**public_jwk(key.public_key()), "d": base64url.encode(key.private_bytes_raw())}


def private_key_from_jwk(jwk: Mapping[str, object]) -> PrivateKey:
    """The Ed25519 private key of `jwk`. Raises KeyFormatError, `key.mismatch` when `x` does not fit `d`."""
    if (jwk.get("kty"), jwk.get("crv")) != ("OKP", "Ed25519"):
        raise KeyFormatError("key.type", "Only Ed25519 keys sign here.", path="/kty")
    key = Ed25519PrivateKey.from_private_bytes(_coordinate(jwk, "d"))
    if key.public_key().public_bytes_raw() != _coordinate(jwk, "x"):
        raise KeyFormatError("key.mismatch", "The public part of this key belongs to another key.", path="/x")
    return key


def thumbprint(key: PublicKey) -> str:
    """The RFC 7638 SHA-256 thumbprint, base64url (43 characters)."""
    canonical = strict_json.dumps(public_jwk(key))
    return base64url.encode(hashlib.sha256(canonical).digest())


def _coordinate(jwk: Mapping[str, object], name: str) -> bytes:
    value = jwk.get(name)
    try:
        data = base64url.decode(value) if isinstance(value, str) else b""
    except TrustError:
        data = b""
    if len(data) != 32:
        raise KeyFormatError(
            "key.malformed", f"The member {name} must be 32 bytes in base64url.", path=f"/{name}"
        )
    return data


def _p256_from_coordinates(x: bytes, y: bytes) -> EllipticCurvePublicKey:
    numbers = EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), SECP256R1())
    try:
        return numbers.public_key()
    except ValueError:
        raise KeyFormatError("key.malformed", "This is not a point of the curve P-256.") from None
