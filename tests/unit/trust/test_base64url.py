"""Base64url has one spelling per bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.trust import EncodingError, base64url


@pytest.mark.parametrize(
    ("data", "text"), [(b"", ""), (b"f", "Zg"), (b"fo", "Zm8"), (b"foo", "Zm9v"), (b"\xfb\xff", "-_8")]
)
def test_the_examples_of_rfc_4648_without_padding(data: bytes, text: str) -> None:
    assert base64url.encode(data) == text
    assert base64url.decode(text) == data


@pytest.mark.parametrize(
    "text", ["Zg==", "Zh", "Z", "+/8", "Zm9v\n", " Zm9v", "Zm9vZ", "Zm 9v", "Zæ", "Zm8=", "\ud800"]
)
def test_other_spellings_of_the_same_bytes_are_refused(text: str) -> None:
    with pytest.raises(EncodingError) as caught:
        base64url.decode(text)
    assert caught.value.code == "base64url.invalid"


@given(st.text(max_size=12))
def test_a_text_is_refused_or_is_the_spelling_of_its_bytes(text: str) -> None:
    try:
        data = base64url.decode(text)
    except EncodingError:
        return
    assert base64url.encode(data) == text
