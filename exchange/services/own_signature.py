"""Signing with a key of one's own, on one's own machine: checked as the exchange will check, then signed."""

from __future__ import annotations

from datetime import datetime

from exchange.adapters.entropy import SystemEntropy, uuid7
from exchange.domain.errors import InvalidError
from exchange.domain.groups import DatasetKind
from exchange.services.credentials import draft_credential, groups_of
from exchange.services.dataset_gate import check_subject, refuse_problems
from exchange.trust import Token, did_key_kid, sign, strict_json
from exchange.trust.did import split_kid
from exchange.trust.keys import PrivateKey
from exchange.trust.status_list import read_status_entry
from exchange.trust.strict_json import JsonObject

MAX_CONTENT_BYTES = 1_000_000
MAX_STATUS_BYTES = 10_000


def sign_content(
    content: bytes,
    *,
    kind: DatasetKind,
    key: PrivateKey,
    now: datetime,
    status: bytes | None = None,
    kid: str | None = None,
) -> Token:
    """The token of a credentialSubject given as JSON, one disclosure per field group; `now` becomes validFrom.

    `status` is a reserved status entry, JSON too; `kid` the key's id where it is not its did:key id. Raises
    JsonError for what strict readers refuse, StatusError (`status.*`) for a malformed entry, KeyFormatError
    (`kid.malformed`) and InvalidError for what publishing would refuse.
    """
    subject = strict_json.loads(content, max_bytes=MAX_CONTENT_BYTES)
    if not isinstance(subject, dict):
        raise InvalidError("The content is one JSON object, the credentialSubject.", code="dataset.invalid")
    refuse_problems(check_subject(kind, subject), "The content")
    kid = kid or did_key_kid(key.public_key())
    credential = draft_credential(
        kind,
        subject,
        credential_id=uuid7(now, SystemEntropy()),
        issuer=split_kid(kid)[0],
        valid_from=now,
        status=None if status is None else _status(status),
    )
    return sign(credential, groups=groups_of(subject), key=key, kid=kid)


def _status(text: bytes) -> JsonObject:
    """The entry as the standard writes it, in normal form."""
    return read_status_entry(strict_json.loads(text, max_bytes=MAX_STATUS_BYTES)).document()
