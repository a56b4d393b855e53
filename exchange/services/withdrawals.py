"""Rows of accounts and plans are withdrawn, never changed: what was calculated from them can still be looked up."""

from __future__ import annotations

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, NotFoundError
from exchange.services.context import Context, audit
from exchange.store import withdrawals as query
from exchange.store.withdrawals import Withdrawable


def withdraw(
    ctx: Context, session: Session, table: type[Withdrawable], row_id: str, what: str
) -> Withdrawable:
    """Withdraw a row of the actor's organisation: it counts for nothing from now on.

    Raises NotFoundError, ConflictError (`row.withdrawn`).
    """
    ctx.who.require(Role.EDITOR)
    row = query.find_own(session, table, ctx.who.organisation_id, row_id, lock=True)
    if row is None:
        raise NotFoundError
    if row.withdrawn_at is not None:
        raise ConflictError("This entry was withdrawn before.", code="row.withdrawn")
    row.withdrawn_at = ctx.now()
    session.add(row)
    audit(ctx, session, f"{what}.withdraw", what, row.id)
    return row
