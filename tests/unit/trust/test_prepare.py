"""Bytes prepared for a key kept elsewhere are the very bytes `sign` would sign."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from exchange.trust import (
    KeyFormatError,
    Policy,
    Token,
    TokenError,
    did_key,
    did_key_kid,
    resolve_did_key,
    sign,
    verify,
)
from exchange.trust.keys import new_private_key
from exchange.trust.token import prepare

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SIGNATURE_ONLY = Policy(required=frozenset())


def credential(issuer: str) -> dict[str, Any]:
    """A small credential with two groups."""
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "urn:uuid:00000000-0000-7000-8000-000000000001",
        "type": ["VerifiableCredential", "ProductDataset"],
        "issuer": {"id": issuer, "name": "Nørre Metal"},
        "validFrom": "2026-03-02T08:00:00Z",
        "credentialSubject": {
            "id": "urn:uuid:00000000-0000-7000-8000-000000000002",
            "a": {"x": "1"},
            "b": ["æ"],
        },
    }


def salts() -> Any:
    """The same salts in the same order each time."""
    numbers = count()
    return lambda: bytes([next(numbers)] * 16)


def test_completed_with_the_keys_signature_it_is_the_token_that_sign_makes() -> None:
    key = new_private_key()
    kid = did_key_kid(key.public_key())
    document = credential(did_key(key.public_key()))
    unsigned = prepare(document, groups=["a", "b"], key=key.public_key(), kid=kid, salt=salts())
    token = unsigned.complete(key.sign(unsigned.text.encode("ascii")))
    assert token == sign(document, groups=["a", "b"], key=key, kid=kid, salt=salts())
    verdict = verify(token, resolve=resolve_did_key, now=NOW, policy=SIGNATURE_ONLY)
    assert verdict.dataset is not None and verdict.dataset.groups == ("a", "b")


def test_another_keys_signature_makes_a_token_that_does_not_verify() -> None:
    key, other = new_private_key(), new_private_key()
    document = credential(did_key(key.public_key()))
    unsigned = prepare(document, groups=["a"], key=key.public_key(), kid=did_key_kid(key.public_key()))
    token = unsigned.complete(other.sign(unsigned.text.encode("ascii")))
    assert isinstance(token, Token)
    assert verify(token, resolve=resolve_did_key, now=NOW, policy=SIGNATURE_ONLY).dataset is None


def test_fresh_salts_make_other_digests_each_time() -> None:
    key = new_private_key()
    kid, document = did_key_kid(key.public_key()), credential(did_key(key.public_key()))
    made = {prepare(document, groups=["a"], key=key.public_key(), kid=kid).text for _ in range(3)}
    assert len(made) == 3


def test_another_issuer_another_key_and_no_group_are_refused() -> None:
    key, other = new_private_key(), new_private_key()
    kid, document = did_key_kid(key.public_key()), credential(did_key(key.public_key()))
    with pytest.raises(TokenError) as caught:
        prepare(credential(did_key(other.public_key())), groups=["a"], key=key.public_key(), kid=kid)
    assert caught.value.code == "credential.issuer_mismatch"
    with pytest.raises(TokenError) as caught:
        prepare(document, groups=["a"], key=other.public_key(), kid=kid)
    assert caught.value.code == "kid.key_mismatch"
    with pytest.raises(TokenError) as caught:
        prepare(document, groups=[], key=key.public_key(), kid=kid)
    assert caught.value.code == "token.groups"
    with pytest.raises(KeyFormatError):
        prepare(document, groups=["a"], key=key.public_key(), kid="no key id")


def test_what_was_prepared_does_not_show_in_logs() -> None:
    key = new_private_key()
    unsigned = prepare(
        credential(did_key(key.public_key())),
        groups=["a"],
        key=key.public_key(),
        kid=did_key_kid(key.public_key()),
    )
    assert unsigned.text not in repr(unsigned)
    assert next(iter(unsigned.disclosures.values())) not in repr(unsigned)
