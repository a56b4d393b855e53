"""The strict JSON reader: what it takes, what it refuses, under which code and at which path."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.trust import JsonError, TrustError, strict_json


def read(data: bytes, **limits: int) -> strict_json.JsonValue:
    return strict_json.loads(data, **{"max_bytes": 1_000_000, **limits})


def refusal(data: bytes, **limits: int) -> tuple[str, str]:
    with pytest.raises(JsonError) as caught:
        read(data, **limits)
    return caught.value.code, caught.value.path


ACCEPTED: list[tuple[bytes, object]] = [
    (b"null", None),
    (b" [true, false]\r\n\t", [True, False]),
    (b'{"a":{"b":[1,-2]}}', {"a": {"b": [1, -2]}}),
    (b"9007199254740991", 2**53 - 1),
    (b"-9007199254740991", -(2**53) + 1),
    (b"-0", 0),
    (b"19.99", Decimal("19.99")),
    (b"0.000123456789012345", Decimal("0.000123456789012345")),
    (b"1.5e3", Decimal("1500")),
    (b"0.0", Decimal(0)),
    (b"-0e5", Decimal(0)),
    (b'"line\\none\\ttab\\r"', "line\none\ttab\r"),
    (b'"\\ud83d\\ude00"', "\U0001f600"),
    ('"Rødgrød"'.encode(), "Rødgrød"),
    # Values may be in another normal form (they are free text), member names may not.
    (b'"e\\u0301"', "e\u0301"),
    ('"\u00a0\u200d\ue000"'.encode(), "\u00a0\u200d\ue000"),
    (b'{"\\u00e6":1}', {"æ": 1}),
]


@pytest.mark.parametrize(("data", "value"), ACCEPTED)
def test_plain_json_is_read_exactly(data: bytes, value: object) -> None:
    assert read(data) == value


def test_fractions_become_decimal_and_whole_numbers_int() -> None:
    assert [type(item) for item in read(b"[1, 1.0, 1e2]")] == [int, Decimal, Decimal]  # type: ignore[union-attr]


REFUSED: list[tuple[bytes, str, str]] = [
    (b'{"a":1,"a":1}', "json.duplicate_key", "/a"),
    (b'{"x":[{"a":1,"\\u0061":2}]}', "json.duplicate_key", "/x/0/a"),
    (b'{"a/b~c":{"d":1,"d":2}}', "json.duplicate_key", "/a~1b~0c/d"),
    (b"[NaN]", "json.number_constant", "/0"),
    (b'{"a":Infinity}', "json.number_constant", "/a"),
    (b"-Infinity", "json.number_constant", ""),
    (b'{"a":[0,1e999]}', "json.number_range", "/a/1"),
    (b"-1e999", "json.number_range", ""),
    (b"1e99999999999999999999", "json.number_range", ""),
    (b"1e-400", "json.number_range", ""),
    (b"5e-324", "json.number_range", ""),
    (b"9007199254740992", "json.number_range", ""),
    (b"-9007199254740992", "json.number_range", ""),
    (b"9" * 5000, "json.number_range", ""),
    (b"1.234567890123456", "json.number_precision", ""),
    (b"0.1000000000000000", "json.number_precision", ""),
    (b"1." + b"0" * 5000, "json.number_precision", ""),
    (b"0." + b"0" * 5000, "json.number_precision", ""),
    (b'["\\ud800"]', "json.surrogate", "/0"),
    (b'["\\udc00\\ud800"]', "json.surrogate", "/0"),
    (b'{"\\ud800":1}', "json.surrogate", "/?"),
    (b'{"a":"\\u0000"}', "json.character", "/a"),
    (b'{"a":"\\u001b[31m"}', "json.character", "/a"),
    (b'"\x7f"', "json.character", ""),
    ('"\u0085"'.encode(), "json.character", ""),
    (b'"\\uffff"', "json.character", ""),
    ('"\ufdd0"'.encode(), "json.character", ""),
    ('"\U0010fffe"'.encode(), "json.character", ""),
    (b'{"a\\nb":1}', "json.character", "/a\nb"),
    ('{"e\u0301":1}'.encode(), "json.not_nfc", "/e\u0301"),
    (b'{"e\\u0301":1}', "json.not_nfc", "/e\u0301"),
    (b"\xef\xbb\xbf{}", "json.bom", ""),
    (b'"\xff"', "json.encoding", ""),
    (b'"\xed\xa0\x80"', "json.encoding", ""),
    (b'"\xc0\xaf"', "json.encoding", ""),
    ("{}".encode("utf-16"), "json.encoding", ""),
    ("[]".encode("utf-16-le"), "json.syntax", ""),
    (b"", "json.syntax", ""),
    (b" ", "json.syntax", ""),
    (b"{} {}", "json.syntax", ""),
    (b"[1,]", "json.syntax", ""),
    (b"{'a':1}", "json.syntax", ""),
    (b"{a:1}", "json.syntax", ""),
    (b"[01]", "json.syntax", ""),
    (b"[+1]", "json.syntax", ""),
    (b"[.5]", "json.syntax", ""),
    (b"[1.]", "json.syntax", ""),
    (b"[0x1]", "json.syntax", ""),
    (b"[1_000]", "json.syntax", ""),
    ("[１]".encode(), "json.syntax", ""),
    (b'["\n"]', "json.syntax", ""),
    (b'["\\x41"]', "json.syntax", ""),
    (b'["\\u12"]', "json.syntax", ""),
    (b'["a', "json.syntax", ""),
    (b"[1]//", "json.syntax", ""),
    (b"nul", "json.syntax", ""),
    (b"\x0c[]", "json.syntax", ""),
    (b"]", "json.syntax", ""),
    (b"[" * 65 + b"]" * 65, "json.depth", ""),
    (b'{"a":' * 65 + b"1" + b"}" * 65, "json.depth", ""),
    (b"[" * 100_000, "json.depth", ""),
    (b'[{"":' * 100_000, "json.depth", ""),
    (b"[" + b"1," * 100_000 + b"1]", "json.nodes", ""),
    (b"[" + b'"",' * 100_000 + b'""]', "json.nodes", ""),
    # More strings than so many values can have are counted and not taken apart, be it JSON or not.
    (b'",,"' * 200_000, "json.syntax", ""),
    (b'",,"' * 200_001, "json.nodes", ""),
]


@pytest.mark.parametrize(
    ("data", "code", "path"), REFUSED, ids=[f"{n}-{r[1]}" for n, r in enumerate(REFUSED)]
)
def test_what_readers_could_understand_differently_is_refused(data: bytes, code: str, path: str) -> None:
    assert refusal(data) == (code, path)


def test_each_limit_holds_exactly() -> None:
    assert read(b"[" * 64 + b"]" * 64) is not None
    assert read(b"[1,2]", max_bytes=5) == [1, 2]
    assert refusal(b"[1,2]", max_bytes=4) == ("json.size", "")
    assert read(b'{"a":[1,2]}', max_nodes=4) == {"a": [1, 2]}
    assert refusal(b'{"a":[1,2]}', max_nodes=3) == ("json.nodes", "")
    assert read(b"[[1]]", max_depth=2) == [[1]]
    assert refusal(b"[[1]]", max_depth=1) == ("json.depth", "")
    assert read(b" " * 10_000 + b"null") is None
    assert refusal(b" " * 10_000 + b"[[1]]", max_depth=1) == ("json.depth", "")


def test_brackets_inside_strings_count_as_text() -> None:
    text = '[[{{,,"\\'
    data = json.dumps([text, {"k": text}]).encode()
    assert read(data, max_depth=2, max_nodes=4) == [text, {"k": text}]


def test_an_unfinished_string_full_of_quotes_is_refused_in_linear_time() -> None:
    start = time.perf_counter()
    assert refusal(b'"' + b'\\"' * 400_000)[0] == "json.syntax"
    assert time.perf_counter() - start < 5


def test_a_depth_the_machine_cannot_read_is_still_a_clean_refusal() -> None:
    assert refusal(b"[" * 200_000, max_depth=10**9, max_nodes=10**9) == ("json.depth", "")


PLAIN_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")))
NAMES = st.text(st.characters(categories=("Ll", "Lu", "Nd"), max_codepoint=0x17F), max_size=8)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.decimals(-1000, 1000, places=6)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | PLAIN_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_read_back_equal(value: Any) -> None:
    data = strict_json.dumps(value)
    assert strict_json.loads(data, max_bytes=len(data)) == value


@given(st.binary(max_size=60) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read_or_refused_with_a_trust_error(data: bytes) -> None:
    try:
        read(data)
    except TrustError as error:
        assert error.code.startswith("json.")


@given(VALUES, st.data())
def test_any_damage_to_good_json_is_read_or_refused_with_a_trust_error(
    value: Any, data: st.DataObject
) -> None:
    text = bytearray(strict_json.dumps(value))
    text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    try:
        read(bytes(text))
    except TrustError as error:
        assert error.code.startswith("json.")


@given(VALUES)
def test_escaped_and_raw_text_are_the_same_document(value: Any) -> None:
    data = strict_json.dumps(value)
    escaped = json.dumps(json.loads(data, parse_float=str), ensure_ascii=True).encode()
    raw = json.dumps(json.loads(data, parse_float=str), ensure_ascii=False).encode()
    assert read(escaped) == read(raw)


CYCLE: list[object] = []
CYCLE.append(CYCLE)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (0.5, "json.type"),
        ([{"a": 0.5}], "json.type"),
        ({"a": [0.1]}, "json.type"),
        (float("nan"), "json.type"),
        ((1, 2), "json.type"),
        ({1: "a"}, "json.type"),
        ({"a": {2, 3}}, "json.type"),
        (b"bytes", "json.type"),
        (CYCLE, "json.type"),
        (2**53, "json.number_range"),
        (Decimal("1.2345678901234567"), "json.number_precision"),
        (Decimal("NaN"), "json.type"),
        (Decimal("Infinity"), "json.type"),
        (["\ud800"], "json.surrogate"),
        ({"a": "\x00"}, "json.character"),
    ],
)
def test_what_would_not_come_back_equal_is_not_written(value: object, code: str) -> None:
    with pytest.raises(JsonError) as caught:
        strict_json.dumps(value)
    assert caught.value.code == code


def test_the_canonical_digest_ignores_order_and_spelling() -> None:
    # SHA-256 of {"a":1,"b":[100,"æ"]} as UTF-8, by sha256sum.
    known = "sha256:031b7cf246bf9e95ac9ef740d9e8dd5924f10dbe29976109599808786525c5fe"
    value = read(b'{ "b": [1e2, "\\u00e6"], "a": 1 }')
    assert strict_json.sha256(value) == strict_json.sha256({"a": 1, "b": [Decimal("100.0"), "æ"]}) == known
