"""did:web: addresses as the method specification gives them, and documents that say nothing reliable."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.trust import TrustError, base64url
from exchange.trust.did_web import MAX_DOCUMENT_BYTES, assertion_key, did_document, host_of, url_of
from exchange.trust.keys import public_key_from_jwk, raw_public_bytes

DID = "did:web:firm.example"
KID = f"{DID}#key-1"
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
# RFC 8037 appendix A.2.
ED25519 = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
ED25519_RAW = base64url.decode(ED25519["x"])
# RFC 7515 appendix A.3.1.
P256 = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
Document = dict[str, Any]


def method(**members: Any) -> Document:
    """The verification method of KID; `members` replaces some of it, None takes one out."""
    whole = {"id": KID, "type": "JsonWebKey", "controller": DID, "publicKeyJwk": ED25519, **members}
    return {name: member for name, member in whole.items() if member is not None}


def document(**members: Any) -> Document:
    """A DID document that lists KID for assertions; `members` replaces some of it."""
    return {"id": DID, "verificationMethod": [method()], "assertionMethod": [KID], **members}


def key_of(value: object, kid: str = KID) -> bytes:
    """The key found, as its raw bytes."""
    return raw_public_bytes(assertion_key(json.dumps(value).encode(), kid, NOW))


@pytest.mark.parametrize(
    ("did", "url"),
    [
        # The method specification's own three examples.
        ("did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
        ("did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"),
        ("did:web:example.com%3A3000:user:alice", "https://example.com:3000/user/alice/did.json"),
        ("did:web:example.com%3A3000", "https://example.com:3000/.well-known/did.json"),
        ("did:web:example.com:%7Ealice", "https://example.com/%7Ealice/did.json"),
        ("did:web:example.com:caf%C3%A9", "https://example.com/caf%C3%A9/did.json"),
        ("did:web:xn--mller-kva.example", "https://xn--mller-kva.example/.well-known/did.json"),
    ],
)
def test_the_address_follows_the_method(did: str, url: str) -> None:
    assert url_of(did) == url
    assert host_of(did) == url.removeprefix("https://").partition("/")[0].partition(":")[0]


@pytest.mark.parametrize(
    ("did", "code"),
    [
        ("did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp", "did_web.method"),
        ("did:webvh:firm.example", "did_web.method"),
        ("", "did_web.method"),
        ("did:web:", "did_web.host"),
        ("did:web:localhost", "did_web.host"),
        ("did:web:Firm.example", "did_web.host"),
        ("did:web:firm.example.", "did_web.host"),
        ("did:web:firm..example", "did_web.host"),
        ("did:web:-firm.example", "did_web.host"),
        ("did:web:firm_1.example", "did_web.host"),
        ("did:web:169.254.169.254", "did_web.host"),
        ("did:web:127.1", "did_web.host"),
        ("did:web:0x7f.0x1", "did_web.host"),
        ("did:web:%5B%3A%3A1%5D", "did_web.host"),
        ("did:web:user@firm.example", "did_web.host"),
        ("did:web:user%40firm.example", "did_web.host"),
        ("did:web:firm.example/admin", "did_web.host"),
        ("did:web:firm.example%2Fadmin", "did_web.host"),
        (f"did:web:{'a.' * 127}example", "did_web.host"),
        ("did:web:firm.example%3a443", "did_web.host"),
        ("did:web:firm.example%3A", "did_web.port"),
        ("did:web:firm.example%3A0", "did_web.port"),
        ("did:web:firm.example%3A65536", "did_web.port"),
        ("did:web:firm.example%3A443x", "did_web.port"),
        ("did:web:firm.example:", "did_web.path"),
        ("did:web:firm.example::a", "did_web.path"),
        ("did:web:firm.example:..", "did_web.path"),
        ("did:web:firm.example:.", "did_web.path"),
        ("did:web:firm.example:a/b", "did_web.path"),
        ("did:web:firm.example:a%2Fb", "did_web.path"),
        ("did:web:firm.example:a%5Cb", "did_web.path"),
        ("did:web:firm.example:%61", "did_web.path"),
        ("did:web:firm.example:%2E%2E", "did_web.path"),
        ("did:web:firm.example:a%00", "did_web.path"),
        ("did:web:firm.example:a%0D%0Ab", "did_web.path"),
        ("did:web:firm.example:a%252Fb", "did_web.path"),
        ("did:web:firm.example:a?b", "did_web.path"),
        ("did:web:firm.example:a b", "did_web.path"),
        ("did:web:firm.example:a%c3%a9", "did_web.path"),
    ],
)
def test_an_identifier_that_could_lead_elsewhere_has_no_address(did: str, code: str) -> None:
    with pytest.raises(TrustError) as caught:
        url_of(did)
    assert caught.value.code == code


@given(st.text(max_size=60))
def test_no_identifier_leads_off_its_own_host(text: str) -> None:
    try:
        url, host = url_of(f"did:web:{text}"), host_of(f"did:web:{text}")
    except TrustError:
        return
    authority, _, path = url.removeprefix("https://").partition("/")
    assert authority.partition(":")[0] == host and text.startswith(host)
    assert path.endswith("did.json") and ".." not in path.split("/") and "//" not in path


def test_a_key_is_found_by_reference_embedded_and_by_a_relative_id() -> None:
    assert key_of(document()) == ED25519_RAW
    assert key_of(document(verificationMethod=[], assertionMethod=[method()])) == ED25519_RAW
    assert key_of({"id": DID, "assertionMethod": [method()]}) == ED25519_RAW
    assert (
        key_of(document(verificationMethod=[method(id="#key-1")], assertionMethod=["#key-1"])) == ED25519_RAW
    )


def test_jwk_and_multikey_of_both_kinds_are_read() -> None:
    assert key_of(document(verificationMethod=[method(type="JsonWebKey2020")])) == ED25519_RAW
    p256 = key_of(document(verificationMethod=[method(publicKeyJwk=P256)]))
    # SEC 1: 03 for an odd y (…I5a0 ends in 0xad), then x.
    assert p256 == b"\x03" + base64url.decode(P256["x"])
    # The did:key method's first published Ed25519 vector: the public key of the all-zero seed (RFC 8032).
    spelled = method(
        type="Multikey",
        publicKeyJwk=None,
        publicKeyMultibase="z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
    )
    found = key_of(document(verificationMethod=[spelled]))
    assert found.hex() == "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"


def test_a_document_made_here_lists_its_key() -> None:
    for jwk in (ED25519, P256):
        key = public_key_from_jwk(jwk)
        made = json.dumps(did_document(KID, key)).encode()
        assert raw_public_bytes(assertion_key(made, KID, NOW)) == raw_public_bytes(key)
    with pytest.raises(TrustError):
        did_document("did:key:z#z", key)


def test_members_not_used_here_do_no_harm() -> None:
    extra = {"@context": ["https://www.w3.org/ns/did/v1"], "service": [{"id": "#x"}], "authentication": [KID]}
    other = {
        "id": f"{DID}#other",
        "type": "Ed25519VerificationKey2018",
        "controller": DID,
        "publicKeyBase58": "x",
    }
    assert key_of(document(**extra, verificationMethod=[other, method()])) == ED25519_RAW
    assert key_of(document(verificationMethod=[method(expires="2026-03-02T08:00:01Z")])) == ED25519_RAW
    assert (
        key_of(document(verificationMethod=[method(publicKeyJwk={**ED25519, "use": "sig"})])) == ED25519_RAW
    )


OTHER = {**ED25519, "x": base64url.encode(bytes(31) + b"\x42")}
BROKEN: dict[str, tuple[object, str, str]] = {
    "not an object": ([], "did_web.document", ""),
    "no id": ({**document(), "id": None}, "did_web.id", "/id"),
    "another DID's document": (document(id="did:web:other.example"), "did_web.id", "/id"),
    "the same DID in capitals": (document(id="did:web:FIRM.example"), "did_web.id", "/id"),
    "methods that are no list": (document(verificationMethod={}), "did_web.document", "/verificationMethod"),
    "a method that is no object": (document(verificationMethod=["x"]), "did_web.document", "/verificationMethod/0"),
    "assertions that are no list": (document(assertionMethod=KID), "did_web.document", "/assertionMethod"),
    "no methods at all": ({"id": DID}, "did_web.key_missing", "/verificationMethod"),
    "another key only": (
        document(verificationMethod=[method(id=f"{DID}#key-2")], assertionMethod=[f"{DID}#key-2"]),
        "did_web.key_missing",
        "/verificationMethod",
    ),
    "a key for signing in only": (document(assertionMethod=[], authentication=[KID]), "did_web.not_for_assertion",
                                  "/assertionMethod"),
    "no assertion methods": ({"id": DID, "verificationMethod": [method()]}, "did_web.not_for_assertion",
                             "/assertionMethod"),
    "embedded for signing in only": ({"id": DID, "authentication": [method()]}, "did_web.key_missing",
                                     "/verificationMethod"),
    "two keys of one id": (document(verificationMethod=[method(), method(publicKeyJwk=OTHER)]),
                           "did_web.ambiguous", ""),
    "two keys, one id relative": (document(verificationMethod=[method(), method(id="#key-1", publicKeyJwk=OTHER)]),
                                  "did_web.ambiguous", ""),
    "listed and embedded differently": (document(assertionMethod=[method(publicKeyJwk=OTHER)]),
                                        "did_web.ambiguous", ""),
    "another's controller": (document(verificationMethod=[method(controller="did:web:other.example")]),
                             "did_web.controller", "/verificationMethod/0/controller"),
    "no controller": (document(verificationMethod=[method(controller=None)]), "did_web.controller",
                      "/verificationMethod/0/controller"),
    "several controllers": (document(verificationMethod=[method(controller=[DID])]), "did_web.controller",
                            "/verificationMethod/0/controller"),
    "revoked": (document(verificationMethod=[method(revoked="2030-01-01T00:00:00Z")]), "did_web.revoked",
                "/verificationMethod/0/revoked"),
    "expired": (document(verificationMethod=[method(expires="2026-03-02T08:00:00Z")]), "did_web.expired",
                "/verificationMethod/0/expires"),
    "an old type": (document(verificationMethod=[method(type="Ed25519VerificationKey2018")]), "did_web.key_type",
                    "/verificationMethod/0/type"),
    "no type": (document(verificationMethod=[method(type=None)]), "did_web.key_type", "/verificationMethod/0/type"),
    "a list of types": (document(verificationMethod=[method(type=["JsonWebKey"])]), "did_web.key_type",
                        "/verificationMethod/0/type"),
    "two spellings of a key": (document(verificationMethod=[method(publicKeyMultibase="z6Mk")]),
                               "did_web.key_material", "/verificationMethod/0"),
    "no key": (document(verificationMethod=[method(publicKeyJwk=None)]), "did_web.key_material",
               "/verificationMethod/0"),
    "a JWK called Multikey": (document(verificationMethod=[method(type="Multikey")]), "did_web.key_material",
                              "/verificationMethod/0"),
    "a key for encryption": (document(verificationMethod=[method(publicKeyJwk={**ED25519, "use": "enc"})]),
                             "did_web.key_use", "/verificationMethod/0/publicKeyJwk/use"),
    "the private half": (document(verificationMethod=[method(publicKeyJwk={**ED25519, "d": "AA"})]), "key.private",
                         "/verificationMethod/0/publicKeyJwk/d"),
    "an RSA key": (document(verificationMethod=[method(publicKeyJwk={"kty": "RSA", "n": "AA", "e": "AQAB"})]),
                   "key.type", "/verificationMethod/0/publicKeyJwk/kty"),
    "a small-order point": (document(verificationMethod=[method(publicKeyJwk={**ED25519, "x": "A" * 43})]),
                            "key.small_order", "/verificationMethod/0/publicKeyJwk"),
    "an X25519 multikey": (
        document(verificationMethod=[method(type="Multikey", publicKeyJwk=None,
                 publicKeyMultibase="z6LShs9GGnqk85isEBzzshkuVWrVKsRp24GnDuHk8QWkARMW")]),
        "did_web.multibase", "/verificationMethod/0/publicKeyMultibase"),
    "no multibase": (
        document(verificationMethod=[method(type="Multikey", publicKeyJwk=None, publicKeyMultibase="l0O")]),
        "did_web.multibase", "/verificationMethod/0/publicKeyMultibase"),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_document_wrong_in_one_way_gives_no_key(what: str) -> None:
    value, code, path = BROKEN[what]
    with pytest.raises(TrustError) as caught:
        key_of(value)
    assert (caught.value.code, caught.value.path) == (code, path)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "json.syntax"),
        (b'{"id":"a","id":"b"}', "json.duplicate_key"),
        (b"\xef\xbb\xbf{}", "json.bom"),
        (b"[" * 70 + b"]" * 70, "json.depth"),
        (b" " * MAX_DOCUMENT_BYTES + b"{}", "json.size"),
    ],
)
def test_what_strict_readers_refuse_gives_no_key(data: bytes, code: str) -> None:
    with pytest.raises(TrustError) as caught:
        assertion_key(data, KID, NOW)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("kid", "code"),
    [(DID, "kid.malformed"), ("did:key:z6Mk#z6Mk", "did_web.method"), ("did:web:10.0.0.1#k", "did_web.host")],
)
def test_only_a_key_id_of_did_web_is_looked_for(kid: str, code: str) -> None:
    with pytest.raises(TrustError) as caught:
        key_of(document(), kid)
    assert caught.value.code == code


@given(st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from([DID, KID, "#key-1", "Multikey"]),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.sampled_from(["id", "type", "controller", "verificationMethod", "assertionMethod",
                                         "publicKeyJwk", "publicKeyMultibase", "kty", "crv", "x", "expires"]),
                        inner, max_size=6), max_leaves=20))  # fmt: skip
def test_any_json_is_a_key_or_a_refusal(value: object) -> None:
    try:
        key_of(value if not isinstance(value, dict) else {"id": DID, **value})
    except TrustError as error:
        assert error.code
