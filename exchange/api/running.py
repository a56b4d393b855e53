"""The exchange that this process serves, as far as the API needs it."""

from __future__ import annotations

from typing import cast

from flask import current_app, g

from exchange.services.context import Context, Running


def running() -> Running:
    """The exchange behind the app at hand."""
    return cast(Running, current_app.extensions["vcx"])


def anybody() -> Context:
    """A Context for the request at hand, with nobody signed in."""
    return running().context(request_id=g.request_id)
