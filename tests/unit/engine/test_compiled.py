"""The compiled loops give what scipy's give; the order they work in may be anything."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from exchange.engine import Network, compiled, kernels, ordering, solve
from exchange.engine.activity import activity_of
from exchange.engine.certificate import Rows, reach
from exchange.engine.errors import EngineError, LoopError, ShapeError
from exchange.engine.network import Ids
from exchange.engine.sweeps import Equations, settle
from tests.unit.engine.networks import Parts, exact_footprints, parts

NAN = float("nan")
few = settings(max_examples=25, deadline=None)


@few
@given(parts())
def test_both_ways_agree_within_their_certified_bounds(random: Parts) -> None:
    network = random.network()
    one, other = solve(network, compiled=False), solve(network, compiled=True)
    apart = np.abs(one.footprints - other.footprints)
    assert (
        apart <= (one.error_bound + other.error_bound) * np.maximum(one.footprints, other.footprints)
    ).all()


@few
@given(parts())
def test_the_true_error_of_the_compiled_way_never_exceeds_its_bound(random: Parts) -> None:
    network = random.network()
    solution = solve(network, compiled=True)
    for node, row in enumerate(exact_footprints(network)):
        for column, truth in enumerate(row):
            error = abs(Fraction(float(solution.footprints[node, column])) - truth)
            assert error <= Fraction(float(solution.error_bound[column])) * truth


@few
@given(parts(), st.integers(0, 10**6))
def test_activities_agree_under_every_pattern_of_declared_values(random: Parts, seed: int) -> None:
    network = random.network()
    demand = np.random.default_rng(seed).random(network.size)
    certificate = solve(network).certificate
    for pattern in network.patterns():
        held = network.declared[:, pattern[0]]
        one, other = (
            activity_of(network.amounts, held, demand, certificate, compiled=way) for way in (False, True)
        )
        # as far as totals can show: each product by what a unit of it weighs in the certificate
        assert certificate.upper @ np.abs(one - other) <= 1e-9 * (certificate.upper @ demand)


@few
@given(parts(), st.integers(1, 6), st.booleans())
def test_the_parts_of_a_bound_are_the_same_both_ways(random: Parts, columns: int, is_signed: bool) -> None:
    network = random.network()
    source = np.random.default_rng(columns)
    footprints = source.random((network.size, columns)) - is_signed / 2
    shape = footprints.shape
    rows = Rows(source.random(shape), source.random(shape) < 0.2, footprints, *source.random((2, shape[0])))
    scale = np.zeros(columns)
    one, other = (way(network.amounts, rows, scale) for way in (reach, compiled.reach))
    assert np.allclose(one, other, rtol=1e-9, atol=0)


def test_a_bound_from_the_footprints_themselves_and_none_where_they_are_negative() -> None:
    # bolt: 2; gear: 1 of its own and 3 bolts: 7. Told as 6.5 it keeps 0.5 beyond its bolts and lacks 0.5
    network = Network.from_edges([0], [1], [3.0], [[2.0], [1.0]])
    told = np.array([[2.0], [6.5]])
    rows = Rows(network.direct, network.declared, told, np.ones(2), np.ones(2))
    for way in (reach, compiled.reach):
        assert way(network.amounts, rows, np.zeros(1))[3].tolist() == pytest.approx([1.0], rel=1e-12)
    held = np.array([[True], [False]])
    rows = Rows(network.direct, held, np.array([[-2.0], [1.0]]), np.ones(2), np.ones(2))
    for way in (reach, compiled.reach):
        assert np.isinf(way(network.amounts, rows, np.zeros(1))[3:]).all()


def test_five_columns_and_fewer_take_different_loops_to_the_same_figures() -> None:
    # gear: own 1, takes 2 of bolt; bolt: own 3, takes 0.1 of gear: bolt (3 + 0.1) / 0.8, gear 1 + 2 bolts
    effects = np.outer([3.0, 1.0], np.arange(1, 8))
    network = Network.from_edges([0, 1], [1, 0], [2.0, 0.1], effects)
    bolt = 3.1 / 0.8
    assert solve(network, compiled=True).footprints == pytest.approx(
        np.outer([bolt, 1 + 2 * bolt], np.arange(1, 8)), rel=1e-12
    )


def test_declared_values_and_uptake_are_held_by_column() -> None:
    network = Network.from_edges(
        [0, 1], [1, 2], [2.0, 1.0], [[-1.5, 1.0], [3.0, 1.0], [0.0, 0.0]], [[NAN] * 2, [NAN, 7.0], [NAN] * 2]
    )
    assert solve(network, compiled=True).footprints.tolist() == [[-1.5, 1.0], [0.0, 7.0], [0.0, 7.0]]


@pytest.mark.parametrize("share", [1.0, 1.5])
def test_a_refused_loop_is_named_by_the_numbers_it_was_given(share: float) -> None:
    network = Network.from_edges([0, 3, 1, 2], [1, 1, 3, 3], [1.0, 1.0, share, 1.0], [[1.0]] * 4)
    with pytest.raises(LoopError) as refusal:
        solve(network, compiled=True)
    assert refusal.value.nodes == (1, 3)


@few
@given(parts())
@pytest.mark.parametrize(
    "suppliers_first", [compiled.suppliers_first, ordering.suppliers_first], ids=["compiled", "scipy"]
)
def test_an_order_is_a_permutation_with_suppliers_before_customers(
    suppliers_first: Callable[[sparse.csr_array], Ids], random: Parts
) -> None:
    amounts = random.network().amounts
    order = suppliers_first(amounts)
    assert sorted(order) == list(range(amounts.shape[0]))
    _, part = connected_components(amounts, directed=True, connection="strong")
    place = np.argsort(order)
    links = amounts.tocoo()
    between = part[links.row] != part[links.col]
    assert (place[links.col] < place[links.row])[between].all()


@few
@given(parts(), st.integers(0, 10**6))
def test_whatever_the_order_the_same_equations_are_solved(random: Parts, seed: int) -> None:
    network = random.network()
    order = np.random.default_rng(seed).permutation(network.size).astype(np.int32)
    matrix = compiled.rearranged(network.amounts, order)
    assert (matrix.toarray() == network.amounts.toarray()[np.ix_(order, order)]).all()
    equations = Equations(matrix, network.effects[order], network.declared[order], compiled.stretches(matrix))
    settled = settle(equations, compiled.sweep, 1e-13)
    if settled.done:
        assert np.allclose(settled.values, solve(network).footprints[order], rtol=1e-9, atol=0)


def test_an_order_that_leaves_a_product_out_is_refused() -> None:
    with pytest.raises(ShapeError):
        compiled.rearranged(Network.from_edges([0], [1], [1.0], [[1.0]] * 2).amounts, np.array([1, 1]))


@few
@given(st.integers(1, 12), st.integers(0, 120), st.integers(0, 10**6))
def test_links_counted_into_rows_are_those_that_scipy_sorts(size: int, links: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    supplier, customer = random.integers(0, size, (2, links))
    amount = random.integers(0, 4, links).astype(np.float64)  # parallel links, and some of nothing
    counted = compiled.link_matrix(supplier, customer, amount, size)
    assert counted is not None
    expected = sparse.csr_array((amount, (customer, supplier)), shape=(size, size))
    expected.sum_duplicates()
    expected.eliminate_zeros()
    for part in ("indptr", "indices", "data"):
        assert getattr(counted, part).tolist() == getattr(expected, part).tolist()
    assert counted.has_canonical_format


@pytest.mark.parametrize(
    ("supplier", "customer", "amount"),
    [(-1, 0, 1.0), (0, 2, 1.0), (2, 0, 1.0), (0, -1, 1.0), (0, 1, NAN), (0, 1, -1.0), (0, 1, float("inf"))],
)
def test_links_that_are_to_be_refused_are_not_counted(supplier: int, customer: int, amount: float) -> None:
    ends = np.array([[0, supplier], [1, customer]])
    assert compiled.link_matrix(*ends, np.array([1.0, amount]), 2) is None


def test_a_large_network_is_built_and_refused_as_a_small_one() -> None:
    size = kernels.COMPILED_FROM
    supplier, customer = np.array([3, 1, 3, 0]), np.array([2, 2, 2, 4])
    network = Network.from_edges(supplier, customer, np.array([1.0, 2.0, 4.0, 0.0]), np.ones((size, 1)))
    assert network.amounts[[2]].toarray()[0, :4].tolist() == [0.0, 2.0, 0.0, 5.0]
    assert network.amounts.nnz == 2
    with pytest.raises(ShapeError, match=f"between 0 and {size - 1}"):
        Network.from_edges(supplier, customer + size, np.ones(4), np.ones((size, 1)))


def test_stretches_end_where_nothing_before_takes_from_what_comes_after() -> None:
    # 0 <- 1 <-> 2, 3 takes of 1
    network = Network.from_edges([0, 1, 2, 1], [1, 2, 1, 3], [1.0, 0.5, 0.5, 1.0], [[1.0]] * 4)
    (parts_,) = compiled.stretches(network.amounts)
    assert parts_.tolist() == [0, 1, 3, 4]
    backwards = Network.from_edges([3], [0], [1.0], [[1.0]] * 4)
    assert [one.tolist() for one in compiled.stretches(backwards.amounts)] == [[0, 4]]


def test_small_networks_are_left_to_scipy_and_numba_must_be_there_to_be_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert kernels.compiled_kernels(10) is None
    assert kernels.compiled_kernels(kernels.COMPILED_FROM) is compiled
    monkeypatch.setattr(kernels, "_module", lambda: None)
    assert kernels.compiled_kernels(kernels.COMPILED_FROM) is None
    with pytest.raises(EngineError):
        solve(Network.from_edges([], [], [], [[1.0]]), compiled=True)
