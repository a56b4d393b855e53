"""A maker's lines times its deliveries: alike lines become one link of each supplier, and there is a most."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.domain.linking import Origin, counts
from tests.unit.domain.linking_cases import amounts, delivery, f, line, network, node, product, reasons


def test_alike_lines_are_one_link_of_each_supplier() -> None:
    # 1 kg all measured and 3 kg not, of 30 and 10 kg delivered: 3 and 1 kg, a quarter of each measured
    lines = (line("steel", 1, measured_share=f(1)), replace(line("steel", 3), line="2"))
    linked = network(
        product("north", "n", category="steel"),
        product("south", "s", category="steel"),
        product("chair", "c", recipe=lines),
        deliveries=(delivery("north", "c", 30), delivery("south", "c", 10)),
    )
    assert len(linked.links) == 2
    assert amounts(linked) == {("north", "chair"): 3, ("south", "chair"): 1}
    assert {(one.measured, one.origin, one.line) for one in linked.links} == {
        (f("1/4"), Origin.DELIVERY, "1")
    }
    assert [one.mass for one in linked.links] == [3, 1]
    assert node(linked, "chair").input_mass == 4


def test_lines_of_other_names_units_or_products_stay_apart() -> None:
    lines = (line("steel", 1), replace(line("steel", 1), name="rod"), line("north", 1, named=True))
    linked = network(
        product("north", "n", category="north"), product("south", "s", category="steel"),
        product("chair", "c", recipe=lines),
        deliveries=(delivery("south", "c", 10), delivery("north", "c", 10)),
    )  # fmt: skip
    assert len(linked.links) == 3


def test_alike_lines_without_a_source_are_one_gap_with_all_their_mass() -> None:
    chair = product("chair", "c", recipe=(line("steel", 1), replace(line("steel", 3), line="2")))
    (gap,) = [one for one in network(chair).gaps if one.reason == "no_delivery"]
    assert (gap.mass, gap.line) == (4, "1")


def test_deliveries_of_one_product_in_the_pool_are_one_link() -> None:
    sent = (delivery("steel", "c", 30), delivery("steel", "c", 10, source="later"))
    linked = network(product("steel", "s"), product("chair", "c"), deliveries=sent)
    assert [(one.origin, one.per_unit) for one in linked.links] == [(Origin.POOL, f("0.04"))]


@pytest.mark.parametrize("most", [8, 7])
def test_above_the_most_links_the_products_with_most_lines_are_refused(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the chair's class takes 4 deliveries and its own line 1, the stool takes 3 of another class: 8 links
    monkeypatch.setattr(counts, "MOST_LINKS", most)
    steels = [product(f"steel{place}", "s", category="steel") for place in range(4)]
    woods = [product(f"wood{place}", "w", category="wood") for place in range(3)]
    linked = network(
        *steels, *woods,
        product("chair", "c", recipe=(line("steel", 1), line("oil", 1))),
        product("stool", "c", recipe=(line("wood", 1),)),
        product("table", "t", recipe=(line("wood0", 1, named=True),)),
        deliveries=tuple(delivery(one.product, "c", 1) for one in (*steels, *woods)),
    )  # fmt: skip
    refused = {name: refusal.error_code for name, refusal in linked.refusals.items()}
    assert refused == ({} if most == 8 else {"chair": "linking.too_many"})
    assert amounts(linked)[("wood0", "table")] == 1
    assert (reasons(linked, "chair") == {"data_refused"}) is (most == 7)


def test_a_pool_of_too_many_is_refused_product_by_product(monkeypatch: pytest.MonkeyPatch) -> None:
    # three products share three deliveries: nine links; with two of the products it is six
    monkeypatch.setattr(counts, "MOST_LINKS", 6)
    steels = [product(f"steel{place}", "s") for place in range(3)]
    made = [product(name, "c") for name in ("a", "b", "d")]
    linked = network(*steels, *made, deliveries=tuple(delivery(one.product, "c", 1) for one in steels))
    assert set(linked.refusals) == {"a"}
    assert len(linked.links) == 6
    assert "bring 3 links" in linked.refusals["a"].detail and linked.refusals["a"].advice
