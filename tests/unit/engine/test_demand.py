"""Targets inside targets are counted once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.engine import Network, Solution, solve
from exchange.engine.demand import final_demand
from exchange.engine.errors import ShapeError
from exchange.engine.network import Floats, Ids
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


def test_a_target_that_uses_itself_leaves_the_rest_of_its_output() -> None:
    solution = solve(Network.from_edges([0], [0], [0.2], [[1.0]]))
    assert final_demand(solution, {0: 10.0}, 0) == pytest.approx([8.0])


def test_behind_a_declared_target_no_other_target_is_counted() -> None:
    nan = float("nan")
    network = Network.from_edges([0], [1], [2.0], [[1.0, 1.0]] * 2, [[nan, nan], [9.0, nan]])
    assert final_demand(solve(network), {0: 12.0, 1: 5.0}, 0).tolist() == [12.0, 5.0]
    assert final_demand(solve(network), {0: 12.0, 1: 5.0}, 1) == pytest.approx([2.0, 5.0])


def test_no_targets_demand_nothing() -> None:
    assert final_demand(solve(Network.from_edges([0], [0], [0.2], [[1.0]])), {}, 0).tolist() == [0.0]


@pytest.mark.parametrize("amounts", [{2: 1.0}, {-1: 1.0}, {0: float("nan")}])
def test_targets_that_cannot_be_are_refused(amounts: dict[int, float]) -> None:
    with pytest.raises(ShapeError):
        final_demand(solve(Network.from_edges([0], [1], [2.0], [[1.0], [1.0]])), amounts, 0)


@settings(max_examples=40, deadline=None)
@given(parts(), st.integers(0, 10**6))
def test_demand_is_what_a_dense_inverse_leaves_of_the_targets(random: Parts, seed: int) -> None:
    """Least outputs above the amounts, and each either just its amount or nothing left over."""
    network, source = random.network(), np.random.default_rng(seed)
    targets = np.flatnonzero(source.random(network.size) < 0.5)
    amounts = source.random(targets.size) * source.choice([0.1, 1.0, 10.0], targets.size)
    solution = solve(network)
    demand = final_demand(solution, dict(zip(targets.tolist(), amounts.tolist(), strict=True)), 0)
    assert not np.delete(demand, targets).any()
    recipes = np.where(network.declared[:, [0]], 0.0, network.amounts.toarray())
    output = np.linalg.solve(np.eye(network.size) - recipes.T, demand)[targets]
    visible = _visible(solution, output, targets)
    assert (demand >= 0).all()
    assert (output >= amounts - visible).all()
    assert ((demand[targets] == 0) | (np.abs(output - amounts) <= visible)).all()


@settings(max_examples=40, deadline=None)
@given(parts(declared=0.0))
def test_when_everything_is_a_target_the_total_is_at_least_all_own_effects_once(random: Parts) -> None:
    network = random.network()
    solution = solve(network)
    amounts = {node: 1.0 for node in range(network.size)}
    demand = final_demand(solution, amounts, 0)
    activity = solution.activity(demand)
    visible = _visible(solution, activity, np.arange(network.size))
    assert (activity >= 1 - visible).all()
    assert ((demand == 0) | (np.abs(activity - 1) < visible)).all()


def _visible(solution: Solution, output: Floats, targets: Ids) -> Floats:
    """What of each target's output would be seen in the total: activities are as exact as effects need them."""
    size = solution.certificate.upper[targets]
    return np.asarray(1e-9 * (size @ output) / size)
