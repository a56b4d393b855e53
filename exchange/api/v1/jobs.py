"""Jobs: how far work handed to the worker has come."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from exchange.api.operation import Resource
from exchange.api.wire import Id, Out
from exchange.domain.actors import Role
from exchange.services import jobs
from exchange.services.context import Context

resource = Resource("jobs", "Work that the exchange does after its answer.")


class JobOut(Out):
    """How far a job has come: `steps_done` of `steps_total` of its `stage`; a total of 0 where it has no count."""

    id: Id
    kind: str
    state: Literal["queued", "running", "done", "dead", "cancelled"]
    error_code: str | None
    error_detail: str
    created_at: datetime
    finished_at: datetime | None
    stage: str
    steps_done: int
    steps_total: int


@resource.operation("GET", "/jobs/{job_id}")
def get(ctx: Context, job_id: Id) -> JobOut:
    """Read one of the organisation's jobs."""
    return JobOut.of(jobs.get_job(ctx, job_id))


@resource.operation("DELETE", "/jobs/{job_id}", role=Role.EDITOR, status=204)
def cancel(ctx: Context, job_id: Id) -> None:
    """Cancel a job that has not finished."""
    jobs.cancel(ctx, job_id)
