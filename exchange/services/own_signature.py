"""Signing with a key of one's own, on one's own machine: checked as the exchange will check, then signed."""

from __future__ import annotations

from datetime import datetime

from exchange.adapters.entropy import SystemEntropy, uuid7
from exchange.domain.errors import InvalidError
from exchange.domain.groups import DatasetKind
from exchange.services.credentials import draft_credential, groups_of
from exchange.services.dataset_gate import check_subject, refuse_problems
from exchange.trust import Token, did_key, did_key_kid, sign, strict_json
from exchange.trust.keys import PrivateKey

MAX_CONTENT_BYTES = 1_000_000


def sign_content(content: bytes, *, kind: DatasetKind, key: PrivateKey, now: datetime) -> Token:
    """The token of a credentialSubject given as JSON, one disclosure per field group; `now` becomes validFrom.

    Raises JsonError for what strict readers refuse and InvalidError for what publishing would refuse.
    """
    subject = strict_json.loads(content, max_bytes=MAX_CONTENT_BYTES)
    if not isinstance(subject, dict):
        raise InvalidError("The content is one JSON object, the credentialSubject.", code="dataset.invalid")
    refuse_problems(check_subject(kind, subject), "The content")
    public = key.public_key()
    credential = draft_credential(
        kind,
        subject,
        credential_id=uuid7(now, SystemEntropy()),
        issuer=did_key(public),
        valid_from=now,
    )
    return sign(credential, groups=groups_of(subject), key=key, kid=did_key_kid(public))
