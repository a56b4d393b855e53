"""The embedded worker: nothing stays undone, and a killed worker's job is done by the next one."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from exchange.bootstrap import Exchange
from exchange.config import Settings
from workers.embedded import EmbeddedWorker
from workers.loop import Loop

ROOT = Path(__file__).parents[2]

SLEEPER = """
import sys, time
from pathlib import Path
from exchange.adapters.clock import SystemClock
from exchange.adapters.entropy import SystemEntropy
from exchange.bootstrap import Exchange
from exchange.config import Settings
from exchange.store.engine import Store
from workers.embedded import EmbeddedWorker

settings = Settings(database_url=sys.argv[1], broker_url="", job_poll_seconds=0.01, job_lease_seconds=5)
exchange = Exchange(settings, Store(settings.database), SystemClock(), SystemEntropy(), custody=None)

def note(ctx, payload):
    with open(sys.argv[2], "a") as trace:
        trace.write("begun\\n")
    time.sleep(float(sys.argv[3]))
    with open(sys.argv[2], "a") as trace:
        trace.write("ended\\n")

EmbeddedWorker(exchange, {"note": note}).loop().run_until_signalled()
"""


def wait_until(done: Callable[[], bool], seconds: float = 20.0) -> None:
    """Look until it is so; fail when it takes too long."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def sleeper(settings: Settings, tmp_path: Path):
    """Starts a worker in a process of its own whose jobs take `seconds`."""
    started: list[subprocess.Popen[bytes]] = []

    def start(seconds: float) -> subprocess.Popen[bytes]:
        arguments = [sys.executable, "-c", SLEEPER, settings.database, str(tmp_path / "trace"), str(seconds)]
        started.append(subprocess.Popen(arguments, cwd=ROOT))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def trace(folder: Path) -> list[str]:
    """What the worker processes wrote."""
    path = folder / "trace"
    return path.read_text().split() if path.exists() else []


def test_due_jobs_are_all_done_once_oldest_first(exchange: Exchange, table, ledger) -> None:
    table.add(count=20)
    worker = EmbeddedWorker(exchange, ledger.handlers)
    while worker.step():
        pass
    assert table.states() == {"done": 20}
    assert list(ledger.runs) == [str(n) for n in range(20)]
    assert set(ledger.runs.values()) == {1}


def test_loop_stops_when_told_and_outlives_an_error() -> None:
    calls: list[int] = []

    def step() -> bool:
        calls.append(1)
        if len(calls) == 1:
            raise OSError("away")
        loop.stop()
        return True

    loop = Loop(step, pause_seconds=0.01, pause_after_error_seconds=0.01)
    thread = threading.Thread(target=loop.run)
    thread.start()
    thread.join(timeout=5)
    assert not thread.is_alive()
    assert len(calls) == 2


def test_job_of_a_killed_worker_is_taken_back_and_done_again(
    exchange: Exchange, table, ledger, sleeper, tmp_path: Path
) -> None:
    (job_id,) = table.add()
    process = sleeper(60)
    wait_until(lambda: trace(tmp_path) == ["begun"])
    process.kill()
    process.wait()
    assert table.row(job_id).state == "running"

    worker = EmbeddedWorker(exchange, ledger.handlers)
    assert worker.step() is False  # the lease still stands: nobody may touch the job
    loop = worker.loop()
    thread = threading.Thread(target=loop.run)
    thread.start()
    wait_until(lambda: table.row(job_id).state == "done")
    loop.stop()
    thread.join()
    assert ledger.runs == {"0": 1}
    assert table.row(job_id).attempts == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signalled_worker_finishes_its_job_and_leaves_cleanly(
    exchange: Exchange, table, sleeper, tmp_path: Path, number: signal.Signals
) -> None:
    first, second = table.add(count=2)
    process = sleeper(0.5)
    wait_until(lambda: trace(tmp_path) == ["begun"])
    process.send_signal(number)
    assert process.wait(timeout=10) == 0
    assert trace(tmp_path) == ["begun", "ended"]
    assert {table.row(first).state, table.row(second).state} == {"done", "queued"}
