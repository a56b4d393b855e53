"""Brings a database to the schema this code expects, and back.

Revisions are numbered `0001`, `0002`, … in one line, so the newest file names the head. Alembic is
loaded only when something is to be migrated: asking whether all is well stays quick.
"""

from __future__ import annotations

import re
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from exchange.store import tables
from exchange.store.engine import Store
from exchange.store.types import metadata

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent / "migrations"
ALL_TABLES = tables.__all__  # importing the package fills the metadata


def upgrade(url: str, revision: str = "head") -> None:
    """Apply every revision up to `revision`, all or nothing. Nothing happens when none is missing."""
    from alembic import command

    with _connection(url) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(url: str, revision: str) -> None:
    """Take revisions back down to `revision` (`base` leaves an empty database)."""
    from alembic import command

    with _connection(url) as connection:
        command.downgrade(_config(connection), revision)


def head() -> str:
    """The newest revision in the code, e.g. `0002`."""
    return max((path.name[:4] for path in (FOLDER / "versions").glob("[0-9]*.py")), default="0000")


def current(store: Store) -> str | None:
    """The database's revision, or None when it was never migrated."""
    with store.read() as session:
        connection = session.connection()
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        version: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        return version


def is_at_head(store: Store) -> bool:
    """True when the database has exactly the schema this code expects."""
    return current(store) == head()


def differences(url: str) -> list[str]:
    """What the tables in the code and the migrated database do not agree on; empty when all is well."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with _connection(url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [repr(difference) for difference in compare_metadata(context, metadata)]


def write_revision(message: str) -> Path:
    """Write the next numbered revision from what the tables have and the revisions lack; returns the file."""
    from alembic import command

    number = f"{int(head()) + 1:04d}"
    slug = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")[:40]
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite:///{Path(scratch) / 'scratch.db'}"
        upgrade(url)
        with _connection(url) as connection:
            command.revision(_config(connection), message=slug, autogenerate=True, rev_id=number)
    return FOLDER / "versions" / f"{number}_{slug}.py"


def _config(connection: sa.Connection) -> Config:
    from alembic.config import Config

    config = Config(cmd_opts=Namespace(quiet=True))  # what Alembic has to say is no part of our output
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connection(url: str) -> Iterator[sa.Connection]:
    store = Store(url)
    try:
        with store.writer.connect() as connection:
            if store.is_sqlite:
                _suspend_foreign_keys(connection)
            yield connection
            connection.commit()
    finally:
        store.close()


def _suspend_foreign_keys(connection: sa.Connection) -> None:
    """SQLite changes a table by copying it, and dropping the old one would cascade."""
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.close()
