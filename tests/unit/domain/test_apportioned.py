"""Parts of a released total sum to it, each within one unit of its last digit."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from exchange.domain.rounding import apportioned, last_digit, rounded

D = Decimal


def test_what_rounding_leaves_goes_to_those_that_lost_most() -> None:
    # 1/3, 1/3, 1/3 of 1.00 at two decimals, 0.33 + 0.33 + 0.33: the first gets the cent
    assert apportioned([1 / 3, 1 / 3, 1 / 3], D("1"), D("0.01")) == (D("0.34"), D("0.33"), D("0.33"))
    assert apportioned([80.004, 9.996], D(90), last_digit(D(90), 4)) == (D("80"), D("10"))
    assert apportioned([-2.6, 1.1], D("-1"), D(1)) == (D(-2), D(1))
    assert apportioned([], D(0), D(1)) == ()


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.integers(1, 9))
def test_parts_sum_to_the_total_and_stay_near_what_they_were(parts: list[float], digits: int) -> None:
    largest = rounded(max(abs(part) for part in parts), digits)
    unit = last_digit(largest, digits)
    total = sum((D(repr(part)) for part in parts), D(0)).quantize(unit)
    cut = apportioned(parts, total, unit)
    assert sum(cut, D(0)) == total
    assert all(abs(one - D(repr(part))) <= 2 * unit for one, part in zip(cut, parts, strict=True))
