"""The database: one file of SQLite or a PostgreSQL server, with one way to read and one way to write."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlmodel import Session


class Store:
    """Opens transactions. Reads see a snapshot; writes are one at a time per process on SQLite.

    On SQLite every write begins with BEGIN IMMEDIATE behind one lock per process: with a plain BEGIN
    about a third of concurrent read-modify-write transactions fail with "database is locked".
    `synchronous=FULL`: what was answered "published" or "logged" survives a power cut.
    """

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writer_lock = threading.Lock()
        if self.is_sqlite:
            if self.url.database and self.url.database != ":memory:":
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            self.writer = _sqlite_engine(self.url, "BEGIN IMMEDIATE")
            self.reader = _sqlite_engine(self.url, "BEGIN", "query_only=ON")
        else:
            self.writer = sa.create_engine(
                self.url, hide_parameters=True, pool_pre_ping=True, pool_size=10, max_overflow=10
            )
            self.reader = self.writer.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction that commits when the block ends and rolls back when it raises."""
        if self.is_sqlite:
            with self._writer_lock, self._transaction(self.writer) as session:
                yield session
        else:
            with self._transaction(self.writer) as session:
                yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One read-only snapshot."""
        with Session(self.reader, autoflush=False, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def _transaction(self, engine: sa.Engine) -> Iterator[Session]:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Let go of all connections."""
        self.writer.dispose()
        self.reader.dispose()


def _sqlite_engine(url: sa.URL, begin: str, *pragmas: str) -> sa.Engine:
    engine = sa.create_engine(
        url, hide_parameters=True, connect_args={"check_same_thread": False, "timeout": 10}
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=10000",
            *pragmas,
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
