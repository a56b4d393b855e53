"""Logging published datasets, against the least that could be called durable: read the tokens, hash, insert, commit.

The rival is SQLAlchemy Core on the same database (SQLite, synchronous=FULL) through the same connection: it reads
the same token bytes in batches of 1000, hashes each, inserts a row like the log's with its leaf hash, and commits; no
outbox, no tree, no proof, no signature, no guard. Python's bare sqlite3 doing the same is told beside it.
Run: python -m benchmarks.log_append. Exits 1 where appending in batches of 1000 is below 60 % of its speed.
"""

from __future__ import annotations

import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from os import cpu_count, urandom
from pathlib import Path
from statistics import median

import sqlalchemy as sa

from benchmarks.log_store import opened, waiting_datasets
from exchange.services.context import Context
from exchange.services.transparency.appending import append_waiting
from exchange.services.transparency.epochs import ensure_epoch
from exchange.services.transparency.outbox import note
from exchange.services.transparency.sequencing import sequence, settle
from exchange.store import log as query

BATCHES, BATCH = 15, 1000
AT = "2026-03-02T08:00:00Z"
TOKEN_BYTES = 4000  # of a product dataset's issuer-signed JWT
SHARE = 0.6
RECEIPTS = 50
TABLES = sa.MetaData()
COLUMNS = ("digest", "received", "body", "leaf")


def _table(name: str) -> sa.Table:
    return sa.Table(
        name,
        TABLES,
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("digest", sa.String, index=True),  # receipts are looked up by it
        sa.Column("received", sa.String),
        sa.Column("body", sa.Text),
        sa.Column("leaf", sa.LargeBinary),
    )


RIVAL, BARE = _table("rival"), _table("bare")
DATASETS = sa.table("dataset", sa.column("digest", sa.String), sa.column("jwt", sa.String))


def main() -> int:
    """Print the speeds and their ratio."""
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as ctx:
        sequence(ctx)  # opens the log
        tokens = [urandom(TOKEN_BYTES // 2).hex() for _ in range(BATCHES * BATCH)]
        digests = waiting_datasets(ctx, tokens)
        rival, bare, ours, signing = run_batches(ctx, Path(folder) / "exchange.db", digests)
        receipts = run_receipts(ctx)
    share = median(rival) / median(ours)
    print(f"{platform.python_implementation()} {platform.python_version()}, {cpu_count()} cores")
    print(
        f"{BATCHES} batches of {BATCH} tokens of {TOKEN_BYTES} bytes, each by the rival and by the log in turn"
    )
    print(f"SQLAlchemy, read, hash, insert, commit:    median {BATCH / median(rival):,.0f} tokens/s")
    print(f"bare sqlite3, likewise:                    median {BATCH / median(bare):,.0f} tokens/s")
    print(f"append (phase A):                          median {BATCH / median(ours):,.0f} tokens/s")
    print(f"share {share:.0%}, at least {SHARE:.0%} wanted")
    print(f"check, sign, guard, store (phases B, C):   median {median(signing) * 1e3:.1f} ms per batch")
    print(
        f"one entry noted, logged and signed, idle:  median {median(receipts) * 1e3:.1f} ms, "
        f"longest {max(receipts) * 1e3:.1f} ms (the worker looks every 200 ms)"
    )
    return 0 if share >= SHARE else 1


def run_batches(
    ctx: Context, database: Path, digests: list[str]
) -> tuple[list[float], list[float], list[float], list[float]]:
    """Seconds per batch of the rival, of sqlite3, of appending, and of what follows until the checkpoint is stored."""
    rival: list[float] = []
    bare: list[float] = []
    ours: list[float] = []
    signing: list[float] = []
    with ctx.store.write() as session:
        TABLES.create_all(session.connection())
    epoch = ensure_epoch(ctx)
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    for start in range(0, len(digests), BATCH):
        batch = digests[start : start + BATCH]
        with ctx.store.read() as session:
            size = query.head_of(session, epoch.id).size
        for times, work in (
            (rival, partial(rival_batch, ctx, batch)),
            (bare, partial(bare_batch, connection, batch)),
            (ours, partial(append_waiting, ctx, epoch, size)),
            (signing, partial(settle, ctx, epoch)),
        ):
            # SQLite moves its write-ahead log when a commit has filled it: none shall pay for what others wrote.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            times.append(_timed(work))
    connection.close()
    return rival, bare, ours, signing


def rival_batch(ctx: Context, digests: list[str]) -> None:
    """Read the tokens, hash them, insert a row like the log's with its leaf hash for each, and commit."""
    with ctx.store.write() as session:
        connection = session.connection()
        wanted = sa.select(DATASETS.c.jwt).where(DATASETS.c.digest.in_(digests))
        tokens = connection.execute(wanted).scalars().all()
        rows = [dict(zip(COLUMNS, _row(token), strict=True)) for token in tokens]
        connection.execute(sa.insert(RIVAL), rows)


def bare_batch(connection: sqlite3.Connection, digests: list[str]) -> None:
    """The same by sqlite3 alone."""
    connection.execute("BEGIN IMMEDIATE")
    marks = ",".join("?" * len(digests))
    tokens = connection.execute(f"SELECT jwt FROM dataset WHERE digest IN ({marks})", digests).fetchall()
    rows = [_row(token) for (token,) in tokens]
    connection.executemany("INSERT INTO bare (digest, received, body, leaf) VALUES (?, ?, ?, ?)", rows)
    connection.execute("COMMIT")


def _row(token: str) -> tuple[str, str, str, bytes]:
    digest = f"sha256:{sha256(token.encode()).hexdigest()}"
    body = f'{{"digest":"{digest}","event":"publish","received":"{AT}","v":"vcx-log-entry/1"}}'
    return digest, AT, body, sha256(b"\x00" + body.encode()).digest()


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def run_receipts(ctx: Context) -> list[float]:
    """Seconds from the note of one entry to its stored checkpoint."""
    times = []
    for number in range(RECEIPTS):
        began = time.perf_counter()
        with ctx.store.write() as session:
            note(ctx, session, "revoke", f"sha256:{number:064x}", datetime.now(UTC))
        assert sequence(ctx).appended == 1
        times.append(time.perf_counter() - began)
        with ctx.store.write() as session:
            session.execute(sa.text("DELETE FROM job"))
    return times


if __name__ == "__main__":
    sys.exit(main())
