"""An exchange on an empty database, and small jobs that leave a trace of every run."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from exchange.adapters.clock import SystemClock
from exchange.adapters.entropy import SystemEntropy
from exchange.bootstrap import Exchange
from exchange.config import Settings
from exchange.domain.errors import InvalidError
from exchange.services import jobs
from exchange.services.context import Context
from exchange.store.engine import Store
from exchange.store.tables.jobs import JobRow
from workers.tasks import Handler


@dataclass
class Ledger:
    """Counts the runs per job number."""

    runs: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, ctx: Context, payload: Mapping[str, str]) -> None:
        """The work of a `note` job."""
        with self.lock:
            self.runs[payload["number"]] += 1

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """A job that works, one that is refused, one that breaks."""
        return {"note": self.note, "refuse": refuse, "break": break_down}


def refuse(ctx: Context, payload: Mapping[str, str]) -> None:
    """Refused for good."""
    raise InvalidError("The unit is wrong.", code="unit.wrong")


def break_down(ctx: Context, payload: Mapping[str, str]) -> None:
    """Fails for a reason that may pass."""
    raise OSError("disk")


@pytest.fixture
def ledger() -> Ledger:
    """A fresh ledger."""
    return Ledger()


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Short pauses, so that tests are."""
    return Settings(
        data_dir=tmp_path,
        database_url=database_url,
        broker_url="",
        job_poll_seconds=0.01,
        job_lease_seconds=5,
    )


@pytest.fixture
def exchange(settings: Settings) -> Iterator[Exchange]:
    """A worker's exchange without custody keys."""
    opened = Exchange(settings, Store(settings.database), SystemClock(), SystemEntropy(), custody=None)
    yield opened
    opened.store.close()


@dataclass(frozen=True)
class JobTable:
    """Puts jobs into the table and looks at them."""

    exchange: Exchange

    def add(self, kind: str = "note", count: int = 1, queue: jobs.Queue = jobs.Queue.PUBLISH) -> list[str]:
        """Enqueue `count` jobs; returns their ids."""
        ctx = self.exchange.context()
        with ctx.store.write() as session:
            return [jobs.enqueue(ctx, session, kind, queue, {"number": str(n)}) for n in range(count)]

    def row(self, job_id: str) -> JobRow:
        """The job as stored."""
        with self.exchange.store.read() as session:
            return session.get_one(JobRow, job_id)

    def states(self) -> Counter[str]:
        """How many jobs are in which state."""
        with self.exchange.store.read() as session:
            return Counter(session.execute(sa.select(JobRow.state)).scalars())


@pytest.fixture
def table(exchange: Exchange) -> JobTable:
    """The job table."""
    return JobTable(exchange)
