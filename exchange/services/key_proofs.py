"""Proof that whoever registers a key holds its private half: a short-lived JWS made with the key itself.

Header: `typ` = `key-proof+jwt`, so that no proof passes as a dataset nor a dataset as a proof; `kid` the did:key
id of the key. Payload: `aud` the exchange's address, `organisation` the id it is registered for, `iat` seconds.
"""

from __future__ import annotations

from datetime import datetime

from exchange.domain.errors import InvalidError
from exchange.trust import base64url, strict_json
from exchange.trust.did import did_key_kid
from exchange.trust.errors import TrustError
from exchange.trust.jws import has_valid_signature, payload_of, sign_compact, split
from exchange.trust.keys import PrivateKey, PublicKey

TYP = "key-proof+jwt"
MAX_AGE_SECONDS = 300


def make_proof(key: PrivateKey, *, audience: str, organisation_id: str, now: datetime) -> str:
    """The proof for registering `key`'s public half at the exchange reached under `audience`."""
    payload = {"aud": audience, "organisation": organisation_id, "iat": int(now.timestamp())}
    return sign_compact(strict_json.dumps(payload), typ=TYP, kid=did_key_kid(key.public_key()), key=key)


def check_proof(proof: str, key: PublicKey, *, audience: str, organisation_id: str, now: datetime) -> None:
    """Raise InvalidError `key.proof` unless the proof was made by `key` for this registration, just now."""
    try:
        header = strict_json.loads(base64url.decode(split(proof)[0]), max_bytes=2048)
        payload = payload_of(proof)
    except TrustError as error:
        raise _refusal(f"The proof cannot be read: {error.detail}") from error
    if not _names(header, key) or not has_valid_signature(proof, key):
        raise _refusal("The proof was not made with this key.")
    if payload.get("aud") != audience or payload.get("organisation") != organisation_id:
        raise _refusal("The proof was made for another exchange or organisation.")
    issued = payload.get("iat")
    if not isinstance(issued, int) or abs(now.timestamp() - issued) > MAX_AGE_SECONDS:
        raise _refusal(f"The proof is not from the last {MAX_AGE_SECONDS} seconds.")


def _names(header: strict_json.JsonValue, key: PublicKey) -> bool:
    return (
        isinstance(header, dict)
        and set(header) == {"alg", "typ", "cty", "kid"}
        and header["typ"] == TYP
        and header["kid"] == did_key_kid(key)
    )


def _refusal(detail: str) -> InvalidError:
    return InvalidError(
        detail, code="key.proof", path="/proof", advice="Make a new proof with the key and send it at once."
    )
