"""Documents as others sign them, made in a few lines of their own: nothing here calls the code under test."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Key = Ed25519PrivateKey | EllipticCurvePrivateKey

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
V2 = "https://www.w3.org/ns/credentials/v2"
ED25519 = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
P256 = derive_private_key(20260302, SECP256R1())
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58(data: bytes) -> str:
    """Bitcoin's base58."""
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def did(key: Key) -> str:
    """The did:key of a key."""
    if isinstance(key, Ed25519PrivateKey):
        return "did:key:z" + base58(b"\xed\x01" + key.public_key().public_bytes_raw())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return "did:key:z" + base58(b"\x80\x24" + point)


def kid(key: Key) -> str:
    """Its key id."""
    return f"{did(key)}#{did(key).removeprefix('did:key:')}"


def raw_signature(key: Key, message: bytes) -> bytes:
    """64 bytes."""
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(message)
    r, s = decode_dss_signature(key.sign(message, ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def canonical(value: Any) -> bytes:
    """Canonical JSON (RFC 8785) of a document whose numbers Python and ECMAScript spell alike."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def credential(issuer: str | None = None, **more: Any) -> dict[str, Any]:
    """A small product passport with numbers in it."""
    return {
        "@context": [V2, "https://passports.example/context"],
        "type": ["VerifiableCredential", "DigitalProductPassport"],
        "issuer": {"id": issuer or did(ED25519), "name": "Stålværket"},
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2027-01-01T01:00:00+01:00",
        "credentialSubject": {"id": "urn:x:1", "mass": 2.5, "pieces": 3, "carbon": 0.1},
        **more,
    }


def options(key: Key = ED25519, **more: Any) -> dict[str, Any]:
    """What a proof by this key claims."""
    suite = "eddsa-jcs-2022" if isinstance(key, Ed25519PrivateKey) else "ecdsa-jcs-2019"
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": "2026-02-01T12:00:00Z",
        "verificationMethod": kid(key),
        "proofPurpose": "assertionMethod",
        **more,
    }


def prove(document: dict[str, Any], key: Key = ED25519, **more: Any) -> dict[str, Any]:
    """The proof of an unsecured document."""
    claimed = options(key, **more)
    hashes = [hashlib.sha256(canonical(part)).digest() for part in (claimed, document)]
    return {**claimed, "proofValue": "z" + base58(raw_signature(key, b"".join(hashes)))}


def signed(document: dict[str, Any] | None = None, key: Key = ED25519, **more: Any) -> dict[str, Any]:
    """The document with one proof."""
    plain = credential(did(key)) if document is None else document
    return {**plain, "proof": prove(plain, key, **more)}


def written(document: dict[str, Any]) -> bytes:
    """The document as a file, indented as people send it."""
    return json.dumps(document, indent=2, ensure_ascii=False).encode()


def b64(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def token(
    payload: dict[str, Any], key: Key = ED25519, header: dict[str, Any] | None = None, name: str | None = None
) -> str:
    """A compact JWS over the payload, header as passports have it."""
    own = {
        "alg": "EdDSA" if isinstance(key, Ed25519PrivateKey) else "ES256",
        "kid": name or kid(key),
        "cty": "vc",
        "typ": "vc+jwt",
    }
    message = f"{b64(json.dumps({**own, **(header or {})}).encode())}.{b64(json.dumps(payload).encode())}"
    return f"{message}.{b64(raw_signature(key, message.encode()))}"


def enveloped(jws: str, form: str = "vc+jwt", **more: Any) -> dict[str, Any]:
    """The token in its envelope."""
    return {
        "@context": [V2],
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:application/{form},{jws}",
        **more,
    }


def disclosure(*parts: Any) -> tuple[str, str]:
    """A disclosure and its digest (RFC 9901 section 4.2)."""
    text = b64(json.dumps(list(parts)).encode())
    return text, b64(hashlib.sha256(text.encode()).digest())
