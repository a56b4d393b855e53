"""Keeps a job's lease from running out while its work goes on."""

from __future__ import annotations

import threading
from types import TracebackType

import structlog

from exchange.services import jobs
from exchange.services.context import Context

log = structlog.get_logger("workers")


class Heartbeat:
    """Renews the lease from a thread of its own, three times per lease, until the work ends."""

    def __init__(self, ctx: Context, job: jobs.Job) -> None:
        self._ctx = ctx
        self._job = job
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"lease-{job.id}", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._ended.wait(self._ctx.settings.job_lease_seconds / 3):
            try:
                if not jobs.renew(self._ctx, self._job):
                    log.warning("job.lease_lost", job_id=self._job.id)
                    return
            except Exception:  # a database that does not answer now may do so at the next beat
                log.exception("job.renewal_failed", job_id=self._job.id)
