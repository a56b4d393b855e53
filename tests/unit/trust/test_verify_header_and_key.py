"""Header, key, algorithm and signature: one forged token per way of being wrong, and its code."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from exchange.trust import (
    ResolvedKey,
    TokenError,
    base64url,
    did_key,
    did_key_kid,
)
from exchange.trust.keys import new_private_key
from tests.unit.trust.credentials import (
    DID,
    KEY,
    PLAIN,
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
