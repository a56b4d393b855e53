"""Jobs are owned by one worker at a time, tried again when they fail, taken back when a worker dies, never lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from exchange.adapters.clock import SteppingClock
from exchange.domain.actors import Actor, Role
from exchange.domain.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    NotPermittedError,
    UnavailableError,
)
from exchange.services import jobs
from exchange.services.context import Context
from exchange.services.jobs import Queue
from exchange.store.engine import Store
from exchange.store.tables.jobs import JobRow
from tests.factories import party

LEASE = timedelta(seconds=61)  # one second past the default lease


def enqueue(
    ctx: Context, *, key: str | None = None, delay: float = 0, organisation: str | None = None
) -> str:
    with ctx.store.write() as session:
        return jobs.enqueue(
            ctx, session, "note", Queue.PUBLISH, {"id": "1"},
            organisation_id=organisation, dedupe_key=key, delay_seconds=delay,
        )  # fmt: skip


def row(ctx: Context, job_id: str) -> JobRow:
    with ctx.store.read() as session:
        return session.get_one(JobRow, job_id)


def claim(ctx: Context, job_id: str) -> jobs.Job:
    job = jobs.claim(ctx, job_id)
    assert job is not None
    return job


@pytest.fixture
def other(ctx: Context) -> Iterator[Context]:
    """Another process on the same database."""
    store = Store(ctx.settings.database)
    yield replace(ctx, store=store)
    store.close()


def test_of_many_workers_in_two_processes_exactly_one_claims(ctx: Context, other: Context) -> None:
    for _ in range(5):
        job_id = enqueue(ctx)
        start = threading.Barrier(8)

        def compete(number: int, job_id: str = job_id, start: threading.Barrier = start) -> jobs.Job | None:
            start.wait()
            return jobs.claim(ctx if number % 2 else other, job_id)

        with ThreadPoolExecutor(8) as pool:
            won = [job for job in pool.map(compete, range(8)) if job]
        assert [(job.id, job.fence, job.attempts) for job in won] == [(job_id, 1, 1)]


def test_job_is_not_due_before_its_time(ctx: Context, clock: SteppingClock) -> None:
    job_id = enqueue(ctx, delay=10)
    assert jobs.due(ctx) == []
    assert jobs.claim(ctx, job_id) is None
    clock.move(timedelta(seconds=10))
    assert jobs.due(ctx) == [job_id]
    assert jobs.claim(ctx, job_id) is not None


def test_due_jobs_come_oldest_first(ctx: Context, clock: SteppingClock) -> None:
    late, early = enqueue(ctx, delay=20), enqueue(ctx, delay=5)
    clock.move(timedelta(minutes=1))
    assert jobs.due(ctx) == [early, late]
    assert jobs.due(ctx, limit=1) == [early]


def test_worker_that_was_taken_over_changes_nothing_any_more(ctx: Context, clock: SteppingClock) -> None:
    stale = claim(ctx, enqueue(ctx))
    clock.move(LEASE)
    assert jobs.sweep(ctx) == 1
    owner = claim(ctx, stale.id)
    assert (owner.fence, owner.attempts) == (3, 2)
    assert not jobs.renew(ctx, stale)
    assert not jobs.finish(ctx, stale)
    assert jobs.fail(ctx, stale, OSError()) == "lost"
    assert row(ctx, stale.id).state == "running"
    assert jobs.renew(ctx, owner)
    assert jobs.finish(ctx, owner)
    done = row(ctx, stale.id)
    assert (done.state, done.lease_until) == ("done", None)


def test_renewed_lease_keeps_the_job(ctx: Context, clock: SteppingClock) -> None:
    job = claim(ctx, enqueue(ctx))
    clock.move(timedelta(seconds=50))
    assert jobs.renew(ctx, job)
    clock.move(timedelta(seconds=50))
    assert jobs.sweep(ctx) == 0
    assert jobs.finish(ctx, job)


def test_failed_job_waits_longer_each_time_and_is_dead_in_the_end(ctx: Context, clock: SteppingClock) -> None:
    job_id = enqueue(ctx)
    for pause in (2, 4, 8, 16, 32):
        job = claim(ctx, job_id)
        before = ctx.now()
        assert jobs.fail(ctx, job, OSError("disk")) == "queued"
        waits = row(ctx, job_id).due_at - before
        assert timedelta(seconds=pause) <= waits < timedelta(seconds=pause, milliseconds=10)
        clock.move(waits)
    assert jobs.fail(ctx, claim(ctx, job_id), OSError("disk")) == "dead"
    dead = row(ctx, job_id)
    assert (dead.state, dead.error_code, dead.attempts) == ("dead", "error.OSError", 6)
    assert "disk" not in dead.error_detail  # an exception's words may hold what nobody should read
    assert dead.finished_at is not None


def test_refusal_is_final_and_says_why(ctx: Context) -> None:
    job = claim(ctx, enqueue(ctx))
    assert jobs.fail(ctx, job, InvalidError("The unit is wrong.", code="unit.wrong")) == "dead"
    assert (row(ctx, job.id).error_code, row(ctx, job.id).error_detail) == (
        "unit.wrong",
        "The unit is wrong.",
    )


def test_part_that_does_not_answer_is_tried_again(ctx: Context) -> None:
    job = claim(ctx, enqueue(ctx))
    assert jobs.fail(ctx, job, UnavailableError("No keys here.", code="custody.closed")) == "queued"


def test_asking_twice_under_one_key_makes_one_waiting_job(ctx: Context) -> None:
    first = enqueue(ctx, key="rollup:2025")
    assert enqueue(ctx, key="rollup:2025") == first
    assert enqueue(ctx, key="rollup:2024") != first
    assert enqueue(ctx) != enqueue(ctx)


def test_work_asked_for_while_the_job_runs_waits_as_a_job_of_its_own(ctx: Context) -> None:
    first = enqueue(ctx, key="rollup:2025")
    claim(ctx, first)
    assert enqueue(ctx, key="rollup:2025") != first


def test_job_waits_until_the_running_one_under_its_key_has_ended(ctx: Context) -> None:
    first = claim(ctx, enqueue(ctx, key="rollup:2025"))
    second = enqueue(ctx, key="rollup:2025")
    assert jobs.due(ctx) == [] and jobs.take_unsent(ctx) == []
    assert jobs.claim(ctx, second) is None
    other_key = enqueue(ctx, key="rollup:2024")
    assert jobs.due(ctx) == [other_key]
    assert jobs.finish(ctx, first)
    assert claim(ctx, second).id == second


def test_many_threads_asking_under_one_key_make_one_waiting_job(ctx: Context, other: Context) -> None:
    start = threading.Barrier(8)

    def ask(number: int) -> str:
        start.wait()
        return enqueue(ctx if number % 2 else other, key="rollup:2025")

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    assert len(jobs.due(ctx)) == 1


def test_worker_does_not_start_before_what_it_was_asked_for_is_committed(
    ctx: Context, other: Context
) -> None:
    """Else its snapshot could miss the dataset the waiting job was meant to serve."""
    job_id = enqueue(ctx, key="rollup:2025")
    claimed = threading.Event()
    thread = threading.Thread(target=lambda: (jobs.claim(other, job_id), claimed.set()))
    with ctx.store.write() as session:
        served = jobs.enqueue(ctx, session, "note", Queue.PUBLISH, {}, dedupe_key="rollup:2025")
        assert served == job_id
        thread.start()
        assert not claimed.wait(0.3)
    thread.join(10)
    assert claimed.is_set()
    assert row(ctx, job_id).state == "running"


def test_failed_job_gives_way_to_a_twin_that_waits(ctx: Context) -> None:
    job = claim(ctx, enqueue(ctx, key="rollup:2025"))
    twin = enqueue(ctx, key="rollup:2025")
    assert jobs.fail(ctx, job, OSError()) == "cancelled"
    assert [row(ctx, one).state for one in (job.id, twin)] == ["cancelled", "queued"]
    assert row(ctx, job.id).lease_until is None


def test_job_of_a_dead_worker_gives_way_to_a_twin_that_waits(ctx: Context, clock: SteppingClock) -> None:
    job = claim(ctx, enqueue(ctx, key="rollup:2025"))
    twin = enqueue(ctx, key="rollup:2025")
    clock.move(LEASE)
    assert jobs.sweep(ctx) == 1
    assert [row(ctx, one).state for one in (job.id, twin)] == ["cancelled", "queued"]


def test_job_that_kills_its_workers_is_dead_after_three_of_them(ctx: Context, clock: SteppingClock) -> None:
    job_id = enqueue(ctx)
    for ends in ("queued", "queued", "dead"):
        claim(ctx, job_id)
        clock.move(LEASE)
        assert jobs.sweep(ctx) == 1
        assert row(ctx, job_id).state == ends
    assert (row(ctx, job_id).state, row(ctx, job_id).error_code) == ("dead", "job.workers_died")
    assert jobs.claim(ctx, job_id) is None


def test_failures_are_no_deaths(ctx: Context, clock: SteppingClock) -> None:
    """A job that waits for a part that is away must not be lost to one restart of the worker."""
    job_id = enqueue(ctx)
    for _ in range(4):
        jobs.fail(ctx, claim(ctx, job_id), UnavailableError("away"))
        clock.move(LEASE)
    claim(ctx, job_id)
    clock.move(LEASE)
    jobs.sweep(ctx)
    assert row(ctx, job_id).state == "queued"


def test_thousands_of_roll_ups_hold_up_neither_publishing_nor_imports(
    ctx: Context, clock: SteppingClock
) -> None:
    ids: dict[Queue, str] = {}
    with ctx.store.write() as session:
        for queue in (Queue.ROLLUP, Queue.IMPORT, Queue.PUBLISH):
            ids[queue] = jobs.enqueue(ctx, session, "note", queue, {})
    clock.move(timedelta(seconds=1))
    urgency = [ids[Queue.PUBLISH], ids[Queue.IMPORT], ids[Queue.ROLLUP]]
    assert jobs.due(ctx) == urgency
    assert [job_id for job_id, _ in jobs.take_unsent(ctx, limit=2)] == urgency[:2]


def test_cancelled_job_is_not_claimed_and_its_worker_cannot_finish_it(ctx: Context) -> None:
    firm = party(ctx)
    waiting, running = (enqueue(ctx, organisation=firm.id) for _ in range(2))
    job = claim(ctx, running)
    for job_id in (waiting, running):
        jobs.cancel(firm.ctx, job_id)
    assert jobs.claim(ctx, waiting) is None
    assert not jobs.finish(ctx, job)
    assert jobs.get_job(firm.ctx, running).state == "cancelled"
    with pytest.raises(ConflictError) as refusal:
        jobs.cancel(firm.ctx, waiting)
    assert refusal.value.error_code == "job.finished"


def test_job_of_another_organisation_is_not_to_be_seen_or_cancelled(ctx: Context) -> None:
    firm, stranger = party(ctx), party(ctx)
    job_id = enqueue(ctx, organisation=firm.id)
    assert jobs.get_job(firm.ctx, job_id).state == "queued"
    for act in (jobs.get_job, jobs.cancel):
        for asked in (job_id, "unknown"):
            with pytest.raises(NotFoundError):
                act(stranger.ctx, asked)


def test_viewer_cannot_cancel(ctx: Context) -> None:
    firm = party(ctx)
    job_id = enqueue(ctx, organisation=firm.id)
    with pytest.raises(NotPermittedError):
        jobs.cancel(ctx.acting_as(Actor(firm.id, frozenset({Role.VIEWER}))), job_id)


def test_due_jobs_are_sent_once_and_again_only_after_a_while(ctx: Context, clock: SteppingClock) -> None:
    job_id = enqueue(ctx)
    assert jobs.take_unsent(ctx) == [(job_id, "publish")]
    assert jobs.take_unsent(ctx) == []
    clock.move(LEASE)
    assert jobs.take_unsent(ctx) == [(job_id, "publish")]


def test_figures_count_waiting_running_and_dead_jobs(ctx: Context, clock: SteppingClock) -> None:
    dead, running = claim(ctx, enqueue(ctx)), enqueue(ctx)
    jobs.fail(ctx, dead, InvalidError("no"))
    claim(ctx, running)
    enqueue(ctx)
    clock.move(timedelta(seconds=30))
    figures = jobs.queue_figures(ctx)
    assert {name: figures[name] for name in ("queued", "running", "dead")} == {
        "queued": 1.0, "running": 1.0, "dead": 1.0,
    }  # fmt: skip
    assert 30 <= figures["oldest_seconds"] < 31
