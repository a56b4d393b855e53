"""The scheduler of a scaled-out exchange: tells the broker which jobs are due, and takes lost ones back."""

from __future__ import annotations

from collections.abc import Callable

from exchange.bootstrap import Exchange
from exchange.services import jobs
from workers.loop import Loop
from workers.sweeper import Sweeper

Send = Callable[[str, str], None]  # job id, queue


class Relay:
    """Messages are hints: one that is lost goes out again later, one too many finds the job claimed."""

    def __init__(self, exchange: Exchange, send: Send, resend_after_seconds: float = 60.0) -> None:
        self._exchange = exchange
        self._send = send
        self._resend_after_seconds = resend_after_seconds
        self._sweeper = Sweeper(exchange)

    def loop(self) -> Loop:
        """The loop that is the scheduler's life."""
        return Loop(self.step, self._exchange.settings.job_poll_seconds)

    def step(self) -> bool:
        """Send the ids of due jobs; False when there were none."""
        self._sweeper.sweep_when_due()
        due = jobs.take_unsent(self._exchange.context(), self._resend_after_seconds)
        for job_id, queue in due:
            self._send(job_id, queue)
        return bool(due)
