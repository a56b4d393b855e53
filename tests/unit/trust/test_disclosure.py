"""Disclosures against the worked examples of RFC 9901, and what is refused."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.trust import TrustError
from exchange.trust.disclosure import (
    conceal,
    digest_of,
    make_disclosure,
    make_disclosures,
    read_disclosure,
    read_disclosures,
    refuse_reserved,
    reveal,
    separate,
)
from tests.unit.trust.credentials import b64, disclosure

# RFC 9901 section 4.2.1 and 4.2.3: with the blank after each comma, as printed there.
FAMILY_NAME = "WyI2cU1RdlJMNWhhaiIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
FAMILY_NAME_DIGEST = "uutlBuYeMDyjLLTpf6Jxi7yNkEF35jdyWMn9U7b_RYY"
# RFC 9901 section 5.1.
RFC_EXAMPLES = [
    ("2GLC42sKQveCfGfryNRN9w", "given_name", "John", "jsu9yVulwQQlhFlM_3JlzMaSFzglhQG0DpfayQwLUK4"),
    ("eluV5Og3gSNII8EYnsxA_A", "family_name", "Doe", "TGf4oLbgwd5JQaHyKVQZU9UdGE0w5rtDsrZzfUaomLo"),
    ("6Ij7tM-a5iVPGboS5tmvVA", "email", "johndoe@example.com", "JzYjH4svliH0R3PyEMfeZu6Jt69u5qehZo7F7EPYlSE"),
    (
        "eI8ZWm9QnKPpNPeNenHdhQ",
        "phone_number",
        "+1-202-555-0101",
        "PorFbpKuVu6xymJagvkFsFXAbRoc2JGlAUA2BA4o7cI",
    ),
    ("AJx-095VPrpTtN4QMOqROA", "birthdate", "1940-01-01", "jdrTE8YcbY4EifugihiAe_BPekxJQZICeiUQwY9QqxI"),
]


def test_the_digest_of_the_rfc_example_is_over_the_text_as_it_stands() -> None:
    assert digest_of(FAMILY_NAME) == FAMILY_NAME_DIGEST
    # The example's salt has fewer than 128 bits, so as a disclosure it is refused here.
    assert code_of(read_disclosure, FAMILY_NAME) == "disclosure.salt"


@pytest.mark.parametrize(("salt", "name", "value", "digest"), RFC_EXAMPLES)
def test_the_disclosures_of_the_rfc_are_read_with_their_digests(
    salt: str, name: str, value: str, digest: str
) -> None:
    text = b64(f'["{salt}", "{name}", "{value}"]')
    found = read_disclosure(text)
    assert (found.text, found.name, found.value, found.digest) == (text, name, value, digest)


def test_the_first_disclosure_of_the_rfc_in_its_printed_form() -> None:
    printed = "WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STjl3IiwgImdpdmVuX25hbWUiLCAiSm9obiJd"
    assert read_disclosure(printed).digest == "jsu9yVulwQQlhFlM_3JlzMaSFzglhQG0DpfayQwLUK4"


def test_a_disclosure_is_the_base64url_of_salt_name_and_value() -> None:
    made = make_disclosure(bytes(16), "site", {"a": "ø"})
    assert (
        base64.urlsafe_b64decode(made.text + "==").decode() == '["AAAAAAAAAAAAAAAAAAAAAA","site",{"a":"ø"}]'
    )
    digest = hashlib.sha256(made.text.encode()).digest()
    assert made.digest == base64.urlsafe_b64encode(digest).decode().rstrip("=")


def test_digests_stand_sorted_and_the_rest_stays_open() -> None:
    hidden = [make_disclosure(bytes([n]) * 16, name, n) for n, name in enumerate("abcd")]
    concealed = conceal({"id": "urn:x", "a": 0, "b": 1, "c": 2, "d": 3, "open": True}, hidden)
    assert concealed == {"id": "urn:x", "open": True, "_sd": sorted(item.digest for item in hidden)}


def code_of(call: Any, *arguments: Any) -> str:
    with pytest.raises(TrustError) as caught:
        call(*arguments)
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (disclosure("_sd", []), "disclosure.name"),
        (disclosure("...", "x"), "disclosure.name"),
        (disclosure("_sd_alg", "md5"), "disclosure.name"),
        (disclosure("id", "urn:other"), "disclosure.name"),
        (disclosure(1, "x"), "disclosure.name"),
        (disclosure(None, "x"), "disclosure.name"),
        (disclosure("e\u0301", "x"), "json.not_nfc"),
        (disclosure("a", "x", salt="short"), "disclosure.salt"),
        (disclosure("a", "x", salt=2**53), "json.number_range"),
        (disclosure("a", "x", salt=None), "disclosure.salt"),
        (disclosure("a", {"b": [{"_sd": []}]}), "disclosure.nested"),
        (disclosure("a", [{"...": "digest"}]), "disclosure.nested"),
        (b64(["A" * 22, "element"]), "disclosure.form"),
        (b64(["A" * 22, "a", 1, 2]), "disclosure.form"),
        (b64({"a": 1}), "disclosure.form"),
        (b64({"A" * 22: 1, "b": 2, "c": 3}), "disclosure.form"),
        (b64("[1,2"), "json.syntax"),
        (b64('["' + "A" * 22 + '","a",{"b":1,"b":2}]'), "json.duplicate_key"),
        (b64('["' + "A" * 22 + '","a",NaN]'), "json.number_constant"),
        (b64("[" * 70 + "]" * 70), "json.depth"),
        ("", "json.syntax"),
        ("====", "base64url.invalid"),
        ("æ", "base64url.invalid"),
    ],
)
def test_a_malformed_disclosure_is_refused(text: str, code: str) -> None:
    assert code_of(read_disclosure, text) == code


def _holding(values: int) -> str:
    """A disclosure that holds so many values in all, commas in texts among them."""
    return disclosure("a", ["," * 9, *[0] * (values - 5)])


@pytest.mark.parametrize("more", [0, 1])
def test_the_values_of_all_disclosures_together_are_limited(more: int) -> None:
    # The array, salt, name and list of each are values too; what stands between two of them is counted for none.
    texts = [_holding(40_000), _holding(40_000), _holding(20_000 + 2 + more)]
    if more:
        assert code_of(read_disclosures, texts) == "disclosure.values"
    else:
        assert len(read_disclosures(texts)) == 3


def test_no_more_values_are_signed_than_are_read() -> None:
    members = [(bytes([number]) * 16, name, [0] * 60_000) for number, name in enumerate("ab")]
    assert len(make_disclosures(members[:1])) == 1
    assert code_of(make_disclosures, members) == "disclosure.values"


def test_commas_and_brackets_in_texts_count_for_no_value() -> None:
    texts = [disclosure(name, ",[{" * 30_000 + '\\"') for name in "ab"]
    assert [len(one.value) for one in read_disclosures(texts)] == [90_002, 90_002]  # type: ignore[arg-type]


def test_up_to_64_digests_are_read() -> None:
    _, digests = separate(payload(credentialSubject={"_sd": [f"{n:043}" for n in range(64)]}))
    assert len(digests) == 64


def test_a_short_salt_is_not_used_for_signing() -> None:
    assert code_of(make_disclosure, bytes(15), "a", 1) == "disclosure.salt"


GOOD = make_disclosure(bytes(16), "a", 1)


def payload(**changes: Any) -> dict[str, Any]:
    return {"_sd_alg": "sha-256", "credentialSubject": {"id": "urn:x", "_sd": [GOOD.digest]}, **changes}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (payload(_sd_alg="sha-512"), "disclosure.algorithm"),
        (payload(_sd_alg=None), "disclosure.algorithm"),
        (payload(_sd_alg=["sha-256"]), "disclosure.algorithm"),
        ({"credentialSubject": {"_sd": [GOOD.digest]}}, "disclosure.algorithm"),
        (payload(credentialSubject=[{"_sd": [GOOD.digest]}]), "credential.subject"),
        (payload(credentialSubject={"id": "urn:x"}), "disclosure.digests"),
        (payload(credentialSubject={"_sd": []}), "disclosure.digests"),
        (payload(credentialSubject={"_sd": GOOD.digest}), "disclosure.digests"),
        (payload(credentialSubject={"_sd": [GOOD.digest, GOOD.digest]}), "disclosure.digests"),
        (payload(credentialSubject={"_sd": [GOOD.digest, 1]}), "disclosure.digests"),
        (payload(credentialSubject={"_sd": [GOOD.digest + "="]}), "disclosure.digests"),
        (payload(credentialSubject={"_sd": [f"{n:043}" for n in range(65)]}), "disclosure.digests"),
        (payload(_sd=[GOOD.digest]), "disclosure.nested"),
        (payload(issuer={"_sd": [GOOD.digest]}), "disclosure.nested"),
        (payload(credentialSubject={"_sd": [GOOD.digest], "open": {"_sd": []}}), "disclosure.nested"),
        (payload(credentialSubject={"_sd": [GOOD.digest], "open": [{"...": "x"}]}), "disclosure.nested"),
        (payload(credentialSubject={"_sd": [GOOD.digest], "_sd_alg": "sha-256"}), "disclosure.nested"),
    ],
)
def test_digests_stand_only_in_the_subject_and_only_once(document: dict[str, Any], code: str) -> None:
    assert code_of(separate, document) == code


def test_a_disclosure_nobody_references_is_refused() -> None:
    plain, digests = separate(payload())
    stranger = make_disclosure(bytes(range(16)), "b", 1)
    assert code_of(reveal, plain, digests, [stranger]) == "disclosure.unreferenced"
    assert code_of(reveal, plain, digests, [GOOD, GOOD]) == "disclosure.unreferenced"


def test_a_disclosure_never_overwrites_what_is_there() -> None:
    plain, digests = separate(payload(credentialSubject={"a": "signed in the open", "_sd": [GOOD.digest]}))
    assert code_of(reveal, plain, digests, [GOOD]) == "disclosure.name_taken"


def test_two_disclosures_of_one_name_are_refused() -> None:
    twin = make_disclosure(bytes(range(16)), "a", 2)
    plain, digests = separate(payload(credentialSubject={"_sd": [GOOD.digest, twin.digest]}))
    assert code_of(reveal, plain, digests, [GOOD, twin]) == "disclosure.name_taken"


def test_the_place_of_a_reserved_name_is_told() -> None:
    with pytest.raises(TrustError) as caught:
        refuse_reserved({"a": {"_sd": 1}}, "/2")
    assert caught.value.path == "/2"


NAMES = st.text("abcdefgh_", min_size=1, max_size=6).filter(lambda name: name not in ("_sd", "_sd_alg", "id"))


@given(
    st.dictionaries(NAMES, st.integers(0, 9) | st.text("xyzø", max_size=5), min_size=1, max_size=8), st.data()
)
def test_what_is_concealed_and_revealed_is_what_was_there(
    subject: dict[str, Any], data: st.DataObject
) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(subject)), min_size=1, unique=True))
    shown = data.draw(st.lists(st.sampled_from(names), unique=True))
    hidden = {name: make_disclosure(bytes([n]) * 16, name, subject[name]) for n, name in enumerate(names)}
    concealed = conceal(subject, hidden.values())
    plain, digests = separate({"_sd_alg": "sha-256", "credentialSubject": concealed})
    revealed = reveal(plain, digests, [hidden[name] for name in shown])["credentialSubject"]
    assert revealed == {name: value for name, value in subject.items() if name not in names or name in shown}
