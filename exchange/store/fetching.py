"""Many bytes at once, past the ORM: PostgreSQL's driver is asked for them in binary, not spelled out as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlmodel import Session

Statement: TypeAlias = sa.Select[*tuple[Any, ...]]


def is_postgresql(session: Session) -> bool:
    """Whether the session's database is PostgreSQL."""
    return session.connection().dialect.name == "postgresql"


def fetch(session: Session, statement: Statement) -> list[tuple[Any, ...]]:
    """All rows of a statement whose values are numbers, texts and bytes."""
    if not is_postgresql(session):
        return [tuple(row) for row in session.execute(statement)]
    driver, text, values = _compiled(session, statement)
    with driver.cursor(binary=True) as cursor:
        return list(cursor.execute(text, values).fetchall())


def fetch_large(session: Session, statement: Statement) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement with large values, one at a time; to be read to the end before anything else is asked."""
    if not is_postgresql(session):
        yield from (tuple(row) for row in session.execute(statement))
        return
    driver, text, values = _compiled(session, statement)
    with driver.cursor(binary=True) as cursor:
        yield from cursor.stream(text, values)


def _compiled(session: Session, statement: Statement) -> tuple[Any, str, Any]:
    connection = session.connection()
    compiled = statement.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    return connection.connection.driver_connection, str(compiled), compiled.params
