"""Queries on the transparency log: what waits, the tree of each epoch, and what was signed of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlmodel import Session, col, select

from exchange.store.tables.datasets import DatasetRow
from exchange.store.tables.log import (
    LogCheckpointRow,
    LogEntryRow,
    LogEpochRow,
    LoggedDocumentRow,
    LogHeadRow,
    LogNodeRow,
    LogPendingRow,
)

LOCK = 6962  # of PostgreSQL's advisory locks, the one that whoever adds to the log holds
DEEDS = 6963  # and the one that whoever stamps a deed shares until its transaction ends
WaitingEntry: TypeAlias = tuple[int, str, str, datetime, str | None, str | None]
NewEntry: TypeAlias = tuple[str, int, str, str, datetime, str, bytes]
StoredEntry: TypeAlias = tuple[str, bytes, str, str, datetime]
Place: TypeAlias = tuple[int, int]  # level and index of a perfect subtree; level 0 is a leaf
_LEAF = "SELECT 0, seq, leaf_hash FROM log_entry WHERE epoch_id = ? AND seq = ?"
_NODE = "SELECT level, idx, hash FROM log_node WHERE epoch_id = ? AND level = ? AND idx = ?"


def lock_log(session: Session) -> None:
    """Let one transaction at a time add to the log. On SQLite BEGIN IMMEDIATE has done so already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def hold_deeds(session: Session) -> None:
    """Let `await_deeds` wait for this transaction. On SQLite to have begun is enough: one writes at a time."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock_shared(:lock)"), {"lock": DEEDS})


def await_deeds(session: Session) -> None:
    """Wait until every transaction that holds a deed has ended; those that come later wait for this one."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": DEEDS})


def backlog(session: Session) -> tuple[int, datetime | None]:
    """How many entries wait, and since when the oldest does."""
    return session.exec(
        select(sa.func.count(), sa.func.min(LogPendingRow.received_at)).select_from(LogPendingRow)
    ).one()


def is_waiting(session: Session) -> bool:
    """Whether anything is to be logged."""
    return session.exec(select(LogPendingRow.id).limit(1)).first() is not None


def waiting(session: Session, limit: int) -> Sequence[WaitingEntry]:
    """What is to be logged next, first noted first: id, event, digest, second, and the bytes it is the digest of.

    The second is the one the instant lies in. The bytes are a dataset's issuer-signed JWT or a kept document, each
    None where there is none.
    """
    first = sa.select(LogPendingRow).order_by(col(LogPendingRow.id)).limit(limit).subquery()
    instant = sa.type_coerce(first.c.received_at, sa.DateTime)  # in UTC: the zone is put back below
    statement = sa.select(first.c.id, first.c.event, first.c.digest, instant, col(DatasetRow.jwt)).outerjoin(
        DatasetRow, col(DatasetRow.digest) == first.c.digest
    )
    # all at once, and not sorted by the database, which would move all the bytes about
    rows = sorted(session.connection().execute(statement).all(), key=itemgetter(0))
    # mostly these are datasets, and to look for each in the documents too would cost a quarter of the query
    texts = _document_texts(session, [digest for _, _, digest, _, token in rows if token is None])
    return [
        (number, event, digest, at.replace(microsecond=0, tzinfo=UTC), token, texts.get(digest))
        for number, event, digest, at, token in rows
    ]


def _document_texts(session: Session, digests: Sequence[str]) -> dict[str, str]:
    """The kept documents of these digests, by digest."""
    if not digests:
        return {}
    wanted = col(LoggedDocumentRow.digest).in_(digests)
    statement = sa.select(col(LoggedDocumentRow.digest), col(LoggedDocumentRow.text)).where(wanted)
    return {digest: text for digest, text in session.connection().execute(statement)}


def forget_waiting(session: Session, ids: Sequence[int]) -> None:
    """Take rows out of the outbox by their ascending ids; one in between that is committed later stays."""
    table = LogPendingRow.__table__  # type: ignore[attr-defined]
    if ids[-1] - ids[0] + 1 == len(ids):
        session.connection().execute(sa.delete(table).where(table.c.id.between(ids[0], ids[-1])))
        return
    statement = sa.delete(table).where(table.c.id == sa.bindparam("waiting_id"))
    session.connection().execute(statement, [{"waiting_id": one} for one in ids])


def newest_epoch(session: Session) -> LogEpochRow | None:
    """The epoch that is added to; None before the log was opened."""
    return session.exec(select(LogEpochRow).order_by(col(LogEpochRow.number).desc()).limit(1)).first()


def epochs(session: Session) -> Sequence[LogEpochRow]:
    """Every epoch, the first one first."""
    return session.exec(select(LogEpochRow).order_by(col(LogEpochRow.number))).all()


def head_of(session: Session, epoch_id: str) -> LogHeadRow:
    """How far the epoch's tree has come, signed or not."""
    return session.get_one(LogHeadRow, epoch_id, populate_existing=True)


def move_head(session: Session, epoch_id: str, expected: int, size: int, root: bytes) -> bool:
    """Compare-and-set of the head; False when it does not stand at `expected` leaves."""
    table = LogHeadRow.__table__  # type: ignore[attr-defined]
    stands_there = sa.and_(table.c.epoch_id == epoch_id, table.c.size == expected)
    moved = session.connection().execute(table.update().where(stands_there).values(size=size, root=root))
    return bool(moved.rowcount)


def newest_checkpoint(session: Session, epoch_id: str) -> LogCheckpointRow | None:
    """The epoch's newest signed checkpoint."""
    return session.exec(
        select(LogCheckpointRow)
        .where(LogCheckpointRow.epoch_id == epoch_id)
        .order_by(col(LogCheckpointRow.size).desc())
        .limit(1)
    ).first()


def checkpoints(session: Session, epoch_id: str) -> Sequence[LogCheckpointRow]:
    """Every signed checkpoint of an epoch, the smallest first."""
    return session.exec(
        select(LogCheckpointRow)
        .where(LogCheckpointRow.epoch_id == epoch_id)
        .order_by(col(LogCheckpointRow.size))
    ).all()


def add_entries(session: Session, rows: Sequence[NewEntry]) -> None:
    """Add leaves, all in one statement; each a tuple of LogEntryRow's columns in their order."""
    table = LogEntryRow.__table__  # type: ignore[attr-defined]
    as_stored = table.c.received_at.type.bind_processor(session.connection().dialect) or (lambda value: value)
    values: list[tuple[Any, ...]] = []
    for received, several in groupby(rows, itemgetter(4)):  # a batch lies within few seconds
        at = as_stored(received)
        values += [(*row[:4], at, *row[5:]) for row in several]
    _insert(session, table, values)


def add_nodes(session: Session, epoch_id: str, nodes: Iterable[tuple[int, int, bytes]]) -> None:
    """Add perfect subtrees (level 1 or more, index, hash), all in one statement."""
    table = LogNodeRow.__table__  # type: ignore[attr-defined]
    _insert(session, table, [(epoch_id, *node) for node in nodes])


def _insert(session: Session, table: sa.Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Hand many rows to the driver as they are: twice as fast as having each value looked at on the way."""
    if not rows:
        return
    connection = session.connection()
    text, is_positional = _insertion(table, connection.dialect)
    names = [column.name for column in table.columns]
    values = rows if is_positional else [dict(zip(names, row, strict=True)) for row in rows]
    connection.exec_driver_sql(text, values)


@lru_cache(maxsize=4)
def _insertion(table: sa.Table, dialect: sa.Dialect) -> tuple[str, bool]:
    """The statement that adds a row, and whether it takes the values by their places."""
    compiled = table.insert().compile(dialect=dialect)
    return str(compiled), compiled.positional


def entries(session: Session, epoch_id: str, start: int, end: int) -> Sequence[StoredEntry]:
    """Body, leaf hash, event, digest and instant of the leaves [start, end) that are there, in order."""
    statement = sa.select(
        col(LogEntryRow.body),
        col(LogEntryRow.leaf_hash),
        col(LogEntryRow.event),
        col(LogEntryRow.digest),
        col(LogEntryRow.received_at),
    ).where(col(LogEntryRow.epoch_id) == epoch_id, col(LogEntryRow.seq).between(start, end - 1))
    return session.connection().execute(statement.order_by(col(LogEntryRow.seq))).all()


def leaves(session: Session, epoch_id: str, start: int, end: int) -> Sequence[tuple[str, bytes]]:
    """Bytes (text) and stored leaf hash of the leaves [start, end) that are there, in order."""
    return session.exec(
        select(LogEntryRow.body, LogEntryRow.leaf_hash)
        .where(LogEntryRow.epoch_id == epoch_id, LogEntryRow.seq >= start, LogEntryRow.seq < end)
        .order_by(col(LogEntryRow.seq))
    ).all()


def hashes(session: Session, epoch_id: str, places: Collection[Place]) -> dict[Place, bytes]:
    """The stored hashes of perfect subtrees, in one query; those that are not there are left out.

    One look-up by key for each, strung together: asked for as a list of pairs, SQLite reads the whole epoch.
    """
    if not places:
        return {}
    connection = session.connection()
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    parts = (
        (_LEAF, (epoch_id, index)) if level == 0 else (_NODE, (epoch_id, level, index))
        for level, index in places
    )
    texts, values = zip(*parts, strict=True)
    statement = " UNION ALL ".join(texts).replace("?", mark)
    found = connection.exec_driver_sql(statement, tuple(value for one in values for value in one)).all()
    return {(level, index): value for level, index, value in found}


def level_hashes(session: Session, epoch_id: str, level: int, start: int, end: int) -> Sequence[bytes]:
    """The stored hashes [start, end) of one level that are there, in order."""
    if level == 0:
        return [leaf for _, leaf in leaves(session, epoch_id, start, end)]
    return session.exec(
        select(LogNodeRow.hash)
        .where(
            LogNodeRow.epoch_id == epoch_id,
            LogNodeRow.level == level,
            LogNodeRow.idx >= start,
            LogNodeRow.idx < end,
        )
        .order_by(col(LogNodeRow.idx))
    ).all()


def nodes_between(
    session: Session, epoch_id: str, ranges: Mapping[int, tuple[int, int]]
) -> dict[Place, bytes]:
    """The stored perfect subtrees of each level (1 or more) within its first and last index, in one query."""
    within = [
        sa.and_(col(LogNodeRow.level) == level, col(LogNodeRow.idx).between(first, last))
        for level, (first, last) in ranges.items()
    ]
    statement = sa.select(col(LogNodeRow.level), col(LogNodeRow.idx), col(LogNodeRow.hash)).where(
        col(LogNodeRow.epoch_id) == epoch_id, sa.or_(sa.false(), *within)
    )
    return {(level, index): value for level, index, value in session.connection().execute(statement).all()}


def count_nodes(session: Session, epoch_id: str) -> tuple[int, int]:
    """How many leaves and how many inner nodes are stored, signed or not."""
    leaf_count = select(sa.func.count()).where(LogEntryRow.epoch_id == epoch_id)
    node_count = select(sa.func.count()).where(LogNodeRow.epoch_id == epoch_id)
    return session.exec(leaf_count).one(), session.exec(node_count).one()
