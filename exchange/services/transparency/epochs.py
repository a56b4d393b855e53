"""Epochs: one log under one origin each. The first opens by itself, a further one when the operator says so."""

from __future__ import annotations

import secrets
from hashlib import sha256
from urllib.parse import urlsplit

from sqlmodel import Session

import schemas
from exchange.services.context import Context
from exchange.services.transparency.appending import append
from exchange.services.transparency.exchange_keys import ensure_key, make_key
from exchange.services.transparency.guarding import guard_of, require_no_stray
from exchange.services.transparency.key_backlog import note_unlogged_keys
from exchange.services.transparency.openings import (
    Before,
    Opened,
    close,
    opening_document,
    what_was_before,
)
from exchange.services.transparency.outbox import ask_for_sequencing, note_document
from exchange.services.transparency.signing import release_in
from exchange.store import log as query
from exchange.store import logged
from exchange.store.tables.log import (
    ExchangeKeyRow,
    LogEpochRow,
    LoggedDocumentRow,
    LogHeadRow,
    LogPendingRow,
)
from exchange.trust.keys import public_key_from_jwk
from exchange.trust.log.entry import LogEntry
from exchange.trust.log.merkle import EMPTY_ROOT
from exchange.trust.log.note import vkey_of
from exchange.trust.log.state import state_key_name


def ensure_epoch(ctx: Context) -> LogEpochRow:
    """The epoch that is added to, opened when there is none, with every schema and bound key noted.

    Raises UnavailableError (`custody.closed`) in a process without the key store, and as
    `guarding.require_no_stray` where this exchange had a log before.
    """
    with ctx.store.read() as session:
        epoch = query.newest_epoch(session)
        schemas_are_noted = _missing_schemas(session) == []
    if epoch is None:
        return _open_first(ctx)
    if not schemas_are_noted:
        with ctx.store.write() as session:
            _note_schemas(ctx, session)
    return epoch


def open_new_epoch(ctx: Context, *, replace_sound: bool = False) -> Opened:
    """Begin a new log, with new keys, whose first entry says what the one before it had signed and what is lost.

    What was stored there unsigned waits again for the new one. After a crash it is simply said again: the guard
    still holds what was signed last of the old epoch. Logs that only the guard knows are named too. Raises
    ConflictError `log.no_epoch` before there is a log, and `log.sound` when the present one can go on and
    `replace_sound` does not say otherwise (say, because its key was stolen), and `log.rivals` when another process
    signed or opened one meanwhile.
    """
    with ctx.store.read() as session:
        what_was_before(ctx, session, replace_sound=replace_sound)  # refused before keys are made
    keys = [make_key(ctx, "log"), make_key(ctx, "state")]
    ensure_key(ctx, "registrar")
    with ctx.store.write() as session:
        query.lock_log(session)  # nobody stores a signed head of the old one from here on
        before = what_was_before(ctx, session, replace_sound=replace_sound)
        opened = _open_after(ctx, session, before, keys)
        session.flush()
        close(ctx, before, opened.epoch_id)
    return opened


def _open_first(ctx: Context) -> LogEpochRow:
    keys = [ensure_key(ctx, "log"), ensure_key(ctx, "state")]
    ensure_key(ctx, "registrar")
    with ctx.store.write() as session:
        query.lock_log(session)
        present = query.newest_epoch(session)
        if present is not None:
            return present
        require_no_stray(ctx, session, guard_of(ctx).heads())
        epoch = _add_epoch(ctx, session, 1, keys, "")
        _note_schemas(ctx, session)
        note_unlogged_keys(ctx, session, epoch)
        return epoch


def _open_after(ctx: Context, session: Session, before: Before, keys: list[ExchangeKeyRow]) -> Opened:
    old, last = before.epoch, before.last
    if old and last.is_sound and last.head is not None:
        release_in(ctx, session, old, last.head)  # its process died, or waits, before it could store it
    newest = query.newest_checkpoint(session, old.id) if old else None
    stored = newest.size if newest else 0
    opening, lost = opening_document(before, stored)
    for key in keys:
        logged.retire_exchange_keys(session, key.purpose, ctx.now())
        session.add(key)
    epoch = _add_epoch(ctx, session, old.number + 1 if old else 1, keys, opening)
    _add_opening(ctx, session, epoch)
    if old:
        _wait_again(session, old, stored)
    note_unlogged_keys(ctx, session, epoch)
    ask_for_sequencing(ctx, session)
    return Opened(epoch.id, epoch.origin, before.origin, lost, before.others)


def _add_epoch(
    ctx: Context, session: Session, number: int, keys: list[ExchangeKeyRow], opening: str
) -> LogEpochRow:
    log_key, state_key = keys
    # Not from ctx.entropy, which the demo seeds: an origin is never used twice, not even by two demos.
    epoch_id = secrets.token_hex(8)
    origin = f"{urlsplit(ctx.settings.public_url).netloc}/log/{epoch_id}"
    epoch = LogEpochRow(
        id=epoch_id,
        number=number,
        origin=origin,
        log_vkey=_vkey(origin, log_key),
        log_kid=log_key.kid,
        state_vkey=_vkey(state_key_name(origin), state_key),
        state_kid=state_key.kid,
        opening=opening,
        opened_at=ctx.now(),
    )
    session.add(epoch)
    session.flush()
    session.add(LogHeadRow(epoch_id=epoch_id, size=0, root=EMPTY_ROOT))
    session.flush()
    return epoch


def _add_opening(ctx: Context, session: Session, epoch: LogEpochRow) -> None:
    """Entry 0 is the digest of the document that says why there is a new epoch."""
    digest = f"sha256:{sha256(epoch.opening.encode()).hexdigest()}"
    logged.add_document(
        session,
        LoggedDocumentRow(digest=digest, event="epoch", text=epoch.opening, created_at=epoch.opened_at),
    )
    append(session, epoch.id, [LogEntry("epoch", digest, epoch.opened_at)])


def _wait_again(session: Session, old: LogEpochRow, signed: int) -> None:
    """What the old epoch stored beyond its last checkpoint was never promised there: it is logged in the new one."""
    end = query.head_of(session, old.id).size
    for _, _, event, digest, received in query.entries(session, old.id, signed, end):
        session.add(LogPendingRow(event=event, digest=digest, received_at=received))
    session.flush()


def _note_schemas(ctx: Context, session: Session) -> None:
    for text in _missing_schemas(session):
        note_document(ctx, session, "schema", text, ctx.now())


def _missing_schemas(session: Session) -> list[str]:
    texts = {
        f"sha256:{schemas.sha256(one)}": schemas.schema_bytes(one).decode() for one in schemas.released()
    }
    known = logged.document_digests(session, texts)
    return [text for digest, text in texts.items() if digest not in known]


def _vkey(name: str, row: ExchangeKeyRow) -> str:
    key = public_key_from_jwk(row.public_jwk)
    return vkey_of(name, key)  # type: ignore[arg-type]  # the key store makes Ed25519 keys only
