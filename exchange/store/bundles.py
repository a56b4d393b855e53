"""Queries on what a proof bundle carries beside the dataset: organisation credentials and status lists."""

from __future__ import annotations

from sqlmodel import Session, col, select

from exchange.store.tables.identities import OrganisationCredentialRow
from exchange.store.tables.revocation import StatusListRow


def newest_credential(session: Session, did: str) -> OrganisationCredentialRow | None:
    """The organisation credential issued last about a DID, in force or revoked."""
    return session.exec(
        select(OrganisationCredentialRow)
        .where(OrganisationCredentialRow.did == did)
        .order_by(col(OrganisationCredentialRow.issued_at).desc(), col(OrganisationCredentialRow.id).desc())
        .limit(1)
    ).first()


def status_list_of(session: Session, digest: str) -> StatusListRow | None:
    """The issue of a status list with exactly these bytes."""
    return session.exec(select(StatusListRow).where(StatusListRow.digest == digest)).first()
