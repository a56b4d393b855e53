"""The worked examples of docs/method.md, section 3, each linked from datasets and deliveries as they are published."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from exchange.domain.linking import (
    CategoryDefault,
    CoProduct,
    KnownProduct,
    LinkedNetwork,
    Origin,
    Prefer,
    ProductDataset,
)
from exchange.domain.linking.records import CO2E_HIGH, CO2E_LOW, CREDITS
from exchange.domain.periods import Period
from exchange.domain.quantities import UnitCode
from tests.unit.domain.linking_cases import (
    KG,
    PIECE,
    TONNE,
    Y2025,
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
from tests.unit.method_page import says

MJ, TKM = UnitCode.MEGAJOULE, UnitCode.TONNE_KILOMETRE


def footprint(linked: LinkedNetwork, key: str, column: str = "co2e") -> Fraction:
    """The footprint of a node of a tree by hand: declared where that counts, else own and what is linked."""
    one = node(linked, key)
    if column in one.fixed:
        return one.declared[column].amount
    upstream = (
        link.per_unit * footprint(linked, linked.nodes[link.supplier].key, column)
        for link in linked.links
        if linked.nodes[link.customer].key == key
    )
    return (one.own[column].amount if column in one.own else Fraction(0)) + sum(upstream, Fraction(0))


def chair(*lines: object, **facts: object) -> ProductDataset:
    """A chair with an own effect of 1 kg CO2e."""
    return product("chair", "c", **({"unit": PIECE, "recipe": lines, "own": everything(co2e=1)} | facts))


@pytest.mark.parametrize(("measured", "rest"), [("0.2", "0.575"), ("3", None)])
def test_a_measured_delivery_and_the_rest(measured: str, rest: str | None) -> None:
    says("500 - 40 = 460 kg, that is 0.575 per kg", "the rest would be -100 kg: refused")
    linked = network(
        product("steel", "s", own=everything(co2e="0.5")),
        deliveries=(delivery("steel", "x", 200, own=effects(co2e=measured)),),
    )
    if rest is None:
        assert linked.refusals["steel"].error_code == "linking.remainder"
    else:
        assert node(linked, "steel").own["co2e"].amount == f(rest)


def test_days_over_the_edge_of_the_period() -> None:
    says("730 x 273 / 365 = 546 kg", "31 kg, of 90 kg", "fall into 2025: 76 kg")
    autumn_to_autumn = Period(date(2024, 10, 1), date(2025, 10, 1))
    linked = network(
        product("oak", "n", period=autumn_to_autumn, produced=f(730), category="wood"),
        product("ash", "a", category="wood"),
        chair(line("wood", 1)),
        deliveries=(
            delivery("oak", "c", 62, window=Period(date(2024, 12, 1), date(2025, 2, 1))),
            delivery("oak", "c", 90, window=Period(date(2025, 12, 17), date(2026, 1, 16))),
            delivery("ash", "c", 24),
        ),
    )
    assert node(linked, "oak").produced == 546
    assert amounts(linked)[("oak", "chair")] == f("0.76")  # 76 of 76 + 24 kg


def test_a_quarter_in_its_year() -> None:
    says("(3 000 - 800) / 600 = 3.667")
    quarter, rest = Period(date(2025, 1, 1), date(2025, 4, 1)), Period(date(2025, 4, 1), date(2026, 1, 1))
    linked = network(
        product("oak", "n", own=everything(co2e=3)),
        product("oak", "n", own=everything(co2e=2), produced=f(400), period=quarter),
        period=rest,
    )
    assert (node(linked, "oak").produced, node(linked, "oak").own["co2e"].amount) == (600, f("11/3"))


@pytest.mark.parametrize(("sent", "drawn", "refused"), [(1050, 0, True), (1050, 50, False), (900, 0, False)])
def test_stock_drawn_and_stock_built(sent: int, drawn: int, refused: bool) -> None:
    says("1 000 kg made and 1 050 delivered are refused; with 50 kg drawn from stock they are not.")
    oak = product("oak", "n", own=everything(co2e=2), stock_drawn=f(drawn))
    linked = network(oak, deliveries=(delivery("oak", "x", sent),))
    assert ("oak" in linked.refusals) is refused
    if not refused:
        assert node(linked, "oak").own["co2e"].amount == 2


@pytest.mark.parametrize(("sent", "codes"), [(79_800, []), (160_000, ["linking.balance"])])
def test_what_only_the_cut_by_days_explains_is_not_refused(sent: int, codes: list[str]) -> None:
    says("159 600 x 181 / 365 = 79 144.1 kg", "79 800 are not refused", "160 000 kg delivered then are")
    half = Period(date(2025, 1, 1), date(2025, 7, 1))
    linked = network(
        product("oak", "n", produced=f(159_600)),
        deliveries=(delivery("oak", "x", sent, window=half),),
        period=half,
    )
    assert [one.error_code for one in linked.refusals.values()] == codes
    if not codes:
        assert round(float(node(linked, "oak").produced or 0), 1) == 79_144.1


@pytest.mark.parametrize(("drawn", "own"), [(0, None), (40, 2)])
def test_output_of_zero_is_refused_unless_it_is_sold_from_stock(drawn: int, own: int | None) -> None:
    says("what is sold from stock alone keeps the figures per unit it was made with")
    oak = product("oak", "n", own=everything(co2e=2), produced=f(0), stock_drawn=f(drawn))
    linked = network(oak, deliveries=(delivery("oak", "x", drawn),) if drawn else ())
    if own is None:
        assert linked.refusals["oak"].error_code == "linking.zero_output"
    else:
        assert node(linked, "oak").own["co2e"].amount == own


@pytest.mark.parametrize("lines", [(), (line("ore", 1),)])
def test_inputs_without_output_are_refused_naming_the_line(lines: tuple[object, ...]) -> None:
    steel = product("steel", "s", own=everything(), recipe=lines, produced=f(0))
    found = network(steel).refusals
    assert [(one.error_code, one.line) for one in found.values()] == [("linking.zero_output", "1")] * len(
        lines
    )


def test_returns_are_netted() -> None:
    says(
        "40 kg of oak delivered and 10 returned are 30 kg. With 30 kg of ash they share a line of 1 kg: 0.5 and 0.5."
    )
    linked = network(
        product("oak", "n", category="wood"),
        product("ash", "n", category="wood"),
        chair(line("wood", 1)),
        deliveries=(
            delivery("oak", "c", 40),
            delivery("oak", "c", 10, returned=True),
            delivery("ash", "c", 30),
        ),
    )
    assert amounts(linked) == {("oak", "chair"): f("0.5"), ("ash", "chair"): f("0.5")}


def test_an_input_class_is_shared_by_what_was_received() -> None:
    says("0.9 kg come from A and 0.3 kg from B")
    linked = network(
        product("a", "a", category="steel-sheet", produced=f(10**6)),
        product("b", "b", category="steel-sheet", produced=f(10**6)),
        product("bracket", "m", unit=PIECE, recipe=(line("steel-sheet", "1.2"),)),
        deliveries=(delivery("a", "m", 300, TONNE), delivery("b", "m", 100, TONNE)),
    )
    assert amounts(linked) == {("a", "bracket"): f("0.9"), ("b", "bracket"): f("0.3")}


def test_kilograms_become_boxes() -> None:
    says("0.3 kg of screws, and a box weighs 1.5 kg: 0.2 boxes.")
    screws = product("screws", "s", unit=PIECE, mass=f("1.5"))
    assert amounts(network(screws, chair(line("screws", "0.3", named=True)))) == {
        ("screws", "chair"): f("0.2")
    }


def test_linked_heat_is_taken_out_of_the_makers_own_and_comes_back_through_the_link() -> None:
    says("6 + 4 x 1.05 = 10.2 MJ", "1.2 + 4 x 0.09 = 1.56 kg")
    heat = product("heat", "h", unit=MJ, own=everything(energy="1.05", co2e="0.09"))
    uses = line("heat", 4, MJ, explains={"energy": f(4), "co2e": f("0.3")})
    casting = product("casting", "c", own=everything(energy=10, co2e="1.5"), recipe=(uses,))
    linked = network(heat, casting, deliveries=(delivery("heat", "c", 400, MJ),))
    assert (footprint(linked, "casting", "energy"), footprint(linked, "casting")) == (f("10.2"), f("1.56"))


@pytest.mark.parametrize("column", ["resources", "water", "co2e", "energy", "waste", "scope2_market"])
def test_netting_holds_for_each_of_the_five_and_for_market_based_scope_2(column: str) -> None:
    # 2 of 5 explained, and the supplier's own 1 per unit arrives for them: 5 - 2 + 2 x 1 = 5, linked or not
    steel = product("steel", "s", own=everything(**{column: 1}), burden_free=f(1))
    uses = line("steel", 2, named=True, explains={column: f(2)})
    linked = network(steel, chair(uses, own=everything(**{column: 5}), burden_free=f(5)))
    assert node(linked, "chair").own[column].amount == 3
    assert footprint(linked, "chair", column) == 5


@pytest.mark.parametrize(("wood", "total"), [("8", 17), ("7.9", 30)])
def test_at_eighty_percent_the_recipe_counts(wood: str, total: int) -> None:
    says("1 + 8 x 2 = 17, at least, for glue is a gap. With 7.9 kg the 30 kg stand.")
    made = (
        product("wood", "w", own=everything(co2e=2)),
        chair(line("wood", wood), line("glue", str(10 - Fraction(wood))), declared=effects(co2e=30)),
    )
    linked = network(*made, deliveries=(delivery("wood", "c", 100),))
    assert footprint(linked, "chair") == total
    assert is_at_least(linked, "chair", "co2e") is (total == 17)
    stands = network(*made, deliveries=(delivery("wood", "c", 100),), prefer=Prefer.DECLARED)
    assert footprint(stands, "chair") == 30


def test_credits_and_bounds_stand_beside_co2e() -> None:
    says("1 + 4 x 2 = 9 kg CO2e, credits 4 x 0.5 = 2", "9 - 2 = 7 is a reading beside it")
    says("1 + 4 x 1.8 = 8.2 and 1 + 4 x 2.3 = 10.2")
    steel = product("steel", "s", own=everything(co2e=2, credits="0.5", co2e_low="1.8", co2e_high="2.3"))
    linked = network(steel, chair(line("steel", 4)), deliveries=(delivery("steel", "c", 400),))
    found = [footprint(linked, "chair", column) for column in ("co2e", CREDITS, CO2E_LOW, CO2E_HIGH)]
    assert found == [9, 2, f("8.2"), f("10.2")]


def test_transport_bought_is_an_input_like_any_other() -> None:
    says("0.5 tkm per kg, it is 0.5 x 0.1 = 0.05 kg")
    truck = product("truck", "carrier", unit=TKM, own=everything(co2e="0.1"))
    bought = product("board", "c", own=everything(), recipe=(line("truck", "0.5", TKM, named=True),))
    assert footprint(network(truck, bought), "board") == f("0.05")


def test_a_by_product_bears_its_givers_share_whoever_receives_it() -> None:
    says("planks 9 x 0.9 = 8.1, chips 0.1 x 9 x 1 000 / 500 = 1.8", "1 + 3 x 1.8 = 6.4")
    linked = network(
        product(
            "plank", "s", own=everything(co2e=9), co_products=(CoProduct("chips", f("0.1"), "economic"),)
        ),
        product("chips", "s", own={}, recipe=None, produced=f(500)),
        product("board", "b", recipe=(line("chips", 3),)),
        deliveries=(delivery("chips", "b", 450),),
    )
    assert [footprint(linked, one) for one in ("plank", "chips", "board")] == [f("8.1"), f("1.8"), f("6.4")]


@pytest.mark.parametrize(("share", "turnings", "bracket"), [("0", "0", "2"), ("0.05", "0.5", "1.9")])
def test_waste_bears_nothing_until_it_is_called_a_by_product(share: str, turnings: str, bracket: str) -> None:
    says(
        "As waste they bear nothing and a bracket 2", "0.05 x 2 x 1 000 / 200 = 0.5 per kg, and a bracket 1.9"
    )
    linked = network(
        product(
            "bracket",
            "w",
            own=everything(co2e=2),
            recipe=(line("bar", 1),),
            co_products=(CoProduct("turnings", f(share), "economic"),),
        ),
        product("turnings", "w", own={}, recipe=None, produced=f(200)),
        product("melt", "m", recipe=(line("turnings", 1),)),
        deliveries=(delivery("turnings", "m", 200),),
    )
    assert (footprint(linked, "turnings"), footprint(linked, "bracket")) == (f(turnings), f(bracket))
    # waste carries no gap of its giver's along; a by-product does: nobody knows where the bar came from
    assert is_at_least(linked, "melt", "co2e") is (share != "0")


STEEL_2 = KnownProduct("steel-2", "Steel", "s", "steel", KG, gtin="05790001234567")
DEFAULT = CategoryDefault("steel", KG, {"co2e": f("2.1")}, "a dated source", Y2025)


@pytest.mark.parametrize(
    ("made", "defaults", "total", "origin"),
    [
        (product("steel-2", "s", own=everything(co2e=2)), (DEFAULT,), "5", Origin.SUPPLIER_DATASET),
        (
            product("steel", "s", own=everything(co2e=3), gtin="05790001234567"),
            (DEFAULT,),
            "7",
            Origin.OTHER_SITE,
        ),
        (product("ink", "i"), (DEFAULT,), "5.2", Origin.DEFAULT),
        (product("ink", "i"), (), "1", None),
    ],
    ids=["own dataset", "other site", "default", "gap"],
)
def test_the_gap_ladder(
    made: ProductDataset, defaults: tuple[CategoryDefault, ...], total: str, origin: Origin | None
) -> None:
    says("1 + 2 x 2 = 5.", "1 + 2 x 3 = 7, the amount not measured", "1 + 2 x 2.1 = 5.2", "None: at least 1.")
    uses = line("steel-2", 2, named=True, measured_share=f(1))
    linked = network(made, chair(uses), known={"steel-2": STEEL_2}, defaults=defaults)
    assert footprint(linked, "chair") == f(total)
    assert [one.origin for one in linked.links] == ([origin] if origin else [])
    assert is_at_least(linked, "chair", "co2e") is (origin is None)


def test_without_consent_nothing_stands_in() -> None:
    says("of a chair with 2 kg of its steel, at least 1")
    withheld = KnownProduct("steel-2", "Steel", "s", "steel", KG, consents=False)
    linked = network(chair(line("steel-2", 2, named=True)), known={"steel-2": withheld}, defaults=(DEFAULT,))
    assert (footprint(linked, "chair"), reasons(linked, "chair")) == (1, {"no_consent"})
    assert is_at_least(linked, "chair", "co2e")


def test_shares_are_exact_and_rounded_once_to_the_nearest_double() -> None:
    says("a line of 0.3 kg shared 1 to 2 is 0.1 and 0.2 kg")
    linked = network(
        product("oak", "n", category="wood"),
        product("ash", "n", category="wood"),
        chair(line("wood", "0.3")),
        deliveries=(delivery("oak", "c", "0.1"), delivery("ash", "c", "0.2")),
    )
    assert amounts(linked) == {("oak", "chair"): f("0.1"), ("ash", "chair"): f("0.2")}
    # in doubles 0.3 x 0.1 / (0.1 + 0.2) is 0.09999999999999999
    assert sorted(float(one.per_unit) for one in linked.links) == [0.1, 0.2]
