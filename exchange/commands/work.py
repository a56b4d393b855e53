"""`vcx import`: work that is otherwise asked for over the web."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import click

from exchange.commands.options import EXISTING, client_options
from exchange.commands.output import json_option, report


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
