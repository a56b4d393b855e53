"""Who stands behind a DID: organisation credentials, snapshots of DID documents, keys waiting to be bound."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from exchange.store.types import UtcDateTime


class OrganisationCredentialRow(SQLModel, table=True):
    """The registrar's signed statement on which organisation a DID belongs to; the newest of a DID is in force."""

    __tablename__ = "organisation_credential"

    id: str = Field(primary_key=True, max_length=36)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36, index=True)
    did: str = Field(max_length=400, index=True)
    jwt: str = Field(sa_type=sa.Text)
    digest: str = Field(max_length=71, unique=True)
    content_digest: str = Field(max_length=71)  # of what it says, so that the same is not issued twice
    issued_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DidDocumentRow(SQLModel, table=True):
    """A DID document as it was fetched: exact bytes, so that what was relied on can be shown; append-only."""

    __tablename__ = "did_document"

    id: str = Field(primary_key=True, max_length=36)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36, index=True)
    did: str = Field(max_length=400, index=True)
    document: bytes = Field(sa_type=sa.LargeBinary)
    digest: str = Field(max_length=71)
    fetched_at: datetime = Field(sa_type=UtcDateTime)


class KeyBindingRow(SQLModel, table=True):
    """A did:web key whose document the worker has yet to fetch and check before the key is bound."""

    __tablename__ = "key_binding"

    id: str = Field(primary_key=True, max_length=36)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36, index=True)
    created_by_user: str | None = Field(default=None, max_length=36)
    created_by_client: str | None = Field(default=None, max_length=36)
    kid: str = Field(max_length=500)
    proof: str = Field(sa_type=sa.Text)  # JWS by the key over audience, organisation and instant
    proved_at: datetime = Field(sa_type=UtcDateTime)
    job_id: str = Field(max_length=36)
    state: str = Field(max_length=10, default="waiting")  # waiting | bound | refused
    problems: list[dict[str, str]] = Field(default_factory=list, sa_type=sa.JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
