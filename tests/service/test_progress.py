"""A running job says how far it has come, learns that it was taken away, and keeps others waiting that it holds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchange.adapters.clock import SteppingClock
from exchange.services import jobs
from exchange.services.context import Context
from exchange.services.jobs import Queue
from exchange.services.progress import JobLostError, JobWork
from exchange.store.tables.jobs import JobRow
from tests.factories import party
from tests.service.test_jobs import LEASE, claim, enqueue, row


class Hands:
    """A clock that is moved by hand, in seconds."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def told(one: JobRow) -> tuple[str, int, int]:
    return one.stage, one.steps_done, one.steps_total


def test_a_stage_is_told_at_once_and_its_steps_once_a_second(ctx: Context) -> None:
    hands, job = Hands(), claim(ctx, enqueue(ctx))
    work = JobWork(ctx, job, hands)
    work.at("reading")
    assert told(row(ctx, job.id)) == ("reading", 0, 0)
    work.at("figures", 1, 8)
    assert told(row(ctx, job.id)) == ("figures", 1, 8)
    hands.seconds += 0.9
    work.at("figures", 2, 8)
    assert told(row(ctx, job.id)) == ("figures", 1, 8)
    hands.seconds += 0.2
    work.at("figures", 3, 8)
    assert told(row(ctx, job.id)) == ("figures", 3, 8)


def test_a_job_taken_back_stops_its_first_worker_at_the_next_step(ctx: Context, clock: SteppingClock) -> None:
    stale = claim(ctx, enqueue(ctx))
    work = JobWork(ctx, stale)
    work.at("reading")
    clock.move(LEASE)
    jobs.sweep(ctx)
    assert told(row(ctx, stale.id)) == ("", 0, 0)
    owner = claim(ctx, stale.id)
    with pytest.raises(JobLostError):
        work.at("linking")
    with pytest.raises(JobLostError), ctx.store.write() as session:
        work.guard(session)
    JobWork(ctx, owner).at("reading")
    assert told(row(ctx, stale.id)) == ("reading", 0, 0)


def test_a_cancelled_job_stops_at_the_next_step_and_its_transaction_is_undone(ctx: Context) -> None:
    firm = party(ctx)
    job = claim(ctx, enqueue(ctx, organisation=firm.id))
    jobs.cancel(firm.ctx, job.id)
    with pytest.raises(JobLostError), ctx.store.write() as session:
        made = jobs.enqueue(ctx, session, "note", Queue.PUBLISH, {})
        JobWork(ctx, job).guard(session)
    with ctx.store.read() as session:
        assert session.get(JobRow, made) is None


def test_the_owner_sees_stage_and_steps(ctx: Context) -> None:
    firm = party(ctx)
    job = claim(ctx, enqueue(ctx, organisation=firm.id))
    JobWork(ctx, job).at("reading", 2, 5)
    seen = jobs.get_job(firm.ctx, job.id)
    assert (seen.stage, seen.steps_done, seen.steps_total) == ("reading", 2, 5)


def test_a_job_waits_until_all_that_hold_its_key_have_ended(ctx: Context, clock: SteppingClock) -> None:
    with ctx.store.write() as session:
        holders = [
            jobs.enqueue(
                ctx, session, "note", Queue.RELEASE, {}, dedupe_key=f"shard:{number}", holds="rollup"
            )
            for number in range(2)
        ]
    held = enqueue(ctx, key="rollup")
    assert jobs.due(ctx) == holders
    assert jobs.claim(ctx, held) is None
    assert jobs.queue_figures(ctx)["queued"] == 3
    first = claim(ctx, holders[0])
    assert jobs.finish(ctx, first)
    assert jobs.claim(ctx, held) is None
    second = claim(ctx, holders[1])
    assert jobs.claim(ctx, held) is None
    clock.move(timedelta(minutes=5))
    assert jobs.queue_figures(ctx)["oldest_seconds"] == 0  # no worker is missing: it must not start
    jobs.fail(ctx, second, OSError())  # it will be tried again, and holds on until then
    assert jobs.claim(ctx, held) is None
    clock.move(timedelta(seconds=2))
    assert jobs.finish(ctx, claim(ctx, holders[1]))
    assert jobs.due(ctx) == [held]


def test_what_is_solved_is_released_before_anything_else_is_solved(
    ctx: Context, clock: SteppingClock
) -> None:
    with ctx.store.write() as session:
        ids = {
            queue: jobs.enqueue(ctx, session, "note", queue, {})
            for queue in (Queue.ROLLUP, Queue.RELEASE, Queue.IMPORT)
        }
    clock.move(timedelta(seconds=1))
    assert jobs.due(ctx) == [ids[Queue.IMPORT], ids[Queue.RELEASE], ids[Queue.ROLLUP]]
