"""Payload, credential and disclosures, truly signed but wrong: the step and code each must fail with."""

from __future__ import annotations

from typing import Any

import pytest

from exchange.trust import (
    Token,
)
from tests.unit.trust.credentials import (
    CREDENTIAL,
    DID,
    check,
    credential,
    disclosure,
    forge,
    good_header,
    good_token,
    reason,
    selective_payload,
    without,
)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ("{", "json.syntax"),
        ('{"a":1,"a":2}', "json.duplicate_key"),
        ('{"a":NaN}', "json.number_constant"),
        ('{"a":1e999}', "json.number_range"),
        ('{"a":9007199254740993}', "json.number_range"),
        ('{"a":"\\ud800"}', "json.surrogate"),
        ("[" * 100_000, "json.depth"),
        (b"\xef\xbb\xbf{}", "json.bom"),
        (b'{"a":"\xff"}', "json.encoding"),
        ("[]", "payload.type"),
        ("null", "payload.type"),
    ],
)
def test_a_signed_payload_that_is_not_strict_json_is_refused(payload: object, code: str) -> None:
    assert reason(check(forge(good_header(typ="vc+jwt"), payload))) == ("payload", code)


def schema(**changes: Any) -> dict[str, Any]:
    return credential(credentialSchema={**CREDENTIAL["credentialSchema"], **changes})


CREDENTIALS: list[tuple[dict[str, Any], str, str]] = [
    *((credential(**{claim: "x"}), "credential.jwt_claim", f"/{claim}")
      for claim in ("vc", "vp", "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf")),
    (credential(proof={}), "credential.unknown_member", ""),
    (credential(extra=1), "credential.unknown_member", ""),
    (without("@context"), "credential.context", "/@context"),
    (credential(**{"@context": "https://www.w3.org/ns/credentials/v2"}), "credential.context", "/@context"),
    (credential(**{"@context": []}), "credential.context", "/@context"),
    (credential(**{"@context": {"0": "https://www.w3.org/ns/credentials/v2"}}), "credential.context", "/@context"),
    (credential(**{"@context": ["https://www.w3.org/2018/credentials/v1"]}), "credential.context", "/@context"),
    (credential(**{"@context": CREDENTIAL["@context"][::-1]}), "credential.context", "/@context"),
    (credential(**{"@context": [CREDENTIAL["@context"][0], {"id": "@id"}]}), "credential.context", "/@context"),
    (credential(**{"@context": [CREDENTIAL["@context"][0], "no uri"]}), "credential.context", "/@context"),
    (credential(evidence={"id": "urn:x"}), "credential.untyped", "/evidence"),
    (credential(termsOfUse=[{"type": "Policy"}, {}]), "credential.untyped", "/termsOfUse"),
    (credential(credentialStatus="urn:x"), "credential.untyped", "/credentialStatus"),
    (credential(refreshService={"type": []}), "credential.untyped", "/refreshService"),
    (credential(renderMethod={"type": [1]}), "credential.untyped", "/renderMethod"),
    (credential(confidenceMethod={"type": None}), "credential.untyped", "/confidenceMethod"),
    (without("type"), "credential.type", "/type"),
    (credential(type="VerifiableCredential"), "credential.type", "/type"),
    (credential(type=["ProductDataset"]), "credential.type", "/type"),
    (credential(type=["VerifiableCredential", 1]), "credential.type", "/type"),
    (credential(type=["VerifiableCredential", "VerifiableCredential"]), "credential.type", "/type"),
    (without("id"), "credential.id", "/id"),
    (credential(id="no uri"), "credential.id", "/id"),
    (credential(id="urn:uuid:æ"), "credential.id", "/id"),
    (credential(id="urn:e\u0301"), "json.not_nfc", "/id"),
    (credential(id=1), "credential.id", "/id"),
    (without("issuer"), "credential.id", "/issuer"),
    (credential(issuer={"name": "nobody"}), "credential.id", "/issuer/id"),
    (credential(issuer=[DID]), "credential.id", "/issuer"),
    (credential(issuer="did:web:other.example"), "credential.issuer_mismatch", "/issuer"),
    (credential(issuer={"id": DID + "x"}), "credential.issuer_mismatch", "/issuer"),
    (without("credentialSubject"), "credential.subject", "/credentialSubject"),
    (credential(credentialSubject=[{"id": "urn:x"}]), "credential.subject", "/credentialSubject"),
    (credential(credentialSubject={}), "credential.id", "/credentialSubject/id"),
    (without("validFrom"), "credential.instant", "/validFrom"),
    (credential(validFrom="2026-01-01"), "credential.instant", "/validFrom"),
    (credential(validFrom="2026-01-01T00:00:00+01:00"), "credential.instant", "/validFrom"),
    (credential(validFrom="2026-01-01T00:00:00"), "credential.instant", "/validFrom"),
    (credential(validFrom="2026-02-30T00:00:00Z"), "credential.instant", "/validFrom"),
    (credential(validFrom="2026-01-01T23:59:60Z"), "credential.instant", "/validFrom"),
    (credential(validFrom="２026-01-01T00:00:00Z"), "credential.instant", "/validFrom"),
    (credential(validFrom=1767225600), "credential.instant", "/validFrom"),
    (credential(validUntil=None), "credential.instant", "/validUntil"),
    (credential(validUntil="2026-01-01T00:00:00Z"), "credential.validity", "/validUntil"),
    (credential(credentialSchema=[]), "credential.schema", "/credentialSchema"),
    (schema(type="Other"), "credential.schema", "/credentialSchema"),
    (schema(id=None), "credential.id", "/credentialSchema/id"),
    (schema(digestSRI=None), "credential.schema", "/credentialSchema/digestSRI"),
    (schema(digestSRI="sha384-" + "A" * 43 + "="), "credential.schema", "/credentialSchema/digestSRI"),
    (schema(digestSRI="sha256-" + "A" * 43), "credential.schema", "/credentialSchema/digestSRI"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "code", "path"), CREDENTIALS)
def test_a_signed_credential_of_another_form_is_refused(
    document: dict[str, Any], code: str, path: str
) -> None:
    verdict = check(forge(good_header(typ="vc+jwt"), document))
    assert (*reason(verdict), verdict.failures[0].path) == ("credential", code, path)


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": DID},
        {"name": "x"},
        {"custody": "exchange"},
        {"evidence": [{"type": ["Evidence", "Audit"]}]},
        {"credentialStatus": {"type": "BitstringStatusListEntry"}},
    ],
)
def test_other_forms_of_the_data_model_are_accepted(changes: dict[str, Any]) -> None:
    assert check(forge(good_header(typ="vc+jwt"), credential(**changes))).ok


def test_a_credential_without_end_or_schema_is_well_formed() -> None:
    document = without("validUntil")
    del document["credentialSchema"]
    assert check(forge(good_header(typ="vc+jwt"), document)).ok


SHOWN = [disclosure("indicators", 1), disclosure("quality", 2, salt="BBBBBBBBBBBBBBBBBBBBBB")]

STRANGER, NAMED_ID = disclosure("site", 3), disclosure("id", "urn:y")


def selective(payload: dict[str, Any], shown: list[str] = SHOWN) -> str:
    return forge(good_header(), payload, shown)


def overlapping() -> dict[str, Any]:
    payload = selective_payload(SHOWN)
    payload["credentialSubject"]["quality"] = "signed in the open"
    return payload


def nested() -> dict[str, Any]:
    payload = selective_payload(SHOWN)
    payload["credentialSubject"]["site"] = {"_sd": ["A" * 43]}
    return payload


@pytest.mark.parametrize(
    ("text", "step", "code"),
    [
        (selective(selective_payload(SHOWN[:1])), "disclosures", "disclosure.unreferenced"),
        (selective(selective_payload(SHOWN), [*SHOWN, STRANGER]), "disclosures", "disclosure.unreferenced"),
        (selective(selective_payload(SHOWN), [SHOWN[0], SHOWN[0]]), "structure", "disclosure.doubled"),
        (selective(selective_payload([NAMED_ID]), [NAMED_ID]), "structure", "disclosure.name"),
        (selective(overlapping()), "disclosures", "disclosure.name_taken"),
        (selective(nested()), "disclosures", "disclosure.nested"),
        (selective({**selective_payload(SHOWN), "_sd_alg": "sha3-256"}), "disclosures", "disclosure.algorithm"),
        (selective(credential(), []), "disclosures", "disclosure.algorithm"),
        (selective(credential(_sd_alg="sha-256"), []), "disclosures", "disclosure.digests"),
        (forge(good_header(typ="vc+jwt"), selective_payload(SHOWN)), "disclosures", "disclosure.nested"),
    ],
)  # fmt: skip
def test_disclosures_must_fit_the_token_exactly(text: str, step: str, code: str) -> None:
    assert reason(check(text)) == (step, code)


def test_hidden_groups_stay_hidden_and_the_rest_verifies() -> None:
    dataset = check(selective(selective_payload(SHOWN), SHOWN[1:])).dataset
    assert dataset is not None
    assert dataset.groups == ("quality",)
    assert dataset.credential["credentialSubject"] == {
        "id": CREDENTIAL["credentialSubject"]["id"],
        "quality": 2,
    }


def test_a_token_object_put_together_by_hand_is_read_again() -> None:
    token = good_token()
    swapped = Token(token.jwt, {"identity": token.disclosures["indicators"]})
    dataset = check(swapped).dataset
    assert dataset is not None
    assert dataset.groups == ("indicators",)
    stranger = good_token(("identity",))
    assert not check(Token(token.jwt, {"identity": disclosure("identity", "forged")})).ok
    assert not check(Token("not a token", stranger.disclosures)).ok
