"""Documentation requests, grants and the record of every read."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from exchange.store.types import UtcDateTime


class RequestRow(SQLModel, table=True):
    """A documentation request from one organisation to another; its state is derived from its lines."""

    __tablename__ = "request"

    id: str = Field(primary_key=True, max_length=36)
    requester_id: str = Field(foreign_key="organisation.id", max_length=36)
    supplier_id: str = Field(foreign_key="organisation.id", max_length=36)
    document: str = Field(sa_type=sa.Text)  # the request as sent, JSON under its schema
    schema_id: str = Field(max_length=200)
    digest: str = Field(max_length=71)
    created_by: str | None = Field(default=None, max_length=36)
    created_at: datetime = Field(sa_type=UtcDateTime)

    __table_args__ = (
        sa.Index("ix_request_inbox", "supplier_id", "created_at", "id"),
        sa.Index("ix_request_outbox", "requester_id", "created_at", "id"),
    )


class RequestLineRow(SQLModel, table=True):
    """Subject x field groups x period. `state` follows from the fields' answers."""

    __tablename__ = "request_line"

    id: str = Field(primary_key=True, max_length=36)
    request_id: str = Field(foreign_key="request.id", max_length=36, index=True)
    position: int
    subject_type: str = Field(max_length=12)
    subject_id: str = Field(max_length=36)
    period_start: date
    period_end: date
    due: date | None = None
    note: str = Field(default="", max_length=4000)
    state: str = Field(max_length=20, default="requested")
    seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decline_reason: str | None = Field(default=None, max_length=40)
    decline_text: str = Field(default="", max_length=2000)


class RequestFieldRow(SQLModel, table=True):
    """One requested field: its group, why it is asked for, and the supplier's answer."""

    __tablename__ = "request_field"

    line_id: str = Field(primary_key=True, foreign_key="request_line.id", max_length=36)
    field: str = Field(primary_key=True, max_length=400)  # schema path, e.g. indicators/co2e
    purpose: str = Field(primary_key=True, max_length=30)
    field_group: str = Field(max_length=14)
    basis_reference: str = Field(default="", max_length=500)
    mandatory: bool = False
    answer: str | None = Field(default=None, max_length=20)
    available_from: date | None = None


class GrantRow(SQLModel, table=True):
    """Leave to read field groups of one subject's datasets for one purpose until a date."""

    __tablename__ = "grant_of_access"

    id: str = Field(primary_key=True, max_length=36)
    owner_id: str = Field(foreign_key="organisation.id", max_length=36)
    grantee_id: str = Field(foreign_key="organisation.id", max_length=36)
    kind: str = Field(max_length=12)  # kind of dataset
    subject_id: str = Field(max_length=36)
    period_start: date | None = None  # None: any period
    period_end: date | None = None
    field_groups: list[str] = Field(sa_type=sa.JSON)
    purpose: str = Field(max_length=30)
    resolution: str = Field(max_length=16, default="exact")  # exact | aggregate_only
    valid_from: datetime = Field(sa_type=UtcDateTime)
    valid_until: datetime = Field(sa_type=UtcDateTime)
    line_id: str | None = Field(default=None, foreign_key="request_line.id", max_length=36)
    created_by: str | None = Field(default=None, max_length=36)
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoke_reason: str = Field(default="", max_length=500)

    __table_args__ = (
        sa.Index("ix_grant_lookup", "grantee_id", "subject_id", "purpose"),
        sa.Index("ix_grant_owner", "owner_id", "created_at", "id"),
    )


class AccessRecordRow(SQLModel, table=True):
    """One read, allowed or denied, written before data leaves. Rows are never changed or deleted."""

    __tablename__ = "access_record"

    id: str = Field(primary_key=True, max_length=36)
    at: datetime = Field(sa_type=UtcDateTime)
    owner_id: str | None = Field(default=None, max_length=36)  # whose data; None when nothing is there
    actor_user_id: str | None = Field(default=None, max_length=36)
    actor_client_id: str | None = Field(default=None, max_length=36)
    actor_organisation_id: str = Field(max_length=36)
    mandate_id: str | None = Field(default=None, max_length=36)
    action: str = Field(max_length=30)  # dataset.read | chain.read | …
    target_type: str = Field(max_length=20)
    target_id: str = Field(max_length=80)  # as asked for
    dataset_digest: str | None = Field(default=None, max_length=71)
    purpose: str | None = Field(default=None, max_length=30)
    grant_id: str | None = Field(default=None, max_length=36)
    field_groups: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    decision: str = Field(max_length=8)  # allowed | denied
    reason: str = Field(max_length=40)
    request_id: str = Field(max_length=64)

    __table_args__ = (
        sa.Index("ix_access_record_owner", "owner_id", "at", "id"),
        sa.Index("ix_access_record_actor", "actor_organisation_id", "at", "id"),
    )


class AuditRow(SQLModel, table=True):
    """What was decided or changed, by whom: grants, revocations, approvals, keys. Append-only."""

    __tablename__ = "audit"

    id: str = Field(primary_key=True, max_length=36)
    at: datetime = Field(sa_type=UtcDateTime)
    actor_user_id: str | None = Field(default=None, max_length=36)
    actor_client_id: str | None = Field(default=None, max_length=36)
    actor_organisation_id: str | None = Field(default=None, max_length=36)
    action: str = Field(max_length=40)
    target_type: str = Field(max_length=20)
    target_id: str = Field(max_length=500)
    detail: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    request_id: str = Field(max_length=64)

    __table_args__ = (sa.Index("ix_audit_organisation", "actor_organisation_id", "at"),)
