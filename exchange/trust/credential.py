"""The structure of a W3C Verifiable Credential (Data Model 2.0 section 4) in the profile used here.

Narrower than the standard where two readers could differ: one subject, text contexts only, no member that
this list does not know, and none of the JWT claims that would say the same thing a second time.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple, NoReturn

from exchange.trust.errors import TokenError
from exchange.trust.instant import parse_instant
from exchange.trust.repertoire import check_identifier
from exchange.trust.strict_json import JsonObject, JsonValue

CONTEXT = "https://www.w3.org/ns/credentials/v2"
BASE_TYPE = "VerifiableCredential"

_JWT_CLAIMS = frozenset({"vc", "vp", "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf"})
# Data Model 2.0 sections 4 and 5, except `proof` (the token is the proof); then the exchange's own two terms.
_MEMBERS = frozenset(
    {
        "@context",
        "id",
        "type",
        "name",
        "description",
        "issuer",
        "credentialSubject",
        "validFrom",
        "validUntil",
        "credentialStatus",
        "credentialSchema",
        "relatedResource",
        "refreshService",
        "termsOfUse",
        "evidence",
        "renderMethod",
        "confidenceMethod",
        "previousVersion",
        "custody",
    }
)
_TYPED = frozenset(
    {"credentialStatus", "refreshService", "termsOfUse", "evidence", "renderMethod", "confidenceMethod"}
)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")
_DIGEST_SRI = re.compile(r"sha256-[A-Za-z0-9+/]{43}=")


class SchemaReference(NamedTuple):
    """The JSON Schema a credential names: its id and the digest of the schema file's bytes (SRI form)."""

    id: str
    digest_sri: str


class Claims(NamedTuple):
    """What the open part of a credential says; instants in UTC, `valid_until` None = no end."""

    id: str
    issuer: str
    types: tuple[str, ...]
    subject_id: str
    valid_from: datetime
    valid_until: datetime | None
    schema: SchemaReference | None


def read_claims(credential: JsonObject) -> Claims:
    """The claims of a well-formed credential (`_sd_alg` and `_sd` already taken out, or not yet put in).

    Raises TokenError `credential.*` with the path, or JsonError for an identifier that is not in normal form.
    """
    _check_members(credential)
    subject = credential.get("credentialSubject")
    if not isinstance(subject, dict):
        _refuse("subject", "A credential here speaks of exactly one subject.", "/credentialSubject")
    valid_from = parse_instant(credential.get("validFrom"), "/validFrom")
    return Claims(
        id=_uri(credential.get("id"), "/id"),
        issuer=_issuer(credential.get("issuer")),
        types=_types(credential.get("type")),
        subject_id=_uri(subject.get("id"), "/credentialSubject/id"),
        valid_from=valid_from,
        valid_until=_end(credential, valid_from),
        schema=_schema(credential.get("credentialSchema")),
    )


def _refuse(code: str, detail: str, path: str) -> NoReturn:
    raise TokenError(f"credential.{code}", detail, path=path)


def _check_members(credential: JsonObject) -> None:
    for name in () if credential.keys() <= _MEMBERS else sorted(credential.keys() - _MEMBERS):
        if name in _JWT_CLAIMS:
            _refuse(
                "jwt_claim", f"The credential itself is the payload: no claim {name} beside it.", f"/{name}"
            )
        _refuse("unknown_member", f"The credential has an unknown member {ascii(name)[:60]}.", "")
    context = credential.get("@context")
    if not isinstance(context, list) or not context or context[0] != CONTEXT:
        _refuse("context", f"The first context must be {CONTEXT}.", "/@context")
    if context != [CONTEXT] and not all(isinstance(item, str) and _URI.fullmatch(item) for item in context):
        _refuse(
            "context", "A context must be named by its URI; written out it could redefine terms.", "/@context"
        )
    for name in () if _TYPED.isdisjoint(credential) else sorted(_TYPED.intersection(credential)):
        _check_typed(credential[name], f"/{name}")


def _check_typed(value: JsonValue, path: str) -> None:
    # Data Model 2.0 section 4.5: without its type nobody can tell what such an object means.
    for item in value if isinstance(value, list) else [value]:
        kind = item.get("type") if isinstance(item, dict) else None
        names = kind if isinstance(kind, list) else [kind]
        if not names or not all(isinstance(name, str) for name in names):
            _refuse("untyped", "Every object here needs a type.", path)


def _types(value: JsonValue) -> tuple[str, ...]:
    items = value if isinstance(value, list) else []
    names = tuple(item for item in items if isinstance(item, str))
    if BASE_TYPE not in names or len(names) != len(items) or len(set(names)) != len(names):
        _refuse("type", f"The type must be a list of different names, one of them {BASE_TYPE}.", "/type")
    return names


def _issuer(value: JsonValue) -> str:
    if isinstance(value, dict):
        return _uri(value.get("id"), "/issuer/id")
    return _uri(value, "/issuer")


def _uri(value: JsonValue, path: str) -> str:
    if not isinstance(value, str):
        _refuse("id", "An identifier (URI) is missing here.", path)
    check_identifier(value, path)
    if not _URI.fullmatch(value):
        _refuse("id", "This is not a URI (RFC 3986).", path)
    return value


def _end(credential: JsonObject, valid_from: datetime) -> datetime | None:
    if "validUntil" not in credential:
        return None
    valid_until = parse_instant(credential["validUntil"], "/validUntil")
    if valid_until <= valid_from:
        _refuse("validity", "The validity ends before it starts.", "/validUntil")
    return valid_until


def _schema(value: JsonValue) -> SchemaReference | None:
    if value is None:
        return None
    if not isinstance(value, dict) or value.get("type") != "JsonSchema":
        _refuse("schema", "The schema must be one object of type JsonSchema.", "/credentialSchema")
    digest = value.get("digestSRI")
    if not isinstance(digest, str) or not _DIGEST_SRI.fullmatch(digest):
        _refuse("schema", "The schema needs its digest as sha256-<base64>.", "/credentialSchema/digestSRI")
    return SchemaReference(_uri(value.get("id"), "/credentialSchema/id"), digest)
