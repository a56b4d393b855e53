"""The database: one file of SQLite or a PostgreSQL server, with one way to read and one way to write."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlmodel import Session

from exchange.domain.errors import InvalidError


class Store:
    """Opens transactions. Reads see a snapshot; writes are one at a time per process on SQLite.

    On SQLite every write begins with BEGIN IMMEDIATE behind one lock per process: with a plain BEGIN
    about a third of concurrent read-modify-write transactions fail with "database is locked".
    `synchronous=FULL`: what was answered "published" or "logged" survives a power cut. Raises InvalidError
    (`database.*`) where the address is none or its driver is not installed.
    """

    def __init__(self, url: str) -> None:
        self.url = _known_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writer_lock = threading.Lock()
        if self.is_sqlite:
            if self.url.database and self.url.database != ":memory:":
                _keep_private(Path(self.url.database))
            self.writer = _sqlite_engine(self.url, "BEGIN IMMEDIATE")
            self.reader = _sqlite_engine(self.url, "BEGIN", "query_only=ON")
        else:
            self.writer = _server_engine(self.url)
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


def _known_url(url: str) -> sa.URL:
    """The address of a database; the refusal does not repeat it, for it may hold a password."""
    try:
        return sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise InvalidError(
            "VCX_DATABASE_URL is not the address of a database.",
            code="database.url",
            advice="Write postgresql+psycopg://user@host/name, or leave it empty.",
        ) from error


def _server_engine(url: sa.URL) -> sa.Engine:
    """Raises InvalidError (`database.driver`) where the driver that the address names is not installed."""
    try:
        return sa.create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=10, max_overflow=10)
    except (ModuleNotFoundError, sa.exc.NoSuchModuleError) as error:
        if url.drivername == "postgresql+psycopg":
            raise InvalidError(
                "PostgreSQL needs the extra `scale`: psycopg is not installed.",
                code="database.driver",
                advice="Beside a clone: python3 -m pip --python .venv/bin/python install --require-hashes "
                "--only-binary :all: -r requirements/scale.lock. Of the wheel: "
                "pip install 'value-chain-exchange[scale]'.",
            ) from error
        raise InvalidError(
            f"VCX_DATABASE_URL names {url.drivername}, which the exchange has no driver for.",
            code="database.driver",
            advice="Write postgresql+psycopg://user@host/name, or leave it empty.",
        ) from error


def _keep_private(database: Path) -> None:
    """Make folder and file for our user alone, and close a file others could read.

    SQLite gives the write-ahead log and its index the database's own mode.
    """
    database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(FileExistsError):
        os.close(os.open(database, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    for ending in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError, PermissionError):  # not there, or another user's to decide on
            database.with_name(database.name + ending).chmod(0o600)


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
