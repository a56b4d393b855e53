"""Which networks a change makes stale, and the one job that will solve them again.

Apart from the roll-up itself, so that publishing does not load a solver.
"""

from __future__ import annotations

from datetime import date

from sqlmodel import Session, col, select

from exchange.services.context import Context
from exchange.services.jobs import Queue, enqueue
from exchange.store.rollups import next_network_number
from exchange.store.tables.rollup import NetworkRow

JOB_KIND = "rollup"


def mark_stale(ctx: Context, session: Session, start: date, end: date) -> list[str]:
    """Mark every network whose period overlaps [start, end) stale, in the caller's transaction.

    Networks exist for the periods chains ask about. Each gets one waiting job however many datasets come in
    meanwhile (`VCX_ROLLUP_DEBOUNCE_SECONDS`); returns the jobs' ids.
    """
    rows = session.exec(
        select(NetworkRow)
        .where(col(NetworkRow.period_start) < end, col(NetworkRow.period_end) > start)
        .order_by(col(NetworkRow.period_start))
    ).all()
    return list(dict.fromkeys(_mark(ctx, session, row) for row in rows))


def open_network(ctx: Context, session: Session, start: date, end: date, prefer: str) -> str:
    """Make sure the network of a period and policy exists, and ask for its roll-up; returns the job's id."""
    row = session.get(NetworkRow, (start, end, prefer)) or NetworkRow(
        period_start=start, period_end=end, prefer=prefer, number=next_network_number(session)
    )
    return _mark(ctx, session, row)


def rollup_key(start: date, end: date) -> str:
    """Under which a period's one waiting job is found."""
    return f"{JOB_KIND}:{start.isoformat()}:{end.isoformat()}"


def _mark(ctx: Context, session: Session, row: NetworkRow) -> str:
    row.stale_since = row.stale_since or ctx.now()
    session.add(row)
    period = {"start": row.period_start.isoformat(), "end": row.period_end.isoformat()}
    return enqueue(
        ctx,
        session,
        JOB_KIND,
        Queue.ROLLUP,
        period,
        dedupe_key=rollup_key(row.period_start, row.period_end),
        delay_seconds=ctx.settings.rollup_debounce_seconds,
    )
