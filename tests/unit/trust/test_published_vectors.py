"""Published test data, where a copy of it is at hand (VCX_REFERENCE_DIR); the core of each check is elsewhere too."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from exchange.trust import Policy, ResolvedKey, Token, TrustError, base64url, did_key, strict_json, verify
from exchange.trust.credential import read_claims
from exchange.trust.disclosure import digest_of
from exchange.trust.jws import has_valid_signature, payload_of, read_header
from exchange.trust.keys import public_key_from_jwk
from tests.unit.trust.credentials import NOW
from tests.unit.trust.vectors import VECTORS, load, names, needed

pytestmark = needed


def test_a_dataset_signed_elsewhere_verifies_with_the_same_digests() -> None:
    vector = load("e2e-example/vector.json")
    key = public_key_from_jwk(vector["issuer_public_jwk"])
    verdict = verify(
        (VECTORS / "e2e-example/dataset.vc+jwt").read_text().strip(),
        resolve=lambda kid: ResolvedKey(key) if kid == vector["kid"] else None,
        now=NOW.replace(month=12),
        policy=Policy(required=frozenset({"time", "key_validity"})),
    )
    assert verdict.dataset is not None
    assert verdict.dataset.digest == vector["dataset_digest"]
    assert verdict.dataset.content_digest == vector["jcs_content_digest"]
    assert verdict.dataset.credential == load("e2e-example/payload.json")


def w3c_token(name: str) -> str:
    return (VECTORS / "vc-jose-cose" / f"{name}.txt").read_text().strip().split("~")[0]


def w3c_key(name: str) -> Any:
    return public_key_from_jwk(load(f"vc-jose-cose/{name}.json")["publicKeyJwk"])


@pytest.mark.parametrize(
    ("name", "key", "valid"),
    [
        ("credential-jose-minimal", "vm-p256", True),
        ("credential-issuer-match-signed", "vm-ed25519", True),
        ("credential-jose-bad-signature", "vm-ed25519", False),
        ("credential-issuer-match-signed", "vm-p256", False),
        ("credential-jose-minimal", "vm-ed25519", False),
    ],
)
def test_the_w3c_signatures_are_judged_as_the_suite_expects(name: str, key: str, valid: bool) -> None:
    token = w3c_token(name)
    assert read_header(token).typ == "vc+jwt"
    assert has_valid_signature(token, w3c_key(key)) is valid


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("credential-jose-bad-media-type", "header.typ"),
        ("credential-sdjwt-bad-media-type", "header.typ"),
        ("presentation-jose-bad-media-type", "header.typ"),
        ("presentation-jose-bad-credential", "header.typ"),
        # P-384 and P-521 keys are not used here, so these are refused before their signature is looked at.
        ("credential-jose-unknown-extensions", "token.signature_length"),
        ("credential-sdjwt-bad-signature", "token.signature_length"),
    ],
)
def test_the_w3c_failures_are_refused_by_their_header(name: str, code: str) -> None:
    with pytest.raises(TrustError) as caught:
        read_header(w3c_token(name))
    assert caught.value.code == code


def test_the_w3c_credential_with_vc_and_vp_claims_is_refused() -> None:
    payload = payload_of(w3c_token("credential-jose-vc-vp-claims"))
    with pytest.raises(TrustError) as caught:
        read_claims({name: value for name, value in payload.items() if name not in ("iat", "iss", "jti")})
    assert caught.value.code == "credential.jwt_claim"


@pytest.mark.parametrize("name", ["credential-sdjwt-selective", "credential-sdjwt-nested"])
def test_the_w3c_disclosures_have_the_digests_that_the_token_holds(name: str) -> None:
    text = (VECTORS / "vc-jose-cose" / f"{name}.txt").read_text().strip()
    jwt, *disclosures, _ = text.split("~")
    payload = base64url.decode(jwt.split(".")[1]).decode()
    assert disclosures
    assert all(digest_of(disclosure) in payload for disclosure in disclosures)


def test_unsigned_documents_are_not_tokens() -> None:
    for name in ("credential-minimal", "presentation-single"):
        with pytest.raises(TrustError):
            Token.parse((VECTORS / "vc-jose-cose" / f"{name}.json").read_bytes())


def _with_required_members(document: dict[str, Any]) -> dict[str, Any]:
    """The document with what this profile demands and the data model leaves optional, where it is absent."""
    filled = {"id": "urn:x", "validFrom": "2020-01-01T00:00:00Z", "issuer": "did:web:a.example", **document}
    if isinstance(filled["issuer"], dict):
        filled["issuer"] = {"id": "did:web:a.example", **filled["issuer"]}
    subject = filled.get("credentialSubject")
    if isinstance(subject, dict) and subject:
        filled["credentialSubject"] = {"id": "urn:y", **subject}
    return filled


@pytest.mark.parametrize("name", names("vcdm2/credential-*-fail.json"))
def test_what_the_data_model_forbids_is_refused(name: str) -> None:
    document = strict_json.loads((VECTORS / name).read_bytes(), max_bytes=100_000)
    with pytest.raises(TrustError):
        read_claims(_with_required_members(document))  # type: ignore[arg-type]


# What the data model allows and this profile does not, on purpose.
NARROWER = {
    "credential.context",
    "credential.subject",
    "credential.unknown_member",
    "credential.instant",
    "credential.schema",
}


@pytest.mark.parametrize("name", names("vcdm2/credential-*-ok.json"))
def test_what_the_data_model_allows_is_accepted_or_refused_on_purpose(name: str) -> None:
    document = strict_json.loads((VECTORS / name).read_bytes(), max_bytes=100_000)
    try:
        read_claims(_with_required_members(document))  # type: ignore[arg-type]
    except TrustError as error:
        assert error.code in NARROWER


def test_at_least_the_plain_documents_of_the_data_model_are_accepted() -> None:
    for name in ("credential-optional-type-ok", "credential-issuer-object-ok", "credential-validfrom-ms-ok"):
        assert read_claims(_with_required_members(load(f"vcdm2/{name}.json"))).id


def test_did_key_agrees_with_the_methods_own_vectors() -> None:
    checked = 0
    for file in ("did/did-key-nist-curves.json", "did/did-key-ed25519-x25519.json"):
        for did, entry in load(file).items():
            method = entry.get("verificationMethod") or entry.get("verificationKeyPair") or {}
            method = method[0] if isinstance(method, list) else method
            jwk = method.get("publicKeyJwk", {})
            if jwk.get("crv") in ("P-256", "Ed25519"):
                assert did_key(public_key_from_jwk(jwk)) == did
                checked += 1
    assert checked >= 3


@pytest.mark.parametrize(("name", "accepted"), [("arrays", True), ("french", True), ("unicode", True), ("weird", False),
                                                ("structures", False), ("values", False)])  # fmt: skip
def test_the_canonical_form_is_that_of_rfc_8785_for_what_is_accepted(name: str, accepted: bool) -> None:
    data = (VECTORS / "jcs-rfc8785" / "input" / f"{name}.json").read_bytes()
    if not accepted:  # line breaks in member names, 24 significant digits
        with pytest.raises(TrustError):
            strict_json.loads(data, max_bytes=100_000)
        return
    expected = hashlib.sha256((VECTORS / "jcs-rfc8785" / "output" / f"{name}.json").read_bytes()).hexdigest()
    assert strict_json.sha256(strict_json.loads(data, max_bytes=100_000)) == f"sha256:{expected}"
