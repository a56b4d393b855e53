"""One chain's figures that cannot be worked out, or of which no digit is certain, stop nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from sqlmodel import Session

from exchange.adapters.clock import SteppingClock
from exchange.bootstrap import Exchange
from exchange.engine.network import Floats
from exchange.services.context import Context
from exchange.services.rollup import chain_reach, releasing
from exchange.services.rollup.release_sources import Sources
from exchange.services.rollup.releases import DraftedChain, draft_chain
from exchange.services.rollup.wanted import Wanted
from exchange.store.tables.rollup import ReleaseRow
from tests.service.rollup_rounds import network, rows, work
from tests.service.rollup_story import Story

D = Decimal
Drafting = Callable[[Session, Wanted, Sources], DraftedChain]


@pytest.fixture
def story(ctx: Context) -> Story:
    made = Story.new(ctx)
    made.publish_all()
    made.grant_all()
    return made


def failing(chain_id: str, error: Exception) -> Drafting:
    def draft(session: Session, wanted: Wanted, sources: Sources) -> DraftedChain:
        if wanted.chain_id == chain_id:
            raise error
        return draft_chain(session, wanted, sources)

    return draft


@pytest.mark.parametrize("error", [OverflowError("too large"), ValueError("no number"), KeyError(7)])
def test_a_chain_that_fails_keeps_its_earlier_figures_and_the_others_go_on(
    story: Story, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    bad, good = story.create_chain(), story.create_chain(chair="20")
    story.roll_up()
    story.publish_steel(co2e="1.5")
    monkeypatch.setattr(releasing, "draft_chain", failing(bad.id, error))
    assert story.roll_up().released == 5
    assert (story.cell(bad).value, story.cell(good).value) == (D(90), D(140))
    monkeypatch.undo()
    story.publish_steel(co2e="1")
    story.roll_up()
    assert story.cell(bad).value == 50


def test_the_operator_is_told_which_chain_kept_its_figures(
    story: Story, worker: Exchange, clock: SteppingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = story.create_chain()
    monkeypatch.setattr(releasing, "draft_chain", failing(chain.id, OverflowError("too large")))
    assert work(worker, clock, "rollup", "release_chains") == ["done", "done"]
    place = network(story.ctx)
    assert (place.shards_left, place.stale_since, place.current_run_id) == (0, None, place.round_run_id)
    reason = f"Chain {chain.id} keeps its earlier figures: OverflowError."
    assert place.last_error == f"rollup.chain_kept: {reason}"
    monkeypatch.undo()
    story.publish_steel(co2e="1")
    work(worker, clock, "rollup", "release_chains")
    assert (story.cell(chain).value, network(story.ctx).last_error) == (D(50), "")


def test_a_fault_that_is_no_figures_stops_the_shard(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    chain = story.create_chain()
    monkeypatch.setattr(releasing, "draft_chain", failing(chain.id, ConnectionError("lost")))
    with pytest.raises(ConnectionError):
        story.roll_up()


@pytest.mark.parametrize("bound", [np.inf, np.nan, 0.5])
def test_a_figure_of_which_no_digit_is_certain_is_not_released(
    story: Story, monkeypatch: pytest.MonkeyPatch, bound: float
) -> None:
    chain = story.create_chain()
    story.roll_up()
    monkeypatch.setattr(chain_reach, "chain_part", wider(bound))
    story.roll_up()
    cell = story.cell(chain)
    assert (cell.status, cell.value) == ("no_data", None)
    newest = max(
        (row for row in rows(story.ctx, ReleaseRow) if row.indicator == "co2e"),
        key=lambda row: row.created_at,
    )
    assert newest.detail == {"reason": "imprecise"}


def wider(bound: float) -> Callable[..., object]:
    cut = chain_reach.chain_part

    def cut_wider(*given: object) -> object:
        part = cut(*given)  # type: ignore[arg-type]
        bounds: Floats = np.full_like(part.solution.error_bound, bound)
        return replace(part, solution=replace(part.solution, error_bound=bounds))

    return cut_wider
