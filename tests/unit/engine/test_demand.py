"""Targets inside targets are counted once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from exchange.engine import Network, solve
from exchange.engine.demand import final_demand
from tests.unit.engine.networks import Parts, parts


def test_one_target_is_demanded_as_it_stands() -> None:
    solution = solve(Network.from_edges([0], [1], [2.0], [[1.0], [1.0]]))
    assert final_demand(solution, {1: 5.0}, 0).tolist() == [0.0, 5.0]


def test_a_target_used_by_another_target_is_not_counted_twice() -> None:
    # 5 chairs take 10 kg of the 12 kg wood: 2 kg leave; 5 x 3 + 2 x 1 = 17
    solution = solve(Network.from_edges([0], [1], [2.0], [[1.0], [1.0]]))
    demand = final_demand(solution, {0: 12.0, 1: 5.0}, 0)
    assert demand == pytest.approx([2.0, 5.0])
    assert solution.total(demand) == pytest.approx([17.0])


def test_a_target_reached_through_a_product_between_is_not_counted_twice_either() -> None:
    solution = solve(Network.from_edges([0, 1], [1, 2], [2.0, 3.0], [[1.0], [0.0], [0.0]]))
    assert final_demand(solution, {0: 60.0, 2: 5.0}, 0) == pytest.approx([30.0, 0.0, 5.0])


def test_a_target_the_others_need_more_of_leaves_nothing() -> None:
    solution = solve(Network.from_edges([0], [1], [2.0], [[1.0], [1.0]]))
    assert final_demand(solution, {0: 4.0, 1: 5.0}, 0) == pytest.approx([0.0, 5.0])


def test_targets_in_a_loop_share_what_leaves() -> None:
    # outputs 10 and 10, each needs 0.5 of the other: 5 and 5 leave
    solution = solve(Network.from_edges([0, 1], [1, 0], [0.5, 0.5], [[1.0], [2.0]]))
    assert final_demand(solution, {0: 10.0, 1: 10.0}, 0) == pytest.approx([5.0, 5.0])


@settings(max_examples=40, deadline=None)
@given(parts(declared=0.0))
def test_when_everything_is_a_target_the_total_is_at_least_all_own_effects_once(random: Parts) -> None:
    network = random.network()
    solution = solve(network)
    amounts = {node: 1.0 for node in range(network.size)}
    demand = final_demand(solution, amounts, 0)
    activity = solution.activity(demand)
    assert (activity >= 1 - 1e-6).all()
    assert ((demand == 0) | (np.abs(activity - 1) < 1e-6)).all()
