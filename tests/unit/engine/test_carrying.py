"""What effects bring through amounts, entry by entry as exact as it can be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from exchange.engine.carrying import carried
from exchange.engine.errors import LoopError
from exchange.engine.kernels import compiled_kernels
from exchange.engine.network import link_matrix
from tests.unit.engine.networks import Parts, dense_footprints, parts


@settings(max_examples=40, deadline=None)
@given(parts())
def test_it_is_what_a_dense_solve_says(random: Parts) -> None:
    network = random.network()
    found = carried(network.amounts, network.effects, network.declared)
    assert np.allclose(found, dense_footprints(network), rtol=1e-8, atol=0)


def test_entries_may_lie_hundreds_of_orders_apart() -> None:
    row = np.arange(100)
    amounts = link_matrix(row[:-1], row[1:], np.full(99, 1e-3), 100)
    effects = np.zeros((100, 1))
    effects[0] = 1.0
    found = carried(amounts, effects, np.zeros((100, 1), dtype=bool))[:, 0]
    assert found == pytest.approx(1e-3**row, rel=1e-12, abs=0)


@pytest.mark.parametrize("gain", [1.0, 1.5])
def test_a_gaining_loop_is_refused_naming_it(gain: float) -> None:
    amounts = link_matrix([0, 1], [1, 0], [1.0, gain], 3)
    with pytest.raises(LoopError) as refusal:
        carried(amounts, np.ones((3, 1)), np.zeros((3, 1), dtype=bool))
    assert refusal.value.nodes == (0, 1)


def test_compiled_or_not_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    source, size = np.random.default_rng(3), 300
    ends = source.integers(0, size, (2, 5 * size))
    amounts = link_matrix(ends[0], ends[1], source.random(5 * size) / 6, size)
    effects, held = source.random((size, 7)), source.random((size, 7)) < 0.1
    bare = carried(amounts, effects, held)
    _compile_always(monkeypatch)
    assert np.allclose(carried(amounts, effects, held), bare, rtol=1e-11, atol=0)


def test_compiled_too_a_gaining_loop_goes_by_its_own_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    _compile_always(monkeypatch)
    amounts = link_matrix([3, 2, 3], [2, 3, 0], [1.0, 2.0, 1.0], 5)
    with pytest.raises(LoopError) as refusal:
        carried(amounts, np.ones((5, 1)), np.zeros((5, 1), dtype=bool))
    assert refusal.value.nodes == (2, 3)


def _compile_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "exchange.engine.carrying.compiled_kernels", lambda products: compiled_kernels(products, True)
    )
