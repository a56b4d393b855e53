"""Declared footprints beside what the recipes add up to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from exchange.engine import Network, reconcile, solve
from exchange.engine.errors import ShapeError
from exchange.engine.network import Floats
from exchange.engine.reconciliation import Reconciliation
from tests.unit.engine.networks import Parts, close, dense_footprints, parts

NAN = float("nan")


def bracket(fixed: float = 9.0) -> Network:
    """Columns co2e, water; steel (1, 2) into a bracket (0.5, 0.25), 3 units; the bracket declares co2e."""
    return Network.from_edges([0], [1], [3.0], [[1.0, 2.0], [0.5, 0.25]], [[NAN, NAN], [fixed, NAN]])


def test_a_declared_value_stands_beside_its_recipe() -> None:
    result = reconcile(solve(bracket()))
    assert (result.products.tolist(), result.columns.tolist()) == ([1], [0])
    # 0.5 + 3 x 1 = 3.5 by recipe, 9 declared
    assert (result.declared.tolist(), result.rolled_up.tolist()) == ([9.0], [3.5])
    assert result.difference.tolist() == [5.5]
    assert result.counts.tolist() == [True]


def test_where_the_recipe_counts_the_declared_value_stands_beside_it() -> None:
    # steel states 1.1 kg CO2e and the bracket 6 m3, and neither counts
    result = reconcile(solve(bracket()), [[1.1, NAN], [9.0, 6.0]])
    assert (result.products.tolist(), result.columns.tolist()) == ([0, 1, 1], [0, 0, 1])
    assert result.declared.tolist() == [1.1, 9.0, 6.0]
    assert result.rolled_up.tolist() == [1.0, 3.5, 6.25]
    assert result.counts.tolist() == [False, True, False]


def test_what_counts_is_read_also_where_it_is_not_among_the_stated() -> None:
    result = reconcile(solve(bracket()), [[1.1, NAN], [NAN, NAN]])
    assert result.declared.tolist() == [1.1, 9.0]
    assert result.counts.tolist() == [False, True]


def test_a_product_without_a_recipe_adds_up_to_nothing_known() -> None:
    network = Network.from_edges([], [], [], [[0.0, 0.0], [0.0, 2.0]], [[3.0, NAN], [4.0, NAN]])
    result = reconcile(solve(network))
    assert np.isnan(result.rolled_up[0])
    assert result.rolled_up[1] == 0.0  # it states its water, so that it emits nothing is a statement


def test_nothing_declared_is_nothing_to_reconcile() -> None:
    assert reconcile(solve(Network.from_edges([], [], [], [[1.0]]))).products.size == 0


@pytest.mark.parametrize("stated", [[[1.0]], [[np.inf, NAN], [NAN, NAN]]])
def test_what_does_not_fit_is_refused(stated: list[list[float]]) -> None:
    with pytest.raises(ShapeError):
        reconcile(solve(bracket()), stated)


@settings(max_examples=40, deadline=None)
@given(parts(declared=0.4))
def test_the_rolled_up_reading_is_one_step_of_the_recipe(random: Parts) -> None:
    network = random.network()
    result = reconcile(solve(network))
    assert network.declared.sum() == result.products.size
    assert (network.fixed[result.products, result.columns] == result.declared).all()
    expected = network.direct + network.amounts.toarray() @ dense_footprints(network)
    assert close(_table(result, expected), expected)


@settings(max_examples=40, deadline=None)
@given(parts(declared=0.4))
def test_where_recipes_count_the_rolled_up_reading_is_the_footprint(random: Parts) -> None:
    declared = random.network()
    network = Network(declared.amounts, declared.direct, np.full_like(declared.fixed, NAN))
    result = reconcile(solve(network), declared.fixed)
    assert not result.counts.any()
    assert result.products.size == declared.declared.sum()
    expected = dense_footprints(network)
    assert close(_table(result, expected), expected)


def _table(result: Reconciliation, expected: Floats) -> Floats:
    """The rolled-up readings in their places among what is expected, which stands where there is none."""
    table, read = expected.copy(), ~np.isnan(result.rolled_up)
    table[result.products[read], result.columns[read]] = result.rolled_up[read]
    return table
