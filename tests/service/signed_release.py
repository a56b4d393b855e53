"""A chain's releases with their signed statement, where only the web process is at hand."""

from __future__ import annotations

from contextlib import closing
from datetime import date

from exchange.adapters.entropy import SeededEntropy
from exchange.bootstrap import open_exchange
from exchange.services.context import Context
from exchange.services.release_signing import sign_releases
from exchange.services.release_statements import list_statements
from exchange.services.rollup.running import run_rollup


def signed_release(ctx: Context, chain_id: str, start: date, end: date) -> str:
    """Roll up and sign as the worker would; the id of the statement the actor may read."""
    run_rollup(ctx, start, end)
    worker = open_exchange(ctx.settings, "worker", clock=ctx.clock, entropy=SeededEntropy("registrar"))
    with closing(worker.store):
        sign_releases(worker.context())
    return list_statements(ctx, chain_id)[0].id
