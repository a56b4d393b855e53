"""Products, and the signed datasets about them: exact bytes with typed columns beside."""

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from exchange.store.types import DecimalText, UtcDateTime


class ProductRow(SQLModel, table=True):
    """A product an organisation may publish about; the dataset's subject is `urn:uuid:<id>`."""

    __tablename__ = "product"

    id: str = Field(primary_key=True, max_length=36)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36, index=True)
    supplier_product_id: str = Field(max_length=100)
    name: str = Field(max_length=200)
    gtin: str | None = Field(default=None, max_length=14)
    category: str = Field(max_length=60)  # input class customers' recipes name
    unit: str = Field(max_length=3)  # declared unit, Rec 20
    listed: bool = True  # customers may find it in the directory and ask about it
    created_at: datetime = Field(sa_type=UtcDateTime)

    __table_args__ = (sa.UniqueConstraint("organisation_id", "supplier_product_id"),)


class DatasetRow(SQLModel, table=True):
    """One immutable signed document; a change is a new version that supersedes."""

    __tablename__ = "dataset"

    id: str = Field(primary_key=True, max_length=36)
    kind: str = Field(max_length=12)
    schema_id: str = Field(max_length=200)
    schema_digest: str = Field(max_length=80)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36)
    subject_type: str = Field(max_length=12)
    subject_id: str = Field(max_length=36)
    recipient_id: str | None = Field(
        default=None, foreign_key="organisation.id", max_length=36
    )  # of a delivery
    period_start: date | None = None
    period_end: date | None = None
    version: int
    status: str = Field(max_length=12, default="active")  # active | superseded | withdrawn
    supersedes_id: str | None = Field(default=None, foreign_key="dataset.id", max_length=36)
    credential_id: str = Field(max_length=60)
    digest: str = Field(max_length=71, unique=True)  # sha256:<hex> over the issuer-signed JWT
    jwt: str = Field(sa_type=sa.Text)
    issuer_did: str = Field(max_length=400)
    kid: str = Field(max_length=500)
    custody: bool
    valid_from: datetime = Field(sa_type=UtcDateTime)
    valid_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)

    __table_args__ = (
        sa.UniqueConstraint("issuer_did", "credential_id"),
        sa.UniqueConstraint("organisation_id", "kind", "subject_id", "period_start", "period_end", "version"),
        # one active version per subject and period, also when two publishers race
        sa.Index(
            "uq_dataset_active",
            "organisation_id",
            "kind",
            "subject_id",
            "period_start",
            "period_end",
            unique=True,
            sqlite_where=sa.text("status = 'active'"),
            postgresql_where=sa.text("status = 'active'"),
        ),
        sa.Index("ix_dataset_subject", "subject_id", "period_start", "period_end"),
        sa.Index("ix_dataset_period", "kind", "status", "period_start", "period_end"),
        sa.Index("ix_dataset_recipient", "recipient_id", "organisation_id"),
        sa.Index("ix_dataset_page", "organisation_id", "received_at", "id"),
    )


class DisclosureRow(SQLModel, table=True):
    """The stored bytes that open one field group of a dataset (RFC 9901)."""

    __tablename__ = "disclosure"

    dataset_id: str = Field(primary_key=True, foreign_key="dataset.id", max_length=36)
    field_group: str = Field(primary_key=True, max_length=14)
    disclosure: str = Field(sa_type=sa.Text)


class FigureRow(SQLModel, table=True):
    """One indicator of a dataset as a typed column: exact text, and a float for ordering only."""

    __tablename__ = "figure"

    dataset_id: str = Field(primary_key=True, foreign_key="dataset.id", max_length=36)
    indicator: str = Field(primary_key=True, max_length=10)
    slice: str = Field(primary_key=True, max_length=8)  # own | upstream | total, per declared unit
    amount: Decimal = Field(sa_type=DecimalText)
    amount_order: float
    unit: str = Field(max_length=3)
    measured: Decimal | None = Field(default=None, sa_type=DecimalText)
    allocated: Decimal | None = Field(default=None, sa_type=DecimalText)
    secondary: Decimal | None = Field(default=None, sa_type=DecimalText)
    unknown: Decimal | None = Field(default=None, sa_type=DecimalText)


class PublicationRow(SQLModel, table=True):
    """A credential waiting for the worker to sign it with the organisation's custody key."""

    __tablename__ = "publication"

    id: str = Field(primary_key=True, max_length=36)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36, index=True)
    created_by_user: str | None = Field(default=None, max_length=36)
    created_by_client: str | None = Field(default=None, max_length=36)
    kind: str = Field(max_length=12)
    subject: str = Field(sa_type=sa.Text)  # the credentialSubject as received, JSON
    valid_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    job_id: str = Field(max_length=36)
    state: str = Field(max_length=10, default="waiting")  # waiting | published | refused
    dataset_id: str | None = Field(default=None, foreign_key="dataset.id", max_length=36)
    problems: list[dict[str, str]] = Field(default_factory=list, sa_type=sa.JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
