"""`vcx status`: entries in the exchange's status lists, so that what one signs oneself can be revoked in public."""

from __future__ import annotations

from pathlib import Path

import click

from exchange.commands.options import OUT, client_options
from exchange.commands.output import json_option, report
from exchange.domain.errors import ConflictError


@click.group()
def status() -> None:
    """Status entries: where verifiers look up whether a credential is revoked."""


@status.command()
@click.option(
    "--out",
    required=True,
    type=OUT,
    help="Where the entry goes, for `vcx sign --status`.",
)
@client_options
@json_option
def reserve(out: Path, credentials: Path, client: str | None) -> None:
    """Reserve an entry for the next credential you sign; it serves for one."""
    from exchange.commands.client import ApiClient, read_credentials
    from exchange.trust import strict_json

    if out.exists():
        raise ConflictError(f"{out} exists already and was not touched.", code="status.exists")
    answer = ApiClient(read_credentials(credentials, client)).post(
        "/api/v1/status-entries", b"", "application/json"
    )
    entry = answer["credential_status"]
    out.write_bytes(strict_json.dumps(entry) + b"\n")
    report({"path": str(out), "credential_status": entry}, [f"Reserved {entry['id']}.", f"Wrote {out}."])
