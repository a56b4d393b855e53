"""Messages may be lost or doubled; jobs are not."""

from __future__ import annotations

import queue
import random
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from exchange.adapters.clock import SteppingClock
from exchange.bootstrap import Exchange
from exchange.services import jobs
from workers.relay import Relay
from workers.run_job import run_job

JOBS = 60


def test_half_the_messages_lost_and_a_third_doubled_every_job_runs_once(
    exchange: Exchange, table, ledger
) -> None:
    table.add(count=JOBS)
    luck = random.Random(20260101)
    messages: queue.Queue[str | None] = queue.Queue()
    lost = doubled = 0

    def unreliable(job_id: str, _: str) -> None:
        nonlocal lost, doubled
        if luck.random() < 0.5:
            lost += 1
            return
        messages.put(job_id)
        if luck.random() < 1 / 3:
            doubled += 1
            messages.put(job_id)

    def consume() -> None:
        while (job_id := messages.get()) is not None:
            run_job(exchange, job_id, ledger.handlers)

    relay = Relay(exchange, unreliable, resend_after_seconds=0.05)
    consumers = [threading.Thread(target=consume) for _ in range(3)]
    for consumer in consumers:
        consumer.start()
    end = time.monotonic() + 30
    while table.states() != {"done": JOBS} and time.monotonic() < end:
        relay.step()
        time.sleep(0.02)
    for _ in consumers:
        messages.put(None)
    for consumer in consumers:
        consumer.join()

    assert table.states() == {"done": JOBS}
    assert ledger.runs == {str(n): 1 for n in range(JOBS)}
    assert lost > 20  # the trial was a hard one
    assert doubled > 5


def test_message_goes_out_when_the_job_is_due_and_again_only_after_a_while(exchange: Exchange, table) -> None:
    clock = SteppingClock(datetime.now(UTC), step=timedelta(0))
    exchange = replace(exchange, clock=clock)
    ctx = exchange.context()
    with ctx.store.write() as session:
        job_id = jobs.enqueue(ctx, session, "note", jobs.Queue.ROLLUP, {"number": "1"}, delay_seconds=30)
    sent: list[tuple[str, str]] = []
    relay = Relay(exchange, lambda job, name: sent.append((job, name)))

    assert relay.step() is False
    clock.move(timedelta(seconds=30))
    assert relay.step() is True
    assert relay.step() is False
    assert sent == [(job_id, "rollup")]
    clock.move(timedelta(seconds=61))
    relay.step()
    assert sent == [(job_id, "rollup")] * 2


def test_job_tried_again_gets_a_message_of_its_own(exchange: Exchange, table, ledger) -> None:
    clock = SteppingClock(datetime.now(UTC) + timedelta(seconds=1), step=timedelta(0))
    exchange = replace(exchange, clock=clock)
    (job_id,) = table.add("break")
    sent: list[str] = []
    relay = Relay(exchange, lambda job, _: sent.append(job))
    relay.step()
    run_job(exchange, job_id, ledger.handlers)
    clock.move(timedelta(seconds=2))
    relay.step()
    assert sent == [job_id, job_id]
