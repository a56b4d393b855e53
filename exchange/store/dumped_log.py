"""How far the transparency log of a database has come, also of one that lies in a dump and was never opened."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from exchange.store.dumps import open_read_only
from exchange.store.engine import Store

_TABLES = ("log_epoch", "log_head", "log_checkpoint")
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


@dataclass(frozen=True, slots=True)
class LogExtent:
    """One epoch: `checkpoint` is the newest signed one ("" for none) of `signed` entries.

    `stored` entries with the root `root` (32 bytes) are there, perhaps one batch more than is signed.
    """

    epoch_id: str
    origin: str
    signed: int
    checkpoint: str
    stored: int
    root: bytes


def extents_here(store: Store) -> tuple[LogExtent, ...] | None:
    """Every epoch of the database, the first one first; () of one that has no log, None of an unreadable one."""
    try:
        with store.read() as session:
            return _extents(session.connection())
    except sa.exc.DatabaseError:
        return None


def extents_dumped(store: Store, source: Path) -> tuple[LogExtent, ...]:
    """The same of a sound dump of the same kind of database; nothing is restored for it."""
    if not store.is_sqlite:
        return _from_archive(source)
    engine = sa.create_engine("sqlite://", creator=lambda: open_read_only(source), poolclass=sa.NullPool)
    with closing(engine.connect()) as connection:
        return _extents(connection)


def _extents(connection: sa.Connection) -> tuple[LogExtent, ...]:
    if not sa.inspect(connection).has_table("log_epoch"):
        return ()
    epochs = connection.execute(sa.text("SELECT id, number, origin FROM log_epoch")).mappings()
    heads = connection.execute(sa.text("SELECT epoch_id, size, root FROM log_head")).mappings()
    newest = connection.execute(
        sa.text(
            "SELECT epoch_id, size, text FROM log_checkpoint one WHERE size ="
            " (SELECT max(size) FROM log_checkpoint WHERE epoch_id = one.epoch_id)"
        )
    ).mappings()
    return _joined(epochs, heads, newest)


def _joined(
    epochs: Iterable[Mapping[Any, Any]],
    heads: Iterable[Mapping[Any, Any]],
    checkpoints: Iterable[Mapping[Any, Any]],
) -> tuple[LogExtent, ...]:
    stored = {row["epoch_id"]: (int(row["size"]), bytes(row["root"])) for row in heads}
    signed = {row["epoch_id"]: (int(row["size"]), str(row["text"])) for row in checkpoints}
    return tuple(
        LogExtent(row["id"], row["origin"], *signed.get(row["id"], (0, "")), *stored.get(row["id"], (0, b"")))
        for row in sorted(epochs, key=lambda row: int(row["number"]))
    )


def _from_archive(source: Path) -> tuple[LogExtent, ...]:
    """PostgreSQL's archive, read by its own program as COPY text: one row at a time, for logs are long."""
    options = [f"--table={table}" for table in _TABLES]
    command = ["pg_restore", "--data-only", *options, "--file=-", str(source)]
    rows: dict[str, list[dict[str, str]]] = {table: [] for table in _TABLES}
    newest: dict[str, dict[str, str]] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:  # noqa: S603
        for table, row in _copied(running.stdout or ()):
            if table != "log_checkpoint":
                rows[table].append(row)
            elif row["epoch_id"] not in newest or int(row["size"]) > int(newest[row["epoch_id"]]["size"]):
                newest[row["epoch_id"]] = row
    heads = [{**row, "root": bytes.fromhex(row["root"].removeprefix("\\x"))} for row in rows["log_head"]]
    return _joined(rows["log_epoch"], heads, newest.values())


def _copied(lines: Iterable[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Table and row of each line between `COPY table (columns) FROM stdin;` and its end."""
    table, columns = "", list[str]()
    for line in lines:
        text = line.removesuffix("\n")
        found = re.fullmatch(r"COPY (?:\w+\.)?(\w+) \((.+)\) FROM stdin;", text)
        if found and not table:
            table, columns = found[1], found[2].split(", ")
        elif text == "\\.":
            table = ""
        elif table:
            yield table, dict(zip(columns, map(_unescaped, text.split("\t")), strict=True))


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPED.get(found[1], found[1]), text)
