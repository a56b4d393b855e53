"""What a verifier may bring as a trust root, and what would let a log vouch for itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from exchange.trust import TrustError
from exchange.trust.log.note import COSIGNATURE, vkey_of
from exchange.trust.trust_root import MAX_BYTES, read_trust_root
from tests.unit.trust.bundles import OLD_ORIGIN, ORIGIN, Log, key_of, trust_root

STRANGER = key_of("stranger").public_key()


def test_trust_root_reads_back_to_itself_in_any_layout() -> None:
    root = trust_root()
    assert read_trust_root(root.serialise()) == root
    assert read_trust_root(json.dumps(json.loads(root.serialise()), indent=4).encode()) == root
    assert root.log(ORIGIN) == Log(ORIGIN).trusted()
    assert root.log("other.example/log/1") is None


def replaced(path: str, value: Any) -> Any:
    """The usual trust root with the member at `path` replaced."""
    document = whole = json.loads(trust_root().serialise())
    *parents, last = path.split("/")
    for part in parents:
        document = document[int(part) if part.isdigit() else part]
    document[int(last) if last.isdigit() else last] = value
    return whole


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("v", "vcx-trust/2", "trust_root.version"),
        ("note", "x", "trust_root.form"),
        ("logs", [], "trust_root.form"),
        ("logs", {}, "trust_root.form"),
        ("logs/0/origin", 7, "trust_root.form"),
        ("logs/0/log_keys", [], "trust_root.form"),
        ("logs/0/log_keys", 7, "trust_root.form"),
        ("logs/0/state_keys", [], "trust_root.form"),
        ("logs/0", 7, "trust_root.form"),
        ("witnesses", {}, "trust_root.form"),
        ("registrars", [], "trust_root.form"),
        ("registrars", ["did:key:z1"] * 65, "trust_root.form"),
        ("logs/0/origin", "other.example", "trust_root.key"),
        ("logs/0/log_keys/0", "nonsense", "trust_root.key"),
        ("logs/0/log_keys/0", 7, "trust_root.key"),
        ("logs/0/log_keys/0", vkey_of(ORIGIN, STRANGER, COSIGNATURE), "trust_root.key"),
        ("logs/0/state_keys/0", vkey_of(ORIGIN, STRANGER), "trust_root.key"),
        ("logs/1/state_keys/0", vkey_of(ORIGIN, STRANGER), "trust_root.key"),
        ("witnesses/0", vkey_of("witness.example/w1", STRANGER), "trust_root.key"),
        ("witnesses/0", vkey_of("witness.example/w2", STRANGER, COSIGNATURE), "trust_root.doubled"),
        ("registrars", ["did:web:a.example"] * 2, "trust_root.doubled"),
        ("registrars/0", "nobody", "trust_root.registrar"),
        ("registrars/0", 7, "trust_root.registrar"),
        ("quorum", 4, "trust_root.quorum"),
        ("quorum", -1, "trust_root.quorum"),
        ("quorum", True, "trust_root.quorum"),
        ("quorum", "2", "trust_root.quorum"),
    ],
)
def test_trust_root_of_another_form_is_refused(path: str, value: Any, code: str) -> None:
    assert refusal(replaced(path, value)) == code


def refusal(document: Any) -> str:
    with pytest.raises(TrustError) as caught:
        read_trust_root(json.dumps(document).encode())
    return caught.value.code


def test_same_log_twice_is_refused() -> None:
    document = json.loads(trust_root(origins=[ORIGIN]).serialise())
    document["logs"] *= 2
    assert refusal(document) == "trust_root.doubled"


def test_one_key_cannot_count_as_two_witnesses() -> None:
    again = vkey_of("witness.example/another", key_of("witness 1").public_key(), COSIGNATURE)
    assert refusal(replaced("witnesses/1", again)) == "trust_root.doubled"


def test_log_cannot_be_its_own_witness() -> None:
    itself = vkey_of("independent.example", Log(ORIGIN).key.public_key(), COSIGNATURE)
    assert refusal(replaced("witnesses/0", itself)) == "trust_root.witness"


@pytest.mark.parametrize(("signer", "code"), [(ORIGIN, "trust_root.doubled"), (OLD_ORIGIN, "trust_root.key")])
def test_one_key_cannot_sign_checkpoints_and_states(signer: str, code: str) -> None:
    vkey = vkey_of(f"{ORIGIN}/state", Log(signer).key.public_key())
    assert refusal(replaced("logs/1/state_keys/0", vkey)) == code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "json.syntax"),
        (b"[]", "trust_root.form"),
        (b'{"v":1,"v":2}', "json.duplicate_key"),
        (b" " * (MAX_BYTES + 1), "json.size"),
    ],
)
def test_file_that_is_no_trust_root_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(TrustError) as caught:
        read_trust_root(data)
    assert caught.value.code == code
