"""A dump put in the place of a SQLite database by one rename, so that a crash leaves the old file or the new one."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from exchange.domain.errors import UnavailableError
from exchange.store import migrate
from exchange.store.dumps import open_read_only

COMPANIONS = ("-wal", "-shm", "-journal")
_SECONDS = 5  # for others to let go of the database


def stage(database: Path, source: Path) -> Path:
    """A copy of the dump beside the database, at this code's schema and on disk; the database is not touched."""
    staged = database.with_name(f"{database.name}.restoring")
    for ending in ("", *COMPANIONS):  # of a restore that died
        staged.with_name(staged.name + ending).unlink(missing_ok=True)
    os.close(os.open(staged, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(open_read_only(source)) as old, closing(sqlite3.connect(staged)) as new:
        old.backup(new)
    migrate.upgrade(sa.URL.create("sqlite", database=str(staged)).render_as_string())
    with closing(sqlite3.connect(staged)) as new:
        new.execute("PRAGMA journal_mode=DELETE")  # one file, no companions
    _sync(staged)
    return staged


def set_aside(database: Path, kept: Path) -> Path | None:
    """Copy the database, what stands in its companions folded in, to `kept`; None where nothing is in it.

    One too damaged for that is copied as it lies, companions too. Raises UnavailableError (`restore.in_use`)
    while another process has it open.
    """
    if not database.exists() or not database.stat().st_size:
        return None
    unfinished = kept.with_name(f"{kept.name}.unfinished")
    with _alone(database) as old:
        if old is not None and _holds_nothing(old):
            return None
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        if old is None:
            _copy_raw(database, kept, unfinished)
        else:
            with closing(sqlite3.connect(unfinished)) as new:
                old.backup(new)
    _sync(unfinished)
    unfinished.replace(kept)
    _sync(kept.parent)
    return kept


def put_in_place(database: Path, staged: Path) -> None:
    """The staged copy takes the database's name; companions of the one before would be read into it, so they go."""
    for ending in COMPANIONS:
        database.with_name(database.name + ending).unlink(missing_ok=True)
    staged.replace(database)
    _sync(database.parent)


@contextmanager
def _alone(database: Path) -> Iterator[sqlite3.Connection | None]:
    """The database as one file that nobody else has open; None when it is too damaged to tell."""
    with closing(sqlite3.connect(database, timeout=_SECONDS, isolation_level=None)) as connection:
        try:
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
            connection.execute(
                "PRAGMA locking_mode=EXCLUSIVE"
            )  # until it is closed, and outside transactions too
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise _in_use(database) from error
            mode = ""
        if mode == "wal":
            raise _in_use(database)
        yield connection if mode else None


def _holds_nothing(database: sqlite3.Connection) -> bool:
    """True for a file that was opened and never written to: one page, no table. In any other something may lie."""
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    return pages <= 1 and not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def _copy_raw(database: Path, kept: Path, unfinished: Path) -> None:
    for ending in COMPANIONS:
        companion = database.with_name(database.name + ending)
        if companion.exists():
            shutil.copyfile(companion, kept.with_name(kept.name + ending))
            kept.with_name(kept.name + ending).chmod(0o600)
    shutil.copyfile(database, unfinished)


def _in_use(database: Path) -> UnavailableError:
    return UnavailableError(
        f"Another process has {database} open; nothing was changed.",
        code="restore.in_use",
        advice="Stop vcx serve and vcx worker (or vcx up), then say it again.",
    )


def _sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
