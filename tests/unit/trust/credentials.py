"""A fixed key, a good credential, and a forger that signs whatever it is told to."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from exchange.trust import (
    Policy,
    Token,
    Verdict,
    base64url,
    did_key,
    did_key_kid,
    resolve_did_key,
    sign,
    verify,
)
from exchange.trust.disclosure import digest_of

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
DID = did_key(KEY.public_key())
KID = did_key_kid(KEY.public_key())
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
GROUPS = ("identity", "indicators", "quality", "process")
# Everything this version can establish without schemas.
POLICY = Policy(required=frozenset({"time", "key_validity"}))

CREDENTIAL: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://vcx.example/contexts/0.1"],
    "id": "urn:uuid:01970000-0000-7000-8000-000000000001",
    "type": ["VerifiableCredential", "ProductDataset"],
    "issuer": {"id": DID, "name": "Nordstål Eksempel A/S"},
    "validFrom": "2026-01-01T00:00:00Z",
    "validUntil": "2027-01-01T00:00:00Z",
    "credentialSchema": {
        "id": "https://vcx.example/schemas/product/0.1.0.json",
        "type": "JsonSchema",
        "digestSRI": "sha256-" + "A" * 43 + "=",
    },
    "credentialSubject": {
        "id": "urn:uuid:01970000-0000-7000-8000-000000000002",
        "identity": {"kind": "product", "product": {"name": "Beslag 40 mm"}},
        "indicators": {"co2e": {"own": {"amount": "1.25", "unit": "KGM"}}},
        "quality": {"co2e": {"measured": "1", "allocated": "0", "secondary": "0", "unknown": "0"}},
        "process": {
            "inputs": [{"line": "1", "category": "steel-sheet", "amount": {"amount": "1.1", "unit": "KGM"}}]
        },
    },
}


def counting_salt() -> Callable[[], bytes]:
    """16 bytes that count up from 1: the same token every time."""
    numbers = iter(range(1, 1000))
    return lambda: next(numbers).to_bytes(16, "big")


def credential(**changes: Any) -> dict[str, Any]:
    """A fresh copy of the good credential with members replaced."""
    return {**copy.deepcopy(CREDENTIAL), **changes}


def good_token(groups: tuple[str, ...] = GROUPS) -> Token:
    return sign(credential(), groups=groups, key=KEY, kid=KID, salt=counting_salt())


def b64(value: object) -> str:
    """base64url of bytes, of text, or of anything as JSON."""
    data = (
        value
        if isinstance(value, bytes)
        else value.encode()
        if isinstance(value, str)
        else json.dumps(value).encode()
    )
    return base64url.encode(data)


def good_header(**changes: Any) -> dict[str, Any]:
    return {"alg": "EdDSA", "typ": "vc+sd-jwt", "cty": "vc", "kid": KID, **changes}


def forge(header: object, payload: object, disclosures: list[str] | None = None) -> str:
    """A token truly signed by KEY over any header and payload (dicts, text or bytes)."""
    signed = f"{b64(header)}.{b64(payload)}"
    jwt = f"{signed}.{b64(KEY.sign(signed.encode()))}"
    return jwt if disclosures is None else "~".join([jwt, *disclosures, ""])


def disclosure(name: object, value: object, salt: object = "AAAAAAAAAAAAAAAAAAAAAA") -> str:
    return b64([salt, name, value])


def selective_payload(disclosures: list[str], **changes: Any) -> dict[str, Any]:
    """A good payload that references exactly `disclosures`."""
    payload = credential(_sd_alg="sha-256", **changes)
    payload["credentialSubject"] = {
        "id": CREDENTIAL["credentialSubject"]["id"],
        "_sd": sorted(digest_of(text) for text in disclosures),
    }
    return payload


def check(token: Token | str | bytes, **changes: Any) -> Verdict:
    """The verdict on `token` at NOW, with self-resolving keys and without schemas unless told otherwise."""
    arguments: dict[str, Any] = {"resolve": resolve_did_key, "now": NOW, "policy": POLICY, **changes}
    return verify(token, **arguments)


def reason(verdict: Verdict) -> tuple[str, str]:
    """Name and code of the first demanded step that was not established."""
    step = verdict.failures[0]
    return step.name, step.code


def without(name: str) -> dict[str, Any]:
    """The good credential without one member."""
    return {key: value for key, value in credential().items() if key != name}


# A good token of the plain form, to be taken apart.
PLAIN = forge(good_header(typ="vc+jwt"), credential())
