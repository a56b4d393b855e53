"""When a deed happened, so that nothing signed "as of" an instant lacks a deed from before it.

A deed is stamped inside its transaction and seen by others only after the commit. A state signed in between would
say "not revoked as of 08:00:02" of what was revoked at 08:00:01.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from exchange.services.context import Context
from exchange.store import log as query


def stamp(ctx: Context, session: Session) -> datetime:
    """The instant of a deed in the caller's transaction; `settled_now` waits for that to end."""
    query.hold_deeds(session)
    return ctx.now()


def settled_now(ctx: Context) -> datetime:
    """The present instant, once everything stamped before it is committed or undone: take the snapshot after it.

    Deeds that are stamped meanwhile have a later instant. It holds between processes whose clocks agree.
    """
    with ctx.store.write() as session:
        query.await_deeds(session)
        return ctx.now()
