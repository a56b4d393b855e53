"""Who is to blame where a network cannot be solved: the fewest that stand in the way, and nobody downstream of them."""

from __future__ import annotations

import numpy as np
import pytest

from exchange.engine import Network
from exchange.engine.blame import blame, blame_loops
from exchange.engine.loops import gaining_loops


def network(supplier: list[int], customer: list[int], per_unit: list[float], own: list[float]) -> Network:
    return Network.from_edges(supplier, customer, per_unit, np.array(own)[:, None])


def everybody(loop: tuple[int, ...]) -> tuple[int, ...]:
    return loop


def test_loops_apart_from_each_other_are_told_one_by_one() -> None:
    # 0 and 1 gain 1.5 (2.25 around), 2 alone gains 0.5, 3 alone 1; 4 takes from all
    apart = network([1, 0, 2, 3, 0], [0, 1, 2, 3, 4], [1.5, 1.5, 0.5, 1.0, 1.0], [1.0] * 5)
    assert gaining_loops(apart.amounts) == ((0, 1), (3,))
    assert gaining_loops(apart.amounts, 0.4) == ((0, 1), (2,), (3,))


def test_recipes_are_set_aside_until_no_loop_gains() -> None:
    # 1 and 2 each take 5 of 0, which takes 1 of each: set aside by the lowest number but 0
    hub = network([0, 0, 1, 2], [1, 2, 0, 0], [5.0, 5.0, 1.0, 1.0], [1.0] * 3)
    found = blame_loops(hub.amounts, lambda loop: [max(loop)])
    assert (found.nodes, found.concerned, found.in_loops) == ((1, 2), (0, 1, 2), True)
    assert blame_loops(hub.amounts, lambda loop: ()).nodes != ()


@pytest.mark.parametrize("gain", [1 - 1e-7, 1 - 1e-11, 1 - 1e-12])
def test_a_product_that_takes_nearly_all_of_itself_is_to_blame_and_its_customer_is_not(gain: float) -> None:
    slow = network([0, 0, 2], [0, 1, 1], [gain, 1.0, 4.0], [1.0, 1.0, 2.0])
    assert blame(slow, everybody).nodes == (0,)


@pytest.mark.parametrize("per_unit", [1e12, 1e-12])
def test_the_first_product_of_a_tower_beyond_what_is_real_is_to_blame(per_unit: float) -> None:
    # product i has 1e12 (or 1e-12) to the i-th of the first; the ninth is the first beyond 1e100
    places = list(range(17))
    tower = network(places, [one + 1 for one in places], [per_unit] * 17, [1.0] + [0.0] * 17)
    assert blame(tower, everybody).nodes == (9,)


def test_nobody_is_to_blame_in_a_network_of_real_amounts() -> None:
    fine = network([0, 1], [1, 0], [0.5, 0.9], [1.0, 1e-12])
    assert blame(fine, everybody).nodes == ()
