"""Tries to reach what is unknown or foreign: recorded and counted wherever no service does so itself."""

from __future__ import annotations

from exchange.services.access import Access, record_access
from exchange.services.context import Context
from exchange.services.rate_limits import limit


def record_denial(ctx: Context, action: str, target_type: str, target_id: str) -> None:
    """Write that the actor asked for something it may not know of; raises RateLimitedError after too many."""
    with ctx.store.write() as session:
        record_access(ctx, session, [Access(action, target_type, target_id, "denied", "not_found")])
    limit(ctx, "denied", ctx.who.organisation_id)
