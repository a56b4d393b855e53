"""The demonstration: fictional companies whose data enter through the services anybody uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exchange.bootstrap import Exchange
    from exchange.demo.result import DemoResult


def load(exchange: Exchange) -> DemoResult:
    """Load the demo once; see `exchange.demo.loader`, which is imported with all services only when asked for."""
    from exchange.demo import loader

    return loader.load(exchange)
