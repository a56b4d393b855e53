"""Whose data are in the database, asked before something is put in their place or shown to the world."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, col

from exchange.store.tables.accounts import OrganisationRow, UserRow


def has_organisations(session: Session) -> bool:
    """True when anybody has signed up."""
    return bool(session.scalar(sa.select(sa.exists().where(col(OrganisationRow.id).is_not(None)))))


def has_demo_accounts(session: Session) -> bool:
    """True when somebody can sign in with a password that is printed for all to see."""
    enabled = sa.and_(col(UserRow.is_demo), col(UserRow.disabled_at).is_(None))
    return bool(session.scalar(sa.select(sa.exists().where(enabled))))
