"""A maker reads why its own product is a gap, and nobody else does."""

from __future__ import annotations

import pytest

from exchange.domain.errors import NotFoundError
from exchange.domain.linking import Prefer
from exchange.domain.periods import year
from exchange.services.context import Context
from exchange.services.rollup.own_refusals import refusals_of_product
from exchange.services.rollup.running import run_rollup
from tests.datasets import quantity
from tests.service.rollup_story import Story


def test_the_maker_reads_its_own_refusal_with_line_and_remedy_until_it_is_mended(ctx: Context) -> None:
    story = Story.new(ctx)
    story.publish_all()
    story.create_chain()
    story.create_chain(prefer=Prefer.DECLARED)
    line = {
        "line": "7",
        "product": f"urn:uuid:{story.steel.id}",
        "name": "Own steel",
        "amount": quantity("1", "KGM"),
        "measured_share": "1",
    }
    story.publish_steel(process={"inputs": [line]})
    run_rollup(ctx, year(2025).start, year(2025).end)
    maker, other = story.steel_maker.party.ctx, story.chair_maker.party.ctx
    (found,) = refusals_of_product(maker, story.steel.id)  # both readings refuse alike
    assert (found.period, found.code, found.line) == (year(2025), "linking.loop_gain", "7")
    assert "Steel wire" in found.detail and found.advice
    with pytest.raises(NotFoundError):
        refusals_of_product(other, story.steel.id)
    assert refusals_of_product(other, story.chair.id) == ()
    story.publish_steel()
    run_rollup(ctx, year(2025).start, year(2025).end)
    assert refusals_of_product(maker, story.steel.id) == ()
