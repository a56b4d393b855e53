"""A log small enough to be worked out by hand beside the one under test: the tree of RFC 6962 in ten lines."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session

from exchange.adapters.clock import SteppingClock
from exchange.adapters.entropy import SeededEntropy
from exchange.adapters.head_guard import HeadGuard
from exchange.bootstrap import Exchange, open_exchange
from exchange.config import Settings
from exchange.services.context import Context
from exchange.services.receipts import receipt_of
from exchange.services.transparency import proofs
from exchange.services.transparency.fsck import fsck
from exchange.services.transparency.outbox import note
from exchange.services.transparency.sequencing import SequencingResult, sequence
from exchange.store import log as query
from exchange.store.engine import Store
from exchange.store.tables.log import LogCheckpointRow, LogEntryRow, LogEpochRow
from exchange.trust.log.checkpoint import Checkpoint, read_checkpoint
from exchange.trust.log.merkle import verify_consistency, verify_inclusion
from exchange.trust.log.note import read_note, read_vkey, signers
from exchange.trust.log.tlog_proof import TlogProof
from tests.conftest import START, settings_over


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 section 2.1 as it is written, over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + tree_root(leaves[:split]) + tree_root(leaves[split:])).digest()


def digest(number: int) -> str:
    """A digest by number."""
    return f"sha256:{number:064x}"


@dataclass(frozen=True)
class LogWorld:
    """The worker's exchange on a log, with short words for what tests do."""

    exchange: Exchange

    @property
    def ctx(self) -> Context:
        """A worker's Context."""
        return self.exchange.context(request_id="test-log")

    @property
    def store(self) -> Store:
        """The database."""
        return self.exchange.store

    def note(self, *numbers: int, event: str = "revoke") -> None:
        """Have digests by number wait to be logged, each in a transaction of its own."""
        for number in numbers:
            with self.store.write() as session:
                note(self.ctx, session, event, digest(number), self.ctx.now())

    def sequence(self) -> SequencingResult:
        """Do the worker's job."""
        return sequence(self.ctx)

    def epoch(self) -> LogEpochRow:
        """The epoch that is added to."""
        with self.store.read() as session:
            found = query.newest_epoch(session)
        assert found is not None
        return found

    def checkpoints(self) -> list[Checkpoint]:
        """What was signed of the newest epoch, each with the log's good signature under it."""
        epoch = self.epoch()
        with self.store.read() as session:
            rows = query.checkpoints(session, epoch.id)
        return [signed_checkpoint(row.text, epoch) for row in rows]

    def guarded(self) -> Checkpoint:
        """The head in the guard, likewise."""
        head = HeadGuard(self.exchange.settings.head_guard_path).read(self.epoch().id)
        assert head is not None
        return signed_checkpoint(head.checkpoint, self.epoch())

    def leaves(self) -> list[bytes]:
        """The leaf hashes made from the stored bytes, by hand."""
        with self.store.read() as session:
            rows = session.execute(
                sa.select(LogEntryRow.body)
                .where(LogEntryRow.epoch_id == self.epoch().id)
                .order_by(LogEntryRow.seq)
            ).scalars()
            return [sha256(b"\x00" + body.encode()).digest() for body in rows]

    def digests(self) -> list[str]:
        """What is logged in the newest epoch, in order."""
        with self.store.read() as session:
            return list(
                session.execute(
                    sa.select(LogEntryRow.digest)
                    .where(LogEntryRow.epoch_id == self.epoch().id)
                    .order_by(LogEntryRow.seq)
                ).scalars()
            )

    def receipt(self, session: Session, number: int, event: str = "revoke") -> TlogProof:
        """The receipt of a digest by number."""
        return receipt_of(self.exchange.settings, session, digest(number), (event,))

    def must_be_sound(self, every: int = 37) -> None:
        """A full check finds nothing, and the proofs of what was signed hold: of the last five entries, and of
        one in `every`.
        """
        report = fsck(self.ctx)
        assert report.problems == ()
        signed, leaves = self.checkpoints(), self.leaves()
        for one in signed:
            assert one.root == tree_root(leaves[: one.size])
        newest = signed[-1]
        with self.store.read() as session:
            for index in {*range(0, newest.size, every), *range(max(0, newest.size - 5), newest.size)}:
                path = proofs.inclusion(session, self.epoch().id, index, newest.size)
                verify_inclusion(
                    index=index, size=newest.size, leaf=leaves[index], path=path, root=newest.root
                )
            for old in signed:
                must_grow(session, self.epoch().id, old, newest)


def must_grow(session: Session, epoch_id: str, old: Checkpoint, new: Checkpoint) -> None:
    """The stored tree proves that `new` contains `old`."""
    path = proofs.consistency(session, epoch_id, old.size, new.size)
    verify_consistency(old_size=old.size, new_size=new.size, old_root=old.root, new_root=new.root, path=path)


def signed_checkpoint(text: str, epoch: LogEpochRow) -> Checkpoint:
    """The checkpoint of a note that the epoch's log key signed."""
    found = read_note(text)
    assert signers(found, [read_vkey(epoch.log_vkey)])
    return read_checkpoint(found.text)


@contextmanager
def opened(settings: Settings, clock: SteppingClock | None = None) -> Iterator[LogWorld]:
    """A worker process that has just started: nothing in memory is left of any before it."""
    exchange = open_exchange(
        settings, "worker", clock=clock or SteppingClock(START), entropy=SeededEntropy("log")
    )
    try:
        yield LogWorld(exchange)
    finally:
        exchange.store.close()


def copied(source: Settings, folder: Path) -> Settings:
    """The same SQLite exchange in a folder of its own: database, keys and head guard."""
    shutil.copytree(source.data_dir, folder)
    return settings_over(folder, f"sqlite:///{folder / 'exchange.db'}")


def tamper(store: Store, table: str, statement: str, **values: object) -> None:
    """Change what is append-only, as somebody with the database's own rights can."""
    with store.write() as session:
        if store.is_sqlite:
            kept = session.execute(
                sa.text("SELECT name, sql FROM sqlite_master WHERE type='trigger' AND tbl_name=:table"),
                {"table": table},
            ).all()
            for name, _ in kept:
                session.execute(sa.text(f"DROP TRIGGER {name}"))
            session.execute(sa.text(statement), values)
            for _, sql in kept:
                session.execute(sa.text(sql))
        else:
            session.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            session.execute(sa.text(statement), values)
            session.execute(sa.text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


def stored_checkpoints(store: Store) -> list[LogCheckpointRow]:
    """Every checkpoint that is stored."""
    with store.read() as session:
        return list(session.execute(sa.select(LogCheckpointRow).order_by(LogCheckpointRow.size)).scalars())
