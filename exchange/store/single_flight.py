"""One solve of a network at a time, whoever else was asked for it: held by the one who works, gone when they die.

The job table lets one worker in at a time; this holds also where a lease ran out under a worker that lives, and
where an operator rolls up by hand.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from exchange.store.engine import Store

LOCK = 5318  # of PostgreSQL's advisory locks with two keys, the first of those of networks
PAUSE_SECONDS = 0.1


@contextmanager
def single_flight(
    store: Store, network: int, waiting: Callable[[], None], pause_seconds: float = PAUSE_SECONDS
) -> Iterator[None]:
    """Hold a network until the block ends; while another holds it, `waiting` is called now and then and may raise.

    On PostgreSQL an advisory lock of a transaction of its own; on SQLite, whose processes share a machine, a
    lock on a file beside the database, which the system lets go when the process dies.
    """
    with _on_file(store) if store.is_sqlite else _on_server(store, network) as taken:
        while not taken():
            waiting()
            time.sleep(pause_seconds)
        yield


@contextmanager
def _on_server(store: Store, network: int) -> Iterator[Callable[[], bool]]:
    with store.writer.connect() as connection:

        def taken() -> bool:
            statement = sa.text("SELECT pg_try_advisory_xact_lock(:lock, :network)")
            return bool(connection.execute(statement, {"lock": LOCK, "network": network}).scalar())

        yield taken


@contextmanager
def _on_file(store: Store) -> Iterator[Callable[[], bool]]:
    # Each opening has a lock of its own (flock(2)), so threads of one process exclude each other as well.
    descriptor = os.open(f"{store.url.database}.solving", os.O_RDWR | os.O_CREAT, 0o600)

    def taken() -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    try:
        yield taken
    finally:
        os.close(descriptor)
