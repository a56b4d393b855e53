"""The Shapley value: one whole shared among its causes so that no order of them is preferred.

L. S. Shapley, "A value for n-person games" (1953). With S running over the sets of players without i:
phi(i) = sum of |S|! (n - |S| - 1)! / n! x (v(S with i) - v(S)). The shares sum exactly to v(all) - v(none),
players that do the same get the same, and one that changes nothing gets 0.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from fractions import Fraction
from itertools import combinations
from math import factorial
from typing import TypeVar

Player = TypeVar("Player", bound=Hashable)


def shapley(
    value: Callable[[frozenset[Player]], Fraction], players: Sequence[Player]
) -> dict[Player, Fraction]:
    """Each player's share of v(all) - v(none), exactly, in the players' order.

    `value` is asked once per set of players: 2 to the power of their number.
    """
    count = len(players)
    worth = {
        chosen: value(chosen)
        for size in range(count + 1)
        for chosen in map(frozenset, combinations(players, size))
    }
    weight = [
        Fraction(factorial(size) * factorial(count - size - 1), factorial(count)) for size in range(count)
    ]
    return {
        player: sum(
            (
                weight[len(chosen)] * (worth[chosen | {player}] - worth[chosen])
                for chosen in worth
                if player not in chosen
            ),
            Fraction(0),
        )
        for player in players
    }
