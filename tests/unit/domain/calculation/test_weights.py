"""What a product counts for in a key, and what a key cannot do without."""

from __future__ import annotations

from fractions import Fraction

import pytest

from exchange.domain.calculation.account import Key, KeyMethod, Output, Product
from exchange.domain.calculation.weights import Weights, check_shares, weights_of
from exchange.domain.errors import InvalidError
from exchange.domain.periods import Period
from exchange.domain.quantities import UnitCode
from tests.unit.domain.calculation.cases import PIECE, YEAR, key, months, output, product

GRAM, PAIR = UnitCode.GRAM, UnitCode.PAIR


def weights(
    one: Key, products: list[Product], outputs: list[Output], in_windows: tuple[Period, ...] = (YEAR,)
) -> Weights:
    """The weights of a key over products."""
    return weights_of(one, {each.id: each for each in products}, outputs, in_windows)


def share(found: Weights, name: str, window: int = 0) -> Fraction:
    """The share a product gets of a window."""
    return Fraction(found.of_product[name][window], found.whole[window])


def test_mass_counts_kilograms_whatever_the_product_is_counted_in() -> None:
    """a: 2 000 g = 2 kg; b: 4 pieces of 1.5 kg = 6 kg; c: 1 pair of 2 kg each pair = 2 kg."""
    found = weights(
        key(),
        [product("a", GRAM), product("b", PIECE, "1.5"), product("c", PAIR, "2")],
        [
            output("a", "2000", unit=GRAM),
            output("b", "4", unit=PIECE),
            output("c", "2", unit=PIECE),
        ],
    )
    assert [share(found, name) for name in "abc"] == [Fraction(1, 5), Fraction(3, 5), Fraction(1, 5)]


def test_pieces_hours_and_revenue() -> None:
    """Two pairs are four pieces; 1.25 of 5 hours are a quarter; 30 of 40 DKK three quarters."""
    products = [product("a", PAIR), product("b", PIECE)]
    outputs = [
        output("a", "2", unit=PAIR, hours="1.25", revenue="30"),
        output("b", "12", unit=PIECE, hours="3.75", revenue="10"),
    ]
    found = {
        method: share(weights(key(method), products, outputs), "a")
        for method in (KeyMethod.PIECES, KeyMethod.MACHINE_HOURS, KeyMethod.ECONOMIC)
    }
    assert list(found.values()) == [Fraction(1, 4), Fraction(1, 4), Fraction(3, 4)]


def test_each_output_counts_in_the_window_it_lies_in() -> None:
    outputs = [output("a", "1", months(1)), output("b", "3", months(1)), output("b", "5", months(2))]
    found = weights(key(), [product("a"), product("b")], outputs, (months(1), months(2), months(3)))
    assert [share(found, "a", 0), share(found, "b", 1)] == [Fraction(1, 4), 1]
    assert found.whole[2] == 0 and found.unspread[2] == found.denominator  # nothing made: all of it is rest


def test_stated_shares_hold_in_every_window_and_leave_what_they_leave() -> None:
    found = weights(key(KeyMethod.SHARES, a="0.5", b="0.3"), [], [], (months(1), months(2)))
    assert [share(found, "a", 1), share(found, "b", 1)] == [Fraction(1, 2), Fraction(3, 10)]
    assert Fraction(found.unspread[0], found.denominator) == Fraction(1, 5)
    assert not found.is_sole


def test_metered_gives_nothing_by_itself() -> None:
    found = weights(key(KeyMethod.METERED), [product("a")], [output("a", "1")])
    assert (found.products, found.unspread) == ((), (1,))


def test_a_key_of_a_thousand_per_cent_names_its_rows() -> None:
    stated = key(KeyMethod.SHARES, a="6", b="4")
    with pytest.raises(InvalidError) as refused:
        weights(stated, [], [])
    assert refused.value.error_code == "key.above_whole"
    assert refused.value.detail == "The key 'shares' gives away 1000 % of what there is: a 600 %, b 400 %."
    assert refused.value.path == "/keys/key"


def test_shares_are_at_most_the_whole_and_none_is_below_zero() -> None:
    assert check_shares(key(KeyMethod.SHARES, a="0.6", b="0.4")) == []
    assert [one.code for one in check_shares(key(KeyMethod.SHARES, a="0.6", b="0.401"))] == [
        "key.above_whole"
    ]
    assert [one.code for one in check_shares(key(KeyMethod.SHARES, a="1.1", b="-0.2"))] == ["key.below_zero"]


@pytest.mark.parametrize(
    ("method", "made", "code", "lacking"),
    [
        (KeyMethod.MASS, product("a", PIECE), "key.unit", "its mass per unit"),
        (KeyMethod.PIECES, product("a"), "key.unit", "a count of pieces"),
        (KeyMethod.MACHINE_HOURS, product("a"), "key.data", "its machine hours"),
        (KeyMethod.ECONOMIC, product("a"), "key.data", "its revenue"),
    ],
)
def test_what_a_key_needs_and_does_not_have_is_named(
    method: KeyMethod, made: Product, code: str, lacking: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        weights(key(method), [made, product("b")], [output("a", "1", unit=made.unit)])
    assert refused.value.error_code == code
    assert lacking in refused.value.detail and "'A'" in refused.value.detail


def test_a_sole_product_needs_no_measure() -> None:
    heat = product("heat", UnitCode.KILOWATT_HOUR)
    found = weights(key(), [heat], [output("heat", "500", unit=UnitCode.KILOWATT_HOUR)])
    assert (list(found.by_window[0]), found.whole, found.is_sole) == ([500], (500,), True)
