"""Publishing with the organisation's custody key: asked for in the web process, signed by the worker, once."""

from __future__ import annotations

import json
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange import bootstrap
from exchange.adapters.clock import SteppingClock
from exchange.adapters.custody import CustodyKeys
from exchange.bootstrap import Exchange, open_exchange
from exchange.domain.actors import Actor, Role
from exchange.domain.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    NotPermittedError,
    UnavailableError,
)
from exchange.domain.groups import DatasetKind
from exchange.services import jobs, keys, publish, reading
from exchange.services.context import Context
from exchange.services.identities import custody
from exchange.services.key_rotation import end_key
from exchange.services.publish import Publication
from exchange.store.tables.accounts import SigningKeyRow
from exchange.store.tables.datasets import DatasetRow, PublicationRow
from exchange.store.tables.log import LogPendingRow
from exchange.trust import Policy, resolve_did_key, verify
from tests.datasets import contents, full_subject, product, product_subject, rows
from tests.factories import PASSWORD, Party, acting, party
from workers.run_job import run_job

PRODUCT = DatasetKind.PRODUCT


@pytest.fixture
def firm(ctx: Context) -> Party:
    return party(ctx, "Nordvind Metal")


def submit(firm: Party, subject: dict[str, Any] | None = None, **options: Any) -> Publication:
    return publish.submit_for_custody(
        firm.ctx, PRODUCT, subject or product_subject(firm, product(firm)), **options
    )


def look(firm: Party, publication: Publication) -> Publication:
    return publish.get_publication(firm.ctx, publication.id)


# The way of a publication


def test_submitted_content_waits_for_the_worker(firm: Party, exchange: Exchange) -> None:
    publication = submit(firm)
    assert (publication.state, publication.dataset_id, publication.problems) == ("waiting", None, ())
    assert look(firm, publication) == publication
    job = jobs.get_job(firm.ctx, publication.job_id)
    assert (job.kind, job.state) == ("sign_publication", "queued")
    assert rows(exchange.store, DatasetRow) == []


def test_worker_signs_with_a_custody_key_and_marks_the_dataset_so(firm: Party, worker: Exchange) -> None:
    about = product(firm)
    publication = submit(firm, full_subject(firm, about))
    assert run_job(worker, publication.job_id) == "done"
    outcome = look(firm, publication)
    (row,) = rows(worker.store, DatasetRow)
    assert (outcome.state, outcome.dataset_id) == ("published", row.id)
    assert row.custody
    (key,) = keys.list_keys(firm.ctx)
    assert (key.kid, key.custody) == (row.kid, True)
    assert [entry.event for entry in rows(worker.store, LogPendingRow)] == ["key-binding", "publish"]


def test_signed_dataset_says_what_was_submitted_and_verifies_offline(firm: Party, worker: Exchange) -> None:
    subject = full_subject(firm, product(firm))
    until = firm.ctx.now() + timedelta(days=400)
    publication = submit(firm, subject, valid_until=until)
    run_job(worker, publication.job_id)
    found = reading.read_dataset(firm.ctx, look(firm, publication).dataset_id or "")
    assert found.subject == subject
    verdict = verify(
        found.token,
        resolve=resolve_did_key,
        now=firm.ctx.now(),
        policy=Policy(required=frozenset({"time"})),
    )
    assert verdict.ok
    assert found.dataset.valid_until == until.replace(microsecond=0)
    assert set(verdict.dataset.groups) == set(subject) - {"id"}  # type: ignore[union-attr]


def test_second_publication_uses_the_same_key(firm: Party, worker: Exchange) -> None:
    about = product(firm)
    for year in (2024, 2025):
        run_job(worker, submit(firm, product_subject(firm, about, year=year)).job_id)
    assert len(rows(worker.store, SigningKeyRow)) == 1
    assert len({row.kid for row in rows(worker.store, DatasetRow)}) == 1


def test_a_custody_key_that_was_retired_is_followed_by_another_only_on_request(
    firm: Party, worker: Exchange
) -> None:
    about = product(firm)
    run_job(worker, submit(firm, product_subject(firm, about)).job_id)
    (old,) = keys.list_keys(firm.ctx)
    waiting = submit(firm, product_subject(firm, about, year=2024))
    end_key(firm.ctx, old.kid, PASSWORD)
    with pytest.raises(ConflictError) as refused:
        submit(firm, product_subject(firm, about))
    assert refused.value.error_code == "custody.retired"
    run_job(worker, waiting.job_id)
    assert [problem.code for problem in look(firm, waiting).problems] == ["custody.retired"]
    run_job(worker, custody.reopen_custody(firm.ctx, PASSWORD))
    publication = submit(firm, product_subject(firm, about))
    run_job(worker, publication.job_id)
    assert look(firm, publication).state == "published"
    assert len({row.kid for row in rows(worker.store, DatasetRow)}) == 2


def test_custody_is_asked_for_by_an_administrator_and_only_where_it_has_ended(
    firm: Party, worker: Exchange
) -> None:
    def reopening() -> str:
        with pytest.raises(ConflictError) as refused:
            custody.reopen_custody(firm.ctx, PASSWORD)
        return refused.value.error_code

    assert reopening() == "custody.open"  # the first is made by itself
    run_job(worker, submit(firm).job_id)
    assert reopening() == "custody.open"
    end_key(firm.ctx, keys.list_keys(firm.ctx)[0].kid, PASSWORD)
    with pytest.raises(NotPermittedError):
        custody.reopen_custody(acting(firm, Role.SIGNER), PASSWORD)
    assert run_job(worker, custody.reopen_custody(firm.ctx, PASSWORD)) == "done"
    assert [key.retired_at is None for key in keys.list_keys(firm.ctx)] == [False, True]


# What the web process cannot do


def test_web_process_cannot_sign(firm: Party) -> None:
    publication = submit(firm)
    with pytest.raises(UnavailableError) as refusal:
        publish.sign_publication(firm.ctx, publication.id)
    assert refusal.value.error_code == "custody.closed"
    assert look(firm, publication).state == "waiting"


def test_web_process_never_opens_the_key_store_nor_reads_the_master_key(
    settings, monkeypatch: pytest.MonkeyPatch, clock: SteppingClock
) -> None:
    def forbidden(*_: object) -> None:
        raise AssertionError("the web process reached for the keys")

    for name in ("CustodyKeys", "create_master_key", "read_master_key"):
        monkeypatch.setattr(bootstrap, name, forbidden)
    web = open_exchange(settings, "web", clock=clock)
    assert web.custody is None
    assert web.context().custody is None
    submit(party(web.context()))
    web.store.close()
    assert not settings.master_key_path.exists()
    assert not settings.custody_path.exists()


def test_key_file_is_encrypted_and_nobody_elses_to_read(firm: Party, worker: Exchange) -> None:
    run_job(worker, submit(firm).job_id)
    (file,) = worker.settings.custody_path.iterdir()
    (key,) = keys.list_keys(firm.ctx)
    assert worker.custody is not None
    secret = worker.custody.load(key.kid, firm.id).private_bytes_raw()
    assert secret not in file.read_bytes()
    assert set(json.loads(file.read_bytes())) == {"version", "kid", "organisation", "nonce", "sealed"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for path in worker.settings.data_dir.rglob("*"):  # neither database nor anything else holds it
        if path.is_file():
            assert secret not in path.read_bytes()
            assert secret.hex().encode() not in path.read_bytes()


# What is refused at once


def test_content_with_faults_is_refused_with_all_of_them_and_nothing_is_stored(
    firm: Party, exchange: Exchange
) -> None:
    subject = full_subject(firm, product(firm))
    subject["indicators"]["co2e"]["total"]["amount"] = "9"
    subject["composition"]["materials"][0]["mass_fraction"] = "0.5"
    before = contents(exchange.store)
    with pytest.raises(InvalidError) as refusal:
        submit(firm, subject)
    assert refusal.value.error_code == "dataset.invalid"
    assert [problem.code for problem in refusal.value.problems] == ["indicator.total", "fraction.sum"]
    assert contents(exchange.store) == before


def test_foreign_product_is_refused_before_anything_is_stored(ctx: Context, firm: Party) -> None:
    subject = product_subject(firm, product(party(ctx)))
    before = contents(ctx.store)
    with pytest.raises(InvalidError) as refusal:
        submit(firm, subject)
    assert refusal.value.error_code == "subject.foreign"
    assert contents(ctx.store) == before


@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_validity_that_ends_too_soon_to_be_signed_is_refused(firm: Party, hours: int) -> None:
    with pytest.raises(InvalidError) as refusal:
        submit(firm, valid_until=firm.ctx.now() + timedelta(hours=hours) - timedelta(seconds=1))
    assert refusal.value.error_code == "validity.until"


def test_editor_cannot_submit_and_a_stranger_cannot_look(ctx: Context, firm: Party) -> None:
    publication = submit(firm)
    editor = replace(firm, ctx=ctx.acting_as(Actor(firm.id, frozenset({Role.EDITOR}))))
    with pytest.raises(NotPermittedError):
        submit(editor, product_subject(firm, product(firm)))
    for asked in (publication.id, "unknown"):
        with pytest.raises(NotFoundError):
            publish.get_publication(party(ctx).ctx, asked)


# What goes wrong in the worker


def test_publication_that_can_no_longer_be_signed_is_refused_with_its_problems(
    firm: Party, worker: Exchange, clock: SteppingClock
) -> None:
    publication = submit(firm, valid_until=firm.ctx.now() + timedelta(hours=2))
    clock.move(timedelta(hours=3))
    assert run_job(worker, publication.job_id) == "done"
    outcome = look(firm, publication)
    assert outcome.state == "refused"
    assert [problem.code for problem in outcome.problems] == ["credential.validity"]
    assert rows(worker.store, DatasetRow) == []


def test_problems_found_at_the_second_look_are_kept(
    firm: Party, worker: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = submit(firm)
    with worker.store.write() as session:
        row = session.get_one(PublicationRow, publication.id)
        row.subject = row.subject.replace('"unknown":"0.2"', '"unknown":"0.1"')
        session.add(row)
    assert run_job(worker, publication.job_id) == "done"
    outcome = look(firm, publication)
    assert (outcome.state, outcome.dataset_id) == ("refused", None)
    (problem,) = outcome.problems
    assert (problem.code, problem.path) == ("quality.sum", "/quality/co2e")
    assert run_job(worker, publication.job_id) is None


def crash_once(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, *, after: bool) -> None:
    """Let the worker die at its first call of `owner.name`, before or after the work is done."""
    real, calls = getattr(owner, name), []

    def dying(*given: Any, **named: Any) -> Any:
        calls.append(name)
        outcome = real(*given, **named) if after or len(calls) > 1 else None
        if len(calls) == 1:
            raise KeyboardInterrupt
        return outcome

    monkeypatch.setattr(owner, name, dying)


@pytest.mark.parametrize(
    ("owner", "name", "after"),
    [
        (CustodyKeys, "create", True),
        (custody, "bind_key", False),
        (custody, "bind_key", True),
        (publish, "sign", False),
        (publish, "sign", True),
        (publish, "enter_dataset", True),
        (publish, "_enter", True),
    ],
)
def test_worker_that_dies_at_any_point_leaves_exactly_one_dataset_in_the_end(
    firm: Party,
    worker: Exchange,
    clock: SteppingClock,
    monkeypatch: pytest.MonkeyPatch,
    owner: object,
    name: str,
    after: bool,
) -> None:
    publication = submit(firm)
    crash_once(monkeypatch, owner, name, after=after)
    with pytest.raises(KeyboardInterrupt):
        run_job(worker, publication.job_id)
    clock.move(timedelta(minutes=2))
    assert jobs.sweep(worker.context()) == 1
    assert run_job(worker, publication.job_id) == "done"
    (row,) = rows(worker.store, DatasetRow)
    assert (look(firm, publication).state, look(firm, publication).dataset_id) == ("published", row.id)
    assert len(rows(worker.store, SigningKeyRow)) == 1


def test_doubled_job_publishes_once(firm: Party, worker: Exchange) -> None:
    publication = submit(firm)
    start = threading.Barrier(3)

    def compete(_: int) -> None:
        start.wait()
        publish.sign_publication(worker.context(), publication.id)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(compete, range(3)))
    assert len(rows(worker.store, DatasetRow)) == 1
    assert len(rows(worker.store, SigningKeyRow)) == 1
    assert look(firm, publication).state == "published"


def test_cancelled_publication_is_refused_and_not_for_ever_waiting(firm: Party, worker: Exchange) -> None:
    publication = submit(firm)
    jobs.cancel(firm.ctx, publication.job_id)
    assert run_job(worker, publication.job_id) is None
    outcome = look(firm, publication)
    assert (outcome.state, [p.code for p in outcome.problems]) == ("refused", ["job.cancelled"])


def test_damaged_key_file_refuses_the_publication_and_says_so(firm: Party, worker: Exchange) -> None:
    about = product(firm)
    run_job(worker, submit(firm, product_subject(firm, about)).job_id)
    file: Path = next(worker.settings.custody_path.iterdir())
    record = json.loads(file.read_bytes())
    record["sealed"] = record["sealed"][:-4] + "AAAA"
    file.write_text(json.dumps(record))
    publication = submit(firm, product_subject(firm, about))
    assert run_job(worker, publication.job_id) == "dead"
    outcome = look(firm, publication)
    assert (outcome.state, [p.code for p in outcome.problems]) == ("refused", ["custody.cannot_decrypt"])
    assert len(rows(worker.store, DatasetRow)) == 1


def test_unknown_publication_is_not_found(worker: Exchange) -> None:
    with pytest.raises(NotFoundError):
        publish.sign_publication(worker.context(), "unknown")
