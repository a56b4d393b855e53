"""Queries on what log entries are digests of: datasets, documents, status lists, and the keys that sign."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from exchange.store.tables.accounts import SigningKeyRow
from exchange.store.tables.datasets import DatasetRow
from exchange.store.tables.log import (
    ExchangeKeyRow,
    LogCheckpointRow,
    LogEntryRow,
    LogEpochRow,
    LoggedDocumentRow,
    LogPendingRow,
)
from exchange.store.tables.revocation import StatusListAddressRow, StatusListRow


def dataset_tokens(session: Session, digests: Collection[str]) -> dict[str, str]:
    """The issuer-signed JWT of each dataset among these digests."""
    statement = sa.select(col(DatasetRow.digest), col(DatasetRow.jwt)).where(
        col(DatasetRow.digest).in_(digests)
    )
    return {digest: jwt for digest, jwt in session.connection().execute(statement)}


def document_texts(session: Session, digests: Collection[str]) -> dict[str, str]:
    """The bytes kept under each of these digests; most digests are of bytes that stand elsewhere."""
    statement = sa.select(col(LoggedDocumentRow.digest), col(LoggedDocumentRow.text)).where(
        col(LoggedDocumentRow.digest).in_(digests)
    )
    return {digest: text for digest, text in session.connection().execute(statement)}


def document_digests(session: Session, digests: Collection[str]) -> frozenset[str]:
    """Those of the digests under which bytes are kept."""
    statement = select(LoggedDocumentRow.digest).where(col(LoggedDocumentRow.digest).in_(digests))
    return frozenset(session.exec(statement).all())


def add_document(session: Session, row: LoggedDocumentRow) -> None:
    """Keep a document's bytes; nothing happens when they are kept already."""
    if session.get(LoggedDocumentRow, row.digest) is None:
        session.add(row)


def logged_documents(
    session: Session, events: Collection[str], epoch: LogEpochRow, size: int
) -> Sequence[tuple[str, str]]:
    """Event and bytes of the documents that the log held at `size` of an epoch, earlier epochs first.

    One that was logged twice comes twice.
    """
    return session.exec(
        select(LoggedDocumentRow.event, LoggedDocumentRow.text)
        .join(LogEntryRow, col(LogEntryRow.digest) == col(LoggedDocumentRow.digest))
        .join(LogEpochRow, col(LogEpochRow.id) == col(LogEntryRow.epoch_id))
        .where(
            col(LoggedDocumentRow.event).in_(events),
            col(LogEntryRow.event) == col(LoggedDocumentRow.event),
            _as_of(epoch, size),
        )
        .order_by(col(LogEpochRow.number), col(LogEntryRow.seq))
    ).all()


def waiting_documents(session: Session, events: Collection[str]) -> Sequence[str]:
    """The bytes of the documents of these events that wait to be logged."""
    return session.exec(
        select(LoggedDocumentRow.text)
        .join(LogPendingRow, col(LogPendingRow.digest) == col(LoggedDocumentRow.digest))
        .where(col(LoggedDocumentRow.event).in_(events))
    ).all()


def newest_status_lists(session: Session, epoch: LogEpochRow, size: int) -> dict[str, str]:
    """The digest of the newest issue of each status list that the log held at `size` of an epoch, by its URL."""
    issues = session.exec(
        select(StatusListAddressRow.url, StatusListRow.digest)
        .join(StatusListRow, col(StatusListRow.list_number) == col(StatusListAddressRow.list_number))
        .join(LogEntryRow, col(LogEntryRow.digest) == col(StatusListRow.digest))
        .join(LogEpochRow, col(LogEpochRow.id) == col(LogEntryRow.epoch_id))
        .where(LogEntryRow.event == "status-list", _as_of(epoch, size))
        .order_by(col(StatusListRow.list_number), col(StatusListRow.issue))
    ).all()
    return dict(issues)


def _as_of(epoch: LogEpochRow, size: int) -> sa.ColumnElement[bool]:
    """What earlier epochs had signed, and the first `size` leaves of this one."""
    signed = (
        select(sa.func.max(LogCheckpointRow.size))
        .where(col(LogCheckpointRow.epoch_id) == col(LogEntryRow.epoch_id))
        .scalar_subquery()
    )
    return sa.or_(
        sa.and_(col(LogEpochRow.number) < epoch.number, col(LogEntryRow.seq) < signed),
        sa.and_(col(LogEntryRow.epoch_id) == epoch.id, col(LogEntryRow.seq) < size),
    )


def signing_keys(session: Session) -> Sequence[SigningKeyRow]:
    """Every organisation's keys, first bound first."""
    return session.exec(
        select(SigningKeyRow).order_by(col(SigningKeyRow.bound_at), col(SigningKeyRow.kid))
    ).all()


def find_exchange_key(session: Session, purpose: str) -> ExchangeKeyRow | None:
    """The exchange's key in force for a purpose, the newest."""
    return session.exec(
        select(ExchangeKeyRow)
        .where(ExchangeKeyRow.purpose == purpose, col(ExchangeKeyRow.retired_at).is_(None))
        .order_by(col(ExchangeKeyRow.made_at).desc())
    ).first()


def exchange_kids(session: Session) -> frozenset[str]:
    """The ids of every key the exchange ever had in force."""
    return frozenset(session.exec(select(ExchangeKeyRow.kid)).all())


def retire_exchange_keys(session: Session, purpose: str, at: datetime) -> None:
    """Put the exchange's keys of a purpose out of force."""
    session.execute(
        sa.update(ExchangeKeyRow)
        .where(col(ExchangeKeyRow.purpose) == purpose, col(ExchangeKeyRow.retired_at).is_(None))
        .values(retired_at=at)
    )
