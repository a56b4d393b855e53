"""Takes back the jobs of workers that died, and asks again for work that no job stands for, now and then."""

from __future__ import annotations

import time
from datetime import timedelta

import structlog

from exchange.bootstrap import Exchange
from exchange.services import jobs
from exchange.services.transparency.starting import look_again

LOOK_AGAIN = timedelta(minutes=1)

log = structlog.get_logger("workers")


class Sweeper:
    """Sweeps twice per lease and looks again once a minute, however often it is asked."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._next = 0.0
        self._looked = exchange.clock.now()  # a worker that starts has just asked for all of it

    def sweep_when_due(self) -> None:
        """Queue expired jobs again if half a lease has gone since the last sweep; look again after a minute."""
        self._look_again_when_due()
        if time.monotonic() < self._next:
            return
        taken_back = jobs.sweep(self._exchange.context())
        self._next = time.monotonic() + self._exchange.settings.job_lease_seconds / 2
        if taken_back:
            log.warning("jobs.taken_back", count=taken_back)

    def _look_again_when_due(self) -> None:
        now = self._exchange.clock.now()
        if self._looked <= now < self._looked + LOOK_AGAIN:  # a clock that was set back counts as due
            return
        self._looked = now
        look_again(self._exchange.context())
