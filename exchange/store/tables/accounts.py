"""Organisations, the people who act for them, their sessions and API clients."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from exchange.store.types import UtcDateTime


class OrganisationRow(SQLModel, table=True):
    """A party that supplies, buys or facilitates: relations, not types."""

    __tablename__ = "organisation"

    id: str = Field(primary_key=True, max_length=36)
    name: str = Field(max_length=200)
    country: str = Field(max_length=2, default="DK")
    cvr: str | None = Field(default=None, max_length=8)
    cvr_status: str = Field(max_length=10, default="none")  # none | claimed | approved | rejected
    domain: str | None = Field(default=None, max_length=253)
    assurance: str = Field(max_length=20, default="self_declared")
    branch: str | None = Field(default=None, max_length=2)  # CA..CM
    employees: int | None = None
    rollup_consent: bool = True
    rollup_consent_text: str = Field(max_length=40, default="rollup-consent/1")
    is_demo: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)

    __table_args__ = (
        sa.Index(
            "uq_organisation_cvr_approved",
            "cvr",
            unique=True,
            sqlite_where=sa.text("cvr_status = 'approved'"),
            postgresql_where=sa.text("cvr_status = 'approved'"),
        ),
    )


class UserRow(SQLModel, table=True):
    """A person who signs in."""

    __tablename__ = "user_account"

    id: str = Field(primary_key=True, max_length=36)
    email: str = Field(max_length=254, unique=True)  # case-folded
    name: str = Field(max_length=200)
    password_hash: str = Field(max_length=255)
    locale: str = Field(max_length=2, default="da")
    is_operator: bool = False
    is_demo: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class MembershipRow(SQLModel, table=True):
    """One role of one person in one organisation."""

    __tablename__ = "membership"

    user_id: str = Field(primary_key=True, foreign_key="user_account.id", max_length=36)
    organisation_id: str = Field(primary_key=True, foreign_key="organisation.id", max_length=36, index=True)
    role: str = Field(primary_key=True, max_length=10)  # viewer | editor | signer | admin
    created_at: datetime = Field(sa_type=UtcDateTime)


class InvitationRow(SQLModel, table=True):
    """Roles offered to whoever holds the link and the e-mail address; the link's secret as its SHA-256 only."""

    __tablename__ = "invitation"

    id: str = Field(primary_key=True, max_length=36)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36, index=True)
    email: str = Field(max_length=254)  # case-folded
    roles: list[str] = Field(sa_type=sa.JSON)
    secret_hash: str = Field(max_length=64, unique=True)
    created_by: str | None = Field(default=None, max_length=36)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SessionRow(SQLModel, table=True):
    """A signed-in browser; the cookie's value is stored as its SHA-256 only."""

    __tablename__ = "session"

    id: str = Field(primary_key=True, max_length=36)
    secret_hash: str = Field(max_length=64, unique=True)
    user_id: str = Field(foreign_key="user_account.id", max_length=36, index=True)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ApiClientRow(SQLModel, table=True):
    """A machine that acts for one organisation with its own roles (OAuth 2.0 client credentials)."""

    __tablename__ = "api_client"

    id: str = Field(primary_key=True, max_length=36)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36, index=True)
    name: str = Field(max_length=200)
    secret_hash: str = Field(max_length=64)
    roles: list[str] = Field(sa_type=sa.JSON)
    created_by: str | None = Field(default=None, max_length=36)
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AccessTokenRow(SQLModel, table=True):
    """A bearer token, stored as its SHA-256 only."""

    __tablename__ = "access_token"

    secret_hash: str = Field(primary_key=True, max_length=64)
    client_id: str = Field(foreign_key="api_client.id", max_length=36, index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class SigningKeyRow(SQLModel, table=True):
    """A public key an organisation signs with; a custody key's private half lies in the worker's key store."""

    __tablename__ = "signing_key"

    kid: str = Field(primary_key=True, max_length=500)  # <did>#<fragment>
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36, index=True)
    did: str = Field(max_length=400, index=True)
    public_jwk: dict[str, str] = Field(sa_type=sa.JSON)
    custody: bool = False
    bound_at: datetime = Field(sa_type=UtcDateTime)
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    compromised_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
