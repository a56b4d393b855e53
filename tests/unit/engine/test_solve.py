"""The solve: values worked out by hand, and rules that hold for every network."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from exchange.engine import Network, solve
from exchange.engine.errors import ColumnNeededError, LoopError, ShapeError
from tests.unit.engine.networks import Parts, dense_footprints, exact_footprints, parts

NAN = float("nan")
quick = settings(max_examples=40, deadline=None)


def test_a_tree_equals_the_sum_by_hand() -> None:
    # chair = 4 legs (0.5 kg wood each) + 1 seat (2 kg wood); wood 3, leg 1, seat 2, chair 5
    network = Network.from_edges([0, 0, 1, 2], [1, 2, 3, 3], [0.5, 2, 4, 1], [[3.0], [1.0], [2.0], [5.0]])
    solution = solve(network)
    # leg 1+1.5=2.5, seat 2+6=8, chair 5+4*2.5+8=23
    assert solution.footprints[:, 0] == pytest.approx([3, 2.5, 8, 23], rel=1e-14)
    assert solution.activity([0, 0, 0, 2]) == pytest.approx([8, 8, 2, 2])
    assert solution.contributions([0, 0, 0, 2])[:, 0] == pytest.approx([24, 8, 4, 10])


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999, 0.99999])
def test_a_product_that_uses_itself_is_d_over_one_minus_a(share: float) -> None:
    solution = solve(Network.from_edges([0], [0], [share], [[3.0]]))
    assert solution.footprints[0, 0] == pytest.approx(3 / (1 - share), rel=1e-10)
    assert solution.error_bound[0] <= 1e-9


def test_a_slow_loop_among_others_still_converges() -> None:
    network = Network.from_edges([0, 1, 1], [1, 0, 2], [0.999, 1.0, 2.0], [[1.0], [0.0], [0.0]])
    # F0 = 1 + F1, F1 = 0.999 F0 -> F0 = 1000, F1 = 999, F2 = 1998
    solution = solve(network)
    assert solution.footprints[:, 0] == pytest.approx([1000, 999, 1998], rel=1e-9)
    assert solution.activity([0, 0, 1.0]) == pytest.approx([1998, 2000, 1], rel=1e-9)


@pytest.mark.parametrize("share", [1.0, 1.0000001, 1.5, 40.0])
def test_a_loop_that_needs_all_it_gives_is_refused_naming_its_members(share: float) -> None:
    network = Network.from_edges([0, 1, 2, 4, 4], [1, 2, 1, 3, 4], [1.0, share, 1.0, 1.0, 0.5], [[1.0]] * 5)
    with pytest.raises(LoopError) as refusal:
        solve(network)
    assert refusal.value.code == "engine.loop_gain"
    assert refusal.value.nodes == (1, 2)
    assert refusal.value.gain == pytest.approx(np.sqrt(share), rel=1e-6)


def test_a_gaining_loop_without_any_effect_is_refused_too() -> None:
    with pytest.raises(LoopError):
        solve(Network.from_edges([0], [0], [2.0], [[0.0]]))


def test_a_loop_declared_in_every_column_is_not_followed() -> None:
    assert solve(Network.from_edges([0], [0], [2.0], [[1.0]], [[7.0]])).footprints[0, 0] == 7


def test_declared_co2_leaves_water_alone() -> None:
    # columns co2e, water; steel (1, 2) into a bracket (0.5, 0.25), 3 units; the bracket declares co2e 9
    network = Network.from_edges([0], [1], [3.0], [[1.0, 2.0], [0.5, 0.25]], [[NAN, NAN], [9.0, NAN]])
    solution = solve(network)
    assert solution.footprints[1].tolist() == pytest.approx([9.0, 6.25])
    assert solution.contributions([0, 2]).tolist() == [[0.0, 12.0], [18.0, 0.5]]


def test_activity_names_a_column_where_declared_values_differ() -> None:
    network = Network.from_edges([0], [1], [3.0], [[1.0, 2.0], [0.5, 0.25]], [[NAN, NAN], [9.0, NAN]])
    solution = solve(network)
    with pytest.raises(ColumnNeededError):
        solution.activity([0, 1])
    assert solution.activity([0, 1], column=0).tolist() == [0, 1]
    assert solution.activity([0, 1], column=1).tolist() == [3, 1]


def test_a_column_with_uptake_is_solved_with_its_sign() -> None:
    network = Network.from_edges([0], [1], [2.0], [[-1.5], [3.0]])
    solution = solve(network)
    assert solution.footprints[:, 0].tolist() == [-1.5, 0.0]
    assert solution.error_bound[0] < 1e-12


def test_demands_may_come_in_a_batch() -> None:
    solution = solve(Network.from_edges([0], [1], [2.0], [[1.0], [1.0]]))
    assert solution.total([[1, 0], [0, 2]]).tolist() == [[1.0], [6.0]]
    with pytest.raises(ShapeError):
        solution.total([1.0])


def test_demands_may_be_sparse() -> None:
    solution = solve(Network.from_edges([0], [1], [2.0], [[1.0], [1.0]]))
    assert solution.total(sparse.csr_array([[1.0, 0.0], [0.0, 2.0]])).tolist() == [[1.0], [6.0]]
    assert solution.total(sparse.coo_matrix([[0.0, 2.0]])).tolist() == [[6.0]]
    for demand in ([[1.0]], [[1.0, NAN]]):
        with pytest.raises(ShapeError):
            solution.total(sparse.csr_array(demand))


@quick
@given(parts())
def test_footprints_equal_a_dense_solve(random: Parts) -> None:
    network = random.network()
    truth = dense_footprints(network)
    scale = np.abs(truth) + 1e-7 * np.abs(truth).max(axis=0)
    assert (np.abs(solve(network).footprints - truth) <= 1e-8 * scale).all()


@pytest.mark.parametrize("tol", [1e-10, 0.05])
@settings(max_examples=25, deadline=None)
@given(random=parts())
def test_the_true_error_never_exceeds_the_certified_bound(tol: float, random: Parts) -> None:
    network = random.network()
    solution = solve(network, tol=tol)
    for node, row in enumerate(exact_footprints(network)):
        for column, truth in enumerate(row):
            error = abs(Fraction(float(solution.footprints[node, column])) - truth)
            assert error <= Fraction(float(solution.error_bound[column])) * truth
    assert (solution.error_bound <= max(tol, 1e-6)).all()


def test_the_bound_reaches_the_tolerance_where_columns_are_of_one_size() -> None:
    random = np.random.default_rng(7)
    network = Network.from_edges(
        random.integers(0, 300, 2000),
        random.integers(0, 300, 2000),
        random.random(2000) / 5,
        random.random((300, 5)),
    )
    assert (solve(network).error_bound <= 1e-10).all()
    assert (solve(network, tol=1e-6).error_bound <= 1e-6).all()


@quick
@given(parts())
def test_contributions_sum_to_the_total(random: Parts) -> None:
    network = random.network()
    demand = np.random.default_rng(network.size).random(network.size)
    solution = solve(network)
    assert np.allclose(solution.contributions(demand).sum(axis=0), solution.total(demand), rtol=1e-8, atol=0)


@quick
@given(parts(), st.integers(0, 10**6))
def test_the_order_of_products_does_not_matter(random: Parts, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(random.direct.shape[0])
    position = np.argsort(order)
    moved = Parts(
        position[random.supplier],
        position[random.customer],
        random.per_unit,
        random.direct[order],
        random.fixed[order],
    )
    assert np.allclose(
        solve(moved.network()).footprints, solve(random.network()).footprints[order], rtol=1e-9, atol=0
    )


@quick
@given(parts(), st.sampled_from([1e-3, 2.0, 1e4]))
def test_a_change_of_unit_scales_only_that_product(random: Parts, factor: float) -> None:
    """Product 0 counted in units `factor` times as large."""
    scale = np.ones(random.direct.shape[0])
    scale[0] = factor
    per_unit = random.per_unit * scale[random.customer] / scale[random.supplier]
    changed = Parts(
        random.supplier,
        random.customer,
        per_unit,
        random.direct * scale[:, None],
        random.fixed * scale[:, None],
    )
    expected = solve(random.network()).footprints * scale[:, None]
    assert np.allclose(solve(changed.network()).footprints, expected, rtol=1e-9, atol=0)


@quick
@given(parts(declared=0.0), st.data())
def test_declaring_a_product_at_its_own_footprint_changes_nothing(random: Parts, data: st.DataObject) -> None:
    before = solve(random.network()).footprints
    chosen = data.draw(st.integers(0, before.shape[0] - 1))
    fixed = random.fixed.copy()
    fixed[chosen] = before[chosen]
    after = solve(Parts(random.supplier, random.customer, random.per_unit, random.direct, fixed).network())
    assert np.allclose(after.footprints, before, rtol=1e-8, atol=0)


@quick
@given(parts(), st.floats(0.05, 0.95))
def test_a_product_split_over_two_sites_leaves_customers_unchanged(random: Parts, part: float) -> None:
    """The last product is made at two alike sites; who bought it buys `part` here and the rest there."""
    size = random.direct.shape[0]
    last, twin = size - 1, size
    out, into = random.supplier == last, random.customer == last
    supplier, customer, per_unit = (
        [random.supplier],
        [random.customer],
        [np.where(out, part, 1) * random.per_unit],
    )
    supplier += [np.full(out.sum(), twin), random.supplier[into & ~out]]
    customer += [random.customer[out], np.full((into & ~out).sum(), twin)]
    per_unit += [(1 - part) * random.per_unit[out], random.per_unit[into & ~out]]
    own = into & out  # the twin feeds on both sites as the original fed on itself
    supplier += [np.full(own.sum(), last), np.full(own.sum(), twin)]
    customer += [np.full(own.sum(), twin)] * 2
    per_unit += [part * random.per_unit[own], (1 - part) * random.per_unit[own]]
    split = Parts(
        np.concatenate(supplier),
        np.concatenate(customer),
        np.concatenate(per_unit),
        np.vstack([random.direct, random.direct[last:]]),
        np.vstack([random.fixed, random.fixed[last:]]),
    )
    before, after = solve(random.network()).footprints, solve(split.network()).footprints
    assert np.allclose(after[:size], before, rtol=1e-8, atol=0)
    assert np.allclose(after[twin], before[last], rtol=1e-8, atol=0)


@quick
@given(parts(), st.floats(0.1, 10))
def test_footprints_are_linear_in_effects_and_never_below_them(random: Parts, factor: float) -> None:
    network = random.network()
    footprints = solve(network).footprints
    scaled = Parts(
        random.supplier, random.customer, random.per_unit, random.direct * factor, random.fixed * factor
    )
    assert np.allclose(solve(scaled.network()).footprints, footprints * factor, rtol=1e-8, atol=0)
    assert (footprints >= network.effects * (1 - 1e-12)).all()
