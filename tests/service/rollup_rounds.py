"""Five chains in shards of two, and a worker that does jobs kind by kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import select

from exchange.adapters.clock import SteppingClock
from exchange.bootstrap import Exchange
from exchange.domain.periods import year
from exchange.services import jobs
from exchange.services.context import Context, Unwatched
from exchange.services.rollup import rounds
from exchange.services.rollup.stages import Stage
from exchange.store.tables.jobs import JobRow
from exchange.store.tables.rollup import NetworkRow, ReleaseRow
from tests.service.rollup_story import Story
from workers.run_job import run_job

PERIOD = year(2025).start, year(2025).end
MINUTES = timedelta(minutes=3)


@dataclass
class At(Unwatched):
    """Does something the first time a use case comes to a stage."""

    stage: Stage
    act: Callable[[], Any]
    is_done: bool = False

    def at(self, stage: str, done: int = 0, total: int = 0) -> None:
        if stage == self.stage and not self.is_done:
            self.is_done = True
            self.act()


@pytest.fixture
def story(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> Story:
    """Five chains in shards of two, everything published; the job that publishing asked for waits."""
    monkeypatch.setattr(rounds, "CHAINS_PER_SHARD", 2)
    made = Story.new(ctx)
    made.publish_all()
    for chairs in ("1", "2", "3", "4", "5"):
        made.create_chain(chair=chairs)
    return made


def rows(ctx: Context, table: Any) -> list[Any]:
    with ctx.store.read() as session:
        return list(session.exec(select(table)).all())


def network(ctx: Context) -> NetworkRow:
    (found,) = rows(ctx, NetworkRow)
    return found


def released(ctx: Context) -> list[Decimal]:
    """CO2e totals in the order of their release."""
    found = [row for row in rows(ctx, ReleaseRow) if row.indicator == "co2e"]
    return [row.value for row in sorted(found, key=lambda row: row.created_at)]


def jobs_of(ctx: Context, kind: str) -> list[JobRow]:
    return sorted((row for row in rows(ctx, JobRow) if row.kind == kind), key=lambda row: row.id)


def work(worker: Exchange, clock: SteppingClock, *kinds: str) -> list[str | None]:
    """Do the due jobs of these kinds, as a worker would, until none is left; how each ended."""
    ended = []
    clock.move(timedelta(seconds=2))
    while due := [job for job in jobs.due(worker.context()) if kind_of(worker.context(), job) in kinds]:
        ended += [run_job(worker, job) for job in due]
    return ended


def kind_of(ctx: Context, job_id: str) -> str:
    with ctx.store.read() as session:
        return session.get_one(JobRow, job_id).kind


def bury(ctx: Context, kind: str) -> None:
    """Give up every waiting or running job of a kind, as if its workers had died."""
    with ctx.store.write() as session:
        for row in session.exec(select(JobRow).where(JobRow.kind == kind)):
            if row.state in {"queued", "running"}:
                row.state, row.finished_at, row.lease_until = "dead", ctx.now(), None
                session.add(row)
