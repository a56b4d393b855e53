"""Inclusion proofs out of a log of a million entries: one query, at most 40 nodes, a median below a millisecond.

Run: python -m benchmarks.inclusion_proof. Exits 1 where one of the three does not hold. Building the log takes about
a minute.
"""

from __future__ import annotations

import platform
import sys
import tempfile
import time
from datetime import UTC, datetime
from os import cpu_count
from pathlib import Path
from random import Random
from statistics import median

import sqlalchemy as sa
from sqlalchemy import event

from benchmarks.log_store import opened
from exchange.services.context import Context
from exchange.services.transparency.epochs import ensure_epoch
from exchange.services.transparency.proofs import inclusion
from exchange.services.transparency.tree import root_at
from exchange.store import log as query
from exchange.trust.log.entry import LogEntry
from exchange.trust.log.merkle import Frontier, inclusion_plan, leaf_hash, verify_inclusion

SIZE = 1_000_000
CHUNK = 50_000
PROOFS = 2000
MOST_NODES = 40
LIMIT_SECONDS = 1e-3
AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def main() -> int:
    """Print the times."""
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as ctx:
        epoch = ensure_epoch(ctx).id
        began = time.perf_counter()
        build(ctx, epoch)
        built = time.perf_counter() - began
        indices = Random(20260302).sample(range(SIZE), PROOFS)
        times, queries = prove(ctx, epoch, indices)
    nodes = max(sum(map(len, inclusion_plan(index, SIZE))) for index in (*indices, 0, SIZE - 1))
    print(f"{platform.python_implementation()} {platform.python_version()}, {cpu_count()} cores, SQLite")
    print(f"built {SIZE:,} entries in {built:.0f} s")
    print(
        f"inclusion proof: median {median(times) * 1e3:.3f} ms, longest {max(times) * 1e3:.1f} ms, "
        f"{queries} query, at most {nodes} nodes"
    )
    return 0 if median(times) < LIMIT_SECONDS and queries == 1 and nodes <= MOST_NODES else 1


def build(ctx: Context, epoch: str) -> None:
    """Fill the tables as the sequencer would, without signing every thousand."""
    frontier = Frontier()
    for start in range(0, SIZE, CHUNK):
        entries = [LogEntry("publish", f"sha256:{number:064x}", AT) for number in range(start, start + CHUNK)]
        bodies = [entry.body() for entry in entries]
        leaves = [*map(leaf_hash, bodies)]
        rows = [
            (epoch, seq, entry.event, entry.digest, AT, body.decode(), leaf)
            for seq, (entry, body, leaf) in enumerate(zip(entries, bodies, leaves, strict=True), start)
        ]
        with ctx.store.write() as session:
            query.add_entries(session, rows)
            query.add_nodes(session, epoch, frontier.extend(leaves))
            query.move_head(session, epoch, start, frontier.size, frontier.root())


def prove(ctx: Context, epoch: str, indices: list[int]) -> tuple[list[float], int]:
    """Seconds per proof, every one of them checked, and the queries one takes."""
    times, statements = [], []
    with ctx.store.read() as session:
        root = root_at(session, epoch, SIZE)
        leaves = {index: query.hashes(session, epoch, [(0, index)])[0, index] for index in indices}
        for index in indices:
            began = time.perf_counter()
            path = inclusion(session, epoch, index, SIZE)
            times.append(time.perf_counter() - began)
            verify_inclusion(index=index, size=SIZE, leaf=leaves[index], path=path, root=root)
        session.execute(sa.text("SELECT 1"))
        event.listen(session.get_bind(), "before_cursor_execute", lambda *a: statements.append(a[2]))
        inclusion(session, epoch, indices[0], SIZE)
    return times, len(statements)


if __name__ == "__main__":
    sys.exit(main())
