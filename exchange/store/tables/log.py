"""The transparency log: its outbox, the RFC 6962 tree of each epoch, what was signed of it and by whom."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from exchange.store.types import UtcDateTime


class LogPendingRow(SQLModel, table=True):
    """Outbox of the log, written in the transaction of what it logs (digest only); the sequencer empties it."""

    __tablename__ = "log_pending"

    id: int | None = Field(default=None, primary_key=True)
    event: str = Field(max_length=30)
    digest: str = Field(max_length=71)
    received_at: datetime = Field(sa_type=UtcDateTime)


class LogEpochRow(SQLModel, table=True):
    """One log under one origin. The highest number is the one that is added to; append-only."""

    __tablename__ = "log_epoch"

    id: str = Field(primary_key=True, max_length=16)  # last part of the origin, never used twice
    number: int = Field(unique=True)
    origin: str = Field(max_length=255, unique=True)
    log_vkey: str = Field(max_length=400)  # C2SP verifier key that signs checkpoints
    log_kid: str = Field(max_length=500)  # its key in the worker's key store
    state_vkey: str = Field(max_length=400)  # verifier key that signs key states
    state_kid: str = Field(max_length=500)
    opening: str = Field(
        default="", sa_type=sa.Text
    )  # document whose digest entry 0 is; "" for the first epoch
    opened_at: datetime = Field(sa_type=UtcDateTime)


class LogEntryRow(SQLModel, table=True):
    """One leaf: the exact entry bytes (JCS) and their leaf hash; append-only."""

    __tablename__ = "log_entry"
    __table_args__ = {"sqlite_with_rowid": False}  # kept in the order of its key: half the writing

    epoch_id: str = Field(primary_key=True, foreign_key="log_epoch.id", max_length=16)
    seq: int = Field(primary_key=True, sa_type=sa.BigInteger)
    event: str = Field(max_length=30)
    digest: str = Field(max_length=71, index=True)
    received_at: datetime = Field(sa_type=UtcDateTime)
    body: str = Field(sa_type=sa.Text)
    leaf_hash: bytes = Field(sa_type=sa.LargeBinary)


class LogNodeRow(SQLModel, table=True):
    """The hash of one perfect subtree of level 1 or more (level 0 is the entry's own); append-only."""

    __tablename__ = "log_node"
    __table_args__ = {"sqlite_with_rowid": False}  # kept in the order of its key: half the writing

    epoch_id: str = Field(primary_key=True, foreign_key="log_epoch.id", max_length=16)
    level: int = Field(primary_key=True)
    idx: int = Field(primary_key=True, sa_type=sa.BigInteger)
    hash: bytes = Field(sa_type=sa.LargeBinary)


class LogHeadRow(SQLModel, table=True):
    """How far an epoch's tree has come: the size and root of what is stored, signed or not yet."""

    __tablename__ = "log_head"

    epoch_id: str = Field(primary_key=True, foreign_key="log_epoch.id", max_length=16)
    size: int = Field(sa_type=sa.BigInteger)
    root: bytes = Field(sa_type=sa.LargeBinary)


class LogCheckpointRow(SQLModel, table=True):
    """A checkpoint the log signed (C2SP signed note, the log's own lines only) with its state; append-only."""

    __tablename__ = "log_checkpoint"

    epoch_id: str = Field(primary_key=True, foreign_key="log_epoch.id", max_length=16)
    size: int = Field(primary_key=True, sa_type=sa.BigInteger)
    text: str = Field(sa_type=sa.Text)
    state: str = Field(sa_type=sa.Text)  # signed note: keys, schemas and status lists as of this size
    signed_at: datetime = Field(sa_type=UtcDateTime)


class LogCosignatureRow(SQLModel, table=True):
    """A witness's signature line under a checkpoint; append-only."""

    __tablename__ = "log_cosignature"

    epoch_id: str = Field(primary_key=True, foreign_key="log_epoch.id", max_length=16)
    size: int = Field(primary_key=True, sa_type=sa.BigInteger)
    witness: str = Field(primary_key=True, max_length=255)
    line: str = Field(sa_type=sa.Text)
    received_at: datetime = Field(sa_type=UtcDateTime)


class LoggedDocumentRow(SQLModel, table=True):
    """The bytes behind a log entry that stand nowhere else: key events, scripts, schemas, openings; append-only."""

    __tablename__ = "logged_document"

    digest: str = Field(primary_key=True, max_length=71)
    event: str = Field(max_length=30)
    text: str = Field(sa_type=sa.Text)
    created_at: datetime = Field(sa_type=UtcDateTime)


class ExchangeKeyRow(SQLModel, table=True):
    """A key the exchange itself signs with; its private half lies in the worker's key store."""

    __tablename__ = "exchange_key"

    kid: str = Field(primary_key=True, max_length=500)
    purpose: str = Field(max_length=12, index=True)  # log | state | registrar
    did: str = Field(max_length=400)
    public_jwk: dict[str, str] = Field(sa_type=sa.JSON)
    made_at: datetime = Field(sa_type=UtcDateTime)
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
