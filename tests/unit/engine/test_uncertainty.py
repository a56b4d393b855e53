"""Low and high footprints, and the spread of a total to first order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.engine import Network, interval, solve, variance
from exchange.engine.errors import ShapeError
from exchange.engine.network import Floats
from tests.unit.engine.networks import Parts, dense_footprints, exact_footprints, parts

NAN = float("nan")
quick = settings(max_examples=40, deadline=None)


def bracket() -> Network:
    """Columns co2e, water; steel (1, 2) into a bracket (0.5, 0.25), 3 units; the bracket declares water 9."""
    return Network.from_edges([0], [1], [3.0], [[1.0, 2.0], [0.5, 0.25]], [[NAN, NAN], [NAN, 9.0]])


def test_bounds_go_downstream_with_the_amounts() -> None:
    # steel between 0.8 and 1.5: bracket 0.5 + 2.4 = 2.9 to 0.5 + 4.5 = 5; its declared water between 9 and 10
    result = interval(solve(bracket()), [[0.8, NAN], [NAN, NAN]], [[1.5, NAN], [NAN, 10.0]])
    assert result.low == pytest.approx(np.array([[0.8, 2.0], [2.9, 9.0]]))
    assert result.high == pytest.approx(np.array([[1.5, 2.0], [5.0, 10.0]]))
    assert (result.error_bound < 1e-12).all()


def test_without_a_source_there_is_one_value() -> None:
    solution = solve(bracket())
    nothing = np.full((2, 2), NAN)
    result = interval(solution, nothing, nothing)
    assert (result.low == solution.footprints).all()
    assert (result.high == solution.footprints).all()


@pytest.mark.parametrize(
    ("low", "high", "nodes"),
    [
        ([[1.1, NAN], [NAN, NAN]], [[2.0, NAN], [NAN, NAN]], (0,)),
        ([[NAN, NAN], [NAN, 8.0]], [[NAN, NAN], [NAN, 8.5]], (1,)),
        ([[-np.inf, NAN], [NAN, NAN]], [[2.0, NAN], [NAN, NAN]], ()),
        ([[1.0]], [[1.0]], ()),
    ],
)
def test_bounds_that_are_none_are_refused(
    low: list[list[float]], high: list[list[float]], nodes: tuple[int, ...]
) -> None:
    with pytest.raises(ShapeError) as refusal:
        interval(solve(bracket()), low, high)
    assert refusal.value.nodes == nodes


def _bounds(network: Network, source: np.random.Generator) -> tuple[Floats, Floats]:
    effects = network.effects
    room = np.abs(effects) * source.random(effects.shape) + source.random(effects.shape) * (effects == 0)
    given_ = source.random(effects.shape) < 0.5
    return np.where(given_, effects - room, NAN), np.where(given_, effects + 2 * room, NAN)


@quick
@given(parts())
def test_low_value_and_high_stand_in_this_order_and_equal_dense_solves(random: Parts) -> None:
    network = random.network()
    low, high = _bounds(network, np.random.default_rng(network.size))
    solution = solve(network)
    result = interval(solution, low, high)
    assert (result.low <= solution.footprints).all()
    assert (solution.footprints <= result.high).all()
    for found, bound in ((result.low, low), (result.high, high)):
        effects = np.where(np.isnan(bound), network.effects, bound)
        truth = dense_footprints(Network(network.amounts, effects, np.where(network.declared, effects, NAN)))
        scale = np.abs(truth).max(axis=0, initial=1e-300)
        assert (np.abs(found - truth) <= 1e-8 * scale).all()


@quick
@given(parts())
def test_high_footprints_are_certified(random: Parts) -> None:
    network = random.network()
    _, high = _bounds(network, np.random.default_rng(network.size))
    result = interval(solve(network), network.effects, high)
    effects = np.where(np.isnan(high), network.effects, high)
    truth = exact_footprints(Network(network.amounts, effects, np.where(network.declared, effects, NAN)))
    for product, row in enumerate(truth):
        for column, exact in enumerate(row):
            error = abs(float(result.high[product, column]) - float(exact))
            assert error <= (float(result.error_bound[column]) + 1e-15) * float(exact)


def test_the_spread_of_a_bracket_by_hand() -> None:
    # T = 2 (0.5 + 3 x 1): dT/dA = 2 x 1, dT/dD = 2 and 6; sd 0.3 of the amount, 0.1 and 0.2 of the effects
    network = bracket()
    of_amounts = network.amounts.copy()
    of_amounts.data = np.array([0.09])
    result = variance(solve(network), [0.0, 2.0], of_amounts, [[0.04, 0.0], [0.01, 0.25]])
    assert result.recipes == pytest.approx(np.array([[0, 0], [4 * 0.09, 0]]))
    assert result.effects == pytest.approx(np.array([[36 * 0.04, 0], [4 * 0.01, 4 * 0.25]]))
    assert result.deviation == pytest.approx([np.sqrt(0.36 + 1.44 + 0.04), 1.0])


@quick
@given(parts(), st.data())
def test_the_derivative_by_an_amount_is_that_of_finite_differences(
    random: Parts, data: st.DataObject
) -> None:
    """The variance of one amount alone is the square of the total's derivative: compared in both directions."""
    network = random.network()
    if network.amounts.nnz == 0:
        return
    entry = data.draw(st.integers(0, network.amounts.nnz - 1))
    demand = np.random.default_rng(network.size).random(network.size)
    alone = network.amounts.copy()
    alone.data = np.zeros(alone.nnz)
    alone.data[entry] = 1.0
    found = variance(solve(network), demand, alone, np.zeros_like(network.direct)).deviation
    step = 1e-6 * float(network.amounts.data[entry])
    totals = []
    for sign in (1, -1):
        moved = network.amounts.copy()
        moved.data[entry] += sign * step
        totals.append(demand @ dense_footprints(Network(moved, network.direct, network.fixed)))
    expected = (totals[0] - totals[1]) / (2 * step)
    scale = np.abs(totals[0]) / float(network.amounts.data[entry])
    assert (np.abs(found - expected) <= 1e-5 * expected + 1e-8 * scale).all()


def test_first_order_agrees_with_monte_carlo() -> None:
    source = np.random.default_rng(11)
    network = Network.from_edges(
        source.integers(0, 30, 120),
        source.integers(0, 30, 120),
        source.random(120) / 6,
        source.random((30, 2)),
    )
    demand = source.random(30)
    sd_amounts, sd_effects = 0.1 * network.amounts.data, 0.2 * network.direct
    of_amounts = network.amounts.copy()
    of_amounts.data = sd_amounts**2
    expected = variance(solve(network), demand, of_amounts, sd_effects**2).deviation
    totals = []
    for _ in range(2_000):
        amounts = network.amounts.copy()
        amounts.data = np.abs(amounts.data + sd_amounts * source.standard_normal(amounts.nnz))
        effects = network.direct + sd_effects * source.standard_normal(network.direct.shape)
        totals.append(demand @ np.linalg.solve(np.eye(30) - amounts.toarray(), effects))
    assert np.std(totals, axis=0) == pytest.approx(expected, rel=0.1)


def test_a_variance_cannot_be_negative_or_of_another_shape() -> None:
    network = bracket()
    negative = network.amounts.copy()
    negative.data = -negative.data
    none = np.zeros((2, 2))
    with pytest.raises(ShapeError):
        variance(solve(network), [0, 1], negative, none)
    with pytest.raises(ShapeError):
        variance(solve(network), [0, 1], network.amounts, none - 1)
    with pytest.raises(ShapeError):
        variance(solve(network), [0, 1], network.amounts, [[0.0]])
