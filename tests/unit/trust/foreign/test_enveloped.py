"""Enveloped credentials of others: the shape of real product passports, and every refusal by its code."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.trust import Outcome, TrustError, VerifiedDataset, base64url
from exchange.trust.foreign.document import read_foreign, verify_foreign
from exchange.trust.foreign.enveloped import claimed_payload, open_envelope, read_token
from exchange.trust.foreign.verdict import ForeignVerdict, MethodResolver, VerificationMethod
from exchange.trust.keys import public_key_from_jwk
from tests.unit.trust.foreign.documents import (
    ED25519,
    NOW,
    OTHER,
    P256,
    V2,
    Key,
    credential,
    did,
    disclosure,
    enveloped,
    prove,
    token,
    written,
)

OWNER = "did:web:passports.example:works"
NAME = f"{OWNER}#key-0"


def nobody(name: str) -> VerificationMethod | None:
    return None


def judge(content: bytes | str | dict[str, Any], resolve: MethodResolver = nobody) -> ForeignVerdict:
    data = written(content) if isinstance(content, dict) else content
    data = data.encode() if isinstance(data, str) else data
    return verify_foreign(read_foreign(data), resolve=resolve, now=NOW)


def refusal(verdict: ForeignVerdict) -> tuple[str, str, str]:
    first = verdict.failures[0]
    return first.name, first.code, first.path


def passport(**more: Any) -> dict[str, Any]:
    """As issuers of passports send them: claims repeated, an `iat` in words, terms of their own."""
    return {
        **credential(OWNER),
        "iss": OWNER,
        "iat": "2026-01-01T00:00:00.000Z",
        "jti": "urn:x:1",
        "granularityLevel": "batch",
        **more,
    }


def of_web(key: Key = ED25519, controller: str = OWNER) -> MethodResolver:
    return {NAME: VerificationMethod(key.public_key(), controller)}.get


@pytest.mark.parametrize("key", [ED25519, P256])
@pytest.mark.parametrize("is_enveloped", [True, False])
def test_a_passport_of_the_usual_shape_is_established(key: Key, is_enveloped: bool) -> None:
    jws = token(passport(), key, name=NAME)
    verdict = judge(enveloped(jws) if is_enveloped else jws + "\n", of_web(key))
    assert (verdict.ok, verdict.form, verdict.issuer) == (True, "vc+jwt", OWNER)
    assert [(step.name, step.outcome.value) for step in verdict.steps] == [
        ("structure", "established"),
        ("header", "established"),
        ("key", "established"),
        ("signature", "established"),
        ("payload", "established"),
        ("issuer", "established"),
        ("time", "established"),
        ("proof", "not_checked"),
        ("status", "not_checked"),
    ]


def test_it_is_evidence_and_no_dataset() -> None:
    verdict = judge(token(passport(), name=NAME), of_web())
    members = [getattr(verdict, name) for name in ("form", "issuer", "steps", "ok", "failures")]
    assert not any(isinstance(one, VerifiedDataset) for one in members)
    assert not hasattr(verdict, "dataset")


def test_a_did_key_needs_no_resolver() -> None:
    assert judge(token(credential(did(P256)), P256)).ok


def test_a_status_list_it_names_is_not_looked_up_and_that_is_said() -> None:
    status = {"type": "BitstringStatusListEntry", "statusListIndex": 3}
    verdict = judge(token(passport(credentialStatus=status), name=NAME), of_web())
    assert (verdict.ok, verdict.steps[-1].code) == (True, "status.not_checked")


HEADERS: dict[str, dict[str, Any]] = {
    "header.alg": {"alg": "none"},
    "header.typ": {"typ": "JWT"},
    "header.cty": {"cty": "json"},
    "header.kid": {"kid": 7},
    "header.iss": {"iss": 7},
    "header.member": {"jwk": {"kty": "OKP"}},
    "algorithm.mismatch": {"alg": "ES256"},
    "kid.unknown": {"kid": "https://passports.example/keys/1"},
}


@pytest.mark.parametrize("code", HEADERS)
def test_a_header_that_decides_for_itself_is_refused(code: str) -> None:
    jws = token(passport(), header=HEADERS[code], name=NAME)
    assert judge(jws, of_web()).failures[0].code == code


@pytest.mark.parametrize("name", ["crit", "b64", "zip", "jku", "x5u", "x5c"])
def test_no_header_member_changes_what_is_signed_or_by_whom(name: str) -> None:
    assert refusal(judge(token(passport(), header={name: "x"}, name=NAME), of_web()))[1] == "header.member"


def test_the_signature_covers_the_bytes_as_received() -> None:
    header, payload, signature = token(passport(), name=NAME).split(".")
    other = token(passport(name="x"), name=NAME).split(".")[1]
    assert refusal(judge(f"{header}.{other}.{signature}", of_web()))[:2] == ("signature", "signature.invalid")
    assert refusal(judge(f"{header}.{payload}.{signature}", of_web(OTHER)))[1] == "signature.invalid"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"vc": {}}, ("payload", "foreign.jwt_claim", "/vc")),
        ({"vp": {}}, ("payload", "foreign.jwt_claim", "/vp")),
        ({"@context": "https://schema.org"}, ("payload", "foreign.context", "/@context")),
        ({"type": "Passport"}, ("payload", "foreign.type", "/type")),
        ({"credentialSubject": "x"}, ("payload", "foreign.subject", "/credentialSubject")),
        ({"iss": "did:web:other.example"}, ("issuer", "issuer.claim", "/iss")),
        (
            {"issuer": "did:web:other.example", "iss": "did:web:other.example"},
            ("issuer", "issuer.mismatch", ""),
        ),
        ({"validUntil": "2026-03-02T07:55:00Z"}, ("time", "time.expired", "/validUntil")),
        ({"validFrom": "2026-03-02T08:05:01Z"}, ("time", "time.not_yet_valid", "/validFrom")),
        ({"exp": 1772437800}, ("time", "time.expired", "/exp")),  # 2026-03-02T07:50:00Z
        ({"nbf": 1772439000}, ("time", "time.not_yet_valid", "/nbf")),  # 2026-03-02T08:10:00Z
        ({"exp": "2027-01-01"}, ("time", "time.claim", "/exp")),
        ({"nbf": True}, ("time", "time.claim", "/nbf")),
    ],
)
def test_what_a_payload_may_not_say(change: dict[str, Any], expected: tuple[str, str, str]) -> None:
    assert refusal(judge(token(passport(**change), name=NAME), of_web())) == expected


def test_the_issuer_in_the_header_is_the_same_one() -> None:
    assert judge(token(passport(), header={"iss": OWNER}, name=NAME), of_web()).ok
    jws = token(passport(), header={"iss": "did:web:other.example"}, name=NAME)
    assert refusal(judge(jws, of_web()))[1] == "issuer.claim"


def test_a_proof_inside_the_envelope_must_hold_too() -> None:
    plain = credential(did(ED25519))
    whole = {**plain, "proof": prove(plain)}
    verdict = judge(token(whole))
    assert (verdict.ok, verdict.steps[7].outcome) == (True, Outcome.ESTABLISHED)
    broken = {**whole, "name": "changed"}
    assert refusal(judge(token(broken))) == ("proof", "signature.invalid", "/proof")


ENVELOPES: dict[str, dict[str, Any]] = {
    "enveloped.presentation": {"type": "EnvelopedVerifiablePresentation"},
    "enveloped.member": {"name": "Nobody signed this"},
    "enveloped.context": {"@context": ["https://www.w3.org/2018/credentials/v1"]},
    "enveloped.media_type": {"id": "data:application/vc+cose;base64,0oRYVg"},
    "enveloped.form": {"id": f"data:application/vc+sd-jwt,{token(credential())}"},
    "token.parts": {"id": "data:application/vc+jwt,abc"},
}


@pytest.mark.parametrize("code", ENVELOPES)
def test_an_envelope_of_another_kind_is_refused(code: str) -> None:
    with pytest.raises(TrustError) as raised:
        read_foreign(written(enveloped(token(credential()), **ENVELOPES[code])))
    assert raised.value.code == code


def test_what_is_no_envelope_is_not_opened() -> None:
    with pytest.raises(TrustError) as raised:
        open_envelope({"type": "VerifiableCredential"})
    assert raised.value.code == "enveloped.type"


def test_a_header_that_is_no_object_is_refused() -> None:
    _, payload, signature = token(passport(), name=NAME).split(".")
    verdict = judge(f"{base64url.encode(b'[]')}.{payload}.{signature}", of_web())
    assert refusal(verdict) == ("header", "header.type", "")


def test_a_payload_without_an_issuer_is_nobodys() -> None:
    with pytest.raises(TrustError) as raised:
        read_foreign(token(passport(issuer={"name": "x"}), name=NAME).encode())
    assert raised.value.code == "foreign.issuer"


def test_a_presentation_signed_as_one_is_refused_too() -> None:
    with pytest.raises(TrustError) as raised:
        read_foreign(written({"@context": [V2], "type": ["VerifiablePresentation"], "proof": {}}))
    assert raised.value.code == "enveloped.presentation"


def selective(payload: dict[str, Any], *disclosures: str) -> str:
    """A `vc+sd-jwt` of the did:key issuer."""
    jws = token({**payload, "_sd_alg": "sha-256"}, header={"typ": "vc+sd-jwt"})
    return "~".join([jws, *disclosures, ""])


def test_disclosures_at_any_depth_are_put_where_their_digests_stand() -> None:
    inner, inner_digest = disclosure("salt", "carbon", 7)
    outer, outer_digest = disclosure("salt", "footprint", {"unit": "KGM", "_sd": [inner_digest]})
    element, element_digest = disclosure("salt", "steel")
    hidden = "A" * 43
    plain = credential()
    subject = {
        "id": "urn:x:1",
        "_sd": [outer_digest, hidden],
        "of": [{"...": element_digest}, {"...": "B" * 43}],
    }
    text = selective({**plain, "credentialSubject": subject}, inner, outer, element)
    assert judge(text).ok
    assert judge(enveloped(text, "vc+sd-jwt")).ok
    assert claimed_payload(read_token(text))["credentialSubject"] == {
        "id": "urn:x:1",
        "of": ["steel"],
        "footprint": {"unit": "KGM", "carbon": 7},
    }


def bad_disclosures() -> dict[str, str]:
    plain = credential()
    one, digest = disclosure("salt", "mass", 1)
    reserved, reserved_digest = disclosure("salt", "_sd", ["x"])
    element, element_digest = disclosure("salt", 1)

    def about(text: str | None, *digests: Any, **subject: Any) -> str:
        whole = {**plain, "credentialSubject": {"id": "urn:x:1", "_sd": [*digests], **subject}}
        return selective(whole, *([text] if text else []))

    return {
        "disclosure.unreferenced": about(one),
        "disclosure.digests": about(None, digest, digest),
        "disclosure.name": about(one, digest, mass=2),
        "disclosure.reserved": about(None, digest, **{"...": 1}),
        "disclosure.form": about(element, element_digest),
        "base64url.invalid": about("!", digest),
        "disclosure.doubled": "~".join([selective(plain, one)[:-1], one, ""]),
        "disclosure.algorithm": token({**plain, "_sd_alg": "md5"}, header={"typ": "vc+sd-jwt"}) + "~",
        "disclosure.name ": about(reserved, reserved_digest),
        "enveloped.key_binding": selective(plain) + "a.b.c",
    }


@pytest.mark.parametrize("code", bad_disclosures())
def test_a_disclosure_that_does_not_belong_is_refused(code: str) -> None:
    with pytest.raises(TrustError) as raised:
        read_foreign(bad_disclosures()[code].encode())
    assert raised.value.code == code.strip()


def test_disclosures_within_disclosures_end_somewhere() -> None:
    text, digest = disclosure("salt", "leaf", 1)
    chain = [text]
    for _ in range(63):
        value: dict[str, Any] = {"_sd": [digest]}
        for _ in range(5):
            value = {"a": value}
        text, digest = disclosure("salt", "next", value)
        chain.append(text)
    whole = {**credential(), "credentialSubject": {"_sd": [digest]}}
    with pytest.raises(TrustError) as raised:
        read_foreign(selective(whole, *chain).encode())
    assert raised.value.code == "disclosure.depth"
    with pytest.raises(TrustError) as raised:
        read_foreign(selective(whole, *chain, disclosure("salt", "x", 1)[0]).encode())
    assert raised.value.code == "disclosure.count"


@given(st.integers(0, 511))
def test_one_bit_of_the_signature_decides(bit: int) -> None:
    header, payload, signature = token(passport(), name=NAME).split(".")
    flipped = (int.from_bytes(base64url.decode(signature), "big") ^ 1 << bit).to_bytes(64, "big")
    verdict = judge(f"{header}.{payload}.{base64url.encode(flipped)}", of_web())
    assert refusal(verdict)[:2] == ("signature", "signature.invalid")


def test_two_spellings_of_a_signature_are_two_documents_and_one_is_refused() -> None:
    jws = token(passport(), name=NAME)
    other = jws[:-1] + chr(ord(jws[-1]) + 1)
    with pytest.raises(TrustError) as raised:
        read_foreign(other.encode())
    assert raised.value.code == "base64url.invalid"


ROOT = os.environ.get("VCX_REFERENCE_DIR", "")


@pytest.mark.skipif(not ROOT, reason="VCX_REFERENCE_DIR is not set: the published vectors are not here")
@pytest.mark.parametrize(
    ("name", "key", "code"),
    [
        ("credential-jose-minimal", "vm-p256", ""),
        ("credential-issuer-match-signed", "vm-ed25519", ""),
        ("credential-jose-bad-signature", "vm-ed25519", "signature.invalid"),
        ("credential-jose-bad-media-type", "vm-ed25519", "header.typ"),
        ("credential-jose-vc-vp-claims", "vm-ed25519", "foreign.jwt_claim"),
    ],
)
def test_the_published_test_suite_of_the_envelope(name: str, key: str, code: str) -> None:
    folder = Path(ROOT) / "vectors/vc-jose-cose"
    method = json.loads((folder / f"{key}.json").read_text())
    found = VerificationMethod(public_key_from_jwk(method["publicKeyJwk"]), method["controller"])
    verdict = judge((folder / f"{name}.txt").read_bytes(), {method["publicKeyJwk"]["kid"]: found}.get)
    assert (verdict.ok, [step.code for step in verdict.failures][:1]) == (not code, [code] if code else [])


@pytest.mark.skipif(not ROOT, reason="VCX_REFERENCE_DIR is not set: the published vectors are not here")
@pytest.mark.parametrize("name", ["credential-jose-unknown-extensions", "credential-sdjwt-selective"])
def test_signatures_of_other_lengths_are_not_taken(name: str) -> None:
    with pytest.raises(TrustError) as raised:
        read_foreign((Path(ROOT) / f"vectors/vc-jose-cose/{name}.txt").read_bytes())
    assert raised.value.code == "token.signature_length"
