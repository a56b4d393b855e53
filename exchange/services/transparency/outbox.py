"""The log's outbox: what is to be logged is noted in the transaction of the deed itself, digest only."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from exchange.services.context import Context
from exchange.services.jobs import Queue, enqueue
from exchange.store import logged
from exchange.store.bulk import insert_rows
from exchange.store.tables.log import LoggedDocumentRow, LogPendingRow

JOB_KIND = "sequence_log"
DEDUPE_KEY = "log"


def note(ctx: Context, session: Session, event: str, digest: str, received_at: datetime) -> None:
    """Have a digest (`sha256:<hex>`) logged, in the caller's transaction; the one way into the log.

    `event` is one of `exchange.trust.log.entry.EVENTS`. The one job that will sequence it is asked for too.
    """
    note_each(ctx, session, [(event, digest, received_at)])


def note_each(ctx: Context, session: Session, deeds: Sequence[tuple[str, str, datetime]]) -> None:
    """The same for several: event, digest and instant of each, in the order they are to be logged."""
    names = ("event", "digest", "received_at")
    rows = [dict(zip(names, deed, strict=True)) for deed in deeds]
    insert_rows(session, LogPendingRow, rows)
    ask_for_sequencing(ctx, session)


def note_document(ctx: Context, session: Session, event: str, text: str, at: datetime) -> str:
    """Have a document logged whose bytes (UTF-8) stand nowhere else: keeps them, and returns their digest."""
    digest = f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    logged.add_document(session, LoggedDocumentRow(digest=digest, event=event, text=text, created_at=at))
    note(ctx, session, event, digest, at)
    return digest


def ask_for_sequencing(ctx: Context, session: Session) -> str:
    """The id of the one waiting job that empties the outbox, asked for unless it waits already."""
    return enqueue(ctx, session, JOB_KIND, Queue.LOG, {}, dedupe_key=DEDUPE_KEY)
