"""Takes back the jobs of workers that died, now and then."""

from __future__ import annotations

import time

import structlog

from exchange.bootstrap import Exchange
from exchange.services import jobs

log = structlog.get_logger("workers")


class Sweeper:
    """Sweeps twice per lease, however often it is asked."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._next = 0.0

    def sweep_when_due(self) -> None:
        """Queue expired jobs again if half a lease has gone since the last sweep."""
        if time.monotonic() < self._next:
            return
        taken_back = jobs.sweep(self._exchange.context())
        self._next = time.monotonic() + self._exchange.settings.job_lease_seconds / 2
        if taken_back:
            log.warning("jobs.taken_back", count=taken_back)
