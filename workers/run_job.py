"""One job from claim to end: the same for the embedded worker and for Celery."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from exchange.bootstrap import Exchange
from exchange.domain.errors import ExchangeError
from exchange.services import jobs
from exchange.services.context import Context
from exchange.services.progress import JobLostError, watched
from workers.heartbeat import Heartbeat
from workers.tasks import HANDLERS, Handler

log = structlog.get_logger("workers")


def run_job(exchange: Exchange, job_id: str, handlers: Mapping[str, Handler] = HANDLERS) -> str | None:
    """Do the job unless somebody else has it.

    Returns the state it was left in: `done`, `dead` (refused, or given up), `queued` (to be tried again),
    `cancelled` (a twin waits), `lost` (taken back or cancelled while we worked: nothing more of it was written), or
    None when it was not to be had.
    """
    ctx = exchange.context(request_id=f"job-{job_id}")
    job = jobs.claim(ctx, job_id)
    if job is None:
        return None
    with structlog.contextvars.bound_contextvars(job_id=job.id, kind=job.kind, attempt=job.attempts):
        log.info("job.started")
        state = _work(ctx, job, handlers)
        log.info("job.ended", state=state)
    return state


def _work(ctx: Context, job: jobs.Job, handlers: Mapping[str, Handler]) -> str:
    try:
        with Heartbeat(ctx, job):
            _handler(handlers, job.kind)(watched(ctx, job), job.payload)
    except JobLostError:
        log.warning("job.lost")
        return "lost"
    except ExchangeError as error:
        log.warning("job.refused", code=error.error_code, problems=[p.code for p in error.problems])
        return jobs.fail(ctx, job, error)
    except Exception as error:  # whatever went wrong, the job table must know
        log.exception("job.failed")
        return jobs.fail(ctx, job, error)
    return "done" if jobs.finish(ctx, job) else "lost"


def _handler(handlers: Mapping[str, Handler], kind: str) -> Handler:
    """LookupError for an unknown kind: during an upgrade an older worker leaves it to a newer one."""
    if kind not in handlers:
        raise LookupError(f"no handler for jobs of kind {kind!r}")
    return handlers[kind]
