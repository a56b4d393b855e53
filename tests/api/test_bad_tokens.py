"""Each way in which a token handed in for publishing can be wrong: its own code, in words, and nothing stored."""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import timedelta
from typing import Any

import schemas
from exchange.bootstrap import Exchange
from exchange.trust import base64url, strict_json
from tests import datasets
from tests.api.conftest import Caller
from tests.api.test_problems import check_shape
from tests.unit.trust.credentials import b64

SD_JWT = "application/vc+sd-jwt"


class Forge:
    """A supplier's good token, and that token with one thing changed, signed again where the key can sign it."""

    def __init__(self, supplier: Caller) -> None:
        self.supplier, self.key = supplier, datasets.own_key(supplier.party)
        self.now = supplier.party.ctx.now()
        self.subject = datasets.product_subject(supplier.party, datasets.product(supplier.party))
        self.token = datasets.signed(self.key, self.subject, at=self.now)
        self.head, self.payload, self.signature = self.token.jwt.split(".")

    def headed(self, **members: Any) -> str:
        """The token under another header, truly signed by the supplier's key."""
        header = strict_json.loads(base64url.decode(self.head), max_bytes=4096)
        assert isinstance(header, dict)
        signed = f"{b64({**header, **members})}.{self.payload}"
        return self.with_jwt(f"{signed}.{b64(self.key.private.sign(signed.encode()))}")

    def hashed(self, name: str) -> str:
        """The token under HMAC, the supplier's public key for its secret."""
        signed = self.headed(alg=name.upper().replace("SHA", "HS")).rpartition(".")[0]
        secret = self.key.private.public_key().public_bytes_raw()
        return self.with_jwt(f"{signed}.{b64(hmac.digest(secret, signed.encode(), name))}")

    def with_jwt(self, jwt: str) -> str:
        """The same disclosures behind another JWT."""
        return replace(self.token, jwt=jwt).serialise()

    def dated(self, **members: Any) -> str:
        """The same content in a credential of other dates or another schema."""
        return datasets.signed(self.key, self.subject, at=self.now, **members).serialise()


def _unknown_schema(digest: str, version: str = "0.1.0") -> dict[str, str]:
    return {
        "id": f"https://vcx.example/schemas/product/{version}.json",
        "type": "JsonSchema",
        "digestSRI": digest,
    }


def wrong_tokens(forge: Forge, other: Caller) -> dict[str, tuple[str, str]]:
    """The tokens by what is wrong with them, each with the code that refuses it."""
    last = forge.signature[:-1] + chr(ord(forge.signature[-1]) + 1)
    newest = schemas.latest("product")
    later, earlier = forge.now + timedelta(hours=1), forge.now - timedelta(days=2)
    headers = {
        "key in the header": {"jwk": {"kty": "OKP"}},
        "address of keys in the header": {"jku": "https://thief.example/jwks"},
        "address of a certificate in the header": {"x5u": "https://thief.example/x"},
        "certificate in the header": {"x5c": ["AAAA"]},
        "critical extension": {"crit": ["exp"], "exp": 1},
        "payload as it is": {"b64": False, "crit": ["b64"]},
        "compressed payload": {"zip": "DEF"},
    }
    return {
        **{what: (forge.headed(**members), "header.member") for what, members in headers.items()},
        "no algorithm": (forge.headed(alg="none"), "header.alg"),
        "no algorithm and no signature": (
            forge.with_jwt(forge.headed(alg="none").partition("~")[0].rpartition(".")[0] + "."),
            "token.parts",
        ),
        "HS256 with the public key": (forge.hashed("sha256"), "token.signature_length"),
        "HS512 with the public key": (forge.hashed("sha512"), "header.alg"),
        "algorithm of another kind of key": (forge.headed(alg="ES256"), "algorithm.mismatch"),
        "key id of somebody else": (forge.headed(kid=datasets.own_key(other.party).kid), "signature.invalid"),
        "two parts": (forge.with_jwt(f"{forge.head}.{forge.payload}"), "token.parts"),
        "four parts": (forge.with_jwt(f"{forge.token.jwt}.AA"), "token.parts"),
        "signature in another spelling": (
            forge.with_jwt(f"{forge.head}.{forge.payload}.{last}"),
            "base64url.invalid",
        ),
        "padding": (forge.with_jwt(f"{forge.token.jwt}=="), "base64url.invalid"),
        "header too long": (forge.headed(kid="k" * 3000), "token.size"),
        "too many disclosures": (forge.token.serialise() + "WyJBIl0~" * 65, "token.disclosures"),
        "disclosure twice": (
            forge.token.serialise() + next(iter(forge.token.disclosures.values())) + "~",
            "disclosure.doubled",
        ),
        "disclosure nobody signed": (
            forge.token.serialise() + b64(["A" * 22, "extra", 1]) + "~",
            "disclosure.unreferenced",
        ),
        "valid from later on": (
            datasets.signed(forge.key, forge.subject, at=later).serialise(),
            "time.not_yet_valid",
        ),
        "valid until the day before": (
            datasets.signed(
                forge.key,
                forge.subject,
                at=earlier,
                validUntil=(earlier + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            ).serialise(),
            "time.expired",
        ),
        "schema of a version there is not": (
            forge.dated(credentialSchema=_unknown_schema(schemas.digest_sri(newest), "99.0.0")),
            "schema.unknown",
        ),
        "schema of other bytes": (
            forge.dated(credentialSchema={**_unknown_schema("sha256-" + "A" * 43 + "="), "id": newest.url}),
            "schema.unknown",
        ),
    }


def test_each_wrong_token_is_refused_with_its_own_code_and_nothing_is_stored(
    exchange: Exchange, supplier: Caller, customer: Caller
) -> None:
    forge = Forge(supplier)
    wrong = wrong_tokens(forge, customer)
    before = datasets.contents(exchange.store)
    for what, (token, code) in wrong.items():
        answer = supplier.post("/datasets", data=token, content_type=SD_JWT)
        document = check_shape(answer)
        assert (answer.status_code, document["code"]) == (422, code), what
        assert document["detail"] and "Traceback" not in answer.text, what
        assert datasets.contents(exchange.store) == before, what
    answer = supplier.post("/datasets", data=forge.token.serialise(), content_type=SD_JWT)
    assert answer.status_code == 201


def test_a_token_over_the_limit_is_refused_before_it_is_read(exchange: Exchange, supplier: Caller) -> None:
    token = Forge(supplier).token.serialise() + "~" * exchange.settings.max_body_bytes
    before = datasets.contents(exchange.store)
    answer = supplier.post("/datasets", data=token, content_type=SD_JWT)
    assert (answer.status_code, check_shape(answer)["code"]) == (413, "body.too_large")
    assert datasets.contents(exchange.store) == before
