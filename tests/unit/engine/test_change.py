"""One changed product, exactly: the same as solving the changed network."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.engine import Network, change, solve
from exchange.engine.cone import upstream
from exchange.engine.errors import LoopError, ShapeError
from tests.unit.engine.networks import Parts, dense_footprints, parts
from tests.unit.engine.test_attribution import chair

NAN = float("nan")


def test_a_leg_of_less_wood() -> None:
    # leg 1 + 0.5 x 3 = 2.5 becomes 1 + 0.25 x 3 = 1.75: the chair saves 4 x 0.75 = 3
    result = change(solve(chair()), 1, recipe={0: 0.25})
    assert result.difference[:, 0].tolist() == [0, -0.75, 0, -3]
    assert result.footprints[:, 0].tolist() == [3, 1.75, 8, 20]
    assert result.of_total([0, 0, 0, 10]).tolist() == [-30]


def test_another_supplier_and_another_own_effect_at_once() -> None:
    # the leg is made of seats: 2 + 1 x 8 = 10 and not 2.5, so the chair gets 4 x 7.5 = 30 more
    result = change(solve(chair()), 1, recipe={2: 1.0}, direct=[2.0])
    assert result.difference[:, 0].tolist() == [0, 7.5, 0, 30]


def test_a_recipe_that_comes_back_to_the_product() -> None:
    # wood of chairs: F0 = 3 + 0.01 x F3 and F3 = 5 + 4 x 1 + 2 + 4 x F0 = 11 + 4 F0 -> 0.96 F0 = 3.11
    result = change(solve(chair()), 0, recipe={3: 0.01})
    assert result.footprints[0, 0] == pytest.approx(3.11 / 0.96)


def test_where_a_footprint_is_declared_its_recipe_changes_nothing() -> None:
    network = Network.from_edges([0], [1], [3.0], [[1.0, 2.0], [0.5, 0.25]], [[NAN, NAN], [9.0, NAN]])
    result = change(solve(network), 1, recipe={0: 4.0}, direct=[7.0, 0.5])
    assert result.difference.tolist() == [[0.0, 0.0], [0.0, 2.25]]
    declared = Network.from_edges([0], [1], [3.0], [[1.0], [0.5]], [[NAN], [9.0]])
    assert not change(solve(declared), 1, recipe={}).difference.any()


@pytest.mark.parametrize("amount", [0.25, 0.3, 5.0])
def test_a_recipe_that_closes_a_gaining_loop_is_refused_naming_it(amount: float) -> None:
    # 4 wood are in a chair: with 0.25 chairs in the wood the loop gains exactly 1
    with pytest.raises(LoopError) as refusal:
        change(solve(chair()), 0, recipe={3: amount})
    assert refusal.value.nodes == (0, 1, 2, 3)


def test_a_gaining_loop_behind_a_declared_footprint_is_none() -> None:
    fixed = [[NAN], [NAN], [NAN], [20.0]]
    network = Network.from_edges(
        [0, 0, 1, 2], [1, 2, 3, 3], [0.5, 2, 4, 1], [[3.0], [1.0], [2.0], [5.0]], fixed
    )
    assert change(solve(network), 0, recipe={3: 5.0}).footprints[0, 0] == 103


@pytest.mark.parametrize("recipe", [{4: 1.0}, {-1: 1.0}, {0: -1.0}, {0: NAN}, {0: float("inf")}])
def test_a_recipe_that_is_none_is_refused(recipe: dict[int, float]) -> None:
    with pytest.raises(ShapeError):
        change(solve(chair()), 1, recipe=recipe)


def test_other_things_that_do_not_fit_are_refused() -> None:
    for product in (-1, 4):
        with pytest.raises(ShapeError):
            change(solve(chair()), product)
    for direct in ([1.0, 2.0], [NAN]):
        with pytest.raises(ShapeError):
            change(solve(chair()), 1, direct=direct)


@settings(max_examples=60, deadline=None)
@given(parts(), st.data())
def test_a_change_equals_solving_the_changed_network(random: Parts, data: st.DataObject) -> None:
    network = random.network()
    product = data.draw(st.integers(0, network.size - 1))
    source = np.random.default_rng(data.draw(st.integers(0, 1000)))
    amounts = network.amounts.toarray()
    row = amounts[product] * source.uniform(0, 1.05, network.size)
    direct = network.direct[product] * source.uniform(0, 3, network.columns) + source.random(network.columns)
    changed, own = amounts.copy(), network.direct.copy()
    changed[product], own[product] = row, direct
    if np.abs(np.linalg.eigvals(changed)).max() > 0.999:
        return
    customer, supplier = np.nonzero(changed)
    after = Network.from_edges(supplier, customer, changed[customer, supplier], own, network.fixed)
    recipe = {int(supplier): float(row[supplier]) for supplier in np.flatnonzero(row)}
    result = change(solve(network), product, recipe=recipe, direct=direct)
    truth = dense_footprints(after)
    scale = np.abs(truth) + np.abs(dense_footprints(network)) + 1e-6 * np.abs(truth).max(axis=0)
    assert (np.abs(result.footprints - truth) <= 1e-7 * scale).all()
    demand = source.random(network.size)
    difference = demand @ truth - demand @ dense_footprints(network)
    assert np.allclose(result.of_total(demand), difference, rtol=0, atol=1e-7 * float((demand @ scale).max()))


@settings(max_examples=40, deadline=None)
@given(parts(declared=0.0), st.data())
def test_a_loop_is_refused_exactly_where_the_changed_network_has_no_solution(
    random: Parts, data: st.DataObject
) -> None:
    network = random.network()
    product, supplier = (data.draw(st.integers(0, network.size - 1)) for _ in range(2))
    amounts = network.amounts.toarray()
    inverse = np.linalg.inv(np.eye(network.size) - amounts)
    # the loop gains 1 where the amount added of the supplier is 1 over what is in the supplier of the product
    content = float(inverse[supplier, product])
    if product not in upstream(network, [supplier]):
        return
    factor = data.draw(st.sampled_from([0.5, 0.99, 1.01, 3.0]))
    recipe = {int(one): float(amounts[product, one]) for one in np.flatnonzero(amounts[product])}
    recipe[supplier] = recipe.get(supplier, 0.0) + factor / content
    solution = solve(network)
    if factor > 1:
        with pytest.raises(LoopError):
            change(solution, product, recipe=recipe)
    else:
        assert np.isfinite(change(solution, product, recipe=recipe).footprints).all()
