"""Queries on what of the log may be shown: signed checkpoints, their cosignatures, entries they cover."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from exchange.store.tables.log import (
    ExchangeKeyRow,
    LogCheckpointRow,
    LogCosignatureRow,
    LogEntryRow,
    LogEpochRow,
)


def cosignatures_of(session: Session, epoch_id: str, size: int) -> Sequence[LogCosignatureRow]:
    """What witnesses signed of one checkpoint, by their names."""
    return session.exec(
        select(LogCosignatureRow)
        .where(LogCosignatureRow.epoch_id == epoch_id, LogCosignatureRow.size == size)
        .order_by(col(LogCosignatureRow.witness))
    ).all()


def newest_cosigned_size(session: Session, epoch_id: str, witness: str) -> int:
    """The size of the newest checkpoint of an epoch that a witness cosigned; 0 for none."""
    found = session.exec(
        select(sa.func.max(LogCosignatureRow.size)).where(
            LogCosignatureRow.epoch_id == epoch_id, LogCosignatureRow.witness == witness
        )
    ).one()
    return found or 0


def newest_with_quorum(
    session: Session, epoch_id: str, witnesses: Collection[str], quorum: int
) -> LogCheckpointRow | None:
    """The newest checkpoint of an epoch that at least `quorum` of the named witnesses cosigned."""
    sizes = (
        select(LogCosignatureRow.size)
        .where(LogCosignatureRow.epoch_id == epoch_id, col(LogCosignatureRow.witness).in_(witnesses))
        .group_by(col(LogCosignatureRow.size))
        .having(sa.func.count() >= quorum)
        .order_by(col(LogCosignatureRow.size).desc())
        .limit(1)
    )
    size = session.exec(sizes).first()
    return None if size is None else session.get(LogCheckpointRow, (epoch_id, size))


def signed_entries(session: Session, digests: Collection[str]) -> Sequence[LogEntryRow]:
    """Entries of these digests that some signed checkpoint covers, first logged first."""
    signed = (
        select(sa.func.max(LogCheckpointRow.size))
        .where(col(LogCheckpointRow.epoch_id) == col(LogEntryRow.epoch_id))
        .scalar_subquery()
    )
    return session.exec(
        select(LogEntryRow)
        .join(LogEpochRow, col(LogEpochRow.id) == col(LogEntryRow.epoch_id))
        .where(col(LogEntryRow.digest).in_(digests), col(LogEntryRow.seq) < signed)
        .order_by(col(LogEpochRow.number), col(LogEntryRow.seq))
    ).all()


def registrars(session: Session) -> Sequence[ExchangeKeyRow]:
    """Every key the exchange ever signed credentials with, first made first."""
    return session.exec(
        select(ExchangeKeyRow)
        .where(ExchangeKeyRow.purpose == "registrar")
        .order_by(col(ExchangeKeyRow.made_at), col(ExchangeKeyRow.kid))
    ).all()


def find_epoch(session: Session, epoch_id: str) -> LogEpochRow | None:
    """The epoch of this id, or None; the id may be any text, and not every database takes any text."""
    is_one = epoch_id.isascii() and epoch_id.isalnum() and len(epoch_id) <= 16
    return session.get(LogEpochRow, epoch_id) if is_one else None
