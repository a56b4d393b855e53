"""Why a total changed: parts that sum to the difference, whatever the order of the causes."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.engine import Network, State, Switch, decompose
from exchange.engine.cone import placed
from exchange.engine.errors import LoopError, ShapeError
from exchange.engine.network import Floats
from exchange.engine.switches import cells
from tests.unit.engine.networks import Parts, dense_footprints, parts

NAN = float("nan")


def bracket(steel: float, amount: float, own: float, demand: float, fixed: float = NAN) -> State:
    """Steel (0) into a bracket (1), which may declare its footprint; another product (2) nobody takes."""
    network = Network.from_edges([0], [1], [amount], [[steel], [own], [1.0]], [[NAN], [fixed], [NAN]])
    return State(network, [0.0, demand, 0.0])


VOLUME, MIX = Switch("volume", demand=[1]), Switch("mix", recipes=[1])
STEEL, OWN = Switch("steel", direct=[(0, 0)]), Switch("own", direct=[(1, 0)])
METHOD = Switch("method", fixed=[(1, 0)])


def test_volume_and_intensity_by_hand() -> None:
    # 10 at 5 each become 12 at 4: volume 2 x (5 + 4) / 2 = 9, own effect -1 x (10 + 12) / 2 = -11
    result = decompose(bracket(0, 0, 5, 10), bracket(0, 0, 4, 12), [VOLUME, OWN])
    assert result.names == ("volume", "own")
    assert result.parts[:, 0] == pytest.approx([9, -11])
    assert (result.before.tolist(), result.after.tolist()) == ([50], [48])
    assert (result.error_bound < 1e-12).all()


def test_three_causes_by_hand() -> None:
    # brackets x amount x steel from 10 x 2 x 3 = 60 to 11 x 1 x 4 = 44. Of the six orders of three causes, two
    # turn a given one first, two last, and one each after either of the others
    result = decompose(bracket(3, 2, 0, 10), bracket(4, 1, 0, 11), [VOLUME, MIX, STEEL])
    volume = 1 * (2 * 6 + 1 * 3 + 2 * 4 + 2 * 4) / 6
    mix = -1 * (2 * 10 * 3 + 11 * 3 + 10 * 4 + 2 * 11 * 4) / 6
    steel = 1 * (2 * 10 * 2 + 11 * 2 + 10 * 1 + 2 * 11 * 1) / 6
    assert result.parts[:, 0] == pytest.approx([volume, mix, steel])
    assert volume + mix + steel == pytest.approx(44 - 60)


def test_a_cause_that_changed_nothing_has_no_part() -> None:
    causes = [VOLUME, MIX, STEEL, OWN, Switch("nothing")]
    result = decompose(bracket(3, 2, 1, 10), bracket(3, 2, 1, 12), causes)
    assert result.parts[:, 0].tolist() == [14, 0, 0, 0, 0]
    unchanged = decompose(bracket(3, 2, 1, 10), bracket(3, 2, 1, 10), causes)
    assert not unchanged.parts.any()
    assert unchanged.after == unchanged.before == [70]


def test_declaring_instead_of_showing_the_recipe_is_a_part_of_its_own() -> None:
    # one bracket: 1 + 2 x 3 = 7 by recipe. Afterwards it declares 6, and its recipe would have said 1 + 2 x 2 = 5.
    # Declared first -1, then steel 0; steel first -2, then declared +1: method 0, steel -1
    result = decompose(bracket(3, 2, 1, 1), bracket(2, 2, 1, 1, fixed=6), [STEEL, METHOD])
    assert result.parts[:, 0] == pytest.approx([-1, 0])


def test_amounts_and_factors_of_one_effect_are_told_apart() -> None:
    # 10 kWh at 0.2 become 8 kWh at 0.1: energy -2 x (0.2 + 0.1) / 2 = -0.3, factor -0.1 x (10 + 8) / 2 = -0.9
    before, after = bracket(0, 0, 10, 1), bracket(0, 0, 8, 1)
    result = decompose(
        replace(before, factors=[[1.0], [0.2], [1.0]]),
        replace(after, factors=[[1.0], [0.1], [1.0]]),
        [OWN, Switch("factors", factors=cells([0, 1], [0]))],
    )
    assert result.parts[:, 0] == pytest.approx([-0.3, -0.9])


def test_a_new_supplier_is_mix_and_no_change_of_its_own_figures() -> None:
    """The bracket turns from steel at 3 to a new product at 2 that the earlier period does not know."""
    before = State(Network.from_edges([0], [1], [2.0], [[3.0], [1.0], [0.0]]), [0, 1, 0])
    after = State(Network.from_edges([2], [1], [2.0], [[3.0], [1.0], [2.0]]), [0, 1, 0])
    causes = [MIX, Switch("intensity", direct=cells(range(3), [0]))]
    assert decompose(before, after, causes).parts[:, 0] == pytest.approx([-4, 2])
    known = before.completed(after, [2])
    assert decompose(known, after, causes).parts[:, 0].tolist() == [-2, 0]
    assert (
        before.completed(after, []).network.amounts.toarray().tolist()
        == before.network.amounts.toarray().tolist()
    )


def test_factors_too_are_completed() -> None:
    before, after = bracket(3, 2, 1, 1), replace(bracket(3, 2, 1, 1), factors=[[0.5], [1.0], [1.0]])
    assert np.asarray(before.completed(after, [0]).factors).tolist() == [[0.5], [1.0], [1.0]]
    assert np.asarray(after.completed(before, [0]).factors).tolist() == [[1.0], [1.0], [1.0]]


def test_links_may_be_named_one_by_one() -> None:
    before = State(Network.from_edges([0, 1], [2, 2], [1.0, 1.0], [[5.0], [7.0], [0.0]]), [0, 0, 1])
    after = State(Network.from_edges([0, 1], [2, 2], [2.0, 3.0], [[5.0], [7.0], [0.0]]), [0, 0, 1])
    causes = [Switch("one", links=[(2, 0)]), Switch("other", links=[(2, 1), (0, 1)])]
    assert decompose(before, after, causes).parts[:, 0].tolist() == [5, 14]


def test_what_no_demand_reaches_needs_no_cause() -> None:
    before, after = bracket(3, 2, 1, 1), bracket(3, 2, 1, 1)
    after.network.direct[2] = 99.0
    assert not decompose(before, after, []).parts.any()


@pytest.mark.parametrize(
    ("causes", "named", "nodes"),
    [
        ([MIX, STEEL, OWN], "the demand of product 1", (1,)),
        ([VOLUME, STEEL, OWN], "the amount of product 0 in product 1", (1,)),
        ([VOLUME, MIX], "the own effect of product 0 in column 0; the own effect of product 1", (0, 1)),
    ],
)
def test_a_change_nobody_claims_is_named(causes: list[Switch], named: str, nodes: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=named) as refusal:
        decompose(bracket(3, 2, 1, 1), bracket(4, 3, 2, 2), causes)
    assert refusal.value.nodes == nodes


def test_a_method_or_a_factor_nobody_claims_is_named() -> None:
    with pytest.raises(ShapeError, match="the declared footprint of product 1 in column 0"):
        decompose(bracket(3, 2, 1, 1), bracket(3, 2, 1, 1, fixed=7), [])
    with pytest.raises(ShapeError, match="the factor of product 0 in column 0"):
        decompose(bracket(3, 2, 1, 1), replace(bracket(3, 2, 1, 1), factors=[[2.0], [1.0], [1.0]]), [])


@pytest.mark.parametrize(
    "other",
    [
        Switch("other", demand=[1]),
        Switch("other", links=[(1, 0)]),
        Switch("other", recipes=[0, 1]),
        Switch("other", direct=[(0, 0)]),
        Switch("other", fixed=[(1, 0)]),
    ],
)
def test_two_causes_of_one_change_are_refused(other: Switch) -> None:
    with pytest.raises(ShapeError, match="Two switches"):
        decompose(bracket(3, 2, 1, 1), bracket(3, 2, 1, 1), [VOLUME, MIX, STEEL, METHOD, other])


@pytest.mark.parametrize(
    "causes",
    [
        [Switch("same"), Switch("same")],
        [Switch(str(number)) for number in range(9)],
        [Switch("far", demand=[3])],
        [Switch("far", recipes=[-1])],
        [Switch("far", direct=[(0, 1)])],
    ],
)
def test_causes_that_cannot_be_are_refused(causes: list[Switch]) -> None:
    with pytest.raises(ShapeError):
        decompose(bracket(3, 2, 1, 1), bracket(3, 2, 1, 1), causes)


@pytest.mark.parametrize(
    "other",
    [
        State(Network.from_edges([], [], [], [[1.0]]), [1.0]),
        replace(bracket(3, 2, 1, 1), demand=[1.0]),
        replace(bracket(3, 2, 1, 1), demand=[NAN, 0, 0]),
        replace(bracket(3, 2, 1, 1), factors=[[1.0]]),
    ],
)
def test_states_that_do_not_fit_are_refused(other: State) -> None:
    with pytest.raises(ShapeError):
        decompose(bracket(3, 2, 1, 1), other, [VOLUME])


def test_a_loop_that_only_a_mixture_has_names_its_products() -> None:
    """Before, 1 takes 2 of 2; after, 2 takes 2 of 1. Each is a tree; half-way they need four of themselves."""
    before = State(Network.from_edges([2], [1], [2.0], [[0.0], [1.0], [1.0]]), [0, 1, 0])
    after = State(Network.from_edges([1], [2], [2.0], [[0.0], [1.0], [1.0]]), [0, 1, 0])
    with pytest.raises(LoopError) as refusal:
        decompose(before, after, [Switch("one", recipes=[1]), Switch("two", recipes=[2])])
    assert refusal.value.nodes == (1, 2)
    assert decompose(before, after, [Switch("both", recipes=[1, 2])]).parts[0, 0] == pytest.approx(1 - 3)


def _states(random: Parts, seed: int) -> tuple[State, State, list[Switch]]:
    """Two states that differ in everything, and five causes that share the parameters out at random."""
    before, source = random.network(), np.random.default_rng(seed)
    size, columns = before.direct.shape
    amounts = before.amounts.copy()
    amounts.data = amounts.data * source.uniform(0.2, 1.0, amounts.nnz)
    fixed = np.where(source.random((size, columns)) < 0.3, source.random((size, columns)), before.fixed)
    fixed[source.random((size, columns)) < 0.2] = NAN
    after = Network(amounts, before.direct * source.random((size, columns)), fixed)
    states = [
        State(network, source.random(size), source.random((size, columns))) for network in (before, after)
    ]
    causes = []
    owner = {kind: source.integers(0, 5, (size, columns)) for kind in ("direct", "factors", "fixed")}
    rows, demands = source.integers(0, 5, size), source.integers(0, 5, size)
    for number in range(5):
        chosen = {
            kind: [(int(row), int(column)) for row, column in zip(*np.nonzero(table == number), strict=True)]
            for kind, table in owner.items()
        }
        whole = np.flatnonzero(rows == number).tolist()
        causes.append(Switch(str(number), np.flatnonzero(demands == number).tolist(), whole, (), **chosen))
    return states[0], states[1], causes


def _dense_total(before: State, after: State, turned: list[Switch]) -> Floats:
    """The total with some switches turned, by a dense solve of a network put together cell by cell."""
    demand, factor = (np.array(table, dtype=float) for table in (before.demand, before.factors))
    amounts, direct, fixed = (
        before.network.amounts.toarray(),
        before.network.direct.copy(),
        before.network.fixed.copy(),
    )
    for switch in turned:
        for product in switch.demand:
            demand[product] = np.asarray(after.demand)[product]
        for product in switch.recipes:
            amounts[product] = after.network.amounts.toarray()[product]
        for cell in switch.direct:
            direct[cell] = after.network.direct[cell]
        for cell in switch.factors:
            factor[cell] = np.asarray(after.factors)[cell]
        for cell in switch.fixed:
            fixed[cell] = after.network.fixed[cell]
    customer, supplier = np.nonzero(amounts)
    network = Network.from_edges(supplier, customer, amounts[customer, supplier], direct * factor, fixed)
    return np.asarray(demand @ dense_footprints(network))


@settings(max_examples=15, deadline=None)
@given(parts(), st.integers(0, 10**6))
def test_parts_are_means_over_all_orders_of_dense_solves(random: Parts, seed: int) -> None:
    before, after, causes = _states(random, seed)
    result = decompose(before, after, causes)
    totals: dict[frozenset[str], Floats] = {}
    expected = np.zeros_like(result.parts)
    orders = list(permutations(range(len(causes))))
    for order in orders:
        for place, cause in enumerate(order):
            for turned in (order[:place], order[: place + 1]):
                key = frozenset(causes[one].name for one in turned)
                if key not in totals:
                    totals[key] = _dense_total(before, after, [causes[one] for one in turned])
            names = [causes[one].name for one in order]
            expected[cause] += totals[frozenset(names[: place + 1])] - totals[frozenset(names[:place])]
    scale = np.max(list(totals.values()), axis=0)
    assert (np.abs(result.parts - expected / len(orders)) <= 1e-7 * scale).all()


@settings(max_examples=25, deadline=None)
@given(parts(), st.integers(0, 10**6))
def test_parts_sum_to_the_difference_in_any_order_and_turn_with_time(random: Parts, seed: int) -> None:
    before, after, causes = _states(random, seed)
    result = decompose(before, after, causes)
    scale = np.abs(result.before) + np.abs(result.after) + np.abs(result.parts).sum(axis=0)
    assert (np.abs(result.parts.sum(axis=0) - (result.after - result.before)) <= 1e-12 * scale).all()
    order = np.random.default_rng(seed).permutation(len(causes))
    shuffled = decompose(before, after, [causes[place] for place in order])
    assert (np.abs(shuffled.parts - result.parts[order]) <= 1e-8 * scale).all()
    back = decompose(after, before, causes)
    assert (np.abs(back.parts + result.parts) <= 1e-8 * scale).all()


@settings(max_examples=25, deadline=None)
@given(parts(), st.integers(0, 10**6))
def test_causes_that_do_the_same_have_the_same_part(random: Parts, seed: int) -> None:
    """Two copies of a network side by side, each with its own switch."""
    one, two, _ = _states(random, seed)
    size, columns = one.network.direct.shape
    states = []
    for state in (one, two):
        halves = [placed(state.network, {p: p + shift for p in range(size)}, 2 * size) for shift in (0, size)]
        fixed = np.where(np.isnan(halves[0].fixed), halves[1].fixed, halves[0].fixed)
        network = Network(halves[0].amounts + halves[1].amounts, halves[0].direct + halves[1].direct, fixed)
        states.append(
            State(network, np.tile(np.asarray(state.demand), 2), np.tile(np.asarray(state.factors), (2, 1)))
        )
    everything = [
        Switch(name, products, products, (), table, table, table)
        for name, products in (("left", range(size)), ("right", range(size, 2 * size)))
        for table in [cells(products, range(columns))]
    ]
    left, right = decompose(*states, everything).parts
    assert np.allclose(left, right, rtol=1e-9, atol=1e-12)
