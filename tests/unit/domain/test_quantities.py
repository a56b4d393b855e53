"""Units convert exactly; the wire form is strict and canonical."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.domain.errors import InvalidError
from exchange.domain.quantities import (
    Dimension,
    Quantity,
    UnitCode,
    convert,
    decimal_to_wire,
    exact_decimal,
    in_unit,
    parse_decimal,
    parse_quantity,
    parse_unit,
)

WIRE_DECIMALS = st.decimals(0, 10**14, allow_nan=False, places=9)


@pytest.mark.parametrize(
    ("amount", "unit", "other", "expected"),
    [
        ("1", "KWH", "3B", "3.6"),
        ("1", "MWH", "GV", "3.6"),
        ("1", "GWH", "D30", "3.6"),
        ("7.2", "3B", "KWH", "2"),
        ("1000", "KJO", "3B", "1"),
        ("1", "GV", "JOU", "1000000000"),
        ("2.5", "TNE", "KGM", "2500"),
        ("120", "GRM", "KGM", "0.12"),
        ("1", "KGM", "MGM", "1000000"),
        ("3.5", "LTR", "MTQ", "0.0035"),
        ("1", "HLT", "LTR", "100"),
        ("1", "MTQ", "MLT", "1000000"),
        ("3", "PR", "H87", "6"),
        ("5", "SET", "C62", "5"),
        ("1.5", "KMT", "MTR", "1500"),
        ("1", "MTR", "CMT", "100"),
        ("1", "CMT", "MMT", "10"),
        ("1.2", "HAR", "MTK", "12000"),
        ("1", "KMK", "HAR", "100"),
        ("1.5", "HUR", "MIN", "90"),
        ("1", "DAY", "HUR", "24"),
        ("1", "MIN", "SEC", "60"),
        ("4", "TKM", "TKM", "4"),
    ],
)
def test_conversion_worked_by_hand(amount: str, unit: str, other: str, expected: str) -> None:
    converted = convert(Quantity(Decimal(amount), UnitCode(unit)), UnitCode(other))
    assert converted.to_wire() == {"amount": expected, "unit": other}


def test_rec_20_gv_is_gigajoule_and_gj_is_refused() -> None:
    assert parse_unit("GV") is UnitCode.GIGAJOULE
    with pytest.raises(InvalidError) as refused:
        parse_unit("GJ", "/unit")
    assert (refused.value.error_code, refused.value.path) == ("unit.unknown", "/unit")


def test_endless_decimal_asks_for_places() -> None:
    one = Quantity(Decimal(1), UnitCode.MEGAJOULE)
    with pytest.raises(InvalidError) as refused:
        convert(one, UnitCode.KILOWATT_HOUR)
    assert refused.value.error_code == "unit.inexact"
    assert convert(one, UnitCode.KILOWATT_HOUR, places=4).amount == Decimal("0.2778")
    assert in_unit(one, UnitCode.KILOWATT_HOUR) == Fraction(5, 18)


def test_rounding_is_half_to_even() -> None:
    two_and_a_half = Quantity(Decimal("2.5"), UnitCode.KILOGRAM)
    three_and_a_half = Quantity(Decimal("3.5"), UnitCode.KILOGRAM)
    assert convert(two_and_a_half, UnitCode.KILOGRAM, places=0).amount == 2
    assert convert(three_and_a_half, UnitCode.KILOGRAM, places=0).amount == 4


def test_another_dimension_is_refused() -> None:
    with pytest.raises(InvalidError) as refused:
        convert(Quantity(Decimal(1), UnitCode.KILOGRAM), UnitCode.LITRE)
    assert refused.value.error_code == "unit.dimension"
    assert "mass" in refused.value.detail
    assert "volume" in refused.value.detail


@given(WIRE_DECIMALS, st.sampled_from(UnitCode), st.data())
def test_conversion_there_and_back_is_the_same_quantity(
    amount: Decimal, unit: UnitCode, data: st.DataObject
) -> None:
    other = data.draw(st.sampled_from([one for one in UnitCode if one.dimension is unit.dimension]))
    there = in_unit(Quantity(amount, unit), other)
    assert there * other.factor / unit.factor == Fraction(amount)


@given(WIRE_DECIMALS)
def test_wire_string_reads_back_as_the_same_number_and_is_canonical(amount: Decimal) -> None:
    text = decimal_to_wire(amount)
    assert parse_decimal(text) == amount
    assert decimal_to_wire(parse_decimal(text)) == text
    assert "E" not in text


@given(st.fractions(max_denominator=10**6))
def test_exact_decimal_is_equal_or_refused(amount: Fraction) -> None:
    try:
        assert Fraction(exact_decimal(amount)) == amount
    except InvalidError as error:
        assert error.error_code == "unit.inexact"
        rest = amount.denominator
        for prime in (2, 5):
            while rest % prime == 0:
                rest //= prime
        assert rest > 1


def test_digits_beyond_the_decimal_context_survive() -> None:
    long = Quantity(Decimal("123456789012345.123456789012"), UnitCode.TONNE)
    assert convert(long, UnitCode.KILOGRAM).amount == Decimal("123456789012345123.456789012")
    with pytest.raises(InvalidError) as refused:
        convert(long, UnitCode.KILOGRAM).to_wire()
    assert refused.value.error_code == "quantity.range"


@pytest.mark.parametrize(
    ("amount", "wire"),
    [
        ("1E+3", "1000"),
        ("12.50", "12.5"),
        ("-0.0", "0"),
        ("0", "0"),
        ("1E-12", "0.000000000001"),
        ("100", "100"),
    ],
)
def test_canonical_wire_string(amount: str, wire: str) -> None:
    assert decimal_to_wire(Decimal(amount)) == wire


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1E+15", "1E-13"])
def test_amounts_the_wire_cannot_hold_are_refused(amount: str) -> None:
    with pytest.raises(InvalidError) as refused:
        decimal_to_wire(Decimal(amount))
    assert refused.value.error_code == "quantity.range"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+1",
        "1e3",
        "01",
        ".5",
        "5.",
        "1,5",
        "NaN",
        "Infinity",
        "１",
        " 1",
        "1\n",
        "1" * 16,
        12,
        None,
        True,
    ],
)
def test_other_spellings_of_an_amount_are_refused(text: object) -> None:
    with pytest.raises(InvalidError) as refused:
        parse_decimal(text)
    assert refused.value.error_code == "quantity.amount"


def test_negative_amount_needs_a_place_where_it_has_meaning() -> None:
    with pytest.raises(InvalidError) as refused:
        parse_quantity({"amount": "-1", "unit": "KGM"}, "/indicators/co2e/own")
    assert (refused.value.error_code, refused.value.path) == (
        "quantity.negative",
        "/indicators/co2e/own/amount",
    )
    assert parse_quantity({"amount": "-1", "unit": "KGM"}, signed=True).amount == -1


@pytest.mark.parametrize(
    "value", [None, "1 KGM", {}, {"amount": "1"}, {"amount": "1", "unit": "KGM", "x": 1}]
)
def test_a_quantity_has_exactly_amount_and_unit(value: object) -> None:
    with pytest.raises(InvalidError) as refused:
        parse_quantity(value)
    assert refused.value.error_code == "quantity.shape"


def test_every_unit_has_a_dimension_and_a_positive_factor() -> None:
    assert all(unit.factor > 0 for unit in UnitCode)
    assert {unit.dimension for unit in UnitCode} == set(Dimension)
