"""Other people's signed documents, kept as they came with what their verification found."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from exchange.store.types import UtcDateTime


class ForeignCredentialRow(SQLModel, table=True):
    """A credential signed in a form or by a party the exchange does not publish; evidence, never a dataset."""

    __tablename__ = "foreign_credential"

    id: str = Field(primary_key=True, max_length=36)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36, index=True)
    created_by_user: str | None = Field(default=None, max_length=36)
    created_by_client: str | None = Field(default=None, max_length=36)
    content: bytes = Field(sa_type=sa.LargeBinary)  # exact bytes as received
    digest: str = Field(max_length=71)
    form: str = Field(max_length=20)  # eddsa-jcs-2022 | ecdsa-jcs-2019 | vc+jwt | vc+sd-jwt
    issuer: str = Field(default="", max_length=400)
    job_id: str = Field(max_length=36)
    state: str = Field(max_length=10, default="waiting")  # waiting | verified | refused
    steps: list[dict[str, str]] = Field(default_factory=list, sa_type=sa.JSON)
    key_document: bytes | None = Field(default=None, sa_type=sa.LargeBinary)  # DID document relied on
    created_at: datetime = Field(sa_type=UtcDateTime)
    verified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    __table_args__ = (sa.UniqueConstraint("organisation_id", "digest"),)
