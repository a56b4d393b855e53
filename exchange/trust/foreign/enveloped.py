"""Somebody else's credential inside a JWS (W3C VC-JOSE-COSE 1.0), bare or as an `EnvelopedVerifiableCredential`.

Looser than our own tokens, as real digital product passports need it: unknown terms, an `iat` that is text, any
verification method a resolver knows. It is therefore a reader of its own and leads to no `VerifiedDataset`.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from exchange.trust import base64url, jws, strict_json
from exchange.trust.credential import CONTEXT
from exchange.trust.errors import ForeignError
from exchange.trust.foreign.claims import (
    ForeignClaims,
    check_validity,
    contexts_of,
    read_foreign_claims,
    texts_of,
)
from exchange.trust.foreign.data_integrity import SecuredDocument, proofs_of, verify_proof
from exchange.trust.foreign.disclosures import reveal_all
from exchange.trust.foreign.verdict import (
    LEEWAY,
    STEPS,
    MethodResolver,
    Section,
    StepFailedError,
    VerificationMethod,
    check_issuer,
    find_method,
)
from exchange.trust.raw_signature import is_signed_by
from exchange.trust.strict_json import JsonObject
from exchange.trust.verdict import Outcome, Step

ENVELOPED_CREDENTIAL = "EnvelopedVerifiableCredential"
PRESENTATIONS = frozenset({"EnvelopedVerifiablePresentation", "VerifiablePresentation"})
FORMS = (jws.PLAIN, jws.SELECTIVE)
_ALGORITHMS = {"EdDSA": True, "Ed25519": True, "ES256": False}  # whether the key is one of Ed25519
# `iss` may be repeated in the header (VC-JOSE-COSE section 3.1.1); whatever else changes what is signed, or with what.
_HEADER_MEMBERS = frozenset({"alg", "typ", "cty", "kid", "iss"})
_ENVELOPE_MEMBERS = frozenset({"@context", "id", "type"})


@dataclass(frozen=True, slots=True)
class Enveloped:
    """A compact JWS with its disclosures, taken out of its envelope but not verified; `form` is its media subtype."""

    form: str
    jwt: str
    disclosures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Header:
    algorithm: str
    kid: str
    issuer: str | None


def open_envelope(document: JsonObject) -> Enveloped:
    """The token inside an `EnvelopedVerifiableCredential` (data model 2.0 section 4.13).

    Raises ForeignError `enveloped.presentation`, `enveloped.type`, `enveloped.member`, `enveloped.context`,
    `enveloped.media_type`, and what `read_token` does.
    """
    types = texts_of(document.get("type"))
    if PRESENTATIONS.intersection(types):
        detail = "A presentation was made for one party; hand in the credential itself."
        raise ForeignError("enveloped.presentation", detail, path="/type")
    if ENVELOPED_CREDENTIAL not in types:
        raise ForeignError("enveloped.type", f"This is no {ENVELOPED_CREDENTIAL}.", path="/type")
    for name in document:
        if name not in _ENVELOPE_MEMBERS:
            detail = f"Beside the envelope stands {ascii(name)[:60]}, which nobody signed."
            raise ForeignError("enveloped.member", detail)
    if contexts_of(document.get("@context"))[:1] != [CONTEXT]:
        raise ForeignError("enveloped.context", f"The first context must be {CONTEXT}.", path="/@context")
    address = document.get("id")
    for form in FORMS:
        prefix = f"data:application/{form},"
        if isinstance(address, str) and address.startswith(prefix):
            return read_token(address.removeprefix(prefix), form)
    wanted = " or ".join(f"application/{form}" for form in FORMS)
    raise ForeignError("enveloped.media_type", f"The envelope must be a data: URL of {wanted}.", path="/id")


def read_token(text: str, form: str | None = None) -> Enveloped:
    """The parts of a token; without `form`, whether it has disclosures decides it.

    Raises TokenError `token.*`, EncodingError, and ForeignError `enveloped.form`, `enveloped.key_binding`.
    """
    jwt, *rest = text.split("~")
    found = jws.SELECTIVE if rest else jws.PLAIN
    if form is not None and found != form:
        raise ForeignError("enveloped.form", "The token has another form than its envelope says.", path="/id")
    if rest and rest.pop() != "":
        raise ForeignError("enveloped.key_binding", "A token bound to one occasion is not taken.")
    jws.split(jwt)
    return Enveloped(found, jwt, tuple(rest))


def claimed_payload(token: Enveloped) -> JsonObject:
    """What the token says, with its disclosures in place and nothing verified. JsonError, TokenError, ForeignError."""
    payload = jws.payload_of(token.jwt)
    return reveal_all(payload, token.disclosures) if token.form == jws.SELECTIVE else payload


def verify_enveloped(token: Enveloped, *, resolve: MethodResolver, now: datetime) -> tuple[Step, ...]:
    """Check the token in the order of `foreign_verdict.STEPS` (without `status`); never raises for a bad one.

    `resolve` knows verification methods other than did:key; `now` (aware) decides validity.
    """
    section = Section([name for name in STEPS if name != "status"])
    with suppress(StepFailedError):
        section.establish("structure", lambda: jws.split(token.jwt), "The token is well formed.")
        header = section.establish("header", lambda: _read_header(token), "Only known header members.")
        method = section.establish("key", lambda: _method(header, resolve), f"The key is {header.kid}.")
        section.establish(
            "signature", lambda: _check_signature(token, method), "The named key signed these bytes."
        )
        payload = section.establish("payload", lambda: _read_payload(token), "The payload is strict JSON.")
        claims = section.establish(
            "issuer", lambda: _check_issuer(payload, header, method), "The key is the issuer's."
        )
        section.establish(
            "time", lambda: _check_time(payload, claims, now), "The instant lies within its validity."
        )
        _judge_embedded(section, payload, claims.issuer, resolve, now)
    return section.close()


def _read_header(token: Enveloped) -> _Header:
    value = strict_json.loads(
        base64url.decode(jws.split(token.jwt)[0]), max_bytes=jws.MAX_HEADER_BYTES, max_depth=2, max_nodes=32
    )
    if not isinstance(value, dict):
        raise ForeignError("header.type", "The header is not a JSON object.")
    for name in value:
        if name not in _HEADER_MEMBERS:
            raise ForeignError("header.member", f"The header member {ascii(name)[:60]} is not allowed.")
    algorithm, kid, issuer = (value.get(name) for name in ("alg", "kid", "iss"))
    if not isinstance(algorithm, str) or algorithm not in _ALGORITHMS:
        raise ForeignError("header.alg", "The algorithm must be EdDSA, Ed25519 or ES256.", path="/alg")
    if value.get("typ") != token.form:
        raise ForeignError("header.typ", f"The type must be {token.form}.", path="/typ")
    if value.get("cty", "vc") != "vc":
        raise ForeignError("header.cty", "The content type must be vc.", path="/cty")
    if not isinstance(kid, str):
        raise ForeignError("header.kid", "The header names no key.", path="/kid")
    if issuer is not None and not isinstance(issuer, str):
        raise ForeignError("header.iss", "The issuer in the header is no text.", path="/iss")
    return _Header(algorithm, kid, issuer)


def _method(header: _Header, resolve: MethodResolver) -> VerificationMethod:
    method = find_method(header.kid, resolve)
    if isinstance(method.public_key, Ed25519PublicKey) != _ALGORITHMS[header.algorithm]:
        detail = f"{header.algorithm} does not fit the kind of the named key."
        raise ForeignError("algorithm.mismatch", detail, path="/alg")
    return method


def _check_signature(token: Enveloped, method: VerificationMethod) -> None:
    header, payload, signature = jws.split(token.jwt)
    # RFC 7515 section 5.2: the signature covers the two parts as they were received.
    message = f"{header}.{payload}".encode()
    if not is_signed_by(method.public_key, base64url.decode(signature), message):
        raise ForeignError("signature.invalid", "The signature is not the named key's over these bytes.")


def _read_payload(token: Enveloped) -> JsonObject:
    payload = claimed_payload(token)
    for name in ("vc", "vp"):
        if name in payload:
            detail = f"The credential itself is the payload: no claim {name} beside it."
            raise ForeignError("foreign.jwt_claim", detail, path=f"/{name}")
    read_foreign_claims(payload)
    return payload


def _check_issuer(payload: JsonObject, header: _Header, method: VerificationMethod) -> ForeignClaims:
    claims = read_foreign_claims(payload)
    check_issuer(method, claims.issuer)
    # VC-JOSE-COSE section 3.1.3: what is said twice must be said alike.
    if (
        payload.get("iss", claims.issuer) != claims.issuer
        or (header.issuer or claims.issuer) != claims.issuer
    ):
        raise ForeignError("issuer.claim", "The claim iss names another issuer.", path="/iss")
    return claims


def _check_time(payload: JsonObject, claims: ForeignClaims, now: datetime) -> None:
    check_validity(claims, now)
    start, end = (_seconds(payload, name) for name in ("nbf", "exp"))
    if start is not None and now.timestamp() + LEEWAY.total_seconds() < start:
        raise ForeignError("time.not_yet_valid", "The token is not valid yet.", path="/nbf")
    if end is not None and now.timestamp() - LEEWAY.total_seconds() >= end:
        raise ForeignError("time.expired", "The token has expired.", path="/exp")


def _seconds(payload: JsonObject, name: str) -> int | Decimal | None:
    # RFC 7519 section 2: NumericDate. `iat` is not read: it decides nothing, and passports carry it as text.
    value = payload.get(name)
    if value is None and name not in payload:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ForeignError("time.claim", f"The claim {name} is no number of seconds.", path=f"/{name}")
    return value


def _judge_embedded(
    section: Section, payload: JsonObject, issuer: str, resolve: MethodResolver, now: datetime
) -> None:
    """The step `proof`: a Data Integrity proof inside the envelope must hold too where there is one."""
    if "proof" not in payload:
        detail = "The credential carries no second proof inside the envelope."
        section.add("proof", Outcome.NOT_CHECKED, "proof.none", detail)
        return
    detail = "The proof inside the envelope holds too."
    section.establish("proof", lambda: _hold_all(payload, issuer, resolve, now), detail)


def _hold_all(payload: JsonObject, issuer: str, resolve: MethodResolver, now: datetime) -> None:
    document = SecuredDocument(payload)
    for located in proofs_of(payload):
        for step in verify_proof(document, located, issuer, resolve=resolve, now=now):
            if step.outcome is not Outcome.ESTABLISHED:
                raise ForeignError(step.code, step.detail, path=step.path)
