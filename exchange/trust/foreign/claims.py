"""What a credential of anybody's says of itself (W3C Verifiable Credentials Data Model 2.0 section 4).

Looser than `credential`: unknown terms, several subjects and other time zones are accepted, for this is read as
evidence and never as a dataset. Refused is only what keeps the document from being such a credential at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from exchange.trust.credential import BASE_TYPE, CONTEXT
from exchange.trust.errors import ForeignError
from exchange.trust.foreign.verdict import LEEWAY
from exchange.trust.strict_json import JsonObject, JsonValue

# Data Model 2.0 section 4.9: dateTimeStamp of XML Schema, so the time zone is never left out.
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_URI = re.compile(r"(?=.{1,400}\Z)[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")


@dataclass(frozen=True, slots=True)
class ForeignClaims:
    """Issuer (URI), types and validity in UTC (None = no limit) as the document claims them."""

    issuer: str
    types: tuple[str, ...]
    valid_from: datetime | None
    valid_until: datetime | None
    has_status: bool


def read_foreign_claims(credential: JsonObject) -> ForeignClaims:
    """The claims of a credential of data model 2.0. Raises ForeignError `foreign.*` with the path."""
    if contexts_of(credential.get("@context"))[:1] != [CONTEXT]:
        detail = f"The first context must be {CONTEXT}: other data models are not read."
        raise ForeignError("foreign.context", detail, path="/@context")
    types = texts_of(credential.get("type"))
    if BASE_TYPE not in types:
        raise ForeignError("foreign.type", f"The type must hold {BASE_TYPE}.", path="/type")
    subject = credential.get("credentialSubject")
    if not isinstance(subject, dict | list) or not subject:
        raise ForeignError("foreign.subject", "The credential has no subject.", path="/credentialSubject")
    return ForeignClaims(
        issuer=issuer_of(credential),
        types=types,
        valid_from=read_instant(credential, "validFrom"),
        valid_until=read_instant(credential, "validUntil"),
        has_status="credentialStatus" in credential,
    )


def issuer_of(credential: JsonObject) -> str:
    """The identifier of the claimed issuer. Raises ForeignError `foreign.issuer`."""
    issuer = credential.get("issuer")
    identifier = issuer.get("id") if isinstance(issuer, dict) else issuer
    if not isinstance(identifier, str) or not _URI.fullmatch(identifier):
        raise ForeignError("foreign.issuer", "The credential names no issuer by a URI.", path="/issuer")
    return identifier


def read_instant(document: JsonObject, name: str) -> datetime | None:
    """The instant in the member `name` in UTC, None where there is none. Raises ForeignError `foreign.instant`."""
    text = document.get(name)
    if text is None and name not in document:
        return None
    if isinstance(text, str) and _INSTANT.fullmatch(text):
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            pass  # e.g. the 31st of February, or the year 0
    detail = "This is no instant with a time zone (dateTimeStamp)."
    raise ForeignError("foreign.instant", detail, path=f"/{name}")


def check_validity(claims: ForeignClaims, now: datetime) -> None:
    """validFrom <= now < validUntil, each with LEEWAY (`time.not_yet_valid`, `time.expired`)."""
    if claims.valid_from is not None and now + LEEWAY < claims.valid_from:
        raise ForeignError("time.not_yet_valid", "The document is not valid yet.", path="/validFrom")
    if claims.valid_until is not None and now - LEEWAY >= claims.valid_until:
        raise ForeignError("time.expired", "The document has expired.", path="/validUntil")


def contexts_of(value: JsonValue) -> list[JsonValue]:
    """The contexts of a document: one may stand without its list (JSON-LD 1.1 section 3.1)."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def texts_of(value: JsonValue) -> tuple[str, ...]:
    """The texts in a member that may hold one or a list of them."""
    items = value if isinstance(value, list) else [value]
    return tuple(item for item in items if isinstance(item, str))
