"""Taking a dataset back: for good, seen by every reader, out of every roll-up, and followed by a new version."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from exchange.bootstrap import Exchange
from exchange.domain.actors import Actor, Role
from exchange.domain.errors import ConflictError, NotFoundError, NotPermittedError
from exchange.domain.groups import FieldGroup, Purpose
from exchange.domain.periods import year as year_period
from exchange.domain.revocation import RevocationReason
from exchange.services import publish, reading, verification
from exchange.services.context import Context
from exchange.services.revocation.revoking import revoke_dataset
from exchange.services.revocation.status_lists import issue_status_list
from exchange.store import rollups
from exchange.store.tables.datasets import DatasetRow
from exchange.store.tables.jobs import JobRow
from exchange.store.tables.log import LogPendingRow
from exchange.store.tables.requests import AuditRow
from exchange.store.tables.revocation import RevocationRow, StatusEntryRow
from exchange.store.tables.rollup import NetworkRow
from exchange.trust.verdict import Outcome
from tests.datasets import contents, granted, open_year, own_key, product, rows
from tests.factories import Party, checked_party, operator, party
from tests.service.revocation.conftest import Publisher
from tests.working import work_off

WRONG = RevocationReason.WRONG_FIGURES
CSRD = Purpose.CSRD_REPORTING


def test_revoked_dataset_says_when_and_why(firm: Publisher) -> None:
    found = firm.publish()
    view = revoke_dataset(firm.ctx, found.dataset_id, WRONG)
    (row,) = rows(firm.ctx.store, RevocationRow)
    (entry,) = rows(firm.ctx.store, StatusEntryRow)
    assert (view.status, view.revocation_reason) == ("withdrawn", "wrong_figures")
    assert view.revoked_at == row.revoked_at == entry.revoked_at
    assert [(one.event, one.digest) for one in rows(firm.ctx.store, LogPendingRow)][-1] == (
        "revoke",
        found.digest,
    )
    (audited,) = [one for one in rows(firm.ctx.store, AuditRow) if one.action == "dataset.revoke"]
    assert audited.detail == {"digest": found.digest, "reason": "wrong_figures"}


def test_dataset_without_an_entry_is_revoked_in_log_and_table(firm: Publisher) -> None:
    found = publish.publish_token(firm.ctx, firm.token())
    assert revoke_dataset(firm.ctx, found.dataset_id, WRONG).status == "withdrawn"
    assert rows(firm.ctx.store, LogPendingRow)[-1].event == "revoke"
    assert rows(firm.ctx.store, StatusEntryRow) == []


def test_nothing_is_revoked_twice(firm: Publisher) -> None:
    found = firm.publish()
    revoke_dataset(firm.ctx, found.dataset_id, WRONG)
    before = contents(firm.ctx.store)
    with pytest.raises(ConflictError) as refusal:
        revoke_dataset(firm.ctx, found.dataset_id, RevocationReason.OTHER)
    assert refusal.value.error_code == "dataset.revoked"
    assert contents(firm.ctx.store) == before


def test_only_a_signer_of_the_owner_revokes(ctx: Context, firm: Publisher) -> None:
    found = firm.publish()
    editor = firm.ctx.acting_as(Actor(firm.party.id, frozenset({Role.EDITOR})))
    with pytest.raises(NotPermittedError):
        revoke_dataset(editor, found.dataset_id, WRONG)
    for who, asked in ((party(ctx).ctx, found.dataset_id), (firm.ctx, "unknown")):
        with pytest.raises(NotFoundError):
            revoke_dataset(who, asked, WRONG)
    assert rows(ctx.store, RevocationRow) == []


def test_two_who_revoke_at_once_leave_one_revocation(firm: Publisher) -> None:
    found = firm.publish()
    start = threading.Barrier(3)

    def compete(_: int) -> str:
        start.wait()
        try:
            return revoke_dataset(firm.ctx, found.dataset_id, WRONG).status
        except ConflictError as error:
            return error.error_code

    with ThreadPoolExecutor(3) as pool:
        outcomes = sorted(pool.map(compete, range(3)))
    assert outcomes == ["dataset.revoked", "dataset.revoked", "withdrawn"]
    assert [one.event for one in rows(firm.ctx.store, LogPendingRow)].count("revoke") == 1


# A new version


def test_revoked_dataset_is_followed_by_a_new_version(firm: Publisher) -> None:
    first = firm.publish()
    revoke_dataset(firm.ctx, first.dataset_id, WRONG)
    second = firm.publish()
    assert (second.version, second.supersedes_id) == (2, first.dataset_id)
    assert {row.id: row.status for row in rows(firm.ctx.store, DatasetRow)} == {
        first.dataset_id: "withdrawn",
        second.dataset_id: "active",
    }
    assert rows(firm.ctx.store, LogPendingRow)[-1].event == "supersede"


def test_revoking_the_newest_version_does_not_bring_the_older_one_back(firm: Publisher) -> None:
    first, second = firm.publish(), firm.publish()
    revoke_dataset(firm.ctx, second.dataset_id, WRONG)
    assert {row.id: row.status for row in rows(firm.ctx.store, DatasetRow)} == {
        first.dataset_id: "superseded",
        second.dataset_id: "withdrawn",
    }
    assert firm.publish().version == 3


def test_older_version_is_revoked_while_the_newer_stays_in_force(firm: Publisher) -> None:
    first, second = firm.publish(), firm.publish()
    open_year(firm.party, 2025)
    revoke_dataset(firm.ctx, first.dataset_id, WRONG)
    assert rows(firm.ctx.store, NetworkRow)[0].stale_since is None  # no figure in force has changed
    third = firm.publish()
    assert (third.version, third.supersedes_id) == (3, second.dataset_id)


# Roll-ups


def test_roll_up_of_the_period_becomes_stale_and_leaves_it_out(firm: Publisher) -> None:
    found = firm.publish()
    open_year(firm.party, 2025)
    open_year(firm.party, 2024)
    period = year_period(2025)
    with firm.ctx.store.read() as session:
        assert len(rollups.datasets_in_force(session, period.start, period.end)) == 1
    revoke_dataset(firm.ctx, found.dataset_id, WRONG)
    with firm.ctx.store.read() as session:
        assert rollups.datasets_in_force(session, period.start, period.end) == []
    stale = {row.period_start.year: row.stale_since is not None for row in rows(firm.ctx.store, NetworkRow)}
    assert stale == {2025: True, 2024: False}
    assert [job.payload["start"] for job in rows(firm.ctx.store, JobRow) if job.kind == "rollup"] == [
        "2025-01-01"
    ]


# What readers see


@pytest.fixture
def customer(ctx: Context, firm: Publisher) -> Party:
    """May read the figures."""
    made = party(ctx)
    granted(firm.party, made, firm.product, FieldGroup.IDENTITY, FieldGroup.INDICATORS)
    return made


def test_granted_reader_and_owner_see_it_with_its_mark(firm: Publisher, customer: Party) -> None:
    found = firm.publish()
    etag = reading.read_dataset(customer.ctx, found.dataset_id, CSRD).etag
    revoke_dataset(firm.ctx, found.dataset_id, WRONG)
    for shown in (
        reading.read_dataset(customer.ctx, found.dataset_id, CSRD),
        reading.read_dataset(firm.ctx, found.dataset_id),
    ):
        assert (shown.dataset.status, shown.dataset.revocation_reason) == ("withdrawn", "wrong_figures")
        assert shown.etag != etag
        check = verification.check_shown(firm.ctx, shown)
        assert (check.is_revoked, check.holds) == (True, True)
    (listed,) = reading.list_granted(customer.ctx).items
    assert (listed.id, listed.status) == (found.dataset_id, "withdrawn")
    assert listed.revoked_at is not None


def test_it_is_no_longer_found_for_use_but_found_as_revoked(firm: Publisher, customer: Party) -> None:
    found, period = firm.publish(), year_period(2025)
    assert reading.find_revoked_for(customer.ctx, firm.product.id, period, CSRD) is None
    revoke_dataset(firm.ctx, found.dataset_id, WRONG)
    assert reading.find_dataset_for(customer.ctx, firm.product.id, period, CSRD) is None
    assert reading.find_revoked_for(customer.ctx, firm.product.id, period, CSRD) == found.dataset_id


def test_revoked_dataset_is_found_by_nobody_without_a_grant(ctx: Context, firm: Publisher) -> None:
    found = firm.publish()
    revoke_dataset(firm.ctx, found.dataset_id, WRONG)
    stranger = party(ctx)
    assert reading.find_revoked_for(stranger.ctx, firm.product.id, year_period(2025), CSRD) is None
    with pytest.raises(NotFoundError):
        reading.read_dataset(stranger.ctx, found.dataset_id, CSRD)


# Each step of the online check


def step(ctx: Context, dataset_id: str, name: str) -> tuple[Outcome, str]:
    """How one step ends for the owner."""
    check = verification.check_shown(ctx, reading.read_dataset(ctx, dataset_id))
    found = next(one for one in check.steps if one.name == name)
    return found.outcome, found.code


def test_status_step_follows_the_newest_list_and_runs_ahead_of_it(firm: Publisher, worker: Exchange) -> None:
    bare = publish.publish_token(firm.ctx, firm.token(year=2024))
    found = firm.publish()
    assert step(firm.ctx, bare.dataset_id, "status") == (Outcome.NOT_CHECKED, "status.none")
    assert step(firm.ctx, found.dataset_id, "status") == (Outcome.NOT_CHECKED, "status.not_issued")
    issue_status_list(worker.context(), 1)
    assert step(firm.ctx, found.dataset_id, "status") == (Outcome.ESTABLISHED, "ok")
    for one in (bare, found):  # the exchange knows before the worker has signed the next list
        revoke_dataset(firm.ctx, one.dataset_id, WRONG)
        assert step(firm.ctx, one.dataset_id, "status") == (Outcome.FAILED, "status.revoked")


def test_view_from_before_the_revocation_does_not_hide_it(firm: Publisher, worker: Exchange) -> None:
    found = firm.publish()
    shown = reading.read_dataset(firm.ctx, found.dataset_id)
    revoke_dataset(firm.ctx, found.dataset_id, WRONG)
    issue_status_list(worker.context(), 1)
    assert verification.check_shown(firm.ctx, shown).is_revoked


def test_log_step_waits_for_a_signed_checkpoint(firm: Publisher) -> None:
    found = firm.publish()
    assert step(firm.ctx, found.dataset_id, "log") == (Outcome.NOT_CHECKED, "log.pending")


def test_each_step_is_established_once_the_worker_has_done_its_part(ctx: Context, worker: Exchange) -> None:
    checked = checked_party(ctx, operator(ctx), "Nordvind Metal")
    firm = Publisher(checked, own_key(checked), product(checked))
    found = firm.publish()
    assert step(firm.ctx, found.dataset_id, "issuer_identity") == (
        Outcome.NOT_CHECKED,
        "issuer_identity.not_issued",
    )
    work_off(worker)
    for name in ("status", "log", "issuer_identity"):
        assert step(firm.ctx, found.dataset_id, name) == (Outcome.ESTABLISHED, "ok"), name
    revoke_dataset(firm.ctx, found.dataset_id, WRONG)
    work_off(worker)
    assert step(firm.ctx, found.dataset_id, "status") == (Outcome.FAILED, "status.revoked")
    assert step(firm.ctx, found.dataset_id, "log") == (Outcome.ESTABLISHED, "ok")


def test_key_of_somebody_else_fails_the_identity_step(ctx: Context, firm: Publisher) -> None:
    found, other = firm.publish(), party(ctx)
    shown = reading.read_dataset(firm.ctx, found.dataset_id)
    claimed = replace(shown, dataset=replace(shown.dataset, organisation_id=other.id))
    steps = {one.name: one.code for one in verification.check_shown(firm.ctx, claimed).steps}
    assert steps["issuer_identity"] == "issuer_identity.foreign"


def test_identity_step_is_not_taken_for_granted(firm: Publisher) -> None:
    found = firm.publish()
    assert step(firm.ctx, found.dataset_id, "issuer_identity") == (
        Outcome.NOT_CHECKED,
        "issuer_identity.unchecked",
    )
