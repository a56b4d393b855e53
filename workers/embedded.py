"""The worker of a single machine: takes due jobs from the job table, no broker needed."""

from __future__ import annotations

from collections.abc import Mapping

from exchange.bootstrap import Exchange
from exchange.services import jobs
from workers.loop import Loop
from workers.run_job import run_job
from workers.sweeper import Sweeper
from workers.tasks import HANDLERS, Handler


class EmbeddedWorker:
    """Runs due jobs one after another and takes back those of workers that died."""

    def __init__(self, exchange: Exchange, handlers: Mapping[str, Handler] = HANDLERS) -> None:
        self._exchange = exchange
        self._handlers = handlers
        self._sweeper = Sweeper(exchange)

    def loop(self) -> Loop:
        """The loop that is this worker's life."""
        return Loop(self.step, self._exchange.settings.job_poll_seconds)

    def step(self) -> bool:
        """Do one due job; False when there was none."""
        self._sweeper.sweep_when_due()
        waiting = jobs.due(self._exchange.context(), limit=1)
        for job_id in waiting:
            run_job(self._exchange, job_id, self._handlers)
        return bool(waiting)
