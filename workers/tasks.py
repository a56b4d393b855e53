"""What each kind of job does: one service each. The services load when the first such job comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from exchange.services.context import Context

Handler = Callable[[Context, Mapping[str, str]], object]


def sign_publication(ctx: Context, payload: Mapping[str, str]) -> None:
    """Sign a waiting publication with the organisation's custody key and publish it."""
    from exchange.services import publish

    publish.sign_publication(ctx, payload["publication_id"])


def roll_up(ctx: Context, payload: Mapping[str, str]) -> None:
    """Solve the network of the period [start, end)."""
    from exchange.services import rollup

    rollup.run_rollup(ctx, date.fromisoformat(payload["start"]), date.fromisoformat(payload["end"]))


def read_import(ctx: Context, payload: Mapping[str, str]) -> None:
    """Read an uploaded table and publish what it holds."""
    from connectors.deliveries import read_deliveries
    from exchange.services import imports

    imports.run_import(ctx, payload["import_id"], read_deliveries)


def read_account_import(ctx: Context, payload: Mapping[str, str]) -> None:
    """Read an uploaded account template and enter what it holds."""
    from connectors.account import read_account
    from exchange.services import imports

    imports.run_account_import(ctx, payload["import_id"], read_account)


HANDLERS: Mapping[str, Handler] = {
    "sign_publication": sign_publication,
    "rollup": roll_up,
    "import": read_import,
    "import_account": read_account_import,
}
