"""Files people hand in: the bytes as they came, and what became of them."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from exchange.store.types import UtcDateTime


class ImportFileRow(SQLModel, table=True):
    """One uploaded table. It is taken whole or refused whole, row by row in words."""

    __tablename__ = "import_file"

    id: str = Field(primary_key=True, max_length=36)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36)
    created_by_user: str | None = Field(default=None, max_length=36)
    created_by_client: str | None = Field(default=None, max_length=36)
    source: str = Field(max_length=20)  # deliveries | account
    site_id: str | None = Field(default=None, foreign_key="site.id", max_length=36)  # whose account
    filename: str = Field(max_length=200)
    sha256: str = Field(max_length=64)
    content: bytes = Field(sa_type=sa.LargeBinary)
    job_id: str = Field(max_length=36)
    state: str = Field(max_length=10, default="waiting")  # waiting | published | entered | refused
    row_count: int = 0
    known_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # rows entered before
    problems: list[dict[str, str]] = Field(default_factory=list, sa_type=sa.JSON)
    ignored_columns: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    __table_args__ = (sa.Index("ix_import_file_page", "organisation_id", "created_at", "id"),)


class ImportPublicationRow(SQLModel, table=True):
    """A dataset an import asked for; the key keeps a repeated run from asking twice."""

    __tablename__ = "import_publication"

    import_id: str = Field(primary_key=True, foreign_key="import_file.id", max_length=36)
    subject_id: str = Field(primary_key=True, max_length=36)
    period_start: str = Field(primary_key=True, max_length=10)
    publication_id: str = Field(foreign_key="publication.id", max_length=36)
