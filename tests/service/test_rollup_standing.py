"""Roll-ups refused, cancelled and asked for: what stays, what is marked, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import select

from exchange.adapters.clock import SteppingClock
from exchange.bootstrap import Exchange
from exchange.domain.errors import ConflictError, ExchangeError, NotFoundError
from exchange.domain.periods import year
from exchange.services import jobs
from exchange.services.context import Context
from exchange.services.progress import JobWork
from exchange.services.rollup import releasing, running, solving, standing
from exchange.services.rollup.network_build import METHOD_VERSION
from exchange.services.rollup.stages import Stage
from exchange.services.transparency.starting import look_again, start_log
from exchange.store.tables.rollup import NetworkRow, RunRow
from tests.service.rollup_rounds import (
    MINUTES,
    PERIOD,
    At,
    bury,
    jobs_of,
    network,
    released,
    rows,
    story,
    work,
)
from tests.service.rollup_story import Story
from workers.run_job import run_job

__all__ = ["story"]  # the fixture


def test_a_refused_roll_up_leaves_the_figures_marks_them_and_waits_for_a_new_deed(
    story: Story, worker: Exchange, clock: SteppingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(worker, clock, "rollup", "release_chains")
    before = network(story.ctx)
    story.publish_steel(co2e="3")
    with monkeypatch.context() as patch:
        patch.setattr(solving, "LARGEST_ERROR", -1.0)
        assert work(worker, clock, "rollup") == ["dead"]
    marked = network(story.ctx)
    assert marked.last_error.startswith("rollup.imprecise: ")
    assert marked.stale_since is not None
    assert (marked.round, marked.version, marked.current_run_id) == (
        before.round, before.version, before.current_run_id,
    )  # fmt: skip
    assert len(released(story.ctx)) == 5
    (seen,) = standing.standings(story.ctx)
    assert (seen.state, seen.code) == ("refused", "rollup.imprecise")
    clock.move(MINUTES)
    look_again(story.ctx)
    assert work(worker, clock, "rollup") == []
    story.publish_steel(co2e="2.5")
    assert work(worker, clock, "rollup", "release_chains") == ["done"] * 4
    settled = network(story.ctx)
    assert (settled.last_error, settled.stale_since) == ("", None)


def test_a_refusal_while_chains_are_released_is_told(
    story: Story, worker: Exchange, clock: SteppingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(worker, clock, "rollup")

    def refuse(*_: object) -> None:
        raise ExchangeError("It cannot be told.", code="chain.untold")

    with monkeypatch.context() as patch:
        patch.setattr(releasing, "rolled_of", refuse)
        assert work(worker, clock, "release_chains") == ["dead"] * 3
    assert network(story.ctx).last_error == "chain.untold: It cannot be told."
    clock.move(MINUTES)
    look_again(story.ctx)
    assert work(worker, clock, "release_chains") == ["done"] * 3
    assert network(story.ctx).last_error == ""


@pytest.mark.parametrize("stage", [Stage.READING, Stage.SOLVING, Stage.STORING])
def test_a_roll_up_cancelled_at_any_step_writes_nothing_more(
    story: Story, worker: Exchange, clock: SteppingClock, monkeypatch: pytest.MonkeyPatch, stage: Stage
) -> None:
    """A stage is told before its step begins, so this comes between two steps."""
    hook = At(stage, lambda: standing.cancel_roll_up(story.ctx, *PERIOD))
    at = JobWork.at

    def hooked(self: JobWork, stage: str, done: int = 0, total: int = 0) -> None:
        at(self, stage, done, total)
        hook.at(stage, done, total)

    monkeypatch.setattr(JobWork, "at", hooked)
    assert work(worker, clock, "rollup") == ["lost"]
    assert rows(story.ctx, RunRow) == []
    assert released(story.ctx) == []
    (job,) = jobs_of(story.ctx, "rollup")
    assert job.state == "cancelled"
    stopped = network(story.ctx)
    assert stopped.last_error.startswith("rollup.cancelled: ")
    clock.move(MINUTES)
    look_again(story.ctx)
    assert work(worker, clock, "rollup") == []
    with pytest.raises(ConflictError) as refusal:
        standing.cancel_roll_up(story.ctx, *PERIOD)
    assert refusal.value.error_code == "rollup.idle"
    assert standing.ask_now(story.ctx, *PERIOD)
    assert work(worker, clock, "rollup", "release_chains") == ["done"] * 4
    assert network(story.ctx).last_error == ""


def test_cancelling_while_chains_are_released_keeps_what_was_released(
    story: Story, worker: Exchange, clock: SteppingClock
) -> None:
    work(worker, clock, "rollup")
    first, *_ = jobs_of(story.ctx, "release_chains")
    run_job(worker, first.id)
    assert standing.cancel_roll_up(story.ctx, *PERIOD) == 2
    assert work(worker, clock, "release_chains") == []
    assert len(released(story.ctx)) == 2
    after = network(story.ctx)
    assert (after.shards_left, after.current_run_id) == (0, None)
    assert after.stale_since is not None
    (seen,) = standing.standings(story.ctx)
    assert (seen.state, seen.code) == ("refused", "rollup.cancelled")


def test_a_period_nobody_asks_about_can_be_neither_asked_for_nor_cancelled(story: Story) -> None:
    assert not standing.ask_now(story.ctx, year(2019).start, year(2019).end)
    with pytest.raises(NotFoundError):
        standing.cancel_roll_up(story.ctx, year(2019).start, year(2019).end)


def test_standing_tells_waiting_stage_chains_and_what_is_in_force(
    story: Story, worker: Exchange, clock: SteppingClock
) -> None:
    def seen() -> tuple[str, str, int, int]:
        (one,) = standing.standings(story.ctx, *PERIOD)
        return one.state, one.stage, one.steps_done, one.steps_total

    assert seen() == ("waiting", "", 0, 0)
    clock.move(timedelta(seconds=2))
    (job,) = jobs_of(story.ctx, "rollup")
    claimed = jobs.claim(story.ctx, job.id)
    assert claimed is not None
    JobWork(story.ctx, claimed).at(Stage.SOLVING)
    assert seen() == ("running", "solving", 0, 0)
    running.solve_period(story.ctx, *PERIOD)
    jobs.finish(story.ctx, claimed)
    assert seen() == ("running", "releasing", 0, 5)
    first, *_ = jobs_of(story.ctx, "release_chains")
    run_job(worker, first.id)
    assert seen() == ("running", "releasing", 2, 5)
    work(worker, clock, "release_chains")
    assert seen() == ("current", "", 0, 0)


def by_another_method(ctx: Context, method: str) -> None:
    """As if an earlier version had made the run in force, and said why a chain of it kept its figures."""
    with ctx.store.write() as session:
        row = session.exec(select(NetworkRow)).one()
        row.last_error = "rollup.chain_kept: One chain keeps its earlier figures."
        run = session.get_one(RunRow, row.current_run_id)
        run.method_version, run.identity = method, "0" * 64
        session.add_all([row, run])


@pytest.mark.parametrize("ask", [look_again, start_log])
def test_figures_of_another_method_are_renewed(
    story: Story, worker: Exchange, clock: SteppingClock, ask: Callable[[Context], None]
) -> None:
    work(worker, clock, "rollup", "release_chains")
    ask(worker.context())
    assert network(story.ctx).stale_since is None  # this version's own run is not
    by_another_method(story.ctx, "method/2")
    ask(worker.context())
    ask(worker.context())
    assert network(story.ctx).stale_since is not None
    assert [job.state for job in jobs_of(story.ctx, "rollup")].count("queued") == 1
    assert set(work(worker, clock, "rollup", "release_chains")) == {"done"}
    renewed = network(story.ctx)
    assert (renewed.stale_since, renewed.last_error) == (None, "")
    made = {run.id: run.method_version for run in rows(story.ctx, RunRow)}
    assert sorted(made.values()) == ["method/2", METHOD_VERSION]
    assert made[renewed.current_run_id or ""] == METHOD_VERSION


def test_a_renewal_by_the_new_method_that_is_refused_is_not_asked_for_again(
    story: Story, worker: Exchange, clock: SteppingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(worker, clock, "rollup", "release_chains")
    by_another_method(story.ctx, "method/2")
    look_again(story.ctx)
    monkeypatch.setattr(solving, "LARGEST_ERROR", -1.0)
    assert work(worker, clock, "rollup") == ["dead"]
    for _ in range(3):
        clock.move(MINUTES)
        look_again(story.ctx)
        assert work(worker, clock, "rollup") == []
    (seen,) = standing.standings(story.ctx)
    assert (seen.state, seen.code) == ("refused", "rollup.imprecise")
    assert len(released(story.ctx)) == 5


def test_stopping_the_renewal_of_what_is_up_to_date_leaves_it_up_to_date(
    story: Story, worker: Exchange, clock: SteppingClock
) -> None:
    work(worker, clock, "rollup", "release_chains")
    assert standing.ask_now(story.ctx, *PERIOD)
    assert standing.cancel_roll_up(story.ctx, *PERIOD) == 1
    (seen,) = standing.standings(story.ctx)
    assert (seen.state, seen.stale_since, seen.code) == ("current", None, "")


def test_a_queue_is_untaken_once_its_work_has_waited_and_nobody_is_at_any(
    story: Story, worker: Exchange, clock: SteppingClock
) -> None:
    def untaken() -> tuple[str, ...]:
        return standing.untaken_queues(story.ctx, standing.standings(story.ctx))

    assert untaken() == ()  # it was asked for just now
    clock.move(MINUTES)
    assert untaken() == ("rollup",)
    work(worker, clock, "rollup")
    assert untaken() == ()
    clock.move(MINUTES)
    assert untaken() == ("release",)
    first, *_ = jobs_of(story.ctx, "release_chains")
    assert jobs.claim(story.ctx, first.id) is not None
    assert untaken() == ()


def test_asking_twice_asks_once_and_a_roll_up_under_way_serves(story: Story) -> None:
    for _ in range(2):
        assert standing.ask_now(story.ctx, *PERIOD)
    assert len(jobs_of(story.ctx, "rollup")) == 1
    running.solve_period(story.ctx, *PERIOD)
    bury(story.ctx, "rollup")
    assert standing.ask_now(story.ctx, *PERIOD)
    assert [job.state for job in jobs_of(story.ctx, "rollup")] == ["dead"]
