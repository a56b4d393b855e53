"""Which networks a change makes stale, and the one job that will solve them again.

Apart from the roll-up itself, so that publishing does not load a solver.
"""

from __future__ import annotations

from collections.abc import Collection, Container
from datetime import date

from sqlmodel import Session, col, select

from exchange.services.context import Context
from exchange.services.jobs import Queue, enqueue
from exchange.services.rollup.network_build import METHOD_VERSION
from exchange.store import jobs, rounds
from exchange.store.rollups import next_network_number
from exchange.store.tables.rollup import NetworkRow

JOB_KIND = "rollup"


def mark_stale(ctx: Context, session: Session, start: date, end: date) -> list[str]:
    """Mark every network whose period overlaps [start, end) stale, in the caller's transaction.

    Networks exist for the periods chains ask about. Each gets one waiting job however many datasets come in
    meanwhile (`VCX_ROLLUP_DEBOUNCE_SECONDS`); returns the jobs' ids.
    """
    return mark_periods_stale(ctx, session, {(start, end)})


def mark_periods_stale(ctx: Context, session: Session, periods: Collection[tuple[date, date]]) -> list[str]:
    """The same for the networks that overlap any of the half-open periods, each once."""
    if not periods:
        return []
    rows = session.exec(
        select(NetworkRow)
        .where(
            col(NetworkRow.period_start) < max(end for _, end in periods),
            col(NetworkRow.period_end) > min(start for start, _ in periods),
        )
        .order_by(col(NetworkRow.period_start))
    ).all()
    touched = [
        row
        for row in rows
        if any(row.period_start < end and row.period_end > start for start, end in periods)
    ]
    return list(dict.fromkeys(_mark(ctx, session, row) for row in touched))


def open_network(ctx: Context, session: Session, start: date, end: date, prefer: str) -> str:
    """Make sure the network of a period and policy exists, and ask for its roll-up; returns the job's id."""
    row = session.get(NetworkRow, (start, end, prefer)) or NetworkRow(
        period_start=start, period_end=end, prefer=prefer, number=next_network_number(session)
    )
    return _mark(ctx, session, row)


def ask_for_roll_up(ctx: Context, session: Session, start: date, end: date) -> bool:
    """Have the networks of [start, end) rolled up without delay; False where no chain asks about the period.

    A roll-up that waits, runs or is being released serves this caller too.
    """
    rows = rounds.networks_between(session, start, end)
    is_alive = rollup_key(start, end) in jobs.alive_keys(session, JOB_KIND)
    if rows and not is_alive and not any(row.shards_left for row in rows):
        _ask(ctx, session, start, end, delay_seconds=0.0)
    return bool(rows)


def mark_outdated(ctx: Context) -> None:
    """Mark the networks out of date whose run in force was made by another version of the method.

    Figures of two methods are never compared, so without this an upgrade would leave every index unsaid. A
    transaction of its own: whoever asks for jobs may hold some already, and networks come before jobs.
    """
    with ctx.store.write() as session:
        rounds.mark_outdated(session, METHOD_VERSION, ctx.now())


def ask_for_missing_roll_ups(ctx: Context, session: Session, resting: Container[str] = ()) -> None:
    """Have networks renewed that are out of date and that no job stands for: it was given up.

    One whose roll-up was refused or cancelled waits for a new deed. `resting` are the dedupe keys that are not
    to be asked for yet.
    """
    alive = jobs.alive_keys(session, JOB_KIND)
    periods = {(row.period_start, row.period_end) for row in rounds.forgotten_networks(session)}
    for start, end in sorted(periods):
        key = rollup_key(start, end)
        if key not in alive and key not in resting:
            _ask(ctx, session, start, end, delay_seconds=0.0)


def rollup_key(start: date, end: date) -> str:
    """Under which a period's one waiting job is found."""
    return f"{JOB_KIND}:{start.isoformat()}:{end.isoformat()}"


def _mark(ctx: Context, session: Session, row: NetworkRow) -> str:
    row.stale_since = row.stale_since or ctx.now()
    session.add(row)
    session.flush()  # networks before jobs: whoever locks both does so in this order
    return _ask(ctx, session, row.period_start, row.period_end, ctx.settings.rollup_debounce_seconds)


def _ask(ctx: Context, session: Session, start: date, end: date, delay_seconds: float) -> str:
    return enqueue(
        ctx,
        session,
        JOB_KIND,
        Queue.ROLLUP,
        {"start": start.isoformat(), "end": end.isoformat()},
        dedupe_key=rollup_key(start, end),
        delay_seconds=delay_seconds,
    )
