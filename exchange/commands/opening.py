"""The exchange a command works on, from the environment's settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from exchange.config import Settings

if TYPE_CHECKING:
    from exchange.bootstrap import Exchange, ProcessRole


def settings_with(**changed: Any) -> Settings:
    """The environment's settings; `changed` ones (None: as in the environment) win."""
    return Settings(**{name: value for name, value in changed.items() if value is not None})


@contextmanager
def opened(role: ProcessRole = "web", **changed: Any) -> Iterator[Exchange]:
    """The exchange, closed at the end."""
    from exchange.bootstrap import open_exchange

    exchange = open_exchange(settings_with(**changed), role)
    try:
        yield exchange
    finally:
        exchange.store.close()
