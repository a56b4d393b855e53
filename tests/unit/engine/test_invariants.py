"""The twelve rules that hold in every network, against dense solves and with declared values and gaps.

| rule | where |
|---|---|
| 1 conservation on closed books | here; with any declared values: `test_identities` |
| 2 `w F = y D`; contributions and tiers sum to the total | `test_identities`; `test_solve`; `test_attribution` |
| 3 change of unit, order of products, a link of nothing | `test_solve`, `test_solve`, here |
| 4 a product split over two sites, or two merged | `test_solve` |
| 5 declaring a product at its own footprint | `test_solve` |
| 6 shares of kinds; footprints rise with effects, above them, linear | `test_quality`; here and `test_solve` |
| 7 shares of co-products sum to one | here |
| 8 one changed product = full solve | `test_change` |
| 9 a tree is the sum of its bill of materials | here; by hand: `test_solve` |
| 10 a product that uses a of itself: d / (1 - a) | `test_solve` |
| 11 order of links, running again | here; of datasets and workers: the tests of the roll-up's service |
| 12 credits apart | here |

Every network of `parts` has products without a recipe, effects that are zero, and declared values by column.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.engine import Network, by_tier, solve
from exchange.engine.identities import conservation
from exchange.engine.network import Floats
from tests.unit.engine.networks import Parts, close, dense_footprints, exact_footprints, parts

NAN = float("nan")
quick = settings(max_examples=40, deadline=None)


@quick
@given(parts(declared=0.0), st.integers(0, 10**6))
def test_1_what_leaves_closed_books_carries_all_effects(random: Parts, seed: int) -> None:
    """Flows of a period: what each product gives to others and to stock or use is what was made of it."""
    network, source = random.network(), np.random.default_rng(seed)
    leaving = source.random(network.size) * (source.random(network.size) < 0.7)
    output = np.linalg.solve(np.eye(network.size) - network.amounts.toarray().T, leaving)
    made = output > 0
    output = np.where(made, output, 0.0)
    flows = network.amounts.toarray() * output[:, None]
    effects = network.direct * output[:, None]
    drawn = np.maximum(flows.sum(axis=0) - output, 0.0)  # no more than rounding
    customer, supplier = np.nonzero(flows)
    books = Network.from_flows(
        supplier, customer, flows[customer, supplier], output, effects, stock_drawn=drawn * 2
    )
    solution = solve(books)
    assert close(leaving @ solution.footprints[None], effects.sum(axis=0)[None], 1e-7)
    assert close(solution.footprints[made], dense_footprints(books)[made])
    assert all(result.passed for result in conservation(solution, output))


@quick
@given(parts(), st.integers(0, 10**6))
def test_2_demand_activity_contributions_and_tiers_say_one_total(random: Parts, seed: int) -> None:
    network = random.network()
    demand = np.random.default_rng(seed).random(network.size)
    solution = solve(network)
    total = demand @ dense_footprints(network)
    tiers = by_tier(solution, demand)
    for said in (
        solution.total(demand),
        solution.contributions(demand).sum(axis=0),
        tiers.parts.sum(axis=0) + tiers.rest,
    ):
        assert np.allclose(said, total, rtol=1e-7, atol=0)


@quick
@given(parts(), st.integers(0, 10**6))
def test_3_a_link_of_nothing_is_no_link(random: Parts, seed: int) -> None:
    source, size = np.random.default_rng(seed), random.direct.shape[0]
    more = Parts(
        np.append(random.supplier, source.integers(0, size, 5)),
        np.append(random.customer, source.integers(0, size, 5)),
        np.append(random.per_unit, np.zeros(5)),
        random.direct,
        random.fixed,
    )
    assert more.network().amounts.nnz == random.network().amounts.nnz
    assert (solve(more.network()).footprints == solve(random.network()).footprints).all()


@quick
@given(parts(), st.integers(0, 10**6))
def test_6_closing_a_gap_never_lowers_a_footprint_and_effects_add_up(random: Parts, seed: int) -> None:
    """A gap is an effect that is not there: with it every footprint is "at least" what it was."""
    source = np.random.default_rng(seed)
    gap = source.random(random.direct.shape) < 0.4
    known = Parts(
        random.supplier, random.customer, random.per_unit, np.where(gap, 0.0, random.direct), random.fixed
    )
    closed = Network(
        known.network().amounts,
        np.where(gap, random.direct, 0.0),
        np.where(np.isnan(random.fixed), NAN, 0.0),
    )
    at_least, whole = solve(known.network()).footprints, solve(random.network()).footprints
    assert (whole >= at_least * (1 - 1e-9)).all()
    assert np.allclose(at_least + solve(closed).footprints, whole, rtol=1e-8, atol=0)
    assert close(at_least, dense_footprints(known.network()))


@quick
@given(parts(), st.integers(2, 4), st.integers(0, 10**6))
def test_7_co_products_by_shares_carry_the_whole_process(random: Parts, outputs: int, seed: int) -> None:
    """The last product is a process; `outputs` products take shares of its effects and of its inputs."""
    source, size, last = np.random.default_rng(seed), random.direct.shape[0], random.direct.shape[0] - 1
    shares, amounts = source.dirichlet(np.ones(outputs)), source.uniform(0.5, 20, outputs)
    into = (random.customer == last) & (random.supplier != last)
    others = random.customer != last
    supplier, customer, per_unit = (
        [random.supplier[others]],
        [random.customer[others]],
        [random.per_unit[others]],
    )
    for place, (share, amount) in enumerate(zip(shares, amounts, strict=True)):
        supplier.append(random.supplier[into])
        customer.append(np.full(into.sum(), size + place))
        per_unit.append(random.per_unit[into] * share / amount)
    per_output = (shares / amounts)[:, None] * random.direct[last]
    divided = Network.from_edges(
        np.concatenate(supplier),
        np.concatenate(customer),
        np.concatenate(per_unit),
        np.vstack([random.direct, per_output]),
        np.vstack([random.fixed, np.full((outputs, random.direct.shape[1]), NAN)]),
    )
    demand = np.concatenate([np.zeros(size), amounts])
    recipe = np.zeros(size)
    np.add.at(recipe, random.supplier[into], random.per_unit[into])
    process = random.direct[last] + recipe @ dense_footprints(divided)[:size]
    assert np.allclose(solve(divided).total(demand), process, rtol=1e-8, atol=0)


@quick
@given(parts(), st.integers(0, 10**6))
def test_9_a_tree_is_the_sum_of_its_bill_of_materials(random: Parts, seed: int) -> None:
    """Each product goes into one other: its footprint is the sum over the tree behind it, exactly."""
    source, size = np.random.default_rng(seed), random.direct.shape[0]
    supplier = np.arange(size - 1)
    customer = np.array([int(source.integers(one + 1, size)) for one in supplier], dtype=np.int64)
    tree = Network.from_edges(supplier, customer, source.random(size - 1), random.direct, random.fixed)
    found, sums = solve(tree).footprints, np.empty(random.direct.shape, dtype=object)
    for product in range(size):
        inputs = [int(one) for one in np.flatnonzero(customer == product)]
        for column in range(tree.columns):
            if tree.declared[product, column]:
                sums[product, column] = Fraction(float(tree.fixed[product, column]))
                continue
            sums[product, column] = Fraction(float(tree.direct[product, column])) + sum(
                Fraction(float(tree.amounts[product, one])) * sums[one, column] for one in inputs
            )
    assert exact_footprints(tree) == sums.tolist()
    assert np.allclose(found, sums.astype(float), rtol=1e-14 * size, atol=0)


@quick
@given(parts(), st.integers(0, 10**6))
def test_11_links_in_another_order_give_the_same_bits(random: Parts, seed: int) -> None:
    """One link per pair: what parallel links add up to is settled before, exactly, by the linking."""
    size = random.direct.shape[0]
    _, once = np.unique(random.supplier * size + random.customer, return_index=True)
    networks = [
        Network.from_edges(
            random.supplier[order],
            random.customer[order],
            random.per_unit[order],
            random.direct,
            random.fixed,
        )
        for order in (once, np.random.default_rng(seed).permutation(once))
    ]
    for one, other in (
        (networks[0].amounts.data, networks[1].amounts.data),
        (networks[0].amounts.indices, networks[1].amounts.indices),
        (solve(networks[0]).footprints, solve(networks[1]).footprints),
        (solve(networks[0]).footprints, solve(networks[0]).footprints),
    ):
        assert np.asarray(one).tobytes() == np.asarray(other).tobytes()


@quick
@given(parts(declared=0.0), st.integers(0, 10**6))
def test_12_credits_stay_apart_from_what_they_are_credited_for(random: Parts, seed: int) -> None:
    """Some products displace others: the credit is a column, never below zero, and gross minus credit is net."""
    network, source = random.network(), np.random.default_rng(seed)
    gross = solve(network).footprints[:, 0]
    displaced = source.random((network.size, network.size)) * (source.random((network.size,) * 2) < 0.2)
    credit = displaced @ gross
    columns = np.stack([network.direct[:, 0], credit, network.direct[:, 0] - credit], axis=1)
    apart = Network(network.amounts, columns, np.full_like(columns, NAN))
    found: Floats = solve(apart).footprints
    assert np.allclose(found[:, 0], gross, rtol=1e-9, atol=0)
    assert (found[:, 1] >= 0).all()
    scale = np.abs(found).max(axis=1)
    assert (np.abs(found[:, 0] - found[:, 1] - found[:, 2]) <= 1e-8 * (scale + scale.max() * 1e-4)).all()
    truth = np.linalg.solve(np.eye(network.size) - network.amounts.toarray(), columns)
    assert close(found, truth, 1e-7)
