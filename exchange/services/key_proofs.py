"""Proof that whoever registers a key holds its private half: a short-lived JWS made with the key itself.

Header: `typ` = `key-proof+jwt`, so that no proof passes as a dataset nor a dataset as a proof; `kid` the key's id,
of did:key or did:web. Payload: `aud` the exchange's address, `organisation` the id it is registered for, `iat` seconds.
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
MAX_LENGTH = 4000


def make_proof(
    key: PrivateKey, *, audience: str, organisation_id: str, now: datetime, kid: str | None = None
) -> str:
    """The proof for registering `key`'s public half at the exchange reached under `audience`.

    `kid` is the id the key is to have, by default its did:key id.
    """
    payload = {"aud": audience, "organisation": organisation_id, "iat": int(now.timestamp())}
    named = kid or did_key_kid(key.public_key())
    return sign_compact(strict_json.dumps(payload), typ=TYP, kid=named, key=key)


def check_proof(proof: str, key: PublicKey, *, audience: str, organisation_id: str, now: datetime) -> None:
    """Raise InvalidError `key.proof` unless the proof was made by `key` for this registration, just now."""
    check_claims(proof, did_key_kid(key), audience=audience, organisation_id=organisation_id, now=now)
    check_holder(proof, key)


def check_claims(proof: str, kid: str, *, audience: str, organisation_id: str, now: datetime) -> None:
    """Raise InvalidError `key.proof` unless the proof says it is for this registration of `kid`, made just now.

    Whether that is true only `check_holder` tells, once the key is known.
    """
    if len(proof) > MAX_LENGTH:
        raise _refusal(f"A proof has at most {MAX_LENGTH} characters.")
    try:
        header = strict_json.loads(base64url.decode(split(proof)[0]), max_bytes=2048)
        payload = payload_of(proof)
    except TrustError as error:
        raise _refusal(f"The proof cannot be read: {error.detail}") from error
    if not _names(header, kid):
        raise _made_otherwise()
    if payload.get("aud") != audience or payload.get("organisation") != organisation_id:
        raise _refusal("The proof was made for another exchange or organisation.")
    issued = payload.get("iat")
    if not isinstance(issued, int) or abs(now.timestamp() - issued) > MAX_AGE_SECONDS:
        raise _refusal(f"The proof is not from the last {MAX_AGE_SECONDS} seconds.")


def check_holder(proof: str, key: PublicKey) -> None:
    """Raise InvalidError `key.proof` unless `key` signed the proof."""
    if not has_valid_signature(proof, key):
        raise _made_otherwise()


def _names(header: strict_json.JsonValue, kid: str) -> bool:
    return (
        isinstance(header, dict)
        and set(header) == {"alg", "typ", "cty", "kid"}
        and header["typ"] == TYP
        and header["kid"] == kid
    )


def _made_otherwise() -> InvalidError:
    return _refusal("The proof was not made with this key.")


def _refusal(detail: str) -> InvalidError:
    return InvalidError(
        detail, code="key.proof", path="/proof", advice="Make a new proof with the key and send it at once."
    )
