"""Credits apart, and the low and high of CO2e: never in the headline, and never lost on the way."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.domain.linking import COLUMNS, CoProduct, LinkedNetwork, Prefer
from exchange.domain.linking.beside_co2e import BESIDE
from exchange.domain.linking.records import CO2E_HIGH, CO2E_LOW, CREDITS
from exchange.domain.periods import Period
from exchange.services.rollup.solving import solve_linked
from tests.unit.domain.linking_cases import (
    PIECE,
    Y2025,
    delivery,
    effects,
    everything,
    f,
    line,
    network,
    node,
    product,
    reasons,
)
from tests.unit.domain.test_linking_flows import FIRST_HALF, SECOND_HALF

SPAN = {"co2e": 2, "co2e_low": "1.8", "co2e_high": "2.3", "credits": "0.5"}
STEEL = product("steel", "s", own=everything(**SPAN))


def beside(linked: LinkedNetwork, key: str) -> list[Fraction]:
    """Low, CO2e, high and credits of a node's own."""
    own = node(linked, key).own
    return [own[column].amount for column in (CO2E_LOW, "co2e", CO2E_HIGH, CREDITS)]


def test_what_states_neither_bounds_nor_credits_counts_as_it_is() -> None:
    assert beside(network(product("oak", "n", own=everything(co2e=2))), "oak") == [2, 2, 2, 0]


def test_without_co2e_there_is_nothing_beside_it() -> None:
    linked = network(product("oak", "n", own=effects(water=1)))
    assert set(node(linked, "oak").own) == {"water"}
    (missing,) = [gap for gap in linked.gaps if gap.reason == "own_missing"]
    assert missing.columns == set(COLUMNS) - {"water"}


def test_bounds_the_wrong_way_round_are_the_figure_itself() -> None:
    own = everything(co2e=2, co2e_low=3, co2e_high=1)
    assert beside(network(product("oak", "n", own=own)), "oak") == [2, 2, 2, 0]


def test_what_is_netted_out_of_co2e_is_netted_out_of_its_bounds() -> None:
    # own 2 between 1.8 and 2.3; 1.9 of it explained by linked heat: 0.1 between 0 and 0.4
    uses = line("heat", 1, explains={"co2e": f("1.9")})
    linked = network(
        product("heat", "h"),
        product("chair", "c", unit=PIECE, own=everything(**SPAN), recipe=(uses,)),
        deliveries=(delivery("heat", "c", 10),),
    )
    assert beside(linked, "chair") == [0, f("0.1"), f("0.4"), f("0.5")]


def test_the_rest_of_a_measured_delivery_keeps_its_bounds_in_order() -> None:
    # 1000 kg at 2 (1.8 to 2.3); 500 measured at 1 exactly: the rest 3 between 2.6 and 3.6, credits as they were
    linked = network(STEEL, deliveries=(delivery("steel", "x", 500, own=effects(co2e=1)),))
    assert beside(linked, "steel") == [f("2.6"), 3, f("3.6"), f("0.5")]
    assert beside(linked, "steel/steel-x") == [1, 1, 1, f("0.5")]


def test_halves_are_weighed_with_what_is_beside_them() -> None:
    # 1 part at 2 (1.8 to 2.3, credit 0.5) and 3 parts at 4 without: 3.5 between 3.45 and 3.575, credit 0.125
    linked = network(
        product("steel", "s", own=everything(**SPAN), period=FIRST_HALF, produced=f(100)),
        product("steel", "s", own=everything(co2e=4), period=SECOND_HALF, produced=f(300)),
    )
    assert beside(linked, "steel") == [f("3.45"), f("3.5"), f("3.575"), f("0.125")]


def test_a_quarter_without_credits_takes_those_of_its_year() -> None:
    quarter = Period(Y2025.start, FIRST_HALF.end)
    linked = network(STEEL, product("steel", "s", own=effects(co2e=2), period=quarter, produced=f(400)))
    assert beside(linked, "steel")[3] == f("0.5")


def test_by_products_take_their_share_of_credits_and_bounds() -> None:
    # a tenth of 1000 kg to 500 kg chips: 0.2 of each
    linked = network(
        product(
            "plank", "s", own=everything(**SPAN), co_products=(CoProduct("chips", f("0.1"), "physical"),)
        ),
        product("chips", "s", own={}, recipe=None, produced=f(500)),
    )
    assert beside(linked, "chips") == [f("0.36"), f("0.4"), f("0.46"), f("0.1")]
    assert beside(linked, "plank") == [f("1.62"), f("1.8"), f("2.07"), f("0.45")]


def test_where_co2e_is_declared_bounds_and_credits_are() -> None:
    steel = product("steel", "s", declared=effects(co2e=-2, co2e_low=-3, water=1))
    one = node(network(steel, prefer=Prefer.DECLARED), "steel")
    assert one.fixed == {"co2e", "water", *BESIDE}
    assert [one.declared[column].amount for column in (CO2E_LOW, CO2E_HIGH, CREDITS)] == [-3, -2, 0]


def test_credits_nobody_states_are_no_gap() -> None:
    assert reasons(network(product("oak", "n", own=everything(co2e=1))), "oak") == set()


def parts(least: int, most: int) -> st.SearchStrategy[Fraction]:
    """Numbers as datasets state them, to the thousandth."""
    return st.integers(least * 1000, most * 1000).map(lambda number: Fraction(number, 1000))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9), parts(1, 2), parts(0, 1), parts(0, 3)),
        min_size=2,
        max_size=5,
    )
)
def test_gross_less_net_is_credits_and_low_high_enclose_the_figure(
    facts: list[tuple[int, int, Fraction, Fraction, Fraction]],
) -> None:
    """Invariant 12 of the roll-up, and the range, in loops: solved net of credits, gross less net is the credits."""
    names = [f"p{number}" for number in range(len(facts))]
    made = [
        product(
            name,
            f"maker {name}",
            own=everything(co2e=own, co2e_low=str(own * low), co2e_high=str(own * high), credits=str(credit)),
            recipe=(line(names[other % len(names)], "0.3", named=True), line(names[0], "0.2", named=True)),
        )
        for name, (own, other, high, low, credit) in zip(names, facts, strict=True)
    ]
    solved = solve_linked(network(*made))
    low, value, high, credits = (
        solved.solution.footprints[:, COLUMNS.index(column)]
        for column in (CO2E_LOW, "co2e", CO2E_HIGH, CREDITS)
    )
    matrix = np.eye(len(names)) - solved.solution.network.amounts.toarray()
    direct = solved.solution.network.direct
    net = np.linalg.solve(matrix, direct[:, COLUMNS.index("co2e")] - direct[:, COLUMNS.index(CREDITS)])
    assert value - net == pytest.approx(credits, abs=1e-7)
    assert (credits >= 0).all()
    assert (low <= value + 1e-9).all() and (value <= high + 1e-9).all()
