"""What a network accepts, and the two ways to build one."""

from __future__ import annotations

import numpy as np
import pytest

from exchange.engine import Network, solve
from exchange.engine.errors import BalanceError, EngineError, ShapeError, ZeroOutputError


def test_flows_and_coefficients_give_the_same_network() -> None:
    # 40 t of steel go into 20 machines: 2 t each; 10 of 100 MWh heat go into the steel works' 50 t
    flows = Network.from_flows([0, 1], [1, 2], [10, 40], [100, 50, 20], [[200.0], [25.0], [4.0]])
    edges = Network.from_edges([0, 1], [1, 2], [0.2, 2.0], [[2.0], [0.5], [0.2]])
    assert np.allclose(flows.amounts.toarray(), edges.amounts.toarray())
    assert np.allclose(solve(flows).footprints, [[2.0], [0.9], [2.0]])
    assert np.allclose(solve(edges).footprints, [[2.0], [0.9], [2.0]])


def test_delivering_more_than_was_produced_is_refused() -> None:
    with pytest.raises(BalanceError) as refusal:
        Network.from_flows([0], [1], [11], [10, 5], [[1.0], [1.0]])
    assert refusal.value.code == "engine.balance"
    assert refusal.value.nodes == (0,)


def test_stock_drawn_may_be_delivered() -> None:
    network = Network.from_flows([0], [1], [11], [10, 5], [[1.0], [1.0]], stock_drawn=[1, 0])
    assert network.amounts.toarray()[1, 0] == pytest.approx(2.2)


def test_a_period_without_output_is_refused_when_effects_arose() -> None:
    with pytest.raises(ZeroOutputError):
        Network.from_flows([], [], [], [10, 0], [[1.0], [1.0]])


def test_a_link_of_amount_zero_is_no_link() -> None:
    network = Network.from_edges([0, 1], [1, 0], [0.0, 0.5], [[1.0], [2.0]])
    assert network.amounts.nnz == 1


def test_parallel_links_add_up() -> None:
    network = Network.from_edges([0, 0], [1, 1], [0.25, 0.5], [[4.0], [0.0]])
    assert solve(network).footprints[1, 0] == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("supplier", "customer", "per_unit", "direct"),
    [
        ([0], [2], [1.0], [[1.0], [1.0]]),
        ([-1], [0], [1.0], [[1.0]]),
        ([0.5], [0], [0.1], [[1.0]]),
        ([0], [0], [-0.1], [[1.0]]),
        ([0], [0], [np.nan], [[1.0]]),
        ([0], [0], [np.inf], [[1.0]]),
        ([0, 0], [0], [0.1], [[1.0]]),
        ([0], [0], [0.1], [[np.nan]]),
        ([0], [0], [0.1], [1.0]),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    supplier: list[float], customer: list[int], per_unit: list[float], direct: list[object]
) -> None:
    with pytest.raises(ShapeError):
        Network.from_edges(supplier, customer, per_unit, direct)


def test_declared_values_must_fit_the_direct_effects() -> None:
    with pytest.raises(EngineError):
        Network.from_edges([], [], [], [[1.0], [2.0]], [[np.nan]])
