"""Queries on the job table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from exchange.store.tables.jobs import JobRow


def find_waiting(session: Session, dedupe_key: str) -> JobRow | None:
    """The queued job with this key, if there is one; no worker claims it before this transaction ends.

    Else a worker could begin without seeing what the caller is about to commit.
    """
    return session.exec(
        select(JobRow)
        .where(JobRow.dedupe_key == dedupe_key, JobRow.state == "queued")
        .with_for_update(read=True)
    ).first()


def add_unless_waiting(session: Session, job: JobRow) -> JobRow:
    """Store the job, or return the one that waits under its key, also when two ask at the same instant."""
    waiting = find_waiting(session, job.dedupe_key) if job.dedupe_key is not None else None
    if waiting is not None:
        return waiting
    try:
        with session.begin_nested():
            session.add(job)
    except IntegrityError:  # another transaction queued one first, and has ended by now
        waiting = find_waiting(session, job.dedupe_key) if job.dedupe_key is not None else None
        if waiting is not None:
            return waiting
        session.add(job)  # that one has been claimed since: it may not see what we are about to commit
        session.flush()
    return job


def find_owned(session: Session, organisation_id: str, job_id: str, *, lock: bool = False) -> JobRow | None:
    """A job of the organisation; `lock` keeps others from changing it until the transaction ends."""
    statement = select(JobRow).where(JobRow.id == job_id, JobRow.organisation_id == organisation_id)
    return session.exec(statement.with_for_update() if lock else statement).first()


def find_running(session: Session, job_id: str, fence: int) -> JobRow | None:
    """The job while this worker's fence is current, locked until the transaction ends."""
    return session.exec(
        select(JobRow)
        .where(JobRow.id == job_id, JobRow.state == "running", JobRow.fence == fence)
        .with_for_update()
    ).first()


def due_ids(session: Session, now: datetime, limit: int) -> Sequence[str]:
    """Queued jobs whose time has come: what people wait for before roll-ups, and oldest first."""
    return session.exec(
        select(JobRow.id).where(_is_startable(now)).order_by(*_by_urgency()).limit(limit)
    ).all()


def unsent_due(session: Session, now: datetime, resend_before: datetime, limit: int) -> Sequence[JobRow]:
    """Due jobs no broker message is known to be under way for (never sent, or sent long ago)."""
    return session.exec(
        select(JobRow)
        .where(
            _is_startable(now),
            sa.or_(col(JobRow.sent_at).is_(None), col(JobRow.sent_at) < resend_before),
        )
        .order_by(*_by_urgency())
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def claim(session: Session, job_id: str, now: datetime, lease_until: datetime) -> JobRow | None:
    """Take a due job for one worker: one UPDATE decides the winner. None when it is not to be had."""
    return _returning(
        session,
        sa.update(JobRow)
        .where(col(JobRow.id) == job_id, _is_startable(now))
        .values(
            state="running",
            lease_until=lease_until,
            attempts=JobRow.attempts + 1,
            fence=JobRow.fence + 1,
        ),
    )


def _is_startable(now: datetime) -> sa.ColumnElement[bool]:
    """Due, and neither is a job under the same key running nor does one that holds the key wait or run.

    An older job must not overwrite what a newer one found, nor a new one begin before its holders have ended.
    """
    twin, holder = aliased(JobRow), aliased(JobRow)
    running_twin = sa.exists().where(
        col(twin.dedupe_key) == col(JobRow.dedupe_key), col(twin.state) == "running"
    )
    held = sa.exists().where(
        col(holder.holds) == col(JobRow.dedupe_key), col(holder.state).in_(("queued", "running"))
    )
    return sa.and_(col(JobRow.state) == "queued", col(JobRow.due_at) <= now, ~running_twin, ~held)


def _by_urgency() -> tuple[Any, ...]:
    """Publishing and its receipts, then imports, then the rest: thousands of roll-ups must hold up none.

    What is solved is released before anything else is solved.
    """
    rank = sa.case({"publish": 0, "log": 0, "import": 1, "release": 2}, value=col(JobRow.queue), else_=3)
    return rank, col(JobRow.due_at), col(JobRow.id)


def update_owned(session: Session, job_id: str, fence: int, **values: Any) -> JobRow | None:
    """Change a running job only while this worker's fence is current."""
    return _returning(
        session,
        sa.update(JobRow)
        .where(col(JobRow.id) == job_id, col(JobRow.state) == "running", col(JobRow.fence) == fence)
        .values(**values),
    )


def newest_under(session: Session, dedupe_key: str) -> JobRow | None:
    """The job under a key that was asked for last, whatever became of it."""
    return session.exec(
        select(JobRow)
        .where(JobRow.dedupe_key == dedupe_key)
        .order_by(col(JobRow.created_at).desc(), col(JobRow.id).desc())
        .limit(1)
    ).first()


def alive_keys(session: Session, kind: str) -> frozenset[str]:
    """The dedupe keys under which a job of a kind waits or runs."""
    keys = session.exec(
        select(JobRow.dedupe_key).where(JobRow.kind == kind, col(JobRow.state).in_(("queued", "running")))
    ).all()
    return frozenset(key for key in keys if key is not None)


def steps_done_under(session: Session, prefix: str) -> int:
    """The steps that the running jobs have done whose dedupe key begins with `prefix`."""
    total = session.exec(
        select(sa.func.sum(JobRow.steps_done)).where(under_prefix(prefix), JobRow.state == "running")
    ).one()
    return int(total or 0)


def cancel_alive(session: Session, now: datetime, condition: sa.ColumnElement[bool]) -> int:
    """Cancel the waiting and running jobs that the condition names; returns how many."""
    result = session.execute(
        sa.update(JobRow)
        .where(condition, col(JobRow.state).in_(("queued", "running")))
        .values(state="cancelled", finished_at=now, lease_until=None)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def end_waiting(session: Session, now: datetime, dedupe_key: str) -> None:
    """Mark the waiting job under a key as done: somebody did its work."""
    session.execute(
        sa.update(JobRow)
        .where(under_key(dedupe_key), col(JobRow.state) == "queued")
        .values(state="done", finished_at=now)
    )


def under_key(dedupe_key: str) -> sa.ColumnElement[bool]:
    """The jobs under a dedupe key."""
    return col(JobRow.dedupe_key) == dedupe_key


def under_prefix(prefix: str) -> sa.ColumnElement[bool]:
    """The jobs whose dedupe key begins so."""
    return col(JobRow.dedupe_key).startswith(prefix, autoescape=True)


def holding(key: str) -> sa.ColumnElement[bool]:
    """The jobs that must end before one under `key` starts."""
    return col(JobRow.holds) == key


def expired(session: Session, now: datetime) -> Sequence[JobRow]:
    """Running jobs whose worker has let its lease run out, locked until the transaction ends."""
    return session.exec(
        select(JobRow)
        .where(JobRow.state == "running", col(JobRow.lease_until) < now)
        .with_for_update(skip_locked=True)
    ).all()


def given_up(session: Session, since: datetime) -> Sequence[tuple[str, int, datetime]]:
    """Each key under which jobs died since then, how many did, and when the last one."""
    rows = session.exec(
        select(JobRow.dedupe_key, sa.func.count(), sa.func.max(JobRow.finished_at))
        .where(JobRow.state == "dead", col(JobRow.dedupe_key).is_not(None), col(JobRow.finished_at) > since)
        .group_by(col(JobRow.dedupe_key))
    ).all()
    return [(key, times, last) for key, times, last in rows if key is not None and last is not None]


def queue_again(session: Session, job: JobRow, now: datetime, due_at: datetime) -> str:
    """Let a running job wait once more; returns its new state.

    It is `cancelled` when a twin waits under its key: the waiting one does the same work.
    """
    job.lease_until, job.sent_at, job.due_at = None, None, due_at
    job.stage, job.steps_done, job.steps_total = "", 0, 0
    try:
        with session.begin_nested():
            job.state = "queued"
            session.add(job)
    except IntegrityError:
        session.refresh(job)
        job.state, job.finished_at, job.lease_until = "cancelled", now, None
        session.add(job)
    return job.state


def queue_figures(session: Session, now: datetime) -> dict[str, float]:
    """Age of the oldest job that could start, in seconds, and how many wait, run and are dead."""
    counts = dict(session.exec(select(JobRow.state, sa.func.count()).group_by(col(JobRow.state))).all())
    oldest = session.exec(select(sa.func.min(JobRow.due_at)).where(_is_startable(now))).one()
    return {
        "queued": float(counts.get("queued", 0)),
        "running": float(counts.get("running", 0)),
        "dead": float(counts.get("dead", 0)),
        "oldest_seconds": (now - oldest).total_seconds() if oldest else 0.0,
    }


def _returning(session: Session, statement: sa.Update) -> JobRow | None:
    result = session.execute(statement.returning(JobRow), execution_options={"populate_existing": True})
    row: JobRow | None = result.scalar_one_or_none()
    return row
