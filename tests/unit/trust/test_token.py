"""Signing, presenting and reading tokens."""

from __future__ import annotations

import hashlib
import hmac
import json
import warnings
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.errors import UnsupportedAlgorithmError

from exchange.trust import EncodingError, JsonError, Token, TrustError, base64url, jws, sign
from exchange.trust.jws import has_valid_signature, read_header, sign_compact
from exchange.trust.keys import new_private_key, private_key_from_jwk, public_key_from_jwk
from exchange.trust.token import random_salt
from tests.unit.trust.credentials import (
    CREDENTIAL,
    DID,
    GROUPS,
    KEY,
    KID,
    b64,
    check,
    counting_salt,
    credential,
    disclosure,
    good_header,
    good_token,
)
from tests.unit.trust.test_keys import RFC8037, RFC8037_PUBLIC

# RFC 8037 appendix A.4.
RFC8037_JWS = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)


def decoded(part: str) -> Any:
    return json.loads(base64url.decode(part))


def test_the_ed25519_signature_of_rfc_8037_verifies() -> None:
    assert has_valid_signature(RFC8037_JWS, public_key_from_jwk(RFC8037_PUBLIC))
    assert not has_valid_signature(RFC8037_JWS, KEY.public_key())


def test_signing_gives_the_signature_of_rfc_8032_over_the_signing_input() -> None:
    key = private_key_from_jwk(RFC8037)
    header, payload, signature = sign_compact(b"{}", typ="vc+jwt", kid="did:web:a.example#k", key=key).split(
        "."
    )
    key.public_key().verify(base64url.decode(signature), f"{header}.{payload}".encode())


def test_the_header_is_exactly_alg_typ_cty_and_kid() -> None:
    header = decoded(good_token().jwt.split(".")[0])
    assert header == {"alg": "EdDSA", "typ": "vc+sd-jwt", "cty": "vc", "kid": KID}


def test_signing_and_verifying_warn_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert check(good_token()).ok


def test_the_payload_shows_the_open_members_and_one_sorted_digest_per_group() -> None:
    token = good_token()
    payload = decoded(token.jwt.split(".")[1])
    digests = [
        base64url.encode(hashlib.sha256(text.encode()).digest()) for text in token.disclosures.values()
    ]
    assert payload.pop("_sd_alg") == "sha-256"
    assert payload.pop("credentialSubject") == {
        "id": CREDENTIAL["credentialSubject"]["id"],
        "_sd": sorted(digests),
    }
    assert payload == {name: value for name, value in CREDENTIAL.items() if name != "credentialSubject"}


def test_each_disclosure_is_salt_group_and_content() -> None:
    token = good_token()
    for number, (name, text) in enumerate(token.disclosures.items(), start=1):
        salt = base64url.encode(number.to_bytes(16, "big"))
        assert decoded(text) == [salt, name, CREDENTIAL["credentialSubject"][name]]


def test_the_same_salts_give_the_same_token_and_fresh_ones_another() -> None:
    assert good_token() == good_token()
    first, second = (sign(credential(), groups=GROUPS, key=KEY, kid=KID) for _ in range(2))
    assert first.digest != second.digest
    assert len(random_salt()) == 16
    assert random_salt() != random_salt()


def test_a_token_is_read_back_as_it_was_written() -> None:
    token = good_token()
    text = token.serialise()
    assert text == token.jwt + "~" + "~".join(token.disclosures.values()) + "~"
    assert Token.parse(text) == Token.parse(text.encode()) == token


def test_the_digest_is_over_the_jwt_alone() -> None:
    token = good_token()
    assert token.digest == "sha256:" + hashlib.sha256(token.jwt.encode("ascii")).hexdigest()
    assert token.present(["identity"]).digest == token.digest


def test_every_choice_of_groups_keeps_the_signature_and_shows_exactly_these() -> None:
    token = good_token()
    subject = CREDENTIAL["credentialSubject"]
    for count in range(len(GROUPS) + 1):
        for chosen in combinations(GROUPS, count):
            shown = token.present(chosen)
            verdict = check(shown.serialise())
            assert verdict.dataset is not None
            assert set(verdict.dataset.groups) == set(shown.disclosures) == set(chosen)
            assert verdict.dataset.credential["credentialSubject"] == {
                "id": subject["id"],
                **{name: subject[name] for name in chosen},
            }


@given(st.lists(st.sampled_from([*GROUPS, "commercial", "id", "_sd", ""])))
def test_presenting_never_shows_more_than_was_granted(granted: list[str]) -> None:
    token = good_token()
    shown = token.present(granted)
    assert set(shown.disclosures) == set(granted) & set(GROUPS)
    assert all(text in token.disclosures.values() for text in shown.disclosures.values())
    assert shown.present(GROUPS) == shown


def test_what_is_not_granted_is_not_in_the_text() -> None:
    text = good_token().present(["identity"]).serialise()
    readable = text + "".join(
        base64url.decode(part).decode("latin-1") for part in text.replace(".", "~").split("~")
    )
    assert "Beslag 40 mm" in readable
    assert "steel-sheet" not in readable
    assert "indicators" not in readable


def test_the_disclosures_of_a_token_cannot_be_changed() -> None:
    token = good_token()
    with pytest.raises(TypeError):
        token.disclosures["identity"] = "x"  # type: ignore[index]


def test_a_token_shows_nothing_of_itself_in_a_log() -> None:
    token = good_token()
    verdict = check(token)
    for text in (repr(token), repr(verdict)):
        assert token.jwt not in text
        assert not any(disclosed in text for disclosed in token.disclosures.values())
        assert "steel-sheet" not in text


def test_without_groups_the_credential_is_a_plain_vc_jwt() -> None:
    token = sign(credential(), groups=(), key=KEY, kid=KID)
    assert decoded(token.jwt.split(".")[0])["typ"] == "vc+jwt"
    assert decoded(token.jwt.split(".")[1]) == CREDENTIAL
    assert token.serialise() == token.jwt
    verdict = check(token.serialise())
    assert verdict.dataset is not None
    assert verdict.dataset.credential == CREDENTIAL
    assert verdict.dataset.groups == ()


def subject_with(**members: Any) -> dict[str, Any]:
    return credential(credentialSubject={**CREDENTIAL["credentialSubject"], **members})


@pytest.mark.parametrize(
    ("document", "groups", "kid", "code"),
    [
        (credential(), ("identity", "identity"), KID, "token.groups"),
        (credential(), ("commercial",), KID, "token.groups"),
        (subject_with(**{f"g{n}": 1 for n in range(65)}), [f"g{n}" for n in range(65)], KID, "token.groups"),
        (credential(), ("id",), KID, "disclosure.name"),
        (subject_with(_sd=[]), ("identity",), KID, "disclosure.nested"),
        (subject_with(identity={"...": 1}), ("identity",), KID, "disclosure.nested"),
        (credential(_sd_alg="sha-256"), ("identity",), KID, "disclosure.nested"),
        (subject_with(site=0.5), ("site",), KID, "json.type"),
        (subject_with(site={1: 2}), ("identity",), KID, "json.type"),
        (subject_with(site="\ud800"), ("site",), KID, "json.surrogate"),
        (credential(), GROUPS, "did:web:other.example#k", "credential.issuer_mismatch"),
        (credential(issuer="did:web:other.example"), GROUPS, KID, "credential.issuer_mismatch"),
        (credential(), GROUPS, f"{DID}#key-1", "kid.key_mismatch"),
        (credential(), GROUPS, "key-1", "kid.malformed"),
        (credential(validFrom="yesterday"), GROUPS, KID, "credential.instant"),
        ({}, GROUPS, KID, "credential.context"),
    ],
)
def test_what_would_not_verify_is_not_signed(document: Any, groups: Any, kid: str, code: str) -> None:
    with pytest.raises(TrustError) as caught:
        sign(document, groups=groups, key=KEY, kid=kid, salt=counting_salt())
    assert caught.value.code == code


def test_a_key_does_not_sign_under_the_did_of_another() -> None:
    with pytest.raises(TrustError) as caught:
        sign(credential(), groups=GROUPS, key=new_private_key(), kid=KID)
    assert caught.value.code == "kid.key_mismatch"


def test_a_salt_source_that_gives_too_little_is_not_used() -> None:
    with pytest.raises(TrustError) as caught:
        sign(credential(), groups=GROUPS, key=KEY, kid=KID, salt=lambda: bytes(8))
    assert caught.value.code == "disclosure.salt"


JWT = good_token().jwt
HEAD, BODY, SIGNATURE = JWT.split(".")
A, B = disclosure("a", 1), disclosure("b", 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "token.parts"),
        ("~", "token.parts"),
        (f"{HEAD}.{BODY}", "token.parts"),
        (f"{JWT}.x", "token.parts"),
        (f"{HEAD}..{SIGNATURE}", "token.parts"),
        (f"{HEAD}.{BODY}.", "token.parts"),
        (f"{JWT}~{A}", "token.ending"),
        (f"{JWT}~{A}~{JWT}", "token.ending"),
        (f"{JWT}~~", "json.syntax"),
        (f"{JWT}~{A}~{A}~", "disclosure.doubled"),
        (f"{JWT}~{A}~{disclosure('a', 2)}~", "disclosure.doubled"),
        (f"{JWT}~{A}=~", "base64url.invalid"),
        (f"{JWT}~{A} ~", "base64url.invalid"),
        (f"{JWT}~{A}~\n", "token.ending"),
        (f"{JWT}=", "base64url.invalid"),
        (f" {JWT}", "base64url.invalid"),
        (f"{HEAD}.{BODY}.{SIGNATURE[:-2]}", "token.signature_length"),
        (f"{HEAD}.{BODY}.{SIGNATURE}AAAA", "token.signature_length"),
        (f"{JWT}é", "token.characters"),
        ("\ud800", "token.characters"),
        (b"\xff", "token.characters"),
        ("A" * 4000 + f".{BODY}.{SIGNATURE}", "token.size"),
        ("A" * (8 * 1024 * 1024 + 1), "token.size"),
        (f"{HEAD}.{'A' * (4 * 1024 * 1024 * 4 // 3 + 4)}.{SIGNATURE}", "token.size"),
        (JWT + "~" + "".join(f"{disclosure(f'g{n}', 1)}~" for n in range(65)), "token.disclosures"),
        (JWT + "~x" * 100_000, "token.disclosures"),
        ("x." * 100_000, "token.parts"),
    ],
)  # fmt: skip
def test_a_token_of_another_form_is_refused(text: str | bytes, code: str) -> None:
    with pytest.raises(TrustError) as caught:
        Token.parse(text)
    assert caught.value.code == code


def test_a_key_of_a_domain_signs_under_the_name_the_domain_gave_it() -> None:
    kid = "did:web:supplier.example#key-1"
    token = sign(credential(issuer="did:web:supplier.example"), groups=GROUPS, key=KEY, kid=kid)
    assert read_header(token.jwt).kid == kid


def test_up_to_64_groups_can_be_signed() -> None:
    groups = [f"g{n}" for n in range(64)]
    assert set(
        sign(subject_with(**dict.fromkeys(groups, 1)), groups=groups, key=KEY, kid=KID).disclosures
    ) == set(groups)


def test_up_to_64_disclosures_are_read() -> None:
    text = JWT + "~" + "".join(f"{disclosure(f'g{n}', 1)}~" for n in range(64))
    assert len(Token.parse(text).disclosures) == 64


@pytest.mark.parametrize("alg", ["none", "HS256", "ES256", "Ed448", "RS256", "unknown"])
def test_no_header_makes_the_signature_check_use_another_algorithm(alg: str) -> None:
    signed = f"{b64(good_header(alg=alg))}.{b64(credential())}"
    public = KEY.public_key()
    for signature in (
        KEY.sign(signed.encode()),
        hmac.digest(public.public_bytes_raw(), signed.encode(), "sha512"),
    ):
        assert not has_valid_signature(f"{signed}.{b64(signature)}", public)
    with pytest.raises(UnsupportedAlgorithmError):
        jws._PinnedRegistry(algorithms={"EdDSA"}).get_alg(alg)


def test_errors_tell_which_layer_refused() -> None:
    with pytest.raises(EncodingError):
        Token.parse(f"{JWT}~=~")
    with pytest.raises(JsonError):
        Token.parse(f"{JWT}~{base64url.encode(b'[')}~")


@given(st.text(max_size=60) | st.binary(max_size=60) | st.text("AZaz09-_.~", max_size=60))
def test_any_text_is_a_token_or_refused_with_a_trust_error(text: str | bytes) -> None:
    try:
        Token.parse(text)
    except TrustError as error:
        assert error.detail
