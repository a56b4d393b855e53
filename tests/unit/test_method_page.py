"""The worked examples of docs/method.md, each number taken from the page and confirmed by the engine."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from exchange.domain.linking import COLUMNS
from exchange.engine import Network, solve
from exchange.engine.quality import KINDS, quality
from exchange.services.rollup.solving import solve_network
from tests.unit.domain.linking_cases import delivery, everything, line, product
from tests.unit.domain.linking_cases import network as linked_network

PAGE = (Path(__file__).parents[2] / "docs" / "method.md").read_text(encoding="utf-8")
ORE, STEEL, BRACKET = range(3)


def says(*texts: str) -> None:
    """The page still states exactly these calculations."""
    flat = " ".join(PAGE.replace("\n> ", " ").split())
    for text in texts:
        assert text in flat, text


def tree(fixed: float = np.nan) -> Network:
    """Ore -> steel -> bracket with CO2e and water; `fixed` is what steel declares for CO2e."""
    own = [[2.0, 0.01], [0.5, 0.002], [0.4, 0.001]]
    declared = [[np.nan] * 2, [fixed, np.nan], [np.nan] * 2]
    return Network.from_edges([ORE, STEEL], [STEEL, BRACKET], [1.1, 1.2], own, declared)


def test_a_tree_is_the_hand_sum() -> None:
    says("0.5 + 1.1 x 2 = 2.7", "0.4 + 1.2 x 2.7 = 3.64")
    footprints = solve(tree()).footprints
    assert footprints[STEEL, 0] == pytest.approx(2.7, abs=1e-9)
    assert footprints[BRACKET, 0] == pytest.approx(3.64, abs=1e-9)


def test_a_loop_divides_by_what_is_left() -> None:
    says("0.9 / (1 - 0.1) = 1.")
    assert solve(Network.from_edges([0], [0], [0.1], [[0.9]])).footprints[0, 0] == pytest.approx(
        1.0, abs=1e-9
    )


def test_declared_co2_leaves_water_alone() -> None:
    says("0.4 + 1.2 x 3.0 = 4.0 kg CO2e", "0.001 + 1.2 x 0.013 = 0.0166 m3")
    footprints = solve(tree(fixed=3.0)).footprints
    assert footprints[BRACKET] == pytest.approx([4.0, 0.0166], abs=1e-9)


def test_linked_heat_is_taken_out_of_the_makers_own() -> None:
    says("6 + 4 x 1.05 = 10.2 MJ", "1.2 + 4 x 0.09 = 1.56 kg")
    heat, casting = [1.05, 0.09], [10 - 4, 1.5 - 0.3]
    footprints = solve(Network.from_edges([0], [1], [4.0], [heat, casting])).footprints
    assert footprints[1] == pytest.approx([10.2, 1.56], abs=1e-9)


def test_resources_outside_the_recipe_are_a_gap_of_their_mass() -> None:
    says("100 - 1 = 99 kg are a gap. 1 of 100 kg is covered")
    steel = product("steel", "s", burden_free=Fraction(1), own=everything(resources=1))
    steel_line = line("steel", 1, explains={"resources": Fraction(1)})
    chair = product("chair", "c", own=everything(resources=100), recipe=(steel_line,))
    linked = linked_network(steel, chair, deliveries=(delivery("steel", "c", 100),))
    (gap,) = linked.gaps
    assert (gap.reason, gap.mass) == ("inputs_unstated", 99)
    assert [one.input_mass for one in linked.nodes if one.key == "chair"] == [100]


def test_pooled_steel_is_not_counted_twice() -> None:
    says("own 5 - 400 / 100 = 1 kg, total 1 + 4 x 1 = 5 kg. Ten chairs are 50 kg, not 90.")
    steel = product("steel", "s", own=everything(resources=1))
    chair = product("chair", "c", own=everything(resources=5), produced=Fraction(100))
    solved = solve_network(linked_network(steel, chair, deliveries=(delivery("steel", "c", 400),)))
    at = [one.key for one in solved.linked.nodes].index("chair")
    column = COLUMNS.index("resources")
    assert solved.solution.network.direct[at, column] == pytest.approx(1, abs=1e-9)
    assert solved.solution.footprints[at, column] == pytest.approx(5, abs=1e-9)


def test_a_target_inside_a_target_counts_once() -> None:
    says("20 t of the steel are in the frames: the demand is 100 frames and 10 t.")
    network = Network.from_edges([0], [1], [0.2], [[2.0], [1.0]])
    assert solve(network).total([10.0, 100.0])[0] == pytest.approx(10 * 2 + 100 * (1 + 0.2 * 2), abs=1e-9)


def test_meters_are_not_enough_when_the_amount_was_spread() -> None:
    says("1 of 21 kg is measured, 20 are allocated")
    network = Network.from_edges([0], [1], [2.0], [[10.0], [1.0]])
    measured = np.zeros((2, 1, 4))
    measured[:, :, KINDS.index("measured")] = 1.0
    found = quality(network, sparse.csr_array((2, 2)), measured, measured)
    assert found.shares()[1, 0] == pytest.approx([1 / 21, 20 / 21, 0, 0], abs=1e-9)


def test_the_remainder_of_a_measured_delivery() -> None:
    says("500 - 40 = 460 kg, that is 0.575 per kg")
    assert (Fraction(500) - 200 * Fraction("0.2")) / 800 == Fraction("0.575")
