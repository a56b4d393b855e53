"""A total by tier, by organisation and by direct input: always the whole of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.engine import Network, by_input, by_label, by_tier, solve
from exchange.engine.errors import ShapeError
from tests.unit.engine.networks import Parts, dense_footprints, parts

NAN = float("nan")
quick = settings(max_examples=40, deadline=None)


def chair() -> Network:
    """Chair = 4 legs (0.5 kg wood each) + 1 seat (2 kg wood); wood 3, leg 1, seat 2, chair 5."""
    return Network.from_edges([0, 0, 1, 2], [1, 2, 3, 3], [0.5, 2, 4, 1], [[3.0], [1.0], [2.0], [5.0]])


def test_two_chairs_by_tier() -> None:
    # 2 chairs x 5; 8 legs x 1 + 2 seats x 2; 4 + 4 kg of wood x 3; nothing behind
    tiers = by_tier(solve(chair()), [0, 0, 0, 2], tiers=4)
    assert tiers.parts[:, 0].tolist() == [10, 12, 24, 0]
    assert tiers.rest.tolist() == [0]


def test_what_lies_behind_the_tiers_asked_for_is_the_rest() -> None:
    tiers = by_tier(solve(chair()), [0, 0, 0, 2], tiers=2)
    assert tiers.parts[:, 0].tolist() == [10, 12]
    assert tiers.rest == pytest.approx([24])


def test_a_declared_product_is_one_part_of_its_tier() -> None:
    # columns co2e, water; steel (1, 2) into a bracket (0.5, 0.25), 3 units; the bracket declares co2e 9
    network = Network.from_edges([0], [1], [3.0], [[1.0, 2.0], [0.5, 0.25]], [[NAN, NAN], [9.0, NAN]])
    tiers = by_tier(solve(network), [0, 2], tiers=2)
    assert tiers.parts.tolist() == [[18.0, 0.5], [0.0, 12.0]]
    inputs = by_input(solve(network), 1)
    assert inputs.suppliers.tolist() == [0]
    assert inputs.parts.tolist() == [[0.0, 6.0]]
    assert inputs.own.tolist() == [9.0, 0.25]


def test_a_loop_comes_by_in_every_tier() -> None:
    # half of each unit is the product itself: 4, 2, 1 and 1 behind, of 8
    tiers = by_tier(solve(Network.from_edges([0], [0], [0.5], [[4.0]])), [1], tiers=3)
    assert tiers.parts[:, 0].tolist() == [4, 2, 1]
    assert tiers.rest == pytest.approx([1])


def test_a_chair_by_direct_input() -> None:
    # legs 4 x 2.5, seat 8, own 5
    inputs = by_input(solve(chair()), 3)
    assert dict(zip(inputs.suppliers.tolist(), inputs.parts[:, 0].tolist(), strict=True)) == {1: 10, 2: 8}
    assert inputs.own.tolist() == [5]


def test_contributions_by_organisation() -> None:
    # wood 24 and legs 8 by organisation 0, seats 4 and chairs 10 by organisation 2
    contributions = solve(chair()).contributions([0, 0, 0, 2])
    assert by_label(contributions, [0, 0, 2, 2])[:, 0].tolist() == [32, 0, 14]
    assert by_label(contributions[:0], []).shape == (0, 1)


def test_what_does_not_fit_is_refused() -> None:
    solution = solve(chair())
    for wrong in ([0.5] * 4, [-1, 0, 0, 0], [0, 1]):
        with pytest.raises(ShapeError):
            by_label(solution.footprints, wrong)
    for product in (-1, 4):
        with pytest.raises(ShapeError):
            by_input(solution, product)
    for demand in ([1.0], [[1.0, 0, 0, 0]], [NAN, 0, 0, 0]):
        with pytest.raises(ShapeError):
            by_tier(solution, demand)
    with pytest.raises(ShapeError):
        by_tier(solution, [0, 0, 0, 1], tiers=0)


@quick
@given(parts(), st.integers(1, 6))
def test_tiers_equal_the_dense_series_and_sum_to_the_total(random: Parts, tiers: int) -> None:
    network = random.network()
    demand = np.random.default_rng(network.size).random(network.size)
    result = by_tier(solve(network), demand, tiers)
    for column in range(network.columns):
        recipes = np.where(network.declared[:, [column]], 0.0, network.amounts.toarray())
        activity = demand
        for tier in range(tiers):
            assert result.parts[tier, column] == pytest.approx(
                activity @ network.effects[:, column], rel=1e-9
            )
            activity = activity @ recipes
    total = demand @ dense_footprints(network)
    assert np.allclose(result.parts.sum(axis=0) + result.rest, total, rtol=1e-8, atol=0)


@quick
@given(parts(), st.data())
def test_direct_inputs_sum_to_the_footprint(random: Parts, data: st.DataObject) -> None:
    network = random.network()
    product = data.draw(st.integers(0, network.size - 1))
    inputs = by_input(solve(network), product)
    footprint = dense_footprints(network)[product]
    scale = np.abs(footprint) + 1e-9 * np.abs(network.effects).max(axis=0)
    assert (np.abs(inputs.parts.sum(axis=0) + inputs.own - footprint) <= 1e-8 * scale).all()


@quick
@given(parts(), st.integers(1, 4))
def test_organisations_share_out_the_total(random: Parts, organisations: int) -> None:
    network = random.network()
    source = np.random.default_rng(network.size)
    demand, labels = source.random(network.size), source.integers(0, organisations, network.size)
    solution = solve(network)
    shared = by_label(solution.contributions(demand), labels)
    assert np.allclose(shared.sum(axis=0), solution.total(demand), rtol=1e-8, atol=0)
