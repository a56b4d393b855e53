"""For each DID the registrar signs whose it is: once, anew after a change, not at all after a rejection."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256

import pytest
import sqlalchemy as sa

from exchange.adapters.clock import SteppingClock
from exchange.bootstrap import Exchange
from exchange.domain.actors import Assurance
from exchange.domain.errors import UnavailableError
from exchange.services import organisations
from exchange.services.context import Context
from exchange.services.identities import organisation_credentials as credentials
from exchange.services.organisations import RejectReason
from exchange.services.transparency.starting import start_log
from exchange.store.tables.accounts import OrganisationRow
from exchange.store.tables.identities import OrganisationCredentialRow
from exchange.store.tables.jobs import JobRow
from exchange.store.tables.log import LogPendingRow
from exchange.store.tables.revocation import StatusEntryRow
from exchange.trust import organisation_credential as trust
from exchange.trust.jws import payload_of
from tests.datasets import OwnKey, own_key, rows
from tests.factories import CVRS, Party, operator, party
from tests.service.identities.registrar import identity, in_force, said, work

DOMAIN = "vestmoelle.example"


@pytest.fixture
def mill(ctx: Context) -> Party:
    """A firm that claims a CVR number and a domain."""
    return party(ctx, "Vestmølle A/S", cvr=CVRS[0], domain=DOMAIN)


@pytest.fixture
def key(mill: Party) -> OwnKey:
    """Its own key."""
    return own_key(mill)


@pytest.fixture
def office(ctx: Context) -> Context:
    """The exchange's operator."""
    return operator(ctx)


def bits(worker: Exchange) -> dict[str, bool]:
    """Which credential's status entry is revoked, by digest."""
    entries = rows(worker.store, StatusEntryRow)
    return {str(one.credential_digest): one.revoked_at is not None for one in entries}


def test_a_bound_key_gets_its_credential_logged_and_with_a_status_entry(
    mill: Party, key: OwnKey, worker: Exchange
) -> None:
    assert set(work(worker)) == {"done"}
    row = in_force(worker, key.did)
    assert row is not None and row.organisation_id == mill.id
    assert identity(worker, key.did) == trust.OrganisationIdentity(
        did=key.did,
        organisation=f"urn:uuid:{mill.id}",
        name="Vestmølle A/S",
        country="DK",
        assurance=trust.Assurance.SELF_DECLARED,
    )
    assert row.digest == f"sha256:{sha256(row.jwt.encode()).hexdigest()}"
    noted = [
        one.digest for one in rows(worker.store, LogPendingRow) if one.event == "organisation-credential"
    ]
    assert noted == [row.digest]
    payload = payload_of(row.jwt)
    status = payload["credentialStatus"]
    assert isinstance(status, dict)
    assert (payload["issuer"], status["statusPurpose"]) != (key.did, None)
    assert bits(worker) == {row.digest: False}


def test_the_same_is_never_issued_twice(mill: Party, key: OwnKey, worker: Exchange) -> None:
    work(worker)
    assert credentials.issue_credentials(worker.context(), mill.id) == 0
    start = threading.Barrier(3)
    own_key(mill)

    def compete(_: int) -> int:
        start.wait()
        return credentials.issue_credentials(worker.context(), mill.id)

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(compete, range(3))) == 1
    assert len(rows(worker.store, OrganisationCredentialRow)) == 2


def test_only_what_was_checked_is_signed_for(
    mill: Party, key: OwnKey, worker: Exchange, office: Context, clock: SteppingClock
) -> None:
    work(worker)
    first = in_force(worker, key.did)
    clock.move(timedelta(days=1))
    organisations.approve_identity(office, mill.id, Assurance.OPERATOR_CHECKED, CVRS[0], DOMAIN)
    work(worker)
    second = in_force(worker, key.did)
    found = identity(worker, key.did)
    assert found is not None and first is not None and second is not None
    assert (found.assurance, found.registered_id, found.domain) == ("operator_checked", CVRS[0], "")
    assert (found.id_scheme, found.register_type) == ("https://datacvr.virk.dk", "Business")
    assert bits(worker) == {first.digest: True, second.digest: False}
    organisations.approve_identity(office, mill.id, Assurance.OWN_DOMAIN, CVRS[0], DOMAIN)
    work(worker)
    found = identity(worker, key.did)
    assert found is not None and (found.assurance, found.domain) == ("own_domain", DOMAIN)


def test_a_rejected_identity_loses_every_credential_at_once(
    mill: Party, key: OwnKey, worker: Exchange, office: Context
) -> None:
    other = own_key(mill)
    work(worker)
    organisations.reject_identity(office, mill.id, RejectReason.NOT_AUTHORISED, CVRS[0])
    assert set(bits(worker).values()) == {True}  # before any job has run
    assert in_force(worker, key.did) is in_force(worker, other.did) is None
    work(worker)
    assert in_force(worker, key.did) is in_force(worker, other.did) is None
    organisations.claim_cvr(mill.ctx, CVRS[1])
    work(worker)
    found = identity(worker, key.did)
    assert found is not None and (found.assurance, found.registered_id) == ("self_declared", "")
    assert [bits(worker)[row.digest] for row in rows(worker.store, OrganisationCredentialRow)].count(
        False
    ) == 2


def test_a_credential_signed_while_the_identity_is_rejected_is_not_put_in_force(
    mill: Party, key: OwnKey, worker: Exchange, office: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = credentials.sign

    def rejected_meanwhile(*given: object, **named: object) -> object:
        organisations.reject_identity(office, mill.id, RejectReason.NOT_FOUND, CVRS[0])
        return real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(credentials, "sign", rejected_meanwhile)
    assert credentials.issue_credentials(worker.context(), mill.id) == 0
    assert rows(worker.store, OrganisationCredentialRow) == []


def test_a_changed_name_revokes_the_old_credential(mill: Party, key: OwnKey, worker: Exchange) -> None:
    work(worker)
    old = in_force(worker, key.did)
    assert old is not None
    with worker.store.write() as session:
        session.get_one(OrganisationRow, mill.id).name = "Vestmøllen A/S"
        credentials.ask_for_credentials(worker.context(), session, mill.id)
    work(worker)
    found = identity(worker, key.did)
    assert found is not None and found.name == "Vestmøllen A/S"
    assert bits(worker)[old.digest]
    assert said(worker, old.jwt, old.issued_at).name == "Vestmølle A/S"  # the old one stays what it was


def test_another_domain_takes_the_checked_one_back(
    mill: Party, key: OwnKey, worker: Exchange, office: Context
) -> None:
    organisations.approve_identity(office, mill.id, Assurance.OWN_DOMAIN, CVRS[0], DOMAIN)
    work(worker)
    old = in_force(worker, key.did)
    assert old is not None
    assert organisations.declare_domain(mill.ctx, DOMAIN).assurance == "own_domain"
    declared = organisations.declare_domain(mill.ctx, " Else.Example ")
    assert (declared.domain, declared.assurance) == ("else.example", "operator_checked")
    assert bits(worker)[old.digest]
    work(worker)
    found = identity(worker, key.did)
    assert found is not None and (found.assurance, found.domain) == ("operator_checked", "")


def test_an_unchecked_organisation_that_declares_a_domain_keeps_its_credential(
    mill: Party, key: OwnKey, worker: Exchange
) -> None:
    work(worker)
    before = in_force(worker, key.did)
    organisations.declare_domain(mill.ctx, "else.example")
    work(worker)
    assert in_force(worker, key.did) == before


def test_a_starting_worker_makes_up_for_credentials_that_were_never_issued(
    ctx: Context, mill: Party, key: OwnKey, worker: Exchange, office: Context
) -> None:
    turned_down = party(ctx, cvr=CVRS[1])
    own_key(turned_down)
    organisations.reject_identity(office, turned_down.id, RejectReason.NOT_FOUND, CVRS[1])
    with worker.store.write() as session:  # as if the keys were older than this version
        session.execute(sa.delete(JobRow))
    start_log(worker.context())
    assert [dict(row.payload) for row in rows(worker.store, JobRow) if row.kind == credentials.JOB_KIND] == [
        {"organisation_id": mill.id}
    ]
    work(worker)
    assert in_force(worker, key.did) is not None
    start_log(worker.context())
    assert work(worker) == []


def test_each_organisation_reads_its_own_credentials_only(
    ctx: Context, mill: Party, key: OwnKey, worker: Exchange
) -> None:
    work(worker)
    (own,) = credentials.list_credentials(mill.ctx)
    assert (own.did, own.revoked_at) == (key.did, None)
    assert credentials.list_credentials(party(ctx).ctx) == ()


def test_the_web_process_issues_nothing(mill: Party, key: OwnKey) -> None:
    with pytest.raises(UnavailableError) as refused:
        credentials.issue_credentials(mill.ctx, mill.id)
    assert refused.value.error_code == "custody.closed"


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("name", ["sign", "_enter", "reserve_for", "take_entry", "note"])
def test_a_worker_that_dies_at_any_point_leaves_one_credential_in_the_end(
    mill: Party, key: OwnKey, worker: Exchange, monkeypatch: pytest.MonkeyPatch, name: str, after: bool
) -> None:
    real, calls = getattr(credentials, name), []

    def dying(*given: object, **named: object) -> object:
        calls.append(None)
        outcome = real(*given, **named) if after or len(calls) > 1 else None
        if len(calls) == 1:
            raise KeyboardInterrupt
        return outcome

    monkeypatch.setattr(credentials, name, dying)
    with pytest.raises(KeyboardInterrupt):
        credentials.issue_credentials(worker.context(), mill.id)
    credentials.issue_credentials(worker.context(), mill.id)
    (row,) = rows(worker.store, OrganisationCredentialRow)
    assert list(bits(worker).values()).count(False) == len(bits(worker))
    assert bits(worker)[row.digest] is False


def test_many_keys_are_signed_for_in_portions_behind_the_log(
    mill: Party, worker: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "PORTION", 2)
    for _ in range(5):
        own_key(mill)
    waiting = {row.kind: row.queue for row in rows(worker.store, JobRow)}
    assert (waiting[credentials.JOB_KIND], waiting["sequence_log"]) == ("import", "log")
    assert credentials.issue_credentials(worker.context(), mill.id) == 2
    work(worker)
    assert len(rows(worker.store, OrganisationCredentialRow)) == 5
    assert credentials.issue_credentials(worker.context(), mill.id) == 0
