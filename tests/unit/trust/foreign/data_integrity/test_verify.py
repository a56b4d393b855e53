"""Data Integrity proofs: what is signed, whose key it is, several proofs, and every refusal by its code."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.trust import Outcome, Step, TrustError
from exchange.trust.foreign.document import read_foreign, verify_foreign
from exchange.trust.foreign.verdict import ForeignVerdict, VerificationMethod
from tests.unit.trust.foreign.documents import (
    ALPHABET,
    ED25519,
    NOW,
    OTHER,
    P256,
    V2,
    Key,
    base58,
    canonical,
    credential,
    did,
    kid,
    options,
    prove,
    raw_signature,
    signed,
    written,
)


def judge(document: dict[str, Any] | bytes) -> ForeignVerdict:
    content = document if isinstance(document, bytes) else written(document)
    return verify_foreign(read_foreign(content), resolve=lambda name: None, now=NOW)


def failed(verdict: ForeignVerdict) -> list[tuple[str, str, str]]:
    return [(step.name, step.code, step.path) for step in verdict.failures]


@pytest.mark.parametrize(("key", "form"), [(ED25519, "eddsa-jcs-2022"), (P256, "ecdsa-jcs-2019")])
def test_a_signed_document_is_established_step_by_step(key: Key, form: str) -> None:
    verdict = judge(signed(key=key))
    assert (verdict.ok, verdict.form, verdict.issuer) == (True, form, did(key))
    assert [(step.name, step.path) for step in verdict.steps] == [
        ("structure", ""),
        ("payload", ""),
        ("time", ""),
        ("header", "/proof"),
        ("key", "/proof"),
        ("signature", "/proof"),
        ("issuer", "/proof"),
        ("time", "/proof"),
        ("proof", "/proof"),
        ("status", ""),
    ]
    assert verdict.steps[-1].outcome is Outcome.NOT_CHECKED


CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a figure": lambda one: one["credentialSubject"].update(carbon=0.2),
    "a name": lambda one: one["issuer"].update(name="Værket"),
    "a member more": lambda one: one.update(name="x"),
    "a member less": lambda one: one.pop("validUntil"),
    "the instant of the proof": lambda one: one["proof"].update(created="2026-02-01T12:00:01Z"),
    "an id of the proof": lambda one: one["proof"].update(id="urn:x:2"),
    "a context more": lambda one: one["@context"].append("https://other.example/context"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_any_change_breaks_the_signature(change: Callable[[dict[str, Any]], Any]) -> None:
    document = signed()
    change(document)
    assert failed(judge(document))[0] == ("signature", "signature.invalid", "/proof")


def test_the_order_of_members_spaces_and_the_spelling_of_numbers_are_not_signed() -> None:
    document = signed()
    turned = json.dumps(dict(reversed(document.items())), indent=7)
    assert judge(turned.encode()).ok
    assert judge(turned.replace('"mass": 2.5', '"mass": 25E-1').replace(": 3,", ": 3.0,").encode()).ok


@pytest.mark.parametrize(
    ("text", "number"),
    [("1e21", 1e21), ("1E-7", 1e-07), ("-0.0", 0), ("100.00", 100), ("0.000001", 0.000001), ("5e-3", 0.005)],
)
def test_numbers_are_signed_as_the_doubles_they_stand_for(text: str, number: float) -> None:
    # RFC 8785 section 3.2.2.3; the expected spellings are ECMAScript's.
    spelled = {1e21: "1e+21", 1e-07: "1e-7", 0.000001: "0.000001"}.get(number, repr(number))
    plain = credential(did(ED25519))
    proof = options()
    subject = {"amount": "NUMBER"}
    jcs = canonical({**plain, "credentialSubject": subject}).replace(b'"NUMBER"', spelled.encode())
    value = raw_signature(ED25519, sha256(canonical(proof)).digest() + sha256(jcs).digest())
    whole = {**plain, "credentialSubject": subject, "proof": {**proof, "proofValue": f"z{base58(value)}"}}
    assert judge(written(whole).replace(b'"NUMBER"', text.encode())).ok


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0.30000000000000004", "json.number_precision"),
        ("9007199254740993", "json.number_range"),
        ("1e999", "json.number_range"),
        ("NaN", "json.number_constant"),
    ],
)
def test_a_number_that_readers_could_understand_differently_is_refused(text: str, code: str) -> None:
    content = written(signed()).replace(b"2.5", text.encode())
    with pytest.raises(TrustError) as refusal:
        read_foreign(content)
    assert refusal.value.code == code


def test_the_proofs_context_is_what_is_signed_and_the_document_begins_with_it() -> None:
    plain = credential()
    document = {**plain, "proof": prove(plain, **{"@context": plain["@context"]})}
    assert judge(document).ok
    longer = {**document, "@context": [*plain["@context"], "https://other.example/context"]}
    assert judge(longer).ok  # vc-di-eddsa section 3.3.2 step 4: only the beginning is signed
    other = {**document, "@context": [V2, "https://other.example/context"]}
    assert failed(judge(other))[0] == ("signature", "integrity.context", "/proof/@context")
    shorter = {**document, "@context": [V2]}
    assert failed(judge(shorter))[0] == ("signature", "integrity.context", "/proof/@context")


def test_somebody_elses_key_is_not_the_issuers() -> None:
    plain = credential(did(ED25519))
    verdict = judge({**plain, "proof": prove(plain, OTHER)})
    assert failed(verdict)[0] == ("issuer", "issuer.mismatch", "/proof")
    assert verdict.steps[5].outcome is Outcome.ESTABLISHED  # the signature itself holds
    assert not verdict.ok


def test_another_method_is_resolved_and_must_belong_to_the_issuer() -> None:
    name, owner = "did:web:works.example#a", "did:web:works.example"
    plain = credential(owner)
    document = {**plain, "proof": prove(plain, verificationMethod=name)}

    def verdict(found: VerificationMethod | None) -> ForeignVerdict:
        return verify_foreign(read_foreign(written(document)), resolve={name: found}.get, now=NOW)

    assert verdict(VerificationMethod(ED25519.public_key(), owner)).ok
    assert failed(verdict(None))[0] == ("key", "kid.unknown", "/proof")
    assert failed(verdict(VerificationMethod(OTHER.public_key(), owner)))[0][1] == "signature.invalid"
    foreign = VerificationMethod(ED25519.public_key(), "did:web:other.example")
    assert failed(verdict(foreign))[0][1] == "issuer.mismatch"


def test_every_proof_of_a_set_has_its_own_verdict_and_all_must_hold() -> None:
    plain = credential(did(ED25519))
    broken = prove({**plain, "name": "another document"})
    document = {**plain, "proof": [prove(plain), broken, prove(plain, OTHER)]}
    verdict = judge(document)
    assert failed(verdict) == [
        ("signature", "signature.invalid", "/proof/1"),
        ("issuer", "issuer.mismatch", "/proof/2"),
        ("proof", "integrity.set", "/proof"),
    ]
    assert judge({**plain, "proof": [prove(plain), prove(plain)]}).ok
    rdfc = {**prove(plain), "cryptosuite": "eddsa-rdfc-2022"}
    assert failed(judge({**plain, "proof": [prove(plain), rdfc]}))[0] == (
        "header",
        "integrity.cryptosuite",
        "/proof/1/cryptosuite",
    )


PROOFS: dict[str, tuple[str, dict[str, Any]]] = {
    "integrity.type": ("/type", {"type": "Ed25519Signature2020"}),
    "integrity.purpose": ("/proofPurpose", {"proofPurpose": "authentication"}),
    "integrity.method": ("/verificationMethod", {"verificationMethod": 7}),
    "integrity.chain": ("/previousProof", {"previousProof": "urn:x:1"}),
    "integrity.audience": ("/domain", {"domain": "shop.example"}),
    "integrity.member": ("", {"jws": "x"}),
    "foreign.instant": ("/created", {"created": "yesterday"}),
}


@pytest.mark.parametrize("code", PROOFS)
def test_a_proof_of_another_kind_is_refused(code: str) -> None:
    path, change = PROOFS[code]
    verdict = judge(signed(**change))
    assert failed(verdict)[0] == ("header", code, f"/proof{path}")
    unreached = [step.name for step in verdict.steps if step.code == "not_reached"]
    assert unreached == ["key", "signature", "issuer", "time"]


def test_a_challenge_is_for_one_occasion_too() -> None:
    assert failed(judge(signed(challenge="abc")))[0][1] == "integrity.audience"


def test_the_suite_picks_the_kind_of_key() -> None:
    plain = credential(did(P256))
    document = {**plain, "proof": prove(plain, P256, cryptosuite="eddsa-jcs-2022")}
    assert failed(judge(document))[0] == ("key", "integrity.key_type", "/proof/verificationMethod")


VALUE = signed()["proof"]["proofValue"]


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "",
        "z",
        VALUE[1:],
        "u" + VALUE[1:],
        VALUE + "1",
        "z1" + VALUE[1:],
        VALUE + " ",
        VALUE.replace(VALUE[5], "0"),
        "z" + "2" * 5000,
    ],
)
def test_a_proof_value_has_one_spelling(value: Any) -> None:
    document = signed()
    document["proof"]["proofValue"] = value
    assert failed(judge(document))[0] == ("header", "integrity.value", "/proof/proofValue")


def test_a_short_proof_value_has_one_spelling_too() -> None:
    # Some decoders pass over white space at the end; a shorter value leaves room for it within the length.
    documents = (signed(credential(name=str(number))) for number in range(200))
    short = next(one for one in documents if len(one["proof"]["proofValue"]) == 88)
    assert judge(short).ok
    short["proof"]["proofValue"] += "\n"
    assert failed(judge(short))[0][1] == "integrity.value"


def test_what_was_not_checked_is_no_pass() -> None:
    verdict = judge(signed())
    steps = [Step(one.name, Outcome.NOT_CHECKED, one.code, one.detail) for one in verdict.steps]
    for position, step in enumerate(verdict.steps):
        given = (*verdict.steps[:position], steps[position], *verdict.steps[position + 1 :])
        assert replace(verdict, steps=given).ok == (step.name in {"proof", "status"})


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ({"created": "2026-03-02T08:05:01Z"}, ("time", "time.created", "/proof/created")),
        ({"expires": "2026-03-02T07:55:00Z"}, ("time", "time.proof_expired", "/proof/expires")),
    ],
)
def test_a_proof_counts_in_its_time(change: dict[str, str], step: tuple[str, str, str]) -> None:
    assert failed(judge(signed(**change)))[0] == step


def test_instants_at_the_edge_of_the_leeway_count() -> None:
    assert judge(signed(created="2026-03-02T08:05:00Z", expires="2026-03-02T07:55:01Z")).ok


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ({"validFrom": "2026-03-02T09:05:01+01:00"}, ("time", "time.not_yet_valid", "/validFrom")),
        ({"validUntil": "2026-03-02T07:55:00Z"}, ("time", "time.expired", "/validUntil")),
        ({"validFrom": "2026-03-02"}, ("payload", "foreign.instant", "/validFrom")),
        ({"validFrom": "2026-02-30T00:00:00Z"}, ("payload", "foreign.instant", "/validFrom")),
        (
            {"@context": ["https://www.w3.org/2018/credentials/v1"]},
            ("payload", "foreign.context", "/@context"),
        ),
        ({"type": ["Passport"]}, ("payload", "foreign.type", "/type")),
        ({"credentialSubject": []}, ("payload", "foreign.subject", "/credentialSubject")),
    ],
)
def test_a_document_that_is_no_valid_credential(change: dict[str, Any], step: tuple[str, str, str]) -> None:
    assert failed(judge(signed(credential(**change))))[0] == step


REFUSED: dict[str, tuple[str, Any]] = {
    "json.syntax": ("", b"{"),
    "json.duplicate_key": ("/a", b'{"a":1,"a":2}'),
    "foreign.form": ("", b"\x89PNG"),
    "foreign.unsecured": ("/proof", credential()),
    "foreign.issuer": ("/issuer", {**signed(), "issuer": {"name": "nobody"}}),
    "integrity.proof": ("/proof", {**credential(), "proof": []}),
    "integrity.cryptosuite": ("/proof", signed(cryptosuite="ecdsa-rdfc-2019")),
    "foreign.size": ("", b"{" + b" " * 4 * 1024 * 1024),
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_is_no_such_document_is_refused_with_its_code(code: str) -> None:
    path, given = REFUSED[code]
    with pytest.raises(TrustError) as refusal:
        read_foreign(given if isinstance(given, bytes) else written(given))
    assert (refusal.value.code, refusal.value.path) == (code, path)


def test_more_proofs_than_anybody_needs_are_refused() -> None:
    plain = credential()
    with pytest.raises(TrustError) as refusal:
        read_foreign(written({**plain, "proof": [prove(plain)] * 9}))
    assert refusal.value.code == "integrity.proof"


@given(st.integers(0, 511))
def test_one_bit_of_the_signature_decides(bit: int) -> None:
    document = signed()
    number = 0
    for letter in document["proof"]["proofValue"][1:]:
        number = number * 58 + ALPHABET.index(letter)
    flipped = (number ^ 1 << bit).to_bytes(64, "big")
    document["proof"]["proofValue"] = f"z{base58(flipped)}"
    assert failed(judge(document))[0][1] in {"signature.invalid", "integrity.value"}


@given(st.binary(max_size=300))
def test_no_bytes_make_it_fail(content: bytes) -> None:
    try:
        document = read_foreign(content)
    except TrustError:
        return
    verify_foreign(document, resolve=lambda name: None, now=NOW)


def test_the_key_ids_of_the_tests_are_the_methods_own_examples() -> None:
    assert kid(ED25519).startswith("did:key:z6Mk")
    assert kid(P256).startswith("did:key:zDna")
