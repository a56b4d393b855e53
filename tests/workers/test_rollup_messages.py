"""Roll-ups whatever the broker does: messages lost and doubled, in memory, over Redis, over RabbitMQ."""

from __future__ import annotations

import os
import queue
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from celery.contrib.testing.worker import start_worker

from exchange.bootstrap import Exchange
from exchange.config import Settings
from exchange.services.rollup import rounds
from tests.service.rollup_story import Story
from tests.workers.rollup_jobs import HANDLERS_HERE, check_once_each, is_settled, told
from workers.celery_app import make_celery, sender
from workers.relay import Relay
from workers.run_job import run_job

ROOT = Path(__file__).parents[2]
BROKER = os.environ.get("VCX_TEST_BROKER_URL", "")
STEEL = ("1.5", "1", "3")  # kg CO2e per kg, one after another while workers are at it

WORKER = """
import sys
from exchange.adapters.clock import SystemClock
from exchange.adapters.entropy import SystemEntropy
from exchange.bootstrap import Exchange
from exchange.config import Settings
from exchange.services.rollup import rounds
from exchange.store.engine import Store
from tests.workers.rollup_jobs import HANDLERS_HERE
from workers.celery_app import make_celery, work

rounds.CHAINS_PER_SHARD = 2
settings = Settings(database_url=sys.argv[1], broker_url=sys.argv[2], job_lease_seconds=5)

def opener():
    return Exchange(settings, Store(settings.database), SystemClock(), SystemEntropy(), custody=None)

work(make_celery(settings, opener, HANDLERS_HERE), sys.argv[3].split(","), concurrency=2)
"""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Roll-ups are due at once."""
    return settings.model_copy(update={"rollup_debounce_seconds": 0.0})


@pytest.fixture
def story(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> Story:
    """Everything published; the first roll-up is asked for."""
    monkeypatch.setattr(rounds, "CHAINS_PER_SHARD", 2)
    return told(exchange.context())


def send_on(relay: Relay, is_done: Callable[[], bool], seconds: float = 60.0) -> None:
    """Let the scheduler work until it is so."""
    end = time.monotonic() + seconds
    while not is_done():
        assert time.monotonic() < end, "it did not happen in time"
        relay.step()
        time.sleep(0.02)


def test_half_the_messages_lost_and_a_third_doubled_every_run_commits_once(
    exchange: Exchange, story: Story
) -> None:
    luck, messages, lost, doubled = random.Random(20260105), queue.Queue[str | None](), 0, 0

    def unreliable(job_id: str, _: str) -> None:
        nonlocal lost, doubled
        if luck.random() < 0.5:
            lost += 1
            return
        copies = 2 if luck.random() < 1 / 3 else 1
        doubled += copies - 1
        for _copy in range(copies):
            messages.put(job_id)

    def consume() -> None:
        while (job_id := messages.get()) is not None:
            run_job(exchange, job_id, HANDLERS_HERE)

    consumers = [threading.Thread(target=consume) for _ in range(3)]
    for consumer in consumers:
        consumer.start()
    try:
        relay = Relay(exchange, unreliable, resend_after_seconds=0.05)
        for co2e in STEEL:
            story.publish_steel(co2e=co2e)
            relay.step()
            time.sleep(0.1)
        send_on(relay, lambda: is_settled(story.ctx))
    finally:
        for _ in consumers:
            messages.put(None)
        for consumer in consumers:
            consumer.join()
    check_once_each(story.ctx, Decimal(STEEL[-1]))
    assert lost > 3  # the trial was a hard one
    assert doubled > 1


def test_celery_in_memory_rolls_up(exchange: Exchange, settings: Settings, story: Story) -> None:
    app = make_celery(
        settings.model_copy(update={"broker_url": "memory://rollups"}), lambda: exchange, HANDLERS_HERE
    )
    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=30):
        relay = Relay(exchange, sender(app))
        send_on(relay, lambda: is_settled(story.ctx))
        story.publish_steel(co2e="3")
        send_on(relay, lambda: is_settled(story.ctx))
    check_once_each(story.ctx, Decimal(3))


@pytest.mark.skipif(not BROKER, reason="VCX_TEST_BROKER_URL names no broker")
def test_roll_ups_over_a_real_broker_survive_a_killed_worker(
    exchange: Exchange, settings: Settings, story: Story
) -> None:
    settings = settings.model_copy(update={"broker_url": BROKER})
    queues = "rollup,release,publish,log,import"
    arguments = [sys.executable, "-c", WORKER, settings.database, BROKER, queues]
    relay = Relay(exchange, sender(make_celery(settings)), resend_after_seconds=2)
    workers = [subprocess.Popen(arguments, cwd=ROOT, start_new_session=True)]
    try:
        send_on(relay, lambda: is_settled(story.ctx))
        story.publish_steel(co2e="1.5")
        relay.step()
        os.killpg(workers[0].pid, signal.SIGKILL)
        workers[0].wait()
        story.publish_steel(co2e="3")
        workers.append(subprocess.Popen(arguments, cwd=ROOT, start_new_session=True))
        send_on(relay, lambda: is_settled(story.ctx))
        workers[1].terminate()
        assert workers[1].wait(timeout=30) == 0
    finally:
        for process in workers:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    check_once_each(story.ctx, Decimal(3))
