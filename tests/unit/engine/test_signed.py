"""Negative effects: nobody's figure is less exact because of what somebody else declares."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.engine import Network, solve
from tests.unit.engine.networks import exact_footprints, parts

NAN = float("nan")


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("declared", [-1e15, -1e40, -1.0])
def test_a_strangers_negative_value_moves_no_figure(compiled: bool, declared: float) -> None:
    # five in a loop of gain 0.999 with 0.02 kg each: 5 x 0.02 / (1 - 0.999) shared round the loop; one stranger apart
    ring = Network.from_edges(
        [0, 1, 2, 3, 4],
        [1, 2, 3, 4, 0],
        [1, 1, 1, 1, 0.999],
        [[0.02]] * 5 + [[0.0]],
        [[NAN]] * 5 + [[declared]],
    )
    solution = solve(ring, compiled=compiled)
    last = 0.1 / (1 - 0.999)  # F4 = 5 x 0.02 + 0.999 F4
    expected = [last * 0.999 + 0.02 * (step + 1) for step in range(5)]
    assert solution.footprints[:5, 0].tolist() == pytest.approx([*expected[:4], last], rel=1e-10)
    assert solution.footprints[5, 0] == declared
    assert solution.error_bound[0] <= 1e-8


def test_what_takes_away_is_told_beside_what_adds() -> None:
    # a tree of -3 and 1 of its own, 2 of it in a board with 5 of its own: 5 + 2 x (1 - 3) = 1, gross 5 + 2 x 4 = 13
    network = Network.from_edges([0, 1], [1, 2], [1, 2], [[-3.0], [1.0], [5.0]])
    solution = solve(network)
    assert solution.footprints[:, 0].tolist() == [-3, -2, 1]
    assert solution.gross[:, 0].tolist() == [3, 4, 13]


@settings(max_examples=30, deadline=None)
@given(parts(), st.integers(0, 2**32 - 1))
def test_the_true_error_stays_within_the_bound_of_the_gross(random, seed: int) -> None:  # type: ignore[no-untyped-def]
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], random.direct.shape)
    network = Network.from_edges(
        random.supplier, random.customer, random.per_unit, random.direct * signs, random.fixed * signs
    )
    solution = solve(network)
    for node, row in enumerate(exact_footprints(network)):
        for column, truth in enumerate(row):
            error = abs(Fraction(float(solution.footprints[node, column])) - truth)
            allowed = Fraction(float(solution.error_bound[column])) * Fraction(
                float(solution.gross[node, column])
            )
            assert error <= allowed
