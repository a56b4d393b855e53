"""The worker doing what waits, and what the registrar has signed of an organisation, verified."""

from __future__ import annotations

from datetime import datetime

from exchange.bootstrap import Exchange
from exchange.services import jobs
from exchange.services.transparency.exchange_keys import registrar_did
from exchange.store.tables.identities import OrganisationCredentialRow
from exchange.store.tables.jobs import JobRow
from exchange.trust import Policy, resolve_did_key, verify
from exchange.trust.organisation_credential import OrganisationIdentity, read_organisation
from tests.datasets import rows
from workers.run_job import run_job

NOT_HERE = frozenset({"sequence_log", "cosign_checkpoint"})


def work(worker: Exchange) -> list[str]:
    """Do every job that waits, except the log's own; returns how each ended."""
    ended: list[str] = []
    while waiting := [one for one in jobs.due(worker.context()) if _kind(worker, one) not in NOT_HERE]:
        ended += [str(run_job(worker, one)) for one in waiting]
    return ended


def in_force(worker: Exchange, did: str) -> OrganisationCredentialRow | None:
    """The one credential of a DID that is not revoked."""
    found = [
        one for one in rows(worker.store, OrganisationCredentialRow) if one.did == did and not one.revoked_at
    ]
    assert len(found) < 2
    return found[0] if found else None


def identity(worker: Exchange, did: str) -> OrganisationIdentity | None:
    """What the registrar says of a DID now, its signature and form verified; None for nothing."""
    row = in_force(worker, did)
    return None if row is None else said(worker, row.jwt, row.issued_at)


def said(worker: Exchange, jwt: str, at: datetime) -> OrganisationIdentity:
    """What a credential of the registrar says, verified as of an instant."""
    verdict = verify(jwt, resolve=resolve_did_key, now=at, policy=Policy(required=frozenset({"time"})))
    assert verdict.ok and verdict.dataset is not None, verdict.failures
    assert verdict.dataset.issuer == registrar_did(worker.context())
    return read_organisation(verdict.dataset)


def _kind(worker: Exchange, job_id: str) -> str:
    with worker.store.read() as session:
        return session.get_one(JobRow, job_id).kind
