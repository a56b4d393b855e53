"""`vcx operator`: the people who run the exchange and approve identities."""

from __future__ import annotations

from pathlib import Path

import click

from exchange.commands.opening import opened
from exchange.commands.options import EXISTING
from exchange.commands.output import json_option, report


@click.group()
def operator() -> None:
    """The exchange's own staff."""


@operator.command()
@click.argument("email")
@click.option("--name", required=True, help="The person's name.")
@click.option(
    "--organisation",
    default="Operator of the exchange",
    show_default=True,
    help="Founded with the new account.",
)
@click.option(
    "--password-file",
    type=EXISTING,
    help="File with the new account's password; asked for when not given.",
)
@json_option
def add(email: str, name: str, organisation: str, password_file: Path | None) -> None:
    """Open an operator's account under an e-mail address that has none yet."""
    from exchange.services.accounts import NewUser, appoint_operator
    from exchange.services.database import require_schema
    from exchange.services.organisations import NewOrganisation

    with opened() as exchange:
        ctx = exchange.context()
        require_schema(ctx)
        password = password_file.read_text(encoding="utf-8").strip() if password_file else _ask()
        appoint_operator(ctx, NewOrganisation(organisation), NewUser(email, name, password))
    report({"operator": email}, [f"{email} is an operator."])


def _ask() -> str:
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
