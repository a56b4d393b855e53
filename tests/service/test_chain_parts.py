"""Where a released total comes from: tiers, organisations and products that sum to it; readings of a product."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exchange.domain.groups import FieldGroup
from exchange.domain.linking import Prefer
from exchange.services.chain_cells import ChainCell
from exchange.services.context import Context
from exchange.store.tables.rollup import ReleasePartRow
from tests.datasets import quantity
from tests.service.rollup_story import Story, effects

D = Decimal


@pytest.fixture
def story(ctx: Context) -> Story:
    """Ten chairs: 10 x 1 kg CO2e of their own and 40 kg of steel at 2 kg, 90 kg in all."""
    made = Story.new(ctx)
    made.publish_all()
    return made


def parts(cell: ChainCell, kind: str) -> list[tuple[str, Decimal]]:
    return [(one.name, one.value) for one in cell.origin if one.kind == kind]


def test_a_total_by_tier_organisation_and_product_sums_to_it(story: Story) -> None:
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    cell = story.cell(chain)
    tiers = [(one.tier, one.value) for one in cell.origin if one.kind == "tier"]
    assert tiers == [(0, D(10)), (1, D(80))]
    assert parts(cell, "organisation") == [("Granhøj Stål", D(80)), ("Lindebo Møbler", D(10))]
    assert parts(cell, "product") == [("Steel wire", D(80)), ("Chair", D(10))]
    assert all(
        sum(value for _, value in parts(cell, kind)) == cell.value for kind in ("organisation", "product")
    )


def test_parts_are_shown_to_whom_the_cell_is_open_and_to_nobody_else(story: Story) -> None:
    chain = story.create_chain()
    story.roll_up()
    assert story.cell(chain).origin == ()
    assert story.cell(chain, viewer=story.chair_maker.party).origin == ()
    story.grant_all()
    assert {one.kind for one in story.cell(chain).origin} == {"tier", "organisation", "product"}


def test_a_declared_footprint_is_one_part_and_not_opened(story: Story) -> None:
    figures = effects(resources="1")
    figures["indicators"]["co2e"] = {"total": quantity("1.5", "KGM")}
    story.publish_steel(**figures)
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    steel = next(one for one in story.cell(chain).origin if one.product_id == story.steel.id)
    assert (steel.value, steel.is_declared) == (D(60), True)  # 40 kg x 1.5


@pytest.mark.parametrize(
    ("prefer", "total", "counts"), [(Prefer.LINKED, D(90), "linked"), (Prefer.DECLARED, D(70), "declared")]
)
def test_declared_stands_beside_rolled_up_where_both_are_known(
    story: Story, prefer: Prefer, total: Decimal, counts: str
) -> None:
    figures = effects(co2e="2", resources="1")
    figures["indicators"]["co2e"]["total"] = quantity("1.5", "KGM")
    story.publish_steel(**figures)
    story.grant_all()
    chain = story.create_chain(prefer=prefer)
    story.roll_up()
    cell = story.cell(chain)
    assert cell.value == total
    (reading,) = cell.readings
    assert (reading.name, reading.declared, reading.rolled_up) == ("Steel wire", D("1.5"), D(2))
    assert (reading.counts, reading.unit_of) == (counts, "KGM")


def test_a_recipe_that_does_not_count_is_behind_the_grants_of_its_suppliers(story: Story) -> None:
    figures = effects(co2e="1", resources="5")
    figures["indicators"]["co2e"]["total"] = quantity("7", "KGM")
    story.publish_chair(**figures)
    chain = story.create_chain(prefer=Prefer.DECLARED)
    story.grant(story.chair_maker, story.chair, FieldGroup.INDICATORS)
    story.roll_up()
    cell = story.cell(chain)
    assert (cell.status, cell.value, cell.readings) == ("released", D(70), ())
    story.grant(story.steel_maker, story.steel, FieldGroup.INDICATORS)
    assert story.cell(chain).readings == ()  # (9 - 1) / 2 would be the steel per chair
    story.grant(story.chair_maker, story.chair, FieldGroup.PROCESS)
    (reading,) = story.cell(chain).readings
    assert (reading.declared, reading.rolled_up) == (D(7), D(9))  # 1 + 4 x 2


def test_other_parts_of_the_same_total_are_a_new_release(story: Story) -> None:
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    story.publish_steel(co2e="1.5")
    story.publish_chair(co2e="3")  # 10 x 3 + 40 x 1.5 = 90 as before
    story.roll_up()
    cell = story.cell(chain)
    assert (cell.value, parts(cell, "product")) == (D(90), [("Steel wire", D(60)), ("Chair", D(30))])


def test_nothing_new_is_released_where_parts_stay(story: Story) -> None:
    story.create_chain()
    assert story.roll_up().released == 5
    assert story.roll_up().released == 0
    with story.ctx.store.read() as session:
        assert session.get(ReleasePartRow, ("nothing", 0)) is None
