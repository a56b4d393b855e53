"""`vcx rollup` and `vcx import`: work that is otherwise asked for over the web."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import click

from exchange.commands.opening import opened
from exchange.commands.options import EXISTING, client_options
from exchange.commands.output import json_option, report

if TYPE_CHECKING:
    from exchange.services.rollup.running import RollupResult

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("start", type=DAY, metavar="START")
@click.argument("end", type=DAY, metavar="END")
@json_option
def rollup(start: datetime, end: datetime) -> None:
    """Solve the network of the period [START, END) now, for instance 2024-01-01 2025-01-01."""
    from exchange.services.database import require_schema
    from exchange.services.rollup.running import run_rollup

    if start >= end:
        raise click.UsageError("START must lie before END.")
    with opened("worker") as exchange:
        ctx = exchange.context()
        require_schema(ctx)
        results = run_rollup(ctx, start.date(), end.date())
    report(
        {
            "start": f"{start:%Y-%m-%d}",
            "end": f"{end:%Y-%m-%d}",
            "networks": [
                {"run": one.run_id, "identity": one.identity, "is_new": one.is_new, "released": one.released}
                for one in results
            ],
        },
        [_told(one) for one in results] or ["No chain asks about this period: nothing was rolled up."],
    )


def _told(one: RollupResult) -> str:
    if one.is_new:
        return f"Rolled up: run {one.run_id} released {one.released} cells."
    if one.released:
        return f"Run {one.run_id} had solved these data already; it released {one.released} cells."
    return f"Nothing has changed since run {one.run_id}: nothing was rolled up."


@click.command("import")
@click.argument("file", type=EXISTING)
@client_options
@json_option
def import_table(file: Path, credentials: Path, client: str | None) -> None:
    """Hand in the delivery table FILE (CSV or Excel); the worker reads it and publishes it whole or refuses it."""
    from exchange.commands.client import ApiClient, read_credentials

    query = urlencode({"source": "deliveries", "filename": file.name})
    status = ApiClient(read_credentials(credentials, client)).post(
        f"/api/v1/imports?{query}", file.read_bytes(), "application/octet-stream"
    )
    report(status, [f"Import {status['id']} is {status['state']}."])
