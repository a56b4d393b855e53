"""Recipes and deliveries become links; linked inputs are netted out; declared footprints stand per column."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

import pytest

from exchange.domain.linking import KnownProduct, Origin, Prefer
from exchange.domain.periods import Period
from exchange.domain.quantities import UnitCode
from tests.unit.domain.linking_cases import (
    CO2E_AND_BESIDE,
    KWH,
    MWH,
    PIECE,
    TONNE,
    amounts,
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


def test_a_class_is_shared_by_what_was_received_of_each_supplier() -> None:
    # 30 t from one works, 10 t from the other: 3/4 and 1/4 of 2 kg per piece
    linked = network(
        product("north", "n", category="steel", produced=f(50000)),
        product("south", "s", category="steel", unit=TONNE, produced=f(50)),
        product("chair", "c", unit=PIECE, recipe=(line("steel", 2, measured_share=f("0.5")),)),
        deliveries=(delivery("north", "c", 30, TONNE), delivery("south", "c", 10000)),
    )
    assert amounts(linked) == {("north", "chair"): f("3/2"), ("south", "chair"): f("1/2000")}
    assert {one.measured for one in linked.links} == {f("1/2")}
    assert {one.origin for one in linked.links} == {Origin.DELIVERY}


def test_a_line_in_kilograms_takes_pieces_by_their_mass() -> None:
    # 0.3 kg of screws per chair, a box weighs 1.5 kg: 0.2 boxes
    linked = network(
        product("screws", "s", unit=PIECE, mass=f("1.5")),
        product("chair", "c", unit=PIECE, recipe=(line("screws", "0.3"),)),
        deliveries=(delivery("screws", "c", 40, PIECE),),
    )
    assert amounts(linked) == {("screws", "chair"): f("1/5")}


@pytest.mark.parametrize("named", [True, False])
def test_a_line_in_pieces_with_its_mass_takes_a_product_in_kilograms(named: bool) -> None:
    # 3 screws of 0.1 kg per chair
    linked = network(
        product("screws", "s"),
        product("chair", "c", unit=PIECE, recipe=(line("screws", 3, PIECE, named=named, mass=f("0.3")),)),
        deliveries=() if named else (delivery("screws", "c", 40),),
    )
    assert amounts(linked) == {("screws", "chair"): f("0.3")}


def test_a_unit_without_a_path_to_the_product_is_refused_naming_line_and_product() -> None:
    linked = network(
        product("screws", "s"),
        product("chair", "c", unit=PIECE, recipe=(line("screws", 3, UnitCode.METRE, named=True),)),
    )
    refusal = linked.refusals["chair"]
    assert refusal.error_code == "linking.unit"
    assert re.search("Line 1 .* of Chair .*MTR.*KGM", refusal.detail)
    assert (linked.links, reasons(linked, "chair")) == ((), {"data_refused"})


def test_a_product_the_recipe_names_is_not_taken_as_its_class_too() -> None:
    linked = network(
        product("oak", "n", category="wood"),
        product("pine", "n", category="wood"),
        product("chair", "c", unit=PIECE, recipe=(line("oak", 1, named=True), line("wood", 2))),
        deliveries=(delivery("oak", "c", 10), delivery("pine", "c", 10)),
    )
    assert amounts(linked) == {("oak", "chair"): f(1), ("pine", "chair"): f(2)}


def test_returns_are_netted_and_a_net_return_is_refused() -> None:
    made = (product("oak", "n"), product("chair", "c", unit=PIECE, recipe=(line("oak", 1),)))
    linked = network(
        *made,
        product("ash", "n", category="oak"),
        deliveries=(
            delivery("oak", "c", 40),
            delivery("oak", "c", 10, returned=True),
            delivery("ash", "c", 30),
        ),
    )
    assert amounts(linked) == {("oak", "chair"): f("1/2"), ("ash", "chair"): f("1/2")}
    alone = network(*made, deliveries=(delivery("oak", "c", 10, returned=True),))
    assert alone.refusals["oak"].error_code == "linking.return_exceeds"
    assert reasons(alone, "chair") == {"data_refused"}


def test_a_net_return_is_refused_naming_product_delivery_and_remedy() -> None:
    sent = (
        delivery("oak", "c", 10, source="first"),
        delivery("oak", "c", 11, source="second", returned=True),
    )
    refusal = network(product("oak", "n"), deliveries=sent).refusals["oak"]
    assert (refusal.error_code, refusal.line) == ("linking.return_exceeds", "second")
    assert refusal.detail == "More of Oak came back from one customer than was delivered to it."
    assert refusal.advice.startswith(
        "Correct the returned quantity, or state it in the period of the delivery"
    )


def test_a_return_beside_a_measured_delivery_belongs_in_its_dataset() -> None:
    measured = delivery("oak", "c", 10, own=effects(co2e="0.5"), source="measured")
    back = delivery("oak", "c", 4, returned=True, source="back")
    refusal = network(product("oak", "n"), deliveries=(measured, back)).refusals["oak"]
    assert refusal.advice.startswith(
        "State the return in the dataset of the measured delivery it belongs to."
    )
    inside = delivery("oak", "c", 4, own=effects(co2e="0.5"), source="measured", returned=True)
    linked = network(product("oak", "n"), deliveries=(measured, inside))
    assert node(linked, "oak/measured").produced == 6


def test_returns_over_the_edge_of_the_period_count_by_days_like_deliveries() -> None:
    # 20 kg sent in the year; of 20 kg that came back over 30 days 15 fall into it: 20 - 10 = 10 kg
    window = Period(date(2025, 12, 17), date(2026, 1, 16))
    linked = network(
        product("oak", "n", category="wood"),
        product("ash", "a", category="wood"),
        product("chair", "c", recipe=(line("wood", 1),)),
        deliveries=(
            delivery("oak", "c", 20),
            delivery("oak", "c", 20, returned=True, window=window),
            delivery("ash", "c", 30),
        ),
    )
    assert amounts(linked) == {("oak", "chair"): f("1/4"), ("ash", "chair"): f("3/4")}


def test_what_comes_back_as_other_goods_is_a_product_and_makes_a_loop() -> None:
    # the workshop sends 0.2 kg of turnings back for each kg of steel: two links, no negative one
    linked = network(
        product("steel", "s", recipe=(line("turnings", "0.2"),)),
        product("bracket", "w", recipe=(line("steel", 1),)),
        product("turnings", "w", recipe=(line("steel", "0.5"),)),
        deliveries=(delivery("steel", "w", 100), delivery("turnings", "s", 20)),
    )
    assert amounts(linked) == {
        ("turnings", "steel"): f("0.2"),
        ("steel", "bracket"): 1,
        ("steel", "turnings"): f("0.5"),
    }


def test_linked_energy_is_taken_out_of_all_quantities_it_explains() -> None:
    # 3 kWh per chair explain 10.8 MJ, 0.4 kg Scope 2 and nothing of the water
    explains = {"energy": f("10.8"), "co2e": f("0.4")}
    linked = network(
        product("power", "p", unit=KWH, own=everything(co2e="0.1", energy="4")),
        product(
            "chair",
            "c",
            unit=PIECE,
            own=everything(co2e="1.5", energy="12", water="0.2"),
            recipe=(line("power", 3, KWH, explains=explains),),
        ),
        deliveries=(delivery("power", "c", "0.9", MWH),),
    )
    own = node(linked, "chair").own
    assert (own["co2e"].amount, own["energy"].amount, own["water"].amount) == (f("1.1"), f("1.2"), f("0.2"))


def test_what_is_not_linked_is_not_netted() -> None:
    linked = network(
        product(
            "chair", "c", own=everything(co2e=2), recipe=(line("power", 3, KWH, explains={"co2e": f(1)}),)
        )
    )
    assert node(linked, "chair").own["co2e"].amount == 2


def test_only_the_linked_part_of_a_line_is_netted() -> None:
    # a quarter of the wood comes from a maker without a dataset: three quarters of 4 kg are taken out
    elm = KnownProduct("elm", "Elm", "e", "wood", UnitCode.KILOGRAM)
    linked = network(
        product("oak", "n", category="wood"),
        product(
            "chair", "c", own=everything(resources=5), recipe=(line("wood", 4, explains={"resources": f(4)}),)
        ),
        known={"elm": elm},
        deliveries=(delivery("oak", "c", 300), delivery("elm", "c", 100)),
    )
    assert node(linked, "chair").own["resources"].amount == 2
    assert amounts(linked) == {("oak", "chair"): f(3)}


def test_nothing_is_netted_in_a_column_in_which_nothing_can_arrive() -> None:
    linked = network(
        product("steel", "s", own={}, declared=effects(co2e=2)),
        product(
            "chair",
            "c",
            own=everything(co2e=3, resources=5),
            recipe=(line("steel", 2, explains={"resources": f(2), "co2e": f(1)}),),
        ),
        deliveries=(delivery("steel", "c", 10),),
    )
    own = node(linked, "chair").own
    assert (own["co2e"].amount, own["resources"].amount) == (2, 5)


def test_explaining_more_than_there_is_is_refused() -> None:
    linked = network(
        product("steel", "s"),
        product("chair", "c", own=everything(co2e=1), recipe=(line("steel", 2, explains={"co2e": f(2)}),)),
        deliveries=(delivery("steel", "c", 10),),
    )
    assert linked.refusals["chair"].error_code == "linking.explains_more"
    assert (node(linked, "chair").own, linked.links) == ({}, ())
    assert node(linked, "steel").own["co2e"].amount == 1


@pytest.mark.parametrize(("wood", "fixed"), [("8", set()), ("7.9", CO2E_AND_BESIDE)])
def test_the_recipe_counts_where_it_covers_eighty_percent_of_the_mass(wood: str, fixed: set[str]) -> None:
    glue = Fraction(10) - Fraction(wood)
    linked = network(
        product("wood", "w"),
        product(
            "chair",
            "c",
            declared=effects(co2e=30),
            recipe=(line("wood", wood), line("glue", str(glue))),
        ),
        deliveries=(delivery("wood", "c", 100),),
    )
    assert node(linked, "chair").fixed == fixed


def test_a_declared_column_leaves_the_others_to_the_recipe() -> None:
    linked = network(
        product("wood", "w", own=everything(water=3)),
        product("chair", "c", own=everything(), declared=effects(co2e=30), recipe=(line("wood", 8),)),
        deliveries=(delivery("wood", "c", 100),),
        prefer=Prefer.DECLARED,
    )
    assert node(linked, "chair").fixed == CO2E_AND_BESIDE
    assert amounts(linked) == {("wood", "chair"): f(8)}


def test_the_declared_value_counts_where_no_own_effect_is_stated() -> None:
    linked = network(
        product("wood", "w"),
        product("chair", "c", own=effects(water=1), declared=effects(co2e=30), recipe=(line("wood", 8),)),
        deliveries=(delivery("wood", "c", 100),),
    )
    assert node(linked, "chair").fixed == CO2E_AND_BESIDE


def test_value_added_is_never_declared() -> None:
    linked = network(product("chair", "c", declared=effects(value_added=30, co2e=1)), prefer=Prefer.DECLARED)
    assert node(linked, "chair").fixed == CO2E_AND_BESIDE


def test_the_order_of_what_is_given_does_not_matter() -> None:
    made = [
        product("oak", "n", category="wood"),
        product("pine", "n", category="wood"),
        product("chair", "c", recipe=(line("wood", 2),)),
    ]
    sent = [delivery("oak", "c", 10), delivery("pine", "c", 30), delivery("oak", "c", 10, returned=True)]
    sent += [delivery("oak", "c", 5, source="second")]
    forth = network(*made, deliveries=tuple(sent))
    back = network(*reversed(made), deliveries=tuple(reversed(sent)))
    assert forth == back
