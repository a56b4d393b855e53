"""A revocation whose list is not issued: the issue is asked for again, and nothing signed meanwhile denies it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from exchange.adapters.clock import SteppingClock
from exchange.bootstrap import Exchange
from exchange.domain.errors import UnavailableError
from exchange.domain.revocation import RevocationReason
from exchange.services import jobs
from exchange.services.bundles import make_bundle
from exchange.services.context import Context
from exchange.services.dataset_entry import Published
from exchange.services.revocation import status_entries, status_lists
from exchange.services.revocation.revoking import revoke_dataset
from exchange.services.revocation.status_entries import revoke_entry
from exchange.services.revocation.status_lists import is_listed, read_list
from exchange.services.revocation.unsaid import lists_to_issue
from exchange.services.transparency import signing
from exchange.services.transparency.outbox import note_document
from exchange.services.transparency.pending import NotLoggedYetError
from exchange.services.transparency.sequencing import sequence
from exchange.services.transparency.starting import start_log
from exchange.store import log
from exchange.store.tables.identities import OrganisationCredentialRow
from exchange.store.tables.jobs import JobRow
from exchange.trust.jws import payload_of
from exchange.trust.log.note import read_note
from exchange.trust.log.state import MAX_STATE_BYTES, read_state
from exchange.trust.status_list import decode_list
from tests import datasets, factories
from tests.factories import Party
from tests.service.proven import own_dataset
from tests.working import work_off
from workers.run_job import run_job

OTHER = RevocationReason.OTHER


@pytest.fixture
def maker(ctx: Context) -> Party:
    return factories.checked_party(ctx, factories.operator(ctx), "Nordvind Metal")


@pytest.fixture
def published(maker: Party, worker: Exchange) -> Published:
    found = own_dataset(maker, datasets.product(maker))
    work_off(worker)
    return found


def given_up(worker: Exchange, clock: SteppingClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key store cannot be read for some minutes: the list's job is tried six times and buried."""

    def unreadable(*_: object) -> None:
        raise UnavailableError("The disk is away.", code="custody.unavailable")

    with monkeypatch.context() as patch:
        patch.setattr(status_lists, "load", unreadable)
        for _ in range(24):
            clock.move(timedelta(seconds=10))
            for job_id in jobs.due(worker.context()):
                run_job(worker, job_id)
    assert [row.state for row in list_jobs(worker) if row.state != "done"] == ["dead"]


def list_jobs(worker: Exchange) -> list[JobRow]:
    return [row for row in datasets.rows(worker.store, JobRow) if row.kind == status_entries.JOB_KIND]


def log_something(worker: Exchange) -> None:
    with worker.store.write() as session:
        note_document(worker.context(), session, "script", "x", worker.context().now())


def signed_as_of(worker: Exchange) -> datetime:
    """The instant up to which the newest signed state says all."""
    with worker.store.read() as session:
        epoch = log.newest_epoch(session)
        assert epoch is not None
        row = log.newest_checkpoint(session, epoch.id)
    assert row is not None
    return read_state(read_note(row.state, max_bytes=MAX_STATE_BYTES).text).as_of


def listed(worker: Exchange, digest: str) -> bool | None:
    with worker.store.read() as session:
        return is_listed(session, digest)


@pytest.mark.parametrize("occasion", [start_log, sequence], ids=["start", "sequencing"])
def test_list_whose_job_was_given_up_is_issued_at_the_next_occasion(
    maker: Party,
    published: Published,
    worker: Exchange,
    clock: SteppingClock,
    monkeypatch: pytest.MonkeyPatch,
    occasion: object,
) -> None:
    revoke_dataset(maker.ctx, published.dataset_id, OTHER)
    given_up(worker, clock, monkeypatch)
    assert listed(worker, published.digest) is False
    occasion(worker.context())  # type: ignore[operator]
    work_off(worker)
    assert listed(worker, published.digest) is True
    with worker.store.read() as session:
        assert lists_to_issue(session) == ()


def test_where_every_list_says_all_no_issue_is_asked_for(published: Published, worker: Exchange) -> None:
    before = len(list_jobs(worker))
    start_log(worker.context())
    sequence(worker.context())
    assert len(list_jobs(worker)) == before


def test_state_stays_before_a_revocation_that_no_logged_list_says(
    maker: Party,
    published: Published,
    worker: Exchange,
    clock: SteppingClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    revoked_at = clock.now().replace(microsecond=0) + timedelta(minutes=1)
    clock.move(revoked_at - clock.now())
    revoke_dataset(maker.ctx, published.dataset_id, OTHER)
    given_up(worker, clock, monkeypatch)
    clock.move(timedelta(days=30))
    log_something(worker)
    sequence(worker.context())  # asks for the list, and signs before it is there
    assert revoked_at - timedelta(seconds=2) < signed_as_of(worker) < revoked_at
    work_off(worker)
    assert signed_as_of(worker) > revoked_at + timedelta(days=29)


def test_state_is_not_of_an_instant_after_its_snapshot(
    published: Published, worker: Exchange, clock: SteppingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, began = signing.recomputed, []

    def slow(*given: object) -> object:
        found = real(*given)  # type: ignore[arg-type]
        began.append(clock.now())
        clock.move(timedelta(minutes=1))
        return found

    clock.move(timedelta(minutes=5))
    monkeypatch.setattr(signing, "recomputed", slow)
    monkeypatch.setattr(log, "backlog", lambda _: (0, None))
    log_something(worker)
    sequence(worker.context())
    assert signed_as_of(worker) <= began[-1]


def test_bundle_of_a_revoked_dataset_waits_for_the_list_that_says_so(
    maker: Party, published: Published, worker: Exchange
) -> None:
    assert make_bundle(maker.ctx, published.dataset_id)
    revoke_dataset(maker.ctx, published.dataset_id, OTHER)
    must_be_pending(maker, published)
    sequence(worker.context())
    must_be_pending(maker, published)  # the log has the revocation, not yet the list
    work_off(worker)
    assert make_bundle(maker.ctx, published.dataset_id)


def test_bundle_waits_likewise_where_the_organisations_credential_is_revoked(
    maker: Party, published: Published, worker: Exchange
) -> None:
    (credential,) = datasets.rows(worker.store, OrganisationCredentialRow)
    with worker.store.write() as session:
        assert revoke_entry(worker.context(), session, credential.digest, worker.context().now())
    must_be_pending(maker, published)
    work_off(worker)
    assert make_bundle(maker.ctx, published.dataset_id)


def must_be_pending(maker: Party, published: Published) -> None:
    with pytest.raises(NotLoggedYetError) as caught:
        make_bundle(maker.ctx, published.dataset_id)
    assert caught.value.error_code == "bundle.pending"


def test_a_clock_that_was_set_back_does_not_bring_back_the_issue_before(
    maker: Party, published: Published, worker: Exchange, clock: SteppingClock
) -> None:
    clock.move(timedelta(hours=2))
    revoke_dataset(maker.ctx, published.dataset_id, OTHER)
    work_off(worker)
    clock.move(timedelta(hours=-1))
    subject = payload_of(read_list(worker.context(), 1).jwt)["credentialSubject"]
    assert isinstance(subject, dict)
    assert any(decode_list(str(subject["encodedList"])))
