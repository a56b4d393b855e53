"""What a WSGI server such as gunicorn runs: `exchange.wsgi:application()`, opened anew in each of its processes."""

from __future__ import annotations

import os

from flask import Flask

from exchange import logs
from exchange.app import create_app
from exchange.bootstrap import open_exchange
from exchange.config import Settings
from exchange.services.database import refuse_demo_accounts, require_schema


def application() -> Flask:
    """The application of this process, after the checks `vcx serve` makes.

    Demo accounts are refused outright: the server's own address is not ours to know.
    """
    os.umask(0o077)
    exchange = open_exchange(Settings(), "web")
    logs.configure(exchange.settings.log_level)
    require_schema(exchange.context())
    refuse_demo_accounts(exchange.context())
    return create_app(exchange)
