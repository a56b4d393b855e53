"""Conservation and the identity of demand and activity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from exchange.engine import Network, solve
from exchange.engine.identities import activity_identity, conservation, four_parts
from tests.unit.engine.networks import Parts, parts


def test_closed_books_lose_nothing() -> None:
    # 100 MWh heat, 10 of them into 50 t steel, 40 t of it into 20 machines
    network = Network.from_flows([0, 1], [1, 2], [10, 40], [100, 50, 20], [[200.0], [25.0], [4.0]])
    (result,) = conservation(solve(network), [100, 50, 20])
    # leaving: 90 MWh x 2 + 10 t x 0.9 + 20 machines x 2.0 = 229 = 200 + 25 + 4
    assert result.left == pytest.approx(229)
    assert result.right == pytest.approx(229)
    assert result.passed


def test_a_wrong_footprint_fails_both_identities() -> None:
    network = Network.from_flows([0, 1], [1, 2], [10, 40], [100, 50, 20], [[200.0], [25.0], [4.0]])
    solution = solve(network)
    wrong = replace(solution, footprints=solution.footprints * np.array([[1.0], [1.001], [1.0]]))
    assert not conservation(wrong, [100, 50, 20])[0].passed
    assert not activity_identity(wrong, [0, 1.0, 0])[0].passed


def test_parts_that_do_not_sum_to_the_footprint_fail() -> None:
    solution = solve(Network.from_edges([], [], [], [[2.0]]))
    assert four_parts(solution, np.array([[[1.0, 0.5, 0.5, 0.0]]]))[0].passed
    assert not four_parts(solution, np.array([[[1.0, 0.5, 0.4, 0.0]]]))[0].passed


@settings(max_examples=40, deadline=None)
@given(parts())
def test_both_identities_hold_under_every_pattern_of_declared_values(random: Parts) -> None:
    network = random.network()
    solution = solve(network)
    amounts = np.random.default_rng(network.size).random(network.size)
    for result in (*activity_identity(solution, amounts), *conservation(solution, amounts)):
        assert result.passed, result
