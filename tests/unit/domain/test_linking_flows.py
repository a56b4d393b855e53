"""Balance, periods, measured deliveries, by-products and pools."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from exchange.domain.linking import COLUMNS, CoProduct, Effect, NodeKind, Origin, Shares
from exchange.domain.periods import Period, year
from tests.unit.domain.linking_cases import (
    PIECE,
    Y2025,
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

FIRST_HALF = Period(date(2025, 1, 1), date(2025, 7, 2))  # 182 of 365 days
SECOND_HALF = Period(date(2025, 7, 2), date(2026, 1, 1))  # 183 of 365 days


def test_more_delivered_than_produced_and_drawn_is_refused_naming_the_product() -> None:
    sent = (delivery("oak", "c", 900), delivery("oak", "d", 150))
    refusal = network(product("oak", "n"), deliveries=sent).refusals["oak"]
    assert refusal.error_code == "linking.balance"
    assert "More of Oak was delivered (1050 KGM)" in refusal.detail
    assert "stock" in refusal.advice
    assert network(product("oak", "n", stock_drawn=f(50)), deliveries=sent).refusals == {}


def test_effects_without_output_are_refused() -> None:
    linked = network(product("oak", "n", produced=f(0)))
    assert linked.refusals["oak"].error_code == "linking.zero_output"
    assert (node(linked, "oak").own, reasons(linked, "oak")) == ({}, {"data_refused"})


def test_deliveries_count_by_the_days_of_their_window_inside_the_period() -> None:
    # a window of 2 x 365 days: half of 300 kg falls into 2025
    window = Period(date(2025, 1, 1), date(2027, 1, 1))
    linked = network(
        product("oak", "n", category="wood"),
        product("pine", "n", category="wood"),
        product("chair", "c", recipe=(line("wood", 4),)),
        deliveries=(delivery("oak", "c", 300, window=window), delivery("pine", "c", 50)),
    )
    assert amounts(linked) == {("oak", "chair"): f(3), ("pine", "chair"): f(1)}


def test_a_delivery_outside_the_period_does_not_count() -> None:
    linked = network(
        product("oak", "n"),
        product("chair", "c", recipe=(line("oak", 4),)),
        deliveries=(delivery("oak", "c", 300, window=year(2024)),),
    )
    assert reasons(linked, "chair") == {"no_delivery"}


def test_two_datasets_of_a_period_are_weighed_by_what_was_produced() -> None:
    # 100 kg at 2 and 300 kg at 4: 3.5; wood 1 and 3 kg: 2.5
    linked = network(
        product("oak", "n"),
        product(
            "chair", "c", period=FIRST_HALF, produced=f(100), own=everything(co2e=2), recipe=(line("oak", 1),)
        ),
        product(
            "chair",
            "c",
            period=SECOND_HALF,
            produced=f(300),
            own=everything(co2e=4),
            recipe=(line("oak", 3),),
        ),
        deliveries=(delivery("oak", "c", 300),),
    )
    assert node(linked, "chair").own["co2e"].amount == f("7/2")
    assert node(linked, "chair").produced == 400
    assert amounts(linked) == {("oak", "chair"): f("5/2")}


def test_a_dataset_without_overlap_takes_no_part() -> None:
    assert network(product("oak", "n", period=year(2024))).nodes == ()


def test_a_measured_delivery_is_a_node_and_the_rest_is_recomputed() -> None:
    # 1000 kg at 2 kg; 400 of them measured at 0.5: the other 600 bear (2000 - 200)/600 = 3
    linked = network(
        product("steel", "s", own=everything(co2e=2)),
        product("chair", "c", recipe=(line("steel", 1),)),
        product("table", "t", recipe=(line("steel", 1),)),
        deliveries=(
            delivery("steel", "c", 400, own=effects(co2e="0.5")),
            delivery("steel", "t", 100),
        ),
    )
    assert node(linked, "steel").own["co2e"].amount == 3
    assert node(linked, "steel/steel-c").own["co2e"].amount == f("1/2")
    assert node(linked, "steel/steel-c").kind is NodeKind.DELIVERY
    assert amounts(linked) == {("steel/steel-c", "chair"): f(1), ("steel", "table"): f(1)}
    keys = {linked.nodes[one].key: share for one, share in linked.outputs["steel"]}
    assert keys == {"steel": f("3/5"), "steel/steel-c": f("2/5")}


def test_selling_the_green_part_twice_is_refused() -> None:
    linked = network(
        product("steel", "s", own=everything(co2e=2)),
        deliveries=(delivery("steel", "c", 900, own=effects(co2e="2.5")),),
    )
    assert linked.refusals["steel"].error_code == "linking.remainder"
    assert [one.key for one in linked.nodes] == ["steel"]


def test_the_rest_keeps_only_the_inputs_measured_deliveries_left() -> None:
    # 1000 kg take 1 kg ore each; 500 measured take 0.2: the rest takes (1000 - 100)/500 = 1.8
    linked = network(
        product("ore", "o", produced=f(5000)),
        product("steel", "s", recipe=(line("ore", 1),)),
        deliveries=(
            delivery("ore", "s", 1000),
            delivery("steel", "c", 500, recipe=(line("ore", "0.2"),)),
        ),
    )
    assert amounts(linked) == {("ore", "steel"): f("9/5"), ("ore", "steel/steel-c"): f("1/5")}


def test_when_all_was_measured_no_average_is_left() -> None:
    linked = network(
        product("steel", "s", own=everything(co2e=2)),
        deliveries=(delivery("steel", "c", 1000, own=effects(co2e=2)),),
    )
    assert [one.key for one in linked.nodes] == ["steel/steel-c"]


def test_a_declared_footprint_moves_with_the_measured_own_effect() -> None:
    # own average 2, declared 10; a delivery measured at 1 declares 9, the rest (2.5 own) 10.5; mean 10
    linked = network(
        product("steel", "s", produced=f(900), own=everything(co2e=2), declared=effects(co2e=10)),
        deliveries=(delivery("steel", "c", 300, own=effects(co2e=1)),),
    )
    assert node(linked, "steel/steel-c").declared["co2e"].amount == 9
    assert node(linked, "steel").declared["co2e"].amount == f("21/2")


def test_a_by_product_bears_its_givers_share() -> None:
    # 1000 planks at 9 kg and 2 logs; 500 kg chips bear 10 %: planks 8.1 and 1.8, chips 0.1*9*1000/500 = 1.8 and 0.4
    linked = network(
        product("log", "f", produced=f(5000)),
        product(
            "plank",
            "s",
            own=everything(co2e=9),
            recipe=(line("log", 2, measured_share=f(1)),),
            co_products=(CoProduct("chips", f("0.1"), "economic"),),
        ),
        product("chips", "s", own={}, recipe=None, produced=f(500)),
        product("board", "b", recipe=(line("chips", 3),)),
        deliveries=(delivery("log", "s", 2000), delivery("chips", "b", 450)),
    )
    assert node(linked, "plank").own["co2e"].amount == f("8.1")
    assert node(linked, "chips").own["co2e"].amount == f("1.8")
    assert node(linked, "chips").kind is NodeKind.BY_PRODUCT
    found = amounts(linked)
    assert (found[("log", "plank")], found[("log", "chips")]) == (f("1.8"), f("0.4"))
    # nothing is lost: 1000 x 8.1 + 500 x 1.8 = 9000, and it was divided by a key, so nothing is measured any more
    assert 1000 * f("8.1") + 500 * f("1.8") == 9000
    assert node(linked, "chips").own["co2e"].shares == Shares(allocated=f(1))
    assert {one.measured for one in linked.links if linked.nodes[one.supplier].key == "log"} == {f(0)}


def test_a_share_left_out_of_the_givers_figures_already_is_not_taken_twice() -> None:
    # the process is 9 000 kg: 1000 planks at 8.1 after 10 % were left out; chips 0.1 / 0.9 x 8.1 x 1000 / 500 = 1.8
    part = CoProduct("chips", f("0.1"), "economic", is_divided=True)
    linked = network(
        product("plank", "s", own=everything(co2e="8.1"), co_products=(part,)),
        product("chips", "s", own={}, recipe=None, produced=f(500)),
    )
    assert node(linked, "plank").own["co2e"].amount == f("8.1")
    assert node(linked, "chips").own["co2e"].amount == f("1.8")


def test_subdivision_leaves_measured_figures_measured() -> None:
    linked = network(
        product("plank", "s", co_products=(CoProduct("chips", f("0.1"), "subdivision"),)),
        product("chips", "s", own={}, recipe=None, produced=f(500)),
    )
    assert node(linked, "chips").own["co2e"].shares == Shares(measured=f(1))


def test_a_by_product_with_figures_of_its_own_is_already_divided() -> None:
    linked = network(
        product(
            "plank", "s", own=everything(co2e=9), co_products=(CoProduct("chips", f("0.1"), "economic"),)
        ),
        product("chips", "s", own=everything(co2e=2)),
    )
    assert node(linked, "plank").own["co2e"] == Effect(f(9), Shares(measured=f(1)))
    assert node(linked, "chips").own["co2e"].amount == 2


def test_by_products_that_bear_more_than_everything_are_refused() -> None:
    linked = network(
        product("plank", "s", co_products=(CoProduct("chips", f("1.1"), "economic"),)),
        product("chips", "s", own={}, recipe=None, produced=f(500)),
    )
    assert linked.refusals["plank"].error_code == "linking.co_product_shares"
    # the by-product takes nothing of refused data: it is without a figure, not at zero
    assert reasons(linked, "chips") == {"own_missing", "recipe_missing"}


def test_an_unclaimed_delivery_is_spread_by_produced_mass_and_counts_as_allocated() -> None:
    # 120 kg packaging; chairs 100 x 4 kg, tables 20 x 10 kg: 2/3 and 1/3; per piece 0.8 and 2
    linked = network(
        product("film", "p"),
        product("chair", "c", unit=PIECE, mass=f(4), produced=f(100)),
        product("table", "c", unit=PIECE, mass=f(10), produced=f(20)),
        deliveries=(delivery("film", "c", 120),),
    )
    assert amounts(linked) == {("film", "chair"): f("4/5"), ("film", "table"): f(2)}
    assert {(one.origin, one.measured, one.key) for one in linked.links} == {
        (Origin.POOL, Fraction(0), "produced mass")
    }


def test_an_unclaimed_delivery_without_a_key_is_a_gap() -> None:
    linked = network(
        product("film", "p"),
        product("chair", "c", unit=PIECE, produced=None),
        deliveries=(delivery("film", "c", 120),),
    )
    assert reasons(linked, "chair") == {"pool_without_key"}


def test_what_an_end_customer_receives_is_in_no_pool() -> None:
    linked = network(product("film", "p"), deliveries=(delivery("film", "shop", 120),))
    assert (linked.links, linked.gaps) == ((), ())


FIRST_QUARTER = Period(date(2025, 1, 1), date(2025, 4, 1))  # 90 of 365 days


@pytest.mark.parametrize(("produced", "codes"), [("222", []), ("221", ["linking.balance"])])
def test_the_balance_counts_the_days_both_are_about(produced: str, codes: list[str]) -> None:
    # 900 kg in the year are 900 x 90/365 = 221.9 kg in the quarter the dataset is about
    linked = network(
        product("oak", "n", period=FIRST_QUARTER, produced=f(produced)),
        deliveries=(delivery("oak", "c", 900),),
    )
    assert [one.error_code for one in linked.refusals.values()] == codes


@pytest.mark.parametrize(
    ("amount", "window", "codes"),
    [
        (999, FIRST_QUARTER, []),  # 1000 x 90/365 = 246.6 kg fall into the quarter; the year holds 999
        (1001, FIRST_QUARTER, ["linking.balance"]),
        (1001, Y2025, ["linking.balance"]),  # by days 246.8 of 246.6 kg, and in the year too many as well
        (1000, Y2025, []),
    ],
)
@pytest.mark.parametrize("stock", [0, 100])
def test_the_balance_refuses_nothing_that_the_cut_by_days_explains(
    amount: int, window: Period, codes: list[str], stock: int
) -> None:
    oak = product("oak", "n", produced=f(1000 - stock), stock_drawn=f(stock))
    linked = network(oak, deliveries=(delivery("oak", "c", amount, window=window),), period=FIRST_QUARTER)
    assert [one.error_code for one in linked.refusals.values()] == codes


def test_the_balance_counts_finer_datasets_and_the_rest_of_their_year_together() -> None:
    """A first quarter of 400 kg and a year of 1000: from January to June 400 + 600 x 91/275 = 598.5 kg by days."""
    half = Period(date(2025, 1, 1), date(2025, 7, 1))
    both = (product("oak", "n", produced=f(400), period=FIRST_QUARTER), product("oak", "n"))
    for amount, codes in ((700, []), (1001, ["linking.balance"])):
        linked = network(*both, deliveries=(delivery("oak", "c", amount, window=half),), period=half)
        assert [one.error_code for one in linked.refusals.values()] == codes


def test_the_finer_dataset_wins_its_days_and_the_year_counts_for_the_rest() -> None:
    # year 1000 kg at 3, of them 400 kg at 2 in the first quarter: the rest 600 kg at (3000 - 800)/600 = 11/3
    both = (
        product("oak", "n", own=everything(co2e=3)),
        product("oak", "n", own=effects(co2e=2), produced=f(400), period=FIRST_QUARTER, recipe=None),
    )
    whole = node(network(*both), "oak")
    assert (whole.produced, whole.own["co2e"].amount) == (1000, 3)
    assert set(whole.own) == set(COLUMNS)  # what the quarter does not state the year does
    quarter = node(network(*both, period=FIRST_QUARTER), "oak")
    assert (quarter.produced, quarter.own["co2e"].amount) == (400, 2)
    later = node(network(*both, period=Period(date(2025, 4, 1), date(2026, 1, 1))), "oak")
    assert (later.produced, later.own["co2e"].amount) == (600, f("11/3"))


@pytest.mark.parametrize(("produced", "co2e"), [("1200", "2"), ("400", "8")])
def test_a_quarter_that_holds_more_than_its_year_is_refused(produced: str, co2e: str) -> None:
    linked = network(
        product("oak", "n", own=everything(co2e=3)),
        product("oak", "n", own=everything(co2e=co2e), produced=f(produced), period=FIRST_QUARTER),
    )
    assert linked.refusals["oak"].error_code == "linking.remainder"


def test_periods_in_which_nothing_was_made_are_weighed_by_days() -> None:
    halves = [product("oak", "n", own={}, produced=f(0), period=part) for part in (FIRST_HALF, SECOND_HALF)]
    assert node(network(*halves), "oak").produced == 0


def test_the_rest_keeps_what_measured_deliveries_leave_of_each_kind() -> None:
    # 1000 kg at 2: 1000 measured, 1000 allocated; 400 kg at 0.5 take 200 measured: 800 and 1000 of 1800 are left
    half = Shares(measured=f("1/2"), allocated=f("1/2"))
    linked = network(
        product("steel", "s", own={**everything(), "co2e": Effect(f(2), half)}),
        deliveries=(delivery("steel", "c", 400, own=effects(co2e="0.5")),),
    )
    assert node(linked, "steel").own["co2e"] == Effect(f(3), Shares(f("4/9"), f("5/9")))


def test_the_average_that_is_left_is_also_the_measured_deliverys_figure() -> None:
    # who knows the total and the rest knows the delivery
    linked = network(
        product("steel", "s", own=everything(co2e=2), datasets=("average",)),
        deliveries=(delivery("steel", "c", 400, own=effects(co2e="0.5"), source="measured"),),
    )
    assert node(linked, "steel").datasets == ("average", "measured")
