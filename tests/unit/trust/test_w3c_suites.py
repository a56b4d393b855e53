"""The inputs of two W3C test suites, judged as the suites expect, and by code where only this profile refuses.

vc-jose-cose: the 13 checks of `expected.json` that are about JOSE and can be judged. Nos. 3, 4 and 7 are left out:
they carry nested tokens whose first character is missing, which nobody strict can accept.
vc-data-model-2.0: all its credentials, without any JSON-LD processing.
"""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest

from exchange.trust import (
    Policy,
    ResolvedKey,
    TrustError,
    base64url,
    did_key,
    did_key_kid,
    resolve_did_key,
    sign,
    verify,
)
from exchange.trust.credential import CONTEXT, read_claims
from exchange.trust.jws import has_valid_signature, read_header
from exchange.trust.keys import public_key_from_jwk
from tests.unit.trust.credentials import CREDENTIAL, DID, KEY, KID, NOW

ROOT = os.environ.get("VCX_REFERENCE_DIR", "")
VECTORS = Path(ROOT) / "vectors"
ANYTHING = Policy(required=frozenset())

published = pytest.mark.skipif(
    not ROOT, reason="VCX_REFERENCE_DIR is not set: the published vectors are not here"
)

# Number of the check: what refuses the suite's input here. Nos. 1, 2, 6 and 8 are successes in the suite.
EXPECTED = {
    "1": "credential.schema",  # a schema without the digest of its file proves nothing
    "2": "credential.schema",
    "5": "credential.unknown_member",
    "6": "kid.malformed",  # a key id without a DID names nobody
    "8": "kid.malformed",
    "9": "token.signature_length",  # P-521, refused before its signature is looked at
    "10": "token.parts",
    "11": "token.parts",
    "12": "kid.malformed",
    "13": "header.typ",
    "14": "header.typ",
    "15": "kid.malformed",
    "16": "header.typ",
}


def check_of(number: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((VECTORS / "vc-jose-cose/expected.json").read_text())["tests"][number]
    return found


def given(name: str) -> str:
    return (VECTORS / "vc-jose-cose" / name).read_text().strip()


def issued(document: dict[str, Any]) -> str:
    """What refuses the document when it is signed here, "" if nothing does."""
    try:
        sign({**document, "issuer": DID}, groups=(), key=KEY, kid=KID)
    except TrustError as error:
        return error.code
    return ""


@published
@pytest.mark.parametrize("number", EXPECTED)
def test_check_of_the_jose_suite_ends_as_expected_or_is_refused_on_purpose(number: str) -> None:
    check = check_of(number)
    if check["fn"] == "issue":
        assert issued(json.loads(given(check["input"]))) == EXPECTED[number]
        return
    key = public_key_from_jwk(json.loads(given(check["key"]))["publicKeyJwk"])
    verdict = verify(given(check["input"]), resolve=lambda kid: ResolvedKey(key), now=NOW, policy=ANYTHING)
    assert verdict.failures[0].code == EXPECTED[number]


@published
@pytest.mark.parametrize("number", ["1", "2"])
def test_document_that_the_suite_signs_is_signed_once_its_schema_has_a_digest(number: str) -> None:
    document = json.loads(given(check_of(number)["input"]))
    document["credentialSchema"]["digestSRI"] = CREDENTIAL["credentialSchema"]["digestSRI"]
    assert issued(document) == ""


@published
@pytest.mark.parametrize(("number", "holds"), [("6", True), ("8", True), ("12", False)])
def test_signature_holds_exactly_where_the_suite_says(number: str, holds: bool) -> None:
    check = check_of(number)
    key = public_key_from_jwk(json.loads(given(check["key"]))["publicKeyJwk"])
    assert read_header(given(check["input"])).typ == "vc+jwt"
    assert has_valid_signature(given(check["input"]), key) is holds


@published
def test_all_checks_about_jose_are_judged_but_the_three_with_broken_nested_tokens() -> None:
    tests = json.loads((VECTORS / "vc-jose-cose/expected.json").read_text())["tests"]
    about = {number for number, test in tests.items() if test["feature"].endswith("_jose")}
    assert about - set(EXPECTED) == {"3", "4", "7"}
    for number in set(EXPECTED) - {"1", "2", "6", "8"}:
        assert tests[number]["expected"] == "failure"


# Documents the data model allows and this profile refuses, after contexts written out inline (refused too, for
# they could redefine terms) are replaced by the base context.
ONLY_WE_REFUSE = {
    "credential-proof-ok": "credential.unknown_member",  # the token is the proof
    "credential-schema-ok": "credential.schema",  # no digest of the schema
    "credential-schema-type-ok": "credential.schema",
    "credential-schemas-ok": "credential.schema",
    "credential-subject-multiple-ok": "credential.subject",  # one subject
    "credential-validUntil-validFrom-ok": "credential.instant",  # UTC with Z only
    "credential-validfrom-tz-ok": "credential.instant",
    "credential-validuntil-tz-ok": "credential.instant",
}


def names(suffix: str) -> list[str]:
    folder = VECTORS / "vcdm2"
    return sorted(path.stem for path in folder.glob(f"credential-*{suffix}.json")) if ROOT else ["absent"]


def refusal(name: str) -> str:
    """What refuses the document with what this profile demands and the model leaves optional put in."""
    document = json.loads((VECTORS / "vcdm2" / f"{name}.json").read_text())
    document = {"id": "urn:x", "validFrom": "2020-01-01T00:00:00Z", "issuer": "did:web:a.example", **document}
    if isinstance(document["issuer"], dict):
        document["issuer"] = {"id": "did:web:a.example", **document["issuer"]}
    subject = document.get("credentialSubject")
    if isinstance(subject, dict) and subject:
        document["credentialSubject"] = {"id": "urn:y", **subject}
    if name.endswith("-ok") and isinstance(document["@context"], list):
        document["@context"] = [item for item in document["@context"] if isinstance(item, str)]
    try:
        read_claims(document)
    except TrustError as error:
        return error.code
    return ""


@published
@pytest.mark.parametrize("name", names("-ok"))
def test_document_the_data_model_allows_is_accepted_but_for_a_reason_of_ours(name: str) -> None:
    assert refusal(name) == ONLY_WE_REFUSE.get(name, "")


@published
@pytest.mark.parametrize("name", names("-fail"))
def test_document_the_data_model_forbids_is_refused(name: str) -> None:
    # Some only for what JSON-LD makes of their inline contexts, which are refused here as such.
    assert refusal(name).startswith("credential.")


# The core of both, without the folder.


def test_signature_by_a_p256_key_verifies_and_another_key_does_not() -> None:
    # RFC 7515 appendix A.3, an ES256 signature; its header is none of ours.
    token = (
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
        "Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    )
    jwk = {
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }
    assert has_valid_signature(token, public_key_from_jwk(jwk))
    assert not has_valid_signature(token, KEY.public_key())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"@context": ["https://www.w3.org/2018/credentials/v1"]}, "credential.context"),
        ({"@context": [CONTEXT, {"name": "https://evil.example"}]}, "credential.context"),
        ({"type": "VerifiableCredential"}, "credential.type"),
        ({"type": ["ProductDataset"]}, "credential.type"),
        ({"issuer": None}, "credential.id"),
        ({"credentialSubject": []}, "credential.subject"),
        ({"evidence": [{"id": "urn:z"}]}, "credential.untyped"),
        ({"validFrom": "2026-01-01T00:00:00+01:00"}, "credential.instant"),
        ({"validUntil": "2025-01-01T00:00:00Z"}, "credential.validity"),
        ({"proof": {"type": "DataIntegrityProof"}}, "credential.unknown_member"),
        ({"vc": {}}, "credential.jwt_claim"),
    ],
)
def test_what_makes_a_credential_malformed_has_its_own_code(change: dict[str, Any], code: str) -> None:
    assert issued_as(change) == code


def issued_as(change: dict[str, Any]) -> str:
    document = {**copy.deepcopy(CREDENTIAL), **change}
    try:
        read_claims(document)
    except TrustError as error:
        return error.code
    return ""


def test_what_is_signed_here_verifies_and_names_its_signer() -> None:
    assert issued_as({}) == ""
    token = sign(CREDENTIAL, groups=(), key=KEY, kid=KID)
    assert base64url.decode(token.jwt.split(".")[0]).startswith(b'{"alg":"EdDSA","typ":"vc+jwt"')
    verdict = verify(token, resolve=resolve_did_key, now=NOW, policy=ANYTHING)
    assert verdict.dataset is not None
    assert verdict.dataset.issuer == did_key(KEY.public_key()) == did_key_kid(KEY.public_key()).split("#")[0]
