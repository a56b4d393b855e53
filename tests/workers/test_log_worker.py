"""The worker and the log: a receipt soon after publishing, whatever the broker drops or doubles."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from exchange.adapters import head_guard
from exchange.adapters.clock import SystemClock
from exchange.adapters.entropy import SystemEntropy
from exchange.bootstrap import Exchange, open_exchange
from exchange.config import Settings
from exchange.domain.errors import NotFoundError
from exchange.services import jobs
from exchange.services.receipts import receipt_of
from exchange.services.transparency.fsck import fsck
from exchange.services.transparency.outbox import note
from exchange.services.transparency.starting import start_log
from exchange.store import log as query
from exchange.store.tables.jobs import JobRow
from tests.datasets import own_key, product, product_subject, published
from tests.factories import party
from tests.workers.test_embedded import wait_until
from workers.embedded import EmbeddedWorker
from workers.run_job import run_job

DIGEST = "sha256:" + "ab" * 32


@pytest.fixture
def worker(settings: Settings) -> Iterator[Exchange]:
    """A worker with its keys, on the system's clock."""
    opened = open_exchange(
        settings.model_copy(update={"head_guard": settings.data_dir / "heads"}),
        "worker",
        clock=SystemClock(),
        entropy=SystemEntropy(),
    )
    yield opened
    opened.store.close()


def noted(worker: Exchange, digest: str = DIGEST) -> str:
    """Something waits to be logged; the id of the job that will do it."""
    ctx = worker.context()
    with ctx.store.write() as session:
        note(ctx, session, "revoke", digest, ctx.now())
    (job_id,) = jobs.due(ctx)
    return job_id


def logged(worker: Exchange) -> int:
    """How many entries are signed."""
    with worker.store.read() as session:
        epoch = query.newest_epoch(session)
        newest = query.newest_checkpoint(session, epoch.id) if epoch else None
        return newest.size if newest else 0


def has_receipt(worker: Exchange, digest: str) -> bool:
    """Whether the dataset's receipt is there."""
    with worker.store.read() as session:
        try:
            return bool(receipt_of(worker.settings, session, digest, ("publish",)).serialise())
        except NotFoundError:
            return False


def test_a_running_worker_opens_the_log_and_makes_the_receipt(worker: Exchange) -> None:
    loop = EmbeddedWorker(worker).loop()
    thread = threading.Thread(target=loop.run)
    thread.start()
    try:
        firm = party(worker.context())
        outcome = published(firm, product_subject(firm, product(firm)), own_key(firm))
        wait_until(lambda: has_receipt(worker, outcome.digest))
    finally:
        loop.stop()
        thread.join()
    assert fsck(worker.context()).problems == ()


def test_a_receipt_takes_one_step_of_an_idle_worker(worker: Exchange) -> None:
    embedded = EmbeddedWorker(worker)
    firm = party(worker.context())
    outcome = published(firm, product_subject(firm, product(firm)), own_key(firm))
    assert not has_receipt(worker, outcome.digest)
    assert embedded.step()
    assert has_receipt(worker, outcome.digest)


def test_a_doubled_message_logs_once(worker: Exchange) -> None:
    job_id = noted(worker)
    assert run_job(worker, job_id) == "done"
    size = logged(worker)
    assert run_job(worker, job_id) is None
    assert logged(worker) == size


def test_a_dropped_job_is_made_up_for_by_the_next_note(worker: Exchange) -> None:
    first = noted(worker)
    ctx = worker.context()
    with ctx.store.write() as session:
        session.delete(session.get_one(JobRow, first))
    second = noted(worker, "sha256:" + "cd" * 32)
    assert second != first
    assert run_job(worker, second) == "done"
    with worker.store.read() as session:
        assert query.backlog(session)[0] == 0


def test_a_starting_worker_makes_up_for_a_dropped_job(worker: Exchange) -> None:
    first = noted(worker)
    ctx = worker.context()
    with ctx.store.write() as session:
        session.delete(session.get_one(JobRow, first))
    start_log(ctx)
    (job_id,) = jobs.due(ctx)
    assert run_job(worker, job_id) == "done"
    with worker.store.read() as session:
        assert query.backlog(session)[0] == 0


def test_a_note_made_while_the_job_runs_gets_a_job_of_its_own(worker: Exchange) -> None:
    job_id = noted(worker)
    ctx = worker.context()
    job = jobs.claim(ctx, job_id)
    assert job is not None
    with ctx.store.write() as session:
        note(ctx, session, "revoke", DIGEST, ctx.now())
    assert jobs.due(ctx) == []  # its twin runs
    jobs.finish(ctx, job)
    assert len(jobs.due(ctx)) == 1


def test_a_full_disk_leaves_the_job_to_be_tried_again(
    worker: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted(worker, "sha256:" + "cd" * 32)
    embedded = EmbeddedWorker(worker)
    while embedded.step():
        pass  # the log is open
    size, job_id = logged(worker), noted(worker)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(head_guard, "write_whole", full)
        assert run_job(worker, job_id) == "queued"
    assert logged(worker) == size
    with worker.store.write() as session:
        row = session.get_one(JobRow, job_id)
        assert (row.error_code, row.attempts) == ("log.guard_unusable", 1)
        row.due_at = worker.clock.now()
        session.add(row)
    assert embedded.step()
    assert logged(worker) == size + 1
