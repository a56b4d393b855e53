"""The web application as tests share it: to put it together takes longer than most tests."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from flask import Flask

from exchange.app import create_app
from exchange.bootstrap import Exchange


class _AtHand:
    """Stands for the exchange of whichever test runs."""

    exchange: Exchange

    def __getattr__(self, name: str) -> Any:
        return getattr(self.exchange, name)


_at_hand = _AtHand()


def over(exchange: Exchange) -> Flask:
    """The application as if it had been made for this exchange, but for the requests it has counted."""
    _at_hand.exchange = exchange
    app = _application()
    app.extensions["vcx"] = exchange
    return app


@cache
def _application() -> Flask:
    return create_app(cast(Exchange, _at_hand))
