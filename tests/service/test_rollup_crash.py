"""A worker killed at any step of a roll-up: the next one ends it; each run commits once, each cell is released once."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from exchange.adapters.clock import SteppingClock
from exchange.adapters.entropy import SystemEntropy
from exchange.bootstrap import Exchange
from exchange.config import Settings
from exchange.domain.indicators import Indicator
from exchange.services import jobs
from exchange.services.context import Context
from exchange.services.rollup import rounds
from exchange.store.engine import Store
from exchange.store.tables.jobs import JobRow
from exchange.store.tables.rollup import NetworkRow, ReleaseRow, RunRow
from tests.service.rollup_story import Story
from workers.run_job import run_job
from workers.tasks import HANDLERS

KINDS = {"rollup", "release_chains"}
CHAINS = ("1", "2")
LEASE = timedelta(seconds=61)


@pytest.fixture
def story(ctx: Context, clock: SteppingClock, monkeypatch: pytest.MonkeyPatch) -> Story:
    """Two chains, each a shard of its own, rolled up once."""
    monkeypatch.setattr(rounds, "CHAINS_PER_SHARD", 1)
    made = Story.new(ctx)
    made.publish_all()
    for chairs in CHAINS:
        made.create_chain(chair=chairs)
    clock.move(timedelta(seconds=2))
    with other_process(ctx.settings, clock) as worker:
        work_off(worker)
    return made


@contextmanager
def other_process(settings: Settings, clock: SteppingClock) -> Iterator[Exchange]:
    """What a worker's process opens."""
    exchange = Exchange(settings, Store(settings.database), clock, SystemEntropy(), custody=None)
    yield exchange
    exchange.store.close()


def work_off(worker: Exchange) -> None:
    """Do all that a roll-up asks for."""
    while due := [job for job in jobs.due(worker.context()) if _kind(worker, job) in KINDS]:
        for job in due:
            run_job(worker, job, HANDLERS)


def _kind(worker: Exchange, job_id: str) -> str:
    with worker.store.read() as session:
        return session.get_one(JobRow, job_id).kind


def killed_at(settings: Settings, clock: SteppingClock, step: int, *, committed: bool) -> bool:
    """Roll up in a process that is killed at its n-th writing transaction; False when it had fewer."""
    child = os.fork()
    if child == 0:  # no test goes on in here
        with other_process(settings, clock) as worker:
            _die_at(worker.store, step, committed=committed)
            work_off(worker)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def _die_at(store: Store, step: int, *, committed: bool) -> None:
    """Die at the end of that transaction: with all of it written, before or after it is committed."""
    transaction, numbers = store._transaction, count(1)

    @contextmanager
    def counted(engine: sa.Engine) -> Iterator[Session]:
        is_last = next(numbers) == step
        with transaction(engine) as session:
            yield session
            if is_last and not committed:
                session.flush()
                os.kill(os.getpid(), signal.SIGKILL)
        if is_last:
            os.kill(os.getpid(), signal.SIGKILL)

    store._transaction = counted  # type: ignore[method-assign]


def rows(ctx: Context, table: Any) -> list[Any]:
    with ctx.store.read() as session:
        return list(session.exec(select(table)).all())


def test_a_worker_killed_at_every_step_loses_and_doubles_nothing(story: Story, clock: SteppingClock) -> None:
    ctx, steps, deaths = story.ctx, count(1), 0
    while True:
        step = next(steps)
        for committed in (False, True):
            runs, released = len(rows(ctx, RunRow)), cells(ctx)
            co2e = Decimal(2) + Decimal(2 * step + committed) / 100
            story.publish_steel(co2e=str(co2e))
            clock.move(timedelta(seconds=2))
            if not killed_at(ctx.settings, clock, step, committed=committed):
                assert step > 10, "the roll-up has fewer steps than that"
                assert deaths == 2 * (step - 1)
                return
            deaths += 1
            clock.move(LEASE)
            jobs.sweep(ctx)
            with other_process(ctx.settings, clock) as worker:
                work_off(worker)
            assert len(rows(ctx, RunRow)) == runs + 1
            new = cells(ctx) - released
            assert set(new.values()) == {1}  # every cell rests on the new dataset, and is released once
            assert len(new) == len(CHAINS) * len(Indicator)
            _all_of_one_run(ctx, co2e)
            (network,) = rows(ctx, NetworkRow)
            assert (network.shards_left, network.stale_since, network.last_error) == (0, None, "")


def cells(ctx: Context) -> Counter[tuple[str, str]]:
    """How often each cell was released, by chain and indicator."""
    return Counter((one.chain_id, one.indicator) for one in rows(ctx, ReleaseRow))


def _all_of_one_run(ctx: Context, co2e: Decimal) -> None:
    """The newest figure of every chain is of the run in force: n chairs x (1 + 4 kg of steel)."""
    (network,) = rows(ctx, NetworkRow)
    newest = [row for row in rows(ctx, ReleaseRow) if row.run_id == network.current_run_id]
    totals = sorted(row.value for row in newest if row.indicator == Indicator.CO2E)
    assert totals == [n * (1 + 4 * co2e) for n in range(1, len(CHAINS) + 1)]
