"""A network that cannot be solved goes on without whoever stands in the way, and nobody else."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from sqlmodel import select

from exchange.domain.groups import DatasetKind
from exchange.domain.linking import Delivery, KnownProduct, LinkedNetwork, LinkingInput, ProductDataset
from exchange.services.context import Context
from exchange.services.rollup import solving
from exchange.services.rollup.solving import Solved, solve_given, solve_linked
from exchange.store.tables.rollup import RunRow
from tests.datasets import product as store_product
from tests.datasets import quantity
from tests.service.rollup_story import Maker, Story, effects, maker_subject
from tests.unit.domain.linking_cases import PIECE, Y2025, delivery, everything, f, line, node, product

STEEL = product("steel", "s", own=everything(co2e=2))


def solved(*products: ProductDataset, deliveries: tuple[Delivery, ...] = ()) -> tuple[LinkedNetwork, Solved]:
    known = {
        one.product: KnownProduct(one.product, one.name, one.organisation, one.category, one.unit)
        for one in products
    }
    return solve_given(LinkingInput(Y2025, products, known, deliveries))


def co2e(found: tuple[LinkedNetwork, Solved], key: str) -> float:
    linked, result = found
    return float(result.solution.footprints[linked.nodes.index(node(linked, key)), 2])


def codes(found: tuple[LinkedNetwork, Solved]) -> dict[str, str]:
    return {name: refusal.error_code for name, refusal in found[0].refusals.items()}


def tower(tag: str, per_unit: str, height: int) -> list[ProductDataset]:
    """Each takes `per_unit` of the one before; the last has 1 kg CO2e."""
    return [
        product(
            f"{tag}{place}",
            "bad",
            own=everything(co2e=1 if place == 0 else 0),
            recipe=(line(f"{tag}{place - 1}", per_unit, named=True),) if place else (),
        )
        for place in range(height)
    ]


@pytest.mark.parametrize("gain", ["0.99999999999", "0.9999999999989", "0.999999999999"])
def test_a_product_that_takes_nearly_all_of_itself_stops_nobody(gain: str) -> None:
    bad = product("odd", "bad", recipe=(line("odd", gain, named=True),))
    chair = product("chair", "c", recipe=(line("steel", 4, named=True),))
    found = solved(STEEL, chair, bad)
    assert codes(found) == {"odd": "linking.loop_gain"}
    assert co2e(found, "chair") == 9  # 1 + 4 x 2
    assert found[0].refusals["odd"].advice.startswith("Correct the amounts per unit")


@pytest.mark.parametrize("per_unit", ["1000000000000", "0.000000000001"])
@pytest.mark.parametrize("height", [18, 30])
def test_a_tower_beyond_what_can_be_counted_with_stops_nobody(per_unit: str, height: int) -> None:
    chair = product("chair", "c", recipe=(line("steel", 4, named=True),))
    found = solved(STEEL, chair, *tower("t", per_unit, height))
    assert set(codes(found).values()) == {"linking.range"}
    assert co2e(found, "chair") == 9


def test_a_supplier_does_not_take_its_customer_out_with_a_loop() -> None:
    # a chair of 20 kg takes 1 g of glue; a kilogram of glue is said to take a million chairs
    chair = product(
        "chair",
        "c",
        unit=PIECE,
        mass=f(20),
        recipe=(line("steel", 4, named=True), line("glue", "0.001", named=True)),
    )
    glue = product("glue", "bad", recipe=(line("chair", 1_000_000, PIECE, named=True),))
    found = solved(STEEL, chair, glue)
    assert codes(found) == {"glue": "linking.loop_gain"}
    assert co2e(found, "chair") == 9
    assert "Chair" not in found[0].refusals["glue"].detail


def test_of_a_loop_the_line_with_no_delivery_behind_it_is_refused() -> None:
    # the chair got glue from its supplier; nobody says that chairs went to the glue
    chair = product("chair", "c", recipe=(line("glue", 3, named=True),))
    glue = product("glue", "bad", recipe=(line("chair", "0.4", named=True),))
    found = solved(chair, glue, deliveries=(delivery("glue", "c", 30),))
    assert codes(found) == {"glue": "linking.loop_gain"}


def test_equals_in_a_loop_are_refused_together() -> None:
    one = product("one", "a", recipe=(line("two", 2, named=True),))
    two = product("two", "b", recipe=(line("one", 2, named=True),))
    chair = product("chair", "c", recipe=(line("steel", 4, named=True),))
    found = solved(STEEL, one, two, chair)
    assert codes(found) == {"one": "linking.loop_gain", "two": "linking.loop_gain"}
    assert co2e(found, "chair") == 9


def test_many_loops_that_hang_together_are_refused_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = [
        product(
            f"x{place:02}",
            "bad",
            recipe=(
                line(f"x{place ^ 1:02}", 2, named=True),
                replace(line(f"x{(place + 2) % 40:02}", "0.000001", named=True), line="2"),
            ),
        )
        for place in range(40)
    ]
    times = []
    link = solving.link
    monkeypatch.setattr(solving, "link", lambda given: times.append(1) or link(given))
    found = solved(STEEL, *bad)
    assert len(times) == 2
    assert {refusal.error_code for refusal in found[0].refusals.values()} == {"linking.loop_gain"}


def test_after_three_attempts_all_members_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop as which each attempt blames one more: the fourth refuses all that are concerned."""
    names = [f"p{place}" for place in range(6)]
    attempts = []

    def never(linked: LinkedNetwork) -> Solved:
        if len(linked.refusals) == len(names):
            return solve_linked(linked)
        error = solving.SolvingError("A loop.", code="engine.loop_gain")
        every = {name: solving.LinkingError("loop_gain", name, "A loop.", "Mend it.") for name in names}
        attempts.append(len(linked.refusals))
        error.blamed, error.concerned = (
            {names[len(linked.refusals)]: every[names[len(linked.refusals)]]},
            every,
        )
        raise error

    products = [product(name, "bad") for name in names]
    known = {
        one.product: KnownProduct(one.product, one.name, "bad", one.category, one.unit) for one in products
    }
    solve_given(LinkingInput(Y2025, tuple(products), known), never)
    assert attempts == [0, 1, 2, 3]


def test_what_nobody_is_to_blame_for_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solving, "LARGEST_ERROR", -1.0)
    with pytest.raises(solving.SolvingError) as refusal:
        solved(STEEL, product("chair", "c", recipe=(line("steel", Fraction(4), named=True),)))
    assert refusal.value.error_code == "rollup.imprecise"


def test_a_roll_up_goes_on_and_its_run_keeps_who_was_refused(ctx: Context) -> None:
    story = Story.new(ctx)
    story.publish_all()
    story.grant_all()
    chain = story.create_chain()
    stranger = Maker.new(ctx, "Ukendt ApS")
    odd = store_product(stranger.party, "Odd", category="odd")
    itself = {
        "line": "1",
        "product": f"urn:uuid:{odd.id}",
        "name": "Odd",
        "amount": quantity("0.99999999999", "KGM"),
        "measured_share": "1",
    }
    subject = maker_subject(stranger, odd, 2025, effects(co2e="1"), process={"inputs": [itself]})
    stranger.publish(DatasetKind.PRODUCT, subject)
    story.roll_up()
    assert story.cell(chain).value == 90  # 10 chairs of 1 + 4 x 2
    with ctx.store.read() as session:
        (run,) = session.exec(select(RunRow)).all()
    assert [(one["product"], one["code"]) for one in run.checks if one["name"] == "refused"] == [
        (odd.id, "linking.loop_gain")
    ]
