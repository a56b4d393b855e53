"""Two periods on common numbers: aligned, completed with what only one of them has, and told apart exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.engine import Network, solve
from exchange.engine.decomposition import decompose
from exchange.engine.switches import Switch, cells
from exchange.engine.two_periods import PeriodPart, two_states


def network(effects: list[float], links: list[tuple[int, int, float]]) -> Network:
    suppliers, customers, amounts = zip(*links, strict=True) if links else ((), (), ())
    return Network.from_edges(suppliers, customers, amounts, [[one] for one in effects])


def test_a_new_supplier_changes_nothing_but_by_who_takes_it() -> None:
    # chair 1 + 4 steel of A at 2 = 9; then 4 steel of B at 3 = 13: all of it another supplier
    before = PeriodPart(network([1, 2], [(1, 0, 4.0)]), [0, 1], {0: 10.0})
    after = PeriodPart(network([1, 3], [(1, 0, 4.0)]), [0, 2], {0: 10.0})
    states = two_states(before, after, 1)
    assert states[0].network.direct[:, 0].tolist() == states[1].network.direct[:, 0].tolist() == [1, 2, 3]
    every = range(3)
    mix, intensity = Switch("mix", recipes=every), Switch("intensity", direct=cells(every, [0]))
    found = decompose(*states, [mix, intensity, Switch("volume", demand=[0])])
    assert found.parts[:, 0].tolist() == pytest.approx([40, 0, 0])


def test_own_effects_alone_have_neither_links_nor_declared_footprints() -> None:
    linked = Network.from_edges([1], [0], [4.0], [[1.0], [2.0]], [[np.nan], [9.0]])
    one = PeriodPart(linked, [0, 1], {0: 10.0, 1: 40.0}, is_own_only=True)
    state = two_states(one, one, 1)[0]
    assert (state.network.amounts.nnz, bool(state.network.declared.any())) == (0, False)
    assert float(np.asarray(state.demand) @ state.network.direct[:, 0]) == 90


@st.composite
def periods(draw: st.DrawFn) -> list[Any]:
    """Two tree-like networks of up to five products that share some of their places."""
    found = []
    for _ in range(2):
        size = draw(st.integers(1, 5))
        effects = draw(st.lists(st.floats(0.001, 10), min_size=size, max_size=size))
        links = [
            (supplier, customer, draw(st.floats(0.1, 2)))
            for customer in range(size)
            for supplier in range(customer + 1, size)
            if draw(st.booleans())
        ]
        places = sorted(draw(st.sets(st.integers(0, 7), min_size=size, max_size=size)))
        found.append((network(effects, links), places, {0: draw(st.floats(0.5, 10))}))
    return found


@settings(max_examples=40)
@given(periods())
def test_causes_sum_to_the_difference_of_both_periods_totals(pair: list[Any]) -> None:
    states = two_states(PeriodPart(*pair[0]), PeriodPart(*pair[1]), 1)
    every = range(states[0].network.size)
    switches = [
        Switch("volume", demand=every),
        Switch("mix", recipes=every),
        Switch("intensity", direct=cells(every, [0])),
    ]
    found = decompose(*states, switches)
    totals = [solve(net).footprints[0, 0] * demand[0] for net, _, demand in pair]
    assert found.before[0] == pytest.approx(totals[0], abs=1e-9)
    assert found.parts[:, 0].sum() == pytest.approx(totals[1] - totals[0], rel=1e-8, abs=1e-8)
