"""Held against npm `jose` and `@sd-jwt/core`: what they refuse never passes here; what only we refuse has a name."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exchange.trust.disclosure import digest_of
from exchange.trust.keys import public_jwk
from tests.unit.trust.credentials import (
    CREDENTIAL,
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

HERE = Path(__file__).parent
REPLACEMENTS = "AQx_-9~.+/= "
# Why a token the two others accept is refused here; each is a rule of ours that is narrower than JOSE and SD-JWT.
ONLY_OURS = {
    "base64url.invalid",  # one spelling of the same bytes, RFC 7515 section 2 without leniency
    "credential.context",  # our profile of W3C Data Model 2.0
    "credential.jwt_claim",
    "credential.validity",
    "disclosure.algorithm",
    "disclosure.digests",  # RFC 9901 section 7.1: each once, and well formed
    "disclosure.doubled",
    "disclosure.form",
    "disclosure.name",
    "disclosure.nested",
    "disclosure.salt",
    "disclosure.unreferenced",
    "header.cty",
    "header.member",
    "header.typ",
    "json.bom",  # I-JSON (RFC 7493) made mandatory
    "json.character",
    "json.depth",
    "json.duplicate_key",
    "json.encoding",
    "json.number_constant",
    "json.number_range",
    "json.syntax",
    "kid.fragment",
    "payload.type",
    "token.ending",
    "token.parts",
}

pytestmark = pytest.mark.skipif(
    not (HERE / "node_modules").exists() and not os.environ.get("VCX_REQUIRE_NODE"),
    reason="npm ci has not been run in tests/differential",
)


def mutated(token: str) -> Iterator[str]:
    """The token with each character replaced, left out and doubled, one at a time."""
    for place, character in enumerate(token):
        other = REPLACEMENTS[place % len(REPLACEMENTS)]
        yield token[:place] + (other if other != character else "B") + token[place + 1 :]
        if place % 7 == 0:
            yield token[:place] + token[place + 1 :]
            yield token[:place] + character + token[place:]


def headers() -> Iterator[str]:
    """Truly signed tokens whose header says something else than it should."""
    for change in (
        {"alg": "none"}, {"alg": "HS256"}, {"alg": "ES256"}, {"alg": "Ed25519"}, {"typ": "jwt"}, {"cty": "json"},
        {"crit": ["b64"], "b64": False}, {"crit": ["exp"]}, {"crit": []}, {"zip": "DEF"}, {"b64": False},
        {"jwk": public_jwk(KEY.public_key())}, {"jku": "https://thief.example/"}, {"x5u": "https://thief.example/"},
        {"x5c": ["AAAA"]}, {"kid": "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK#x"}, {"iss": "x"},
    ):  # fmt: skip
        yield forge(good_header(typ="vc+jwt") | change, credential())


def payloads() -> Iterator[str]:
    """Truly signed tokens whose payload two readers could read in two ways, or that are no credential."""
    good = json.dumps(credential())
    for text in (
        good[:-1] + ',"id":"urn:uuid:01970000-0000-7000-8000-0000000000ff"}', good.replace("{", '{"x":NaN,', 1),
        "\ufeff" + good, "[" + good + "]", good[:-1], good + " ", good + "x", "{}", '""', "",
        good.replace("2027", "1999"),
        good[:-1] + ',"n":1e999}', good[:-1] + ',"vc":{}}', good[:-1] + ',"exp":1}', "[" * 5000,
    ):  # fmt: skip
        yield forge(good_header(typ="vc+jwt"), text)


def disclosed() -> Iterator[str]:
    """Truly signed tokens shown with disclosures that do not belong to them, or that break RFC 9901 section 7.1."""
    good = disclosure("indicators", {"a": 1})
    payload = selective_payload([good])
    for shown in (
        [], [good], [good, good], [disclosure("indicators", {"a": 2})], [good, disclosure("other", 1)], [good[:-1]],
        [good + "="], [""], ["x"],
    ):  # fmt: skip
        yield forge(good_header(), payload, shown)
    for bad in (
        disclosure("_sd", 1), disclosure("...", 1), disclosure("id", "urn:x"), disclosure(1, 1), b64(["s", "n"]),
        b64(["AAAAAAAAAAAAAAAAAAAAAA", "n", 1, 2]), b64({"a": 1}), disclosure("n", 1, salt=7),
        disclosure("n", 1, salt="short"),
        disclosure("n", {"_sd": [digest_of(good)]}), disclosure("n", [{"...": digest_of(good)}]),
    ):  # fmt: skip
        yield forge(good_header(), selective_payload([bad]), [bad])
    subject = CREDENTIAL["credentialSubject"]["id"]
    for digests in ([digest_of(good)] * 2, [1], "x", [], [digest_of(good), digest_of("x")]):
        changed = payload | {"credentialSubject": {"id": subject, "_sd": digests}}
        yield forge(good_header(), changed, [good])
    for algorithm in ("sha-512", "md5", None, 1):
        yield forge(good_header(), payload | {"_sd_alg": algorithm}, [good])
    yield forge(good_header(), payload, [good])[:-1]
    yield forge(good_header(), payload, [good]) + forge(good_header(typ="kb+jwt"), {"nonce": "x"})


def by_others(tokens: list[str]) -> list[dict[str, str]]:
    """What the two other verifiers say of each token: "ok" or a refusal."""
    node = shutil.which("node")
    assert node, "node is needed here"
    jwk: Any = public_jwk(KEY.public_key())
    lines = "\n".join(json.dumps({"jwk": jwk, "token": token}) for token in tokens)
    done = subprocess.run(
        [node, "verify.mjs"], input=lines, capture_output=True, text=True, cwd=HERE, check=True, timeout=100
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_nothing_that_others_refuse_passes_here() -> None:
    selective = good_token().serialise()
    tokens = [*mutated(PLAIN), *mutated(selective), *headers(), *payloads(), *disclosed()]
    answers = by_others([PLAIN, selective, *tokens])
    assert answers[:2] == [{"jose": "ok", "sdJwt": "ok"}] * 2
    only_ours = set()
    for token, answer in zip(tokens, answers[2:], strict=True):
        verdict = check(token)
        accepted = set(answer.values()) == {"ok"}
        assert accepted or not verdict.ok, (token, answer)
        if accepted and not verdict.ok:
            only_ours.add(reason(verdict)[1])
    assert only_ours == ONLY_OURS
