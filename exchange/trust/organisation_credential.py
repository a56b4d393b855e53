"""The registrar's statement on which organisation a DID belongs to, and how that was checked.

In the shape of a UNTP Digital Identity Anchor: `registeredId`, `idScheme`, `registerType` beside the DID.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NoReturn

from exchange.trust.credential import BASE_TYPE, CONTEXT
from exchange.trust.dataset import VerifiedDataset
from exchange.trust.did import split_kid
from exchange.trust.errors import IdentityError, KeyFormatError
from exchange.trust.strict_json import JsonObject, JsonValue

CREDENTIAL_TYPE = "OrganisationCredential"
# The Danish register of enterprises.
CVR_SCHEME = "https://datacvr.virk.dk"
BUSINESS = "Business"
_ORGANISATION = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_OPTIONAL = ("registeredId", "idScheme", "registerType", "domain")
_MEMBERS = frozenset({"id", "organisation", "name", "country", "assurance", *_OPTIONAL})
_MAX_TEXT = 500


class Assurance(StrEnum):
    """How the registrar came to believe it, weakest first."""

    SELF_DECLARED = "self_declared"
    INVITED = "invited"
    OPERATOR_CHECKED = "operator_checked"
    OWN_DOMAIN = "own_domain"

    def meets(self, demanded: Assurance) -> bool:
        """Whether this is at least as strong as `demanded`."""
        order = list(Assurance)
        return order.index(self) >= order.index(demanded)


@dataclass(frozen=True, slots=True)
class OrganisationIdentity:
    """Who stands behind `did`. `organisation` is `urn:uuid:<id>`, `country` ISO 3166-1 alpha-2.

    `registered_id` in the register `id_scheme` (CVR_SCHEME for a Danish CVR number), both or neither;
    `register_type` for instance `Business`; `domain` where the organisation's own was checked. "" = none.
    """

    did: str
    organisation: str
    name: str
    country: str
    assurance: Assurance
    registered_id: str = ""
    id_scheme: str = ""
    register_type: str = ""
    domain: str = ""

    def subject(self) -> JsonObject:
        """The `credentialSubject`; what is not known is left out."""
        optional = dict(zip(_OPTIONAL, self._optional(), strict=True))
        return {
            "id": self.did,
            "organisation": self.organisation,
            "name": self.name,
            "country": self.country,
            "assurance": self.assurance.value,
            **{name: text for name, text in optional.items() if text},
        }

    def _optional(self) -> tuple[str, str, str, str]:
        return self.registered_id, self.id_scheme, self.register_type, self.domain


def organisation_credential(
    identity: OrganisationIdentity,
    *,
    credential_id: str,
    issuer: str,
    issued: datetime,
    status: Mapping[str, JsonValue],
) -> JsonObject:
    """The unsigned credential of the registrar `issuer` (a DID): `credential_id` a URI, `issued` a whole second.

    `status` is the reserved `credentialStatus` (StatusEntry.document).
    """
    return {
        "@context": [CONTEXT],
        "id": credential_id,
        "type": [BASE_TYPE, CREDENTIAL_TYPE],
        "issuer": issuer,
        "validFrom": issued.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "credentialStatus": dict(status),
        "credentialSubject": identity.subject(),
    }


def read_organisation(dataset: VerifiedDataset) -> OrganisationIdentity:
    """The identity in a verified organisation credential; whose word it is, `dataset.issuer` says.

    Raises IdentityError `organisation.type`, `.form`, `.assurance`.
    """
    subject = dataset.subject()
    if set(dataset.claims.types) != {BASE_TYPE, CREDENTIAL_TYPE}:
        _refuse("type", f"This is no {CREDENTIAL_TYPE}.")
    if set(subject) - _MEMBERS or ("registeredId" in subject) != ("idScheme" in subject):
        _refuse("form", "The subject has an unknown member, or a number without its register.")
    identity = OrganisationIdentity(
        did=_did(subject),
        organisation=_text(subject, "organisation"),
        name=_text(subject, "name"),
        country=_text(subject, "country"),
        assurance=_assurance(subject),
        registered_id=_text(subject, "registeredId"),
        id_scheme=_text(subject, "idScheme"),
        register_type=_text(subject, "registerType"),
        domain=_text(subject, "domain"),
    )
    if not _ORGANISATION.fullmatch(identity.organisation) or not _COUNTRY.fullmatch(identity.country):
        _refuse("form", "The organisation needs urn:uuid:<id> and a country of two letters.")
    return identity


def _did(subject: JsonObject) -> str:
    did = _text(subject, "id")
    try:
        split_kid(f"{did}#key")
    except KeyFormatError:
        _refuse("form", "The organisation credential speaks of no DID.", "/id")
    return did


def _text(subject: JsonObject, name: str) -> str:
    if name in _OPTIONAL and name not in subject:
        return ""
    value = subject.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_TEXT:
        _refuse("form", f"The member {name} must be text of at most {_MAX_TEXT} characters.", f"/{name}")
    return value


def _assurance(subject: JsonObject) -> Assurance:
    try:
        return Assurance(_text(subject, "assurance"))
    except ValueError:
        _refuse("assurance", "It does not say in a known word how the identity was checked.", "/assurance")


def _refuse(code: str, detail: str, path: str = "") -> NoReturn:
    raise IdentityError(f"organisation.{code}", detail, path=f"/credentialSubject{path}" if path else path)
