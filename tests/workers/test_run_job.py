"""One job: done once, refused for good, tried again with growing pauses, never finished by a stale worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.account import read_account
from connectors.deliveries import read_deliveries
from exchange.adapters.clock import SteppingClock
from exchange.bootstrap import Exchange
from exchange.services import jobs
from exchange.services.context import Context
from workers.run_job import run_job
from workers.tasks import HANDLERS


def test_job_that_works_is_done_and_not_run_again(exchange: Exchange, table, ledger) -> None:
    (job_id,) = table.add()
    assert run_job(exchange, job_id, ledger.handlers) == "done"
    assert run_job(exchange, job_id, ledger.handlers) is None
    assert ledger.runs == {"0": 1}
    row = table.row(job_id)
    assert (row.state, row.attempts, row.lease_until) == ("done", 1, None)
    assert row.finished_at is not None


def test_refused_job_is_dead_with_the_code_of_the_refusal(exchange: Exchange, table, ledger) -> None:
    (job_id,) = table.add("refuse")
    assert run_job(exchange, job_id, ledger.handlers) == "dead"
    row = table.row(job_id)
    assert (row.state, row.error_code, row.error_detail) == ("dead", "unit.wrong", "The unit is wrong.")


def test_broken_job_pauses_2_4_8_16_32_seconds_and_is_dead_at_the_sixth_try(
    exchange: Exchange, table, ledger
) -> None:
    clock = SteppingClock(datetime.now(UTC), step=timedelta(0))
    exchange = replace(exchange, clock=clock)
    (job_id,) = table.add("break")
    clock.move(timedelta(seconds=5))
    pauses = []
    for _ in range(5):
        assert run_job(exchange, job_id, ledger.handlers) == "queued"
        pause = table.row(job_id).due_at - clock.now()
        pauses.append(pause.total_seconds())
        assert run_job(exchange, job_id, ledger.handlers) is None  # not before its time
        clock.move(pause)
    assert pauses == [2, 4, 8, 16, 32]
    assert run_job(exchange, job_id, ledger.handlers) == "dead"
    row = table.row(job_id)
    assert (row.attempts, row.error_code) == (6, "error.OSError")
    assert "disk" not in row.error_detail  # what went wrong inside is for the operator's log


def test_unknown_kind_is_tried_again_by_a_newer_worker(exchange: Exchange, table, ledger) -> None:
    (job_id,) = table.add("from_the_future")
    assert run_job(exchange, job_id, ledger.handlers) == "queued"
    assert table.row(job_id).error_code == "error.LookupError"


def test_two_workers_race_and_one_wins(exchange: Exchange, table, ledger) -> None:
    (job_id,) = table.add()
    outcomes: list[str | None] = []
    start = threading.Barrier(4)

    def compete() -> None:
        start.wait()
        outcomes.append(run_job(exchange, job_id, ledger.handlers))

    threads = [threading.Thread(target=compete) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [None, None, None, "done"]
    assert ledger.runs == {"0": 1}


def test_worker_whose_job_was_taken_over_writes_neither_done_nor_failed(exchange: Exchange, table) -> None:
    (job_id,) = table.add()
    clock = SteppingClock(datetime.now(UTC), step=timedelta(0))
    ctx = replace(exchange, clock=clock).context()
    stale = jobs.claim(ctx, job_id)
    assert stale is not None
    clock.move(timedelta(seconds=6))
    assert jobs.sweep(ctx) == 1
    owner = jobs.claim(ctx, job_id)
    assert owner is not None
    assert owner.fence > stale.fence

    assert not jobs.renew(ctx, stale)
    assert not jobs.finish(ctx, stale)
    jobs.fail(ctx, stale, OSError("late"))
    assert (table.row(job_id).state, table.row(job_id).error_code) == ("running", None)
    assert jobs.finish(ctx, owner)


def test_long_work_keeps_its_lease(exchange: Exchange, table) -> None:
    exchange = replace(exchange, settings=exchange.settings.model_copy(update={"job_lease_seconds": 1}))
    (job_id,) = table.add("long")
    swept: list[int] = []

    def work(ctx: Context, payload: Mapping[str, str]) -> None:
        for _ in range(5):  # 1.5 s, half as long again as the lease
            time.sleep(0.3)
            swept.append(jobs.sweep(ctx))

    assert run_job(exchange, job_id, {"long": work}) == "done"
    assert swept == [0, 0, 0, 0, 0]


def test_cancelled_job_ends_as_cancelled_though_its_work_runs_out(exchange: Exchange, table) -> None:
    (job_id,) = table.add("cancelled_midway")

    def work(ctx: Context, payload: Mapping[str, str]) -> None:
        with ctx.store.write() as session:
            row = session.get_one(type(table.row(job_id)), job_id)
            row.state = "cancelled"
            session.add(row)

    assert run_job(exchange, job_id, {"cancelled_midway": work}) == "lost"
    assert table.row(job_id).state == "cancelled"


@pytest.mark.parametrize(
    ("kind", "payload", "service", "arguments"),
    [
        ("sign_publication", {"publication_id": "p1"}, "publish.sign_publication", ("p1",)),
        ("import", {"import_id": "i1"}, "imports.run_import", ("i1", read_deliveries)),
        ("import_account", {"import_id": "i1"}, "imports.run_account_import", ("i1", read_account)),
        (
            "verify_foreign_credential",
            {"credential_id": "c1"},
            "foreign_credentials.verify_foreign_credential",
            ("c1",),
        ),
        ("sign_release", {}, "release_signing.sign_releases", ()),
        (
            "rollup",
            {"start": "2024-01-01", "end": "2025-01-01"},
            "rollup.running.solve_period",
            (datetime(2024, 1, 1).date(), datetime(2025, 1, 1).date()),
        ),
        (
            "release_chains",
            {"network": "3", "round": "2", "shard": "1"},
            "rollup.releasing.release_shard",
            (3, 2, 1),
        ),
    ],
)
def test_every_kind_calls_its_one_service(
    exchange: Exchange,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    payload: dict[str, str],
    service: str,
    arguments: tuple[object, ...],
) -> None:
    calls: list[tuple[object, ...]] = []
    monkeypatch.setattr(f"exchange.services.{service}", lambda ctx, *given: calls.append(given))
    HANDLERS[kind](exchange.context(), payload)
    assert calls == [arguments]


def test_every_kind_of_job_has_a_handler() -> None:
    assert set(HANDLERS) == {
        "bind_did_web_key",
        "cosign_checkpoint",
        "import",
        "import_account",
        "issue_organisation_credential",
        "issue_status_list",
        "make_custody_key",
        "release_chains",
        "rollup",
        "sequence_log",
        "sign_publication",
        "sign_release",
        "verify_foreign_credential",
    }
