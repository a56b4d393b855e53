"""`vcx`, the command line of the exchange. Exit 0: done; 1: refused, with reasons; 2: wrong usage."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import click
from pydantic import ValidationError

from exchange import __version__, logs
from exchange.commands.output import REFUSED, USAGE, report_refusal
from exchange.domain.errors import ExchangeError
from exchange.trust.errors import TrustError

COMMANDS = {
    "backup": "database:backup",
    "db": "database:db",
    "demo": "demo:demo",
    "import": "work:import_table",
    "keys": "keys:keys",
    "log": "log:log",
    "operator": "operators:operator",
    "publish": "datasets:publish",
    "restore": "database:restore",
    "rollup": "roll_up:rollup",
    "scheduler": "serving:scheduler",
    "serve": "serving:serve",
    "sign": "datasets:sign",
    "status": "status:status",
    "up": "supervise:up",
    "verifier": "verification:verifier",
    "verify": "verification:verify",
    "witness": "witness:witness",
    "worker": "serving:worker",
}


class LazyGroup(click.Group):
    """Loads a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"exchange.commands.{module}"), attribute)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a refusal is told in words and ends with exit code 1."""
        try:
            return super().invoke(ctx)
        except (ExchangeError, TrustError) as error:
            report_refusal(error)
            ctx.exit(REFUSED)
        except ValidationError as error:
            if error.title != "Settings":
                raise
            for problem in error.errors():
                name = "".join(f"VCX_{str(part).upper()}: " for part in problem["loc"][:1])
                click.echo(name + problem["msg"].removeprefix("Value error, "), err=True)
            ctx.exit(USAGE)


@click.group(cls=LazyGroup)
@click.version_option(__version__, prog_name="vcx")
def main() -> None:
    """The value-chain exchange."""
    os.umask(0o077)  # what the exchange writes is for its own user alone
    logs.configure("warning")  # on standard error, so that standard output is the report alone


if __name__ == "__main__":
    main(prog_name="vcx")
