"""Revocation: Bitstring Status Lists, their entries, every issue, and which datasets were revoked and why."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from exchange.store.types import UtcDateTime


class StatusListAddressRow(SQLModel, table=True):
    """A status list and the address it was opened under, which signed entries name for ever; append-only."""

    __tablename__ = "status_list_address"

    list_number: int = Field(primary_key=True)
    url: str = Field(max_length=300, unique=True)
    opened_at: datetime = Field(sa_type=UtcDateTime)


class StatusEntryRow(SQLModel, table=True):
    """One position in a status list, reserved for an organisation and used by at most one credential."""

    __tablename__ = "status_entry"

    list_number: int = Field(primary_key=True, foreign_key="status_list_address.list_number")
    position: int = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36)
    credential_digest: str | None = Field(
        default=None, max_length=71, unique=True
    )  # of the JWT that names it
    reserved_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    __table_args__ = (
        sa.Index(
            "ix_status_entry_unused",
            "organisation_id",
            sqlite_where=sa.text("credential_digest IS NULL"),
            postgresql_where=sa.text("credential_digest IS NULL"),
        ),
        sa.Index(
            "ix_status_entry_revoked",
            "list_number",
            "position",
            sqlite_where=sa.text("revoked_at IS NOT NULL"),
            postgresql_where=sa.text("revoked_at IS NOT NULL"),
        ),
    )


class StatusListRow(SQLModel, table=True):
    """One issue of a status list, a signed credential; the newest is in force, old ones stay; append-only."""

    __tablename__ = "status_list"

    list_number: int = Field(primary_key=True, foreign_key="status_list_address.list_number")
    issue: int = Field(primary_key=True)
    jwt: str = Field(sa_type=sa.Text)
    digest: str = Field(max_length=71, unique=True)
    issued_at: datetime = Field(sa_type=UtcDateTime)


class RevocationRow(SQLModel, table=True):
    """That a dataset was revoked by its owner, when and why; append-only. Its status entry says so in public."""

    __tablename__ = "revocation"

    dataset_id: str = Field(primary_key=True, foreign_key="dataset.id", max_length=36)
    reason: str = Field(max_length=20)
    revoked_at: datetime = Field(sa_type=UtcDateTime)
