"""Loops that gain nearly 1, or 1, in large networks, and numbers that arithmetic would lose."""

from __future__ import annotations

import numpy as np
import pytest

from exchange.engine import Network, solve
from exchange.engine.acceleration import accelerate
from exchange.engine.errors import EngineError, LoopError, RangeError
from exchange.engine.loops import worst_loop
from exchange.engine.network import Floats, Ids
from exchange.engine.sweeps import Equations

SIZE = 100_000


def chain_with(supplier: list[int], customer: list[int], per_unit: list[float], size: int = SIZE) -> Network:
    """Everybody takes 0.5 of the one before, own effect 1; and these links in addition."""
    before = np.arange(size - 1)
    return Network.from_edges(
        np.concatenate([before, supplier]),
        np.concatenate([before + 1, customer]),
        np.concatenate([np.full(size - 1, 0.5), per_unit]),
        np.ones((size, 1)),
    )


def ring(gain: float, size: int, seed: int = 1) -> tuple[Network, Ids]:
    """A circle through all products in a random order, each taking 1 of the one before, `gain` once."""
    order = np.random.default_rng(seed).permutation(size)
    per_unit = np.where(np.arange(size) == 0, gain, 1.0)
    return Network.from_edges(np.roll(order, 1), order, per_unit, np.ones((size, 1))), order


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("gain", [0.999, 0.99999])
def test_a_loop_that_gains_nearly_one_converges_among_a_hundred_thousand(gain: float, compiled: bool) -> None:
    network = chain_with([1], [0], [gain / 0.5])
    solution = solve(network, compiled=compiled)
    # F0 = 1 + 2 gain F1, F1 = 1 + F0 / 2: F0 = (1 + 2 gain) / (1 - gain), and F[i] = 1 + F[i-1] / 2 from there
    first = (1 + 2 * gain) / (1 - gain)
    truth: Floats = 2 + (first - 2) * 0.5 ** np.minimum(np.arange(SIZE), 200.0)
    assert solution.footprints[:, 0] == pytest.approx(truth, rel=1e-9)
    assert solution.error_bound[0] <= 1e-8


@pytest.mark.parametrize("compiled", [True, False])
def test_a_circle_through_a_whole_network_converges(compiled: bool) -> None:
    size, gain = 5_000, 0.999
    network, order = ring(gain, size)
    solution = solve(network, compiled=compiled)
    last = size / (1 - gain)  # each of the circle adds 1, and a part `gain` of it all comes round again
    assert solution.footprints[order[-1], 0] == pytest.approx(last, rel=1e-6)
    demand = np.zeros(size)
    demand[order[-1]] = 1.0
    assert solution.activity(demand).sum() == pytest.approx(last, rel=1e-6)


def test_many_slow_loops_of_different_gain_converge() -> None:
    random = np.random.default_rng(3)
    gains = 1 - 10 ** random.uniform(-5, -2, 500)
    size = 20_000
    one, other = np.split(random.permutation(size)[:1000], 2)
    network = Network.from_edges(
        np.concatenate([one, other]),
        np.concatenate([other, one]),
        np.concatenate([np.ones(500), gains]),
        np.ones((size, 1)),
    )
    # one = 1 + gain other, other = 1 + one
    assert solve(network).footprints[one, 0] == pytest.approx((1 + gains) / (1 - gains), rel=1e-9)


@pytest.mark.parametrize("gain", [1.0, 1.001, 7.0])
def test_two_that_gain_one_are_named_among_all_that_hang_together(gain: float) -> None:
    # the last takes part in a weak loop through everybody, so that all products are one part
    network = chain_with([SIZE - 1, 41], [0, 40], [1e-3, gain / 0.5])
    with pytest.raises(LoopError) as refusal:
        solve(network)
    assert refusal.value.nodes == (40, 41)
    assert refusal.value.gain == pytest.approx(np.sqrt(gain), rel=1e-6)


def test_a_circle_that_gains_one_only_as_a_whole_is_named_as_a_whole() -> None:
    network, _ = ring(1.01, 300)
    members, gain = worst_loop(network.amounts)
    assert members == tuple(range(300))
    assert 1 <= gain <= 1.01 ** (1 / 300) * (1 + 1e-12)


def test_accelerating_solves_each_pattern_of_held_entries() -> None:
    size = 3_000
    network = chain_with([1], [0], [0.9999 / 0.5], size)
    held = np.zeros((size, 2), dtype=bool)
    held[1, 1] = True
    base = np.ones((size, 2))
    found = accelerate(Equations(network.amounts, base, held), base)
    assert found[0, 0] == pytest.approx((1 + 2 * 0.9999) / 0.0001, rel=1e-10)
    assert found[:2, 1].tolist() == pytest.approx([1 + 2 * 0.9999, 1.0], rel=1e-14)


@pytest.mark.parametrize("bad", [1e300, 1e-300, 5e-324, np.nan, np.inf])
def test_numbers_that_arithmetic_would_lose_are_refused(bad: float) -> None:
    for links, direct, fixed in (
        (bad, [[1.0], [1.0]], None),
        (1.0, [[1.0], [bad]], None),
        (1.0, [[1.0], [1.0]], [[1.0], [bad]]),
        (1.0, [[1.0], [-bad]], None),
    ):
        if fixed and np.isnan(bad):
            continue  # nothing declared
        with pytest.raises(EngineError) as refusal:
            solve(Network.from_edges([0], [1], [links], direct, fixed))
        assert refusal.value.code in {"engine.shape", "engine.range"}
        if isinstance(refusal.value, RangeError):
            assert refusal.value.nodes == (1,)


def test_flows_too_far_apart_are_refused_without_a_warning() -> None:
    with pytest.raises(RangeError):
        Network.from_flows([0], [1], [1e90], [1e95, 1e-90], [[1.0], [1.0]])
    with pytest.raises(RangeError):
        Network.from_flows([0], [1], [1.0], [1e95, 5e-324], [[1.0], [1.0]])


@pytest.mark.parametrize("per_unit", [1e90, 1e-90])
@pytest.mark.parametrize("compiled", [True, False])
def test_a_chain_that_multiplies_beyond_arithmetic_is_refused(per_unit: float, compiled: bool) -> None:
    places = np.arange(5)
    own = np.where(np.arange(6) == 0, 1.0, 0.0)[:, None]
    with pytest.raises(EngineError) as refusal:
        solve(Network.from_edges(places, places + 1, np.full(5, per_unit), own), compiled=compiled)
    assert refusal.value.code in {"engine.range", "engine.not_converged"}


def test_amounts_and_effects_in_a_network_that_was_not_built_here_are_checked_too() -> None:
    good = Network.from_edges([0], [1], [1.0], [[1.0], [1.0]])
    for direct in (np.array([[1.0], [np.nan]]), np.array([[1e200], [0.0]])):
        with pytest.raises(RangeError):
            solve(Network(good.amounts, direct, good.fixed))
    with pytest.raises(RangeError):
        solve(Network(-good.amounts, good.direct, good.fixed))


@pytest.mark.parametrize("compiled", [False, True])
def test_a_figure_that_is_tiny_in_one_column_is_no_less_certain(compiled: bool) -> None:
    # five products in a row, each a thousandth of the next; water only at the first: 1e-12 at the last
    water_at_the_first = [[1.0, 1.0], *[[1.0, 0.0]] * 4]
    row = Network.from_edges([0, 1, 2, 3], [1, 2, 3, 4], [1e-3] * 4, water_at_the_first)
    solution = solve(row, compiled=compiled)
    assert solution.footprints[4].tolist() == pytest.approx([1.001001001001, 1e-12], rel=1e-12)
    assert (solution.error_bound < 1e-12).all()


@pytest.mark.parametrize("compiled", [False, True])
def test_products_of_very_different_sizes_stop_nobody(compiled: bool) -> None:
    # product 0 needs half of itself and has no effect; 1 and 2 differ by twelve orders in the second column
    direct = [[0.0, 0.0], [1.0, 1.0], [1.0, 1e-12]]
    solution = solve(Network.from_edges([0, 0, 0], [0, 1, 2], [0.5, 0.5, 0.5], direct), compiled=compiled)
    assert solution.footprints.tolist() == direct
    assert (solution.error_bound < 1e-12).all()


def test_every_loop_that_gains_is_named_at_once() -> None:
    # 40 pairs, every second of which gains 1.5; one refusal tells of all twenty
    first = np.arange(0, 80, 2)
    per_unit = np.where(np.arange(40) % 2 == 0, 1.5, 0.5)
    network = Network.from_edges(
        np.concatenate([first, first + 1]),
        np.concatenate([first + 1, first]),
        np.concatenate([per_unit, per_unit]),
        np.ones((80, 1)),
    )
    with pytest.raises(LoopError) as refusal:
        solve(network)
    told = {*refusal.value.nodes, *refusal.value.others}
    assert told == {node for node in range(80) if node % 4 < 2}
    assert len(refusal.value.nodes) == 2
