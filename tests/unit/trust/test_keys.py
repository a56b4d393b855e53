"""Keys, thumbprints and did:key against published values."""

from __future__ import annotations

import time

import base58
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from exchange.trust import KeyFormatError, TrustError, did_key, did_key_kid, resolve_did_key
from exchange.trust.did import public_key_of_did_key, split_kid
from exchange.trust.keys import (
    ed25519_public_key,
    p256_public_key,
    private_jwk,
    private_key_from_jwk,
    public_jwk,
    public_key_from_jwk,
    raw_public_bytes,
    require_p256,
    require_supported,
    thumbprint,
)

# RFC 8037 appendix A.1 to A.3.
RFC8037 = {
    "kty": "OKP",
    "crv": "Ed25519",
    "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}
RFC8037_PUBLIC = {name: RFC8037[name] for name in ("kty", "crv", "x")}
# did:key method test vectors: the all-zero seed, and the first P-256 key.
ZERO_SEED_DID = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
P256_DID = "did:key:zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv"
P256 = {
    "kty": "EC",
    "crv": "P-256",
    "x": "igrFmi0whuihKnj9R3Om1SoMph72wUGeFaBbzG2vzns",
    "y": "efsX5b10x8yjyrj4ny3pGfLcY7Xby1KzgqOdqnsrJIM",
}


def test_the_thumbprint_of_rfc_8037() -> None:
    key = public_key_from_jwk(RFC8037_PUBLIC)
    assert thumbprint(key) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_a_jwk_comes_back_as_it_was() -> None:
    assert public_jwk(public_key_from_jwk(RFC8037_PUBLIC)) == RFC8037_PUBLIC
    assert public_jwk(public_key_from_jwk(P256)) == P256
    assert private_jwk(private_key_from_jwk(RFC8037)) == RFC8037


def test_members_that_are_not_the_key_do_not_change_the_thumbprint() -> None:
    assert thumbprint(public_key_from_jwk({**P256, "kid": "x", "use": "sig"})) == thumbprint(
        public_key_from_jwk(P256)
    )


def test_did_key_of_published_keys() -> None:
    zero = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
    assert did_key(zero) == ZERO_SEED_DID
    assert did_key(public_key_from_jwk(P256)) == P256_DID
    assert did_key_kid(zero) == f"{ZERO_SEED_DID}#{ZERO_SEED_DID.removeprefix('did:key:')}"


@pytest.mark.parametrize("did", [ZERO_SEED_DID, P256_DID])
def test_did_key_resolves_itself(did: str) -> None:
    resolved = resolve_did_key(f"{did}#{did.removeprefix('did:key:')}")
    assert resolved is not None
    assert did_key(resolved.public_key) == did
    assert (resolved.valid_from, resolved.retired_at, resolved.compromised_since) == (None, None, None)


def test_another_method_is_not_resolved_here() -> None:
    assert resolve_did_key("did:web:supplier.example#key-1") is None


@given(st.binary(min_size=32, max_size=32))
def test_every_key_survives_the_way_through_its_did(seed: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    assert raw_public_bytes(public_key_of_did_key(did_key(key))) == raw_public_bytes(key)


def code_of(call: object, *arguments: object) -> str:
    with pytest.raises(KeyFormatError) as caught:
        call(*arguments)  # type: ignore[operator]
    return caught.value.code


@pytest.mark.parametrize(
    ("jwk", "code"),
    [
        ({**RFC8037}, "key.private"),
        ({**P256, "d": ""}, "key.private"),
        ({}, "key.type"),
        ({**RFC8037_PUBLIC, "crv": "X25519"}, "key.type"),
        ({**RFC8037_PUBLIC, "crv": "Ed448"}, "key.type"),
        ({**P256, "crv": "P-384"}, "key.type"),
        ({**P256, "crv": "secp256k1"}, "key.type"),
        ({"kty": "oct", "k": "AAAA"}, "key.type"),
        ({"kty": "RSA", "n": "AQ", "e": "AQAB"}, "key.type"),
        ({**RFC8037_PUBLIC, "kty": ["OKP"]}, "key.type"),
        ({**RFC8037_PUBLIC, "x": None}, "key.malformed"),
        ({**RFC8037_PUBLIC, "x": RFC8037["x"] + "="}, "key.malformed"),
        ({**RFC8037_PUBLIC, "x": RFC8037["x"][:-1]}, "key.malformed"),
        ({**P256, "y": P256["x"]}, "key.malformed"),
        ({**P256, "x": "_" * 42 + "8"}, "key.malformed"),
        ({**RFC8037_PUBLIC, "x": "A" * 43}, "key.small_order"),
    ],
)
def test_a_jwk_of_another_kind_or_shape_is_refused(jwk: dict[str, object], code: str) -> None:
    assert code_of(public_key_from_jwk, jwk) == code


def test_a_private_jwk_whose_halves_do_not_fit_is_refused() -> None:
    assert code_of(private_key_from_jwk, {**RFC8037, "x": "A" * 43}) == "key.mismatch"
    assert code_of(private_key_from_jwk, P256) == "key.type"
    assert code_of(private_key_from_jwk, RFC8037_PUBLIC) == "key.malformed"


P = 2**255 - 19
ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826


@pytest.mark.parametrize("sign_bit", [0, 1])
@pytest.mark.parametrize("y", [0, 1, P - 1, P, P + 1, ORDER_8, P - ORDER_8])
def test_points_of_small_order_are_no_keys(y: int, sign_bit: int) -> None:
    raw = (y | sign_bit << 255).to_bytes(32, "little")
    assert code_of(ed25519_public_key, raw) == "key.small_order"


def test_keys_of_the_wrong_length_or_kind_are_refused() -> None:
    assert code_of(ed25519_public_key, bytes(31)) == "key.malformed"
    assert code_of(p256_public_key, b"\x02" + b"\xff" * 32) == "key.malformed"
    assert code_of(require_supported, ec.generate_private_key(ec.SECP384R1()).public_key()) == "key.type"
    assert code_of(require_supported, ed448.Ed448PrivateKey.generate().public_key()) == "key.type"
    assert code_of(require_p256, public_key_from_jwk(RFC8037_PUBLIC)) == "key.type"


@pytest.mark.parametrize(
    ("did", "code"),
    [
        ("did:key:", "kid.did_key"),
        ("did:web:z6Mk", "kid.did_key"),
        ("did:key:m7QE", "kid.did_key"),
        ("did:key:z0OIl", "kid.did_key"),
        ("did:key:z" + "1" * 64, "kid.did_key"),
        (ZERO_SEED_DID + " ", "kid.did_key"),
        # X25519, and an Ed25519 prefix with one byte too few.
        ("did:key:z6LShs9GGnqk85isEBzzshkuVWrVKsRp24GnDuHk8QWkARMW", "kid.did_key"),
        ("did:key:z" + ZERO_SEED_DID[10:], "kid.did_key"),
    ],
)
def test_a_malformed_did_key_is_refused(did: str, code: str) -> None:
    assert code_of(public_key_of_did_key, did) == code


@pytest.mark.parametrize(
    "kid",
    ["", "did:key:z6Mk", "key-1", "did:web:a.example#", "did:web:#x", "did:web:a.example#x#y", "DID:web:a.example#x",
     "did:web:a.example/path#x", "did:web:a.example#x\n", "did:web:a.example:#x", "did:web:" + "a" * 512 + "#x"],
)  # fmt: skip
def test_a_key_id_is_a_did_with_a_fragment(kid: str) -> None:
    assert code_of(split_kid, kid) == "kid.malformed"


def test_a_key_id_has_at_most_512_characters() -> None:
    longest = "did:web:" + "a" * 502 + "#x"
    assert len(longest) == 512
    assert split_kid(longest)[1] == "x"


def test_a_very_long_did_key_is_refused_without_decoding_it() -> None:
    start = time.perf_counter()
    assert code_of(public_key_of_did_key, "did:key:z" + "2" * 1_000_000) == "kid.did_key"
    assert time.perf_counter() - start < 1


def test_an_uncompressed_point_is_not_the_spelling_of_a_did_key() -> None:
    point = public_key_from_jwk(P256).public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    spelled = base58.b58encode(b"\x80\x24" + point).decode()
    assert code_of(public_key_of_did_key, f"did:key:z{spelled}") == "kid.did_key"


def test_a_key_id_is_split_at_its_fragment() -> None:
    assert split_kid("did:web:a.example%3A8443:team#key-1") == ("did:web:a.example%3A8443:team", "key-1")


def test_a_did_key_has_no_other_fragment() -> None:
    assert code_of(resolve_did_key, f"{ZERO_SEED_DID}#key-1") == "kid.fragment"


@given(
    st.text(max_size=80)
    | st.text("123456789ABCDEFGHJKLMNabcdefz", max_size=64).map("did:key:z{0}#z{0}".format)
)
def test_any_key_id_resolves_or_is_refused_with_a_trust_error(kid: str) -> None:
    try:
        resolve_did_key(kid)
    except TrustError as error:
        assert error.code.startswith(("kid.", "key."))
