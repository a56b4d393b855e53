"""Whether this process can serve, and the figures an operator watches."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from exchange.services.context import Context
from exchange.services.jobs import queue_figures
from exchange.store import log as log_query
from exchange.store import migrate

LONGEST_WAIT_SECONDS = 120.0  # a due job older than this says that no worker is at work


@dataclass(frozen=True)
class Readiness:
    """What must hold to take requests: each named check and whether it does."""

    database: bool
    migrations: bool
    worker: bool

    @property
    def is_ready(self) -> bool:
        """True when all hold."""
        return self.database and self.migrations and self.worker


@dataclass(frozen=True)
class Figures:
    """Counts for monitoring, over all tenants together; ages in seconds.

    `log_pending` counts what waits to be logged and `log_lag` is the age of the oldest of it: both stay near
    zero while the sequencer works.
    """

    jobs_queued: float
    jobs_running: float
    jobs_dead: float
    queue_age: float
    log_pending: float
    log_lag: float


def readiness(ctx: Context) -> Readiness:
    """Look at database, schema and worker; never raises, since a failure is the answer."""
    try:
        if not migrate.is_at_head(ctx.store):
            return Readiness(database=True, migrations=False, worker=False)
        return Readiness(True, True, queue_figures(ctx)["oldest_seconds"] <= LONGEST_WAIT_SECONDS)
    except (SQLAlchemyError, OSError):
        return Readiness(database=False, migrations=False, worker=False)


def figures(ctx: Context) -> Figures:
    """The figures as of now."""
    jobs = queue_figures(ctx)
    now = ctx.now()
    with ctx.store.read() as session:
        waiting, oldest = log_query.backlog(session)
    lag = (now - oldest).total_seconds() if oldest else 0.0
    return Figures(
        jobs["queued"], jobs["running"], jobs["dead"], jobs["oldest_seconds"], float(waiting), max(lag, 0.0)
    )
