"""A chain's part of a solved network says what the whole says of it, and a group's outside is counted once."""

from __future__ import annotations

import numpy as np
import pytest

from exchange.engine import Network, solve
from exchange.engine.chain_part import ChainPart, chain_part
from exchange.engine.network_arrays import NetworkArrays
from exchange.engine.quality import Quality


def part_of(network: Network, *products: int) -> ChainPart:
    size, columns = network.size, network.columns
    shares = np.zeros((size, columns, 4))
    shares[:, :, 0] = 1.0
    flags = np.zeros((size, columns), dtype=bool)
    arrays = NetworkArrays(
        network, network.amounts, shares, shares, np.ones(size), network.fixed, ~flags, flags, np.ones(size)
    )
    solution = solve(network)
    return chain_part(arrays, solution, Quality(solution.footprints[:, :, None] * shares), products)


def test_a_part_holds_what_stands_behind_and_its_footprints() -> None:
    # 0 ore 2; 1 steel 0.5 + 1.1 ore; 2 bracket 0.4 + 1.2 steel; 3 nobody's supplier here
    network = Network.from_edges([0, 1], [1, 2], [1.1, 1.2], [[2.0], [0.5], [0.4], [9.0]])
    part = part_of(network, 2)
    assert part.numbers == (0, 1, 2)
    assert part.solution.footprints[:, 0].tolist() == pytest.approx([2, 2.7, 3.64])
    assert part.largest.tolist() == pytest.approx([3.64])
    assert part.active(np.array([0.0, 0.0, 10.0]), 0) == pytest.approx({0: 13.2, 1: 12, 2: 10})
    assert part.behind(2, 0) == (0, 1, 2)


def test_what_comes_back_by_way_of_others_is_not_counted_again() -> None:
    # member 0 makes 10 and takes 2 of outsider 1, which takes 0.5 of member 0 for each: the outside is 20 x 1 = 20
    network = Network.from_edges([1, 0], [0, 1], [2.0, 0.25], [[5.0], [1.0]])
    part = part_of(network, 0)
    assert part.outside({0: 10.0}, (), 0) == pytest.approx({1: 20})


def test_members_deliveries_to_each_other_are_no_upstream() -> None:
    # 0 goes into 1, both members; 1 takes 3 of outsider 2
    network = Network.from_edges([0, 2], [1, 1], [4.0, 3.0], [[2.0], [1.0], [7.0]])
    part = part_of(network, 0, 1)
    assert part.outside({0: 40.0, 1: 10.0}, (), 0) == pytest.approx({2: 30})


def test_an_insider_without_output_is_no_upstream() -> None:
    # 1 makes 100 and takes 4 of 0, whose output is not stated, and 2 of outsider 2; behind 0 stand 3 of 2
    network = Network.from_edges([0, 2, 2], [1, 1, 0], [4.0, 2.0, 3.0], [[2.0], [1.0], [7.0]])
    part = part_of(network, 1)
    assert part.outside({1: 100.0}, (), 0) == pytest.approx({0: 400, 2: 1400})
    assert part.outside({1: 100.0}, (0, 1), 0) == pytest.approx({2: 200})


def test_a_strangers_slow_loop_does_not_widen_the_bound_of_a_part() -> None:
    # 0 steel 2.1; 1 chair 1.1 + 4.1 steel; 2 takes 0.99999999995 of itself
    network = Network.from_edges(
        [0, 2], [1, 2], [4.1234567, 0.99999999995], [[2.1234567], [1.1234567], [1.0]]
    )
    assert solve(network).error_bound[0] > 1e-6
    assert part_of(network, 1).solution.error_bound[0] < 1e-13


def test_a_recipe_that_is_declared_over_is_followed_only_when_asked_for() -> None:
    network = Network.from_edges([0], [1], [2.0], [[1.0, 1.0], [0.0, 0.0]], [[np.nan] * 2, [5.0, np.nan]])
    part = part_of(network, 1)
    assert part.active(np.array([0.0, 3.0]), 0) == {1: 3.0}
    assert part.behind(1, 0) == (0, 1)
    assert part.has_negatives == (False, False)
