"""Inputs outside the recipe, pooled deliveries netted, quality of what is left, and what can arrive."""

from __future__ import annotations

from fractions import Fraction

import pytest

from exchange.domain.linking import COLUMNS, Effect, Gap, LinkedNetwork, Shares
from exchange.domain.linking.records import ProductDataset
from exchange.domain.quantities import UnitCode
from tests.unit.domain.linking_cases import (
    CO2E_AND_BESIDE,
    PIECE,
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

MJ = UnitCode.MEGAJOULE
STEEL = product("steel", "s", own=everything(co2e=2, resources=1), burden_free=f(1))


def chair(**facts: object) -> ProductDataset:
    """A chair of 5 kg resources, 100 made."""
    base = {"unit": PIECE, "mass": f(5), "produced": f(100), "own": everything(co2e=1, resources=5)}
    return product("chair", "c", **(base | facts))


def gap(linked: LinkedNetwork, reason: str) -> Gap:
    (found,) = [one for one in linked.gaps if one.reason == reason]
    return found


def resources_total(linked: LinkedNetwork) -> Fraction:
    """Resources of a chair by hand: its own and its links to products that take nothing in."""
    own = node(linked, "chair").own["resources"].amount
    return own + sum(
        (one.per_unit * linked.nodes[one.supplier].own["resources"].amount for one in linked.links),
        Fraction(0),
    )


def test_own_resources_outside_the_recipe_are_a_gap() -> None:
    # 100 kg go in, the recipe says where 1 kg comes from: 99 kg without a word, 1/100 covered
    linked = network(
        STEEL,
        chair(
            own=everything(resources=100),
            recipe=(line("steel", 1, explains={"resources": f(1)}),),
        ),
        deliveries=(delivery("steel", "c", 100),),
    )
    found = gap(linked, "inputs_unstated")
    assert (found.mass, found.party, found.columns) == (f(99), "c", frozenset(COLUMNS) - {"resources"})
    assert node(linked, "chair").input_mass == 100


def test_an_empty_recipe_does_not_do_away_with_own_resources() -> None:
    assert gap(network(chair(recipe=())), "inputs_unstated").mass == 5


@pytest.mark.parametrize(("explained", "gaps"), [("99", set()), ("98.9", {"inputs_unstated"})])
def test_up_to_one_percent_of_the_input_mass_may_go_unsaid(explained: str, gaps: set[str]) -> None:
    linked = network(
        STEEL,
        chair(
            own=everything(resources=100),
            recipe=(line("steel", explained, explains={"resources": f(explained)}),),
        ),
        deliveries=(delivery("steel", "c", 100),),
    )
    assert reasons(linked, "chair") == gaps


def test_post_consumer_material_is_cut_off_and_no_gap() -> None:
    assert network(chair(recipe=(), burden_free=f(5))).gaps == ()


@pytest.mark.parametrize(("own", "fixed"), [("1.25", set()), ("10", CO2E_AND_BESIDE)])
def test_a_line_of_one_kilogram_does_not_cover_ten(own: str, fixed: set[str]) -> None:
    linked = network(
        STEEL,
        chair(
            own=everything(resources=own),
            declared=effects(co2e=30),
            recipe=(line("steel", 1, explains={"resources": f(1)}),),
        ),
        deliveries=(delivery("steel", "c", 100),),
    )
    assert node(linked, "chair").fixed == fixed


def test_pooled_material_is_taken_out_of_own_resources() -> None:
    # 400 kg to 100 chairs: 4 of the 5 kg; 1 kg own and 4 x 1 kg upstream are 5, not 9
    linked = network(STEEL, chair(burden_free=f(1)), deliveries=(delivery("steel", "c", 400),))
    assert node(linked, "chair").own["resources"].amount == 1
    assert resources_total(linked) == 5
    assert ([one.mass for one in linked.links], node(linked, "chair").input_mass) == ([f(4)], f(5))
    assert linked.gaps == ()


@pytest.mark.parametrize("delivered", [0, 100, 300, 500])
@pytest.mark.parametrize("recipe", [(), (line("steel", 4, explains={"resources": f(4)}),)])
def test_linking_more_never_changes_the_resources(recipe: tuple[object, ...], delivered: int) -> None:
    sent = (delivery("steel", "c", delivered),) if delivered else ()
    assert resources_total(network(STEEL, chair(recipe=recipe), deliveries=sent)) == 5


def test_netting_a_pool_stops_at_zero() -> None:
    linked = network(STEEL, chair(), deliveries=(delivery("steel", "c", 700),))
    assert node(linked, "chair").own["resources"].amount == 0


def test_pooled_energy_is_taken_out_of_energy_and_its_scope_2_is_said_to_be_unknown() -> None:
    # 400 MJ heat to 100 chairs: 4 of the 10 MJ; how much of the 2 kg CO2e is that heat nobody says
    linked = network(
        product("heat", "h", unit=MJ, own=everything(energy="1.05", co2e="0.09")),
        chair(own=everything(co2e=2, energy=10)),
        deliveries=(delivery("heat", "c", 400, MJ),),
    )
    own = node(linked, "chair").own
    assert (own["energy"].amount, own["co2e"].amount) == (6, 2)
    found = gap(linked, "pool_not_netted")
    assert (found.columns, found.party) == ({"co2e", "co2e_low", "co2e_high"}, "c")


def test_pooled_pieces_without_a_weight_leave_the_resources_uncertain() -> None:
    linked = network(
        product("screws", "s", unit=PIECE, own=everything(resources=1), burden_free=f(1)),
        chair(burden_free=f(5)),
        deliveries=(delivery("screws", "c", 400, PIECE),),
    )
    assert gap(linked, "pool_not_netted").columns == {"resources"}
    assert node(linked, "chair").own["resources"].amount == 5


def test_a_linked_metered_input_takes_its_part_out_of_what_was_measured() -> None:
    # own 10 MJ: 4 metered heat and 6 spread. Linked, the 6 left are spread and the 4 arrive metered: 4 of 10
    own = {**everything(), "energy": Effect(f(10), Shares(measured=f("0.4"), allocated=f("0.6")))}
    heat = line("heat", 4, MJ, measured_share=f(1), explains={"energy": f(4)})
    linked = network(
        product("heat", "h", unit=MJ, own=everything(energy=1)),
        chair(own=own, recipe=(heat,)),
        deliveries=(delivery("heat", "c", 400, MJ),),
    )
    left = node(linked, "chair").own["energy"]
    assert left == Effect(f(6), Shares(allocated=f(1)))
    (arriving,) = linked.links
    measured = left.amount * left.shares.measured + arriving.per_unit * arriving.measured
    assert measured / (left.amount + arriving.per_unit) == f("0.4")


def test_the_spread_part_comes_out_of_the_other_kinds_in_proportion() -> None:
    # 10 = 4 measured + 4 allocated + 2 secondary; 3 spread: 2 and 1 go, 4 + 2 + 1 = 7 are left
    own = {
        **everything(),
        "energy": Effect(f(10), Shares(measured=f("0.4"), allocated=f("0.4"), secondary=f("0.2"))),
    }
    linked = network(
        product("heat", "h", unit=MJ, own=everything(energy=1)),
        chair(own=own, recipe=(line("heat", 3, MJ, explains={"energy": f(3)}),)),
        deliveries=(delivery("heat", "c", 300, MJ),),
    )
    assert node(linked, "chair").own["energy"] == Effect(f(7), Shares(f("4/7"), f("2/7"), f("1/7")))


@pytest.mark.parametrize(("ore", "left"), [({}, 3), (effects(water=1), 1)])
def test_netting_asks_whether_anything_arrives_from_upstream(ore: dict[str, Effect], left: int) -> None:
    # the steel states no water; only where its ore does, 2 of the chair's 3 m3 come back through the link
    linked = network(
        product("ore", "o", own=ore),
        product("steel", "s", own={}, recipe=(line("ore", 1),)),
        chair(own=everything(water=3), recipe=(line("steel", 2, explains={"water": f(2)}),)),
        deliveries=(delivery("ore", "s", 100), delivery("steel", "c", 100)),
    )
    assert node(linked, "chair").own["water"].amount == left


def test_deliveries_a_refused_recipe_claims_do_not_fall_to_the_makers_other_products() -> None:
    linked = network(
        STEEL,
        chair(own=everything(), recipe=(line("steel", 4, explains={"resources": f(4)}),)),
        product("table", "c", unit=PIECE, mass=f(10)),
        deliveries=(delivery("steel", "c", 400),),
    )
    assert set(linked.refusals) == {"chair"}
    assert (linked.links, reasons(linked, "table")) == ((), set())
