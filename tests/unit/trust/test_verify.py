"""What a verdict says of a good token, and that every character of it counts."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.trust import (
    STEPS,
    NotVerifiedError,
    Outcome,
    VerifiedDataset,
    base64url,
)
from tests.unit.trust.credentials import (
    CREDENTIAL,
    DID,
    GROUPS,
    KID,
    check,
    good_token,
    reason,
)

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
STRANGE = ".~ =\n\x00é"
DEEP = os.environ.get("VCX_DEEP") == "1"


def test_a_good_token_establishes_what_can_be_and_says_what_was_not_checked() -> None:
    verdict = check(good_token().serialise())
    assert tuple(step.name for step in verdict.steps) == STEPS
    not_checked = {step.name: step.code for step in verdict.steps if step.outcome is Outcome.NOT_CHECKED}
    assert not_checked == {
        "schema": "schema.not_checked",
        "status": "status.not_checked",
        "log": "log.not_checked",
        "issuer_identity": "issuer_identity.not_checked",
    }
    assert all(step.outcome is Outcome.ESTABLISHED for step in verdict.steps if step.name not in not_checked)
    assert verdict.ok
    assert verdict.failures == ()


def test_the_dataset_tells_what_was_signed_and_by_whom() -> None:
    token = good_token()
    dataset = check(token).dataset
    assert dataset is not None
    assert dataset.credential == CREDENTIAL
    assert (dataset.issuer, dataset.kid, dataset.groups, dataset.digest) == (DID, KID, GROUPS, token.digest)
    assert dataset.claims.valid_until == datetime(2027, 1, 1, tzinfo=UTC)
    assert dataset.claims.subject_id == CREDENTIAL["credentialSubject"]["id"]
    assert dataset.claims.types == ("VerifiableCredential", "ProductDataset")
    payload = json.loads(base64url.decode(token.jwt.split(".")[1]))
    canonical = json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    assert dataset.content_digest == "sha256:" + hashlib.sha256(canonical).hexdigest()


def test_changing_what_a_dataset_hands_out_changes_nothing_in_it() -> None:
    dataset = check(good_token()).dataset
    assert dataset is not None
    dataset.credential["credentialSubject"]["indicators"]["co2e"]["own"]["amount"] = "0"  # type: ignore[index,call-overload]
    assert dataset.credential == CREDENTIAL


def test_only_verify_makes_a_verified_dataset() -> None:
    dataset = check(good_token()).dataset
    assert dataset is not None
    arguments = (dataset.token, DID, KID, GROUPS, dataset.claims, {}, {})
    for extra in ((), (object(),), (None,), (True,)):
        with pytest.raises(NotVerifiedError) as caught:
            VerifiedDataset(*arguments, *extra)
        assert caught.value.code == "dataset.not_verified"
    with pytest.raises((NotVerifiedError, ValueError)):
        dataclasses.replace(dataset, issuer="did:web:thief.example")
    with pytest.raises(dataclasses.FrozenInstanceError):
        dataset.issuer = "did:web:thief.example"  # type: ignore[misc]


def changed_to(character: str, position: int) -> str:
    """Other characters for one place of a token: one of the alphabet, or with VCX_DEEP=1 each that has a meaning."""
    one = ALPHABET[(ALPHABET.find(character) + 1 + position % 62) % 64]
    return (ALPHABET + STRANGE).replace(character, "") if DEEP else one


@pytest.mark.timeout(1800 if DEEP else 120)
def test_every_changed_character_of_a_good_token_is_refused() -> None:
    text = good_token(("identity", "indicators")).serialise()
    for position, character in enumerate(text):
        for other in changed_to(character, position):
            verdict = check(text[:position] + other + text[position + 1 :])
            assert not verdict.ok, (position, other)
            assert verdict.dataset is None


@given(
    st.integers(0, 10_000),
    st.sampled_from(ALPHABET + STRANGE),
    st.sampled_from(["put", "insert", "drop"]),
)
def test_any_changed_inserted_or_dropped_character_is_refused(at: int, character: str, how: str) -> None:
    text = good_token().serialise()
    at %= len(text)
    middle = {"put": character, "insert": character + text[at], "drop": ""}[how]
    changed = text[:at] + middle + text[at + 1 :]
    if changed != text:
        assert not check(changed).ok


@given(st.text(max_size=80) | st.binary(max_size=80))
def test_verify_never_raises_for_a_bad_token(text: str | bytes) -> None:
    verdict = check(text)
    assert not verdict.ok
    assert reason(verdict)[0] == "structure"
