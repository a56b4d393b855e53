"""A solved network whose own arithmetic does not hold is never shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import select

from exchange.domain.errors import ExchangeError
from exchange.engine.identities import Identity
from exchange.engine.identities import conservation as books
from exchange.engine.solve import Solution
from exchange.services.context import Context
from exchange.services.rollup import solving
from exchange.store.tables.rollup import ReleaseRow, RunRow
from tests.service.rollup_story import Story


@pytest.fixture
def story(ctx: Context) -> Story:
    """Everything published and asked about, nothing rolled up yet."""
    made = Story.new(ctx)
    made.publish_all()
    made.create_chain()
    return made


def refused(story: Story) -> str:
    """The code of the refused roll-up, which released nothing and stored its reason."""
    with pytest.raises(ExchangeError) as refusal:
        story.roll_up()
    with story.ctx.store.read() as session:
        assert session.exec(select(ReleaseRow)).all() == []
        (run,) = session.exec(select(RunRow)).all()
    assert run.state == "failed"
    assert run.reason.startswith(f"{refusal.value.error_code}: ")
    return refusal.value.error_code


def test_run_whose_books_do_not_close_is_not_released(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    def open_books(solution: Solution, produced: list[float]) -> tuple[Identity, ...]:
        first, *others = books(solution, produced)
        return (replace(first, passed=False), *others)

    monkeypatch.setattr(solving, "conservation", open_books)
    assert refused(story) == "rollup.check_failed"


def test_run_solved_too_coarsely_is_not_released(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solving, "LARGEST_ERROR", -1.0)
    assert refused(story) == "rollup.imprecise"
