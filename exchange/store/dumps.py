"""The whole database into one file and back: SQLite's online backup, or PostgreSQL's own programs."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from exchange.domain.errors import InvalidError, NotFoundError, UnavailableError
from exchange.store.engine import Store


def write_dump(store: Store, out: Path) -> None:
    """Write the database as it is at one instant; nobody has to wait for it.

    Raises NotFoundError without a database, UnavailableError (`backup.tool_missing`, `backup.failed`).
    """
    if not store.is_sqlite:
        _run(["pg_dump", "--format=custom", f"--file={out}"], store.url)
        return
    source = Path(store.url.database or "")
    if not source.exists():
        raise NotFoundError(f"There is no database at {source}.")
    with closing(open_read_only(source)) as old, closing(_open(out)) as new:
        old.backup(new)  # one read transaction, which in WAL mode holds up no writer
        new.execute("PRAGMA journal_mode=DELETE")  # one file, no companions


def dumped_revision(store: Store, source: Path) -> str:
    """The schema revision of a dump made from the same kind of database; InvalidError (`restore.damaged`)."""
    return _sqlite_revision(source) if store.is_sqlite else _postgresql_revision(source)


def load_dump(store: Store, source: Path) -> None:
    """Put a dump in a PostgreSQL database's place in one transaction; UnavailableError (`backup.failed`).

    SQLite's has a module of its own: `replacing`.
    """
    database = f"--dbname={store.url.database}"
    options = ["--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error"]
    _run(["pg_restore", *options, database, str(source)], store.url)


def open_read_only(path: Path) -> sqlite3.Connection:
    """A SQLite file that stays as it is."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _sqlite_revision(source: Path) -> str:
    try:
        with closing(open_read_only(source)) as connection:
            verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
            revision = str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    except sqlite3.DatabaseError as error:
        raise _damaged(source, str(error)) from error
    if verdict != "ok":
        raise _damaged(source, str(verdict))
    return revision


def _postgresql_revision(source: Path) -> str:
    try:
        script = _run(["pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(source)], None)
    except UnavailableError as error:
        if error.error_code == "backup.tool_missing":
            raise
        raise _damaged(source, error.detail) from error
    found = re.search(r"^COPY \S+ \(version_num\) FROM stdin;\n(\w+)$", script, re.MULTILINE)
    if found is None:
        raise _damaged(source, "it names no schema revision")
    return found[1]


def _damaged(source: Path, why: str) -> InvalidError:
    return InvalidError(f"{source} is not a sound backup: {why}.", code="restore.damaged")


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    return sqlite3.connect(path, timeout=30)


def _run(command: list[str], url: sa.URL | None) -> str:
    """Run a PostgreSQL program on our database; the password travels in the environment, not in the command."""
    if shutil.which(command[0]) is None:
        raise UnavailableError(
            f"{command[0]} is not installed.",
            code="backup.tool_missing",
            advice="Install the PostgreSQL client programs.",
        )
    environment = {**os.environ, **_libpq(url)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise UnavailableError(f"{command[0]} failed: {done.stderr.strip()[:500]}", code="backup.failed")
    return done.stdout


def _libpq(url: sa.URL | None) -> dict[str, str]:
    """The connection as the variables every PostgreSQL program reads."""
    if url is None:
        return {}
    given = {
        "PGHOST": url.host,
        "PGPORT": url.port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    return {name: str(value) for name, value in given.items() if value is not None}
