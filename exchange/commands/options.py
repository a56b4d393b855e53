"""Options, and kinds of path, that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


def client_options(function: F) -> F:
    """`--credentials` and `--client`: as whom a command calls the exchange."""
    client = click.option("--client", help="Which client of the file; may be left out where there is one.")
    credentials = click.option(
        "--credentials",
        required=True,
        type=EXISTING,
        help='File with {"url": …, "clients": {NAME: {organisation, client_id, client_secret}}}.',
    )
    return credentials(client(function))
