"""The job that issues status lists: one waits however many revoke, and a killed worker's is done by the next."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange.bootstrap import Exchange, open_exchange
from exchange.config import Settings
from exchange.domain.revocation import RevocationReason
from exchange.services.context import Context
from exchange.services.revocation import status_lists
from exchange.services.revocation.revoking import revoke_dataset
from exchange.services.revocation.status_entries import JOB_KIND, reserve
from exchange.store.tables.jobs import JobRow
from exchange.store.tables.revocation import StatusListRow
from exchange.trust.jws import payload_of
from exchange.trust.status_list import decode_list
from tests.datasets import own_key, product, product_subject, published, rows
from tests.factories import Party, party
from tests.service.revocation.conftest import Publisher
from workers.embedded import EmbeddedWorker


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """Limits out of the way."""
    return settings.model_copy(update={"rate_import": "10000/minute", "head_guard": tmp_path / "heads"})


@pytest.fixture
def exchange(settings: Settings) -> Iterator[Exchange]:
    """A worker's exchange with the key store."""
    opened = open_exchange(settings, "worker")
    yield opened
    opened.store.close()


@pytest.fixture
def firm(exchange: Exchange) -> Publisher:
    made: Party = party(exchange.context())
    return Publisher(made, own_key(made), product(made))


def list_jobs(ctx: Context) -> list[str]:
    """The states of the jobs that issue lists, oldest first."""
    found = sorted(rows(ctx.store, JobRow), key=lambda job: job.created_at)
    return [job.state for job in found if job.kind == JOB_KIND]


def revoked(row: StatusListRow) -> int:
    """How many bits are set in an issue."""
    subject = payload_of(row.jwt)["credentialSubject"]
    assert isinstance(subject, dict)
    return sum(byte.bit_count() for byte in decode_list(str(subject["encodedList"])))


def issues(ctx: Context) -> list[int]:
    """The number of revocations of each issue, in their order."""
    return [revoked(row) for row in sorted(rows(ctx.store, StatusListRow), key=lambda row: row.issue)]


def work_off(exchange: Exchange) -> None:
    """Do everything that is due."""
    worker = EmbeddedWorker(exchange)
    while worker.step():
        pass


def test_many_revocations_wait_for_one_issue(firm: Publisher, exchange: Exchange) -> None:
    made = [firm.publish(year=year) for year in range(2018, 2024)]
    work_off(exchange)
    assert issues(firm.ctx) == [0]
    for one in made:
        revoke_dataset(firm.ctx, one.dataset_id, RevocationReason.OTHER)
    assert list_jobs(firm.ctx) == ["done", "queued"]
    work_off(exchange)
    assert list_jobs(firm.ctx) == ["done", "done"]
    assert issues(firm.ctx) == [0, 6]


def test_revocation_while_the_list_is_signed_asks_for_another_issue(
    firm: Publisher, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = firm.publish(year=2024), firm.publish(year=2025)
    work_off(exchange)
    revoke_dataset(firm.ctx, first.dataset_id, RevocationReason.OTHER)
    real, late = status_lists.sign, []

    def sign_slowly(*given: object, **named: object) -> object:
        if not late:
            late.append(True)
            revoke_dataset(firm.ctx, second.dataset_id, RevocationReason.OTHER)
        return real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(status_lists, "sign", sign_slowly)
    work_off(exchange)
    assert issues(firm.ctx) == [0, 1, 2]


def test_two_embedded_workers_leave_one_line_of_issues(firm: Publisher, exchange: Exchange) -> None:
    made = [firm.publish(year=year) for year in range(2010, 2018)]
    other = open_exchange(exchange.settings, "worker")
    loops = [EmbeddedWorker(one).loop() for one in (exchange, other)]
    threads = [threading.Thread(target=loop.run) for loop in loops]
    for thread in threads:
        thread.start()
    for one in made:
        revoke_dataset(firm.ctx, one.dataset_id, RevocationReason.OTHER)
    for _ in range(400):
        if issues(firm.ctx)[-1:] == [8] and set(list_jobs(firm.ctx)) == {"done"}:
            break
        threading.Event().wait(0.02)
    for loop in loops:
        loop.stop()
    for thread in threads:
        thread.join()
    other.store.close()
    found = issues(firm.ctx)
    assert found == sorted(set(found)) and found[-1] == 8
    numbers = sorted(row.issue for row in rows(firm.ctx.store, StatusListRow))
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a process of its own")
@pytest.mark.parametrize("at", ["load", "sign", "_store"])
def test_worker_killed_while_it_issues_leaves_its_job_to_the_next(
    firm: Publisher, exchange: Exchange, at: str
) -> None:
    found = published(firm.party, product_subject(firm.party, firm.product), firm.key)
    reserve(firm.ctx)
    with_entry = firm.publish(year=2024)
    work_off(exchange)
    for one in (found, with_entry):
        revoke_dataset(firm.ctx, one.dataset_id, RevocationReason.OTHER)
    exchange.store.close()  # connections must not cross a fork
    child = os.fork()
    if not child:
        setattr(status_lists, at, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
        work_off(open_exchange(exchange.settings, "worker"))
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert issues(firm.ctx) == [0]
    assert list_jobs(firm.ctx) == ["done", "running"]
    with firm.ctx.store.write() as session:  # the lease runs out
        for job in rows(firm.ctx.store, JobRow):
            if job.state == "running":
                job.lease_until = job.created_at
                session.merge(job)
    work_off(exchange)
    assert issues(firm.ctx) == [0, 1]
    assert list_jobs(firm.ctx) == ["done", "done"]
