"""The exchange that this process serves, as far as the API needs it."""

from __future__ import annotations

from typing import Protocol, cast

from flask import current_app, g

from exchange.config import Settings
from exchange.domain.actors import Actor
from exchange.services.context import Context


class Running(Protocol):
    """One process of the exchange."""

    @property
    def settings(self) -> Settings:
        """Its settings."""

    def context(self, actor: Actor | None = None, request_id: str | None = None) -> Context:
        """A Context for one request."""


def running() -> Running:
    """The exchange behind the app at hand."""
    return cast(Running, current_app.extensions["vcx"])


def anybody() -> Context:
    """A Context for the request at hand, with nobody signed in."""
    return running().context(request_id=g.request_id)
