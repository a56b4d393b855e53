"""By-products of several processes, waste, and shares that contradict themselves."""

from __future__ import annotations

import pytest

from exchange.domain.linking import CoProduct, NodeKind
from tests.unit.domain.linking_cases import (
    amounts,
    delivery,
    effects,
    everything,
    f,
    is_at_least,
    line,
    network,
    node,
    product,
    reasons,
)

CHIPS = product("chips", "s", own={}, recipe=None, produced=f(500))


def share(of: str, part: str, rule: str = "economic", **facts: bool) -> CoProduct:
    return CoProduct(of, f(part), rule, **facts)


def test_what_comes_out_of_two_processes_bears_a_share_of_each() -> None:
    # planks 1000 at 9, beams 100 at 20; a tenth of each to 500 kg of chips: (900 + 200) / 500 = 2.2
    linked = network(
        product("plank", "s", own=everything(co2e=9), co_products=(share("chips", "0.1"),)),
        product("beam", "s", own=everything(co2e=20), produced=f(100), co_products=(share("chips", "0.1"),)),
        CHIPS,
    )
    own = {key: node(linked, key).own["co2e"].amount for key in ("plank", "beam", "chips")}
    assert own == {"plank": f("8.1"), "beam": 18, "chips": f("2.2")}
    # nothing lost: 1000 x 8.1 + 100 x 18 + 500 x 2.2 = 1000 x 9 + 100 x 20
    assert 1000 * own["plank"] + 100 * own["beam"] + 500 * own["chips"] == 11000


def test_a_column_one_of_two_processes_does_not_state_is_at_least() -> None:
    linked = network(
        product("plank", "s", own=effects(co2e=9, water=1), co_products=(share("chips", "0.1"),)),
        product("beam", "s", own=effects(co2e=20), produced=f(100), co_products=(share("chips", "0.1"),)),
        CHIPS,
    )
    assert is_at_least(linked, "chips", "water")
    assert node(linked, "chips").own["water"].amount == f("0.2")
    assert not is_at_least(linked, "chips", "co2e")


@pytest.mark.parametrize(
    "shares",
    [
        (share("chips", "0.6"), share("bark", "0.5")),
        (share("chips", "0.6", is_divided=True), share("bark", "0.5")),
        (share("chips", "1.01"),),
    ],
)
def test_shares_above_the_whole_are_refused_whoever_publishes_what(shares: tuple[CoProduct, ...]) -> None:
    # the bark publishes figures of its own, so nothing would be taken for it; the giver contradicts itself all the same
    linked = network(product("plank", "s", co_products=shares), CHIPS, product("bark", "s"))
    assert linked.refusals["plank"].error_code == "linking.co_product_shares"
    assert (reasons(linked, "bark"), reasons(linked, "chips")) == (set(), {"own_missing", "recipe_missing"})


def test_a_product_is_not_its_own_by_product() -> None:
    linked = network(product("plank", "s", co_products=(share("plank", "0.5"),)))
    assert linked.refusals["plank"].error_code == "linking.co_product_shares"


def test_a_process_without_stated_output_cannot_be_divided() -> None:
    plank = product("plank", "s", produced=None, co_products=(share("chips", "0.1"),))
    assert network(plank, CHIPS).refusals["plank"].error_code == "linking.produced_missing"


def test_waste_takes_nothing_and_needs_no_output_of_its_giver() -> None:
    linked = network(
        product(
            "plank",
            "s",
            own=everything(co2e=9),
            produced=None,
            recipe=(line("log", 2),),
            co_products=(share("chips", "0"),),
        ),
        product("board", "b", recipe=(line("chips", 3),)),
        CHIPS,
        deliveries=(delivery("chips", "b", 450),),
    )
    chips = node(linked, "chips")
    assert (chips.kind, {effect.amount for effect in chips.own.values()}) == (NodeKind.BY_PRODUCT, {0})
    # but for value added, which is the giver's and not divided
    assert [(gap.reason, gap.columns) for gap in linked.gaps if linked.nodes[gap.node] is chips] == [
        ("own_missing", {"value_added"})
    ]
    assert reasons(linked, "board") == set()
    assert amounts(linked) == {("chips", "board"): 3}
    assert node(linked, "plank").own["co2e"].amount == 9


def test_who_treats_waste_bears_the_treatment_as_an_input_of_its_own() -> None:
    # the giver takes 0.2 kg of treatment at 3 kg CO2e per kg and hands its explained waste over: 9 + 0.2 x 3 = 9.6
    treated = line("treatment", "0.2", named=True, explains={"waste": f("0.2")})
    linked = network(
        product("treatment", "w", own=everything(co2e=3, waste=1)),
        product("plank", "s", own=everything(co2e=9, waste="0.2"), recipe=(treated,)),
    )
    plank = node(linked, "plank")
    assert (plank.own["co2e"].amount, plank.own["waste"].amount) == (9, 0)
    assert amounts(linked) == {("treatment", "plank"): f("0.2")}


@pytest.mark.parametrize("rule", ["subdivision", "physical", "economic"])
def test_the_receiver_takes_the_figure_the_givers_rule_gives(rule: str) -> None:
    # whatever the board's own line explains, the chips arrive at 0.1 x 9 x 1000 / 500 = 1.8
    linked = network(
        product("plank", "s", own=everything(co2e=9), co_products=(share("chips", "0.1", rule),)),
        CHIPS,
        product("board", "b", recipe=(line("chips", 3, explains={"co2e": f("0.5")}),)),
        deliveries=(delivery("chips", "b", 450),),
    )
    assert node(linked, "chips").own["co2e"].amount == f("1.8")
    assert node(linked, "board").own["co2e"].amount == f("0.5")
    measured = node(linked, "chips").own["co2e"].shares.measured
    assert measured == (1 if rule == "subdivision" else 0)
