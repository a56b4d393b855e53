"""The canonical bytes that digests are made of (RFC 8785): the RFC's own figures, and the published test data."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from decimal import Decimal
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from exchange.trust import strict_json
from exchange.trust.errors import JsonError

ROOT = os.environ.get("VCX_REFERENCE_DIR", "")
VECTORS = Path(ROOT) / "vectors" / "jcs-rfc8785"
published = pytest.mark.skipif(
    not ROOT, reason="VCX_REFERENCE_DIR is not set: the published vectors are not here"
)

# RFC 8785 appendix B: the double, and how it is written.
NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}
# Documents this reader admits, with their canonical form: order by UTF-16 code units, shortest numbers, few escapes.
DOCUMENTS = {
    '{"b": 2, "a": [1, 2.50, 1e2, -0.0, true, null]}': '{"a":[1,2.5,100,0,true,null],"b":2}',
    '{"\\u20ac": 1, "1": 2, "\\ud83d\\ude02": 3, "\\u00f6": 4, "\\uff21": 5}': '{"1":2,"ö":4,"€":1,"😂":3,"Ａ":5}',
    '{"peach": 1, "péché": 2, "pêche": 3, "sin": 4}': '{"peach":1,"péché":2,"pêche":3,"sin":4}',
    '{"10": 1, "1": 2, "A": 3, "a": 4, "": 5}': '{"":5,"1":2,"10":1,"A":3,"a":4}',
    '["\\u0041\\/\\n\\t\\"\\\\", {}, []]': '["A/\\n\\t\\"\\\\",{},[]]',
    "1e-7": "1e-7",
    "100000000000000000000": None,
    "0.1234567890123456": None,
}


def as_double(bits: str) -> float:
    number: float = struct.unpack(">d", bytes.fromhex(bits.rjust(16, "0")))[0]
    return number


@pytest.mark.parametrize(("bits", "text"), NUMBERS.items())
def test_the_numbers_of_the_rfcs_appendix(bits: str, text: str) -> None:
    assert rfc8785.dumps(as_double(bits)).decode() == text


@pytest.mark.parametrize(("document", "expected"), DOCUMENTS.items())
def test_what_is_read_has_one_canonical_form(document: str, expected: str | None) -> None:
    if expected is None:  # more digits than every reader keeps
        with pytest.raises(JsonError):
            strict_json.loads(document.encode(), max_bytes=1000)
        return
    value = strict_json.loads(document.encode(), max_bytes=1000)
    assert strict_json.canonical(value) == expected.encode()
    assert strict_json.sha256(value) == f"sha256:{hashlib.sha256(expected.encode()).hexdigest()}"
    assert strict_json.loads_canonical(expected.encode(), max_bytes=1000) == value


@pytest.mark.parametrize(
    "text", ['{"a": 1}', '{"b":1,"a":2}', "1.0", "1E2", '"\\u0041"', "[1,]", " 1", "1\n"]
)
def test_any_other_spelling_is_no_canonical_document(text: str) -> None:
    with pytest.raises(JsonError) as caught:
        strict_json.loads_canonical(text.encode(), max_bytes=1000)
    assert caught.value.code == ("json.syntax" if text == "[1,]" else "json.not_canonical")


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.decimals(-(10**6), 10**6, places=4)
    | st.text(st.characters(min_codepoint=32, exclude_categories=["C"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcÄ€😂Ａ", max_size=5), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES)
def test_the_canonical_form_is_read_back_as_the_value_and_stays_the_same(value: object) -> None:
    data = strict_json.canonical(value)
    assert strict_json.loads_canonical(data, max_bytes=100_000) == value
    assert json.loads(data, parse_float=Decimal) == value


@given(
    VALUES,
    st.integers(0),
    st.sampled_from([" ", "\n", "\\/", "\\n", "\\u0041", '"', ",", "\\\\", "\u00a0", "\ue000", "0"]),
)
def test_a_text_is_canonical_exactly_when_writing_its_value_gives_it_back(
    value: object, place: int, added: str
) -> None:
    text = strict_json.canonical([value, {"a b": "c d\n", "\u00e6": '"'}]).decode()
    place %= len(text) + 1
    data = (text[:place] + added + text[place:]).encode()
    try:
        read = strict_json.loads(data, max_bytes=100_000)
    except JsonError:
        with pytest.raises(JsonError):
            strict_json.loads_canonical(data, max_bytes=100_000)
        return
    if strict_json.canonical(read) == data:
        assert strict_json.loads_canonical(data, max_bytes=100_000) == read
        return
    with pytest.raises(JsonError) as caught:
        strict_json.loads_canonical(data, max_bytes=100_000)
    assert caught.value.code == "json.not_canonical"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"a":1,"a":1}', "json.duplicate_key"),
        ('{"b":{"c":1,"a":2}}', "json.not_canonical"),
        ('{"a":" ","b": 1}', "json.not_canonical"),
        ('{"a\\nb":1}', "json.character"),
        ('{"A\u030a":1}', "json.not_nfc"),
        ('["\\u0007"]', "json.character"),
        ("[" * 65 + "]" * 65, "json.depth"),
        ('{"\ue000":1,"\U0001f602":2}', "json.not_canonical"),
        ("[01]", "json.syntax"),
        ("[-0]", "json.not_canonical"),
        ("[9007199254740992]", "json.number_range"),
    ],
)
def test_the_quick_way_of_reading_lets_nothing_pass_that_the_long_one_refuses(text: str, code: str) -> None:
    with pytest.raises(JsonError) as caught:
        strict_json.loads_canonical(text.encode(), max_bytes=1000)
    assert caught.value.code == code


def numbers() -> list[tuple[str, str]]:
    lines = (VECTORS / "es6-numbers" / "es6testfile10k.txt").read_text(encoding="ascii").split()
    return [(bits, text) for bits, _, text in (line.partition(",") for line in lines)]


@published
def test_ten_thousand_numbers_are_written_as_published() -> None:
    written = [rfc8785.dumps(as_double(bits)).decode() for bits, _ in numbers()]
    assert written == [text for _, text in numbers()]
    assert len(written) == 10_000


@published
def test_each_of_the_ten_thousand_is_refused_or_keeps_its_spelling() -> None:
    refused = {"json.number_precision": 0, "json.number_range": 0}
    for _, text in numbers():
        try:
            value = strict_json.loads(text.encode(), max_bytes=1000)
        except JsonError as error:
            refused[error.code] += 1
        else:
            assert strict_json.canonical(value) == text.encode()
    # 15 significant digits survive every reader; most of these doubles need 16 or 17.
    assert 0 < sum(refused.values()) < 10_000


@published
@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_the_published_documents_have_the_published_bytes(name: str) -> None:
    expected = (VECTORS / "output" / f"{name}.json").read_bytes()
    assert bytes.fromhex((VECTORS / "outhex" / f"{name}.txt").read_text(encoding="ascii")) == expected
    source = (VECTORS / "input" / f"{name}.json").read_bytes()
    assert rfc8785.dumps(json.loads(source)) == expected
    if name in {"arrays", "french", "unicode"}:  # the others hold what this reader refuses
        assert strict_json.canonical(strict_json.loads(source, max_bytes=10_000)) == expected
        assert strict_json.loads_canonical(expected, max_bytes=10_000) is not None
