"""What a statement commits to: every input and nothing else, shown to each owner and to nobody who only guesses."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.trust import Policy, TrustError, resolve_did_key, sign, verify
from exchange.trust.release.inputs import (
    Commitment,
    InputProof,
    SaltedInput,
    check_input,
    commit,
    input_leaf,
    prove,
)
from exchange.trust.release.statement import RegisteredStatement, registered
from exchange.trust.trust_root import TrustRoot
from tests.unit.trust.foreign.documents import ED25519, NOW, V2, did, kid


def digest(number: int) -> str:
    return f"sha256:{hashlib.sha256(bytes([number])).hexdigest()}"


def salted(*numbers: int) -> list[SaltedInput]:
    return [SaltedInput(digest(one), bytes([one]) * 16) for one in numbers]


def statement(inputs: Any, kind: str = "ChainRelease") -> RegisteredStatement:
    """A registrar's statement, its figures kept back."""
    credential = {
        "@context": [V2],
        "id": "urn:uuid:01986e2f-1f00-7000-8000-000000000001",
        "type": ["VerifiableCredential", kind],
        "issuer": did(ED25519),
        "validFrom": "2026-03-01T00:00:00Z",
        "credentialSubject": {
            "id": "urn:x:chain",
            "period": {"start": "2025-01-01", "end": "2026-01-01"},
            "asOf": "2026-03-01T00:00:00Z",
            "method": "method/2",
            "factorSet": "factors/2026-12",
            "inputs": inputs,
            "cells": [],
        },
    }
    token = sign(credential, groups=["cells"], key=ED25519, kid=kid(ED25519)).present(())
    verdict = verify(token, resolve=resolve_did_key, now=NOW, policy=Policy(required=frozenset({"time"})))
    assert verdict.dataset is not None
    return registered(verdict.dataset, TrustRoot((), (), 0, (did(ED25519),)))


def of(commitment: Commitment) -> RegisteredStatement:
    return statement(commitment.document())


def one_of(commitment: Commitment) -> InputProof:
    return prove(commitment.inputs, [0])[0]


@cache
def twelve() -> tuple[Commitment, RegisteredStatement, tuple[InputProof, ...]]:
    commitment = commit(salted(*range(12)))
    return commitment, of(commitment), prove(commitment.inputs, range(12))


def code_of(given: RegisteredStatement, proof: Any) -> str:
    try:
        check_input(given, proof)
    except TrustError as error:
        return error.code
    return ""


def test_a_leaf_is_the_hash_of_canonical_json_with_the_leaf_prefix() -> None:
    one = SaltedInput(digest(1), bytes(16))
    body = f'{{"digest":"{digest(1)}","salt":"{b64encode(bytes(16)).decode()}"}}'
    assert input_leaf(one) == hashlib.sha256(b"\x00" + body.encode()).digest()


def test_the_root_over_three_is_that_of_rfc_6962_in_the_order_of_the_leaves() -> None:
    first, second, third = sorted(input_leaf(one) for one in salted(1, 2, 3))
    left = hashlib.sha256(b"\x01" + first + second).digest()
    root = hashlib.sha256(b"\x01" + left + third).digest()
    commitment = commit(salted(3, 1, 2))
    assert commitment.root == root
    assert commitment.document() == {"root": b64encode(root).decode(), "size": 3}


def test_without_inputs_the_root_is_that_of_the_empty_tree() -> None:
    commitment = commit([])
    assert (commitment.root, commitment.inputs) == (hashlib.sha256(b"").digest(), ())


def test_the_order_they_come_in_tells_nothing() -> None:
    assert commit(salted(1, 2, 3, 4)) == commit(salted(4, 2, 1, 3))
    assert [one.digest for one in commit(salted(*range(9))).inputs] != sorted(map(digest, range(9)))


NUMBERS = st.sets(st.integers(0, 255), min_size=1, max_size=12)


@given(NUMBERS, st.data())
def test_any_dropped_added_or_changed_input_changes_the_root(numbers: set[int], data: st.DataObject) -> None:
    inputs = salted(*numbers)
    root = commit(inputs).root
    place = data.draw(st.integers(0, len(inputs) - 1))
    assert commit(inputs[:place] + inputs[place + 1 :]).root != root
    extra = SaltedInput(digest(0)[:-4] + "ffff", bytes(16))
    assert commit([*inputs, extra]).root != root
    for changed in (
        replace(inputs[place], salt=b"\xfe" * 15 + b"\xfd"),
        replace(extra, salt=inputs[place].salt),
    ):
        assert commit([*inputs[:place], changed, *inputs[place + 1 :]]).root != root


@given(NUMBERS, st.data())
def test_each_inputs_proof_holds_and_none_of_another(numbers: set[int], data: st.DataObject) -> None:
    commitment = commit(salted(*numbers))
    signed = of(commitment)
    proofs = prove(commitment.inputs, range(len(commitment.inputs)))
    for proof in proofs:
        check_input(signed, proof)
    index = data.draw(st.integers(0, len(commitment.inputs) - 1))
    stranger = SaltedInput(digest(1)[:-4] + "ffff", bytes(16))
    assert code_of(signed, replace(proofs[index], input=stranger)) == "release.proof"


@given(st.integers(0, 11), st.data())
def test_every_one_bit_change_fails(index: int, data: st.DataObject) -> None:
    commitment, signed, proofs = twelve()
    proof = proofs[index]
    part = data.draw(st.sampled_from(["digest", "salt", "index", "path", "root"]))
    if part == "digest":
        number = int(proof.input.digest.removeprefix("sha256:"), 16) ^ 1 << data.draw(st.integers(0, 255))
        changed = replace(proof, input=replace(proof.input, digest=f"sha256:{number:064x}"))
    elif part == "salt":
        changed = replace(proof, input=replace(proof.input, salt=_flip(proof.input.salt, data)))
    elif part == "index":
        changed = replace(proof, index=proof.index ^ 1 << data.draw(st.integers(0, 6)))
    elif part == "path":
        place = data.draw(st.integers(0, len(proof.path) - 1))
        path = [*proof.path[:place], _flip(proof.path[place], data), *proof.path[place + 1 :]]
        changed = replace(proof, path=tuple(path))
    else:
        changed, root = proof, b64encode(_flip(commitment.root, data)).decode()
        signed = statement({"root": root, "size": 12})
    assert code_of(signed, changed) == "release.proof"


def _flip(value: bytes, data: st.DataObject) -> bytes:
    bit = data.draw(st.integers(0, len(value) * 8 - 1))
    return (int.from_bytes(value, "big") ^ 1 << bit).to_bytes(len(value), "big")


def test_a_shorter_or_longer_path_fails() -> None:
    commitment = commit(salted(1, 2, 3, 4))
    (proof,) = prove(commitment.inputs, [2])
    assert code_of(of(commitment), replace(proof, path=proof.path[:-1])) == "release.proof"
    assert code_of(of(commitment), replace(proof, path=(*proof.path, bytes(32)))) == "release.proof"


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        (None, "release.inputs"),
        ({"root": "x"}, "release.inputs"),
        ({"root": 1, "size": 1}, "release.inputs"),
        ({"root": "AAAA", "size": 1}, "proof.hash_length"),
        ({"root": "not base64", "size": 1}, "base64.invalid"),
        ({"root": b64encode(bytes(32)).decode(), "size": True}, "release.inputs"),
        ({"root": b64encode(bytes(32)).decode(), "size": 0}, "release.proof"),
    ],
)
def test_a_statement_that_commits_to_nothing_shows_nothing(inputs: Any, code: str) -> None:
    with pytest.raises(TrustError) as refused:
        check_input(statement(inputs), one_of(commit(salted(1))))
    assert refused.value.code == code


def test_no_other_credential_is_a_statement() -> None:
    with pytest.raises(TrustError) as refused:
        statement(commit(salted(1)).document(), kind="OrganisationCredential")
    assert refused.value.code == "release.type"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (SaltedInput("sha256:abc", bytes(16)), "release.digest"),
        (SaltedInput(digest(1).upper(), bytes(16)), "release.digest"),
        (SaltedInput(digest(1), bytes(15)), "release.salt"),
    ],
)
def test_a_malformed_input_is_refused(given: SaltedInput, code: str) -> None:
    with pytest.raises(TrustError) as refusal:
        input_leaf(given)
    assert refusal.value.code == code


def test_a_dataset_is_counted_once() -> None:
    with pytest.raises(TrustError) as refusal:
        commit([SaltedInput(digest(1), bytes(16)), SaltedInput(digest(1), bytes(15) + b"\x01")])
    assert refusal.value.code == "release.doubled"


def test_who_knows_a_digest_but_no_salt_cannot_tell_whether_it_counts() -> None:
    commitment = commit(salted(1, 2, 3))
    text = json.dumps(of(commitment).dataset.credential)
    assert digest(1) not in text and digest(1).removeprefix("sha256:") not in text
    guess = replace(one_of(commitment), input=SaltedInput(commitment.inputs[0].digest, bytes(16)))
    assert code_of(of(commitment), guess) == "release.proof"
