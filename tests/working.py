"""A worker that does all there is to do, here and now."""

from __future__ import annotations

from exchange.bootstrap import Exchange
from exchange.services import jobs
from workers.run_job import run_job

MOST_ROUNDS = 20  # each job may ask for others; more than this is a circle


def work_off(worker: Exchange) -> None:
    """Do every job that is due, and those they ask for, until nothing is left."""
    for _ in range(MOST_ROUNDS):
        due = jobs.due(worker.context())
        if not due:
            return
        for job_id in due:
            run_job(worker, job_id)
    raise AssertionError("jobs keep asking for jobs")
