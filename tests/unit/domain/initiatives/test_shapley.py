"""The Shapley value against hand-worked games, its axioms, and the mean over all orders."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations, permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.domain.initiatives import shapley

F = Fraction
PLAYERS = ("a", "b", "c", "d")
SETS = [frozenset(chosen) for size in range(5) for chosen in combinations(PLAYERS, size)]
GAMES = st.lists(st.fractions(-9, 9, max_denominator=7), min_size=16, max_size=16).map(
    lambda worth: dict(zip(SETS, worth, strict=True))
)


def over_all_orders(worth: Mapping[frozenset[str], Fraction]) -> dict[str, Fraction]:
    """What each player adds when it comes, on average over the 24 orders of coming."""
    orders = list(permutations(PLAYERS))
    added = dict.fromkeys(PLAYERS, F(0))
    for order in orders:
        for place, player in enumerate(order):
            added[player] += worth[frozenset(order[: place + 1])] - worth[frozenset(order[:place])]
    return {player: total / len(orders) for player, total in added.items()}


def test_two_causes_by_hand() -> None:
    # 10 pieces x 3 kg = 30 kg become 12 pieces x 2 kg = 24 kg: 6 kg less.
    # pieces: half of (12 - 10) x 3 and of (12 - 10) x 2 = (6 + 4) / 2 = 5
    # kg per piece: half of 10 x (2 - 3) and of 12 x (2 - 3) = (-10 - 12) / 2 = -11; and 5 - 11 = -6
    def value(later: frozenset[str]) -> Fraction:
        return F(12 if "pieces" in later else 10) * (2 if "per_piece" in later else 3)

    assert shapley(value, ["pieces", "per_piece"]) == {"pieces": F(5), "per_piece": F(-11)}


def test_the_glove_game() -> None:
    # one left glove, two right ones, a pair is worth 1: the left comes after a right in 4 of 6 orders (2/3),
    # a given right makes the pair only when it comes just after the left (1/6)
    def value(held: frozenset[str]) -> Fraction:
        return F("left" in held and len(held) > 1)

    assert shapley(value, ["left", "right", "other"]) == {
        "left": F(2, 3),
        "right": F(1, 6),
        "other": F(1, 6),
    }


def test_without_players_there_is_nothing_to_share() -> None:
    assert shapley(lambda _: F(7), []) == {}


@settings(max_examples=40, deadline=None)
@given(GAMES)
def test_shares_are_the_mean_over_all_orders_and_sum_to_the_whole(
    worth: dict[frozenset[str], Fraction],
) -> None:
    shares = shapley(worth.__getitem__, PLAYERS)
    assert shares == over_all_orders(worth)
    assert sum(shares.values()) == worth[frozenset(PLAYERS)] - worth[frozenset()]
    assert list(shares) == list(PLAYERS)


@settings(max_examples=40, deadline=None)
@given(GAMES)
def test_players_that_do_the_same_get_the_same_and_one_that_does_nothing_gets_none(
    worth: dict[frozenset[str], Fraction],
) -> None:
    def blind(held: frozenset[str]) -> Fraction:
        """a and b count alike, and d not at all."""
        alike = {"a": "ab", "b": "ab", "c": "c"}
        kinds = sorted(alike[player] for player in held if player in alike)
        chosen = {(): "", ("ab",): "a", ("c",): "c", ("ab", "ab"): "ab", ("ab", "c"): "ac"}
        return worth[frozenset(chosen.get(tuple(kinds), "abc"))]

    shares = shapley(blind, PLAYERS)
    assert shares["a"] == shares["b"]
    assert shares["d"] == 0
