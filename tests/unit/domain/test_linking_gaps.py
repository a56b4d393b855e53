"""The gap ladder, consent, and which totals are "at least"."""

from __future__ import annotations

from fractions import Fraction

import pytest

from exchange.domain.linking import (
    CategoryDefault,
    KnownProduct,
    NodeKind,
    Origin,
    Prefer,
    ProductDataset,
    Shares,
)
from exchange.domain.periods import year
from tests.unit.domain.linking_cases import (
    KG,
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

STEEL = CategoryDefault("steel", KG, {"co2e": f("2.1")}, "DEFRA 2025", Y2025)


def chair() -> ProductDataset:
    return product("chair", "c", recipe=(line("steel", 2, mass=f(2)),))


def test_a_named_product_without_delivery_is_read_from_its_suppliers_dataset() -> None:
    linked = network(product("steel", "s"), product("chair", "c", recipe=(line("steel", 2, named=True),)))
    assert amounts(linked) == {("steel", "chair"): f(2)}
    assert linked.links[0].origin is Origin.SUPPLIER_DATASET
    assert linked.gaps == ()


def test_the_average_sold_on_leaves_out_what_was_measured_for_somebody_else() -> None:
    linked = network(
        product("steel", "s", own=everything(co2e=2)),
        product("chair", "c", recipe=(line("steel", 1, named=True),)),
        deliveries=(delivery("steel", "x", 400, own=effects(co2e="0.5")),),
    )
    assert amounts(linked) == {("steel", "chair"): f(1)}


def test_the_same_product_of_another_site_stands_in_and_counts_as_not_measured() -> None:
    known = {"steel-2": KnownProduct("steel-2", "Steel 2", "s", "steel", KG, gtin="05790001234567")}
    linked = network(
        product("steel", "s", gtin="05790001234567"),
        product("chair", "c", recipe=(line("steel-2", 2, named=True, measured_share=f(1)),)),
        known=known,
    )
    assert amounts(linked) == {("steel", "chair"): f(2)}
    assert (linked.links[0].origin, linked.links[0].measured) == (Origin.OTHER_SITE, 0)


def test_an_equal_gtin_of_another_organisation_stands_in_for_nothing() -> None:
    known = {"steel-2": KnownProduct("steel-2", "Steel 2", "s", "steel", KG, gtin="05790001234567")}
    linked = network(
        product("imitation", "mallory", gtin="05790001234567"),
        product("chair", "c", recipe=(line("steel-2", 2, named=True, measured_share=f(1)),)),
        known=known,
    )
    assert amounts(linked) == {}
    assert [gap.reason for gap in linked.gaps] == ["no_dataset"]


def test_a_dated_default_with_a_source_stands_in_as_secondary() -> None:
    linked = network(chair(), defaults=(STEEL,))
    stand_in = node(linked, "default:steel")
    assert stand_in.kind is NodeKind.DEFAULT
    assert stand_in.name == "steel (DEFRA 2025)"
    assert stand_in.own["co2e"].shares == Shares(secondary=Fraction(1))
    assert amounts(linked) == {("default:steel", "chair"): f(2)}
    assert not is_at_least(linked, "chair", "co2e")
    assert is_at_least(linked, "chair", "water")


def test_a_default_of_another_year_does_not_stand_in() -> None:
    old = CategoryDefault("steel", KG, {"co2e": f("2.1")}, "DEFRA 2023", year(2023))
    assert reasons(network(chair(), defaults=(old,)), "chair") == {"no_delivery"}


def test_else_there_is_an_explicit_gap_and_never_a_silent_zero() -> None:
    linked = network(chair())
    (gap,) = linked.gaps
    assert (gap.reason, gap.name, gap.line, gap.mass) == ("no_delivery", "steel", "1", f(2))
    assert all(is_at_least(linked, "chair", column) for column in ("resources", "co2e", "value_added"))


def test_a_delivery_of_a_product_without_dataset_is_a_gap_of_its_share() -> None:
    linked = network(
        product("steel", "s"),
        chair(),
        known={"iron": KnownProduct("iron", "Iron", "i", "steel", KG)},
        deliveries=(delivery("steel", "c", 300), delivery("iron", "c", 100)),
    )
    (gap,) = linked.gaps
    assert (gap.reason, gap.name, gap.party, gap.mass) == ("no_dataset", "Iron", "i", f("1/2"))
    assert amounts(linked) == {("steel", "chair"): f("3/2")}


def test_without_consent_a_product_is_a_gap_that_no_default_fills() -> None:
    linked = network(
        chair(),
        known={"iron": KnownProduct("iron", "Iron", "i", "steel", KG, consents=False)},
        deliveries=(delivery("iron", "c", 100),),
        defaults=(STEEL,),
    )
    assert reasons(linked, "chair") == {"no_consent"}
    assert linked.links == ()


def test_a_product_without_a_stated_recipe_has_an_unknown_upstream() -> None:
    assert reasons(network(product("steel", "s", recipe=None)), "steel") == {"recipe_missing"}


def test_an_empty_recipe_says_that_nothing_goes_in() -> None:
    assert network(product("steel", "s", recipe=())).gaps == ()


def test_a_missing_own_effect_is_a_gap_in_its_column_only() -> None:
    own = everything(co2e=1)
    del own["water"], own["value_added"]
    linked = network(product("steel", "s", own=own), chair(), deliveries=(delivery("steel", "c", 100),))
    assert is_at_least(linked, "chair", "water")
    assert is_at_least(linked, "chair", "value_added")
    assert not is_at_least(linked, "chair", "co2e")


@pytest.mark.parametrize("prefer", list(Prefer))
def test_a_declared_footprint_stops_a_gap_in_its_column(prefer: Prefer) -> None:
    linked = network(
        product("ore", "o", own={}),
        product("steel", "s", declared=effects(co2e=2), recipe=(line("ore", 1),)),
        chair(),
        deliveries=(delivery("ore", "s", 100), delivery("steel", "c", 100)),
        prefer=prefer,
    )
    # the recipe leads to a product without a figure: it does not cover the mass, so the declared value stands
    assert not is_at_least(linked, "steel", "co2e")
    assert not is_at_least(linked, "chair", "co2e")
    assert is_at_least(linked, "chair", "water")


def test_gaps_travel_around_loops() -> None:
    linked = network(
        product("ash", "a", own={}, recipe=(line("heat", 1),)),
        product("heat", "h", recipe=(line("ash", "0.1"),)),
        deliveries=(delivery("ash", "h", 10), delivery("heat", "a", 10)),
    )
    assert is_at_least(linked, "heat", "co2e")
    assert is_at_least(linked, "ash", "co2e")


def test_a_figure_the_maker_states_as_at_least_stays_so_downstream_in_its_column_alone() -> None:
    steel = product("steel", "s", own=everything(co2e=2, water=1), incomplete=frozenset({"water"}))
    linked = network(steel, chair(), deliveries=(delivery("steel", "c", 400),))
    assert reasons(linked, "steel") == {"own_incomplete"}
    assert is_at_least(linked, "chair", "water")
    assert not is_at_least(linked, "chair", "co2e")
