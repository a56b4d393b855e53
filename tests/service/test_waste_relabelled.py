"""Waste that is called a by-product changes the method, and no development is told (METHOD 3 and 6)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exchange.services.context import Context
from tests.datasets import product
from tests.service.rollup_story import Story


@pytest.fixture
def story(ctx: Context) -> Story:
    made = Story.new(ctx)
    made.publish_all()
    return made


@pytest.mark.parametrize(
    ("share", "index", "changes"),
    [("0", Decimal(100), ()), ("0.1", None, ("method",))],
    ids=["waste", "sold"],
)
def test_calling_waste_a_by_product_is_a_change_of_method(
    story: Story, share: str, index: Decimal | None, changes: tuple[str, ...]
) -> None:
    scale = product(story.steel_maker.party, "Mill scale", category="mill-scale")
    other = {"product": f"urn:uuid:{scale.id}", "rule": "economic"}
    story.publish_all(in_year=2024)
    story.grant_all()
    chain = story.create_chain(2024, 2025)
    story.publish_steel(in_year=2024, process={"inputs": [], "co_products": [other | {"share": "0"}]})
    story.roll_up(2024)
    story.publish_steel(process={"inputs": [], "co_products": [other | {"share": share}]})
    story.roll_up()
    change = story.cell(chain).base
    assert change is not None
    assert (change.effect_index, change.changes) == (index, changes)
