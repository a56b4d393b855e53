"""Measured, allocated, secondary and unknown travel with the amounts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import sparse

from exchange.engine import Network, solve
from exchange.engine.errors import ShapeError
from exchange.engine.identities import four_parts
from exchange.engine.network import Floats, link_matrix
from exchange.engine.quality import quality
from tests.unit.engine.networks import Parts, parts

MEASURED, ALLOCATED, SECONDARY, UNKNOWN = np.eye(4)
MEASURED_KIND, ALLOCATED_KIND = 0, 1


def test_a_measured_input_in_an_allocated_amount_counts_as_allocated() -> None:
    # own 1 kg measured, plus 2 units (amount by key) of an input at 10 kg measured: 1/21 measured
    network = Network.from_edges([0], [1], [2.0], [[10.0], [1.0]])
    shares = quality(network, link_matrix([], [], [], 2), [[MEASURED]] * 2, [[UNKNOWN]] * 2).shares()
    assert shares[1, 0] == pytest.approx([1 / 21, 20 / 21, 0, 0])


def test_a_half_measured_amount_passes_half_of_the_measured_part() -> None:
    network = Network.from_edges([0], [1], [2.0], [[10.0], [1.0]])
    shares = quality(network, link_matrix([0], [1], [1.0], 2), [[MEASURED]] * 2, [[UNKNOWN]] * 2).shares()
    assert shares[1, 0] == pytest.approx([11 / 21, 10 / 21, 0, 0])


def test_secondary_and_unknown_stay_what_they_are() -> None:
    network = Network.from_edges(
        [0, 1], [2, 2], [1.0, 1.0], [[3.0], [2.0], [5.0]], [[np.nan], [4.0], [np.nan]]
    )
    own = [[SECONDARY], [MEASURED], [MEASURED]]
    result = quality(network, link_matrix([0, 1], [2, 2], [1.0, 1.0], 3), own, [[UNKNOWN]] * 3)
    assert result.shares()[2, 0] == pytest.approx([5 / 12, 0, 3 / 12, 4 / 12])
    assert result.of_total([0, 0, 7])[0] == pytest.approx([5 / 12, 0, 3 / 12, 4 / 12])


def test_a_declared_value_keeps_its_own_shares_and_hides_its_inputs() -> None:
    network = Network.from_edges([0], [1], [1.0], [[3.0], [2.0]], [[np.nan], [10.0]])
    declared = [[UNKNOWN], [[0.3, 0.0, 0.7, 0.0]]]
    shares = quality(network, network.amounts, [[MEASURED]] * 2, declared).shares()
    assert shares[1, 0] == pytest.approx([0.3, 0, 0.7, 0])


def test_a_measured_part_however_small_is_a_part() -> None:
    """Twenty products in a row, a thousandth of each in the next; only the first was measured."""
    row = np.arange(20)
    network = Network.from_edges(row[:-1], row[1:], np.full(19, 1e-3), np.ones((20, 1)))
    own = [[MEASURED], *[[SECONDARY]] * 19]
    shares = quality(network, network.amounts, own, own).shares()
    # 1e-57 of the last one is measured, and the rest is 1 + 1e-3 + 1e-6 + ...
    assert shares[-1, 0] == pytest.approx([1e-57 * (1 - 1e-3), 0, 1, 0], rel=1e-12, abs=1e-70)


def test_the_share_of_nothing_is_not_a_number() -> None:
    network = Network.from_edges([], [], [], [[0.0]])
    assert np.isnan(quality(network, network.amounts, [[MEASURED]], [[UNKNOWN]]).shares()).all()


def test_shares_that_do_not_sum_to_one_are_refused() -> None:
    network = Network.from_edges([], [], [], [[1.0]])
    with pytest.raises(ShapeError):
        quality(network, network.amounts, [[[0.5, 0.4, 0.0, 0.0]]], [[UNKNOWN]])


def test_more_measured_than_used_is_refused() -> None:
    network = Network.from_edges([0], [1], [2.0], [[10.0], [1.0]])
    with pytest.raises(ShapeError):
        quality(network, link_matrix([0], [1], [2.1], 2), [[MEASURED]] * 2, [[UNKNOWN]] * 2)


def _shares(random: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    return np.asarray(random.dirichlet(np.ones(4), size=shape))


@settings(max_examples=40, deadline=None)
@given(parts())
def test_the_four_parts_sum_to_the_footprint(random: Parts) -> None:
    network = random.network()
    source = np.random.default_rng(network.size)
    measured = link_matrix(
        random.supplier, random.customer, random.per_unit * source.random(random.per_unit.size), network.size
    )
    shape = network.direct.shape
    result = quality(network, measured, _shares(source, shape), _shares(source, shape))
    footprints = solve(network).footprints
    assert np.allclose(result.parts.sum(axis=-1), footprints, rtol=1e-8, atol=0)
    assert all(identity.passed for identity in four_parts(solve(network), result.parts))
    shares = result.shares()[footprints > 0]
    assert ((shares >= 0) & (shares <= 1)).all()


@settings(max_examples=20, deadline=None)
@given(parts())
def test_measuring_amounts_never_lowers_the_measured_part(random: Parts) -> None:
    network = random.network()
    own = _shares(np.random.default_rng(network.size), network.direct.shape)
    fuller = quality(network, network.amounts, own, own).parts[..., 0]
    barer = quality(network, link_matrix([], [], [], network.size), own, own).parts[..., 0]
    assert (fuller >= barer * (1 - 1e-9)).all()


@settings(max_examples=30, deadline=None)
@given(parts())
def test_the_measured_part_is_what_comes_by_measured_paths_alone(random: Parts) -> None:
    """Every path of a network without loops, walked one by one: each link splits what it carries in two."""
    forward = random.supplier < random.customer
    supplier, customer = random.supplier[forward], random.customer[forward]
    network = Network.from_edges(supplier, customer, random.per_unit[forward], random.direct, random.fixed)
    source = np.random.default_rng(network.size)
    measured = network.amounts.copy()
    measured.data = measured.data * source.choice([0.0, 0.3, 1.0], measured.nnz)
    own, declared = (_shares(source, network.direct.shape) for _ in range(2))
    expected = np.zeros((*network.direct.shape, 4))
    for product in range(network.size):
        for column in range(network.columns):
            expected[product, column] = _walked(network, measured, own, declared, (product, column))
    found = quality(network, measured, own, declared).parts
    assert np.allclose(found, expected, rtol=1e-9, atol=1e-12 * expected.max(initial=0.0))


def _walked(
    network: Network, measured: sparse.csr_array, own: Floats, declared: Floats, at: tuple[int, int]
) -> Floats:
    """What one unit brings in a column, by kind: its own, and what each input brings by its link."""
    product, column = at
    if network.declared[at]:
        return np.asarray(abs(network.fixed[at]) * declared[at])
    brought = abs(network.direct[at]) * own[at]
    for supplier in network.amounts[[product]].indices.tolist():
        amount, counted = network.amounts[product, supplier], measured[product, supplier]
        behind = _walked(network, measured, own, declared, (supplier, column))
        by_key = behind[MEASURED_KIND] * (amount - counted)
        brought = brought + amount * behind
        brought[MEASURED_KIND] -= by_key
        brought[ALLOCATED_KIND] += by_key
    return np.asarray(brought)
