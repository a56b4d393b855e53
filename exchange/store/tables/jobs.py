"""Work to be done: the job table is the truth, a broker only carries ids."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from exchange.store.types import UtcDateTime


class JobRow(SQLModel, table=True):
    """One piece of work. A worker owns it while `lease_until` lies ahead and its `fence` is current."""

    __tablename__ = "job"

    id: str = Field(primary_key=True, max_length=36)
    kind: str = Field(max_length=30)
    queue: str = Field(max_length=12)
    payload: dict[str, str] = Field(sa_type=sa.JSON)  # ids only
    organisation_id: str | None = Field(default=None, max_length=36, index=True)
    state: str = Field(max_length=10, default="queued")  # queued | running | done | dead | cancelled
    dedupe_key: str | None = Field(default=None, max_length=120)
    holds: str | None = Field(
        default=None, max_length=120
    )  # jobs under this key start once this one has ended
    attempts: int = 0
    fence: int = 0
    due_at: datetime = Field(sa_type=UtcDateTime)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error_code: str | None = Field(default=None, max_length=80)
    error_detail: str = Field(default="", max_length=2000)
    stage: str = Field(default="", max_length=30)  # what a running job is at
    steps_done: int = 0
    steps_total: int = 0  # 0 where the stage has no count
    created_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    __table_args__ = (
        sa.Index("ix_job_due", "state", "due_at"),
        sa.Index(
            "ix_job_holds",
            "holds",
            sqlite_where=sa.text("state IN ('queued', 'running')"),
            postgresql_where=sa.text("state IN ('queued', 'running')"),
        ),
        # one waiting job per key: publishing ten datasets asks for one roll-up
        sa.Index(
            "uq_job_waiting",
            "dedupe_key",
            unique=True,
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        ),
    )


class IdempotencyRow(SQLModel, table=True):
    """The answer a write got, kept so that a repeat with the same key gets the same answer."""

    __tablename__ = "idempotency"

    organisation_id: str = Field(primary_key=True, max_length=36)
    key: str = Field(primary_key=True, max_length=100)
    request_digest: str = Field(max_length=64)
    status: int | None = None  # None while the first attempt runs
    headers: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    body: str = Field(default="", sa_type=sa.Text)
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
