"""The single checks that `verify` strings together; each refuses with a TrustError or lets pass."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from exchange.trust import jws
from exchange.trust.credential import Claims, read_claims
from exchange.trust.dataset import VerifiedDataset
from exchange.trust.did import ResolvedKey, resolve_did_key, split_kid
from exchange.trust.disclosure import ALGORITHM, refuse_reserved, reveal, separate
from exchange.trust.errors import TokenError, TrustError
from exchange.trust.keys import raw_public_bytes, require_supported
from exchange.trust.raw_signature import is_signed_by
from exchange.trust.strict_json import JsonObject
from exchange.trust.token import ReadToken
from exchange.trust.verdict import Outcome, SchemaCheck, Step

Resolver = Callable[[str], ResolvedKey | None]


def read_header(read: ReadToken) -> jws.Header:
    """The protected header, if its type fits the token's form (`header.*`)."""
    header = read.compact.header()
    if (header.typ == jws.SELECTIVE) != read.token.selective:
        detail = "The type does not fit the form of the token (with or without ~)."
        raise TokenError("header.typ", detail, path="/typ")
    return header


def find_key(kid: str, resolve: Resolver) -> ResolvedKey:
    """What `resolve` knows under `kid` (`kid.unknown`, `key.type`, `kid.*`).

    A did:key spells its key out; a resolver that answers with another one is not believed.
    """
    spelled_out = resolve_did_key(kid)
    resolved = resolve(kid) if resolve is not resolve_did_key else spelled_out
    if resolved is None:
        raise TokenError("kid.unknown", f"No key is known under {kid}.")
    key = require_supported(resolved.public_key)
    if resolved is spelled_out or spelled_out is None:
        return resolved
    if raw_public_bytes(spelled_out.public_key) != raw_public_bytes(key):
        raise TokenError("kid.key_mismatch", "The resolver named another key than the key id spells.")
    return resolved


def check_signature(read: ReadToken, key: ResolvedKey) -> None:
    """The signature over the received bytes (`signature.invalid`), the header having been accepted before."""
    if not is_signed_by(key.public_key, read.compact.signature, read.compact.signing_input):
        raise TokenError("signature.invalid", "The signature is not the named key's over these bytes.")


def claims_of(payload: JsonObject, kid: str) -> Claims:
    """The claims of the payload, if its issuer is the DID of `kid` (`credential.*`)."""
    credential = payload.copy()
    credential.pop(ALGORITHM, None)
    claims = read_claims(credential)
    if claims.issuer != split_kid(kid)[0]:
        raise TokenError(
            "credential.issuer_mismatch", "The issuer is not the owner of the key.", path="/issuer"
        )
    return claims


def disclose(payload: JsonObject, read: ReadToken) -> JsonObject:
    """The credential with the disclosed groups in its subject (`disclosure.*`)."""
    if not read.token.selective:
        refuse_reserved(payload, "")
        return payload
    plain, digests = separate(payload)
    return reveal(plain, digests, read.disclosures)


def check_time(claims: Claims, now: datetime, leeway: timedelta) -> None:
    """validFrom <= now < validUntil, each with the leeway (`time.not_yet_valid`, `time.expired`)."""
    if now + leeway < claims.valid_from:
        detail = f"It becomes valid at {claims.valid_from.isoformat()}."
        raise TokenError("time.not_yet_valid", detail, path="/validFrom")
    if claims.valid_until is not None and now - leeway >= claims.valid_until:
        detail = f"It expired at {claims.valid_until.isoformat()}."
        raise TokenError("time.expired", detail, path="/validUntil")


def check_key_validity(key: ResolvedKey, received: datetime) -> None:
    """The token came in while its key counted (`key_validity.not_yet`, `.retired`, `.compromised`).

    No leeway: both instants are the exchange's own.
    """
    if key.valid_from is not None and received < key.valid_from:
        raise TokenError("key_validity.not_yet", "The token came in before its key was bound to the issuer.")
    if key.retired_at is not None and received >= key.retired_at:
        raise TokenError("key_validity.retired", "The token came in after its key was retired.")
    if key.compromised_since is not None and received >= key.compromised_since:
        raise TokenError("key_validity.compromised", "The token came in after its key was compromised.")


def schema_step(dataset: VerifiedDataset, check: SchemaCheck | None) -> Step:
    """The step `schema`: the named schema is known with that digest, and the disclosed subject follows it."""
    if check is None:
        return Step(
            "schema", Outcome.NOT_CHECKED, "schema.not_checked", "No schemas were given to check against."
        )
    reference = dataset.claims.schema
    if reference is None:
        detail = "The credential names no schema."
        return Step("schema", Outcome.FAILED, "schema.missing", detail, "/credentialSchema")
    try:
        problems = check(reference.id, reference.digest_sri, dataset.subject())
    except TrustError as error:
        return Step("schema", Outcome.FAILED, error.code, error.detail, error.path)
    if problems is None:
        detail = f"The schema {reference.id} with this digest is not known here."
        return Step("schema", Outcome.FAILED, "schema.unknown", detail, "/credentialSchema")
    if problems:
        detail = f"The content breaks its schema; problems found: {len(problems)}."
        return Step("schema", Outcome.FAILED, "schema.invalid", detail, "/credentialSubject", tuple(problems))
    return Step("schema", Outcome.ESTABLISHED, "ok", f"The content follows {reference.id}.")
