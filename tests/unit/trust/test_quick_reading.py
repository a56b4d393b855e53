"""The quick ways of the strict reader decide and give exactly what the thorough ones do."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from exchange.trust import JsonError, strict_json
from exchange.trust.json_decoding import Unsure, are_spaces_inside, quick, thorough
from exchange.trust.repertoire import check_identifier, is_assignable

LIMIT = 1_000_000
# Around every border that matters: escapes, layout, C1 controls, above Latin-1, around the surrogates, beyond them.
CHARACTERS = st.sampled_from(
    list('"\\/{}[],:a1 \n\t\r\x00\x1f\x7f\x85\xa0åÅ\u0301—\ud7ff\ue000\ufb01\ufeff\uffff😀')
)
TEXTS = st.text(CHARACTERS, max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def read(data: bytes, **limits: int) -> tuple[Any, str]:
    """The value, or the code of the refusal."""
    try:
        return strict_json.loads(data, max_bytes=LIMIT, **limits), ""
    except JsonError as error:
        return None, error.code


@given(VALUES)
def test_canonical_form_is_that_of_the_reference_implementation(value: Any) -> None:
    try:
        ours = strict_json.canonical(value)
    except JsonError:
        return  # a character or name that the strict reader refuses
    assert ours == rfc8785.dumps(value)
    assert strict_json.loads_canonical(ours, max_bytes=LIMIT) == value


def test_names_beyond_the_surrogates_are_sorted_by_utf_16() -> None:
    # U+FB01 comes before U+1F600 by code point and after it by UTF-16 (RFC 8785 section 3.2.3).
    assert strict_json.canonical({"ﬁ": 1, "😀": 2}) == '{"😀":2,"ﬁ":1}'.encode()


@given(VALUES, st.booleans())
def test_other_spellings_of_a_value_are_not_canonical(value: Any, spaced: bool) -> None:
    data = json.dumps(value, ensure_ascii=not spaced, indent=1 if spaced else None).encode("utf-8", "replace")
    if read(data)[1] or data == rfc8785.dumps(value):
        return
    with pytest.raises(JsonError) as caught:
        strict_json.loads_canonical(data, max_bytes=LIMIT)
    assert caught.value.code == "json.not_canonical"


@given(st.text(st.sampled_from(list('{}[]",:\\ a1-.e\n')), max_size=14))
def test_what_the_quick_pass_takes_the_thorough_one_takes_too(text: str) -> None:
    try:
        value = quick(text)
    except Unsure:
        return
    assert thorough(text) == (value, False)


@given(st.text(st.sampled_from(list('{}[]",:\\ a1-')), max_size=14))
def test_spaces_that_are_told_to_stand_in_strings_do(text: str) -> None:
    try:
        value = quick(text)
    except Unsure:
        return
    compact = json.dumps(value, separators=(",", ":"))
    assert not are_spaces_inside(text.encode()) or compact.count(" ") == text.count(" ")


def test_each_character_up_to_latin_extended_is_judged_by_its_rule() -> None:
    for point in range(0x180):
        name = chr(point)
        if name in '"\\':
            continue
        try:
            check_identifier(name, "")
            code = ""
        except JsonError as error:
            code = "json.syntax" if point < 0x20 else error.code  # a control in a string (RFC 8259 section 7)
        data = f'{{"{name}":"{name}"}}'.encode()
        assert read(data) == (None if code else {name: name}, code)
        try:
            assert strict_json.loads_canonical(data, max_bytes=LIMIT) == {name: name}
            assert not code
        except JsonError as error:
            assert error.code == code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'["\x7f"]', "json.character"),
        ('["\x85"]'.encode(), "json.character"),
        (b'["\x0b"]', "json.syntax"),
        (b'{"b":1,"a":1}', "json.not_canonical"),
        (b'{"a":1, "b":1}', "json.not_canonical"),
    ],
)
def test_the_quick_canonical_reader_lets_none_of_this_pass(data: bytes, code: str) -> None:
    with pytest.raises(JsonError) as caught:
        strict_json.loads_canonical(data, max_bytes=LIMIT)
    assert caught.value.code == code


def test_names_in_normal_form_may_follow_each_other_in_any_way() -> None:
    # U+0301 would combine with the e before it; in two names they are neighbours of nothing.
    for names in (("e", "\u0301"), ("e\u0301", "x")):
        data = ('{"' + '":1,"'.join(names) + '":1}').encode()
        is_normal = names[0] == "e"
        try:
            assert list(strict_json.loads_canonical(data, max_bytes=LIMIT)) == list(names)  # type: ignore[arg-type]
            assert is_normal
        except JsonError as error:
            assert (error.code, is_normal) == ("json.not_nfc", False)


@given(
    st.lists(
        st.text(CHARACTERS, max_size=8).map(lambda text: json.dumps([text], ensure_ascii=False)), max_size=4
    )
)
def test_documents_read_together_are_read_as_each_alone(texts: list[str]) -> None:
    documents = [text.encode("utf-8", "replace") for text in texts]
    alone = [read(document) for document in documents]
    try:
        together = strict_json.loads_each(documents, max_bytes=LIMIT)
    except JsonError:
        assert any(code for _, code in alone)
        return
    assert [(value, "") for value in together] == alone


def test_what_runs_from_one_document_into_the_next_is_refused() -> None:
    for documents in (
        [b'["a', b'"]'],
        [b"[1", b"2]"],
        [b"[1],[2]", b"[3]"],
        [b"\xef\xbb\xbf[1]"],
        [b"[1]", b"\xef\xbb\xbf[1]"],
    ):
        with pytest.raises(JsonError):
            strict_json.loads_each(documents, max_bytes=LIMIT)


@pytest.mark.parametrize("padding", [0, 10_000], ids=["short", "long"])
@pytest.mark.parametrize(
    ("depth", "code"), [(64, ""), (65, "json.depth"), (500, "json.depth"), (5_000, "json.depth")]
)
def test_depth_is_limited_alike_in_short_and_long_documents(padding: int, depth: int, code: str) -> None:
    text = b'"' + b'\\"[' * padding + b'"'
    nested = b"[" * (depth - 1) + b'{"a":' + text + b"}" + b"]" * (depth - 1)
    assert read(nested)[1] == code


@pytest.mark.parametrize("text", ['[{"a":"' + '\\"' * 6000 + '[[[["}]', '["' + "\\\\" * 6000 + '"]'])
def test_brackets_behind_escapes_do_not_count(text: str) -> None:
    assert read(text.encode(), max_depth=2, max_nodes=4)[1] == ""
    assert read(text.encode(), max_depth=2)[1] == ""


@given(st.text(max_size=6))
def test_quick_look_at_characters_agrees_with_rfc_9839(text: str) -> None:
    allowed = all(
        character in "\t\n\r" or (not (ord(character) < 0x20 or 0x7F <= ord(character) <= 0x9F)
        and not 0xFDD0 <= ord(character) <= 0xFDEF and ord(character) & 0xFFFE != 0xFFFE
        and not 0xD800 <= ord(character) <= 0xDFFF)
        for character in text
    )  # fmt: skip
    assert is_assignable(text) == allowed
