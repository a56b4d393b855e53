"""Bytes that were changed on the way to the page: refused in plain words, and nothing is sent."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.signing_site import SIGN, Person, SigningSite, Somebody, somebody

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route


def is_refused(page: Page, sentence: str) -> None:
    """The page says why, and offers nothing to press."""
    page.wait_for_selector("[data-part=refused]:not([hidden])")
    assert sentence in page.inner_text("[data-refusal]")
    assert not page.get_by_role("button", name=SIGN).is_visible()


def part(text: str) -> Any:
    """The JSON of one base64url part."""
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def encoded(value: Any) -> str:
    """Compact JSON in base64url, as the exchange writes it."""
    written = (
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    )
    return base64.urlsafe_b64encode(written.encode()).rstrip(b"=").decode()


def digest(disclosure: str) -> str:
    """The digest of a disclosure."""
    return base64.urlsafe_b64encode(hashlib.sha256(disclosure.encode()).digest()).rstrip(b"=").decode()


Bytes = tuple[Any, Any, list[str]]  # header, payload, disclosures


def altered_total(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    changed = []
    for one in disclosures:
        salt, name, value = part(one)
        if name == "indicators":
            value["co2e"]["total"]["amount"] = "0.35"
        changed.append(encoded([salt, name, value]))
    return header, payload, changed


def altered_digest(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    digests = payload["credentialSubject"]["_sd"]
    digests[0] = ("B" if digests[0][0] == "A" else "A") + digests[0][1:]
    return header, payload, disclosures


def extra_digest(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    payload["credentialSubject"]["_sd"].append("A" * 43)
    return header, payload, disclosures


def doubled_digest(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    digests = payload["credentialSubject"]["_sd"]
    digests.append(digests[0])
    return header, payload, disclosures


def left_out(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    return header, payload, disclosures[:-1]


def doubled_group(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    salt, name, value = part(disclosures[1])
    twin = encoded([salt[::-1], name, value])
    payload["credentialSubject"]["_sd"].append(digest(twin))
    return header, payload, [*disclosures, twin]


def other_key(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    header["kid"] = "did:key:z6MkOther#z6MkOther"
    return header, payload, disclosures


def other_issuer(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    payload["issuer"]["id"] = "did:key:z6MkOther"
    return header, payload, disclosures


def other_kind(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    header["typ"] = "key-proof+jwt"
    return header, payload, disclosures


def other_header(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    return header | {"crit": ["b64"]}, payload, disclosures


def other_type(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    payload["type"][1] = "DeliveryDataset"
    return header, payload, disclosures


def more_said(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    return header, payload | {"custody": "exchange"}, disclosures


def other_product(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    payload["credentialSubject"]["id"] = "urn:uuid:00000000-0000-7000-8000-000000000000"
    return header, payload, disclosures


def open_group(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    payload["credentialSubject"]["quality"] = {}
    return header, payload, disclosures


def in_identity(disclosures: list[str], payload: Any, change: Callable[[Any], None]) -> list[str]:
    """The disclosures with the first, the identity, changed and its digest with it."""
    salt, name, value = part(disclosures[0])
    change(value)
    changed = encoded([salt, name, value])
    digests = payload["credentialSubject"]["_sd"]
    digests[digests.index(digest(disclosures[0]))] = digest(changed)
    return [changed, *disclosures[1:]]


def other_firm(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    def speak(identity: Any) -> None:
        identity["organisation"]["id"] = "urn:uuid:00000000-0000-7000-8000-000000000000"

    return header, payload, in_identity(disclosures, payload, speak)


def no_such_day(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    def misdate(identity: Any) -> None:
        identity["period"]["start"] = "2025-02-31"

    return header, payload, in_identity(disclosures, payload, misdate)


def renamed(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    payload["issuer"]["name"] = "Somebody else"
    return header, payload, disclosures


def other_algorithm(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    return header | {"alg": "none"}, payload, disclosures


def other_purpose(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    payload["credentialStatus"]["statusPurpose"] = "suspension"
    return header, payload, disclosures


def padded(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    return header, payload, [f"{disclosures[0]}=", *disclosures[1:]]


def short_salt(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    _, name, value = part(disclosures[0])
    return header, payload, [encoded(["short", name, value]), *disclosures[1:]]


def name_twice(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    written = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return header, '{"validFrom":"2020-01-01T00:00:00Z",' + written[1:], disclosures


def spaced(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
    return header, json.dumps(payload, ensure_ascii=False), disclosures


TAMPERED: dict[str, tuple[Callable[[Any, Any, list[str]], Bytes], str]] = {
    "a total in a disclosure": (altered_total, "does not match its digest"),
    "a digest in the payload": (altered_digest, "does not match its digest"),
    "a digest too many": (extra_digest, "was not given to show you"),
    "a digest twice": (doubled_digest, "is not in order"),
    "a disclosure left out": (left_out, "was not given to show you"),
    "a group twice": (doubled_group, "is not written the way"),
    "another key": (other_key, "another key"),
    "another issuer": (other_issuer, "somebody else as its issuer"),
    "another kind": (other_kind, "of another kind"),
    "a critical header": (other_header, "not headed as a dataset"),
    "another type": (other_type, "or something else"),
    "a member too many": (more_said, "or something else"),
    "another product": (other_product, "another product"),
    "a group in the open": (open_group, "readable for everybody"),
    "another organisation": (other_firm, "another organisation"),
    "another name": (renamed, "somebody else as its issuer"),
    "no such day": (no_such_day, "cannot be read"),
    "no algorithm": (other_algorithm, "not headed as a dataset"),
    "another purpose": (other_purpose, "or something else"),
    "padding": (padded, "the one way it must be"),
    "a short salt": (short_salt, "is not written the way"),
    "a name twice": (name_twice, "read in two ways"),
    "spaces": (spaced, "read in two ways"),
}  # fmt: skip


def tamper(page: Page, change: Callable[[Any, Any, list[str]], Bytes]) -> None:
    """A double of the exchange that serves other bytes than it prepared."""

    def serve_changed(route: Route) -> None:
        answer = route.fetch()
        body = answer.text()
        text = body.split('data-text="')[1].split('"')[0]
        disclosures = body.split('data-disclosures="')[1].split('"')[0]
        header, payload = map(part, text.split("."))
        header, payload, changed = change(header, payload, disclosures.split("~")[:-1])
        body = body.replace(text, f"{encoded(header)}.{encoded(payload)}")
        route.fulfill(response=answer, body=body.replace(disclosures, "".join(f"{one}~" for one in changed)))

    page.route("**/publish/sign", serve_changed)


@pytest.fixture(scope="module")
def signer(signing_site: SigningSite, browser: Browser) -> Iterator[Person]:
    """Somebody with a key in their browser, whose pages are tampered with again and again."""
    person = somebody(signing_site, browser, "Sydvind Metal")
    person.make_key()
    yield person
    person.context.close()


@pytest.mark.parametrize("name", list(TAMPERED))
def test_bytes_that_were_tampered_with_are_refused_in_plain_words(signer: Person, name: str) -> None:
    change, sentence = TAMPERED[name]
    tamper(signer.page, change)
    try:
        signer.prepare()
        is_refused(signer.page, sentence)
    finally:
        signer.page.unroute("**/publish/sign")
    assert signer.posted() == []


def test_figures_changed_together_with_their_digest_are_shown_as_they_would_be_signed(
    visit: Somebody,
) -> None:
    """No page can know what a person meant: it shows what the bytes say, whatever the form said before."""
    person = visit()
    person.make_key()

    def consistently(header: Any, payload: Any, disclosures: list[str]) -> Bytes:
        _, _, changed = altered_total(header, payload, disclosures)
        payload["credentialSubject"]["_sd"] = sorted(map(digest, changed))
        return header, payload, changed

    tamper(person.page, consistently)
    person.prepare()
    person.page.wait_for_selector("[data-part=ready]:not([hidden])")
    row = person.page.locator("[data-facts] tr", has_text="CO2 emissions").inner_text().replace("\u00a0", " ")
    assert row.split("\t") == ["CO2 emissions", "0.35 kg CO₂e", "0.25 kg CO₂e", "2.1 kg CO₂e"]


def test_a_signature_that_does_not_hold_is_not_sent(visit: Somebody) -> None:
    person = visit()
    person.make_key()
    person.context.add_init_script("crypto.subtle.sign = async () => new Uint8Array(64).buffer;")
    person.prepare()
    person.page.get_by_role("button", name=SIGN).click()
    person.page.wait_for_selector("[data-problem]:not([hidden])")
    assert "does not hold" in person.page.inner_text("[data-problem]")
    assert person.posted() == []
