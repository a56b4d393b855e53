"""The credential around a dataset's content: the same whether the owner signs it or the worker does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import schemas
from exchange.domain.groups import DatasetKind, FieldGroup

CONTEXTS = ("https://www.w3.org/ns/credentials/v2", "https://vcx.example/contexts/0.1")


def draft_credential(
    kind: DatasetKind,
    subject: Mapping[str, Any],
    *,
    credential_id: str,
    issuer: str,
    valid_from: datetime,
    valid_until: datetime | None = None,
    status: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """An unsigned W3C credential (Data Model 2.0 section 4) of `issuer` (a DID) under the newest schema.

    `subject` has passed the checks of its kind; `credential_id` is a UUID; `status` is a reserved status entry.
    The issuer's name is the organisation's.
    """
    schema = schemas.latest(kind.value)
    credential: dict[str, Any] = {
        "@context": list(CONTEXTS),
        "id": f"urn:uuid:{credential_id}",
        "type": ["VerifiableCredential", kind.credential_type],
        "issuer": {"id": issuer, "name": subject[FieldGroup.IDENTITY.value]["organisation"]["name"]},
        "validFrom": _instant(valid_from),
        "credentialSchema": {"id": schema.url, "type": "JsonSchema", "digestSRI": schemas.digest_sri(schema)},
        "credentialSubject": dict(subject),
    }
    if status is not None:
        credential["credentialStatus"] = dict(status)
    if valid_until is not None:
        credential["validUntil"] = _instant(valid_until)
    return credential


def groups_of(subject: Mapping[str, Any]) -> list[str]:
    """The field groups the content has, in their fixed order: one disclosure each."""
    return [group.value for group in FieldGroup if group.value in subject]


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
