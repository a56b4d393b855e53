"""`vcx rollup`: roll a period up by hand, have a worker do it and look on, stop it, or see how every period stands."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from exchange.commands.opening import opened
from exchange.commands.output import REFUSED, json_option, report, wants_json

if TYPE_CHECKING:
    from exchange.services.context import Context
    from exchange.services.rollup.running import RollupResult
    from exchange.services.rollup.standing import Standing

DAY = click.DateTime(["%Y-%m-%d"])
LOOK_AGAIN_SECONDS = 0.5
NOBODY_ASKS = "No chain asks about this period: nothing was rolled up."


@click.command()
@click.argument("start", type=DAY, metavar="START", required=False)
@click.argument("end", type=DAY, metavar="END", required=False)
@click.option(
    "--watch", is_flag=True, help="Have a worker do it and show its stages; with --json one line per change."
)
@click.option("--cancel", is_flag=True, help="Stop the roll-up that waits or runs.")
@json_option
def rollup(start: datetime | None, end: datetime | None, watch: bool, cancel: bool) -> None:
    """Roll up the networks of the period [START, END) here and now, for instance 2024-01-01 2025-01-01.

    Without a period: how the figures of every period stand, and why any are out of date; exit code 1 when the
    roll-up of any was refused.
    """
    from exchange.services.database import require_schema

    if watch and cancel:
        raise click.UsageError("Either --watch or --cancel.")
    period = _period(start, end, is_needed=watch or cancel)
    with opened("worker" if period and not (watch or cancel) else "web") as exchange:
        ctx = exchange.context()
        require_schema(ctx)
        if period is None:
            _tell_all(ctx)
        elif watch:
            _watch(ctx, *period)
        elif cancel:
            _cancel(ctx, *period)
        else:
            _roll_up(ctx, *period)


def pause() -> None:
    """Wait until it is worth looking again."""
    time.sleep(LOOK_AGAIN_SECONDS)


def _period(start: datetime | None, end: datetime | None, *, is_needed: bool) -> tuple[date, date] | None:
    if start is None and not is_needed:
        return None
    if start is None or end is None:
        raise click.UsageError("Name the period by both START and END.")
    if start >= end:
        raise click.UsageError("START must lie before END.")
    return start.date(), end.date()


def _roll_up(ctx: Context, start: date, end: date) -> None:
    from exchange.services.rollup.running import run_rollup

    results = run_rollup(ctx, start, end)
    report(
        {
            "start": start.isoformat(),
            "end": end.isoformat(),
            "networks": [
                {"run": one.run_id, "identity": one.identity, "is_new": one.is_new, "released": one.released}
                for one in results
            ],
        },
        [_told(one) for one in results] or [NOBODY_ASKS],
    )


def _told(one: RollupResult) -> str:
    if one.is_new:
        return f"Rolled up: run {one.run_id} released {one.released} cells."
    if one.released:
        return f"Run {one.run_id} had solved these data already; it released {one.released} cells."
    return f"Nothing has changed since run {one.run_id}: nothing was rolled up."


def _tell_all(ctx: Context) -> None:
    from exchange.services.rollup.standing import standings

    found = standings(ctx)
    report(
        {"networks": [_data(one) for one in found]},
        [_words(one) for one in found] or ["There is no chain yet."],
    )
    _end_with(found)


def _cancel(ctx: Context, start: date, end: date) -> None:
    from exchange.services.rollup.standing import cancel_roll_up

    stopped = cancel_roll_up(ctx, start, end)
    report(
        {"start": start.isoformat(), "end": end.isoformat(), "stopped": stopped},
        ["The roll-up is stopped: nothing more of it is written. What was released before stays."],
    )


def _watch(ctx: Context, start: date, end: date) -> None:
    from exchange.services.rollup.standing import ask_now, standings

    if not ask_now(ctx, start, end):
        report({"start": start.isoformat(), "end": end.isoformat(), "networks": []}, [NOBODY_ASKS])
        return
    _end_with(_follow(ctx, lambda: standings(ctx, start, end)))


def _end_with(found: Iterable[Standing]) -> None:
    """Exit code 1 when the roll-up of any was refused."""
    if any(one.state == "refused" for one in found):
        click.get_current_context().exit(REFUSED)


def _follow(ctx: Context, look: Callable[[], tuple[Standing, ...]]) -> tuple[Standing, ...]:
    """Tell every change until nothing waits or runs any more; the last that was seen."""
    told: dict[str, Standing] = {}
    changed_at, is_warned = ctx.now(), False
    while True:
        seen = look()
        for one in seen:
            if told.get(one.prefer) != one:
                click.echo(json.dumps(_data(one), ensure_ascii=False) if wants_json() else _words(one))
                told[one.prefer], changed_at, is_warned = one, ctx.now(), False
        if not any(one.state in {"waiting", "running"} for one in seen):
            return seen
        is_warned = is_warned or _warn(ctx, seen, changed_at)
        pause()


def _warn(ctx: Context, seen: Iterable[Standing], changed_at: datetime) -> bool:
    """Say on standard error, once nothing has changed for a while, that nobody does the work; whether it was said."""
    from exchange.services.rollup.standing import PATIENCE, untaken_queues

    queues = untaken_queues(ctx, seen) if ctx.now() - changed_at >= PATIENCE else ()
    for queue in queues:
        click.echo(f"No worker takes the queue `{queue}`. Is one running (`vcx worker`)?", err=True)
    return bool(queues)


def _data(one: Standing) -> dict[str, Any]:
    return {
        "start": one.period.start.isoformat(),
        "end": one.period.end.isoformat(),
        "prefer": one.prefer,
        "state": one.state,
        "stage": one.stage,
        "steps_done": one.steps_done,
        "steps_total": one.steps_total,
        "stale_since": one.stale_since and one.stale_since.isoformat(),
        "refused": {"code": one.code, "detail": one.detail} if one.code else None,
        "run": one.run_id,
    }


def _words(one: Standing) -> str:
    count = f" {one.steps_done} of {one.steps_total}" if one.steps_total else ""
    match one.state:
        case "current":
            said = f"in force, run {one.run_id}."
        case "waiting":
            said = "waits for a worker."
        case "running":
            said = f"{one.stage or 'beginning'}{count}."
        case "refused":
            said = f"refused ({one.code}): {one.detail} The figures before stay"
            said += f", out of date since {one.stale_since:%Y-%m-%d %H:%M} UTC." if one.stale_since else "."
    return f"{one.period.start} to {one.period.end} ({one.prefer}): {said}"
