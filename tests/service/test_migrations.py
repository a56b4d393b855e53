"""Revisions go up and down with data in the tables, and end at exactly the schema the code declares."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from exchange.store import migrate
from exchange.store.engine import Store

POSTGRES = os.environ.get("VCX_TEST_DATABASE_URL", "")
REVISIONS = sorted(path.name[:4] for path in (migrate.FOLDER / "versions").glob("[0-9]*.py"))
SAMPLES = {
    sa.LargeBinary: b"bytes",
    sa.Boolean: True,
    sa.JSON: {"a": "1"},
    sa.DateTime: datetime(2025, 1, 2, 3, 4, 5),
    sa.Date: date(2025, 1, 2),
    sa.Integer: 1,
    sa.Float: 1.5,
}
DROPPED = {"run_figure"}  # by 0005: a run's figures are in its arrays
APPEND_ONLY = [
    "access_record",
    "audit",
    "did_document",
    "log_checkpoint",
    "log_cosignature",
    "log_entry",
    "log_epoch",
    "log_node",
    "logged_document",
    "release",
    "release_contribution",
    "release_input",
    "release_part",
    "release_statement",
    "release_statement_cell",
    "status_list",
]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database that nobody else uses."""
    if request.param == "sqlite":
        if POSTGRES:
            pytest.skip("SQLite's turn is where no server is named")
        yield f"sqlite:///{tmp_path / 'exchange.db'}"
        return
    if not POSTGRES.startswith("postgresql"):
        pytest.skip("VCX_TEST_DATABASE_URL names no PostgreSQL server")
    name = f"vcx_migrations_{uuid.uuid4().hex[:12]}"
    server = sa.create_engine(POSTGRES, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with server.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    yield sa.make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """The database at the newest revision."""
    migrate.upgrade(url)
    opened = Store(url)
    yield opened
    opened.close()


def sample(column: sa.Column[Any]) -> Any:
    """A value that fits the column."""
    if isinstance(column.type, sa.String):
        return "x" * min(column.type.length or 8, 8)
    return next(value for kind, value in SAMPLES.items() if isinstance(column.type, kind))


def reflect(store: Store) -> dict[str, sa.Table]:
    """The database's own tables, those that are referred to first."""
    metadata = sa.MetaData()
    with store.read() as session:
        metadata.reflect(session.connection())
    return {table.name: table for table in metadata.sorted_tables if table.name != "alembic_version"}


def fill(store: Store) -> None:
    """One row in every table; every foreign key meets its row because all keys carry the same value."""
    with store.write() as session:
        for table in reflect(store).values():
            session.execute(table.insert().values({c.name: sample(c) for c in table.columns}))


def rows(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Everything that is in the database, by table."""
    with store.read() as session:
        return {
            name: [dict(row) for row in session.execute(table.select()).mappings()]
            for name, table in reflect(store).items()
        }


def without_what_is_new(
    found: dict[str, list[dict[str, Any]]], old: dict[str, list[dict[str, Any]]]
) -> dict[str, list[dict[str, Any]]]:
    """What was found, without tables and columns the old database did not have."""
    return {
        name: [{column: row[column] for column in old[name][0]} for row in found[name]]
        for name in old
        if name in found
    }


def test_revisions_are_one_numbered_line() -> None:
    assert [int(revision) for revision in REVISIONS] == list(range(1, len(REVISIONS) + 1))
    assert migrate.head() == REVISIONS[-1]


def test_migrated_schema_is_the_one_the_tables_declare(store: Store, url: str) -> None:
    assert migrate.differences(url) == []
    assert migrate.is_at_head(store)


def test_database_behind_the_code_is_not_at_head(url: str) -> None:
    store = Store(url)
    assert migrate.current(store) is None
    migrate.upgrade(url, REVISIONS[0])
    assert migrate.current(store) == REVISIONS[0]
    assert migrate.is_at_head(store) is (len(REVISIONS) == 1)
    store.close()


@pytest.mark.parametrize("revision", REVISIONS[1:])
def test_revision_goes_down_and_up_again_with_data(store: Store, url: str, revision: str) -> None:
    fill(store)
    before = rows(store)
    assert all(len(found) == 1 for found in before.values())

    migrate.downgrade(url, f"{int(revision) - 1:04d}")
    below = {name: found for name, found in rows(store).items() if name not in DROPPED}
    assert below == without_what_is_new(before, below)

    migrate.upgrade(url)
    assert without_what_is_new(rows(store), below) == below
    assert migrate.differences(url) == []


def test_imports_from_before_the_calculator_are_of_no_site_and_knew_no_rows(url: str) -> None:
    migrate.upgrade(url, "0002")
    store = Store(url)
    fill(store)
    migrate.upgrade(url)
    (old,) = rows(store)["import_file"]
    assert (old["site_id"], old["known_count"], old["source"]) == (None, 0, "xxxxxxxx")
    store.close()


def test_first_revision_goes_down_to_an_empty_database(store: Store, url: str) -> None:
    fill(store)
    migrate.downgrade(url, "base")
    assert reflect(store) == {}
    migrate.upgrade(url)
    assert migrate.differences(url) == []


@pytest.mark.parametrize("verb", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
def test_record_of_what_happened_cannot_be_changed(store: Store, verb: str) -> None:
    fill(store)
    before, tables = rows(store), reflect(store)
    for table in APPEND_ONLY:
        column = next(iter(tables[table].primary_key)).name
        with pytest.raises(sa.exc.DBAPIError, match=f"{table} is append-only"), store.write() as session:
            session.execute(sa.text(verb.format(table, column)))
    assert rows(store) == before


def test_failing_migration_leaves_the_database_as_it_was(url: str) -> None:
    migrate.upgrade(url, REVISIONS[0])
    store = Store(url)
    fill(store)
    with store.write() as session:
        session.execute(sa.text("DROP TABLE release_contribution"))
        session.execute(sa.text("DROP TABLE release"))  # the second revision puts a trigger on it
    before = rows(store)
    with pytest.raises(sa.exc.DBAPIError):
        migrate.upgrade(url)
    assert migrate.current(store) == REVISIONS[0]
    assert rows(store) == before
    with store.write() as session:  # no trigger of the half-done revision is left
        session.execute(sa.text("DELETE FROM audit"))
    store.close()
