"""Many rows of one table at once, without an object for each, and looked up by as many texts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session, SQLModel, col

# From here on PostgreSQL is sent a stream instead of parameters per row: half the time on both sides.
STREAMED_FROM = 100


def among(session: Session, column: Any, texts: Collection[str]) -> sa.ColumnElement[bool]:
    """Whether a text column holds one of many; one parameter, and one statement for any number, on PostgreSQL."""
    given = col(column)
    if session.get_bind().dialect.name != "postgresql":
        return given.in_(texts)
    return given == sa.any_(sa.literal(list(texts), ARRAY(sa.String)))


def insert_rows(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows in their order, members by column name, all with the members of the first; none: nothing is done.

    No default is filled in but the database's own. Objects that the session holds are not flushed first.
    """
    if not rows:
        return
    connection = session.connection()
    target = sa.inspect(table).local_table
    if connection.dialect.name != "postgresql":
        statement = sa.insert(target).compile(dialect=connection.dialect, column_keys=list(rows[0]))
        names = statement.positiontup or ()
        connection.exec_driver_sql(str(statement), _bound(target, names, rows, connection.dialect))
    elif len(rows) < STREAMED_FROM:
        connection.execute(sa.insert(target), rows)
    else:
        _stream(connection, target, rows)


def _stream(connection: sa.Connection, table: sa.FromClause, rows: Sequence[Mapping[str, Any]]) -> None:
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(name) for name in rows[0])
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY {quote(str(table))} ({columns}) FROM STDIN") as copy:
        for row in _bound(table, list(rows[0]), rows, connection.dialect):
            copy.write_row(row)


def _bound(
    table: sa.FromClause, names: Sequence[str], rows: Sequence[Mapping[str, Any]], dialect: sa.Dialect
) -> list[tuple[Any, ...]]:
    """The rows as the driver takes them: a tuple of the named members for each."""
    columns: list[Iterable[Any]] = []
    for name in names:
        values = map(itemgetter(name), rows)
        bind = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
        columns.append(map(bind, values) if bind else values)
    return list(zip(*columns, strict=True))
