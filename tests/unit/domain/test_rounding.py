"""Digits by the error bound, and shares that sum to one, by hand."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.domain.rounding import difference, promised_digits, rounded, shares_of_one

D = Decimal


@pytest.mark.parametrize(
    ("error_bound", "digits"),
    [(0.0, 9), (1e-12, 9), (4e-10, 9), (6e-10, 8), (4e-5, 4), (1e-4, 3), (0.4, 1), (0.5, 0), (2.0, 0)],
)
def test_a_digit_is_promised_where_the_error_is_at_most_half_of_it(error_bound: float, digits: int) -> None:
    assert promised_digits(error_bound) == digits


@pytest.mark.parametrize("error_bound", [math.inf, math.nan])
def test_a_bound_that_is_no_number_promises_nothing(error_bound: float) -> None:
    assert promised_digits(error_bound) == 0


def test_figures_are_cut_to_the_digits_promised() -> None:
    assert rounded(1234.56789) == D("1234.56789")
    assert rounded(1234.56789, 3) == D(1230)
    assert rounded(320 / 90) == D("3.55555556")


def test_a_difference_has_no_digits_below_those_of_the_whole() -> None:
    assert difference(D("90"), D("0.5"), 9) == D("89.5")
    assert difference(D("1230"), D("1.23"), 3) == D(1230)  # the last digit of 1 230 is its tens
    assert difference(D("1230"), D("1230"), 3) == 0
    assert difference(D("1230"), D("1229"), 3) == 0
    assert difference(D("100"), D("120"), 9) == D(-20)


def test_shares_are_rounded_by_largest_remainder() -> None:
    # thirds: 333 333.3 each, the one unit left goes to the first of equal remainders
    assert shares_of_one([1.0, 1.0, 1.0, 0.0]) == (D("0.333334"), D("0.333333"), D("0.333333"), D(0))
    # three shares of 0.3333335 would round up to 1.000002 together and leave the last below nothing
    assert shares_of_one([0.0, 0.3333335, 0.3333335, 0.333333]) == (
        D(0),
        D("0.333334"),
        D("0.333333"),
        D("0.333333"),
    )


def test_there_are_no_shares_of_nothing() -> None:
    assert shares_of_one([float("nan")] * 4) is None
    assert shares_of_one([0.0] * 4) is None


@given(st.lists(st.floats(-1e-9, 1e12), min_size=4, max_size=4))
def test_shares_lie_between_0_and_1_and_sum_to_exactly_1(parts: list[float]) -> None:
    shares = shares_of_one(parts)
    if shares is not None:
        assert sum(shares) == 1
        assert all(0 <= share <= 1 for share in shares)
