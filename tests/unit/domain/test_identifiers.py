"""Check digits, by hand and by property."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.domain.errors import InvalidError
from exchange.domain.identifiers import (
    CVR_WEIGHTS,
    is_valid_cvr,
    is_valid_gtin,
    is_valid_lei,
    is_valid_urn_uuid,
    parse_cvr,
    parse_gtin,
    parse_subject_id,
)


def cvr_from(stem: str) -> str | None:
    """The CVR number that starts with seven digits, or None where the check digit would be ten."""
    weighted = sum(weight * int(digit) for weight, digit in zip(CVR_WEIGHTS, stem, strict=False))
    check = -weighted % 11
    return None if check == 10 else f"{stem}{check}"


def gtin_from(stem: str) -> str:
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(stem)))
    return f"{stem}{-total % 10}"


def lei_from(stem: str) -> str:
    number = int("".join(str(int(character, 36)) for character in stem) + "00")
    return f"{stem}{98 - number % 97:02d}"


def test_cvr_weighted_sum_worked_by_hand() -> None:
    # 2*3+7*1+6*0+5*0+4*0+3*0+2*2 = 17, 17 mod 11 = 6, check digit 11-6 = 5
    assert is_valid_cvr("31000025")
    assert not is_valid_cvr("31000026")


@pytest.mark.parametrize(
    "text", ["", "3100002", "310000250", "3100002x", "00000000", "３１００００２５", "31000025\n"]
)
def test_cvr_refuses_what_is_not_eight_plain_digits(text: str) -> None:
    assert not is_valid_cvr(text)


@given(
    st.from_regex(r"[1-9][0-9]{6}", fullmatch=True).filter(str.isascii), st.integers(0, 7), st.integers(1, 9)
)
def test_one_mistyped_cvr_digit_is_always_found(stem: str, place: int, shift: int) -> None:
    cvr = cvr_from(stem)
    if cvr is None:
        assert not any(is_valid_cvr(f"{stem}{digit}") for digit in range(10))
        return
    assert is_valid_cvr(cvr)
    mistyped = cvr[:place] + str((int(cvr[place]) + shift) % 10) + cvr[place + 1 :]
    assert not is_valid_cvr(mistyped)


@pytest.mark.parametrize("gtin", ["73513537", "036000291452", "4006381333931", "10614141000415"])
def test_published_gtins_of_each_length_are_valid(gtin: str) -> None:
    assert is_valid_gtin(gtin)
    assert not is_valid_gtin(gtin[:-1] + str((int(gtin[-1]) + 1) % 10))


@pytest.mark.parametrize("text", ["", "0" * 13, "40063813339311", "400638133393", "4006381 33393"])
def test_gtin_refuses_other_lengths_zeros_and_spaces(text: str) -> None:
    assert not is_valid_gtin(text)


@given(st.sampled_from([7, 11, 12, 13]), st.data())
def test_gtin_check_digit_is_the_only_one_that_fits(length: int, data: st.DataObject) -> None:
    stem = "".join(data.draw(st.lists(st.sampled_from("123456789"), min_size=length, max_size=length)))
    fitting = [digit for digit in range(10) if is_valid_gtin(f"{stem}{digit}")]
    assert [f"{stem}{digit}" for digit in fitting] == [gtin_from(stem)]


def test_lei_check_digits_by_iso_7064() -> None:
    # A is 10 and B is 11: 52990000000000001011 followed by 00 leaves 23 mod 97, and 98 - 23 = 75
    lei = lei_from("5299000000000000AB")
    assert lei == "5299000000000000AB75"
    assert is_valid_lei(lei)
    assert not is_valid_lei("5299000000000000AB76")
    assert not is_valid_lei(lei.lower())


@given(
    st.text("0123456789", min_size=18, max_size=18),
    st.integers(0, 19),
    st.integers(1, 9),
)
def test_one_mistyped_lei_digit_is_always_found(stem: str, place: int, shift: int) -> None:
    lei = lei_from(stem)
    assert is_valid_lei(lei)
    mistyped = lei[:place] + str((int(lei[place]) + shift) % 10) + lei[place + 1 :]
    assert not is_valid_lei(mistyped)


@pytest.mark.parametrize(
    "text",
    [
        "00000011-0000-4000-8000-000000000011",
        "urn:uuid:00000011-0000-4000-8000-00000000001A",
        "urn:uuid:00000011000040008000000000000011",
        "urn:uuid:00000011-0000-4000-8000-000000000011\n",
    ],
)
def test_other_spellings_of_a_subject_id_are_refused(text: str) -> None:
    assert not is_valid_urn_uuid(text)
    with pytest.raises(InvalidError) as refused:
        parse_subject_id(text, "/id")
    assert (refused.value.error_code, refused.value.path) == ("id.urn_uuid", "/id")


def test_parsers_return_the_number_or_say_which_one_is_wrong() -> None:
    assert parse_cvr("31000025") == "31000025"
    assert parse_gtin("4006381333931") == "4006381333931"
    text = "urn:uuid:00000011-0000-4000-8000-000000000011"
    assert parse_subject_id(text) == text
    for parse, code in (
        (parse_cvr, "id.cvr"),
        (parse_gtin, "id.gtin"),
        (parse_subject_id, "id.urn_uuid"),
    ):
        with pytest.raises(InvalidError) as refused:
            parse("12345", "/x")
        assert refused.value.error_code == code
