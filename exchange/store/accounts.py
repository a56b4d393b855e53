"""Queries on organisations, people, invitations, sessions, API clients, tokens and keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from exchange.domain.errors import NotFoundError
from exchange.store.keyset import older_than
from exchange.store.tables.accounts import (
    AccessTokenRow,
    ApiClientRow,
    InvitationRow,
    MembershipRow,
    OrganisationRow,
    SessionRow,
    SigningKeyRow,
    UserRow,
)


def get_organisation(session: Session, organisation_id: str) -> OrganisationRow:
    """The organisation; raises NotFoundError."""
    row = session.get(OrganisationRow, organisation_id)
    if row is None:
        raise NotFoundError
    return row


def lock_organisation(session: Session, organisation_id: str) -> OrganisationRow:
    """The organisation, locked until the transaction ends; raises NotFoundError."""
    row = session.get(OrganisationRow, organisation_id, with_for_update=True)
    if row is None:
        raise NotFoundError
    return row


def page_organisations(
    session: Session, text: str, after: tuple[datetime, str] | None, limit: int
) -> Sequence[OrganisationRow]:
    """Organisations whose name holds `text` or whose approved CVR number is `text`, newest first."""
    pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    has_cvr = sa.and_(col(OrganisationRow.cvr) == text, col(OrganisationRow.cvr_status) == "approved")
    statement = select(OrganisationRow).where(
        sa.or_(sa.func.lower(OrganisationRow.name).like(pattern.lower(), escape="\\"), has_cvr)
    )
    paged = older_than(statement, OrganisationRow.created_at, OrganisationRow.id, after)
    return session.exec(paged.limit(limit)).all()


def find_approved_cvr(session: Session, cvr: str) -> OrganisationRow | None:
    """The organisation whose claim to the CVR number was approved."""
    return session.exec(
        select(OrganisationRow).where(OrganisationRow.cvr == cvr, OrganisationRow.cvr_status == "approved")
    ).first()


def waiting_claims(session: Session) -> Sequence[OrganisationRow]:
    """Organisations whose CVR number waits for approval, oldest first."""
    return session.exec(
        select(OrganisationRow)
        .where(OrganisationRow.cvr_status == "claimed")
        .order_by(col(OrganisationRow.created_at), col(OrganisationRow.id))
    ).all()


def find_user(session: Session, email: str) -> UserRow | None:
    """The person with this (case-folded) e-mail address."""
    return session.exec(select(UserRow).where(UserRow.email == email)).first()


def roles_of(session: Session, user_id: str, organisation_id: str) -> Sequence[str]:
    """The person's roles in the organisation; empty when not a member."""
    return session.exec(
        select(MembershipRow.role).where(
            MembershipRow.user_id == user_id, MembershipRow.organisation_id == organisation_id
        )
    ).all()


def memberships_of_user(session: Session, user_id: str) -> Sequence[MembershipRow]:
    """All roles of a person everywhere, first organisation first."""
    return session.exec(
        select(MembershipRow)
        .where(MembershipRow.user_id == user_id)
        .order_by(col(MembershipRow.created_at), col(MembershipRow.organisation_id), col(MembershipRow.role))
    ).all()


def members(session: Session, organisation_id: str) -> Sequence[tuple[UserRow, str]]:
    """(person, role) pairs of an organisation, by e-mail address."""
    return session.exec(
        select(UserRow, MembershipRow.role)
        .join(MembershipRow, col(MembershipRow.user_id) == col(UserRow.id))
        .where(MembershipRow.organisation_id == organisation_id)
        .order_by(col(UserRow.email), col(MembershipRow.role))
    ).all()


def delete_memberships(session: Session, user_id: str, organisation_id: str) -> None:
    """Take all of a person's roles in an organisation."""
    session.execute(
        sa.delete(MembershipRow).where(
            col(MembershipRow.user_id) == user_id, col(MembershipRow.organisation_id) == organisation_id
        )
    )


def count_admins(session: Session, organisation_id: str) -> int:
    """How many people administer the organisation and may sign in."""
    return session.exec(
        select(sa.func.count())
        .select_from(MembershipRow)
        .join(UserRow, col(MembershipRow.user_id) == col(UserRow.id))
        .where(
            MembershipRow.organisation_id == organisation_id,
            MembershipRow.role == "admin",
            col(UserRow.disabled_at).is_(None),
        )
    ).one()


def invitations_of(session: Session, organisation_id: str) -> Sequence[InvitationRow]:
    """The organisation's invitations, newest first."""
    return session.exec(
        select(InvitationRow)
        .where(InvitationRow.organisation_id == organisation_id)
        .order_by(col(InvitationRow.created_at).desc(), col(InvitationRow.id))
    ).all()


def find_invitation(session: Session, secret_hash: str, *, lock: bool = False) -> InvitationRow | None:
    """The invitation with this secret, on request locked until the transaction ends."""
    statement = select(InvitationRow).where(InvitationRow.secret_hash == secret_hash)
    return session.exec(statement.with_for_update() if lock else statement).first()


def find_session(session: Session, secret_hash: str) -> tuple[SessionRow, UserRow] | None:
    """The browser session with this secret, and whose it is."""
    return session.exec(
        select(SessionRow, UserRow)
        .join(UserRow, col(UserRow.id) == col(SessionRow.user_id))
        .where(SessionRow.secret_hash == secret_hash)
    ).first()


def open_sessions(session: Session, user_id: str, now: datetime) -> Sequence[SessionRow]:
    """A person's sessions that are still good, newest first."""
    return session.exec(
        select(SessionRow)
        .where(
            SessionRow.user_id == user_id, col(SessionRow.revoked_at).is_(None), SessionRow.expires_at > now
        )
        .order_by(col(SessionRow.created_at).desc(), col(SessionRow.id))
    ).all()


def clients_of(session: Session, organisation_id: str) -> Sequence[ApiClientRow]:
    """The organisation's API clients, oldest first."""
    return session.exec(
        select(ApiClientRow)
        .where(ApiClientRow.organisation_id == organisation_id)
        .order_by(col(ApiClientRow.created_at), col(ApiClientRow.id))
    ).all()


def find_token(session: Session, secret_hash: str) -> tuple[AccessTokenRow, ApiClientRow] | None:
    """The access token with this secret, and the client it was issued to."""
    return session.exec(
        select(AccessTokenRow, ApiClientRow)
        .join(ApiClientRow, col(ApiClientRow.id) == col(AccessTokenRow.client_id))
        .where(AccessTokenRow.secret_hash == secret_hash)
    ).first()


def delete_tokens_expired_before(session: Session, client_id: str, instant: datetime) -> None:
    """Drop a client's long expired tokens."""
    session.execute(
        sa.delete(AccessTokenRow).where(
            col(AccessTokenRow.client_id) == client_id, col(AccessTokenRow.expires_at) < instant
        )
    )


def keys_by_id(session: Session, kids: Collection[str]) -> Sequence[SigningKeyRow]:
    """The registered keys among these."""
    return session.exec(select(SigningKeyRow).where(col(SigningKeyRow.kid).in_(kids))).all()


def keys_of(session: Session, organisation_id: str) -> Sequence[SigningKeyRow]:
    """The organisation's signing keys, first bound first."""
    return session.exec(
        select(SigningKeyRow)
        .where(SigningKeyRow.organisation_id == organisation_id)
        .order_by(col(SigningKeyRow.bound_at), col(SigningKeyRow.kid))
    ).all()
