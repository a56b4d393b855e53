"""The members of one Data Integrity proof (Data Integrity 1.0 section 2.1), each known or refused."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

import base58
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from exchange.trust.errors import ForeignError
from exchange.trust.foreign.claims import read_instant
from exchange.trust.raw_signature import SIGNATURE_BYTES
from exchange.trust.strict_json import JsonObject, JsonValue

# Each suite has one kind of key here: ecdsa-jcs-2019 also knows P-384, which no other part of this package reads.
CRYPTOSUITES: Mapping[str, type[Ed25519PublicKey] | type[EllipticCurvePublicKey]] = {
    "eddsa-jcs-2022": Ed25519PublicKey,
    "ecdsa-jcs-2019": EllipticCurvePublicKey,
}
MAX_PROOFS = 4

_MEMBERS = frozenset(
    {
        "@context",
        "id",
        "type",
        "cryptosuite",
        "created",
        "expires",
        "verificationMethod",
        "proofPurpose",
        "proofValue",
        "nonce",
    }
)
# 64 bytes in base58 never need more; a longer text is not decoded (the decoder takes quadratic time).
_MAX_MULTIBASE = 89


@dataclass(frozen=True, slots=True)
class ProofOptions:
    """A proof's own claims, none of them verified; instants in UTC, None = not given."""

    cryptosuite: str
    method: str
    signature: bytes
    created: datetime | None
    expires: datetime | None


def proofs_of(document: JsonObject) -> tuple[tuple[str, JsonObject], ...]:
    """Each proof of a document with its path. Raises ForeignError `integrity.proof`."""
    value = document.get("proof")
    if isinstance(value, dict):
        return (("/proof", value),)
    items = value if isinstance(value, list) else []
    proofs = tuple((f"/proof/{at}", one) for at, one in enumerate(items) if isinstance(one, dict))
    if not 1 <= len(items) <= MAX_PROOFS or len(proofs) != len(items):
        detail = f"A document has one proof or a list of 1 to {MAX_PROOFS}."
        raise ForeignError("integrity.proof", detail, path="/proof")
    return proofs


def read_options(proof: JsonObject) -> ProofOptions:
    """The members of `proof`. Raises ForeignError `integrity.*` or `foreign.instant`, paths within the proof.

    Refused besides what is malformed: other cryptosuites, a proof made for a named audience, and a chain
    (`previousProof`), of which Data Integrity 1.0 section 4.2 leaves open how canonical JSON spells what is signed.
    """
    _check_members(proof)
    suite, method = proof.get("cryptosuite"), proof.get("verificationMethod")
    if proof.get("type") != "DataIntegrityProof":
        _refuse("type", "The proof must be of type DataIntegrityProof.", "/type")
    if not isinstance(suite, str) or suite not in CRYPTOSUITES:
        known = " and ".join(CRYPTOSUITES)
        _refuse("cryptosuite", f"Only the cryptosuites {known} are verified.", "/cryptosuite")
    if proof.get("proofPurpose") != "assertionMethod":
        _refuse("purpose", "The proof must be made for assertionMethod.", "/proofPurpose")
    if not isinstance(method, str):
        _refuse("method", "The proof names no verification method.", "/verificationMethod")
    return ProofOptions(
        cryptosuite=suite,
        method=method,
        signature=_signature(proof.get("proofValue")),
        created=read_instant(proof, "created"),
        expires=read_instant(proof, "expires"),
    )


def _check_members(proof: JsonObject) -> None:
    if "previousProof" in proof:
        _refuse("chain", "Chains of proofs are not verified.", "/previousProof")
    for name in ("domain", "challenge"):
        if name in proof:
            _refuse("audience", "The proof was made for one party or one occasion.", f"/{name}")
    for name in proof:
        if name not in _MEMBERS:
            _refuse("member", f"The proof has an unknown member {ascii(name)[:60]}.", "")


def _signature(value: JsonValue) -> bytes:
    # Data Integrity 1.0 section 2.4 (multibase), base58btc; one spelling per signature.
    signature = b""
    if isinstance(value, str) and value.startswith("z") and len(value) <= _MAX_MULTIBASE:
        with suppress(ValueError):
            signature = base58.b58decode(value[1:])
    if len(signature) != SIGNATURE_BYTES or f"z{base58.b58encode(signature).decode()}" != value:
        detail = f"The proof value must be {SIGNATURE_BYTES} bytes in base58btc."
        _refuse("value", detail, "/proofValue")
    return signature


def _refuse(code: str, detail: str, path: str) -> NoReturn:
    raise ForeignError(f"integrity.{code}", detail, path=path)
