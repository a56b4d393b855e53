"""Jobs: asked for in the transaction of what needs them, owned by one worker at a time, never lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, ExchangeError, NotFoundError, UnavailableError
from exchange.services.context import Context, audit
from exchange.store import jobs as query
from exchange.store.tables.jobs import JobRow

MAX_ATTEMPTS = 6
MAX_DEATHS = 3  # of workers: what kills three of them kills the fourth
LONGEST_PAUSE_SECONDS = 300
RESTING_WINDOW = timedelta(hours=2)  # failures longer ago do not count
MOST_DOUBLINGS = 5


class Queue(StrEnum):
    """Queues by kind of work; workers watch all of them unless told otherwise."""

    PUBLISH = "publish"
    ROLLUP = "rollup"
    RELEASE = "release"
    IMPORT = "import"
    LOG = "log"


@dataclass(frozen=True)
class Job:
    """A claimed job: `fence` proves ownership to every later write."""

    id: str
    kind: str
    payload: Mapping[str, str]
    fence: int
    attempts: int


@dataclass(frozen=True)
class JobStatus:
    """How far a job has come, as its owner sees it.

    `stage` is what a running job is at, with `steps_done` of `steps_total` (0: the stage has no count).
    """

    id: str
    kind: str
    state: str
    error_code: str | None
    error_detail: str
    created_at: datetime
    finished_at: datetime | None
    stage: str
    steps_done: int
    steps_total: int


def enqueue(
    ctx: Context,
    session: Session,
    kind: str,
    queue: Queue,
    payload: Mapping[str, str],
    *,
    organisation_id: str | None = None,
    dedupe_key: str | None = None,
    holds: str | None = None,
    delay_seconds: float = 0.0,
) -> str:
    """Ask for work in the caller's transaction; returns the job's id.

    With `dedupe_key`, a job that already waits under the key serves this caller too. Until this job has ended,
    no job under the key `holds` starts.
    """
    now = ctx.now()
    job = JobRow(
        id=ctx.new_id(),
        kind=kind,
        queue=queue.value,
        payload=dict(payload),
        organisation_id=organisation_id,
        dedupe_key=dedupe_key,
        holds=holds,
        due_at=now + timedelta(seconds=delay_seconds),
        created_at=now,
    )
    return query.add_unless_waiting(session, job).id


def due(ctx: Context, limit: int = 50) -> list[str]:
    """Ids of jobs whose time has come: publishing and the log, imports, roll-ups, each oldest first."""
    with ctx.store.read() as session:
        return list(query.due_ids(session, ctx.now(), limit))


def claim(ctx: Context, job_id: str) -> Job | None:
    """Own a due job until its lease ends, or None when it is not to be had."""
    now = ctx.now()
    lease = now + timedelta(seconds=ctx.settings.job_lease_seconds)
    with ctx.store.write() as session:
        row = query.claim(session, job_id, now, lease)
        return Job(row.id, row.kind, dict(row.payload), row.fence, row.attempts) if row else None


def renew(ctx: Context, job: Job) -> bool:
    """Lengthen the lease; False when the job was taken back or cancelled."""
    lease = ctx.now() + timedelta(seconds=ctx.settings.job_lease_seconds)
    with ctx.store.write() as session:
        return query.update_owned(session, job.id, job.fence, lease_until=lease) is not None


def finish(ctx: Context, job: Job) -> bool:
    """Mark done; False when another worker has taken the job over."""
    with ctx.store.write() as session:
        row = query.update_owned(
            session, job.id, job.fence, state="done", lease_until=None, finished_at=ctx.now(), error_detail=""
        )
        return row is not None


def fail(ctx: Context, job: Job, error: Exception) -> str:
    """Note a failure: a refusal ends the job, anything else is tried again with growing pauses.

    Returns the new state: `queued`, `dead`, `cancelled` (a twin waits) or `lost` (no longer this worker's).
    """
    now = ctx.now()
    with ctx.store.write() as session:
        row = query.find_running(session, job.id, job.fence)
        if row is None:
            return "lost"
        row.error_code, row.error_detail = _describe(error)
        if _is_final(error) or row.attempts >= MAX_ATTEMPTS:
            return _bury(session, row, now)
        pause = timedelta(seconds=min(2**row.attempts, LONGEST_PAUSE_SECONDS))
        return query.queue_again(session, row, now, now + pause)


def sweep(ctx: Context) -> int:
    """Take back jobs of workers that died; returns how many.

    A job that killed three of its workers is dead, so that it does not go on for ever. The fence moves on at
    every claim and at every taking back, so it is ahead of the attempts by the number of deaths.
    """
    now = ctx.now()
    with ctx.store.write() as session:
        rows = query.expired(session, now)
        for row in rows:
            row.fence += 1
            if row.fence - row.attempts >= MAX_DEATHS or row.attempts >= MAX_ATTEMPTS:
                row.error_code, row.error_detail = "job.workers_died", "Each worker that tried it died."
                _bury(session, row, now)
            else:
                query.queue_again(session, row, now, row.due_at)
        return len(rows)


def resting(ctx: Context, session: Session) -> frozenset[str]:
    """The keys under which work was given up so lately that nothing but a new deed should ask for it again yet.

    A minute after the first time, then twice as long after each, up to half an hour: what is refused for good
    must not fill the job table.
    """
    now = ctx.now()
    return frozenset(
        key
        for key, times, last in query.given_up(session, now - RESTING_WINDOW)
        if now - last < timedelta(minutes=2 ** min(times - 1, MOST_DOUBLINGS))
    )


def _describe(error: Exception) -> tuple[str, str]:
    if isinstance(error, ExchangeError):
        return error.error_code[:80], error.detail[:2000]
    return f"error.{type(error).__name__}"[:80], "The worker failed; the operator's log says why."


def _is_final(error: Exception) -> bool:
    """A refusal stays one; a part that does not answer may do so later."""
    return isinstance(error, ExchangeError) and not isinstance(error, UnavailableError)


def _bury(session: Session, row: JobRow, now: datetime) -> str:
    row.state, row.lease_until, row.finished_at = "dead", None, now
    session.add(row)
    return row.state


def take_unsent(ctx: Context, resend_after_seconds: float = 60.0, limit: int = 200) -> list[tuple[str, str]]:
    """(job id, queue) pairs a broker message should go out for, marked as sent in the same transaction.

    A message the broker loses is sent again after `resend_after_seconds`; a doubled one finds the job claimed.
    """
    now = ctx.now()
    with ctx.store.write() as session:
        rows = query.unsent_due(session, now, now - timedelta(seconds=resend_after_seconds), limit)
        for row in rows:
            row.sent_at = now
            session.add(row)
        return [(row.id, row.queue) for row in rows]


def get_job(ctx: Context, job_id: str) -> JobStatus:
    """How far one of the actor's organisation's jobs has come; NotFoundError otherwise."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        row = query.find_owned(session, ctx.who.organisation_id, job_id)
        if row is None:
            raise NotFoundError
        return JobStatus(
            row.id,
            row.kind,
            row.state,
            row.error_code,
            row.error_detail,
            row.created_at,
            row.finished_at,
            row.stage,
            row.steps_done,
            row.steps_total,
        )


def cancel(ctx: Context, job_id: str) -> None:
    """Stop a job of one's own organisation; raises ConflictError (`job.finished`) when it has ended."""
    ctx.who.require(Role.EDITOR)
    with ctx.store.write() as session:
        row = query.find_owned(session, ctx.who.organisation_id, job_id, lock=True)
        if row is None:
            raise NotFoundError
        if row.state not in {"queued", "running"}:
            raise ConflictError(f"The job is {row.state}.", code="job.finished")
        row.state, row.finished_at, row.lease_until = "cancelled", ctx.now(), None
        session.add(row)
        audit(ctx, session, "job.cancel", "job", row.id)


def queue_figures(ctx: Context) -> dict[str, float]:
    """Figures for monitoring: queued, running, dead, and the age of the oldest due job in seconds."""
    with ctx.store.read() as session:
        return query.queue_figures(session, ctx.now())
