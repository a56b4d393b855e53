"""The exchange's own keys, one per purpose: made, kept and used by the worker alone."""

from __future__ import annotations

from typing import Literal

from exchange.adapters.custody import CustodyKeys
from exchange.domain.errors import NotFoundError, UnavailableError
from exchange.services.context import Context
from exchange.store import log as query
from exchange.store import logged
from exchange.store.tables.log import ExchangeKeyRow
from exchange.trust.keys import PrivateKey

OWNER = "exchange"  # under whose name the key store keeps them; no organisation's id is that
Purpose = Literal["log", "state", "registrar"]


def ensure_key(ctx: Context, purpose: Purpose) -> ExchangeKeyRow:
    """The key in force for a purpose, made when there is none yet.

    A log key signs checkpoints and nothing else, a state key key states, a registrar key credentials. Raises
    UnavailableError (`custody.closed`) in a process without the key store.
    """
    _custody(ctx)
    row = find_key(ctx, purpose)
    if row is not None:
        return row
    made = make_key(ctx, purpose)
    with ctx.store.write() as session:
        query.lock_log(session)
        present = logged.find_exchange_key(session, purpose)
        if present is None:
            session.add(made)
        return present or made


def make_key(ctx: Context, purpose: Purpose) -> ExchangeKeyRow:
    """A new key in the key store and the row that will put it in force, not yet stored.

    To be called outside any transaction; a key that no row points at does no harm.
    """
    made = _custody(ctx).create(OWNER)
    return ExchangeKeyRow(
        kid=made.kid, purpose=purpose, did=made.did, public_jwk=dict(made.public_jwk), made_at=ctx.now()
    )


def find_key(ctx: Context, purpose: Purpose) -> ExchangeKeyRow | None:
    """The key in force for a purpose, as any process may know it; None until the worker has made it."""
    with ctx.store.read() as session:
        return logged.find_exchange_key(session, purpose)


def load(ctx: Context, purpose: Purpose) -> tuple[ExchangeKeyRow, PrivateKey]:
    """The key in force for a purpose with its private half, made when there is none yet.

    Raises UnavailableError (`custody.closed`) and CustodyError (`custody.*`) when it cannot be opened.
    """
    row = ensure_key(ctx, purpose)
    return row, _custody(ctx).load(row.kid, OWNER)


def load_by_kid(ctx: Context, kid: str) -> PrivateKey:
    """The private half of one of the exchange's keys, in force or not; errors as in `load`."""
    return _custody(ctx).load(kid, OWNER)


def registrar_did(ctx: Context) -> str:
    """The identifier (did:key) under which the exchange issues credentials; NotFoundError before it is made."""
    row = find_key(ctx, "registrar")
    if row is None:
        raise NotFoundError
    return row.did


def _custody(ctx: Context) -> CustodyKeys:
    if ctx.custody is None:
        raise UnavailableError("This process holds no keys.", code="custody.closed")
    return ctx.custody
