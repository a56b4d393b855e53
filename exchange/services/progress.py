"""How far a running job has come: told in the job table by its owner, who learns there when it is the owner no more."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from sqlmodel import Session

from exchange.services.context import Context
from exchange.services.jobs import Job
from exchange.store import jobs as query

SECONDS_BETWEEN = 1.0


class JobLostError(Exception):
    """The job was cancelled or taken back: whoever works on it stops and writes nothing more."""


class JobWork:
    """`Context.work` of a claimed job. A stage is written when it begins, its steps about once a second."""

    def __init__(self, ctx: Context, job: Job, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._ctx = ctx
        self._job = job
        self._monotonic = monotonic
        self._stage = ""
        self._written = 0.0

    def at(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Write stage and steps in a transaction of their own. Raises JobLostError."""
        now = self._monotonic()
        if stage == self._stage and now - self._written < SECONDS_BETWEEN:
            return
        with self._ctx.store.write() as session:
            row = query.update_owned(
                session, self._job.id, self._job.fence, stage=stage, steps_done=done, steps_total=total
            )
        if row is None:
            raise JobLostError(self._job.id)
        self._stage, self._written = stage, now

    def guard(self, session: Session) -> None:
        """Keep the job ours until the transaction ends. Raises JobLostError."""
        if query.find_running(session, self._job.id, self._job.fence) is None:
            raise JobLostError(self._job.id)


def watched(ctx: Context, job: Job) -> Context:
    """The context that a job's work is done in."""
    return replace(ctx, work=JobWork(ctx, job))
