"""`vcx demo`: the story of a fictional value chain, for trying things out."""

from __future__ import annotations

import click

from exchange.commands.opening import opened
from exchange.commands.output import json_option, report


@click.command()
@json_option
def demo() -> None:
    """Load the demo's organisations, data and accounts; a second run changes nothing."""
    from exchange.demo import load
    from exchange.services.database import require_schema
    from exchange.services.demo_accounts import refuse_public_loading

    with opened("worker") as exchange:
        refuse_public_loading(exchange.settings)
        require_schema(exchange.context())
        result = load(exchange)
    report(
        {
            "created": result.created,
            "url": result.url,
            "chain": result.chain_id,
            "logins": [{"relation": one.relation, "email": one.email} for one in result.logins],
        },
        ["The demo is loaded." if result.created else "The demo was there already."]
        + [login.line for login in result.logins],
    )
