"""Verification step by step: one forged token per way of being wrong, and the code it must fail with."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from exchange.trust import (
    STEPS,
    NotVerifiedError,
    Outcome,
    Policy,
    ResolvedKey,
    Token,
    TokenError,
    TrustError,
    VerifiedDataset,
    base64url,
    did_key,
    did_key_kid,
    resolve_did_key,
    sign,
    strict_json,
    verify,
)
from exchange.trust.keys import new_private_key
from tests.unit.trust.credentials import (
    CREDENTIAL,
    DID,
    GROUPS,
    KEY,
    KID,
    NOW,
    POLICY,
    b64,
    check,
    credential,
    disclosure,
    forge,
    good_header,
    good_token,
    reason,
    selective_payload,
)

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


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


# --- every character counts ---------------------------------------------------------------------------------


def test_every_changed_character_of_a_good_token_is_refused() -> None:
    text = good_token(("identity", "indicators")).serialise()
    for position, character in enumerate(text):
        other = ALPHABET[(ALPHABET.find(character) + 1 + position % 62) % 64]
        verdict = check(text[:position] + other + text[position + 1 :])
        assert not verdict.ok, position
        assert verdict.dataset is None


@given(
    st.integers(0, 10_000),
    st.sampled_from(ALPHABET + ".~ =\n\x00é"),
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


# --- header ---------------------------------------------------------------------------------------------------

PLAIN = forge(good_header(typ="vc+jwt"), credential())


def test_the_forger_can_make_a_good_token() -> None:
    shown = [disclosure("indicators", {"a": 1})]
    assert check(PLAIN).ok
    assert check(forge(good_header(), selective_payload(shown), shown)).ok
    assert check(forge(good_header(alg="Ed25519"), selective_payload(shown), shown)).ok


HEADERS: list[tuple[object, str]] = [
    (good_header(typ="vc+jwt", crit=["b64"]), "header.member"),
    (good_header(typ="vc+jwt", b64=False, crit=["b64"]), "header.member"),
    (good_header(typ="vc+jwt", jwk={"kty": "OKP"}), "header.member"),
    (good_header(typ="vc+jwt", jku="https://thief.example/jwks"), "header.member"),
    (good_header(typ="vc+jwt", x5u="https://thief.example/x"), "header.member"),
    (good_header(typ="vc+jwt", x5c=["AAAA"]), "header.member"),
    (good_header(typ="vc+jwt", zip="DEF"), "header.member"),
    (good_header(typ="vc+jwt", iss=DID), "header.member"),
    (good_header(typ="vc+jwt", alg="none"), "header.alg"),
    (good_header(typ="vc+jwt", alg="HS256"), "header.alg"),
    (good_header(typ="vc+jwt", alg="ES384"), "header.alg"),
    (good_header(typ="vc+jwt", alg="eddsa"), "header.alg"),
    (good_header(typ="vc+jwt", alg=["EdDSA"]), "header.alg"),
    (good_header(typ="vc+jwt", alg=None), "header.alg"),
    (good_header(typ="jwt"), "header.typ"),
    (good_header(typ="VC+JWT"), "header.typ"),
    (good_header(typ="application/vc+jwt"), "header.typ"),
    (good_header(typ=1), "header.typ"),
    # A plain token that claims to be selective, without its closing tilde.
    (good_header(), "header.typ"),
    (good_header(typ="vc+jwt", cty="vp"), "header.cty"),
    (good_header(typ="vc+jwt", cty=None), "header.cty"),
    (good_header(typ="vc+jwt", kid=1), "header.kid"),
    (good_header(typ="vc+jwt", kid=None), "header.kid"),
    ([1], "header.type"),
    ('{"alg":"EdDSA","alg":"none"}', "json.duplicate_key"),
    ("{", "json.syntax"),
    (b"\xff", "json.encoding"),
    ("[" * 1000, "json.depth"),
    (b'"' + b"a" * 2100 + b'"', "token.size"),
]


@pytest.mark.parametrize(("header", "code"), HEADERS)
def test_any_other_header_is_refused(header: object, code: str) -> None:
    step = "structure" if code == "token.size" else "header"
    assert reason(check(forge(header, credential()))) == (step, code)


def test_a_plain_token_with_a_tilde_is_refused() -> None:
    assert reason(check(PLAIN + "~")) == ("header", "header.typ")


# --- key, algorithm, signature --------------------------------------------------------------------------------


def p256_token(private: ec.EllipticCurvePrivateKey, **header: Any) -> str:
    kid = did_key_kid(private.public_key())
    document = credential(issuer=did_key(private.public_key()))
    signed = f"{b64(good_header(alg='ES256', typ='vc+jwt', kid=kid, **header))}.{b64(document)}"
    r, s = decode_dss_signature(private.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def test_es256_by_a_p256_key_is_accepted() -> None:
    assert check(p256_token(ec.generate_private_key(ec.SECP256R1()))).ok


def test_an_altered_es256_signature_that_still_verifies_has_the_same_content_digest() -> None:
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    text = p256_token(ec.generate_private_key(ec.SECP256R1()))
    signed, _, signature = text.rpartition(".")
    raw = base64url.decode(signature)
    other = raw[:32] + (order - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
    first, second = check(text).dataset, check(f"{signed}.{b64(other)}").dataset
    assert first is not None
    assert second is not None
    assert first.digest != second.digest
    assert first.content_digest == second.content_digest


def test_the_key_decides_the_algorithm() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    header = good_header(alg="EdDSA", typ="vc+jwt", kid=did_key_kid(private.public_key()))
    assert reason(check(forge(header, credential()))) == ("algorithm", "algorithm.mismatch")
    header = good_header(alg="ES256", typ="vc+jwt")
    assert reason(check(forge(header, credential()))) == ("algorithm", "algorithm.mismatch")


@pytest.mark.parametrize(
    ("kid", "code"),
    [
        ("key-1", "kid.malformed"),
        ("did:web:supplier.example#key-1", "kid.unknown"),
        (f"{DID}#key-1", "kid.fragment"),
        ("did:key:z6LShs9GGnqk85isEBzzshkuVWrVKsRp24GnDuHk8QWkARMW#x", "kid.did_key"),
    ],
)
def test_a_key_that_cannot_be_found_is_refused(kid: str, code: str) -> None:
    assert reason(check(forge(good_header(typ="vc+jwt", kid=kid), credential()))) == ("key", code)


def test_a_resolver_is_not_believed_against_the_key_that_the_id_spells() -> None:
    other = ResolvedKey(new_private_key().public_key())
    assert reason(check(good_token(), resolve=lambda kid: other)) == ("key", "kid.key_mismatch")


def test_a_self_resolving_key_still_has_to_be_known_to_the_resolver() -> None:
    assert reason(check(good_token(), resolve=lambda kid: None)) == ("key", "kid.unknown")


def test_a_key_of_another_curve_is_refused() -> None:
    wrong = ResolvedKey(ec.generate_private_key(ec.SECP384R1()).public_key())
    header = good_header(typ="vc+jwt", kid="did:web:a.example#k")
    assert reason(check(forge(header, credential()), resolve=lambda kid: wrong)) == ("key", "key.type")


def test_a_refusal_by_the_resolver_fails_the_step_and_its_faults_are_not_hidden() -> None:
    def refuse(kid: str) -> ResolvedKey | None:
        raise TokenError("kid.blocked", "This issuer is blocked.")

    def break_down(kid: str) -> ResolvedKey | None:
        raise RuntimeError("database gone")

    assert reason(check(good_token(), resolve=refuse)) == ("key", "kid.blocked")
    with pytest.raises(RuntimeError):
        check(good_token(), resolve=break_down)


def test_a_signature_by_another_key_is_refused() -> None:
    head, body, _ = PLAIN.split(".")
    stranger = new_private_key().sign(f"{head}.{body}".encode())
    for signature in (stranger, bytes(64), KEY.sign(b"something else")):
        assert reason(check(f"{head}.{body}.{b64(signature)}")) == ("signature", "signature.invalid")


def test_the_payload_of_one_token_does_not_go_with_the_signature_of_another() -> None:
    other = forge(good_header(typ="vc+jwt"), credential(id="urn:uuid:other"))
    head, _, signature = PLAIN.split(".")
    mixed = f"{head}.{other.split('.')[1]}.{signature}"
    assert reason(check(mixed)) == ("signature", "signature.invalid")


# --- payload and credential -------------------------------------------------------------------------------------


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


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in credential().items() if key != name}


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


# --- disclosures ------------------------------------------------------------------------------------------------

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


# --- time and keys over time --------------------------------------------------------------------------------------

LEEWAY = timedelta(minutes=5)
SECOND = timedelta(seconds=1)
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (START - LEEWAY - SECOND, "time.not_yet_valid"),
        (START - LEEWAY, None),
        (END + LEEWAY - SECOND, None),
        (END + LEEWAY, "time.expired"),
    ],
)
def test_validity_is_half_open_with_five_minutes_leeway(now: datetime, code: str | None) -> None:
    verdict = check(good_token(), now=now)
    assert verdict.step("time").code == (code or "ok")
    assert verdict.ok is (code is None)


def test_the_instant_may_come_in_any_zone_but_not_without_one() -> None:
    zone = (END + LEEWAY - SECOND).astimezone(tz=None)
    assert check(good_token(), now=zone).ok
    for naive in ({"now": NOW.replace(tzinfo=None)}, {"received": NOW.replace(tzinfo=None)}):
        with pytest.raises(TokenError) as caught:
            check(good_token(), **naive)
        assert caught.value.code == "instant.naive"


def key_with(**times: datetime) -> Callable[[str], ResolvedKey | None]:
    return lambda kid: ResolvedKey(KEY.public_key(), **times)


@pytest.mark.parametrize(
    ("times", "code"),
    [
        ({"valid_from": NOW}, "ok"),
        ({"valid_from": NOW + SECOND}, "key_validity.not_yet"),
        ({"retired_at": NOW + SECOND}, "ok"),
        ({"retired_at": NOW}, "key_validity.retired"),
        ({"compromised_since": NOW + SECOND}, "ok"),
        ({"compromised_since": NOW}, "key_validity.compromised"),
    ],
)
def test_a_key_counts_from_its_binding_until_it_is_retired_or_compromised(
    times: dict[str, Any], code: str
) -> None:
    verdict = check(good_token(), resolve=key_with(**times))
    assert verdict.step("key_validity").code == code
    assert verdict.ok is (code == "ok")


def test_what_came_in_before_the_key_was_retired_stays_valid() -> None:
    retired = key_with(retired_at=NOW - timedelta(days=1))
    assert check(good_token(), resolve=retired, received=NOW - timedelta(days=2)).ok
    assert not check(good_token(), resolve=retired).ok


# --- schema and policy ---------------------------------------------------------------------------------------------


def with_schema(answer: object) -> Policy:
    return Policy(schema=lambda schema_id, digest, subject: answer)  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize(
    ("answer", "code"), [([], "ok"), (None, "schema.unknown"), (["too heavy", "too blue"], "schema.invalid")]
)
def test_the_schema_step_follows_the_schema_check(answer: object, code: str) -> None:
    verdict = check(good_token(), policy=with_schema(answer))
    assert verdict.step("schema").code == code
    assert verdict.step("schema").problems == tuple(answer or ())  # type: ignore[arg-type]
    assert verdict.ok is (code == "ok")


def test_the_schema_check_sees_the_named_schema_and_the_disclosed_subject_only() -> None:
    seen: list[object] = []

    def look(schema_id: str, digest: str, subject: strict_json.JsonObject) -> list[object]:
        seen.append((schema_id, digest, copy.deepcopy(subject)))
        subject.clear()
        return []

    verdict = check(good_token().present(["quality"]), policy=Policy(schema=look))
    subject = CREDENTIAL["credentialSubject"]
    expected = {"id": subject["id"], "quality": subject["quality"]}
    named = CREDENTIAL["credentialSchema"]
    assert seen == [(named["id"], named["digestSRI"], expected)]
    assert verdict.dataset is not None
    assert verdict.dataset.credential["credentialSubject"] == expected


def test_a_credential_without_a_schema_fails_where_schemas_are_checked() -> None:
    document = without("credentialSchema")
    token = sign(document, groups=GROUPS, key=KEY, kid=KID)
    assert reason(check(token, policy=with_schema([]))) == ("schema", "schema.missing")


def test_by_default_a_schema_is_demanded() -> None:
    assert reason(check(good_token(), policy=Policy())) == ("schema", "schema.not_checked")


@pytest.mark.parametrize("name", ["status", "log", "issuer_identity"])
def test_demanding_what_is_not_checked_in_this_version_fails_closed(name: str) -> None:
    verdict = check(good_token(), policy=Policy(required=frozenset({name})))
    assert reason(verdict) == (name, f"{name}.not_checked")
    assert verdict.dataset is None


def test_a_policy_may_do_without_validity_but_never_without_the_signature() -> None:
    lenient = Policy(required=frozenset())
    expired = check(good_token(), now=END + timedelta(days=1), policy=lenient)
    assert expired.ok
    assert expired.step("time").outcome is Outcome.FAILED
    head, body, _ = PLAIN.split(".")
    assert not check(f"{head}.{body}.{b64(bytes(64))}", policy=lenient).ok


def test_after_a_failed_signature_nothing_later_counts_as_checked() -> None:
    head, body, _ = PLAIN.split(".")
    verdict = check(f"{head}.{body}.{b64(bytes(64))}")
    later = verdict.steps[STEPS.index("signature") + 1 :]
    assert {(step.outcome, step.code) for step in later} == {(Outcome.NOT_CHECKED, "not_reached")}


def test_all_reasons_after_the_signature_are_told_at_once() -> None:
    verdict = verify(
        good_token(),
        resolve=key_with(retired_at=NOW),
        now=END + timedelta(days=1),
        received=NOW,
        policy=with_schema(["wrong"]),
    )
    assert [step.code for step in verdict.failures] == [
        "time.expired",
        "key_validity.retired",
        "schema.invalid",
    ]


def test_a_step_that_does_not_exist_cannot_be_demanded_or_read() -> None:
    with pytest.raises(TrustError):
        Policy(required=frozenset({"signatur"}))
    with pytest.raises(TrustError):
        check(good_token()).step("signatur")


def test_every_verdict_names_all_steps_in_order() -> None:
    for text in ("", PLAIN, PLAIN + "~", good_token().serialise()):
        assert tuple(step.name for step in check(text).steps) == STEPS


def test_the_default_policy_is_the_strict_one() -> None:
    assert Policy().required == {"time", "key_validity", "schema"}
    assert Policy().leeway == LEEWAY
    assert POLICY.schema is None
    assert resolve_did_key(KID) is not None
