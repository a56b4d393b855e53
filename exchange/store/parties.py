"""Look-ups of organisations and signing keys that several use cases share."""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel import Session, col, select

from exchange.store.tables.accounts import OrganisationRow, SigningKeyRow


def organisations_by_id(session: Session, organisation_ids: Collection[str]) -> dict[str, OrganisationRow]:
    """The organisations by id; ids that do not exist are left out."""
    rows = session.exec(select(OrganisationRow).where(col(OrganisationRow.id).in_(organisation_ids))).all()
    return {row.id: row for row in rows}


def lock_organisation(session: Session, organisation_id: str) -> None:
    """Let one transaction at a time do this for an organisation; rows that refer to it can still be added."""
    session.exec(
        select(OrganisationRow.id)
        .where(OrganisationRow.id == organisation_id)
        .with_for_update(key_share=True)
    ).one()


def lock_keys(session: Session, kids: Collection[str]) -> dict[str, SigningKeyRow]:
    """The registered keys among these, by id; nobody retires one before the transaction ends."""
    rows = session.exec(
        select(SigningKeyRow)
        .where(col(SigningKeyRow.kid).in_(kids))
        .order_by(col(SigningKeyRow.kid))  # two who lock several wait for each other in one order
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )
    return {row.kid: row for row in rows}


def find_custody_key(session: Session, organisation_id: str) -> SigningKeyRow | None:
    """The organisation's custody key in force, newest first."""
    return session.exec(
        select(SigningKeyRow)
        .where(
            SigningKeyRow.organisation_id == organisation_id,
            col(SigningKeyRow.custody).is_(True),
            col(SigningKeyRow.retired_at).is_(None),
            col(SigningKeyRow.compromised_since).is_(None),
        )
        .order_by(col(SigningKeyRow.bound_at).desc())
    ).first()


def has_own_key(session: Session, organisation_id: str, *, beside: str = "") -> bool:
    """Whether the organisation has a key of its own in force, other than the one of the id `beside`."""
    return (
        session.exec(
            select(SigningKeyRow.kid)
            .where(
                SigningKeyRow.organisation_id == organisation_id,
                SigningKeyRow.kid != beside,
                col(SigningKeyRow.custody).is_(False),
                col(SigningKeyRow.retired_at).is_(None),
            )
            .limit(1)
        ).first()
        is not None
    )


def has_custody_history(session: Session, organisation_id: str) -> bool:
    """Whether a key was ever kept for the organisation, in force or not."""
    return (
        session.exec(
            select(SigningKeyRow.kid)
            .where(SigningKeyRow.organisation_id == organisation_id, col(SigningKeyRow.custody).is_(True))
            .limit(1)
        ).first()
        is not None
    )
