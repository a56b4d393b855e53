"""What a WSGI server such as gunicorn runs: `exchange.wsgi:application()`, opened anew in each of its processes."""

from __future__ import annotations

from flask import Flask

from exchange import logs
from exchange.app import create_app
from exchange.bootstrap import open_exchange
from exchange.config import Settings
from exchange.services.database import refuse_public_demo, require_schema


def application() -> Flask:
    """The application of this process, after the same checks as `vcx serve` makes."""
    exchange = open_exchange(Settings(), "web")
    logs.configure(exchange.settings.log_level)
    require_schema(exchange.context())
    refuse_public_demo(exchange.context())
    return create_app(exchange)
