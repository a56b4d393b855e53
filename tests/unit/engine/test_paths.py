"""Paths into a total: all above the cutoff, none twice, and the sum of all others beside them."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.engine import Network, paths, solve
from exchange.engine.errors import ShapeError
from exchange.engine.network import Floats
from exchange.engine.paths import Paths
from tests.unit.engine.networks import Parts, parts
from tests.unit.engine.test_attribution import chair

quick = settings(max_examples=40, deadline=None)


def accounted(found: Paths) -> float:
    """Everything a walk says about a total."""
    return sum(path.value for path in found.paths) + found.smaller + found.pruned


def every_path(network: Network, demand: Floats, column: int, least: float) -> dict[tuple[int, ...], float]:
    """All paths that add at least `least`, by trying every one; ends where nothing upstream can add so much."""
    declared = network.declared[:, column]
    recipes = np.where(declared[:, None], 0.0, network.amounts.toarray())
    effects = network.effects[:, column]
    reach = np.linalg.solve(np.eye(network.size) - recipes, np.abs(effects))
    found: dict[tuple[int, ...], float] = {}
    waiting = [((product,), float(demand[product])) for product in range(network.size)]
    while waiting:
        path, amount = waiting.pop()
        if abs(amount) * reach[path[-1]] < least * 0.999:
            continue
        if abs(amount * effects[path[-1]]) >= least:
            found[path] = amount * effects[path[-1]]
        waiting += [
            ((*path, supplier), amount * recipes[path[-1], supplier])
            for supplier in np.flatnonzero(recipes[path[-1]]).tolist()
        ]
    return found


def test_the_paths_of_two_chairs() -> None:
    found = paths(solve(chair()), [0, 0, 0, 2], 0, cutoff=0.1)
    # of 46: wood by legs and by seats 12 each, the chairs 10, legs 8; seats 4 are below 10 %
    assert [(path.products, path.amount, path.value) for path in found.paths] == [
        ((3, 1, 0), 4.0, 12.0),
        ((3, 2, 0), 4.0, 12.0),
        ((3,), 2.0, 10.0),
        ((3, 1), 8.0, 8.0),
    ]
    assert [path.share for path in found.paths] == pytest.approx([12 / 46, 12 / 46, 10 / 46, 8 / 46])
    assert (found.total, found.smaller, found.pruned, found.complete) == (46, 4, 0, True)


def test_behind_a_product_that_cannot_reach_the_cutoff_the_sum_is_kept() -> None:
    found = paths(solve(chair()), [0, 0, 0, 2], 0, cutoff=0.4)
    # legs 20 of 46 and seats 16: the seats are left, and no path reaches 18.4 by itself
    assert found.paths == ()
    assert found.smaller + found.pruned == pytest.approx(46)
    assert found.pruned >= 16


def test_a_declared_footprint_is_the_end_of_a_path() -> None:
    nan = float("nan")
    network = Network.from_edges([0, 1], [1, 2], [2.0, 3.0], [[4.0], [1.0], [1.0]], [[nan], [10.0], [nan]])
    found = paths(solve(network), [0, 0, 1], 0, cutoff=1e-9)
    assert {path.products: path.value for path in found.paths} == {(2, 1): 30.0, (2,): 1.0}


def test_an_uptake_cancels_a_total_but_hides_no_path() -> None:
    # +50 upstream and -50 in the product itself: the total is nothing, the paths are there
    found = paths(solve(Network.from_edges([0], [1], [5.0], [[10.0], [-50.0]])), [0, 1], 0)
    assert found.total == 0
    assert {path.products: path.value for path in found.paths} == {(1, 0): 50.0, (1,): -50.0}
    assert np.isnan(found.paths[0].share)


def test_the_largest_are_kept_where_there_are_too_many() -> None:
    found = paths(solve(chair()), [0, 0, 0, 2], 0, cutoff=1e-6, at_most=2)
    assert [path.value for path in found.paths] == [12.0, 12.0]
    assert found.complete
    assert accounted(found) == pytest.approx(46)


@pytest.mark.parametrize("share", [0.5, 0.999, 0.99999])
def test_a_loop_is_left_after_so_many_rounds(share: float) -> None:
    found = paths(solve(Network.from_edges([0], [0], [share], [[1.0]])), [1], 0, cutoff=1e-6)
    assert len(found.paths) <= 101
    assert found.complete == (share == 0.5)
    assert accounted(found) == pytest.approx(1 / (1 - share), rel=1e-9)


def test_a_walk_ends_when_it_has_followed_enough_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("exchange.engine.paths"), "LINKS_AT_MOST", 3)
    # two links into the chair, and then the one into legs (20 of 46) rather than the one into seats (16)
    found = paths(solve(chair()), [0, 0, 0, 2], 0, cutoff=1e-6)
    assert not found.complete
    assert (3, 1, 0) in {path.products for path in found.paths}
    assert found.pruned == pytest.approx(12)


def test_nothing_demanded_or_nothing_emitted_has_no_paths() -> None:
    assert paths(solve(chair()), [0] * 4, 0) == Paths((), 0.0, 0.0, 0.0, complete=True)
    assert paths(solve(Network.from_edges([0], [0], [0.5], [[0.0]])), [1], 0).paths == ()


@pytest.mark.parametrize(
    ("column", "cutoff", "at_most"), [(1, 0.1, 9), (-1, 0.1, 9), (0, 0, 9), (0, 1, 9), (0, 0.1, 0)]
)
def test_what_cannot_be_asked_is_refused(column: int, cutoff: float, at_most: int) -> None:
    with pytest.raises(ShapeError):
        paths(solve(chair()), [0, 0, 0, 1], column, cutoff, at_most)


@quick
@given(parts(), st.sampled_from([0.3, 0.01, 0.002]), st.booleans())
def test_every_path_above_the_cutoff_is_found_and_the_rest_summed(
    random: Parts, cutoff: float, signed: bool
) -> None:
    source = np.random.default_rng(random.direct.shape[0])
    signs = np.where(source.random(random.direct.shape) < 0.3, -1.0, 1.0) if signed else 1.0
    changed = Parts(random.supplier, random.customer, random.per_unit, random.direct * signs, random.fixed)
    network = changed.network()
    demand = source.random(network.size) * (source.random(network.size) < 0.5)
    solution = solve(network)
    found = paths(solution, demand, 0, cutoff, at_most=100_000)
    gross = solve(Network(network.amounts, np.abs(network.direct), np.abs(network.fixed))).footprints[:, 0]
    scale = float(demand @ gross)
    assert accounted(found) == pytest.approx(float(solution.total(demand)[0]), rel=1e-8, abs=1e-8 * scale)
    if scale > 0 and found.complete:
        values = {path.products: path.value for path in found.paths}
        for path, value in every_path(network, demand, 0, cutoff * scale * (1 + 1e-9)).items():
            assert values[path] == pytest.approx(value, rel=1e-9)
        assert all(abs(value) >= cutoff * scale * (1 - 1e-9) for value in values.values())


@quick
@given(parts(), st.integers(1, 5))
def test_few_paths_are_the_first_of_many(random: Parts, at_most: int) -> None:
    network = random.network()
    demand = np.random.default_rng(network.size).random(network.size)
    many = paths(solve(network), demand, 0, 0.002, at_most=100_000)
    few = paths(solve(network), demand, 0, 0.002, at_most=at_most)
    assert [path.value for path in few.paths] == pytest.approx([path.value for path in many.paths[:at_most]])
    assert accounted(few) == pytest.approx(accounted(many), rel=1e-9)
