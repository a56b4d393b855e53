"""Queries on who stands behind a DID: organisation credentials, DID documents, bindings of did:web keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from exchange.store.tables.accounts import OrganisationRow, SigningKeyRow
from exchange.store.tables.identities import KeyBindingRow, OrganisationCredentialRow

_DID_LOCK = 3986  # of PostgreSQL's advisory locks, the one that whoever binds a DID holds


def dids_of(session: Session, organisation_id: str) -> Sequence[str]:
    """The DIDs of every key the organisation ever bound, first bound first."""
    bound = sa.func.min(SigningKeyRow.bound_at)
    return session.exec(
        select(SigningKeyRow.did)
        .where(SigningKeyRow.organisation_id == organisation_id)
        .group_by(col(SigningKeyRow.did))
        .order_by(bound, col(SigningKeyRow.did))
    ).all()


def organisations_without_credential(session: Session) -> Sequence[str]:
    """Ids of the organisations with a DID that no credential in force speaks of, rejected ones left out."""
    said = sa.exists().where(
        col(OrganisationCredentialRow.did) == col(SigningKeyRow.did),
        col(OrganisationCredentialRow.revoked_at).is_(None),
    )
    return session.exec(
        select(SigningKeyRow.organisation_id)
        .join(OrganisationRow, col(OrganisationRow.id) == col(SigningKeyRow.organisation_id))
        .where(OrganisationRow.cvr_status != "rejected", ~said)
        .distinct()
        .order_by(col(SigningKeyRow.organisation_id))
    ).all()


def find_credential(session: Session, did: str) -> OrganisationCredentialRow | None:
    """The organisation credential of a DID that is in force; None before the first and after a revocation."""
    return session.exec(
        select(OrganisationCredentialRow)
        .where(OrganisationCredentialRow.did == did, col(OrganisationCredentialRow.revoked_at).is_(None))
        .order_by(col(OrganisationCredentialRow.issued_at).desc(), col(OrganisationCredentialRow.id).desc())
        .limit(1)
    ).first()


def credentials_in_force(
    session: Session, organisation_id: str, did: str | None = None
) -> Sequence[OrganisationCredentialRow]:
    """The organisation's credentials that are not revoked, those of one DID on request."""
    statement = select(OrganisationCredentialRow).where(
        OrganisationCredentialRow.organisation_id == organisation_id,
        col(OrganisationCredentialRow.revoked_at).is_(None),
    )
    return session.exec(
        statement if did is None else statement.where(OrganisationCredentialRow.did == did)
    ).all()


def credentials_of(session: Session, organisation_id: str) -> Sequence[OrganisationCredentialRow]:
    """All credentials ever issued to the organisation, newest first."""
    return session.exec(
        select(OrganisationCredentialRow)
        .where(OrganisationCredentialRow.organisation_id == organisation_id)
        .order_by(col(OrganisationCredentialRow.issued_at).desc(), col(OrganisationCredentialRow.id).desc())
    ).all()


def lock_did(session: Session) -> None:
    """Let one transaction at a time bind a DID: no two organisations get keys of one."""
    if session.get_bind().dialect.name == "postgresql":  # on SQLite BEGIN IMMEDIATE has done so already
        session.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _DID_LOCK})


def holder_of(session: Session, did: str) -> str | None:
    """The id of the organisation whose keys stand under a DID."""
    return session.exec(
        select(SigningKeyRow.organisation_id).where(SigningKeyRow.did == did).limit(1)
    ).first()


def find_binding(session: Session, binding_id: str) -> KeyBindingRow | None:
    """A did:web binding by its id, whoever asked for it."""
    return session.get(KeyBindingRow, binding_id)


def lock_binding(session: Session, binding_id: str) -> KeyBindingRow | None:
    """The same as it is now; nobody changes it before the transaction ends."""
    return session.get(KeyBindingRow, binding_id, with_for_update=True, populate_existing=True)


def bindings_of(session: Session, organisation_id: str, limit: int) -> Sequence[KeyBindingRow]:
    """The organisation's bindings, newest first."""
    return session.exec(
        select(KeyBindingRow)
        .where(KeyBindingRow.organisation_id == organisation_id)
        .order_by(col(KeyBindingRow.created_at).desc(), col(KeyBindingRow.id).desc())
        .limit(limit)
    ).all()


def count_bindings_since(session: Session, organisation_id: str, instant: datetime) -> int:
    """How many bindings the organisation has asked for since an instant."""
    return session.exec(
        select(sa.func.count())
        .select_from(KeyBindingRow)
        .where(KeyBindingRow.organisation_id == organisation_id, KeyBindingRow.created_at >= instant)
    ).one()
