"""Keys the log does not know yet: bound before there was a log, or known only to entries that are lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlmodel import Session

from exchange.services.context import Context
from exchange.services.transparency.key_states import KEY_EVENTS, fold_texts
from exchange.services.transparency.outbox import note_document
from exchange.store import log as query
from exchange.store import logged
from exchange.store.tables.accounts import SigningKeyRow
from exchange.store.tables.log import LogEpochRow
from exchange.trust.log.key_events import (
    BINDING,
    COMPROMISE,
    RETIREMENT,
    KeyRecord,
    key_binding,
    key_compromise,
    key_retirement,
)
from exchange.trust.log.seconds import ceil_second


def note_unlogged_keys(ctx: Context, session: Session, epoch: LogEpochRow) -> None:
    """Note what the log lacks of every organisation's keys, as an epoch opens, in the caller's transaction."""
    session.flush()
    head = query.head_of(session, epoch.id).size
    texts = [text for _, text in logged.logged_documents(session, KEY_EVENTS, epoch, head)]
    texts += logged.waiting_documents(session, KEY_EVENTS)
    known = {record.kid: record for record in fold_texts(texts)}
    for row in logged.signing_keys(session):
        for event, text in _lacking(row, known, ctx.now()):
            note_document(ctx, session, event, text, ctx.now())


def _lacking(row: SigningKeyRow, known: Mapping[str, KeyRecord], now: datetime) -> Iterator[tuple[str, str]]:
    record = known.get(row.kid)
    if record is None:
        yield (
            BINDING,
            key_binding(kid=row.kid, public_jwk=row.public_jwk, custody=row.custody, at=row.bound_at),
        )
    since = row.compromised_since
    if since is not None:
        stated = record.compromised_since if record else None
        if stated is None or stated > ceil_second(since):
            yield COMPROMISE, key_compromise(kid=row.kid, at=row.retired_at or now, since=since)
    elif row.retired_at is not None and (record is None or record.retired is None):
        yield RETIREMENT, key_retirement(kid=row.kid, at=row.retired_at)
