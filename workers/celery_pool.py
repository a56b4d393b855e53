"""Celery's pool of processes, one that still listens for the results of work it has handed over."""

from __future__ import annotations

from typing import Any

from celery.concurrency.asynpool import AsynPool
from celery.concurrency.prefork import TaskPool


class ListeningPool(AsynPool):  # type: ignore[misc]  # celery has no types
    """Keeps every job that a process has been given until that process has answered.

    Celery's own `flush` (at SIGTERM, and when the broker is lost) forgets the jobs whose processes it has not heard
    from (https://github.com/celery/celery/pull/6863), also those already written to one. With nothing left to wait
    for it reads no more answers, while the process stays up to 30 seconds until its answers are read
    (https://github.com/celery/billiard/pull/279): SIGTERM took 31 seconds, and the job's message was not acknowledged.
    """

    def flush(self) -> None:
        """Forget what no process has been given; the broker hands it out again."""
        handed_over = {number: job for number, job in self._cache.items() if self._is_unheard(job)}
        super().flush()
        self._cache.update({n: job for n, job in handed_over.items() if job._write_to._is_alive()})

    def _is_unheard(self, job: Any) -> bool:
        """Whether the whole job is in a process's pipe and nothing has come back.

        `_writer` refers to what writes the job and is there from its first byte; a job whose process died on it waits
        for another process in `outbound_buffer`.
        """
        written = hasattr(job, "_writer") and job._writer() not in self._active_writers
        return written and not job.accepted() and job not in self.outbound_buffer


class ListeningTaskPool(TaskPool):  # type: ignore[misc]
    """What Celery's setting `worker_pool` names."""

    Pool = ListeningPool
