"""Bitstring Status List: hand-worked bits, the recommendation's own example, and everything that is refused."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.trust import TrustError, base64url
from exchange.trust.status_list import (
    MAX_LENGTH,
    MIN_LENGTH,
    StatusEntry,
    decode_list,
    encode_list,
    is_revoked,
    read_status_entry,
    read_status_list,
    status_list_credential,
)
from tests.unit.trust.bundles import LIST_URL, NOW, REGISTRAR, REGISTRAR_DID, signed
from tests.unit.trust.credentials import check

ROOT = os.environ.get("VCX_REFERENCE_DIR", "")
GOOD: dict[str, Any] = StatusEntry(LIST_URL, 94567).document()
# W3C Bitstring Status List v1.0, example 4: a list of 131 072 entries, none of them set.
EMPTY = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"


def packed(data: bytes) -> str:
    return "u" + base64url.encode(data)


def refused(text: str) -> str:
    with pytest.raises(TrustError) as caught:
        decode_list(text)
    return caught.value.code


def test_the_recommendations_example_is_a_list_with_nothing_set() -> None:
    assert decode_list(EMPTY) == bytes(16384)
    assert decode_list(encode_list([])) == bytes(16384)


@pytest.mark.skipif(not ROOT, reason="VCX_REFERENCE_DIR is not set: the published vectors are not here")
def test_the_published_example_decodes_to_the_published_size() -> None:
    vectors = json.loads((Path(ROOT) / "vectors/bitstring/vectors.json").read_text())
    bits = decode_list(vectors["encodedList_all_zero_multibase_base64url_gzip"])
    assert (len(bits), len(bits) * 8) == (vectors["min_bytes"], vectors["min_entries"])
    assert not any(bits)


def test_index_0_is_the_left_most_bit_of_the_first_byte() -> None:
    bits = decode_list(encode_list([0, 9, MIN_LENGTH - 1]))
    assert (bits[0], bits[1], bits[-1]) == (0b1000_0000, 0b0100_0000, 0b0000_0001)
    assert [is_revoked(bits, index) for index in (0, 1, 8, 9, MIN_LENGTH - 1)] == [
        True,
        False,
        False,
        True,
        True,
    ]


@given(st.sets(st.integers(0, MIN_LENGTH - 1), max_size=20))
def test_exactly_the_set_positions_are_revoked(positions: set[int]) -> None:
    bits = decode_list(encode_list(positions))
    assert sum(byte.bit_count() for byte in bits) == len(positions)
    assert all(is_revoked(bits, index) for index in positions)


@pytest.mark.parametrize("index", [-1, MIN_LENGTH])
def test_position_outside_the_list_is_refused(index: int) -> None:
    with pytest.raises(TrustError) as caught:
        is_revoked(bytes(MIN_LENGTH // 8), index)
    assert caught.value.code == "status.index"
    with pytest.raises(TrustError):
        encode_list([index])


@pytest.mark.parametrize("length", [0, MIN_LENGTH - 8, MIN_LENGTH + 1, MAX_LENGTH + 8])
def test_list_of_a_length_no_reader_takes_is_not_made(length: int) -> None:
    with pytest.raises(TrustError) as caught:
        encode_list([], length)
    assert caught.value.code == "status.length"


def named(name: bytes) -> bytes:
    """A gzip member of a good list with a file name in its header (RFC 1952 section 2.3), which says nothing."""
    plain = gzip.compress(bytes(16384), mtime=0)
    return plain[:3] + b"\x08" + plain[4:10] + name + b"\x00" + plain[10:]


def test_a_name_in_the_header_alone_is_taken() -> None:
    assert decode_list(packed(named(b"a"))) == bytes(16384)


WRONG_LISTS = {
    "nothing": ("", "status.encoding"),
    "no multibase letter": (EMPTY[1:], "status.encoding"),
    "other multibase": ("z" + EMPTY[1:], "status.encoding"),
    "padding": (EMPTY + "=", "status.encoding"),
    "unused bits set, another spelling of the same bytes": (EMPTY[:-1] + "B", "status.encoding"),
    "cut text": (EMPTY[:40], "status.encoding"),
    "cut gzip": (packed(gzip.compress(bytes(16384))[:-1]), "status.encoding"),
    "two gzip members": (packed(gzip.compress(bytes(16384)) * 2), "status.encoding"),
    "something after the gzip": (packed(gzip.compress(bytes(16384)) + b"x"), "status.encoding"),
    "no gzip": (packed(bytes(16384)), "status.encoding"),
    "one byte short": (packed(gzip.compress(bytes(16383))), "status.length"),
    "one byte over": (packed(gzip.compress(bytes(MAX_LENGTH // 8 + 1))), "status.size"),
    "bomb": (packed(gzip.compress(bytes(100 * 1024 * 1024), 9)), "status.size"),
    "endless text": ("u" + "A" * 3_000_000, "status.encoding"),
    "endless name in the gzip's header": (packed(named(b"a" * 1_600_000)), "status.encoding"),
}


@pytest.mark.parametrize("name", WRONG_LISTS)
def test_list_that_is_not_one_is_refused(name: str) -> None:
    text, code = WRONG_LISTS[name]
    assert refused(text) == code


def test_list_with_a_wrong_checksum_is_refused() -> None:
    data = bytearray(gzip.compress(bytes(16384), mtime=0))
    data[-5] ^= 1
    assert refused(packed(bytes(data))) == "status.encoding"


def test_entry_reads_back_to_itself_and_a_number_is_understood() -> None:
    assert read_status_entry({**GOOD, "id": "urn:uuid:1"}) == StatusEntry(LIST_URL, 94567)
    assert read_status_entry({name: GOOD[name] for name in GOOD if name != "id"}) == StatusEntry(
        LIST_URL, 94567
    )
    assert read_status_entry(GOOD) == StatusEntry(LIST_URL, 94567)
    assert read_status_entry({**GOOD, "statusListIndex": 94567}) == StatusEntry(LIST_URL, 94567)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": "StatusList2021Entry"}, "status.form"),
        ({"statusSize": 2}, "status.form"),
        ({"id": 7}, "status.form"),
        ({"id": LIST_URL}, "status.form"),
        ({"statusListCredential": "ftp://exchange.example/1"}, "status.form"),
        ({"statusListCredential": None}, "status.form"),
        ({"statusPurpose": "suspension"}, "status.purpose"),
        ({"statusListIndex": "-1"}, "status.index"),
        ({"statusListIndex": "007"}, "status.index"),
        ({"statusListIndex": "1e3"}, "status.index"),
        ({"statusListIndex": "١"}, "status.index"),
        ({"statusListIndex": True}, "status.index"),
        ({"statusListIndex": "9" * 11}, "status.index"),
    ],
)
def test_entry_of_another_form_is_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(TrustError) as caught:
        read_status_entry({**GOOD, **change})
    assert caught.value.code == code
    assert caught.value.path.startswith("/credentialStatus")


@pytest.mark.parametrize("value", [None, [], [GOOD], "x"])
def test_status_that_is_no_single_entry_is_refused(value: Any) -> None:
    with pytest.raises(TrustError) as caught:
        read_status_entry(value)
    assert caught.value.code == "status.form"


def listed(**subject: Any) -> Any:
    document = status_list_credential(LIST_URL, issuer=REGISTRAR_DID, issued=NOW, encoded=encode_list([5]))
    document["credentialSubject"] = {**document["credentialSubject"], **subject}  # type: ignore[dict-item]
    dataset = check(signed(document, REGISTRAR)).dataset
    assert dataset is not None
    return dataset


def test_signed_list_tells_its_address_signer_instant_and_bits() -> None:
    found = read_status_list(listed())
    assert (found.url, found.issuer, found.issued) == (LIST_URL, REGISTRAR_DID, NOW)
    assert is_revoked(found.bits, 5)
    assert not is_revoked(found.bits, 4)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "StatusList2021"},
        {"statusPurpose": "message"},
        {"ttl": 1},
        {"id": "https://exchange.example/status/2#list"},
        {"encodedList": 7},
    ],
)
def test_signed_list_of_another_form_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(TrustError) as caught:
        read_status_list(listed(**change))
    assert caught.value.code == "status.list_form"


def test_signed_credential_of_another_type_is_no_list() -> None:
    document = status_list_credential(LIST_URL, issuer=REGISTRAR_DID, issued=NOW, encoded=EMPTY)
    dataset = check(signed({**document, "type": ["VerifiableCredential"]}, REGISTRAR)).dataset
    assert dataset is not None
    with pytest.raises(TrustError) as caught:
        read_status_list(dataset)
    assert caught.value.code == "status.list_form"
