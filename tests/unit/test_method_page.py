"""The worked examples of docs/method.md that are solved; those of linking alone are in test_method_linking.py."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from scipy import sparse

from exchange.domain.development import (
    Activity,
    Decoupling,
    Hindrance,
    PriceBasis,
    decoupling,
    productivity,
)
from exchange.domain.linking import COLUMNS
from exchange.engine import Network, solve
from exchange.engine.quality import KINDS, quality
from exchange.services.rollup.solving import solve_linked
from tests.unit.domain.linking_cases import delivery, everything, line, product
from tests.unit.domain.linking_cases import network as linked_network
from tests.unit.method_page import says

ORE, STEEL, BRACKET = range(3)


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
    linked = linked_network(steel, chair, deliveries=(delivery("steel", "c", 400),))
    solved = solve_linked(linked)
    at = [one.key for one in linked.nodes].index("chair")
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


def test_productivity_is_over_the_products_with_value_added_and_effect() -> None:
    says("800 / 180 = 4.44 DKK per kg, covering 180 of 200 kg = 90 %")
    parts = [(Decimal(120), Decimal(600)), (Decimal(60), Decimal(200)), (Decimal(20), None)]
    found = productivity(Activity(Decimal(1), effect, value, PriceBasis.CURRENT) for effect, value in parts)
    assert (found.value, found.coverage) == (Decimal(800) / Decimal(180), Decimal("0.9"))


def test_a_gap_leaves_no_productivity() -> None:
    says("200 / 10 = 20 DKK per kg would be a figure about a ninth of the effect: there is none")
    chair = Activity(Decimal(1), Decimal(10), Decimal(200), PriceBasis.CURRENT)
    found = productivity([chair], is_at_least=True)
    assert (found.value, found.coverage, found.hindrance) == (None, None, Hindrance.AT_LEAST)


@pytest.mark.parametrize(
    ("value", "effect", "expected"),
    [
        (105, 99, Decoupling.ABSOLUTE),
        (105, 102, Decoupling.RELATIVE),
        (105, 106, Decoupling.NONE),
        (95, 92, Decoupling.RECESSIVE_DECOUPLING),
        (95, 98, Decoupling.RECESSIVE_COUPLING),
        (95, 101, Decoupling.NEGATIVE),
    ],
)
def test_classes_of_decoupling(value: int, effect: int, expected: Decoupling) -> None:
    says("Value added +5 %. Effect -1 %: absolute decoupling. Effect +2 %: relative. Effect +6 %: none.")
    says("effect -8 % recessive decoupling, -2 % recessive coupling, +1 % negative")
    old, new = (
        productivity([Activity(Decimal(1), Decimal(one), Decimal(other), PriceBasis.CONSTANT)])
        for one, other in ((100, 100), (effect, value))
    )
    assert decoupling(old, new) is expected
