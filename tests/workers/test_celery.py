"""Celery carries ids: in memory always, over a real broker when VCX_TEST_BROKER_URL names one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from celery.contrib.testing.worker import start_worker

from exchange.bootstrap import Exchange
from exchange.config import Settings
from exchange.services import jobs
from workers.celery_app import TASK, TASK_LIMIT_SECONDS, PerProcess, make_celery, sender
from workers.relay import Relay

ROOT = Path(__file__).parents[2]
BROKER = os.environ.get("VCX_TEST_BROKER_URL", "")

WORKER = """
import sys
from exchange.adapters.clock import SystemClock
from exchange.adapters.entropy import SystemEntropy
from exchange.bootstrap import Exchange
from exchange.config import Settings
from exchange.store.engine import Store
from workers.celery_app import make_celery, work

settings = Settings(database_url=sys.argv[1], broker_url=sys.argv[2], job_lease_seconds=5)

def opener():
    return Exchange(settings, Store(settings.database), SystemClock(), SystemEntropy(), custody=None)

def note(ctx, payload):
    with open(sys.argv[3], "a") as trace:
        trace.write(payload["number"] + "\\n")

work(make_celery(settings, opener, {"note": note}), ["publish", "rollup", "import"], concurrency=2)
"""

POOL = """
import time
from celery.concurrency import get_implementation
from kombu.asynchronous import Hub, set_event_loop
from exchange.config import Settings
from workers.celery_app import make_celery

app = make_celery(Settings(broker_url="redis://127.0.0.1:1/0"))
processes = get_implementation(app.conf.worker_pool)(1, app=app, threads=False, initargs=(app, "test"))
hub = set_event_loop(Hub())
processes.start()
processes.register_with_event_loop(hub)
loop = hub.create_loop()
while not processes._pool._fileno_to_inq:  # until the process says that it is up
    next(loop)
answers = []
job = processes.apply_async(abs, (-7,), callback=answers.append)
while job._write_to is None:
    next(loop)
assert not job.accepted()  # it is in the process's pipe, and nothing has been read since
processes.close()  # what a worker does at SIGTERM, in this order
processes.flush()
start = time.monotonic()
processes.stop()
assert answers == [7], answers
assert time.monotonic() - start < 8
"""


def relay_until_done(exchange: Exchange, table, relay: Relay, count: int) -> None:
    """Let the scheduler work until every job is done."""
    end = time.monotonic() + 60
    while table.states() != {"done": count}:
        assert time.monotonic() < end, f"not done in time: {table.states()}"
        relay.step()
        time.sleep(0.02)


def test_celery_in_memory_does_every_job_once(exchange: Exchange, settings: Settings, table, ledger) -> None:
    settings = settings.model_copy(update={"broker_url": "memory://"})
    app = make_celery(settings, lambda: exchange, ledger.handlers)
    table.add(count=30)
    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=30):
        relay_until_done(exchange, table, Relay(exchange, sender(app)), 30)
    assert ledger.runs == {str(n): 1 for n in range(30)}


def test_message_carries_the_id_of_the_job_and_nothing_else(exchange: Exchange, settings: Settings) -> None:
    app = make_celery(settings.model_copy(update={"broker_url": "memory://wire"}), lambda: exchange)
    sender(app)("a-job-id", "rollup")
    with app.connection_for_read() as connection:
        message = connection.SimpleQueue("rollup").get(timeout=5)
        message.ack()
    assert message.content_type == "application/json"
    assert message.headers["task"] == TASK
    assert json.loads(message.body)[:2] == [["a-job-id"], {}]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("accept_content", ["json"]),
        ("task_serializer", "json"),
        ("task_acks_late", True),
        ("task_reject_on_worker_lost", True),
        ("worker_prefetch_multiplier", 1),
        ("task_ignore_result", True),
        ("worker_hijack_root_logger", False),
        ("worker_redirect_stdouts", False),
        ("task_create_missing_queues", False),
    ],
)
def test_celery_is_set_so_that_nothing_is_lost_or_taken_over(
    settings: Settings, setting: str, value: object
) -> None:
    assert make_celery(settings).conf[setting] == value


def test_celery_knows_every_queue_of_the_job_table(settings: Settings) -> None:
    queues = {queue.name for queue in make_celery(settings).conf.task_queues}
    assert queues == {queue.value for queue in jobs.Queue}


def test_redis_waits_longer_than_the_longest_job_before_it_sends_again(settings: Settings) -> None:
    app = make_celery(settings.model_copy(update={"broker_url": "redis://127.0.0.1:1/0"}))
    assert app.conf.broker_transport_options["visibility_timeout"] > TASK_LIMIT_SECONDS
    assert app.conf.task_time_limit == TASK_LIMIT_SECONDS


def test_every_process_opens_its_own_exchange(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[int] = []

    def opener() -> Exchange:
        opened.append(os.getpid())
        return exchange

    processes = PerProcess(opener)
    threads = [threading.Thread(target=processes.get) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [os.getpid()]
    monkeypatch.setattr(os, "getpid", lambda: 4242)  # what a forked child sees
    processes.get()
    assert opened[1:] == [4242]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no fork")
def test_sigterm_waits_for_what_a_process_was_just_given_and_for_nothing_else() -> None:
    # in a process of its own, as the one that runs the tests has threads and should not fork
    worker = subprocess.run([sys.executable, "-c", POOL], cwd=ROOT, timeout=60, check=False)
    assert worker.returncode == 0


@pytest.mark.skipif(not BROKER, reason="VCX_TEST_BROKER_URL names no broker")
def test_jobs_over_a_real_broker_survive_a_killed_worker(
    exchange: Exchange, settings: Settings, table, tmp_path: Path
) -> None:
    settings = settings.model_copy(update={"broker_url": BROKER})
    trace = tmp_path / "trace"
    arguments = [sys.executable, "-c", WORKER, settings.database, BROKER, str(trace)]
    table.add(count=40)
    relay = Relay(exchange, sender(make_celery(settings)), resend_after_seconds=2)
    first = subprocess.Popen(arguments, cwd=ROOT, start_new_session=True)
    second = None
    try:
        end = time.monotonic() + 40
        while not trace.exists():
            assert time.monotonic() < end, "the worker did not start"
            relay.step()
            time.sleep(0.05)
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
        table.add(count=40, queue=jobs.Queue.ROLLUP)
        second = subprocess.Popen(arguments, cwd=ROOT, start_new_session=True)
        relay_until_done(exchange, table, relay, 80)
        second.terminate()
        assert second.wait(timeout=30) == 0
    finally:
        for process in (first, second):
            if process is not None and process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    # a killed worker may have written its line before it could mark the job as done
    assert 80 <= len(trace.read_text().split()) <= 82
