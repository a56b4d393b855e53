"""Organisation credentials: the registrar says, for each DID of an organisation, which organisation it belongs to.

One is in force per DID. It is issued when a key is bound, issued anew when what it says changes, and revoked with
the identity. All DIDs of an organisation name the same one, so that a change of keys keeps the history.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from exchange.domain.actors import Assurance, Role
from exchange.services.context import Context, audit
from exchange.services.jobs import Queue, enqueue
from exchange.services.revocation.status_entries import reserve_for, revoke_entry, take_entry
from exchange.services.transparency.deeds import stamp
from exchange.services.transparency.exchange_keys import load
from exchange.services.transparency.outbox import note
from exchange.store import accounts
from exchange.store import identities as query
from exchange.store.tables.accounts import OrganisationRow
from exchange.store.tables.identities import OrganisationCredentialRow
from exchange.trust import Token, sign, strict_json
from exchange.trust import organisation_credential as trust
from exchange.trust.jws import payload_of

JOB_KIND = "issue_organisation_credential"
EVENT = "organisation-credential"
PORTION = 20  # signed by one job, which then asks for the next: no organisation holds a worker for long


@dataclass(frozen=True)
class OrganisationCredential:
    """One statement of the registrar on a DID; `jwt` is the signed credential, `digest` its SHA-256."""

    id: str
    did: str
    name: str
    assurance: Assurance
    jwt: str
    digest: str
    issued_at: datetime
    revoked_at: datetime | None


def list_credentials(ctx: Context) -> tuple[OrganisationCredential, ...]:
    """What the registrar has said of the actor's organisation, newest first, revoked ones too."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        return tuple(map(_present, query.credentials_of(session, ctx.who.organisation_id)))


def ask_for_credentials(ctx: Context, session: Session, organisation_id: str) -> None:
    """Have the worker bring an organisation's credentials up to date with what the caller's transaction commits.

    Publishing and the log go before: nobody's keys hold up what others have signed.
    """
    payload, key = {"organisation_id": organisation_id}, dedupe_key(organisation_id)
    enqueue(ctx, session, JOB_KIND, Queue.IMPORT, payload, dedupe_key=key)


def ask_for_missing_credentials(ctx: Context, session: Session, resting: Container[str] = ()) -> None:
    """The same for every organisation that lacks one: its keys are from before there were any, or a job was lost.

    `resting` are the dedupe keys that are not to be asked for yet.
    """
    for organisation_id in query.organisations_without_credential(session):
        if dedupe_key(organisation_id) not in resting:
            ask_for_credentials(ctx, session, organisation_id)


def dedupe_key(organisation_id: str) -> str:
    """Under which the one waiting job of an organisation stands."""
    return f"{EVENT}:{organisation_id}"


def revoke_credentials(ctx: Context, session: Session, organisation_id: str) -> None:
    """Revoke all that is in force, at once, in the caller's transaction: the identity no longer holds."""
    _revoke(ctx, session, query.credentials_in_force(session, organisation_id), stamp(ctx, session))


def issue_credentials(ctx: Context, organisation_id: str) -> int:
    """The worker's part: sign what is missing or says something else by now; returns how many were issued.

    That is a portion at a time: a further job is asked for where more is due. Issuing again what stands is
    nothing, however often it is called. Raises NotFoundError, UnavailableError (`custody.closed`) in a process
    without the exchange's keys, CustodyError.
    """
    issuer, private = load(ctx, "registrar")
    with ctx.store.read() as session:
        wanted = _identities(session, accounts.get_organisation(session, organisation_id))
        due = [one for one in wanted if not _is_said(session, one)]
    issued = 0
    for identity in due[:PORTION]:
        with (
            ctx.store.write() as session
        ):  # an entry whose credential never comes stays unused, and does no harm
            status = reserve_for(ctx, session, organisation_id)
        credential = trust.organisation_credential(
            identity,
            credential_id=f"urn:uuid:{ctx.new_id()}",
            issuer=issuer.did,
            issued=ctx.now(),
            status=status,
        )
        token = sign(credential, groups=(), key=private, kid=issuer.kid)
        issued += _enter(ctx, organisation_id, identity, token)
    if len(due) > PORTION:
        with ctx.store.write() as session:
            ask_for_credentials(ctx, session, organisation_id)
    return issued


def _identities(session: Session, row: OrganisationRow) -> list[trust.OrganisationIdentity]:
    """What there is to say; of an organisation whose claim was rejected, nothing."""
    if row.cvr_status == "rejected":
        return []
    return [_identity(row, did) for did in query.dids_of(session, row.id)]


def _identity(row: OrganisationRow, did: str) -> trust.OrganisationIdentity:
    """Checked identifiers only: a number somebody merely claims is not signed for."""
    assurance = trust.Assurance(row.assurance)
    number = row.cvr or "" if row.cvr_status == "approved" else ""
    return trust.OrganisationIdentity(
        did=did,
        organisation=f"urn:uuid:{row.id}",
        name=row.name,
        country=row.country,
        assurance=assurance,
        registered_id=number,
        id_scheme=trust.CVR_SCHEME if number else "",
        register_type=trust.BUSINESS if number else "",
        domain=row.domain or "" if row.assurance == Assurance.OWN_DOMAIN else "",
    )


def _is_said(session: Session, identity: trust.OrganisationIdentity) -> bool:
    row = query.find_credential(session, identity.did)
    return row is not None and row.content_digest == _content_digest(identity)


def _content_digest(identity: trust.OrganisationIdentity) -> str:
    return strict_json.sha256(identity.subject())


def _enter(ctx: Context, organisation_id: str, identity: trust.OrganisationIdentity, token: Token) -> bool:
    """Put the credential in force in place of the one before; False when it is no longer what is to be said."""
    with ctx.store.write() as session:
        row = accounts.lock_organisation(session, organisation_id)
        session.refresh(row)
        if identity not in _identities(session, row) or _is_said(session, identity):
            return False  # the change that made it so has asked for a job of its own
        now = stamp(ctx, session)
        _revoke(ctx, session, query.credentials_in_force(session, organisation_id, identity.did), now)
        made = OrganisationCredentialRow(
            id=ctx.new_id(),
            organisation_id=organisation_id,
            did=identity.did,
            jwt=token.jwt,
            digest=token.digest,
            content_digest=_content_digest(identity),
            issued_at=now,
        )
        session.add(made)
        session.flush()
        take_entry(session, organisation_id, payload_of(token.jwt)["credentialStatus"], token.digest)
        note(ctx, session, EVENT, token.digest, now)
        audit(ctx, session, "credential.issue", "organisation", organisation_id, digest=token.digest)
        return True


def _revoke(ctx: Context, session: Session, rows: Sequence[OrganisationCredentialRow], at: datetime) -> None:
    for row in rows:
        row.revoked_at = at
        session.add(row)
        revoke_entry(ctx, session, row.digest, at)
        audit(ctx, session, "credential.revoke", "organisation", row.organisation_id, digest=row.digest)


def _present(row: OrganisationCredentialRow) -> OrganisationCredential:
    subject: dict[str, str] = payload_of(row.jwt)["credentialSubject"]  # type: ignore[assignment]
    return OrganisationCredential(
        row.id,
        row.did,
        subject["name"],
        Assurance(subject["assurance"]),
        row.jwt,
        row.digest,
        row.issued_at,
        row.revoked_at,
    )
