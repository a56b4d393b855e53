"""Status lists: signed by the registrar, numbered without gaps, and never without a revocation known before."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest

from exchange.adapters.clock import SteppingClock
from exchange.bootstrap import Exchange
from exchange.domain.errors import InvalidError, NotFoundError, UnavailableError
from exchange.domain.revocation import RevocationReason
from exchange.services import jobs
from exchange.services.revocation import status_entries, status_lists
from exchange.services.revocation.revoking import revoke_dataset
from exchange.services.revocation.status_entries import reserve, revoke_entry
from exchange.services.revocation.status_lists import is_listed, issue_status_list, read_list
from exchange.services.transparency import exchange_keys
from exchange.store.tables.jobs import JobRow
from exchange.store.tables.log import LogPendingRow
from exchange.store.tables.revocation import StatusEntryRow, StatusListRow
from exchange.trust import Policy, resolve_did_key, verify
from exchange.trust.status_list import StatusList, is_revoked, read_status_list
from tests.datasets import contents, rows
from tests.service.revocation.conftest import Publisher
from workers.run_job import run_job

OTHER = RevocationReason.OTHER


def opened(exchange: Exchange, jwt: str) -> StatusList:
    """A list as an outsider reads it: its signature by the registrar's did:key checked, then its bits."""
    ctx = exchange.context()
    verdict = verify(jwt, resolve=resolve_did_key, now=ctx.now(), policy=Policy(required=frozenset({"time"})))
    assert verdict.dataset is not None, verdict.failures
    found = read_status_list(verdict.dataset)
    assert found.issuer == exchange_keys.registrar_did(ctx)
    return found


def issues(exchange: Exchange) -> list[tuple[int, int]]:
    """(list, issue) of all that was stored."""
    return sorted((row.list_number, row.issue) for row in rows(exchange.store, StatusListRow))


def work_off(worker: Exchange) -> list[str | None]:
    """Do the list jobs that are due; their outcomes."""
    with worker.store.read() as session:
        waiting = [
            job_id
            for job_id in jobs.due(worker.context())
            if session.get_one(JobRow, job_id).kind == status_entries.JOB_KIND
        ]
    return [run_job(worker, job_id) for job_id in waiting]


def test_first_issue_revokes_nothing_and_is_logged(firm: Publisher, worker: Exchange) -> None:
    reserve(firm.ctx)
    assert work_off(worker) == ["done"]
    served = read_list(firm.ctx, 1)
    found = opened(worker, served.jwt)
    assert (found.url, len(found.bits), any(found.bits)) == ("http://127.0.0.1:8000/status/1", 16384, False)
    logged = [row.digest for row in rows(worker.store, LogPendingRow) if row.event == "status-list"]
    assert logged == [served.digest]


def test_revoked_dataset_is_set_in_the_next_issue_and_no_other_bit(firm: Publisher, worker: Exchange) -> None:
    first, second = firm.publish(year=2024), firm.publish(year=2025)
    work_off(worker)
    revoke_dataset(firm.ctx, first.dataset_id, OTHER)
    assert work_off(worker) == ["done"]
    assert issues(worker) == [(1, 1), (1, 2)]
    bits = opened(worker, read_list(firm.ctx, 1).jwt).bits
    by_digest = {row.credential_digest: row.position for row in rows(worker.store, StatusEntryRow)}
    assert is_revoked(bits, by_digest[first.digest])
    assert sum(byte.bit_count() for byte in bits) == 1
    with worker.store.read() as session:
        assert [is_listed(session, one.digest) for one in (first, second)] == [True, False]
        assert is_listed(session, "sha256:" + "0" * 64) is None


def test_revocation_in_one_list_is_not_looked_for_in_another(
    firm: Publisher, worker: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_entries, "MOST_PER_LIST", 1)
    entries = {}
    for year in (2024, 2025):
        status = reserve(firm.ctx)
        entries[firm.publish(status, year=year)] = int(str(status["statusListIndex"]))
    (first, position), (second, _) = entries.items()
    revoke_dataset(firm.ctx, second.dataset_id, OTHER)
    work_off(worker)
    one, two = (opened(worker, read_list(firm.ctx, number).jwt) for number in (1, 2))
    assert (any(one.bits), sum(byte.bit_count() for byte in two.bits)) == (False, 1)
    assert not is_revoked(one.bits, position)
    with worker.store.read() as session:
        assert [is_listed(session, found.digest) for found in (first, second)] == [False, True]


def test_nothing_new_makes_no_new_issue(firm: Publisher, worker: Exchange) -> None:
    reserve(firm.ctx)
    work_off(worker)
    before = contents(worker.store)
    assert issue_status_list(worker.context(), 1) is False
    assert contents(worker.store) == before


def test_list_nobody_opened_is_not_found(worker: Exchange) -> None:
    with pytest.raises(NotFoundError):
        issue_status_list(worker.context(), 1)
    with pytest.raises(NotFoundError):
        read_list(worker.context(), 1)


def test_web_process_signs_no_list(firm: Publisher) -> None:
    reserve(firm.ctx)
    with pytest.raises(UnavailableError) as refusal:
        issue_status_list(firm.ctx, 1)
    assert refusal.value.error_code == "custody.closed"
    assert rows(firm.ctx.store, StatusListRow) == []


# By date


def test_old_lists_are_served_by_date_and_none_before_the_first(
    firm: Publisher, worker: Exchange, clock: SteppingClock
) -> None:
    found = firm.publish()
    before = firm.ctx.now()
    work_off(worker)
    between = firm.ctx.now()
    clock.move(timedelta(days=3))
    revoke_dataset(firm.ctx, found.dataset_id, OTHER)
    work_off(worker)
    clock.move(timedelta(hours=1))
    with pytest.raises(NotFoundError):
        read_list(firm.ctx, 1, before)
    old, new = read_list(firm.ctx, 1, between), read_list(firm.ctx, 1)
    assert (any(opened(worker, old.jwt).bits), any(opened(worker, new.jwt).bits)) == (False, True)
    assert (old.is_settled, new.is_settled) == (True, False)
    assert read_list(firm.ctx, 1, firm.ctx.now()).is_settled is False
    assert old.issued_at < between < new.issued_at


def test_the_future_is_not_told(firm: Publisher, worker: Exchange) -> None:
    reserve(firm.ctx)
    work_off(worker)
    with pytest.raises(InvalidError) as refusal:
        read_list(firm.ctx, 1, firm.ctx.now() + timedelta(hours=1))
    assert refusal.value.error_code == "status.future"


# Several workers, and workers that die


def test_workers_that_issue_at_once_number_without_gaps_and_lose_no_revocation(
    firm: Publisher, worker: Exchange
) -> None:
    published = [firm.publish(year=year) for year in range(2015, 2023)]
    issue_status_list(worker.context(), 1)
    start = threading.Barrier(4)

    def compete(number: int) -> None:
        start.wait()
        for one in published[number * 2 : number * 2 + 2]:
            revoke_dataset(firm.ctx, one.dataset_id, OTHER)
            issue_status_list(worker.context(), 1)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(compete, range(4)))
    found = sorted(rows(worker.store, StatusListRow), key=lambda row: row.issue)
    assert [row.issue for row in found] == list(range(1, len(found) + 1))
    sets = [opened(worker, row.jwt).bits for row in found]
    counts = [sum(byte.bit_count() for byte in bits) for bits in sets]
    assert counts == sorted(set(counts))
    assert counts[-1] == 8
    for earlier, later in pairwise(sets):  # none takes a revocation back
        assert all(old & new == old for old, new in zip(earlier, later, strict=True))


def test_issue_overtaken_while_it_was_signed_is_built_anew(
    firm: Publisher, worker: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = firm.publish(year=2024), firm.publish(year=2025)
    issue_status_list(worker.context(), 1)
    revoke_dataset(firm.ctx, first.dataset_id, OTHER)
    real, overtaken = status_lists._store, []

    def store_late(*given: object) -> bool:
        if not overtaken:
            overtaken.append(True)
            revoke_dataset(firm.ctx, second.dataset_id, OTHER)
            assert issue_status_list(worker.context(), 1)
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(status_lists, "_store", store_late)
    assert issue_status_list(worker.context(), 1) is False  # the other's says it all
    newest = max(rows(worker.store, StatusListRow), key=lambda row: row.issue)
    assert newest.issue == 2
    assert sum(byte.bit_count() for byte in opened(worker, newest.jwt).bits) == 2


@pytest.mark.parametrize("at", ["load", "sign", "_store"])
@pytest.mark.parametrize("after", [False, True])
def test_worker_that_dies_between_revocation_and_issue_loses_nothing(
    firm: Publisher,
    worker: Exchange,
    clock: SteppingClock,
    monkeypatch: pytest.MonkeyPatch,
    at: str,
    after: bool,
) -> None:
    found = firm.publish()
    work_off(worker)
    revoke_dataset(firm.ctx, found.dataset_id, OTHER)
    real, died = getattr(status_lists, at), []

    def dying(*given: object, **named: object) -> object:
        outcome = real(*given, **named) if after or died else None
        if not died:
            died.append(True)
            raise KeyboardInterrupt
        return outcome

    monkeypatch.setattr(status_lists, at, dying)
    with pytest.raises(KeyboardInterrupt):
        work_off(worker)
    clock.move(timedelta(minutes=2))
    assert jobs.sweep(worker.context()) == 1
    assert work_off(worker) == ["done"]
    assert issues(worker) == [(1, 1), (1, 2)]
    assert any(opened(worker, read_list(firm.ctx, 1).jwt).bits)
    assert len([row for row in rows(worker.store, LogPendingRow) if row.event == "status-list"]) == 2


def test_entry_is_revoked_once_and_a_credential_without_one_is_told(firm: Publisher) -> None:
    found = firm.publish()
    with firm.ctx.store.write() as session:
        now = firm.ctx.now()
        assert revoke_entry(firm.ctx, session, found.digest, now)
        assert revoke_entry(firm.ctx, session, found.digest, firm.ctx.now())
        assert not revoke_entry(firm.ctx, session, "sha256:" + "0" * 64, now)
    (row,) = rows(firm.ctx.store, StatusEntryRow)
    assert row.revoked_at == now
